"""Bounds: the least and the greatest whole number that each unknown can be, given all that was published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.disclose.solver import CAP, HIGHEST, LOWEST, WHOLE, NothingFits, Solver, is_whole
from dueregard.disclose.system import System, components

Numbers = np.ndarray


@dataclass(frozen=True, slots=True)
class Bounds:
    """For each unknown of a system, shape (n_unknowns,): at_least and at_most (inf: open).

    is_wide: the true bounds are known to be at least this far apart, and were not sought further.
    n_programs: linear and integer programs that were solved.
    """

    at_least: Numbers
    at_most: Numbers
    is_wide: Numbers
    n_programs: int


def bounds_of(
    system: System, wanted: Numbers, need: Numbers, *, is_exact: bool = True, seconds: float = 60.0
) -> Bounds:
    """How far is each wanted unknown narrowed? wanted: shape (n_unknowns,), True where it is asked.

    A linear program gives the outer bound; where its point is of whole numbers, it is the exact one, and every other
    unknown that this point moves is settled with it; else an integer program decides.
    is_exact False: an unknown that two points show to be at least `need` wide is left there.
    Raises NothingFits where the system has no answer, SolverStopped where a program takes longer than `seconds`.
    """
    least = np.ceil(np.array(system.at_least, dtype=float) - WHOLE)
    most = np.floor(np.array(system.at_most, dtype=float) + WHOLE)
    is_wide, n_programs = np.zeros(len(least), dtype=bool), 0
    _check_crossed(least, most)
    for unknowns, lines in components(system):
        asked = wanted[unknowns]
        if asked.any():
            search = _Search(Solver(system, unknowns, lines, seconds=seconds), asked, need[unknowns], is_exact)
            search.run()
            least[unknowns], most[unknowns] = search.least, search.most
            is_wide[unknowns] = search.is_wide
            n_programs += search.n_programs
    return Bounds(least, np.where(most >= CAP - 1, np.inf, most), is_wide, n_programs)


def _check_crossed(least: Numbers, most: Numbers) -> None:
    if (least > most).any():
        raise NothingFits("Two figures say things of one count that cannot both be true.")


class _Search:
    """The search in one part. low, high: the least and greatest whole numbers that some point has shown for each unknown."""

    def __init__(self, solver: Solver, asked: Numbers, need: Numbers, is_exact: bool) -> None:
        self.solver, self.asked, self.need, self.is_exact = solver, asked, need, is_exact
        self.least, self.most = np.ceil(solver.at_least - WHOLE), np.floor(solver.at_most + WHOLE)
        self.low, self.high = np.full(len(need), np.inf), np.full(len(need), -np.inf)
        self.is_wide = np.zeros(len(need), dtype=bool)
        self.n_programs = 0

    def run(self) -> None:
        everything = [int(i) for i in np.flatnonzero(self.asked)]
        for sign in (LOWEST, HIGHEST):  # all together first: one point may settle many
            self._solve(dict.fromkeys(everything, float(sign)))
        for place in everything:
            for sign in (LOWEST, HIGHEST):
                if not self._is_settled(place, sign):
                    self._find(place, sign)
        self.is_wide = self.asked & ((self.low > self.least) | (self.high < self.most))
        self.least = np.where(self.is_wide, np.minimum(self.low, self.high), self.least)
        self.most = np.where(self.is_wide, self.high, self.most)

    def _is_settled(self, place: int, sign: int) -> bool:
        if not self.is_exact and self.high[place] - self.low[place] >= self.need[place]:
            return True
        return self.low[place] <= self.least[place] if sign == LOWEST else self.high[place] >= self.most[place]

    def _find(self, place: int, sign: int) -> None:
        """The exact bound of one unknown in one direction."""
        value = sign * self._solve({place: float(sign)})
        self._move(place, sign, value)
        if self._is_settled(place, sign):
            return
        if not self.is_exact and self.most[place] - self.least[place] < self.need[place]:
            return  # too narrow already: no integer point can widen it
        value = sign * self._solve({place: float(sign)}, is_integer=True)
        self._move(place, sign, value)

    def _move(self, place: int, sign: int, value: float) -> None:
        if sign == LOWEST:
            self.least[place] = max(self.least[place], np.ceil(value - WHOLE))
        else:
            self.most[place] = min(self.most[place], np.floor(value + WHOLE))

    def _solve(self, costs: dict[int, float], *, is_integer: bool = False) -> float:
        found = self.solver.extreme(costs, is_integer=is_integer)
        self.n_programs += 1
        if is_whole(found.point):
            point = np.round(found.point)
            np.minimum(self.low, point, out=self.low)
            np.maximum(self.high, point, out=self.high)
        return found.value
