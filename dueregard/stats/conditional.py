"""Given how many events two groups had together, what odds of falling in the first do they allow?

The events of the first are then binomial, and only the ratio of the two rates is left in the problem. All
columns have shape (n,) and hold whole numbers, at least one event in each pair. Limits are odds: times the
ratio of the exposures they are rate ratios.
"""

from __future__ import annotations

import numpy as np

from dueregard.stats.intervals import Floats
from dueregard.stats.solving import solve_tail
from dueregard.stats.special import betainc, betaincinv, betaln, expit, ndtri


def exact_lower_odds(first: Floats, second: Floats, tail: float) -> Floats:
    """Clopper and Pearson's lower limit, as odds; 0 where the first had no events."""
    share = betaincinv(np.maximum(first, 1), second + 1, tail)
    return np.where(first > 0, share / (1 - share), 0.0)


def mid_p_lower_odds(first: Floats, second: Floats, tail: float) -> Floats:
    """The odds at which P(more than seen) + P(seen) / 2 is the tail; 0 where the first had no events."""
    has_events = first > 0
    x, y = first[has_events], second[has_events]
    log_beta = betaln(x, y + 1)

    def more(at: np.ndarray, log_odds: Floats) -> tuple[Floats, Floats]:
        seen, rest, share, other = x[at], y[at], expit(log_odds), expit(-log_odds)
        density = np.exp(seen * np.log(share) + rest * np.log(other) - log_beta[at]) / seen
        half = density / 2
        return betainc(seen, rest + 1, share) - half, half * (seen * other + rest * share)

    lower = np.zeros_like(first)
    lower[has_events] = np.exp(solve_tail(more, _start(x, y, tail), tail))
    return lower


def _start(first: Floats, second: Floats, tail: float) -> Floats:
    """Log odds near the mid-P lower limit, from the normal approximation to each of two gamma variables.

    Beta(x + 1/2, y + 1/2) is the ratio of two gammas; their cube roots are nearly normal (Wilson & Hilferty).
    """
    z = float(ndtri(tail))
    a, b = first + 0.5, second + 0.5
    u, v = 1 / (9 * a), 1 / (9 * b)
    p, q = 1 - u, 1 - v
    inside = np.maximum(p * p * v + q * q * u - z * z * u * v, 0)
    root = (p * q + z * np.sqrt(inside)) / (q * q - z * z * v)
    return np.log(a / b) + 3 * np.log(np.maximum(root, 0.05))


def score_lower_odds(first: Floats, second: Floats, tail: float) -> Floats:
    """Wilson's lower limit of the first's share, as odds; 0 where it had no events."""
    z2 = float(ndtri(tail)) ** 2
    # with odds w the statistic is (first - w second)^2 / (w (first + second)): a quadratic in w
    middle = first * second + z2 * (first + second) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return first * first / (middle + np.sqrt(middle * middle - (first * second) ** 2))
