"""How a decomposition is asked of a snapshot: which figure it takes apart, and which steps lead to it. No row is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dueregard.engines.engine import Facts
from dueregard.engines.plan import COUNTED, Plan, plan
from dueregard.errors import CannotAnswer, UsageError
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.measures.measure import Measure
from dueregard.terms.stages import chain_to, stage

WITHIN = ("school", "officer")


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """whole: the plan of the figure, which needs all that any step needs. steps: the plan of each step, none for counts."""

    whole: Plan
    steps: tuple[Plan, ...]


def chain_question(
    code: str, facts: Facts, *, by: tuple[str, ...], where: tuple[tuple[str, tuple[str, ...]], ...], period: str | None
) -> Measure:
    """The figure that is taken apart: involvements over pupil-days; of a source that publishes counts, its unit over the roll.

    Raises UsageError or UnknownName.
    """
    stage(code)
    units = sorted({unit for counted, unit, _ in facts.counted if counted == code}, reverse=True)  # pupils first
    if units:
        return Measure(code, units[0], "pupils_on_roll", by, WITHIN, where, period)
    return Measure(code, "involvements", "pupil_years", by, WITHIN, where, period)


def chain_plan(measure: Measure, facts: Facts) -> ChainPlan:
    """How is each step counted? Raises UsageError if it is wrongly asked, CannotAnswer if the snapshot does not hold it."""
    if measure.is_trend:
        raise UsageError("A decomposition is of one period.", try_this="`--period 2023/24`, once for each period.")
    own = [name for name in measure.columns if name in OWN_COLUMNS]
    if own:
        raise UsageError(f"The roll does not have `{own[0]}`, so there is no rate to take apart.",
                         try_this="`--by ethnicity`, or another column of the roll.")  # fmt: skip
    if stage(measure.stage).table in ("support", "sanction"):
        raise CannotAnswer(f"`{measure.stage}` does not follow from a contact, so the chain does not lead to it.",
                           try_this=f"`dueregard compare --stage {measure.stage}`.")  # fmt: skip
    whole = plan(measure, facts)
    if whole.source == COUNTED:
        return ChainPlan(whole, ())
    steps = tuple(plan(replace(measure, stage=code), facts) for code in chain_to(measure.stage))
    inherited = dict.fromkeys(name for step in steps for name in step.inherited)
    return ChainPlan(replace(whole, inherited=tuple(inherited)), steps)
