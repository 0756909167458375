"""From protected counts to the tables of a release, with everything that is printed in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from dueregard.evidence.protected import ProtectedCell, ProtectedCells, ProtectedEstimate, ShownCount
from dueregard.evidence.published import Coordinates, Printed, PublishedTable, Row, coordinates_of, roll_under
from dueregard.measures.columns import order_of
from dueregard.measures.measure import Measure
from dueregard.publish.printing import RATE, printed_of
from dueregard.terms.missing import CellState, is_not_known

Estimates = Callable[[Measure, ProtectedCell, ProtectedCell | None], dict[str, ProtectedEstimate | None]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the tables of one question are made. sets: by period, the name of the set of schools that entered.

    hidden: counts and rolls that are hidden for the sake of others, wherever they stand.
    """

    comparison: tuple[str | None, ...]
    estimates: Estimates
    sets: dict[str, str]
    hidden: frozenset[Coordinates] = frozenset()


def table(id: str, cells: ProtectedCells, manner: Manner) -> PublishedTable:
    """Each group, in the order of its list, with its rate, and beside the comparison group its ratio and difference."""
    placed = [_placed(cells.measure, cell, manner, over_schools=True) for cell in in_order(cells.whole, cells.measure)]
    known = {(one.cell.period, one.cell.codes): one for one in placed}
    rows = []
    for one in placed:
        other = known.get((one.cell.period, against(one.cell.codes, manner.comparison))) if manner.comparison else None
        rows.append(_row(cells.measure, one, other if _can_compare(one, other) else None, manner))
    return PublishedTable(id, tuple(rows), cells.measure.columns)


def strata_table(id: str, cells: ProtectedCells, manner: Manner, *, over_schools: bool) -> PublishedTable:
    """The same counts stratum by stratum, in the order of the strata's names, never of their numbers.

    over_schools: areas, with rates; else schools one by one, with counts alone.
    """
    placed = [
        _placed(cells.measure, c, manner, over_schools=over_schools) for c in in_order(cells.strata, cells.measure)
    ]
    rows = [_row(cells.measure, one, None, manner if over_schools else None) for one in placed]
    return PublishedTable(id, tuple(rows), (*cells.measure.columns, *cells.measure.within))


def in_order(cells: tuple[ProtectedCell, ...], measure: Measure) -> list[ProtectedCell]:
    """By period, by stratum, then in the order of the code lists."""
    columns = measure.columns
    return sorted(cells, key=lambda c: (c.period, c.stratum,
                                        [order_of(k, v) for k, v in zip(columns, c.codes, strict=True)]))  # fmt: skip


def against(codes: tuple[str, ...], comparison: tuple[str | None, ...]) -> tuple[str, ...]:
    """With which group is this one compared?

    >>> against(("B", "M"), ("W", None))
    ('W', 'M')
    """
    return tuple(code if wanted is None else wanted for code, wanted in zip(codes, comparison, strict=True))


def is_missing_group(codes: tuple[str, ...]) -> bool:
    return any(map(is_not_known, codes))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell with the coordinates of its count and of what stands under it; what is to be hidden is hidden."""

    cell: ProtectedCell
    of: Coordinates
    over: Coordinates | None


def _placed(measure: Measure, cell: ProtectedCell, manner: Manner, *, over_schools: bool) -> _Placed:
    of = coordinates_of(measure, cell.period, cell.stratum, cell.codes)
    if over_schools and cell.period in manner.sets:
        of = tuple(sorted([*of, ("schools", manner.sets[cell.period])]))
    over = None if cell.denominator is None else _under(measure, of)
    if of in manner.hidden:
        cell = replace(cell, n=_hidden(0))
    if over in manner.hidden:
        cell = replace(cell, denominator=_hidden(0 if measure.is_conditional else 1))
    return _Placed(cell, of, over)


def _under(measure: Measure, of: Coordinates) -> Coordinates:
    """What stands under a count: the count of the stage before, or a roll."""
    if measure.is_conditional:
        return tuple(sorted((dict(of) | {"stage": measure.denominator}).items()))
    return roll_under(of, measure.denominator)


def _hidden(at_least: int) -> ShownCount:
    """Hidden for the sake of another; of a roll it stays known that it is not empty."""
    return ShownCount(CellState.HIDDEN_SECOND, None, at_least, None)


def _can_compare(one: _Placed, other: _Placed | None) -> bool:
    return other is not None and other.cell.codes != one.cell.codes and not is_missing_group(one.cell.codes)


def _row(measure: Measure, one: _Placed, other: _Placed | None, manner: Manner | None) -> Row:
    row = Row(one.of, one.cell.n, one.over, one.cell.denominator)
    if manner is None or one.cell.denominator is None or is_missing_group(one.cell.codes):
        return row
    found = manner.estimates(measure, one.cell, None if other is None else other.cell)
    return replace(row, printed=_printed(measure, found, None if other is None else other.of))


def _printed(
    measure: Measure, found: dict[str, ProtectedEstimate | None], beside: Coordinates | None
) -> tuple[Printed, ...]:
    as_risk = measure.unit == "pupils" and not measure.is_by_day and not measure.is_count_only
    return tuple(
        text for kind, estimate in found.items()
        for text in printed_of(kind, estimate, as_risk=as_risk, per=measure.per,
                               against=None if kind == RATE else beside)
    )  # fmt: skip


def set_name(schools: tuple[str, ...]) -> str:
    """What is a set of schools called? The same schools have the same name, in every release.

    >>> set_name(("100001", "100002")) == set_name(("100002", "100001"))
    True
    """
    digest = hashlib.sha256("\n".join(sorted(schools)).encode()).hexdigest()
    return f"{len(schools)}-{digest[:8]}"
