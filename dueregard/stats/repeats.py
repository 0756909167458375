"""Events of one person are not independent: by how much does that widen a range?

The design effect is the variance of a count beside a Poisson count's: the sum of the squares of each person's events, over
the sum of the events. A range is stretched by its square root.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats, Intervals
from dueregard.stats.standardise import WIDENED

TOP = 0.01


def design_effect(events: ArrayLike, squares: ArrayLike) -> Floats:
    """How many times a Poisson count's is the variance of each count? 1 of none, and where each person came once.

    squares: the sum over persons of the square of each one's events, at least as many as the events.
    Source: the variance of a compound Poisson count; English public health statistics take the same sum (Fingertips
    technical guidance).

    >>> design_effect([4, 3, 0], [10, 3, 0]).tolist()
    [2.5, 1.0, 1.0]
    """
    n, q = np.asarray(events, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    return np.where(n > 0, q / np.where(n > 0, n, 1.0), 1.0)


def top_share(persons: Iterable[tuple[int, int]], events: int, *, top: float = TOP) -> tuple[float, int]:
    """Which share of the events is of the 1 % of persons who have most, and how many persons are these (one at least)?

    persons: (k, how many persons have k events). events: all of them, also of persons who are not known. Of nobody: nan, 0.

    >>> top_share([(1, 150), (5, 2), (9, 1)], 169)
    (0.08284023668639054, 2)
    """
    known = sorted(persons, reverse=True)
    n_top = ceil(top * sum(n for _, n in known) - 1e-9)
    left, held = n_top, 0
    for k, n in known:
        held += k * min(left, n)
        left -= min(left, n)
    return (held / events if n_top and events else float("nan")), n_top


def stretched_rates(found: Intervals, effect: Floats) -> Intervals:
    """Limits of rates set off from the estimate by the square root of the design effect; never below 0."""
    lower = np.maximum(_set_off(found.estimate, found.lower, np.sqrt(effect)), 0.0)
    return _with(found, lower, _set_off(found.estimate, found.upper, np.sqrt(effect)))


def stretched_differences(found: Intervals, factor: Floats) -> Intervals:
    """The same of differences, by a factor of the standard error (see `difference_factor`)."""
    ends = (_set_off(found.estimate, end, factor) for end in (found.lower, found.upper))
    return _with(found, *ends)


def stretched_ratios(found: Intervals, factor: Floats) -> Intervals:
    """The same of ratios, on logarithms. A ratio of none, or to none, has no logarithm: its one limit stays."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = (found.estimate * (end / found.estimate) ** factor for end in (found.lower, found.upper))
    has_log = (found.estimate > 0) & np.isfinite(found.estimate)
    return _with(found, np.where(has_log, lower, found.lower), np.where(has_log, upper, found.upper))


def ratio_factor(a: Floats, effect: Floats, b: Floats, comparison_effect: Floats) -> Floats:
    """How many times as large is the standard error of the logarithm of a ratio of two counts?

    >>> ratio_factor(np.array([10.0]), np.array([4.0]), np.array([10.0]), np.array([4.0])).tolist()
    [2.0]
    """
    one, other = 1 / np.maximum(a, 1.0), 1 / np.maximum(b, 1.0)
    return np.sqrt((effect * one + comparison_effect * other) / (one + other))


def difference_factor(
    a: Floats, t1: Floats, effect: Floats, b: Floats, t0: Floats, comparison_effect: Floats
) -> Floats:
    """How many times as large is the standard error of a difference of two rates? 1 where nobody was counted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = a / t1**2, b / t0**2
        factor = np.sqrt((effect * one + comparison_effect * other) / (one + other))
    return np.where(np.isfinite(factor), factor, 1.0)


def _set_off(estimate: Floats, end: Floats, factor: Floats) -> Floats:
    return estimate + factor * (end - estimate)


def _with(found: Intervals, lower: Floats, upper: Floats) -> Intervals:
    return Intervals(found.estimate, lower, upper, found.level, tuple(f"{name}{WIDENED}" for name in found.method))
