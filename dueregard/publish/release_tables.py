"""From protected counts to the tables of a release, with everything that is printed in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from dueregard.evidence.protected import ProtectedCell, ProtectedCells, ProtectedEstimate
from dueregard.evidence.published import Coordinates, Printed, PublishedTable, Row, coordinates_of, denominator_of
from dueregard.measures.columns import order_of
from dueregard.measures.measure import Measure
from dueregard.publish.printing import RATE, printed_of
from dueregard.terms.missing import is_missing

AREA, SCHOOL, TREND = "-area", "-school", "-trend"  # how the tables of a question are called, after its id
Estimates = Callable[[Measure, ProtectedCell, ProtectedCell | None], dict[str, ProtectedEstimate | None]]


def table(
    id: str, cells: ProtectedCells, comparison: tuple[str | None, ...], estimates: Estimates, sets: dict[str, str]
) -> PublishedTable:
    """Each group, in the order of its list, with its rate, and beside the comparison group its ratio and difference.

    sets: by period, the name of the set of schools that entered.
    """
    known = {(c.period, c.codes): c for c in cells.whole}
    rows = []
    for cell in in_order(cells.whole, cells.measure):
        other = known.get((cell.period, against(cell.codes, comparison))) if comparison else None
        rows.append(_row(cells.measure, cell, other if _can_compare(cell, other) else None, estimates, sets))
    return PublishedTable(id, tuple(rows), cells.measure.columns)


def strata_table(
    id: str, cells: ProtectedCells, estimates: Estimates | None = None, sets: dict[str, str] | None = None
) -> PublishedTable:
    """The same counts stratum by stratum, in the order of the strata's names, never of their numbers.

    estimates: with rates, too (areas); None: counts alone (schools).
    """
    rows = [_row(cells.measure, cell, None, estimates, sets or {}) for cell in in_order(cells.strata, cells.measure)]
    adds_up = (*cells.measure.columns, *cells.measure.within)
    return PublishedTable(id, tuple(rows), adds_up)


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
    return any(is_missing(code) or code == "unknown" for code in codes)


def _can_compare(cell: ProtectedCell, other: ProtectedCell | None) -> bool:
    return other is not None and other.codes != cell.codes and not is_missing_group(cell.codes)


def _row(
    measure: Measure,
    cell: ProtectedCell,
    other: ProtectedCell | None,
    estimates: Estimates | None,
    sets: dict[str, str],
) -> Row:
    of = _in_set(coordinates_of(measure, cell.period, cell.stratum, cell.codes), cell.period, sets)
    over = None
    if cell.denominator is not None:
        over = _in_set(denominator_of(measure, cell.period, cell.stratum, cell.codes), cell.period, sets)
    row = Row(of, cell.n, over, cell.denominator)
    if estimates is None or cell.denominator is None or is_missing_group(cell.codes):
        return row
    beside = None
    if other is not None:
        beside = _in_set(coordinates_of(measure, other.period, other.stratum, other.codes), cell.period, sets)
    return replace(row, printed=_printed(measure, estimates(measure, cell, other), beside))


def _in_set(of: Coordinates, period: str, sets: dict[str, str]) -> Coordinates:
    """With the name of the set of schools over which it is counted; a count of one school has none."""
    if period not in sets:
        return of
    return tuple(sorted([*(pair for pair in of if pair[0] != "for"), ("schools", sets[period])]))


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
