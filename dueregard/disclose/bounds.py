"""Bounds: the least and the greatest whole number that each unknown can be, given all that was published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.disclose.simplify import simplified
from dueregard.disclose.solver import (
    ALL_NODES,
    HIGHEST,
    LOWEST,
    WHOLE,
    NothingFits,
    Solver,
    is_whole,
    without_untrue,
)
from dueregard.disclose.system import System, components
from dueregard.disclose.witnesses import Witnesses, keys_of

Numbers = np.ndarray
FEW = 2  # unknowns that are quicker asked one by one
ROUNDS, IN_VAIN = 200, 2
JOINT_NODES, BLOCK_NODES, NEAR_NODES = 20, 20, 200  # of a search for any good point, not for the best
LARGE = 400  # unknowns of a part
FEW_OF_MANY, NEAR = 20, ((150, 2), (1_000, 2), (2_500, 1))  # how many unknowns may move, around how many points
GOOD_ENOUGH = 0.3  # of a joint program: within this share of its best
ALL_EXACT, NARROWEST = 300, 20


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
    system: System, wanted: Numbers, need: Numbers, *, is_exact: bool = True, seconds: float = 60.0,
    witnesses: Witnesses | None = None,
) -> Bounds:  # fmt: skip
    """How far is each wanted unknown narrowed? wanted: shape (n_unknowns,), True where it is asked.

    A linear program gives the outer bound; where its point is of whole numbers, it is the exact one, and every other
    unknown that this point moves is settled with it; else an integer program decides.
    An unknown that points of whole numbers show to be at least `need` wide is left there (is_wide), but in a part of at most
    300 wanted unknowns, and the 20 narrowest of a larger one, each exact bound is sought; is_exact False: in none.
    witnesses: points of earlier attacks; those that still fit are used, and the new ones are kept.
    Raises NothingFits where the system has no answer, SolverStopped where a program takes longer than `seconds`.
    """
    asked = _Asked(wanted, need, is_exact, seconds, Witnesses() if witnesses is None else witnesses)
    try:
        return _bounds_of(simplified(system), asked)
    except NothingFits:
        # Somewhere an assumption is untrue, and its consequences may already have been drawn: it goes first.
        return _bounds_of(simplified(without_untrue(system, seconds)), asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    wanted: Numbers
    need: Numbers
    is_exact: bool
    seconds: float
    witnesses: Witnesses


def _bounds_of(system: System, given: _Asked) -> Bounds:
    least = np.ceil(np.array(system.at_least, dtype=float) - WHOLE)
    most = np.floor(np.array(system.at_most, dtype=float) + WHOLE)
    is_wide, n_programs = np.zeros(len(least), dtype=bool), 0
    _check_crossed(least, most)
    keys = keys_of(system.names)
    known = np.flatnonzero(least == most)  # no part holds them; a later attack may, where a figure is then hidden
    given.witnesses.keep([keys[i] for i in known], [least[known]])
    for unknowns, lines in components(system):
        asked = given.wanted[unknowns]
        if asked.any():
            solver, own = Solver(system, unknowns, lines, seconds=given.seconds), [keys[i] for i in unknowns]
            search = _Search(solver, asked, given.need[unknowns], given.is_exact)
            search.see(solver.that_fit(given.witnesses.of(own)))
            search.run()
            given.witnesses.keep(own, search.points)
            least[unknowns] = search.least
            most[unknowns] = np.where(search.most >= solver.cap - 1, np.inf, search.most)
            is_wide[unknowns] = search.is_wide
            n_programs += search.n_programs
    return Bounds(least, most, is_wide, n_programs)


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
        self.points: list[Numbers] = []
        self.n_programs = 0

    def see(self, points: Numbers) -> None:
        """Points that agree with everything."""
        for point in points:
            np.minimum(self.low, point, out=self.low)
            np.maximum(self.high, point, out=self.high)
            self.points.append(point)

    def run(self) -> None:
        everything = [int(i) for i in np.flatnonzero(self.asked)]
        self._settle_many(everything)
        for place in everything:
            if not self._is_wide(place) and self._is_large:
                self._look_near(place)
            if not self._is_wide(place):
                self._find_both(place)
        for place in self._to_know_exactly(everything):
            self._find_both(place)
        self.is_wide = self.asked & ((self.low > self.least) | (self.high < self.most))
        self.least = np.where(self.is_wide, np.minimum(self.low, self.high), self.least)
        self.most = np.where(self.is_wide, self.high, self.most)

    def _settle_many(self, everything: list[int]) -> None:
        """All together first: each unknown is pulled up or down, and one point of whole numbers shows many to be wide.

        Any good point will do, the best is not needed. Where pooled figures hold a large part together, it moves block by
        block, with all else as it is in the last point.
        """
        rng = np.random.default_rng(0)
        few = FEW_OF_MANY if self._is_large else FEW
        todo, in_vain = [i for i in everything if not self._is_wide(i)], 0
        blocks = self.solver.blocks() if self._is_large else []
        for _ in range(ROUNDS):
            if len(todo) <= few or in_vain > IN_VAIN:
                return
            signs = dict(zip(todo, rng.choice([-1.0, 1.0], len(todo)).tolist(), strict=True))
            if blocks and self.points:
                self._move_blocks(signs, blocks)
            else:
                self._look({} if blocks else signs, gap=GOOD_ENOUGH, nodes=ALL_NODES if blocks else JOINT_NODES)
            left = [i for i in todo if not self._is_wide(i)]
            in_vain = in_vain + 1 if len(left) == len(todo) else 0
            todo = left

    def _move_blocks(self, signs: dict[int, float], blocks: list[Numbers]) -> None:
        for free in blocks:
            inside = set(free.tolist())
            if costs := {i: sign for i, sign in signs.items() if i in inside}:
                self._look(costs, around=self.points[-1], free=free, gap=GOOD_ENOUGH, nodes=BLOCK_NODES)

    @property
    def _is_large(self) -> bool:
        """Is the part so large that it is quicker to look near an unknown first, with all else as it is in some point?"""
        return len(self.need) > LARGE

    def _look_near(self, place: int) -> None:
        for size, n_points in NEAR:
            free = self.solver.near(place, size)
            # Where everything may move, it is the same question around every point.
            for number in range(n_points if len(free) < len(self.need) else 1):
                for sign in (LOWEST, HIGHEST):
                    if self._is_wide(place) or number >= len(self.points):
                        return
                    around = sorted(self.points, key=lambda point: sign * point[place])[number]
                    enough = self._wide_enough(place, sign)
                    self._look({place: float(sign)}, around=around, free=free, nodes=NEAR_NODES, enough=enough)

    def _look(self, costs: dict[int, float], **how) -> None:  # type: ignore[no-untyped-def]
        """One more point of whole numbers, if it is found soon."""
        self.n_programs += 1
        if (point := self.solver.some_point(costs, **how)) is not None:
            self.see(point[None, :])

    def _to_know_exactly(self, everything: list[int]) -> list[int]:
        """Whose exact bounds are wanted, though they are wide enough? All of a small part, the narrowest of a large one."""
        if not self.is_exact:
            return []
        if len(everything) <= ALL_EXACT:
            return everything
        return sorted(everything, key=lambda i: (self.high[i] - self.low[i] - self.need[i], i))[:NARROWEST]

    def _is_wide(self, place: int) -> bool:
        return bool(self.high[place] - self.low[place] >= self.need[place])

    def _find_both(self, place: int) -> None:
        for sign in (LOWEST, HIGHEST):
            if not self._is_settled(place, sign) and not (not self.is_exact and self._is_wide(place)):
                self._find(place, sign)

    def _is_settled(self, place: int, sign: int) -> bool:
        return bool(self.low[place] <= self.least[place] if sign == LOWEST else self.high[place] >= self.most[place])

    def _find(self, place: int, sign: int) -> None:
        """The exact bound of one unknown in one direction."""
        value = sign * self._solve({place: float(sign)})
        self._move(place, sign, value)
        if self._is_settled(place, sign):
            return
        if not self.is_exact and self.most[place] - self.least[place] < self.need[place]:
            return  # too narrow already: no integer point can widen it
        enough = -np.inf if self.is_exact else self._wide_enough(place, sign)
        value = sign * self._solve({place: float(sign)}, is_integer=True, enough=enough)
        if self.is_exact or not self._is_wide(place):
            self._move(place, sign, value)

    def _wide_enough(self, place: int, sign: int) -> float:
        """The cost at which this unknown is shown to be wide, and may be left."""
        end = self.high[place] - self.need[place] if sign == LOWEST else self.low[place] + self.need[place]
        return float(sign * end) if np.isfinite(end) else -np.inf

    def _move(self, place: int, sign: int, value: float) -> None:
        if sign == LOWEST:
            self.least[place] = max(self.least[place], np.ceil(value - WHOLE))
        else:
            self.most[place] = min(self.most[place], np.floor(value + WHOLE))

    def _solve(self, costs: dict[int, float], *, is_integer: bool = False, enough: float = -np.inf) -> float:
        found = self.solver.extreme(costs, is_integer=is_integer, enough=enough)
        self.n_programs += 1
        if is_whole(found.point):
            self.see(np.round(found.point)[None, :])
        return found.value
