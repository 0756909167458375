"""Does a report follow from its counts, and they from the rows?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import DueRegardError, SnapshotError
from dueregard.progress import QUIET, Quiet
from dueregard.steps.answers import repeats_beside
from dueregard.steps.open import open_engine, open_snapshot
from dueregard.steps.report import about_of
from dueregard.steps.studies import crossing_of, doubt_of, figure_of, gates_of, pathway_of, studies_that_differ

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.release import About, Figure, Report, Studies
    from dueregard.publish.counts import Counted, ReadBack
    from dueregard.publish.studies_file import StudiesRead


def verify(folder: Path, *, snapshot_path: Path | None = None, progress: Quiet = QUIET) -> list[str]:
    """What in a report does not follow from its counts (and, with the snapshot, from its rows)? Nothing: it is whole.

    Raises SnapshotError if the folder is no report.
    """
    from dueregard.publish.bundle import render
    from dueregard.publish.counts import read as read_counts

    files = _files_of(folder)
    with progress.step("Deriving every figure again") as advance:
        try:
            found = read_counts(files)
            derived = _derived(found)
            faults = _differences(files, render(derived))
        except DueRegardError as fault:
            return [fault.found]
        advance("derived")
    progress.done(f"derived {len(found.figures)} figures again")
    if snapshot_path is not None:
        faults += _against_snapshot(derived, snapshot_path, progress)
    return faults


def _files_of(folder: Path) -> dict[str, bytes]:
    if not (folder / "figures.json").is_file():
        raise SnapshotError(
            f"`{folder.name}` is not a report: it has no figures.json.", try_this="the folder given to `report --out`."
        )
    return {file.name: file.read_bytes() if file.is_file() else b"" for file in sorted(folder.iterdir())}


def _derived(found: ReadBack) -> Report:
    from dueregard.evidence.release import Report

    figures = tuple(_figure(one, found.about) for one in found.figures)
    return Report(found.about, found.completeness, figures, found.unanswered, _studies(found.studies, found.about))


def _figure(one: Counted, about: About) -> Figure:
    return figure_of(one.id, one.cells, one.repeats, one.repeats_unit, one.comparison, about)


def _studies(found: StudiesRead, about: About) -> Studies:
    """Every study again from its counts, and models with their seed."""
    from dueregard.evidence.release import Studies

    gates = None
    if found.gates is not None:
        figures = tuple(_figure(one, about) for one in found.gates.figures)
        gates = gates_of(figures, found.gates.why_not, found.gates.why_no_acts, about)
    return Studies(
        tuple(pathway_of(o.id, o.chain, o.group, o.comparison, o.seed, o.replicates, about) for o in found.pathways), gates,
        tuple(crossing_of(o.id, o.cells, o.seed, about) for o in found.crossings),
        tuple(doubt_of(o.id, o.cells, o.extra, o.linkage, o.base, o.comparison, o.seed, about) for o in found.doubts),
    )  # fmt: skip


def _differences(files: dict[str, bytes], again: dict[str, bytes]) -> list[str]:
    faults = [f"{name} is not part of a report." for name in sorted(files) if name not in again]
    for name in sorted(again):
        if name not in files:
            faults.append(f"{name} is missing.")
        elif files[name] != again[name]:
            faults.append(f"{name} does not follow from the counts: {first_difference(files[name], again[name])}.")
    return faults


def first_difference(one: bytes, other: bytes) -> str:
    """Where do two files first differ?"""
    position = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    line = one[:position].count(b"\n") + 1
    return f"first at byte {position + 1}, line {line}"


def _against_snapshot(derived: Report, path: Path, progress: Quiet) -> list[str]:
    """Counts again from the snapshot's rows; and: is the snapshot what its id says?"""
    from dueregard.engines.prepared import prepared_faults
    from dueregard.freeze.freeze import faults_of

    snapshot = open_snapshot(path)
    faults = [*faults_of(snapshot), *prepared_faults(snapshot)]
    if snapshot.id != derived.about.snapshot:
        return [*faults, f"The report names snapshot {derived.about.snapshot}, and this one is {snapshot.id}."]
    engine = open_engine(snapshot)
    gates = derived.studies.gates
    figures = (*derived.figures, *(gates.figures if gates is not None else ()))
    with progress.step("Counting again", total=len(figures)) as advance:
        for figure in figures:
            if engine.count(figure.cells.measure) != figure.cells or _repeats_differ(engine, figure):
                faults.append(f"{figure.id}: the counts are not those of the snapshot.")
            advance(figure.id)
    faults += [
        f"{name}: the counts are not those of the snapshot." for name in studies_that_differ(engine, derived.studies)
    ]
    if engine.completeness() != derived.completeness:
        faults.append("completeness: the counts are not those of the snapshot.")
    if about_of(snapshot) != replace(derived.about, code_version=__version__):
        faults.append("about: the report does not describe this snapshot.")
    progress.done(f"counted {len(figures)} figures again")
    return faults


def _repeats_differ(engine: Engine, figure: Figure) -> bool:
    return figure.repeats is not None and repeats_beside(engine, figure.cells.measure) != (
        figure.repeats,
        figure.repeats_unit,
    )
