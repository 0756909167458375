"""A trial, declared: what a method estimates, what it claims and where, how to draw from a truth, how to estimate.

Nothing here draws or judges. A new method joins by one `Declared` in a module beside this one, named in `known.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tally = dict[str, tuple[float, float]]  # measure -> (sum, of how many): tallies of two batches add up

COVERAGE, ALARMS, HIGHER = "coverage", "alarms", "higher"
RELATIVE, LOG, PLAIN = "relative", "log", "plain"
CLOSED_FORM, MODEL, THROUGH_FILES = "closed form", "model", "through files"


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of a trial: a truth, and how much there is to see.

    truth: the true value of what is estimated; nan where each draw brings its own (`Found.truth`).
    expected: the fewest events expected in any group (and of non-events, where they matter): claims begin there.
    of: what this trial's `draw` and `estimate` need. points: a range of truths, each a case, that are averaged.
    """

    name: str
    truth: float
    expected: float
    of: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a method said of each draw. Shape (n,), or (n, k) for k figures of one draw.

    An interval of nan: the method said that it cannot tell. truth: broadcast against the estimates.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    truth: Floats | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a method promises of one measure, and where.

    measure: a key of the tally (coverage, alarms, higher, or one that the trial counts itself).
    of_each_point: of a range of truths every point must keep it, not the mean alone.
    is_pooled: it is held of all cases together, each with the same weight, not of each.
    allowance: standard errors of the draws by which a drawn value may miss in a full run (quick: 3 for all).
    is_certain: chance has no part in it, so that nothing is allowed.
    """

    measure: str
    least: float
    most: float
    where: str
    applies: Callable[[Case], bool]
    of_each_point: bool = False
    is_pooled: bool = False
    allowance: float = 0.0
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Draws:
    """How many draws of each case, in a quick and in a full run, and how many make one piece of work (0: all)."""

    quick: int
    full: int
    block: int = 0

    def of(self, *, is_full: bool) -> int:
        return self.full if is_full else self.quick


CLOSED_FORM_DRAWS = Draws(quick=1_000, full=10_000)
MODEL_DRAWS = Draws(quick=20, full=2_000, block=20)

Draw = Callable[[np.random.Generator, Case, int], Any]
Estimate = Callable[[Case, Any], Found | Tally]
Outcomes = Callable[[Case, int], tuple[Any, Floats] | None]  # all that matter, and their probabilities


@dataclass(frozen=True, slots=True)
class Declared:
    """One method on trial.

    name: unique, snake_case; it also seeds the draws. estimates: the estimand in words. form: closed form, model, or
    through files. is_exact: its limits never cover less than the level. draw: (rng, case, n) -> what was seen, in any
    shape that `estimate` reads; n draws at once. estimate: -> `Found`, or a tally of its own (planted, found, ...).
    outcomes: (case, most) -> all outcomes and their probabilities, or None where they are more than `most`; the sum over
    them is exact.
    error: how the mean error is told: `relative` (mean over truth), `log` (a ratio whose verdict is asked too), `plain`
    (a difference).
    """

    name: str
    title: str
    estimates: str
    claims: tuple[Claim, ...]
    cases: Callable[[], tuple[Case, ...]]
    draw: Draw
    estimate: Estimate
    form: str = CLOSED_FORM
    is_exact: bool = False
    level: float = 0.95
    error: str = RELATIVE
    draws: Draws = CLOSED_FORM_DRAWS
    outcomes: Outcomes | None = None
    remark: str = ""


def from_(least: float) -> Callable[[Case], bool]:
    """Cases and ranges with at least so many expected events."""
    return lambda case: case.expected >= least


def never_below(level: float = 0.95) -> tuple[Claim, ...]:
    """The claim of an exact method: nowhere less than the level. A sum is held to it strictly."""
    return (Claim(COVERAGE, level, 1.0, "everywhere", lambda _: True, of_each_point=True, allowance=3.0),)


def about_95(*, mean_from: float = 1, each_from: float = 20, allowance: float = 0.0) -> tuple[Claim, ...]:
    """The claim of an approximation: on average over a range of truths early, at each truth later."""
    between = Claim(
        COVERAGE, 0.935, 0.965, f"on average over a range of truths, from {mean_from:g} expected events",
        lambda case: bool(case.points) and mean_from <= case.expected < each_from, allowance=allowance,
    )  # fmt: skip
    each = Claim(COVERAGE, 0.935, 0.965, f"at each truth, from {each_from:g} expected events", from_(each_from),
                 of_each_point=True, allowance=allowance)  # fmt: skip
    return (between, each)
