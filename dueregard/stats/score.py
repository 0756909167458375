"""Score limits of two groups, each a single equation in the Lagrange multiplier s of the hypothesis.

All columns have shape (n,), every total and exposure is positive. `height` is the squared normal quantile
(times N / (N - 1) where Miettinen and Nurminen ask for it). Each function gives the lower limit; the upper
one is the lower one of the exchanged groups, inverted or negated.
"""

from __future__ import annotations

import numpy as np

from dueregard.stats.intervals import Floats
from dueregard.stats.solving import MOST_STEPS, pole_root

FREE_STEPS = 8


def ratio_of_risks(x1: Floats, n1: Floats, x0: Floats, n0: Floats, height: Floats) -> Floats:
    """Lower score limit of (x1 / n1) / (x0 / n0). 0 where x1 is 0.

    Under a given ratio the likeliest risks are p1 = (x1 - s) / (n1 - s) and p0 = (x0 + s) / (n0 + s), and the
    statistic is s^2 ((1 - x1/n1) / (x1 - s) + (1 - x0/n0) / (x0 + s)). Where all of the first group had the
    event s stops at n1, below which p1 is free: it is then the p1 that makes up what the statistic still
    lacks.
    """
    far = 1 - x0 / n0
    s = pole_root(1 - x1 / n1, x1, far, x0, height)
    p0 = (x0 + s) / (n0 + s)
    with np.errstate(divide="ignore", invalid="ignore"):
        lacking = height - np.where(far > 0, s * s * far / (x0 + s), 0.0)
        p1 = np.where(x1 == n1, 1 / (1 + np.maximum(lacking, 0) / n1), (x1 - s) / (n1 - s))
        return np.where(x1 > 0, p1 / p0, 0.0)


def difference_of_rates(x1: Floats, t1: Floats, x0: Floats, t0: Floats, height: Floats) -> Floats:
    """Lower score limit of x1 / t1 - x0 / t0.

    Under a given difference the likeliest rates are x1 / (t1 + s) and x0 / (t0 - s), and the statistic is
    s^2 (x1 / t1 / (t1 + s) + x0 / t0 / (t0 - s)). Where the comparison group had no events s stops at t0, at
    which its rate is free.
    """
    s = pole_root(x0 / t0, t0, x1 / t1, t1, height)
    lacking = np.maximum(height - s * s * x1 / t1 / (t1 + s), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return x1 / (t1 + s) - np.where(x0 == 0, lacking / t0, x0 / (t0 - s))


def difference_of_risks(x1: Floats, n1: Floats, x0: Floats, n0: Floats, height: Floats) -> Floats:
    """Lower score limit of x1 / n1 - x0 / n0.

    The first group's events and the comparison group's non-events (y0) shrink alike: the likeliest shares are
    h(x1, n1) + h(y0, n0) - 1 apart, where h solves x - n h = s h (1 - h), and the statistic is
    s^2 (h1 (1 - h1) / n1 + h0 (1 - h0) / n0). It rises with s; with x1 = y0 = 0 it stays 0 and the limit is
    -1.
    """
    y0 = n0 - x0
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = height / (x1 / n1 + y0 / n0) * (1 - 1e-12)  # the limit may be the bound itself
        highest = np.minimum((n1 + height) * n1 / x1, (n0 + height) * n0 / y0) * (1 + 1e-12)
    lower = np.full_like(x1, -1.0)
    open_ = np.flatnonzero((x1 > 0) | (y0 > 0))
    s = _multiplier(*(c[open_] for c in (x1, n1, y0, n0, height, lowest, highest)))
    lower[open_] = _shrunk(s, x1[open_], n1[open_])[0] + _shrunk(s, y0[open_], n0[open_])[0] - 1
    return lower


def _shrunk(s: Floats, x: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The share h in [0, 1] with x - n h = s h (1 - h), and the root of the discriminant."""
    root = np.sqrt((n - s) ** 2 + 4 * s * (n - x))
    return 2 * x / (n + s + root), root


def _multiplier(
    x1: Floats, n1: Floats, y0: Floats, n0: Floats, height: Floats, lowest: Floats, highest: Floats
) -> Floats:
    """Solves for s by Newton's method on the root of the statistic, halving the bracket (in logs) where it
    errs.
    """
    r1, r0 = (x1 + 0.5) / (n1 + 1), (y0 + 0.5) / (n0 + 1)
    s = np.clip(np.sqrt(height / (r1 * (1 - r1) / n1 + r0 * (1 - r0) / n0)), lowest, highest)
    found = np.empty_like(s)
    if not s.size:
        return found
    at = np.arange(s.size)
    for count in range(MOST_STEPS):
        # a group that is full has a kink at s = n, over which Newton may step to and fro for ever
        is_free = count < FREE_STEPS or count % 2 == 0
        following, is_settled, lowest, highest = _newton(s, x1, n1, y0, n0, height, lowest, highest, is_free)
        if is_settled.any():
            found[at[is_settled]] = following[is_settled]
            left = ~is_settled
            if not left.any():
                return found
            at, following = at[left], following[left]
            x1, n1, y0, n0, height, lowest, highest = (c[left] for c in (x1, n1, y0, n0, height, lowest, highest))
        s = following
    raise ArithmeticError(f"{at.size} score limits did not settle in {MOST_STEPS} steps.")


def _newton(s, x1, n1, y0, n0, height, lowest, highest, is_free):  # type: ignore[no-untyped-def]
    """One safeguarded step: the next s, whether it is settled, and the narrower bracket."""
    h1, root1 = _shrunk(s, x1, n1)
    h0, root0 = _shrunk(s, y0, n0)
    v1, v0 = h1 * (1 - h1) / n1, h0 * (1 - h0) / n0
    variance = v1 + v0
    value = s * s * variance
    is_below = value < height
    lowest, highest = np.where(is_below, s, lowest), np.where(is_below, highest, s)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 2 - s * (v1 * (1 - 2 * h1) / root1 + v0 * (1 - 2 * h0) / root0) / variance
        step = (np.sqrt(height / value) - 1) * 2 / slope
    following = s * (1 + step)
    is_inside = is_free & (following >= lowest) & (following <= highest)
    following = np.where(is_inside, following, np.sqrt(lowest * highest))
    is_settled = (is_inside & (np.abs(step) < 1e-7)) | (highest - lowest <= 1e-14 * highest)
    return following, is_settled, lowest, highest
