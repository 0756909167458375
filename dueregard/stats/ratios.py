"""Two groups: by how much do their rates or risks differ, as a ratio and as a difference?

A count of 0 stays 0: nothing is ever added to it. For a ratio, no events in the group: (0, U]; none in the
comparison group: [L, inf); none in either: not estimable (nan). A difference has two finite limits in all of
these. A group without exposure (or total) makes both nan. All inputs have shape (n,); scalars are repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.conditional import exact_lower_odds, mid_p_lower_odds, score_lower_odds
from dueregard.stats.intervals import (
    Floats,
    Intervals,
    as_columns,
    check_counts,
    check_within,
    in_blocks,
    merge_equal,
    normal_quantile,
    one_tail,
)
from dueregard.stats.score import difference_of_rates, difference_of_risks, ratio_of_risks

KOOPMAN = "Koopman score"
MIETTINEN_NURMINEN = "Miettinen-Nurminen score"
MEE = "Mee score"
MID_P, EXACT, SCORE = "mid-P conditional", "exact conditional", "conditional score"

Lower = Callable[..., Floats]
ODDS: dict[str, tuple[str, Lower]] = {
    "mid-P": (MID_P, mid_p_lower_odds),
    "exact": (EXACT, exact_lower_odds),
    "score": (SCORE, score_lower_odds),
}


def risk_ratios(
    events: ArrayLike,
    total: ArrayLike,
    comparison_events: ArrayLike,
    comparison_total: ArrayLike,
    *,
    level: float = 0.95,
) -> Intervals:
    """How many times the comparison group's risk is each group's? Koopman's score limits.

    Raises ValueError where there were more events than the total.
    Source: Koopman, Biometrics 40 (1984) 513.

    >>> found = risk_ratios([8, 0, 8], [15, 15, 15], [4, 4, 0], 15)
    >>> found.lower.round(3).tolist(), found.upper.round(3).tolist()
    ([0.815, 0.0, 2.499], [5.336, 0.842, inf])
    """
    groups = _risks(events, total, comparison_events, comparison_total)
    return _ratios_of_risks(groups, level, KOOPMAN)


def miettinen_nurminen_risk_ratios(
    events: ArrayLike,
    total: ArrayLike,
    comparison_events: ArrayLike,
    comparison_total: ArrayLike,
    *,
    level: float = 0.95,
) -> Intervals:
    """How many times the comparison group's risk is each group's? A little wider than Koopman's: N / (N - 1).

    Source: Miettinen & Nurminen, Statistics in Medicine 4 (1985) 213.

    >>> miettinen_nurminen_risk_ratios(8, 15, 4, 15).upper.round(3).tolist()
    [5.423]
    """
    groups = _risks(events, total, comparison_events, comparison_total)
    return _ratios_of_risks(groups, level, MIETTINEN_NURMINEN)


def risk_differences(
    events: ArrayLike,
    total: ArrayLike,
    comparison_events: ArrayLike,
    comparison_total: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["Miettinen-Nurminen", "Mee"] = "Miettinen-Nurminen",
) -> Intervals:
    """By how much does each group's risk exceed the comparison group's?

    Estimable whenever both totals are above 0, also for 0 v 0.
    Mee's limits (Biometrics 40 (1984) 1175) are the same without the factor N / (N - 1).
    Source: Miettinen & Nurminen, Statistics in Medicine 4 (1985) 213.

    >>> found = risk_differences([5, 0], [56, 40], 0, [29, 30])
    >>> found.lower.round(4).tolist(), found.upper.round(4).tolist()
    ([-0.0326, -0.115], [0.1933, 0.0888])
    """
    name = {"Miettinen-Nurminen": MIETTINEN_NURMINEN, "Mee": MEE}[method]
    x1, n1, x0, n0 = groups = _risks(events, total, comparison_events, comparison_total)
    height = _height(n1 + n0, level, name)
    lower = _by_blocks(difference_of_risks, x1, n1, x0, n0, height)
    upper = -_by_blocks(difference_of_risks, x0, n0, x1, n1, height)
    return _two_groups(groups, x1 / n1 - x0 / n0, lower, upper, level, name)


def rate_ratios(
    events: ArrayLike,
    exposure: ArrayLike,
    comparison_events: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["mid-P", "exact", "score"] = "mid-P",
) -> Intervals:
    """How many times the comparison group's rate is each group's? Given how many events both had together.

    mid-P covers what it claims on average; exact never less; score is the quick approximation.
    Source: Rothman & Greenland, Modern Epidemiology, 2nd edition (1998) p. 247; exact: Clopper & Pearson
    (1934).

    >>> found = rate_ratios([41, 0], [28010, 28010], 15, 19017)
    >>> found.estimate.round(4).tolist(), found.lower.round(4).tolist(), found.upper.round(4).tolist()
    ([1.8558, 0.0], [1.0411, 0.0], [3.4494, 0.1501])
    """
    name, lower_odds = ODDS[method]
    x1, t1, x0, t0 = groups = _rates(events, exposure, comparison_events, comparison_exposure)
    lower, upper = _limits_of_odds(lower_odds, x1, x0, one_tail(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = t0 / t1
        return _two_groups(groups, x1 / x0 * scale, lower * scale, upper * scale, level, name)


def rate_differences(
    events: ArrayLike,
    exposure: ArrayLike,
    comparison_events: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    level: float = 0.95,
) -> Intervals:
    """By how much does each group's rate exceed the comparison group's, per unit of exposure? Score limits.

    Estimable whenever both exposures are above 0, also for 0 v 0.
    Source: Miettinen & Nurminen, Statistics in Medicine 4 (1985) 213 (two rates).

    >>> found = rate_differences(41, 28010, 15, 19017)
    >>> (1000 * found.lower).round(3).tolist(), (1000 * found.upper).round(3).tolist()
    ([0.043], [1.29])
    """
    x1, t1, x0, t0 = groups = _rates(events, exposure, comparison_events, comparison_exposure)
    height = np.full_like(x1, normal_quantile(level) ** 2)
    lower = _by_blocks(difference_of_rates, x1, t1, x0, t0, height)
    upper = -_by_blocks(difference_of_rates, x0, t0, x1, t1, height)
    return _two_groups(groups, x1 / t1 - x0 / t0, lower, upper, level, MIETTINEN_NURMINEN)


def _risks(*inputs: ArrayLike) -> list[Floats]:
    names = ("events", "total", "comparison_events", "comparison_total")
    x1, n1, x0, n0 = as_columns(**dict(zip(names, inputs, strict=True)))
    check_counts(events=x1, total=n1, comparison_events=x0, comparison_total=n0)
    check_within(x1, n1)
    check_within(x0, n0, name="comparison_events")
    return [x1, _positive(n1), x0, _positive(n0)]


def _rates(*inputs: ArrayLike) -> list[Floats]:
    names = ("events", "exposure", "comparison_events", "comparison_exposure")
    x1, t1, x0, t0 = as_columns(**dict(zip(names, inputs, strict=True)))
    check_counts(events=x1, comparison_events=x0)
    return [x1, _positive(t1), x0, _positive(t0)]


def _positive(exposure: Floats) -> Floats:
    """Nobody there to count: nan, which stays nan to the end."""
    return exposure if exposure.all() else np.where(exposure > 0, exposure, np.nan)


def _height(n: Floats, level: float, name: str) -> Floats:
    """The squared quantile that the score statistic is to reach. Both totals are 1 or more, so n is 2 or
    more.
    """
    height = normal_quantile(level) ** 2
    return height * n / (n - 1) if name == MIETTINEN_NURMINEN else np.full_like(n, height)


def _ratios_of_risks(groups: list[Floats], level: float, name: str) -> Intervals:
    x1, n1, x0, n0 = groups
    height = _height(n1 + n0, level, name)
    lower = _by_blocks(ratio_of_risks, x1, n1, x0, n0, height)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = 1 / _by_blocks(ratio_of_risks, x0, n0, x1, n1, height)
        return _two_groups(groups, (x1 / n1) / (x0 / n0), lower, upper, level, name)


def _by_blocks(limit: Lower, *columns: Floats) -> Floats:
    """The kernels do not know nan: they see the known rows only."""
    is_known = ~np.isnan(sum(columns))
    if is_known.all():
        return in_blocks(limit, *columns)
    found = np.full_like(columns[0], np.nan)
    found[is_known] = in_blocks(limit, *(column[is_known] for column in columns))
    return found


def _limits_of_odds(lower_odds: Lower, x1: Floats, x0: Floats, tail: float) -> tuple[Floats, Floats]:
    """Solved once for each different pair of counts; the upper limit is the exchanged pair's lower,
    inverted.
    """
    is_known = x1 + x0 > 0
    first, second, position = merge_equal(x1[is_known], x0[is_known])
    lower, upper = np.full_like(x1, np.nan), np.full_like(x1, np.nan)
    lower[is_known] = lower_odds(first, second, tail)[position]
    with np.errstate(divide="ignore"):
        upper[is_known] = (1 / lower_odds(second, first, tail))[position]
    return lower, upper


def _two_groups(
    groups: list[Floats], estimate: Floats, lower: Floats, upper: Floats, level: float, name: str
) -> Intervals:
    """Where the estimate is nan (no exposure, or a ratio of 0 to 0) the limits are too."""
    is_nan = np.isnan(estimate)
    if is_nan.any():
        lower, upper = np.where(is_nan, np.nan, lower), np.where(is_nan, np.nan, upper)
    return Intervals(estimate, lower, upper, level, (name,) * groups[0].size)
