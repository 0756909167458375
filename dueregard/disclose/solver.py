"""The solver of one part of a system: a persistent linear program in which only the cost changes, and its integer twin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np

from dueregard.disclose.system import Line, System, components
from dueregard.disclose.witnesses import that_fit
from dueregard.errors import ReleaseRefused, SnapshotError

LEAST_CAP, ABOVE = 1e6, 10  # what stands for an open end, and how far above the greatest sum it lies at least
WHOLE = 1e-6  # how far from a whole number a solver's number may lie
NOTHING = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
FOUND = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveTarget)
PRIMAL = 4
SHORT = 40  # unknowns of a line
ALL_NODES = 2**31 - 1
LOWEST, HIGHEST = 1, -1  # the sign of the cost: the solver minimises


class SolverStopped(ReleaseRefused):
    """The time was over before it was known what the figures give away."""


class NothingFits(SnapshotError):
    """No counts at all agree with everything that was published: it was not all said of the same counts."""


@dataclass(frozen=True, slots=True)
class Solved:
    """One extreme: its value, a point that reaches it, and what each limit of an unknown would add if it gave way."""

    value: float
    point: np.ndarray
    duals: np.ndarray


class Solver:
    """How low and how high can each unknown of one part be? unknowns: their numbers in the system.

    With one thread, no presolve and a fixed start the same system gives the same answers.
    """

    def __init__(self, system: System, unknowns: list[int], lines: list[int], *, seconds: float) -> None:
        self.unknowns = np.array(unknowns)
        self.at_least = np.array([system.at_least[i] for i in unknowns], dtype=float)
        self._place = {unknown: at for at, unknown in enumerate(unknowns)}
        self._lines = [system.lines[n] for n in lines]
        self.cap = _cap(system, unknowns, self._lines)  # a bound that reaches it is open
        self.at_most = np.minimum(np.array([system.at_most[i] for i in unknowns], dtype=float), self.cap)
        self._seconds = seconds
        self.given_up: list[Line] = []
        self._lines_of: list[list[list[int]]] | None = None
        self._linear = self._model(is_integer=False)
        self._integer: highspy.Highs | None = None
        self._give_up_what_cannot_be()

    def _give_up_what_cannot_be(self) -> None:
        """Where nothing fits, the fewest assumptions give way: those that a program with slack must break."""
        while self._run(self._linear) in NOTHING:
            assumed = [n for n, line in enumerate(self._lines) if line.is_assumed]
            broken = self._broken(assumed) if assumed else []
            if not broken:
                raise NothingFits("No counts agree with everything that was published.")
            self.given_up += [self._lines[n] for n in broken]
            self._lines = [line for n, line in enumerate(self._lines) if n not in set(broken)]
            self._linear = self._model(is_integer=False)

    def _broken(self, assumed: list[int]) -> list[int]:
        """The assumptions that cannot all be true, and how: slack below and above each, as little as can be."""
        model = self._model(is_integer=False)
        n = len(self.unknowns)
        for line in assumed:
            for sign in (1.0, -1.0):
                model.addCol(1.0, 0.0, highspy.kHighsInf, 1, np.array([line], dtype=np.int32), np.array([sign]))
        status = self._run(model)
        if status in NOTHING:
            return []
        if status not in FOUND:
            raise _stopped()  # what gives way is not known, and that nothing fits is not known either
        slack = np.array(model.getSolution().col_value)[n:].reshape(-1, 2).max(axis=1)
        return [line for line, used in zip(assumed, slack, strict=True) if used > WHOLE]

    def _run(self, model: highspy.Highs) -> highspy.HighsModelStatus:
        # The clock of a model runs on from one program to the next.
        model.setOptionValue("time_limit", model.getRunTime() + self._seconds)
        model.run()
        return model.getModelStatus()

    def _model(self, *, is_integer: bool) -> highspy.Highs:
        model = Quiet()
        for name, value in (("threads", 1), ("random_seed", 0)):
            model.setOptionValue(name, value)
        if not is_integer:
            model.setOptionValue("presolve", "off")
            model.setOptionValue("solver", "simplex")
            model.setOptionValue("simplex_strategy", PRIMAL)  # another cost leaves the last point feasible
        model.passModel(self._program(is_integer=is_integer))
        return model

    def _program(self, *, is_integer: bool) -> highspy.HighsLp:
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.unknowns), len(self._lines)
        program.col_cost_ = np.zeros(len(self.unknowns))
        program.col_lower_, program.col_upper_ = self.at_least, self.at_most
        program.row_lower_ = np.array([line.at_least for line in self._lines])
        program.row_upper_ = np.array([line.at_most for line in self._lines])
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.cumsum([0, *(len(line.unknowns) for line in self._lines)])
        program.a_matrix_.index_ = np.array([self._place[i] for line in self._lines for i in line.unknowns])
        program.a_matrix_.value_ = np.array([f for line in self._lines for f in line.factors])
        if is_integer:
            program.integrality_ = [highspy.HighsVarType.kInteger] * len(self.unknowns)
        return program

    def widen(self, place: int, at_least: float, at_most: float) -> None:
        """Give one unknown other limits: a figure is hidden, or shown again."""
        self.at_least[place], self.at_most[place] = at_least, min(at_most, self.cap)
        for model in (self._linear, self._integer):
            if model is not None:
                model.changeColBounds(place, float(at_least), float(min(at_most, self.cap)))

    def some_point(
        self, costs: dict[int, float], *, around: np.ndarray | None = None, free: np.ndarray | None = None,
        gap: float = 0.0, nodes: int = ALL_NODES, enough: float = -np.inf,
    ) -> np.ndarray | None:  # fmt: skip
        """A good point of whole numbers, not always the best: after so many nodes of the search whatever was found. None: nothing.

        free: only these unknowns may differ from the point `around`, which must fit; the search begins at it.
        """
        if self._integer is None:
            self._integer = self._model(is_integer=True)
        model = self._integer
        everything = np.arange(len(self.unknowns), dtype=np.int32)
        if around is not None and free is not None:
            least, most = around.astype(float), around.astype(float)
            least[free], most[free] = self.at_least[free], self.at_most[free]
            model.changeColsBounds(len(everything), everything, least, most)
        for name, value in (("mip_rel_gap", gap), ("objective_target", enough), ("mip_max_nodes", nodes)):
            model.setOptionValue(name, value)
        for place, cost in costs.items():
            model.changeColCost(place, cost)
        if around is not None:
            _begin_at(model, around)
        status = self._run(model)
        if status in FOUND and not _gives_its_best(model, costs):
            model.clearSolver()
            status = self._run(model)
        point = self._whole_point(model, status)
        for place in costs:
            model.changeColCost(place, 0.0)
        model.setOptionValue("mip_max_nodes", ALL_NODES)
        if around is not None:
            model.changeColsBounds(len(everything), everything, self.at_least, self.at_most)
        elif status in NOTHING:
            raise NothingFits("No counts agree with everything that was published.")
        return point

    def _whole_point(self, model: highspy.Highs, status: highspy.HighsModelStatus) -> np.ndarray | None:
        """What the search has found, where it fits: a search that was stopped may have found nothing."""
        if status in NOTHING:
            return None
        point = np.round(np.array(model.getSolution().col_value))
        fits = len(point) == len(self.unknowns) and len(self.that_fit(point[None, :]))
        return point if fits else None

    def blocks(self) -> list[np.ndarray]:
        """The unknowns that are held by lines with fractions, each group with those beside it: such lines make a search slow.

        A pooled figure is such a line. The first block is all other unknowns. Empty where there is no such line.
        """
        held = [[self._place[i] for i in line.unknowns] for line in self._lines if any(f % 1 for f in line.factors)]
        if not held:
            return []
        groups: list[set[int]] = []
        for columns in map(set, held):
            apart = [group for group in groups if not group & columns]
            groups = [*apart, columns.union(*(group for group in groups if group & columns))]
        others = np.setdiff1d(np.arange(len(self.unknowns)), [column for group in groups for column in group])
        return [others, *(self._beside(group) for group in groups)]

    def _beside(self, group: set[int]) -> np.ndarray:
        found = set(group)
        for line in self._lines:
            columns = [self._place[i] for i in line.unknowns]
            if len(columns) <= SHORT and not group.isdisjoint(columns):
                found.update(columns)
        return np.array(sorted(found))

    def near(self, place: int, most: int) -> np.ndarray:
        """The unknowns that stand nearest to one, by the lines that they share: at most so many, short lines first."""
        if self._lines_of is None:
            self._lines_of = [[] for _ in self.unknowns]
            for line in sorted(self._lines, key=lambda line: len(line.unknowns)):
                columns = [self._place[i] for i in line.unknowns]
                for column in columns:
                    self._lines_of[column].append(columns)
        found, todo = {place: None}, [place]
        for at in todo:  # it grows while it is read
            for columns in self._lines_of[at]:
                new = [column for column in columns if column not in found]
                if len(found) + len(new) > most:
                    return np.array(sorted(found))
                found.update(dict.fromkeys(new))
                todo += new
        return np.array(sorted(found))

    def fits_whole(self) -> bool:
        """Is there any answer of whole numbers?"""
        try:
            self.extreme({}, is_integer=True)
        except NothingFits:
            return False
        return True

    def that_fit(self, points: np.ndarray) -> np.ndarray:
        """Which of these points agree with everything? Shape (n_points, n_unknowns)."""
        return that_fit(points, self.at_least, self.at_most, self._lines, self._place)

    def extreme(self, costs: dict[int, float], *, is_integer: bool = False, enough: float = -np.inf) -> Solved:
        """The point of least cost; of whole numbers: or any whose cost is `enough` or less.

        Raises NothingFits, or SolverStopped where the time is over.
        """
        if is_integer and self._integer is None:
            self._integer = self._model(is_integer=True)
        model = self._integer if is_integer and self._integer is not None else self._linear
        if is_integer:
            model.setOptionValue("mip_rel_gap", 0.0)
            model.setOptionValue("objective_target", enough)
        for place, cost in costs.items():
            model.changeColCost(place, cost)
        status = self._run(model)
        for place in costs:
            model.changeColCost(place, 0.0)
        if status in NOTHING:
            raise NothingFits("No counts agree with everything that was published.")
        if status not in FOUND:
            raise _stopped()
        solution = model.getSolution()
        point = np.array(solution.col_value)
        value = float(sum(cost * point[place] for place, cost in costs.items()))
        duals = np.array(solution.col_dual) if not is_integer else np.zeros(0)
        return Solved(value, point, duals)


def _begin_at(model: highspy.Highs, point: np.ndarray) -> None:
    """A search that knows one point that fits looks for better ones at once: four times as quick as one that must find it.

    Any later change of the model forgets it.
    """
    start = highspy.HighsSolution()
    start.col_value = point.tolist()
    model.setSolution(start)


def _gives_its_best(model: highspy.Highs, costs: dict[int, float]) -> bool:
    """Is the point that it gives the one whose cost it tells? Where nothing is left to search, HiGHS gives back the one it began at."""
    point = model.getSolution().col_value
    cost = sum(cost * point[place] for place, cost in costs.items())
    return bool(abs(cost - model.getInfo().objective_function_value) < WHOLE)


def _cap(system: System, unknowns: list[int], lines: list[Line]) -> float:
    """A number well above all that the unknowns of a part can be, where anything limits them: above every limit and sum."""

    def most(at: int) -> float:
        ends = (abs(end) for end in (system.at_least[at], system.at_most[at]) if np.isfinite(end))
        return max(ends, default=0.0)

    limits = [most(at) for at in unknowns]
    sums = [sum(abs(f) * most(at) for at, f in zip(line.unknowns, line.factors, strict=True)) for line in lines]
    return max(LEAST_CAP, ABOVE * max([*limits, *sums], default=0.0))


def _stopped() -> SolverStopped:
    return SolverStopped(
        "The solver ran out of time, so it is not known what the figures give away. Nothing is published.",
        try_this="a coarser release (areas instead of schools, years instead of terms), or more seconds.",
    )


def without_untrue(system: System, seconds: float) -> System:
    """The same system without the assumptions that cannot be true: of pupils who moved, more may be counted than are on roll.

    In each part the fewest give way; where whole numbers still do not fit, all assumptions of that part.
    Raises NothingFits where a part has no answer even so.
    """
    dropped: set[int] = set()
    for unknowns, lines in components(system):
        if not any(system.lines[n].is_assumed for n in lines):
            continue
        solver = Solver(system, unknowns, lines, seconds=seconds)
        gone = {id(line) for line in solver.given_up}
        if not solver.fits_whole():
            gone = {id(system.lines[n]) for n in lines if system.lines[n].is_assumed}
        dropped |= gone
    return replace(system, lines=[line for line in system.lines if id(line) not in dropped])


class Quiet(highspy.Highs):
    """A model that prints nothing: HiGHS greets on standard output, where a JSON document may go, as soon as it is made."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def is_whole(point: np.ndarray) -> bool:
    """Is it a point of whole numbers?"""
    return bool((np.abs(point - np.round(point)) < WHOLE).all())
