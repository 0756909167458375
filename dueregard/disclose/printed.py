"""Printed numbers as limits on true counts: a percentage, an interval, a bar, a class, an order. What follows from the shown
counts alone says nothing more; all else is taken to come from the true ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

import numpy as np

from dueregard.disclose.formulas import Formula, class_of, formula_of, number_of, protected_value
from dueregard.disclose.system import System
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Coordinates, Printed, PublishedTable, Row
from dueregard.measures.columns import code_label, order_of
from dueregard.measures.measure import DENOMINATORS

MOST_TRIED = 20_000  # counts that are tried one by one; above, a printed number is too coarse to find a small one
NO_COUNT = np.nan


@dataclass(frozen=True, slots=True)
class Said:
    """One printed number of one row, with the rows from which it was made."""

    row: Row
    printed: Printed
    other: Row | None
    table: str

    @property
    def protected(self) -> float | None:
        other_n = None if self.other is None else self.other.n
        other_d = None if self.other is None else self.other.denominator
        return protected_value(self.printed, self.row.n, self.row.denominator, other_n, other_d)

    @property
    def is_explained(self) -> bool:
        """Does it follow from the shown counts? One unit of the last digit is granted, since a limit may be rounded outwards."""
        if self.printed.kind == "class":
            return _class_holds_band(self)
        read = number_of(self.printed.text)
        value = self.protected
        if read is None:
            return True
        return value is not None and np.isfinite(value) and abs(value - read[0]) <= 2 * read[1] * (1 + 1e-9)


def _class_holds_band(said: Said) -> bool:
    """A class says nothing new where every count of the band is in it."""
    ends, options = class_of(said.printed.text), dict(said.printed.options)
    if ends is None:
        return True
    n, d = said.row.n, said.row.denominator
    if options.get("of", "n") == "n":
        return ends[0] <= n.at_least and n.at_most is not None and n.at_most < ends[1]
    if n.at_most is None or d is None or d.at_most is None or d.at_least < 1:
        return False
    return ends[0] <= 1000 * n.at_least / d.at_most and 1000 * n.at_most / d.at_least < ends[1]


def link_printed(system: System, unknown: Callable[[Coordinates], int], tables: Iterable[PublishedTable]) -> None:
    """Every printed number that does not follow from what is shown, as limits and lines of the system."""
    tables = list(tables)
    rows = {row.of: row for table in tables for row in table.rows}
    for series in _series(tables, rows).values():
        if all(said.is_explained for said in series):
            continue
        for said in series:
            _narrow(system, unknown, said)
    for table in tables:
        _link_order(system, unknown, table)


def _series(tables: list[PublishedTable], rows: dict[Coordinates, Row]) -> dict[tuple[str, str], list[Said]]:
    """Columns of printed numbers: one column is made in one way."""
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for table in tables:
        own = {row.of: row for row in table.rows}
        for row in table.rows:
            for printed in row.printed:
                other = None if printed.against is None else own.get(printed.against) or rows.get(printed.against)
                found[table.id, printed.kind].append(Said(row, _with_per(printed, row), other, table.id))
    return found


def _with_per(printed: Printed, row: Row) -> Printed:
    """The unit of the denominator says how many of its integers make one: it need not be printed with each number."""
    unit = "" if row.over is None else dict(row.over)["unit"]
    per = DENOMINATORS[unit].per if unit in DENOMINATORS else 1
    if per == 1 or "per" in dict(printed.options):
        return printed
    return replace(printed, options=(*printed.options, ("per", str(per))))


def _narrow(system: System, unknown: Callable[[Coordinates], int], said: Said) -> None:
    """Which counts give this number? The count's limits, the other count's, and the line between the two."""
    formula, options = formula_of(said.printed.kind), dict(said.printed.options)
    limits = _printed_limits(said, formula)
    if limits is None or ("other" in formula.needs and said.other is None):
        return
    n, d = unknown(said.row.of), _unknown_of(unknown, said.row.over)
    n0 = None if said.other is None else unknown(said.other.of)
    d0 = None if said.other is None else _unknown_of(unknown, said.other.over)
    box = [_ends(system, i) for i in (n, d, n0, d0)]
    why = f"{said.table}: {formula.words}"
    for at, index in enumerate((n, d, n0, d0)):
        if index is not None and (found := _fitting(formula, options, box, at, limits)) is not None:
            system.narrow(index, *found, why)
    if n0 is not None and formula.kind in ("relative_rate", "share"):
        _add_proportion(system, formula, (n, n0), box, limits, why)


def _unknown_of(unknown: Callable[[Coordinates], int], name: Coordinates | None) -> int | None:
    return None if name is None else unknown(name)


def _ends(system: System, index: int | None) -> tuple[float, float]:
    return (NO_COUNT, NO_COUNT) if index is None else (system.at_least[index], system.at_most[index])


def _printed_limits(said: Said, formula: Formula) -> tuple[float, float] | None:
    """Between which limits does the number lie that was rounded for print?"""
    if said.printed.kind == "class":
        ends = class_of(said.printed.text)
        return None if ends is None else (ends[0], np.nextafter(ends[1], -np.inf))
    read = number_of(said.printed.text)
    if read is None:
        return None
    slack = read[1] * (1 + 1e-9)
    return (read[0] - slack) / formula.times, (read[0] + slack) / formula.times


# Does the number rise (+1) or fall (-1) with the count, its denominator, the other count, its denominator?
RISES = (1, -1, -1, 1)


def _fitting(formula: Formula, options: dict[str, str], box: list[tuple[float, float]], at: int,
             limits: tuple[float, float]) -> tuple[float, float] | None:  # fmt: skip
    """The least and the greatest value of one number that can give what is printed, whatever the others are in their box."""
    least, most = box[at]
    if np.isnan(least):
        return None
    most = min(most, least + MOST_TRIED)
    tried = np.arange(least, most + 1)
    low, high = (_at_corner(formula, options, box, at, tried, side) for side in (-1, 1))
    fits = (low <= limits[1]) & (high >= limits[0])
    if not fits.any():
        return None
    first, last = tried[fits][0], tried[fits][-1]
    return float(first), (float(last) if last < most or most == box[at][1] else np.inf)


def _at_corner(formula: Formula, options: dict[str, str], box: list[tuple[float, float]], at: int, tried: np.ndarray,
               side: int) -> np.ndarray:  # fmt: skip
    """The smallest (side -1) or largest (1) number that each tried value can give."""
    columns = []
    for place, (least, most) in enumerate(box):
        if place == at:
            columns.append(tried.astype(float))
            continue
        end = most if RISES[place] == side else least
        end = max(end, 1.0) if place in (1, 3) and np.isfinite(end) else end
        columns.append(np.full(tried.shape, min(end, 1e7)))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.asarray(formula.value(*columns, options), dtype=float)
    return np.where(np.isnan(value), -np.inf if side < 0 else np.inf, value)


def _add_proportion(system: System, formula: Formula, pair: tuple[int, int], box: list[tuple[float, float]],
                    limits: tuple[float, float], why: str) -> None:  # fmt: skip
    """n is at least and at most so many times the other count."""
    (d_least, d_most), (d0_least, d0_most) = box[1], box[3]
    least, most = limits
    if formula.kind == "share":
        factors = least, most
    else:
        if not np.isfinite(d_most + d0_most) or d0_least < 1:
            return
        factors = least * d_least / d0_most, most * d_most / d0_least
    n, n0 = pair
    system.add_line([(n, 1.0), (n0, -factors[1])], -np.inf, 0.0, why)
    system.add_line([(n, 1.0), (n0, -factors[0])], 0.0, np.inf, why)


def _link_order(system: System, unknown: Callable[[Coordinates], int], table: PublishedTable) -> None:
    """Rows that are in no order of lists are sorted by their counts, or by their rates."""
    rows = _alike(table.rows)
    if len(rows) < 3 or _in_list_order(rows):
        return
    for is_rate in (False, True):
        for descending in (True, False):
            ordered = rows if descending else rows[::-1]
            if _shown_falls(ordered, is_rate=is_rate):
                for more, less in pairwise(ordered):
                    _add_order(system, unknown, more, less, is_rate, f"{table.id}: the order of the rows")
                return


def _alike(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows that are split by the same columns as most: totals stand apart."""
    columns = [tuple(column for column, _ in row.of) for row in rows]
    most = max(sorted(set(columns)), key=columns.count, default=())
    return tuple(row for row, split in zip(rows, columns, strict=True) if split == most)


def _in_list_order(rows: tuple[Row, ...]) -> bool:
    """Do the rows follow the code lists, or the alphabet, in some order of their columns?"""
    told = [dict(row.of) for row in rows]
    columns = sorted(told[0])
    varying = [column for column in columns if len({row[column] for row in told}) > 1]
    if len(varying) > 5:
        return True
    ways: tuple[Callable[[str, str], object], ...] = (order_of, lambda _, code: code, code_label)
    for order in permutations(varying):
        for way in ways:
            keys = [tuple(way(column, row[column]) for column in order) for row in told]
            if keys == sorted(keys):  # type: ignore[type-var]
                return True
    return False


def _shown_falls(rows: tuple[Row, ...], *, is_rate: bool) -> bool:
    values = list(_shown_values(rows, is_rate=is_rate))
    return all(one >= other for one, other in pairwise(values)) and len(set(values)) > 1


def _shown_values(rows: tuple[Row, ...], *, is_rate: bool) -> Iterator[float]:
    for row in rows:
        if row.n.shown is None or (is_rate and (row.denominator is None or not row.denominator.shown)):
            continue
        yield (
            row.n.shown / row.denominator.shown
            if is_rate and row.denominator and row.denominator.shown
            else row.n.shown
        )


def _add_order(system: System, unknown: Callable[[Coordinates], int], more: Row, less: Row, is_rate: bool, why: str) -> None:  # fmt: skip
    if not is_rate:
        system.add_at_most(unknown(less.of), unknown(more.of), why)
        return
    d, d0 = more.denominator, less.denominator
    if d is None or d0 is None or not (_is_point(d) and _is_point(d0)):
        return
    factors = [(unknown(less.of), float(d.at_least)), (unknown(more.of), -float(d0.at_least))]
    system.add_line(factors, -np.inf, 0.0, why)


def _is_point(count: ShownCount | None) -> bool:
    return count is not None and count.is_exact and count.at_least > 0
