"""Every question of a report, answered and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer
from dueregard.progress import QUIET, Quiet
from dueregard.steps.open import open_engine, open_snapshot
from dueregard.steps.studies import counted_figure, studies_of

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.release import About, Figure, Report, Unanswered
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.measures.measure import Measure


SPLITS = ("ethnicity", "sex", "sen_provision", "disability")


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
    about = about_of(snapshot)
    figures: list[Figure] = []
    unanswered: list[Unanswered] = []
    entries = catalogue()
    with progress.step("Counting", total=len(entries)) as advance:
        for entry in entries:
            for split in SPLITS:
                found, why_not = _figures(about, engine, entry, split, comparison)
                figures += found
                unanswered += why_not
            advance(entry.title)
    progress.done(f"counted {len(figures)} figures")
    with progress.step("Studying") as advance:
        studies, why_no_study = studies_of(engine, about, comparison)
        advance("studied")
    progress.done(f"studied {len(studies.pathways)} pathways, gates, crossed groups and missing ethnicity")
    return Report(about, engine.completeness(), tuple(figures), (*unanswered, *why_no_study), studies)


def _figures(about, engine, entry, split: str, comparison: str | None):  # type: ignore[no-untyped-def]
    """One stage by one split: crude with each kind of stratum, and the trend; or why there is none."""
    from dueregard.evidence.release import Unanswered

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
            figure = counted_figure(name, engine, measure, comparison, about, with_repeats=not measure.is_trend)
            if measure.within == ("area",) and len({c.stratum for c in figure.cells.strata}) < 2:
                continue
            found.append(figure)
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
