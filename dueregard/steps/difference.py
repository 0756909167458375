"""What changed from one snapshot to another?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer
from dueregard.progress import QUIET, Quiet
from dueregard.steps.answers import answer_of
from dueregard.steps.open import open_engine, open_snapshot
from dueregard.steps.report import SPLITS

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.difference import Difference
    from dueregard.evidence.snapshot import Snapshot


def difference(before: Path, after: Path, *, progress: Quiet = QUIET) -> Difference:
    """What changed from one snapshot to another: definitions, rows by table, column and school, and which figures move."""
    from dueregard.evidence.difference import Difference
    from dueregard.freeze.difference import definition_changes, kind_of, sentence_of

    one, other = open_snapshot(before), open_snapshot(after)
    tables = _rows_changed(one, other, progress)
    figures, n_figures = _figures_moved(one, other, progress)
    definitions = definition_changes(one.manifest, other.manifest)
    return Difference(
        before=one.id, after=other.id, code_version=__version__, kind=kind_of(one.manifest, other.manifest),
        sentence=sentence_of(one.manifest, other.manifest), definitions=definitions, tables=tables,
        n_figures=n_figures, figures=figures, caveats=_caveats_of_difference(one, other, tables, definitions),
    )  # fmt: skip


def _rows_changed(one: Snapshot, other: Snapshot, progress: Quiet):  # type: ignore[no-untyped-def]
    from dueregard.engines.difference import table_changes

    if one.id == other.id:
        return ()
    with progress.step("Comparing rows") as advance:
        tables = table_changes(one, other)
        advance("compared")
    progress.done(f"compared the rows: {len(tables)} table(s) differ")
    return tables


def _figures_moved(one: Snapshot, other: Snapshot, progress: Quiet):  # type: ignore[no-untyped-def]
    """Every stage by every split and period, on both. The same rows give the same figures: they are not counted."""
    from dueregard.assess.movement import in_order_of_size, moves, n_figures
    from dueregard.measures.catalogue import catalogue

    if one.manifest.tables == other.manifest.tables:
        return (), 0
    engines, entries = (open_engine(one), open_engine(other)), catalogue()
    found, compared = [], 0
    with progress.step("Counting both", total=len(entries)) as advance:
        for entry in entries:
            for split in SPLITS:
                pair = [_asked(snapshot, engine, entry, split)
                        for snapshot, engine in zip((one, other), engines, strict=True)]  # fmt: skip
                found += moves(*pair)
                compared += n_figures(*pair)
            advance(entry.title)
    progress.done(f"counted {compared} figures on both: {len(found)} differ")
    return in_order_of_size(found), compared


def _asked(snapshot: Snapshot, engine: Engine, entry, split: str):  # type: ignore[no-untyped-def]
    from dueregard.assess.movement import Asked

    try:
        return Asked(entry.stage, split, answer_of(snapshot, engine, entry.measure(by=(split, "period"))))
    except CannotAnswer as why:
        return Asked(entry.stage, split, None, why.found)


def _caveats_of_difference(one: Snapshot, other: Snapshot, tables, definitions) -> tuple[str, ...]:  # type: ignore[no-untyped-def]
    found = ["Internal: it holds small numbers, and what differs between two snapshots can point at one pupil."]
    if any(change.what == "code list" for change in definitions):
        found.append("Both snapshots are counted with the code lists of this version of dueregard: a figure moves here only "
                     "where rows changed, not where an older version grouped the same codes otherwise.")  # fmt: skip
    if one.id != other.id and one.manifest.tables == other.manifest.tables:
        found.append("The rows are the same, so every figure is the same when this version counts it.")
    if any(not change.is_keyed and (change.added or change.removed) for change in tables):
        found.append(
            "Rows of a table without a key are told apart by their content: a changed one is one removed and one added."
        )
    if one.manifest.code_version != other.manifest.code_version:
        found.append(
            f"They were frozen by different versions: {one.manifest.code_version} and {other.manifest.code_version}."
        )
    for word, snapshot in (("before", one), ("after", other)):
        left = sum(row["rows"] for row in snapshot.manifest.left_out)
        found += [f"{word}: {left} rows were left out when it was frozen."] if left else []
    return tuple(found)
