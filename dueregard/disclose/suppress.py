"""Suppress: which further figures must be hidden, at least cost, so that no small count is narrowed? An exact answer.

Each choice of figures to hide is a program of zeros and ones. It is asked again and again: the attacker's linear programs
say where it is too weak, and each weakness is a cut that every good choice must satisfy (Fischetti and Salazar,
Management Science 47 (2001) 1008, in the form for limits instead of exact numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from dueregard.disclose.solver import HIGHEST, LOWEST, Quiet, Solver, SolverStopped
from dueregard.disclose.system import System, components

Numbers = np.ndarray
SMALL = 1e-6
GAP_ABOVE = 1_000  # sensitive counts of one part: above, an answer within 5 % of the best is taken
GAP = 0.05


@dataclass(frozen=True, slots=True)
class Hideable:
    """A figure that may be hidden: the unknown, the limits that are left of it then, and what its loss costs."""

    unknown: int
    at_least: float
    at_most: float
    cost: float


@dataclass(slots=True)
class Cut:
    """sum of factors x hidden >= need (x hidden of the figure `when`, where the need is that of a hidden figure itself)."""

    places: list[int]
    factors: list[float]
    need: float
    when: int | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which unknowns to hide. cost: of all of them; n_rounds, n_programs."""

    unknowns: tuple[int, ...]
    cost: float
    n_rounds: int
    n_programs: int


def figures_to_hide(
    system: System, sensitive: Numbers, need: Numbers, hideable: Sequence[Hideable], *, small_to: float = np.inf,
    seconds: float = 60.0,
) -> Hidden:  # fmt: skip
    """Which figures must be hidden so that each sensitive unknown keeps limits at least `need` apart?

    sensitive: shape (n_unknowns,), the counts to protect; need: how far apart. A figure that is hidden is protected itself
    where it could be small: where its lower limit is at most small_to.
    Raises SolverStopped where the time is over.
    """
    by_unknown = {figure.unknown: figure for figure in hideable}
    chosen: list[int] = []
    cost, n_rounds, n_programs = 0.0, 0, 0
    for unknowns, lines in components(system):
        if sensitive[unknowns].any():
            part = _Part(system, unknowns, lines, sensitive, need, by_unknown, small_to, seconds)
            chosen += part.solve()
            cost += part.cost
            n_rounds, n_programs = n_rounds + part.n_rounds, n_programs + part.n_programs
    return Hidden(tuple(sorted(chosen)), cost, n_rounds, n_programs)


@dataclass(slots=True)
class _Witness:
    """The least and the greatest value that feasible points have shown of each unknown, with the present figures hidden."""

    low: Numbers
    high: Numbers


class _Part:
    """One part of the system: the attacker's program, in which limits widen, and the master of zeros and ones."""

    def __init__(self, system: System, unknowns: list[int], lines: list[int], sensitive: Numbers, need: Numbers,
                 by_unknown: dict[int, Hideable], small_to: float, seconds: float) -> None:  # fmt: skip
        self.unknowns = unknowns
        self.solver = Solver(system, unknowns, lines, seconds=seconds)
        self.sensitive = [at for at, unknown in enumerate(unknowns) if sensitive[unknown]]
        self.need = np.array([need[unknown] for unknown in unknowns])
        self.figures = {at: by_unknown[unknown] for at, unknown in enumerate(unknowns) if unknown in by_unknown}
        self.places = sorted(self.figures)
        self.shown = {at: (float(self.solver.at_least[at]), float(self.solver.at_most[at])) for at in self.places}
        self.master = _Master([self.figures[at].cost for at in self.places], gap=len(self.sensitive) > GAP_ABOVE, seconds=seconds)  # fmt: skip
        self.small_to = small_to
        self.hidden: set[int] = set()
        self.cost, self.n_rounds, self.n_programs = 0.0, 0, 0
        # What hiding a figure adds to its upper limit, and takes from its lower one.
        self.more = np.zeros(len(unknowns))
        self.less = np.zeros(len(unknowns))
        for at in self.places:
            self.more[at] = max(0.0, min(self.figures[at].at_most, 1e6) - self.shown[at][1])
            self.less[at] = max(0.0, self.shown[at][0] - self.figures[at].at_least)

    def solve(self) -> list[int]:
        while cuts := self._weaknesses():
            for cut in cuts:
                self.master.add(cut)
            wanted, self.cost = self.master.solve()
            self._hide({self.places[i] for i in wanted})
            self.n_rounds += 1
        return [self.unknowns[at] for at in sorted(self.hidden)]

    def _hide(self, wanted: set[int]) -> None:
        for at in self.hidden ^ wanted:
            limits = (self.figures[at].at_least, self.figures[at].at_most) if at in wanted else self.shown[at]
            self.solver.widen(at, *limits)
        self.hidden = wanted

    def _weaknesses(self) -> list[Cut]:
        """A cut for each unknown that is too narrow now. A point that shows an unknown wide settles it without a program."""
        seen = _Witness(np.full(len(self.unknowns), np.inf), np.full(len(self.unknowns), -np.inf))
        cuts = []
        asked = [*self.sensitive, *sorted(self.hidden - set(self.sensitive))]
        for at in asked:
            if seen.high[at] - seen.low[at] < self.need[at] - SMALL and (cut := self._weakness(at, seen)) is not None:
                cuts.append(cut)
        return cuts

    def _weakness(self, at: int, seen: _Witness) -> Cut | None:
        factors, width, least = np.zeros(len(self.unknowns)), 0.0, 0.0
        for sign in (HIGHEST, LOWEST):
            found = self.solver.extreme({at: float(sign)})
            self.n_programs += 1
            np.minimum(seen.low, found.point, out=seen.low)
            np.maximum(seen.high, found.point, out=seen.high)
            if seen.high[at] - seen.low[at] >= self.need[at] - SMALL:
                return None
            # A limit that holds the bound: by how much it would give way if the figure were hidden.
            factors += np.maximum(found.duals, 0) * self.less + np.maximum(-found.duals, 0) * self.more
            width -= found.value
            least = found.value if sign == LOWEST else least
        if at in self.hidden and at not in self.sensitive and least > self.small_to + SMALL:
            return None  # hidden, and proven not to be small: it needs nothing
        return self._cut(at, factors, self.need[at] - width)

    def _cut(self, at: int, factors: Numbers, missing: float) -> Cut | None:
        when = self.places.index(at) if at in self.hidden and at not in self.sensitive else None
        open_ones = [i for i, place in enumerate(self.places) if place not in self.hidden and factors[place] > SMALL]  # fmt: skip
        if not open_ones:
            if when is None:
                return None  # nothing that may be hidden would help: the attacker will say so
            return Cut([], [], missing, when)
        return Cut(open_ones, [min(float(factors[self.places[i]]), missing) for i in open_ones], missing, when)


@dataclass(slots=True)
class _Master:
    """The choice of figures: least cost under all cuts so far."""

    costs: list[float]
    gap: bool
    seconds: float
    model: highspy.Highs = field(default_factory=Quiet)
    is_made: bool = False

    def _make(self) -> None:
        for name, value in (("threads", 1), ("random_seed", 0), ("time_limit", self.seconds),
                            ("mip_rel_gap", GAP if self.gap else 0.0)):  # fmt: skip
            self.model.setOptionValue(name, value)
        for number, cost in enumerate(self.costs):
            self.model.addVar(0.0, 1.0)
            self.model.changeColCost(number, cost)
            self.model.changeColIntegrality(number, highspy.HighsVarType.kInteger)
        self.is_made = True

    def add(self, cut: Cut) -> None:
        if not self.is_made:
            self._make()
        places, factors, need = list(cut.places), list(cut.factors), cut.need
        if cut.when is not None:
            places, factors, need = [*places, cut.when], [*factors, -need], 0.0
        self.model.addRow(need, highspy.kHighsInf, len(places), np.array(places, dtype=np.int32), np.array(factors))

    def solve(self) -> tuple[list[int], float]:
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SolverStopped(
                "No choice of figures to hide was found in time that keeps every small count safe. Nothing is published.",
                try_this="a coarser release (areas instead of schools, years instead of terms), or more seconds.",
            )
        point = np.array(self.model.getSolution().col_value)
        chosen = [int(i) for i in np.flatnonzero(point > 0.5)]
        return chosen, float(sum(self.costs[i] for i in chosen))
