"""A cube by going through the rows: every row is put into every cell that it belongs to, pupils as sets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from dueregard.engines.plan import check_cubed, plan
from dueregard.evidence.cube import Cube, CubeCell
from dueregard.measures.measure import Measure
from dueregard.terms.missing import ALL, NOT_IDENTIFIED

if TYPE_CHECKING:
    from dueregard.engines.reference import ReferenceEngine


def cube_of(engine: ReferenceEngine, measure: Measure, stages: tuple[str, ...]) -> Cube:
    """The cube of several stages."""
    found: list[CubeCell] = []
    periods: tuple[str, ...] = ()
    for stage in stages:
        planned = plan(replace(measure, stage=stage), engine.facts())
        check_cubed(planned)
        periods = tuple(period.name for period in planned.periods)
        over: dict[tuple, int] = defaultdict(int)
        events: dict[tuple, int] = defaultdict(int)
        pupils: dict[tuple, set[str]] = defaultdict(set)
        for period in planned.periods:
            entering = engine.who_enters(planned, period)
            for held in entering.held:
                for cell in _cells(period.name, [held.has[c] for c in measure.columns]):
                    over[cell] += held.n or 0
            for row in entering.reached:
                for cell in _cells(period.name, [row.has[c] for c in measure.columns]):
                    events[cell] += row.n_events
                    pupils[cell] |= {row.pupil_ref} - {NOT_IDENTIFIED}
        found += [
            CubeCell(stage, cell[0], cell[1:], over[cell], events[cell], len(pupils[cell]))
            for cell in {**over, **events}
        ]
    return Cube(measure, periods, tuple(sorted(found)))


def _cells(period: str, codes: list[object]) -> list[tuple[str, ...]]:
    return list(product((period, ALL), *((str(code), ALL) for code in codes)))
