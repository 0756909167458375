"""The figures of a release as a reader has them: what the files say, and nothing that only we know.

A count is named by its coordinates: (column, value) pairs in order of column, such as
(("ethnicity", "B"), ("period", "2023/24"), ("school", "100003"), ("stage", "arrested"), ("unit", "pupils")).
A column that is absent is not split: the count stands for all its values. The same coordinates in two tables, or in two
releases, are the same true count: so the attacker joins what was published apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.protected import ProtectedCell, ProtectedCells, ShownCount
from dueregard.measures.columns import order_of
from dueregard.measures.measure import Measure

Coordinates = tuple[tuple[str, str], ...]
# How the tables of a question are called, after its id; and, before the codes of the group, its figures pooled over schools.
WHOLE, TREND, AREA, SCHOOL, WITHIN = "", "-trend", "-area", "-school", "-within"
ROLL = "roll"  # the `stage` of a denominator: pupils on roll, or pupil-days


def spelt(of: Coordinates) -> str:
    """Coordinates in words.

    >>> spelt((("ethnicity", "B"), ("period", "2023/24")))
    'ethnicity B, period 2023/24'
    """
    return ", ".join(f"{column} {value}" for column, value in of)


@dataclass(frozen=True, slots=True)
class Printed:
    """A number that stands beside a count and was made from it: a rate, a share, an end of an interval, a bar's height.

    kind: a name of `disclose/formulas.py`, which says how it was made. text: as printed, digit for digit.
    against: the count of the comparison group (ratio), or of the whole (share). options: what else the formula needs,
    as the release says it, such as ("level", "0.95"), ("height", "300"), ("axis_max", "120").
    """

    kind: str
    text: str
    against: Coordinates | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, or one bar of a chart. over: the coordinates of its denominator, where it has one."""

    of: Coordinates
    n: ShownCount
    over: Coordinates | None = None
    denominator: ShownCount | None = None
    printed: tuple[Printed, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table or chart, rows in the order in which they are shown.

    adds_up: the columns whose values in this table are all that exist, so that they add up to the whole.
    Rows that do not stand in the order of their code lists are taken to be sorted by their numbers.
    """

    id: str
    rows: tuple[Row, ...]
    adds_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PooledFigure:
    """A figure from true counts inside, released by the rule for pooled figures. ratio_of: (coordinates, coordinates) where
    it stands between the crude ratios of strata: groups and comparison, by stratum."""

    id: str
    kind: str
    text: str
    n_strata: int
    ratio_of: tuple[tuple[Coordinates, Coordinates], ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """All figures of one release.

    parents: (column, value, of what it is a part): another value of the column, such as ("ethnicity", "BCRB", "B"), or of
    another column, such as ("school", "100003", "area=Anytown"). A value without a parent is a part of the whole.
    school_sets: (name, the schools of it). A count over schools has the coordinate ("schools", name): which schools entered.
    Two counts that differ in it alone are of different schools; a count of one school has no such coordinate.
    """

    release: str
    snapshot: str
    policy: str
    tables: tuple[PublishedTable, ...]
    parents: tuple[tuple[str, str, str], ...] = ()
    pooled: tuple[PooledFigure, ...] = ()
    school_sets: tuple[tuple[str, tuple[str, ...]], ...] = ()


def coordinates_of(measure: Measure, period: str, stratum: tuple[str, ...], codes: tuple[str, ...]) -> Coordinates:
    """Which true count is this cell of this question?"""
    return tuple(
        sorted([("stage", measure.stage), ("unit", measure.unit), *_place_of(measure, period, stratum, codes)])
    )


def denominator_of(measure: Measure, period: str, stratum: tuple[str, ...], codes: tuple[str, ...]) -> Coordinates:
    """Which number stands under this cell? A stage's count where a stage is the denominator, else a roll."""
    of = coordinates_of(measure, period, stratum, codes)
    if measure.is_conditional:
        return tuple(sorted([*(pair for pair in of if pair[0] != "stage"), ("stage", measure.denominator)]))
    return roll_under(of, measure.denominator)


def roll_under(name: Coordinates, unit: str = "pupils_on_roll") -> Coordinates:
    """The roll under a count. Of one school, or of a named set of schools, it is the same under every stage; else it is that
    of the schools that enter the stage, which may be fewer for one stage than for another: `for` says which.

    >>> roll_under((("school", "1"), ("stage", "arrested"), ("unit", "pupils")))
    (('school', '1'), ('stage', 'roll'), ('unit', 'pupils_on_roll'))
    """
    told = dict(name)
    schools = {} if "school" in told or "schools" in told else {"for": told["stage"]}
    return tuple(sorted((told | schools | {"stage": ROLL, "unit": unit}).items()))


def _place_of(measure: Measure, period: str, stratum: tuple[str, ...], codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Period, stratum, codes and filter as pairs. A filter to several codes is a value of its own (`9,10`)."""
    pairs = [("period", period), *zip(measure.columns, codes, strict=True)]
    pairs += list(zip(measure.within, stratum, strict=True)) if stratum else []
    split = {name for name, _ in pairs}
    return pairs + [(name, ",".join(codes)) for name, codes in measure.where if name not in split]


def table_of(cells: ProtectedCells, *, id: str, of_strata: bool = False) -> PublishedTable:
    """Protected cells as the rows of a table, without printed figures.

    of_strata: the cells of its strata, else those of the whole. Every split column adds up: an answer lists all groups,
    the missing ones too; and strata (schools, areas) list all that entered.
    """
    found = cells.strata if of_strata else cells.whole
    rows = tuple(
        _row(cells.measure, cell) for cell in sorted(found, key=lambda cell: _in_list_order(cells.measure, cell))
    )
    return PublishedTable(id, rows, (*cells.measure.columns, *(cells.measure.within if of_strata else ())))


def _in_list_order(measure: Measure, cell: ProtectedCell) -> tuple[tuple[int, str], ...]:
    names = ("period", *(measure.within if cell.stratum else ()), *measure.columns)
    return tuple(
        order_of(name, code) for name, code in zip(names, (cell.period, *cell.stratum, *cell.codes), strict=True)
    )


def _row(measure: Measure, cell: ProtectedCell) -> Row:
    over = None if cell.denominator is None else denominator_of(measure, cell.period, cell.stratum, cell.codes)
    return Row(coordinates_of(measure, cell.period, cell.stratum, cell.codes), cell.n, over, cell.denominator)
