"""The two equations behind the limits, solved for whole columns at once.

Tail equations (mid-P limits, power): a probability that rises with an unknown is to reach a target. On the
probit scale it is nearly a straight line, so Newton's method needs three to five steps.

Pole equations (score limits of ratios and of differences of rates): see `pole_root`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dueregard.stats.intervals import Floats
from dueregard.stats.special import ndtri

MOST_STEPS = 120  # three to eight are usual; a halved bracket needs fifty
LOG_DENSITY_AT_0 = -0.5 * np.log(2 * np.pi)

# the places still unsolved and the unknown there -> (probability, its slope)
Tail = Callable[[NDArray[np.intp], Floats], tuple[Floats, Floats]]


def solve_tail(tail: Tail, start: Floats, target: float, *, tolerance: float = 1e-6) -> Floats:
    """Where does each rising probability reach the target? start: shape (n,), and the answer.

    The unknown is the logarithm of a rate or of odds. A step is at most 2, and one that leaves the bracket
    found so far is replaced by its middle, so a bad start or a staircase does no harm. Errors are squared at
    each step: one shorter than the tolerance leaves an error near its square, 1e-12.
    Raises ArithmeticError if a place is still moving after 120 steps.
    """
    unknown, low, high = start.copy(), np.full_like(start, -np.inf), np.full_like(start, np.inf)
    active = np.arange(start.size)
    for _ in range(MOST_STEPS if start.size else 0):
        at = unknown[active]
        probability, slope = tail(active, at)
        low[active] = np.where(probability < target, at, low[active])
        high[active] = np.where(probability < target, high[active], at)
        following = at + _probit_step(probability, slope, target)
        is_outside = ((following <= low[active]) | (following >= high[active])) & (following != at)
        following = np.where(is_outside, (low[active] + high[active]) / 2, following)
        unknown[active] = following
        active = active[np.abs(following - at) > tolerance]
        if not active.size:
            break
    if active.size:
        raise ArithmeticError(f"{active.size} limits did not settle in {MOST_STEPS} steps.")
    return unknown


def _probit_step(probability: Floats, slope: Floats, target: float) -> Floats:
    score = ndtri(np.clip(probability, 1e-300, 1 - 1e-16))
    lack = ndtri(target) - score
    density = np.exp(LOG_DENSITY_AT_0 - score * score / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        step = np.clip(lack * density / slope, -2, 2)
    return np.where(slope > 0, step, 2 * np.sign(lack))


def pole_root(near: Floats, pole: Floats, far: Floats, other: Floats, height: Floats) -> Floats:
    """At which s in (0, pole] does s^2 (near / (pole - s) + far / (other + s)) reach the height?

    Shapes (n,). Where near is 0 there may be no such s: then the pole itself. s = 0 where the pole is 0.

    The score statistic of a ratio of proportions and of a difference of rates takes this form when it is
    written in its Lagrange multiplier s instead of in the ratio. It is convex and rises, and each of its two
    terms alone gives a bound from above: Newton's method from the smaller one walks down and cannot
    overshoot.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        by_near = 2 * pole * height / (height + np.sqrt(height * height + 4 * near * height * pole))
        by_far = (height + np.sqrt(height * height + 4 * far * height * other)) / (2 * far)
        s = np.minimum(by_near, by_far)
        for _ in range(MOST_STEPS):
            first = np.where(near > 0, near / (pole - s), 0.0)
            second = np.where(far > 0, far / (other + s), 0.0)
            both = first + second
            bend = np.where(near > 0, first / (pole - s), 0.0) - second / (other + s)
            slope = s * (2 * both + s * bend)
            step = np.where(slope > 0, (s * s * both - height) / slope, 0.0)
            step = np.where(step > 0, step, 0.0)  # below the root only by rounding
            s = s - step
            if not (step > 1e-13 * s).any():
                return np.where(pole > 0, s, 0.0)
    raise ArithmeticError(f"Score limits did not settle in {MOST_STEPS} steps.")
