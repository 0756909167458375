"""Protect: turn counts into what a policy lets out, each with a typed state and the limits of its true count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dueregard.disclose.bands import hidden, is_group_told, shown_count, shown_roll
from dueregard.disclose.policy import Policy
from dueregard.evidence.cells import Cell, Cells, LeftOut
from dueregard.evidence.protected import ProtectedCell, ProtectedCells, ProtectedLeftOut, ShownCount
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState, is_not_known
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

Place = tuple[str, tuple[str, ...], tuple[str, ...]]
Rolls = dict[Place, int | None]


def protect(cells: Cells, policy: Policy, *, rolls: Cells | None = None) -> ProtectedCells:
    """What of these counts may this audience see?

    Small counts are one band; others are rounded. Where fewer than roll_at_least pupils are on roll, count and
    denominator are both hidden. A zero is shown only where nobody is on roll. A count of nearly all of a group is hidden.
    rolls: the same split over `pupils_on_roll`, where the denominator is another (pupil-days, a stage); without it, the
    rule of the roll rests on the denominator. Deterministic: the same cells give the same answer, and the same cell the
    same band in every table.
    This protects each cell by itself; what cells tell together is the attacker's to find.
    """
    known = _rolls_of(rolls) if rolls is not None else {}
    return ProtectedCells(
        measure=cells.measure,
        policy=policy.name,
        periods=cells.periods,
        whole=tuple(_protected(cells.measure, policy, cell, known) for cell in cells.whole),
        strata=tuple(_protected(cells.measure, policy, cell, known) for cell in cells.strata),
        schools_used=cells.schools_used,
        left_out=tuple(_left_out(cells.measure, policy, left) for left in cells.left_out),
        not_identified=shown_count(cells.not_identified, policy),
        disagreeing=shown_count(cells.disagreeing, policy),
        caveats=cells.caveats,
    )


def _rolls_of(cells: Cells) -> Rolls:
    return {(cell.period, cell.stratum, cell.codes): cell.denominator for cell in (*cells.whole, *cells.strata)}


def _protected(measure: Measure, policy: Policy, cell: Cell, rolls: Rolls) -> ProtectedCell:
    roll, scale = _roll_of(measure, cell, rolls)
    n = _count_shown(measure, policy, cell, roll, scale)
    denominator = _denominator_shown(measure, policy, cell, roll, scale)
    if n.state is CellState.HIDDEN_FIRST and denominator is not None and _is_small(policy, roll, scale):
        denominator = _hidden_first(measure, policy, denominator)
    return ProtectedCell(cell.period, cell.stratum, cell.codes, n, denominator)


def _is_small(policy: Policy, roll: int | None, scale: int) -> bool:
    """Are count and denominator both hidden? A roll of nobody is small where somebody was counted all the same."""
    return policy.is_protected and roll is not None and roll < policy.roll_at_least * scale


def _hidden_first(measure: Measure, policy: Policy, denominator: ShownCount) -> ShownCount:
    """The denominator of a hidden count: of every small roll the same, whether of nobody or of nine."""
    if measure.is_conditional or (denominator.state is not CellState.HIDDEN_FIRST and denominator.at_least > 0):
        return hidden(None)
    return hidden(policy.roll_at_least * scale_of(measure) - 1)


def _roll_of(measure: Measure, cell: Cell, rolls: Rolls) -> tuple[int | None, int]:
    """How many pupils are on roll (in units of scale)? None: not known."""
    if any(map(is_not_known, cell.codes)):
        return None, 1  # the school may know what the police do not: its roll says nothing of those counted here
    place = (cell.period, cell.stratum, cell.codes)
    if place in rolls:
        return rolls[place], 1
    return (None, 1) if measure.is_conditional else (cell.denominator, scale_of(measure))


def scale_of(measure: Measure) -> int:
    """How many counted integers of the denominator stand for one pupil of a whole year?"""
    if not measure.is_by_day:
        return 1
    return SCHOOL_DAYS_A_YEAR * (measure.per if measure.denominator != "pupil_years" else 1)


def _count_shown(measure: Measure, policy: Policy, cell: Cell, roll: int | None, scale: int) -> ShownCount:
    if cell.state is not CellState.COUNTED:
        return ShownCount(cell.state, None, 0, None)
    if roll == 0 and cell.n == 0:
        return ShownCount(CellState.COUNTED, 0, 0, 0)
    if _is_small(policy, roll, scale):
        return hidden(None)  # that pupils are at most their roll is not said: they move, and may be more
    if measure.unit == "pupils" and roll is not None and scale == 1 and is_group_told(cell.n, roll, policy):
        return hidden(None)
    return shown_count(cell.n, policy)


def _denominator_shown(measure: Measure, policy: Policy, cell: Cell, roll: int | None, scale: int) -> ShownCount | None:
    if cell.denominator is None:
        is_bounded = cell.at_least is not None or cell.at_most is not None
        return ShownCount(CellState.SUPPRESSED, None, cell.at_least or 0, cell.at_most) if is_bounded else None
    if measure.is_conditional:  # a count like any other: in its own table it is shown, or hidden, in the same way
        return _count_shown(measure, policy, replace(cell, n=cell.denominator), roll, scale)
    return shown_roll(cell.denominator, policy, scale=scale_of(measure))


def _left_out(measure: Measure, policy: Policy, left: LeftOut) -> ProtectedLeftOut:
    pupils: Iterable[tuple[tuple[str, ...], int]] = left.pupils or ()
    scale = 1 if measure.is_conditional else scale_of(measure)
    shown = tuple((codes, shown_roll(n, policy, scale=scale)) for codes, n in pupils)
    return ProtectedLeftOut(
        left.period, left.state, left.schools, None if left.pupils is None else shown, left.roll_unknown_schools
    )
