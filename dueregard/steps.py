"""The steps of the work in their order. The one place that opens an engine, writes, and tells how it goes.

files -collect-> INTAKE -check-> CHECKED -freeze-> SNAPSHOT -engine.count(MEASURE)-> CELLS -compare-> ANSWER
ANSWERS -report-> REPORT -render-> files -verify-> what does not follow
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer, DueRegardError, SnapshotError, TargetError
from dueregard.progress import Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.collect.collect import Source
    from dueregard.collect.proposal import Proposal
    from dueregard.engines.engine import Engine
    from dueregard.evidence.difference import Difference
    from dueregard.evidence.estimate import Answer
    from dueregard.evidence.intake import Checked
    from dueregard.evidence.loss import Loss
    from dueregard.evidence.release import About, Figure, Report, Unanswered
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.evidence.standardised import StandardisedAnswer
    from dueregard.measures.measure import Measure

QUIET = Quiet()
SPLITS = ("ethnicity", "sex", "sen_provision", "disability")


def synth(folder: Path, *, size: str = "borough", seed: int = 1, progress: Quiet = QUIET) -> Path:
    """Write a made-up force. The same seed gives the same bytes."""
    from dueregard.synth.force import write_force

    with progress.step("Making a force") as advance:
        written = write_force(folder, size=size, seed=seed, progress=lambda *told: advance(str(told[-1])))
    progress.done(f"made a synthetic {size}, seed {seed}")
    return written


def check(
    sources: list[Source], *, today: date | None = None, writes_to: tuple[Path, ...] = (), with_completeness: bool = True,
    progress: Quiet = QUIET,
) -> Checked:  # fmt: skip
    """Read and judge sources. Writes nothing. with_completeness: what is missing is counted in big files too."""
    from dueregard.check.run import check as judge
    from dueregard.collect.collect import collect

    with progress.step("Reading") as advance:
        intake = collect(sources, writes_to=writes_to)
        advance("read")
    progress.done(
        f"read {len({f.file for f in intake.files})} file(s), {len({f.table for f in intake.files})} table(s)"
    )
    with progress.step("Checking", total=len(intake.tables)) as advance:
        checked = judge(
            intake, today=today or datetime.now(UTC).date(), with_completeness=with_completeness, progress=advance
        )
    accepted, rejected = sum(r.accepted for r in checked.reports), sum(r.rejected for r in checked.reports)
    progress.done(f"checked {accepted + rejected:,} rows: {accepted:,} accepted, {rejected:,} rejected")
    return checked


def write_findings(checked: Checked, path: Path) -> Path:
    """Write what was found as a page, readable by its owner alone. Raises TargetError if the file is there."""
    from dueregard.publish.findings import render

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise TargetError(f"`{path.name}` is there already.", try_this="another name, or move it away.") from fault
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(render(checked))
    return path


def write_rejects(checked: Checked, folder: Path) -> list[Path]:
    """Write the refused rows with their codes, for the sender."""
    from dueregard.check.rejects import write_rejects as write

    return write(checked, folder)


def freeze(sources: list[Source], into: Path, *, leave_out_rejected: bool = False, today: date | None = None,
           now: datetime | None = None, progress: Quiet = QUIET) -> tuple[Snapshot, Checked]:  # fmt: skip
    """Check, then write a snapshot under `into`. An error stops it with nothing written."""
    from dueregard.freeze.freeze import check_can_freeze
    from dueregard.freeze.freeze import freeze as write

    checked = check(sources, today=today, writes_to=(into,), with_completeness=False, progress=progress)
    check_can_freeze(checked, leave_out_rejected=leave_out_rejected)
    with progress.step("Freezing") as advance:
        snapshot = write(
            checked, into, code_version=__version__, now=now or datetime.now(UTC), leave_out_rejected=leave_out_rejected
        )
        advance("frozen")
    if leave_out_rejected:
        write_rejects(checked, into / "rejected")
    progress.done(f"froze {sum(snapshot.manifest.rows.values()):,} rows as {snapshot.id}")
    return snapshot, checked


def open_snapshot(path: Path) -> Snapshot:
    """Open a snapshot. Raises SnapshotError."""
    from dueregard.freeze.freeze import load

    return load(path)


def open_engine(snapshot: Snapshot, name: str = "duckdb") -> Engine:
    """An engine over a snapshot. Raises UnknownName."""
    from dueregard.engines.open import open_engine as open_by_name

    return open_by_name(snapshot, name)


def compare(path: Path, measure: Measure, *, comparison: str | None = None, engine: str = "duckdb") -> Answer:
    """Answer one question from a snapshot."""
    snapshot = open_snapshot(path)
    return _answer(snapshot, open_engine(snapshot, engine), measure, comparison)


def _answer(snapshot: Snapshot, engine: Engine, measure: Measure, comparison: str | None = None) -> Answer:
    from dueregard.assess.disparity import compare as assess

    return assess(engine.count(measure), snapshot=snapshot.id, code_version=__version__, comparison=comparison,
                  source_caveats=tuple(snapshot.manifest.caveats))  # fmt: skip


def answerable(path: Path) -> list[tuple[str, str | None]]:
    """Each question of the catalogue by stage, and why it cannot be answered (None: it can)."""
    from dueregard.engines.plan import plan
    from dueregard.measures.catalogue import catalogue

    facts = open_engine(open_snapshot(path)).facts()
    found: list[tuple[str, str | None]] = []
    for entry in catalogue():
        try:
            plan(entry.measure(), facts)
            found.append((entry.stage, None))
        except CannotAnswer as why:
            found.append((entry.stage, why.found))
    return found


def report(path: Path, out: Path, *, comparison: str | None = None, progress: Quiet = QUIET) -> Report:
    """Write the whole report of a snapshot into `out`. The same snapshot gives the same bytes."""
    from dueregard.publish.bundle import check_target, render, write

    check_target(out)
    snapshot = open_snapshot(path)
    content = compose(snapshot, comparison=comparison, progress=progress)
    with progress.step("Writing the report") as advance:
        write(render(content), out)
        advance("written")
    progress.done(
        f"wrote the report: {len(content.figures)} figures, {len(content.unanswered)} questions without an answer"
    )
    return content


def compose(snapshot: Snapshot, *, comparison: str | None = None, progress: Quiet = QUIET) -> Report:
    """Every figure of a report: all stages of the catalogue that the snapshot can answer, by every split."""
    from dueregard.evidence.release import Report
    from dueregard.measures.catalogue import catalogue

    engine = open_engine(snapshot)
    figures: list[Figure] = []
    unanswered: list[Unanswered] = []
    entries = catalogue()
    with progress.step("Counting", total=len(entries)) as advance:
        for entry in entries:
            for split in SPLITS:
                found, why_not = _figures(snapshot, engine, entry, split, comparison)
                figures += found
                unanswered += why_not
            advance(entry.title)
    progress.done(f"counted {len(figures)} figures")
    return Report(about_of(snapshot), engine.completeness(), tuple(figures), tuple(unanswered))


def _figures(snapshot, engine, entry, split: str, comparison: str | None):  # type: ignore[no-untyped-def]
    """One stage by one split: crude with each kind of stratum, and the trend; or why there is none."""
    from dueregard.evidence.release import Figure, Unanswered

    facts = engine.facts()
    question = entry.measure(by=(split,))
    withins = [("school",), ("area",), ("officer",)]
    found = []
    try:
        figures = [(f"{entry.stage}-{split}-{within[0]}", replace(question, within=within)) for within in withins]
        if _n_periods(engine, question) > 1:
            figures.append((f"{entry.stage}-{split}-trend", replace(question, by=(split, "period"))))
        for name, measure in figures:
            if measure.within == ("officer",) and "posting" not in facts.tables:
                continue
            cells = engine.count(measure)
            if measure.within == ("area",) and len({c.stratum for c in cells.strata}) < 2:
                continue
            found.append(Figure(name, cells, _assessed(snapshot, cells, comparison)))
    except CannotAnswer as why:
        return [], [
            Unanswered(
                f"{entry.stage}-{split}", f"{entry.title}, by {split.replace('_', ' ')}", str(why).replace("\n", " ")
            )
        ]
    return found, []


def _n_periods(engine: Engine, measure: Measure) -> int:
    from dueregard.engines.plan import plan

    return len(plan(replace(measure, by=(*measure.by, "period")), engine.facts()).periods)


def _assessed(snapshot, cells, comparison: str | None):  # type: ignore[no-untyped-def]
    """A comparison that was asked for applies where the split has that group; elsewhere the declared one stands."""
    from dueregard.assess.disparity import compare as assess
    from dueregard.errors import UnknownName

    words = {"snapshot": snapshot.id, "code_version": __version__, "source_caveats": tuple(snapshot.manifest.caveats)}
    try:
        return assess(cells, comparison=comparison, **words)
    except UnknownName:
        return assess(cells, **words)


def about_of(snapshot: Snapshot) -> About:
    """What stands behind every figure of a report, from the snapshot's manifest."""
    from dueregard.evidence.codes import OF_FORM
    from dueregard.evidence.release import About
    from dueregard.records.tables import TABLE_NAMES

    manifest = snapshot.manifest
    findings: dict[tuple[str, str], int] = {}
    for found in manifest.findings:
        if found["code"] in OF_FORM:
            continue  # about the form of a file: two files of the same content give the same report
        key = (found["code"], found["table"])
        findings[key] = findings.get(key, 0) + max(found["rows"], 1)
    return About(
        snapshot=snapshot.id,
        code_version=__version__,
        profiles=tuple(manifest.profiles),
        rows=tuple((name, manifest.rows[name]) for name in TABLE_NAMES if name in manifest.rows),
        absent=tuple(name for name in TABLE_NAMES if name not in manifest.rows),
        left_out=tuple((row["table"], row["group"], row["rows"]) for row in manifest.left_out),
        findings=tuple((code, table, n) for (code, table), n in sorted(findings.items())),
        caveats=tuple(manifest.caveats),
        lists=tuple(sorted(manifest.lists.items())),
    )


def verify(folder: Path, *, snapshot_path: Path | None = None, progress: Quiet = QUIET) -> list[str]:
    """What in a report does not follow from its counts (and, with the snapshot, from its rows)? Nothing: it is whole.

    Raises SnapshotError if the folder is no report.
    """
    from dueregard.publish.bundle import render
    from dueregard.publish.counts import read as read_counts

    files = _files_of(folder)
    with progress.step("Deriving every figure again") as advance:
        try:
            about, completeness, counted, unanswered, documents = read_counts(files)
            derived = _derived(about, completeness, counted, unanswered, documents)
            faults = _differences(files, render(derived))
        except DueRegardError as fault:
            return [fault.found]
        advance("derived")
    progress.done(f"derived {len(counted)} figures again")
    if snapshot_path is not None:
        faults += _against_snapshot(derived, snapshot_path, progress)
    return faults


def _files_of(folder: Path) -> dict[str, bytes]:
    if not (folder / "figures.json").is_file():
        raise SnapshotError(
            f"`{folder.name}` is not a report: it has no figures.json.", try_this="the folder given to `report --out`."
        )
    return {file.name: file.read_bytes() if file.is_file() else b"" for file in sorted(folder.iterdir())}


def _derived(about, completeness, counted, unanswered, documents) -> Report:  # type: ignore[no-untyped-def]
    from dueregard.assess.disparity import compare as assess
    from dueregard.evidence.release import Figure, Report

    figures = tuple(
        Figure(name, cells, assess(cells, snapshot=about.snapshot, code_version=about.code_version,
                                   comparison=documents[name]["comparison"], source_caveats=about.caveats))
        for name, cells in counted
    )  # fmt: skip
    return Report(about, completeness, figures, unanswered)


def _differences(files: dict[str, bytes], again: dict[str, bytes]) -> list[str]:
    faults = [f"{name} is not part of a report." for name in sorted(files) if name not in again]
    for name in sorted(again):
        if name not in files:
            faults.append(f"{name} is missing.")
        elif files[name] != again[name]:
            faults.append(f"{name} does not follow from the counts: {_first_difference(files[name], again[name])}.")
    return faults


def _first_difference(one: bytes, other: bytes) -> str:
    position = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    line = one[:position].count(b"\n") + 1
    return f"first at byte {position + 1}, line {line}"


def _against_snapshot(derived: Report, path: Path, progress: Quiet) -> list[str]:
    """Counts again from the snapshot's rows; and: is the snapshot what its id says?"""
    from dueregard.freeze.freeze import faults_of

    snapshot = open_snapshot(path)
    faults = faults_of(snapshot)
    if snapshot.id != derived.about.snapshot:
        return [*faults, f"The report names snapshot {derived.about.snapshot}, and this one is {snapshot.id}."]
    engine = open_engine(snapshot)
    with progress.step("Counting again", total=len(derived.figures)) as advance:
        for figure in derived.figures:
            if engine.count(figure.cells.measure) != figure.cells:
                faults.append(f"{figure.id}: the counts are not those of the snapshot.")
            advance(figure.id)
    if engine.completeness() != derived.completeness:
        faults.append("completeness: the counts are not those of the snapshot.")
    if about_of(snapshot) != replace(derived.about, code_version=__version__):
        faults.append("about: the report does not describe this snapshot.")
    progress.done(f"counted {len(derived.figures)} figures again")
    return faults


def losses(path: Path, name: str | None = None, *, engine: str = "duckdb") -> tuple[Loss, ...]:
    """Which lossy steps between code lists touch pupils of a snapshot? name: steps from or to this list alone.

    Raises UnknownName if there is no such list.
    """
    from dueregard.evidence.loss import losses as losses_of
    from dueregard.terms.lists import code_list

    wanted = None if name is None else code_list(name).name
    found = losses_of(open_engine(open_snapshot(path), engine).completeness().codes)
    return tuple(loss for loss in found if wanted is None or wanted in (loss.from_list, loss.to_list))


def standardise(
    path: Path, measure: Measure, *, over: tuple[str, ...], method: str = "direct", comparison: str | None = None,
    engine: str = "duckdb",
) -> StandardisedAnswer:  # fmt: skip
    """Answer one question with the groups' make-up by `over` made the same. Who came again widens the intervals."""
    from dueregard.assess.standardise import METHODS, standardised_question
    from dueregard.assess.standardise import standardise as assess
    from dueregard.errors import UnknownName

    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    asked = standardised_question(measure, over)
    snapshot = open_snapshot(path)
    opened = open_engine(snapshot, engine)
    return assess(
        opened.count(asked), None if asked.unit == "pupils" else opened.repeats(asked), over=over, method=method,
        snapshot=snapshot.id, code_version=__version__, comparison=comparison,
        source_caveats=tuple(snapshot.manifest.caveats),
    )  # fmt: skip


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
        return Asked(entry.stage, split, _answer(snapshot, engine, entry.measure(by=(split, "period"))))
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


def propose_mapping(files: list[Path], *, name: str, out: Path | None = None, today: date | None = None,
                    progress: Quiet = QUIET) -> Proposal:  # fmt: skip
    """Propose a mapping from files; write it where asked, for the owner alone. A file that exists is never replaced."""
    from dueregard.collect.proposal import propose, write_proposal

    if out is not None and (out.exists() or out.is_symlink()):
        raise TargetError(f"`{out.name}` exists, and is not replaced.", try_this="another name, or remove it first.")
    with progress.step("Looking at the files") as advance:
        proposal = propose(files, name=name, today=today or datetime.now(UTC).date())
        advance("looked at")
    if out is not None:
        write_proposal(proposal, out)
    progress.done(f"proposed a mapping from {len(files)} file(s); points to decide: {proposal.open_points}, "
                  f"columns to remove: {proposal.removed}")  # fmt: skip
    return proposal
