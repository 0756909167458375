"""How large would a ratio have to be before figures of this size could show it?

Asked before any verdict of "too little to tell": it depends on the exposures and the comparison group's rate,
and not on the ratio that was found. `design_effect` is by how many times the variance exceeds a Poisson's,
because some pupils come back; the same as having that many times less exposure.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dueregard.stats.intervals import Floats, as_columns, normal_quantile, one_tail
from dueregard.stats.solving import MOST_STEPS, solve_tail
from dueregard.stats.special import betainc, betaln, gammainc, gammaln, ndtri, xlog1py, xlogy

EXACT_BELOW = 500  # events that a group expects if the rates are equal
STANDARD_ERRORS_KEPT = 6.5  # of the comparison group's count: 1e-10 of its probability is left out
MOST_COUNTS = 400  # of the comparison group: a wider span is summed over every second, third... count
CELLS_AT_ONCE = 200_000
NEXT_TO_NONE = 1e-12  # of the other group's exposure

Solver = Callable[[Floats, Floats, float, float], Floats]  # expected events of both, level, power


def minimum_detectable_ratio(
    comparison_rate: ArrayLike,
    exposure: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    level: float = 0.95,
    power: float = 0.8,
) -> Floats:
    """What is the smallest ratio above 1 that would be found, four times in five, to differ from 1?

    comparison_rate: events per unit of exposure; all inputs shape (n,), scalars repeated. Exact where either
    group expects fewer than 500 events (at equal rates, after the design effect), the log-normal formula from
    there.
    Not by the total: a group that expects 3 events beside 3,200 gets 2.69 by the formula and 3.08 exactly.
    With any rate and exposure the chance to find a large enough ratio comes as near 1 as one likes, so the
    answer is inf only where there is nothing to see: a rate of 0, or no exposure in one of the two. nan in,
    nan out.

    >>> minimum_detectable_ratio(0.02, [200, 4000, 60000], [600, 12000, 160000]).round(2).tolist()
    [3.28, 1.39, 1.1]
    """
    design = _design(comparison_rate, exposure, comparison_exposure, design_effect)
    is_few = design.min(axis=0) < EXACT_BELOW
    found = _distinct(_wald, design, level, power)
    found[is_few] = _distinct(_exact, design[:, is_few], level, power)
    return found


def wald_minimum_detectable_ratio(
    comparison_rate: ArrayLike,
    exposure: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    level: float = 0.95,
    power: float = 0.8,
) -> Floats:
    """The same by the log-normal formula.

    ln r = (z + z_power) sqrt(1 / (r E1) + 1 / E0), where E1 and E0 are the expected events at equal rates.

    >>> wald_minimum_detectable_ratio(0.02, 200, 600, design_effect=[1, 2, 4]).round(2).tolist()
    [3.11, 4.41, 6.93]
    """
    design = _design(comparison_rate, exposure, comparison_exposure, design_effect)
    return _distinct(_wald, design, level, power)


def exact_minimum_detectable_ratio(
    comparison_rate: ArrayLike,
    exposure: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    level: float = 0.95,
    power: float = 0.8,
) -> Floats:
    """The same by summing the probability of every pair of counts whose mid-P interval lies above 1.

    >>> exact_minimum_detectable_ratio(0.02, 200, 600, design_effect=[1, 2]).round(2).tolist()
    [3.28, 4.57]
    """
    design = _design(comparison_rate, exposure, comparison_exposure, design_effect)
    return _distinct(_exact, design, level, power)


def _design(rate: ArrayLike, exposure: ArrayLike, comparison: ArrayLike, effect: ArrayLike) -> Floats:
    """Expected events of the group (at equal rates) and of the comparison group: shape (2, n)."""
    rates, t1, t0, d = as_columns(
        comparison_rate=rate, exposure=exposure, comparison_exposure=comparison, design_effect=effect
    )
    if (d <= 0).any():
        raise ValueError("design_effect: expected a number above 0; 1 is that of a Poisson count.")
    return np.stack([rates * t1 / d, rates * t0 / d])


def _distinct(solve: Solver, design: Floats, level: float, power: float) -> Floats:
    """Solved once for each different design that can be solved."""
    if not one_tail(level) < power < 1:
        raise ValueError(f"power: expected between {one_tail(level):.3g} and 1, such as 0.8; found {power}.")
    found = np.where(np.isnan(design).any(axis=0), np.nan, np.inf)
    can_show = (design > NEXT_TO_NONE * design[::-1]).all(axis=0) & (design > 0).all(axis=0)
    if can_show.any():
        different, position = np.unique(design[:, can_show], axis=1, return_inverse=True)
        found[can_show] = solve(different[0], different[1], level, power)[position.reshape(-1)]
    return found


def _wald(e1: Floats, e0: Floats, level: float, power: float) -> Floats:
    """Newton on u = ln(ratio), upwards: u - z sqrt(e^-u / E1 + 1 / E0) rises and bends down."""
    z = normal_quantile(level) + float(ndtri(power))
    u = z * np.sqrt(1 / e0)
    for _ in range(MOST_STEPS):
        first = np.exp(-u) / e1
        spread = np.sqrt(first + 1 / e0)
        step = (u - z * spread) / (1 + z * first / (2 * spread))
        u = u - step
        if not (np.abs(step) > 1e-12 * (1 + u)).any():
            with np.errstate(over="ignore"):
                return np.exp(u)
    raise ArithmeticError("The log-normal formula did not settle.")


def _exact(e1: Floats, e0: Floats, level: float, power: float) -> Floats:
    """In pieces of alike width, so that few cells are padding."""
    found = np.empty_like(e1)
    order = np.argsort(e0)
    for piece in np.array_split(order, max(1, order.size * MOST_COUNTS // CELLS_AT_ONCE)):
        found[piece] = _exact_piece(e1[piece], e0[piece], level, power)
    return found


def _exact_piece(e1: Floats, e0: Floats, level: float, power: float) -> Floats:
    """The group's critical count, for each count of the comparison group, does not depend on the ratio."""
    x0, weight = _counts(e0)
    critical = critical_counts(x0, (e1 / (e1 + e0))[:, None], one_tail(level))
    log_factorial = gammaln(critical)

    def chance_to_show(at: NDArray[np.intp], log_ratio: Floats) -> tuple[Floats, Floats]:
        mean, k = (e1[at] * np.exp(log_ratio))[:, None], critical[at]
        slope = np.exp(k * np.log(mean) - mean - log_factorial[at])
        return (weight[at] * gammainc(k, mean)).sum(axis=1), (weight[at] * slope).sum(axis=1)

    return np.exp(solve_tail(chance_to_show, np.log((weight * critical).sum(axis=1) / e1), power))


def _counts(e0: Floats) -> tuple[Floats, Floats]:
    """The comparison group's possible counts and their probabilities: shape (n, n_counts)."""
    reach = STANDARD_ERRORS_KEPT * np.sqrt(e0)
    first, last = np.maximum(np.floor(e0 - reach), 0), np.ceil(e0 + reach) + 12
    pace = np.ceil((last - first) / MOST_COUNTS)
    steps = np.arange(np.max((last - first) // pace) + 1)
    x0 = first[:, None] + pace[:, None] * steps
    weight = np.exp(xlogy(x0, e0[:, None]) - e0[:, None] - gammaln(x0 + 1))
    return x0, weight / weight.sum(axis=1, keepdims=True)


def critical_counts(comparison: Floats, share: Floats, tail: float) -> Floats:
    """The least count of the group whose mid-P lower limit lies above equality, for each comparison count.

    share: the group's part of all exposure, shape (n, 1). Searched upwards and downwards from the score
    test's answer, which is seldom more than three counts away, and then halved.
    """
    z2, odds = float(ndtri(tail)) ** 2, share / (1 - share)
    guess = odds * (comparison + z2 / 2) + np.sqrt(z2 * odds * (odds * (comparison + z2 / 4) + comparison))
    low = np.maximum(np.floor(guess) - 3, 0)  # a count that does not show a higher rate; none never does
    high = low + 8  # one that does
    reach = 8
    while (is_short := ~_shows_higher(high, comparison, share, tail)).any():
        low, reach = np.where(is_short, high, low), reach * 2
        high = np.where(is_short, high + reach, high)
    while (is_far := (low > 0) & _shows_higher(low, comparison, share, tail)).any():
        high, reach = np.where(is_far, low, high), reach * 2
        low = np.where(is_far, np.maximum(low - reach, 0), low)
    while (is_open := high - low > 1).any():
        middle = np.where(is_open, np.floor((low + high) / 2), high)
        shows = _shows_higher(middle, comparison, share, tail)
        low, high = np.where(shows, low, middle), np.where(shows, middle, high)
    return high


def _shows_higher(count: Floats, comparison: Floats, share: Floats, tail: float) -> NDArray[np.bool_]:
    """Is P(more than this) + P(this) / 2 at most the tail, if the rates are equal?"""
    x = np.maximum(count, 1)
    seen = np.exp(xlogy(x, share) + xlog1py(comparison, -share) - betaln(x, comparison + 1)) / x
    return (betainc(x, comparison + 1, share) - seen / 2 <= tail) & (count > 0)
