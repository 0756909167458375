"""The solver of one part of a system: a persistent linear program in which only the cost changes, and its integer twin."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from dueregard.disclose.system import System
from dueregard.errors import DueRegardError

CAP = 1e6  # stands for an open end: a bound that reaches it is open
WHOLE = 1e-6  # how far from a whole number a solver's number may lie
LOWEST, HIGHEST = 1, -1  # the sign of the cost: the solver minimises


class SolverStopped(DueRegardError):
    exit_code = 10


class NothingFits(DueRegardError):
    """No counts at all agree with everything that was published: it was not all said of the same counts."""

    exit_code = 7


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
        self.at_most = np.minimum(np.array([system.at_most[i] for i in unknowns], dtype=float), CAP)
        self._place = {unknown: at for at, unknown in enumerate(unknowns)}
        self._lines = [system.lines[n] for n in lines]
        self._seconds = seconds
        self._linear = self._model(is_integer=False)
        self._integer: highspy.Highs | None = None
        self._cost: list[int] = []

    def _model(self, *, is_integer: bool) -> highspy.Highs:
        model = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("time_limit", self._seconds)):
            model.setOptionValue(name, value)
        if is_integer:
            model.setOptionValue("mip_rel_gap", 0.0)
        else:
            model.setOptionValue("presolve", "off")
            model.setOptionValue("solver", "simplex")
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
        self.at_least[place], self.at_most[place] = at_least, min(at_most, CAP)
        for model in (self._linear, self._integer):
            if model is not None:
                model.changeColBounds(place, float(at_least), float(min(at_most, CAP)))

    def extreme(self, costs: dict[int, float], *, is_integer: bool = False) -> Solved:
        """The point of least cost. Raises NothingFits, or SolverStopped where the time is over."""
        if is_integer and self._integer is None:
            self._integer = self._model(is_integer=True)
        model = self._integer if is_integer and self._integer is not None else self._linear
        for place, cost in costs.items():
            model.changeColCost(place, cost)
        model.run()
        status = model.getModelStatus()
        for place in costs:
            model.changeColCost(place, 0.0)
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            raise NothingFits("No counts agree with everything that was published.")
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverStopped(
                "The solver ran out of time, so it is not known what the figures give away. Nothing is published.",
                try_this="a coarser release (areas instead of schools, years instead of terms), or more seconds.",
            )
        solution = model.getSolution()
        point = np.array(solution.col_value)
        value = float(sum(cost * point[place] for place, cost in costs.items()))
        duals = np.array(solution.col_dual) if not is_integer else np.zeros(0)
        return Solved(value, point, duals)


def is_whole(point: np.ndarray) -> bool:
    """Is it a point of whole numbers?"""
    return bool((np.abs(point - np.round(point)) < WHOLE).all())
