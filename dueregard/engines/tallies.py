"""How a question about schools' own sanctions is read: what cannot be asked, and which of their tabulations answers."""

from __future__ import annotations

from dueregard.engines.engine import Facts
from dueregard.engines.tabulations import best, listed
from dueregard.errors import CannotAnswer
from dueregard.measures.columns import SPLITS
from dueregard.measures.measure import Measure
from dueregard.terms.periods import Period
from dueregard.terms.stages import Stage

TALLIED_COLUMNS = ("ethnicity", "sex", "sen_provision", "sen_type")
TALLIED_BEHAVIOUR = "behaviour"  # a contact's word for the act: the column `reason` of a sanction shares its list
TALLY_SPLITS = (*TALLIED_COLUMNS, "reason", "kind", "term")
PLACE_COLUMNS = tuple(name for name, column in SPLITS.items() if column.place)


def check_tallied(measure: Measure, facts: Facts, asked: Stage, given: Stage | None) -> None:
    """A school's sanctions are counts by term: no pupil, no day and no officer can be told."""
    if "sanction" not in facts.tables:
        raise CannotAnswer(f"`{asked.code}` is not collected: the snapshot has no table `sanction`.",
                           try_this="`dueregard measures --snapshot PATH` lists what it can answer.")  # fmt: skip
    if measure.unit != "events":
        raise CannotAnswer(
            "Schools count sanctions, not pupils: one pupil may stand behind several.", try_this="`--unit events`."
        )
    if given is not None:
        raise CannotAnswer(f"`{asked.code}` cannot be taken of `{given.code}`: sanctions are not linked to contacts.",
                           try_this="`--denominator pupils_on_roll`.")  # fmt: skip
    if measure.denominator.startswith("officer_") or "officer" in measure.within:
        raise CannotAnswer("Sanctions are counted by term, so it is not known on which days they were given.",
                           try_this="`--denominator pupils_on_roll`, without `--within officer`.")  # fmt: skip
    can = (*TALLIED_COLUMNS, *PLACE_COLUMNS, TALLIED_BEHAVIOUR)
    lacking = [name for name in (*measure.columns, *(c for c, _ in measure.where)) if name not in can]
    if lacking:
        raise CannotAnswer(f"Sanctions are not counted by `{lacking[0]}`.", try_this=f"one of {', '.join(can)}.")


def tally_for(measure: Measure, facts: Facts, periods: tuple[Period, ...]) -> str:
    """From which tabulation of the sanctions is this answered: of those that have every column the one with fewest.

    A tabulation is named by the columns that it splits. Cells of two are never added.
    """
    named = {*measure.columns, *(column for column, _ in measure.where)} - set(PLACE_COLUMNS)
    needed = {"kind", *("reason" if name == TALLIED_BEHAVIOUR else name for name in named)}
    needed |= {"term"} if any(period.kind == "term" for period in periods) else set()
    found = best(list(facts.sanction_tabulations), needed, facts)
    if found is None:
        raise CannotAnswer(f"No tabulation of the sanctions has {', '.join(sorted(needed))} together.",
                           try_this=f"what the source has: {listed(facts.sanction_tabulations)}.")  # fmt: skip
    return found.name
