"""One question, answered from a snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.cells import Repeat
    from dueregard.evidence.estimate import Answer
    from dueregard.evidence.loss import Loss
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.evidence.standardised import StandardisedAnswer
    from dueregard.measures.measure import Measure


def compare(
    path: Path, measure: Measure, *, comparison: str | None = None, engine: str = "duckdb", spark_remote: str | None = None
) -> Answer:  # fmt: skip
    """Answer one question from a snapshot."""
    snapshot = open_snapshot(path)
    return answer_of(snapshot, open_engine(snapshot, engine, spark_remote=spark_remote), measure, comparison)


def answer_of(snapshot: Snapshot, engine: Engine, measure: Measure, comparison: str | None = None) -> Answer:
    """One answer; where it is a figure over contacts, with what it would be if some of them had not happened."""
    from dueregard.assess.disparity import compare as assess
    from dueregard.assess.repeats import repeats_of
    from dueregard.understand.selection import with_selection

    cells, unit = engine.count(measure), unit_that_repeats(measure)
    repeats = repeats_of(cells, _repeats(engine, measure, unit), unit)
    answer = assess(cells, snapshot=snapshot.id, code_version=__version__, comparison=comparison, repeats=repeats,
                    source_caveats=tuple(snapshot.manifest.caveats))  # fmt: skip
    return with_selection(answer)


def unit_that_repeats(measure: Measure) -> str:
    """What stands beside pupils: involvements, or events where the stage is not counted in involvements."""
    from dueregard.terms.stages import stage

    if measure.unit != "pupils":
        return measure.unit
    return "events" if stage(measure.stage).table == "support" else "involvements"


def _repeats(engine: Engine, measure: Measure, unit: str) -> tuple[Repeat, ...] | None:
    """Who came again; None where the source publishes counts, from which it cannot be known."""
    if any(code == measure.stage for code, _, _ in engine.facts().counted):
        return None
    return engine.repeats(replace(measure, unit=unit))


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


def losses(
    path: Path, name: str | None = None, *, engine: str = "duckdb", spark_remote: str | None = None
) -> tuple[Loss, ...]:
    """Which lossy steps between code lists touch pupils of a snapshot? name: of this crosswalk, or from or to this list.

    Raises UnknownName if there is no such crosswalk or list.
    """
    from dueregard.evidence.loss import losses as losses_of
    from dueregard.terms.crosswalks import crosswalk_named
    from dueregard.terms.lists import code_list

    walk = None if name is None else crosswalk_named(name)
    wanted = None if name is None or walk is not None else code_list(name).name
    opened = open_engine(open_snapshot(path), engine, spark_remote=spark_remote)
    found = losses_of(opened.completeness().codes)
    if walk is not None:
        return tuple(x for x in found if (x.from_list, x.to_list) == (walk.from_list, walk.to_list))
    return tuple(x for x in found if wanted is None or wanted in (x.from_list, x.to_list))


def standardise(
    path: Path, measure: Measure, *, over: tuple[str, ...], method: str = "direct", comparison: str | None = None,
    engine: str = "duckdb", spark_remote: str | None = None,
) -> StandardisedAnswer:  # fmt: skip
    """Answer one question with the groups' make-up by `over` made the same. Who came again widens the intervals."""
    from dueregard.assess.standardise import METHODS, standardised_question
    from dueregard.assess.standardise import standardise as assess
    from dueregard.errors import UnknownName

    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    asked = standardised_question(measure, over)
    snapshot = open_snapshot(path)
    opened = open_engine(snapshot, engine, spark_remote=spark_remote)
    return assess(
        opened.count(asked), None if asked.unit == "pupils" else opened.repeats(asked), over=over, method=method,
        snapshot=snapshot.id, code_version=__version__, comparison=comparison,
        source_caveats=tuple(snapshot.manifest.caveats),
    )  # fmt: skip
