"""Events out of a total: one proportion at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats, Intervals, as_columns, check_counts, check_within, normal_quantile

WILSON = "Wilson"


def proportions(events: ArrayLike, total: ArrayLike, *, level: float = 0.95) -> Intervals:
    """What share had the event? Wilson's score limits.

    events, total: shape (n,). A total of 0: nan, never zero. No events: (0, U]; all had it: [L, 1].
    Raises ValueError where there were more events than the total.
    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209; the method of English public health for proportions.

    >>> found = proportions([81, 0], [263, 0])
    >>> found.lower.round(4).tolist(), found.upper.round(4).tolist()
    ([0.2553, nan], [0.3662, nan])
    """
    x, n = as_columns(events=events, total=total)
    check_counts(events=x, total=n)
    check_within(x, n)
    n = np.where(n > 0, n, np.nan)
    lower, upper = wilson_limits(x, n, level)
    return Intervals(x / n, lower, upper, level, (WILSON,) * x.size)


def wilson_limits(events: Floats, total: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's limits of a share. Shape (n,)."""
    z = normal_quantile(level)
    share, scale = events / total, 1 / (total + z * z)
    centre = (events + z * z / 2) * scale
    half = z * scale * np.sqrt(events * (1 - share) + z * z / 4)
    lower = np.where(events == 0, share, np.maximum(centre - half, 0.0))
    return lower, np.where(events == total, share, np.minimum(centre + half, 1.0))
