"""Events over exposure: one Poisson rate at a time, per unit of exposure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import (
    Floats,
    Intervals,
    as_columns,
    check_counts,
    merge_equal,
    normal_quantile,
    one_tail,
)
from dueregard.stats.solving import solve_tail
from dueregard.stats.special import gammainc, gammaincc, gammainccinv, gammaincinv, gammaln, xlogy

EXACT = "exact Poisson (Garwood)"
BYAR = "Byar"
MID_P = "mid-P Poisson"
FEW_EVENTS = 10  # English public health: exact below, Byar from here on

Limits = Callable[[Floats, float], tuple[Floats, Floats]]


def rates(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Intervals:
    """How often does it happen, per unit of exposure? Exact limits below 10 events, Byar's from 10.

    events, exposure: shape (n,). No exposure: nan, never zero. No events: (0, U].
    Source: the rule of English public health statistics (Fingertips technical guidance, "Rates").

    >>> found = rates([9, 65, 0], [1000, 1000, 0])
    >>> found.upper.round(6).tolist(), found.method[1]
    ([0.017085, 0.082849, nan], 'Byar')
    """
    column, exposure = _checked(events, exposure)
    is_few = ~(column >= FEW_EVENTS)
    lower, upper = byar_limits(column, level)
    lower[is_few], upper[is_few] = exact_limits(column[is_few], level)
    methods = tuple(np.where(is_few, EXACT, BYAR).tolist())
    return _per_exposure(column, exposure, lower, upper, level, methods)


def exact_rates(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Intervals:
    """How often does it happen, with limits that never cover less than they claim?

    Shapes and zeros as in `rates`. Source: Garwood, Biometrika 28 (1936) 437.

    >>> exact_rates([5], [1]).lower.round(4).tolist(), exact_rates([5], [1]).upper.round(4).tolist()
    ([1.6235], [11.6683])
    """
    return _rates_by(exact_limits, EXACT, events, exposure, level)


def byar_rates(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Intervals:
    """How often does it happen, by Byar's approximation to the exact limits?

    Shapes and zeros as in `rates`; with no events the lower limit is 0. Not the variant that R's epitools
    calls Byar's, which adds a half to the count.
    Source: Breslow & Day, Statistical Methods in Cancer Research II (1987) p. 69.

    >>> byar_rates([65], [1]).lower.round(3).tolist(), byar_rates([65], [1]).upper.round(3).tolist()
    ([50.163], [82.849])
    """
    return _rates_by(byar_limits, BYAR, events, exposure, level)


def mid_p_rates(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Intervals:
    """How often does it happen, with limits that cover what they claim on average?

    Counts half of the probability of what was seen. Shapes and zeros as in `rates`.
    Source: Cohen & Yang, Statistics in Medicine 13 (1994) 2189.

    >>> mid_p_rates([10], [1]).lower.round(4).tolist(), mid_p_rates([10], [1]).upper.round(4).tolist()
    ([5.0795], [17.8249])
    """
    return _rates_by(mid_p_limits, MID_P, events, exposure, level)


def exact_limits(events: Floats, level: float) -> tuple[Floats, Floats]:
    """Garwood's limits of a Poisson mean. Shape (n,)."""
    tail = one_tail(level)
    lower = np.where(events > 0, gammaincinv(np.where(events > 0, events, 1.0), tail), events)
    return lower, gammainccinv(events + 1, tail)


def byar_limits(events: Floats, level: float) -> tuple[Floats, Floats]:
    """Byar's limits of a Poisson mean. Shape (n,)."""
    z, more = normal_quantile(level), events + 1
    safe = np.maximum(events, 1)
    lower = np.where(events == 0, 0.0, events * np.maximum(1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe)), 0) ** 3)
    return lower, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def mid_p_limits(events: Floats, level: float) -> tuple[Floats, Floats]:
    """Mid-P limits of a Poisson mean, solved once for each different count. Shape (n,)."""
    is_known = ~np.isnan(events)
    different, _, position = merge_equal(events[is_known], np.zeros(int(is_known.sum())))
    lower, upper = np.full_like(events, np.nan), np.full_like(events, np.nan)
    lower[is_known] = _lower_mid_p(different, one_tail(level))[position]
    upper[is_known] = _upper_mid_p(different, one_tail(level))[position]
    return lower, upper


def _lower_mid_p(events: Floats, tail: float) -> Floats:
    x = events[events > 0]
    log_factorial = gammaln(x + 1)

    def more(at: np.ndarray, log_mean: Floats) -> tuple[Floats, Floats]:
        mean, seen = np.exp(log_mean), x[at]
        half = np.exp(xlogy(seen, mean) - mean - log_factorial[at]) / 2
        return gammainc(seen, mean) - half, half * (seen + mean)

    lower = np.zeros_like(events)
    lower[events > 0] = np.exp(solve_tail(more, np.log(gammaincinv(x, tail)), tail))
    return lower


def _upper_mid_p(events: Floats, tail: float) -> Floats:
    log_factorial = gammaln(events + 1)

    def more(at: np.ndarray, log_mean: Floats) -> tuple[Floats, Floats]:
        mean, seen = np.exp(log_mean), events[at]
        half = np.exp(xlogy(seen, mean) - mean - log_factorial[at]) / 2
        return 1 - gammaincc(seen + 1, mean) + half, half * (seen + mean)

    return np.exp(solve_tail(more, np.log(gammainccinv(events + 1, tail)), 1 - tail))


def _checked(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    column, over = as_columns(events=events, exposure=exposure)
    check_counts(events=column)
    return column, over


def _rates_by(limits: Limits, name: str, events: ArrayLike, exposure: ArrayLike, level: float) -> Intervals:
    column, over = _checked(events, exposure)
    lower, upper = limits(column, level)
    return _per_exposure(column, over, lower, upper, level, (name,) * column.size)


def _per_exposure(
    events: Floats, exposure: Floats, lower: Floats, upper: Floats, level: float, methods: tuple[str, ...]
) -> Intervals:
    over = np.where(exposure > 0, exposure, np.nan)
    return Intervals(events / over, lower / over, upper / over, level, methods)
