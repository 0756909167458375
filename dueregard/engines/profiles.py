"""How a question about profiles is read, for every engine: which base, and what cannot be asked. No row is counted here."""

from __future__ import annotations

from dataclasses import replace

from dueregard.engines.engine import Facts
from dueregard.engines.plan import CONTACT_TABLES, Plan, plan
from dueregard.errors import CannotAnswer, UsageError
from dueregard.measures.measure import Measure
from dueregard.terms.stages import LADDER_CATEGORIES, stage

SCHOOL = "school"


def base_of(measure: Measure) -> str:
    """Of which stage is everybody in a profile? The denominator's, else all contacts; of victims and witnesses their own.

    >>> base_of(Measure("arrested")), base_of(Measure("charged", denominator="arrested"))
    ('contact', 'arrested')
    """
    if measure.is_conditional:
        return measure.denominator
    return "contact" if stage(measure.stage).categories == LADDER_CATEGORIES else measure.stage


def profile_plan(measure: Measure, columns: tuple[str, ...], facts: Facts) -> Plan:
    """The stage taken of its base, split by these columns. `school` may stand among them.

    Raises UsageError for events, CannotAnswer where rows have no contact or lack a column.
    """
    base = base_of(measure)
    if measure.unit == "events":
        raise UsageError("Events of one involvement share its codes, so events have no profile of their own.",
                         try_this="`--unit involvements`.")  # fmt: skip
    if not {stage(measure.stage).table, stage(base).table} <= set(CONTACT_TABLES):
        raise CannotAnswer(f"Rows of `{measure.stage}` are not counted from contacts, so they have no profile.")
    if measure.denominator.startswith("officer_"):
        raise CannotAnswer("Over days with an officer only some contacts count, and a profile takes them all.",
                           try_this="`--denominator pupil_years`.")  # fmt: skip
    by = tuple(column for column in columns if column != SCHOOL)
    return plan(replace(measure, denominator=base, by=by, within=()), facts)
