"""Complete: every table lists all groups in all places, so that which rows exist says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from dueregard.evidence.cells import Cell, Cells
from dueregard.terms.missing import CellState

Codes = tuple[str, ...]
Place = tuple[str, Codes]  # period, stratum


def complete(cells: Cells, *, rolls: Cells | None = None, groups: Iterable[Codes] = ()) -> Cells:
    """The same answer with a cell for every group in every stratum that entered, in every period.

    An engine gives no cell where there is nothing to count and nobody under it. In a printed table that absence is itself a
    figure: a group without a row has a true count of none. Each absent cell is a true zero, 0 over 0 (or over nothing,
    where there is no denominator; not collected, where the roll of others of this split was not), and `protect` then shows
    of it what it shows of any zero.
    rolls: the same split over `pupils_on_roll`, where the denominator is another, as for `protect`: it knows the groups and
    the schools of which this answer holds no unit at all. groups: codes of the split that are listed in any case: a group that
    one table lists and another does not is a figure as well.
    A period into which no school entered stays empty: nothing was counted there, which is not zero.
    """
    listed, entered = _groups(cells, rolls, groups), _entered(cells, rolls)
    counted = {period for period, schools in cells.schools_used if schools}
    strata = {place for place in entered if place[0] in counted}
    absent = _Absent(cells)
    return replace(
        cells,
        whole=absent.filled(cells.whole, {(period, ()) for period in counted}, listed),
        strata=absent.filled(cells.strata, strata, listed) if cells.measure.within else cells.strata,
    )


def _groups(cells: Cells, rolls: Cells | None, also: Iterable[Codes]) -> list[Codes]:
    """Every crossing of the codes that anybody has in any period: which crossings are empty is not told either."""
    found = {cell.codes for one in (cells, rolls) if one is not None for cell in (*one.whole, *one.strata)} | set(also)
    columns: list[set[str]] = [set(codes) for codes in zip(*found, strict=True)]
    return list(product(*(sorted(codes) for codes in columns))) if found else []


def _entered(cells: Cells, rolls: Cells | None) -> set[Place]:
    """The strata of each period of which anything is known."""
    return {(cell.period, cell.stratum) for one in (cells, rolls) if one is not None for cell in one.strata}


class _Absent:
    """The cell that stands for nothing at all, in this answer."""

    def __init__(self, cells: Cells) -> None:
        self.denominator = None if cells.measure.is_count_only else 0
        self.state = CellState.COUNTED
        if any(cell.state is CellState.NOT_COLLECTED for cell in (*cells.whole, *cells.strata)):
            self.denominator, self.state = None, CellState.NOT_COLLECTED

    def filled(self, cells: tuple[Cell, ...], places: set[Place], groups: list[Codes]) -> tuple[Cell, ...]:
        known: dict[Place, set[Codes]] = defaultdict(set)
        for cell in cells:
            known[cell.period, cell.stratum].add(cell.codes)
        absent = [
            Cell(period, stratum, codes, 0, self.denominator, self.state)
            for period, stratum in places
            for codes in groups
            if codes not in known[period, stratum]
        ]
        return tuple(sorted([*cells, *absent], key=_order)) if absent else cells


def _order(cell: Cell) -> tuple[str, Codes, Codes]:
    return cell.period, cell.stratum, cell.codes
