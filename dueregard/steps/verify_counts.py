"""Is every shown count of a release the protection of the true one? Asked by those who hold the snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dueregard.errors import DueRegardError
from dueregard.evidence.verified import Check
from dueregard.progress import Quiet
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.policy import Policy
    from dueregard.evidence.protected import ShownCount
    from dueregard.evidence.published import PublishedTable, Row
    from dueregard.evidence.released import Question, Released
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.steps.release_counts import Counted

COUNTS, POOLED = "Every count against the snapshot", "Pooled figures"
NEEDS = "needs the snapshot"


def untested_counts(released: Released | None) -> list[Check]:
    """Without the snapshot, or without figures to compare."""
    n = 0 if released is None else len(released.published.pooled)
    pooled = f"{NEEDS}: {n} figures" if n else "there is none in this release"
    return [Check("counts", COUNTS, None, NEEDS), Check("pooled", POOLED, None, pooled)]


def count_checks(released: Released, path: Path, progress: Quiet) -> list[Check]:
    """Counts again, protects again, and pools again. Raises SnapshotError where the snapshot cannot be read."""
    from dueregard.engines.prepared import prepared_faults
    from dueregard.freeze.freeze import faults_of
    from dueregard.steps.release_content import policy_from
    from dueregard.steps.release_counts import count_again

    snapshot = open_snapshot(path)
    faults = [*faults_of(snapshot), *prepared_faults(snapshot)]
    if snapshot.id != released.about.snapshot:
        faults.append(f"The release is of snapshot {released.about.snapshot}, and this one is {snapshot.id}.")
    if faults:
        return [Check("counts", COUNTS, False, "does not hold", tuple(faults)), Check("pooled", POOLED, None, NEEDS)]
    engine, policy = open_engine(snapshot), policy_from(released.about.policy_text)
    try:
        asked = [(q.id, q.measure, q.comparison) for q in released.questions]
        counted = count_again(engine, policy, asked, earlier=(released.published,), progress=progress)
    except DueRegardError as fault:
        return [Check("counts", COUNTS, False, "does not hold", (fault.found,)), Check("pooled", POOLED, None, NEEDS)]
    faults = _wrong_counts(released, counted) + _wrong_about(released, snapshot, policy)
    n = sum(len(table.rows) for table in released.published.tables)
    said = f"all {n:,} rows are counted again: each shown count is the protection of the true one, or is hidden"
    return [Check("counts", COUNTS, not faults, "does not hold" if faults else said, tuple(faults)),
            _pooled(released, counted)]  # fmt: skip


def _wrong_counts(released: Released, counted: list[Counted]) -> list[str]:
    tables = {table.id: table for table in released.published.tables}
    return [fault for question, one in zip(released.questions, counted, strict=True)
            for fault in _wrong_question(question, one, tables)]  # fmt: skip


def _wrong_question(question: Question, counted: Counted, tables: dict[str, PublishedTable]) -> list[str]:
    """The tables of one question, counted and protected again, beside those of the release."""
    from dueregard.steps.release_content import question_of, tables_of

    own = [table for table in tables_of(counted).values() if table.id in tables]
    faults = [fault for table in own for fault in _wrong_rows(tables[table.id], table)]
    again = question_of(counted, question.place)
    if again.schools_used != question.schools_used or again.left_out != question.left_out:
        faults.append(f"{question.id}: the schools that enter, or that stay out, are not those of the snapshot.")
    if (again.not_identified, again.disagreeing, again.caveats) != (
        question.not_identified, question.disagreeing, question.caveats,
    ):  # fmt: skip
        faults.append(f"{question.id}: those who are not known, or its caveats, are not those of the snapshot.")
    return faults


def _wrong_rows(shown: PublishedTable, true: PublishedTable) -> list[str]:
    """Each count that is neither the protection of the true one nor hidden; and rows that are not there, or too many.

    A row more is right where it lists a group of nobody, that another question of the day had.
    """
    from dueregard.evidence.published import spelt

    known, given = {row.of: row for row in true.rows}, {row.of for row in shown.rows}
    faults = [f"{true.id}: a row is missing ({spelt(of)})." for of in known if of not in given]
    for row in shown.rows:
        other = known.get(row.of)
        is_right = (
            _is_nobody(row) if other is None else is_of(row.n, other.n) and is_of(row.denominator, other.denominator)
        )
        if not is_right:
            faults.append(f"{shown.id}: the count is not that of the snapshot ({spelt(row.of)}).")
    return faults


def _is_nobody(row: Row) -> bool:
    """Does this row list a group of which nobody is on roll?"""
    return row.denominator is not None and not row.denominator.shown and not (row.n.shown or row.n.at_least)


def is_of(shown: ShownCount | None, true: ShownCount | None) -> bool:
    """Is what is shown the protection of the true count, or hidden for the sake of another?"""
    from dueregard.terms.missing import CellState

    return shown == true or (shown is not None and true is not None and shown.state is CellState.HIDDEN_SECOND)


def _wrong_about(released: Released, snapshot: Snapshot, policy: Policy) -> list[str]:
    from dataclasses import replace

    from dueregard.steps.release_content import about_release

    about = replace(about_release(snapshot, policy, released.about.version), code_version=released.about.code_version)
    return (
        []
        if about == released.about
        else ["What stands behind the figures (sources, lists, quality) is not what the snapshot says."]
    )


def _pooled(released: Released, counted: list[Counted]) -> Check:
    """Does each pooled figure come out again from the true counts?"""
    given = released.published.pooled
    if not given:
        return Check("pooled", POOLED, None, "there is none in this release")
    again = {figure.id: figure for one in counted
             for figure in (one.pooled.figures if one.pooled is not None else ())}  # fmt: skip
    faults = tuple(
        f"{figure.id}: it is not that of the snapshot." for figure in given if again.get(figure.id) != figure
    )
    return Check(
        "pooled", POOLED, not faults, "does not hold" if faults else f"all {len(given)} come out again", faults
    )
