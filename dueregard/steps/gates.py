"""Which way each group goes where somebody decides: answered from a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer
from dueregard.steps.answers import answer_of
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.gates import GatesAnswer
    from dueregard.measures.measure import Measure


def gates(
    path: Path, *, by: tuple[str, ...] = ("ethnicity",), comparison: str | None = None,
    where: tuple[tuple[str, tuple[str, ...]], ...] = (), period: str | None = None, engine: str = "duckdb",
) -> GatesAnswer:  # fmt: skip
    """Every gate of the ladder by group, for the same behaviour and harm, with the schools' own sanctions beside."""
    from dueregard.assess.gates import gates as assess
    from dueregard.evidence.estimate import Answer
    from dueregard.measures.gates import GATES

    snapshot = open_snapshot(path)
    opened = open_engine(snapshot, engine)
    answers: dict[str, Answer | str] = {}
    for one in GATES:
        measure = one.measure(by=by, where=where, period=period)
        try:
            answers[one.name] = answer_of(snapshot, opened, measure, comparison)
        except CannotAnswer as why:
            answers[one.name] = why.found
    measures, why_none = act_questions(opened, by=by, period=period)
    acts = {code: (answer_of(snapshot, opened, contact, comparison), answer_of(snapshot, opened, sanction, comparison))
            for code, (contact, sanction) in measures.items()}  # fmt: skip
    return assess(answers, acts, why_no_acts=why_none, snapshot=snapshot.id, code_version=__version__)


def act_questions(
    engine: Engine, *, by: tuple[str, ...], period: str | None = None
) -> tuple[dict[str, tuple[Measure, Measure]], str]:
    """The questions of each act that police or schools name, in the order of their list; and why there is none."""
    from dueregard.measures.columns import order_of
    from dueregard.measures.gates import SANCTIONED, act_measures
    from dueregard.measures.measure import Measure

    try:
        period = period or engine.count(Measure("contact", "involvements", by=by)).periods[0]
        named = set()
        for stage, unit in (("contact", "involvements"), (SANCTIONED, "events")):
            engine.count(
                Measure(stage, unit, by=by, period=period)
            )  # over the roll: else there is no rate to set beside
            cells = engine.count(Measure(stage, unit, by=("behaviour",), period=period))
            named |= {cell.codes[0] for cell in cells.whole if cell.n}
    except CannotAnswer as why:
        return {}, why.found
    codes = sorted(named, key=lambda code: order_of("behaviour", code))
    return {code: act_measures(code, by=by, period=period) for code in codes}, ""
