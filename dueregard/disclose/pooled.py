"""Pooled: figures that come from the true counts of many schools, released by a rule of their own.

A ratio within schools cannot be made from protected counts: most of a school's are low. It is made from the true ones, and
let out where no school stands out in it. What it says of the counts is then one more line for the attacker, and so is the
rule itself: that the figure was released says that its schools and events were enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation

import numpy as np

from dueregard.disclose.policy import Policy, PooledRule
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.published import WITHIN, PooledFigure, coordinates_of
from dueregard.stats.mantel_haenszel import mantel_haenszel_rate_ratio
from dueregard.terms.missing import CellState, is_not_known

RATIO = "mantel_haenszel"
KINDS = (RATIO, f"{RATIO}_lower", f"{RATIO}_upper")
LEVEL = 0.95  # of the two ends; a figure of another level is of a kind that nobody taught the attacker
# One reason for all, since the one that applies would itself be a figure of a few schools.
REFUSED = ("Not released: fewer than {schools} schools or {events} events of a group contribute, or one school holds too many "
           "of the events.")  # fmt: skip
NOT_TAUGHT = "Not released: over this denominator, or in this unit, it is not known what the figure gives away."
Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooled figures of one question. refused: (id, why) of each group without one; no number is in the reason."""

    figures: tuple[PooledFigure, ...]
    refused: tuple[tuple[str, str], ...]


def within_ratios(id: str, by_school: Cells, comparison: tuple[str | None, ...], policy: Policy) -> Pooled:
    """Compared with pupils of the same school, how many times as often does it happen to each group?

    by_school: the true counts of each school. comparison: the group to compare with, one code for each column (None: that of
    the group itself). Each group has the ratio and the two ends of its interval at 95 %, `{id}-within-{codes}`, ends rounded
    outwards; or the reason why not.
    Only pupils over their roll: involvements need the repeats of pupils, and over a stage the weights are small counts too.
    """
    measure = by_school.measure
    figures: list[PooledFigure] = []
    refused: list[tuple[str, str]] = []
    for period, codes, other in _pairs(by_school, comparison):
        name = f"{id}{WITHIN}-{','.join(codes)}" + (f"-{period}" if len(by_school.periods) > 1 else "")
        if measure.unit != "pupils" or measure.denominator != "pupils_on_roll" or measure.is_count_only:
            refused.append((name, NOT_TAUGHT))
            continue
        strata = _strata(by_school, period, codes, other)
        if may_pool(_numbers(strata), policy.pooled):
            figures += _figures(name, by_school, strata, policy.pooled)
        else:
            refused.append((name, REFUSED.format(schools=policy.pooled.schools, events=policy.pooled.events)))
    return Pooled(tuple(figures), tuple(refused))


def may_pool(numbers: np.ndarray, rule: PooledRule) -> bool:
    """Do enough schools and events of both groups contribute, and does no school hold too many of either's?

    numbers: shape (n_schools, 4): events and roll of the group, then of the comparison group. Only schools with both groups
    on roll count.

    >>> even = np.array([[2, 60, 3, 200]] * 10)
    >>> may_pool(even, PooledRule()), may_pool(even[:9], PooledRule())
    (True, False)
    """
    used = numbers[(numbers[:, 1] > 0) & (numbers[:, 3] > 0)]
    events = used[:, [0, 2]]
    if (events.sum(axis=1) > 0).sum() < rule.schools or (events.sum(axis=0) < rule.events).any():
        return False
    return bool((events <= rule.largest_share * events.sum(axis=0)).all())


def significant(number: float, digits: int, *, towards: int = 0) -> str:
    """A number in so many significant digits; towards -1: rounded down, 1: up, 0: to the nearest.

    >>> significant(2.0, 3), significant(1.2345, 3, towards=1), significant(0.04567, 3, towards=-1), significant(1239, 3)
    ('2.00', '1.24', '0.0456', '1240')
    """
    ways = {-1: ROUND_FLOOR, 0: ROUND_HALF_EVEN, 1: ROUND_CEILING}
    exact = Decimal(number)
    for _ in range(2):  # 9.996 becomes 10.00: a digit more than was asked for
        place = Decimal(1).scaleb((exact.adjusted() if exact else 0) - digits + 1)
        exact = exact.quantize(place, rounding=ways[towards])
    return f"{exact:f}"


def has_digits(text: str, digits: int) -> bool:
    """Is a printed number written in so many significant digits? A text that is no number (an open end) has none too many.

    >>> has_digits("1240", 3), has_digits("1239", 3), has_digits("0.0456", 3), has_digits("open", 3)
    (True, False, True, True)
    """
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return True
    return significant(float(exact), digits) == text


def _pairs(cells: Cells, comparison: tuple[str | None, ...]) -> list[tuple[str, Codes, Codes]]:
    """Period, group, comparison group: of each group that is known and is another."""
    if not comparison:
        return []
    found = []
    for period, codes in sorted({(cell.period, cell.codes) for cell in cells.whole}):
        other = tuple(own if wanted is None else wanted for own, wanted in zip(codes, comparison, strict=True))
        if other != codes and not any(map(is_not_known, codes)):
            found.append((period, codes, other))
    return found


def _strata(cells: Cells, period: str, codes: Codes, other: Codes) -> list[tuple[Cell, Cell]]:
    """Both groups of each school where both are on roll: the others add nothing."""
    at = {(cell.stratum, cell.codes): cell for cell in cells.strata if cell.period == period}
    pairs = [(at.get((stratum, codes)), at.get((stratum, other))) for stratum in sorted({place for place, _ in at})]
    return [(one, two) for one, two in pairs if one is not None and two is not None and _is_used(one) and _is_used(two)]


def _is_used(cell: Cell) -> bool:
    return cell.state is CellState.COUNTED and bool(cell.denominator)


def _numbers(strata: list[tuple[Cell, Cell]]) -> np.ndarray:
    rows = [(one.n, one.denominator, other.n, other.denominator) for one, other in strata]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _figures(name: str, cells: Cells, strata: list[tuple[Cell, Cell]], rule: PooledRule) -> list[PooledFigure]:
    a, t1, b, t0 = _numbers(strata).T
    found = mantel_haenszel_rate_ratio(a, t1, b, t0, level=LEVEL)
    pairs = tuple(
        (coordinates_of(cells.measure, one.period, one.stratum, one.codes),
         coordinates_of(cells.measure, other.period, other.stratum, other.codes)) for one, other in strata
    )  # fmt: skip
    ends = (("", found.estimate[0], 0), ("-lower", found.lower[0], -1), ("-upper", found.upper[0], 1))
    return [
        PooledFigure(name + end, kind, significant(float(number), rule.digits, towards=towards), len(strata), pairs)
        for kind, (end, number, towards) in zip(KINDS, ends, strict=True)
    ]
