"""Estimates from protected counts: the interval is the widest over all true counts that the bands allow."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from dueregard.evidence.protected import ProtectedEstimate, ShownCount
from dueregard.measures.measure import Measure
from dueregard.stats.intervals import Intervals
from dueregard.stats.proportions import proportions
from dueregard.stats.rates import rates
from dueregard.stats.ratios import rate_ratios, risk_ratios

REMEMBERED = 100_000
COVERS = "; the widest over the counts that the protection allows"
Pair = tuple[ShownCount, ShownCount]  # a count, and its denominator


def counts_risk(measure: Measure) -> bool:
    """Is it a share of the pupils (Wilson, Koopman), or a rate (exact and Byar, mid-P)? Told by the question alone."""
    return measure.unit == "pupils" and not measure.is_by_day and not measure.is_count_only


def protected_rate(
    n: ShownCount, denominator: ShownCount | None, *, as_risk: bool, per: int = 1, level: float = 0.95
) -> ProtectedEstimate | None:
    """How often, per unit of the denominator (a day's: per 190 of them a pupil-year)? None: the denominator is hidden.

    A low count has no estimate, and keeps its interval: from nothing to the upper limit of the highest count of its band.
    A count that is hidden has none.

    >>> from dueregard.disclose.policy import policy_named
    >>> from dueregard.disclose.bands import shown_count, shown_roll
    >>> public = policy_named("public")
    >>> found = protected_rate(shown_count(21, public), shown_roll(400, public), as_risk=True)
    >>> found.estimate, round(found.lower, 3), round(found.upper, 3)
    (0.05, 0.029, 0.082)
    """
    return _rate(n, denominator, as_risk, per, level)


# A table gives the same bands again and again, and an attacker asks for each end by itself: each is worked out once.
@lru_cache(maxsize=REMEMBERED)
def _rate(
    n: ShownCount, denominator: ShownCount | None, as_risk: bool, per: int, level: float
) -> ProtectedEstimate | None:
    corners = corners_of(((n, denominator),), as_risk=as_risk) if denominator is not None else None
    if corners is None or denominator is None:
        return None
    found = interval_of(corners[0], corners[1] / per, as_risk=as_risk, level=level)
    estimate = n.shown * per / denominator.shown if n.shown is not None and denominator.shown else None
    return _estimate(found, min(estimate, 1.0) if as_risk and estimate is not None else estimate)


def protected_ratio(group: Pair, comparison: Pair, *, as_risk: bool, per: int = 1,
                    level: float = 0.95) -> ProtectedEstimate | None:  # fmt: skip
    """How many times the comparison group's rate? None: a count or a denominator of the two is hidden, or both are low."""
    return _ratio(group, comparison, as_risk, per, level)


@lru_cache(maxsize=REMEMBERED)
def _ratio(group: Pair, comparison: Pair, as_risk: bool, per: int, level: float) -> ProtectedEstimate | None:
    corners = corners_of((group, comparison), as_risk=as_risk)
    if corners is None or (group[0].shown is None and comparison[0].shown is None):
        return None
    n, d, n0, d0 = corners
    found = ratio_interval_of(n, d / per, n0, d0 / per, as_risk=as_risk, level=level)
    shown = [count.shown for pair in (group, comparison) for count in pair]
    a, b, a0, b0 = (count or 0 for count in shown)
    is_whole = None not in shown and b and a0
    return _estimate(found, (a * b0) / (b * a0) if is_whole else None)


def interval_of(n: np.ndarray, over: np.ndarray, *, as_risk: bool, level: float) -> Intervals:
    """Wilson's limits of a share, or the exact (from 10: Byar's) limits of a rate."""
    return proportions(n, over, level=level) if as_risk else rates(n, over, level=level)


def ratio_interval_of(n: np.ndarray, over: np.ndarray, n0: np.ndarray, over0: np.ndarray, *, as_risk: bool,
                      level: float) -> Intervals:  # fmt: skip
    """Koopman's limits of a ratio of shares, or the mid-P limits of a ratio of rates."""
    return (risk_ratios if as_risk else rate_ratios)(n, over, n0, over0, level=level)


def corners_of(pairs: tuple[Pair, ...], *, as_risk: bool) -> list[np.ndarray] | None:
    """Every combination of the ends of the bands, a column for each number. None: an end is open, or nobody is on roll.

    The limits move one way with each number, so that their extremes stand in the corners.
    """
    ends = []
    for n, denominator in pairs:
        if n.at_most is None or denominator.at_most is None or not denominator.shown or n.state not in USABLE:
            return None
        ends += [(n.at_least, n.at_most), (max(1, denominator.at_least), denominator.at_most)]
    columns = list(np.array(list(product(*ends)), dtype=float).T)
    if as_risk:  # a share cannot be above all of them
        for at in range(0, len(columns), 2):
            columns[at] = np.minimum(columns[at], columns[at + 1])
    return columns


USABLE = ("counted", "low")


def _estimate(found: Intervals, estimate: float | None) -> ProtectedEstimate | None:
    if np.isnan(found.lower).all():
        return None
    lower, upper = float(np.nanmin(found.lower)), float(np.nanmax(found.upper))
    return ProtectedEstimate(estimate, lower, upper, found.level, ", ".join(dict.fromkeys(found.method)) + COVERS)
