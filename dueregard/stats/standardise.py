"""Rates made comparable: direct (the group's rates on a standard population) and indirect (standard rates on the group).

Events of one person are not independent. Where the sum of squares of each person's events is given, it takes the place
of the number of events in the variance, and the interval is wider by the square root of what that adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats, Intervals, check_counts, normal_quantile
from dueregard.stats.rates import BYAR, EXACT, FEW_EVENTS, byar_limits, exact_limits

DOBSON = "Dobson"
WIDENED = ", widened for repeat events"
LOG_NORMAL = "log-normal (delta method)"


@dataclass(frozen=True, slots=True)
class DirectRates:
    """What would each group's rate be if its make-up were the standard's?

    rates: shape (n_groups,), per unit of exposure. covered_share: the part of the standard in strata where the group
    has exposure; below 1 the rate is that of this part alone. events: those in its rate. widening: how many times as
    wide the interval is as it would be if events were independent; nan with the rate.
    """

    rates: Intervals
    covered_share: Floats
    events: Floats
    widening: Floats


@dataclass(frozen=True, slots=True)
class IndirectRatios:
    """How many times as many events has each group as it would have at the standard's rates?

    ratios, observed, expected: shape (n_groups,). covered_share: the part of the group's exposure in strata where the
    standard has exposure; the rest has no expected number, and its events are not among the observed.
    """

    ratios: Intervals
    observed: Floats
    expected: Floats
    covered_share: Floats
    widening: Floats


def directly_standardised(
    events: ArrayLike,
    exposure: ArrayLike,
    standard: ArrayLike,
    *,
    squares: ArrayLike | None = None,
    level: float = 0.95,
) -> DirectRates:
    """What would each group's rate be if its strata were as large as the standard population's?

    events, exposure: shape (n_groups, n_strata). standard: shape (n_strata,), the standard population.
    squares: as events: in each stratum the sum over persons of the square of their events (k events of f_k persons:
    sum of k^2 f_k); left out, every event is taken as another person's.
    Fewer than 10 events in all: nan, as in the tables of English public health. A stratum in which a group has no
    exposure has no rate: it is not filled in. The rate is then that of the covered part of the standard, and
    `covered_share` says how large that part is; nothing else shows that two groups were not given the same weights.
    Events there have no rate and do not count. No lower limit is below 0.
    Source: Dobson and others, Statistics in Medicine 10 (1991) 457, on Byar's limits of the number of events; for
    events that are not independent, the variance of the Fingertips technical guidance (sum of k^2 f_k for events).

    >>> found = directly_standardised([[10, 10]], [[100, 200]], [1, 1])
    >>> found.rates.estimate.round(6).tolist(), found.widening.tolist()
    ([0.075], [1.0])
    >>> directly_standardised([[10, 10]], [[100, 200]], [1, 1], squares=[[40, 40]]).widening.tolist()
    [2.0]
    """
    n, over, square = _tables(events, exposure, squares)
    weight = _weights(standard, n)
    total, rate, variance, widening, covered = _weighted(n, over, square, weight)
    lower, upper = _scaled(total, np.sqrt(variance / _or_nan(total)), byar_limits(total, level))
    rates = Intervals(rate, np.maximum(rate + lower, 0.0), rate + upper, level, (_named(DOBSON, squares),) * total.size)
    return DirectRates(
        _unless(total < FEW_EVENTS, rates), covered, total, np.where(total < FEW_EVENTS, np.nan, widening)
    )


def directly_standardised_ratios(
    events: ArrayLike, exposure: ArrayLike, other_events: ArrayLike, other_exposure: ArrayLike, standard: ArrayLike, *,
    squares: ArrayLike | None = None, other_squares: ArrayLike | None = None, level: float = 0.95,
) -> DirectRates:  # fmt: skip
    """How does each group's standardised rate compare with another's, over the strata in which both have exposure?

    Shapes as in `directly_standardised`; other_*: shape (n_strata,). Both rates take the same weights, so strata in
    which either has no exposure enter neither (`covered_share` of the standard is left). `rates` holds the ratios.
    Fewer than 10 events of either in those strata: nan. The groups are taken as independent.
    Source: Breslow & Day, Statistical Methods in Cancer Research II (1987) chapter 2 (the standard error of the
    logarithm of a comparative mortality figure).

    >>> found = directly_standardised_ratios([[20]], [[100]], [10], [100], [1])
    >>> found.rates.estimate.round(3).tolist(), found.rates.lower.round(3).tolist()
    ([2.0], [0.936])
    """
    n, over, square = _tables(events, exposure, squares)
    shape = n.shape
    m, under, other_square = _tables(
        np.broadcast_to(other_events, shape), np.broadcast_to(other_exposure, shape),
        None if other_squares is None else np.broadcast_to(other_squares, shape),
    )  # fmt: skip
    weight = np.where((over > 0) & (under > 0), _weights(standard, n), 0.0)
    ones, rate, variance, widening, _ = _weighted(n, over, square, weight)
    others, other_rate, other_variance, _, _ = _weighted(m, under, other_square, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rate / other_rate
        half = normal_quantile(level) * np.sqrt(variance / rate**2 + other_variance / other_rate**2)
        found = Intervals(
            ratio, ratio * np.exp(-half), ratio * np.exp(half), level, (_named(LOG_NORMAL, squares),) * ones.size
        )
    is_few = (ones < FEW_EVENTS) | (others < FEW_EVENTS)
    covered = weight.sum(axis=1) / _or_nan(_weights(standard, n).sum(axis=1))
    return DirectRates(_unless(is_few, found), covered, ones, np.where(is_few, np.nan, widening))


def indirectly_standardised(
    events: ArrayLike, exposure: ArrayLike, standard_events: ArrayLike, standard_exposure: ArrayLike, *,
    squares: ArrayLike | None = None, level: float = 0.95,
) -> IndirectRatios:  # fmt: skip
    """How many events were there, for each that the group would have had at the standard's rates?

    events, exposure, squares: shape (n_groups, n_strata), as in `directly_standardised`. standard_*: shape (n_strata,).
    Nothing expected: nan, never zero. No events: (0, U]. A stratum without exposure in the standard has no rate: the
    group's events and exposure there are left out of both numbers, and `covered_share` says so.
    Two of these ratios are not comparable with each other: each is weighted by its own group's make-up.
    Limits: Byar's for the observed number from 10, exact below; with squares, set off from the observed number by the
    square root of what repeat events add to its variance, as Dobson's are. No lower limit is below 0.
    Source: Breslow & Day (1987) p. 69; the rule of English public health statistics (Fingertips technical guidance).

    >>> found = indirectly_standardised([[895]], [[835.883561]], [1], [1])
    >>> found.ratios.estimate.round(4).tolist(), found.ratios.lower.round(4).tolist()
    ([1.0707], [1.0017])
    """
    n, over, square = _tables(events, exposure, squares)
    hits, base = _weights(standard_events, n), _weights(standard_exposure, n)
    has_rate = base > 0
    observed, squared = (np.where(has_rate, column, 0.0).sum(axis=1) for column in (n, square))
    expected = np.where(has_rate, over * hits / np.where(has_rate, base, 1.0), 0.0).sum(axis=1)
    widening = np.where(observed > 0, np.sqrt(squared / _or_nan(observed)), 1.0)
    is_few = observed < FEW_EVENTS
    lower, upper = np.where(is_few, exact_limits(observed, level), byar_limits(observed, level))
    down, up = _scaled(observed, widening, (lower, upper))
    per = _or_nan(expected)
    methods = tuple(_named(EXACT if few else BYAR, squares) for few in is_few)
    found = Intervals(observed / per, np.maximum(observed + down, 0.0) / per, (observed + up) / per, level, methods)
    covered = np.where(has_rate, over, 0.0).sum(axis=1) / _or_nan(over.sum(axis=1))
    return IndirectRatios(found, observed, expected, covered, np.where(np.isnan(per), np.nan, widening))


def _tables(events: ArrayLike, exposure: ArrayLike, squares: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """The inputs as tables of one shape, groups by strata.

    Raises ValueError where a number is negative or infinite, a count no whole number, or a sum of squares smaller
    than the number of events (k^2 is never below k).
    """
    n, over = np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    square = n if squares is None else np.asarray(squares, dtype=np.float64)
    for name, table in (("events", n), ("exposure", over), ("squares", square)):
        if table.ndim != 2 or table.shape != n.shape:
            raise ValueError(f"{name}: expected shape (n_groups, n_strata) as events have, found {table.shape}.")
        if (table < 0).any() or np.isinf(table).any():
            raise ValueError(f"{name}: a negative or infinite number was found; counts and exposure have neither.")
    check_counts(events=n, squares=square)
    if (square < n).any():
        raise ValueError("squares: a sum of squares is smaller than the number of events it was made from.")
    return n, over, square


def _weights(standard: ArrayLike, like: Floats) -> Floats:
    """One row of the standard for each group. Raises ValueError where it does not fit, or is negative."""
    row = np.asarray(standard, dtype=np.float64)
    if row.shape != like.shape[1:]:
        raise ValueError(f"standard: expected shape {like.shape[1:]}, one number a stratum, found {row.shape}.")
    if (row < 0).any() or not np.isfinite(row).all():
        raise ValueError("standard: a negative, infinite or missing number was found.")
    return np.broadcast_to(row, like.shape)


def _weighted(n: Floats, over: Floats, square: Floats, weight: Floats) -> tuple[Floats, ...]:
    """(events, rate, variance, widening, covered share) over the strata in which a group has exposure and weight."""
    used = np.where((over > 0) & (weight > 0), weight, 0.0)
    has_rate = used > 0
    share = used / _or_nan(used.sum(axis=1, keepdims=True)) / np.where(has_rate, over, 1.0)
    total = np.where(has_rate, n, 0.0).sum(axis=1)
    rate = (share * np.where(has_rate, n, 0.0)).sum(axis=1)
    apart = (share**2 * np.where(has_rate, n, 0.0)).sum(axis=1)  # the variance if events were independent
    variance = (share**2 * np.where(has_rate, square, 0.0)).sum(axis=1)
    widening = np.where(apart > 0, np.sqrt(variance / _or_nan(apart)), 1.0)
    return total, rate, variance, widening, used.sum(axis=1) / _or_nan(weight.sum(axis=1))


def _scaled(total: Floats, scale: Floats, limits: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """How far below and above the estimate are its limits, if those of the count are stretched by this much?"""
    lower, upper = limits
    return scale * (lower - total), scale * (upper - total)


def _or_nan(column: Floats) -> Floats:
    return np.where(column > 0, column, np.nan)


def _unless(is_few: np.ndarray, found: Intervals) -> Intervals:
    blank = [np.where(is_few, np.nan, column) for column in (found.estimate, found.lower, found.upper)]
    return Intervals(blank[0], blank[1], blank[2], found.level, found.method)


def _named(method: str, squares: ArrayLike | None) -> str:
    return method if squares is None else method + WIDENED
