"""Strata that are columns (age, free meals, behaviour): the split crossed with them, read as strata.

Every engine counts the crossed question by its own way; here its cells are only put in their places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dueregard.evidence.cells import Cell, Cells
from dueregard.measures.measure import Measure

Count = Callable[[Measure], Cells]


def count_in_columns(measure: Measure, count: Count) -> Cells:
    """The cells of a question some of whose strata are columns.

    The whole figure is counted without them, so that pupils are distinct in the whole figure; strata are those of the
    question that is split by the columns too, so that pupils are distinct in each.
    """
    extra = measure.column_strata
    places = tuple(name for name in measure.within if name not in extra)
    whole = count(replace(measure, within=()))
    crossed = count(replace(measure, by=(*measure.by, *extra), within=places))
    cells = crossed.strata if places else crossed.whole
    order = tuple(name for name in (*places, *extra))
    strata = tuple(sorted(_as_stratum(cell, len(measure.columns), order, measure.within) for cell in cells))
    return replace(whole, measure=measure, strata=strata)


def _as_stratum(cell: Cell, n_columns: int, order: tuple[str, ...], within: tuple[str, ...]) -> Cell:
    """A cell of the crossed split as a cell of a stratum; strata in the order in which they were asked for."""
    values = dict(zip(order, (*cell.stratum, *cell.codes[n_columns:]), strict=True))
    return replace(cell, stratum=tuple(values[name] for name in within), codes=cell.codes[:n_columns])
