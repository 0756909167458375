"""Which schools enter a figure? By what the source says that it collected, and by what is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dueregard.terms.missing import CollectionState

WHOLE, PARTIAL, NOT_COLLECTED, SUPPRESSED = "whole", "partial", "not_collected", "suppressed"


@dataclass(frozen=True, slots=True)
class Told:
    """One row of `collection`, for one school and one subject."""

    from_on: date
    to_on: date
    state: str


def told_state(rows: Iterable[Told], from_on: date, to_on: date) -> str:
    """What do these rows say of the days from_on to to_on (both included)?

    Whole only if every day is called complete or nil and none anything else.

    >>> told_state([Told(date(2023, 9, 1), date(2024, 8, 31), "complete")], date(2023, 9, 1), date(2024, 8, 31))
    'whole'
    """
    overlapping = [r for r in rows if r.from_on <= to_on and r.to_on >= from_on]
    good = [r for r in overlapping if CollectionState(r.state).is_whole]
    if len(good) == len(overlapping) and covers(good, from_on, to_on):
        return WHOLE
    if any(r.state == SUPPRESSED for r in overlapping):
        return SUPPRESSED
    if all(r.state == NOT_COLLECTED for r in overlapping):
        return NOT_COLLECTED
    return PARTIAL


def is_gap(row: Told) -> bool:
    """Does it speak of a time that was not sent whole, and that the years of `collected` do not show day by day?"""
    is_years = (row.from_on.month, row.from_on.day, row.to_on.month, row.to_on.day) == (9, 1, 8, 31)
    return not CollectionState(row.state).is_whole and not is_years


def whole_or_nil(rows: Iterable[Told], from_on: date, to_on: date) -> str:
    """Of a whole return: was it `complete`, or `nil` throughout (nothing to report, and said so)?"""
    states = {r.state for r in rows if r.from_on <= to_on and r.to_on >= from_on}
    return str(CollectionState.NIL if states == {CollectionState.NIL} else CollectionState.COMPLETE)


def covers(rows: list[Told], from_on: date, to_on: date) -> bool:
    """Is every day from from_on to to_on in one of the rows?"""
    reached = from_on
    for row in sorted(rows, key=lambda r: r.from_on):
        if row.from_on > reached:
            return False
        reached = max(reached, row.to_on + timedelta(days=1))
    return reached > to_on


def left_out_state(stage_states: Iterable[str], other_states: Iterable[str]) -> str | None:
    """Why does a school stay out? None: it enters.

    Suppressed if any needed cell is; else not collected if none of the stage was collected; else partial.
    """
    stages, others = list(stage_states), list(other_states)
    if all(state == WHOLE for state in (*stages, *others)):
        return None
    if SUPPRESSED in stages or SUPPRESSED in others:
        return SUPPRESSED
    if stages and any(state == NOT_COLLECTED for state in stages):
        return NOT_COLLECTED
    return PARTIAL
