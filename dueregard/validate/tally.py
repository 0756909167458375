"""From what a method said of each draw to sums: did the interval hold the truth, on which side did it miss?

Sums, not means: batches drawn by different processes add up, and a sum over all outcomes is the same with weights.
"""

from __future__ import annotations

import math

import numpy as np

from dueregard.validate.trial import ALARMS, COVERAGE, HIGHER, LOG, PLAIN, RELATIVE, Floats, Found, Tally

SLACK = 1e-9  # a limit that equals the truth but for rounding holds it


def tally_of(found: Found, truth: float, weights: Floats | None = None, *, error: str = RELATIVE) -> Tally:
    """How often held, missed and alarmed, and how far off was the estimate? weights: shape (n,); else each counts 1.

    Coverage is that of the intervals which are printed: where the method says that it cannot tell there is none, and
    `estimable` tells how often it is there. Alarms are of all draws, and asked of ratios alone (error `log`).
    The error is taken of the finite estimates (of ratios: those above 0).
    """
    true = np.broadcast_to(truth if found.truth is None else found.truth, found.estimate.shape)
    weight = np.ones(found.estimate.shape) if weights is None else _like(weights, found.estimate)
    slack = SLACK * (1 + np.abs(true))
    is_above, is_below = found.lower > true + slack, found.upper < true - slack
    is_printed = ~np.isnan(found.lower)
    total, printed = float(weight.sum()), float(weight[is_printed].sum())
    missed = {COVERAGE: ~(is_above | is_below) & is_printed, "above": is_above, "below": is_below}
    sums = {name: (float(weight[which].sum()), printed) for name, which in missed.items()}
    sums["estimable"] = (printed, total)
    if error == LOG:
        is_higher = found.lower > 1
        sums[HIGHER] = (float(weight[is_higher].sum()), total)
        sums[ALARMS] = (float(weight[is_higher | (found.upper < 1)].sum()), total)
    off, has_error = _errors(found.estimate, true, error)
    sums["error"] = (float((weight * off)[has_error].sum()), float(weight[has_error].sum()))
    return sums


def _like(weights: Floats, estimate: Floats) -> Floats:
    wide = weights.reshape(weights.shape + (1,) * (estimate.ndim - 1))
    return np.broadcast_to(wide, estimate.shape)


def _errors(estimate: Floats, true: Floats, error: str) -> tuple[Floats, np.ndarray]:
    """(how far off, which count): relative to the truth, as a logarithm, or plain."""
    has_error = np.isfinite(estimate) & ((estimate > 0) if error == LOG else True)
    safe = np.where(has_error, estimate, 1.0)
    if error == LOG:
        return np.log(safe / true), has_error
    return (safe - true if error == PLAIN else safe / true - 1), has_error


def add(first: Tally, second: Tally) -> Tally:
    """Both batches together."""
    names = [*first, *(name for name in second if name not in first)]
    both = {name: (first.get(name, (0.0, 0.0)), second.get(name, (0.0, 0.0))) for name in names}
    return {name: (a[0] + b[0], a[1] + b[1]) for name, (a, b) in both.items()}


def mean_of(tally: Tally, measure: str) -> float:
    """The mean of a measure; nan where nothing was counted.

    >>> mean_of({"coverage": (19.0, 20.0)}, "coverage")
    0.95
    """
    total, of = tally.get(measure, (0.0, 0.0))
    return total / of if of else math.nan


def standard_error(share: float, n: float) -> float:
    """Of a share of n draws. A share of 0 or 1 is taken as half a draw away: no error of zero is claimed.

    >>> round(standard_error(0.95, 10_000), 5)
    0.00218
    """
    if not n:
        return math.inf
    inside = min(max(share, 0.5 / n), 1 - 0.5 / n)
    return math.sqrt(inside * (1 - inside) / n)
