"""Differences of rates from protected counts: the interval is the widest over all true counts that the bands allow."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dueregard.disclose.estimates import COVERS, REMEMBERED, Pair, corners_of
from dueregard.evidence.protected import ProtectedEstimate
from dueregard.stats.intervals import Intervals
from dueregard.stats.ratios import rate_differences, risk_differences


def protected_difference(
    group: Pair, comparison: Pair, *, as_risk: bool, per: int = 1, level: float = 0.95
) -> ProtectedEstimate | None:
    """By how much does the group's rate exceed the comparison group's? None: a count or a denominator of the two is hidden,
    or both are low.

    >>> from dueregard.disclose.policy import policy_named
    >>> from dueregard.disclose.bands import shown_count, shown_roll
    >>> public = policy_named("public")
    >>> group = shown_count(40, public), shown_roll(1000, public)
    >>> found = protected_difference(group, (shown_count(20, public), shown_roll(1000, public)), as_risk=True)
    >>> found.estimate, found.lower < 0.02 < found.upper
    (0.02, True)
    """
    return _difference(group, comparison, as_risk, per, level)


@lru_cache(maxsize=REMEMBERED)
def _difference(group: Pair, comparison: Pair, as_risk: bool, per: int, level: float) -> ProtectedEstimate | None:
    corners = corners_of((group, comparison), as_risk=as_risk)
    if corners is None or (group[0].shown is None and comparison[0].shown is None):
        return None
    n, d, n0, d0 = corners
    found = difference_interval_of(n, d / per, n0, d0 / per, as_risk=as_risk, level=level)
    return ProtectedEstimate(
        _estimate(group, comparison, per), float(found.lower.min()), float(found.upper.max()), level,
        found.method[0] + COVERS,
    )  # fmt: skip


def difference_interval_of(n: np.ndarray, over: np.ndarray, n0: np.ndarray, over0: np.ndarray, *, as_risk: bool,
                           level: float) -> Intervals:  # fmt: skip
    """Limits of a difference of shares, or of rates."""
    return (risk_differences if as_risk else rate_differences)(n, over, n0, over0, level=level)


def _estimate(group: Pair, comparison: Pair, per: int) -> float | None:
    a, b, a0, b0 = (count.shown for pair in (group, comparison) for count in pair)
    if a is None or a0 is None or not b or not b0:
        return None
    return (a * b0 - a0 * b) * per / (b * b0)  # of whole numbers: no rounding on the way
