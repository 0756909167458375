"""Two groups' rates compared within strata, and whether the strata tell the same story."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dueregard.stats.intervals import Floats, check_counts, normal_quantile, one_tail
from dueregard.stats.solving import MOST_STEPS
from dueregard.stats.special import chdtrc

GREENLAND_ROBINS = "Mantel-Haenszel (Greenland-Robins)"
MID_P = "Mantel-Haenszel (mid-P within strata: no events in one group)"


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Do the strata differ in their ratio by more than chance? Arrays: shape (n_groups,).

    nan where fewer than two strata have events, or where the common ratio is 0, infinite or not estimable.
    is_sparse: too few events for the chi-squared distribution to hold (Cochran's rule: more than a fifth of
    the expected counts below 5, or any below 1); the p-value is then a rough guide only.
    """

    statistic: Floats
    degrees_of_freedom: NDArray[np.intp]
    p_value: Floats
    is_sparse: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StratifiedRatios:
    """Each group's rate as a multiple of the comparison group's in the same stratum.

    Arrays: shape (n_groups,).

    left_out_share: of the group's exposure, the share in strata where the comparison group has none;
    comparison_left_out_share: the other way round. nan where there was no exposure at all.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    level: float
    method: tuple[str, ...]
    n_strata_used: NDArray[np.intp]
    left_out_share: Floats
    comparison_left_out_share: Floats
    heterogeneity: Heterogeneity


def mantel_haenszel_rate_ratio(
    events: ArrayLike,
    exposure: ArrayLike,
    comparison_events: ArrayLike,
    comparison_exposure: ArrayLike,
    *,
    level: float = 0.95,
) -> StratifiedRatios:
    """Within strata, how many times the comparison group's rate is each group's?

    events, exposure: shape (n_strata,) or (n_groups, n_strata); the comparison's likewise, shared or one for
    each.
    A stratum where one of the two has no exposure adds nothing. nan is refused: leave such strata out, and
    say so.
    No events of one of the two in any stratum used: (0, U] or [L, inf), where the open interval's limit is
    the mid-P one given each stratum's total, for the log-normal limits of Greenland and Robins do not exist
    then.
    No events of either: not estimable (nan).
    Sources: Rothman, Greenland & Lash, Modern Epidemiology, 3rd edition (2008) p. 274; variance: Greenland &
    Robins, Biometrics 41 (1985) 55; heterogeneity: Breslow & Day, Statistical Methods in Cancer Research II
    (1987) p. 112.

    >>> found = mantel_haenszel_rate_ratio([8, 6], [100, 200], [4, 3], [100, 200])
    >>> found.estimate.tolist(), found.lower.round(3).tolist(), found.upper.round(3).tolist()
    ([2.0], [0.807], [4.955])
    """
    a, t1, b, t0 = _strata(events, exposure, comparison_events, comparison_exposure)
    is_used = (t1 > 0) & (t0 > 0)
    whole = np.where(is_used, t1 + t0, 1.0)
    w1, w0 = np.where(is_used, t1 / whole, 0.0), np.where(is_used, t0 / whole, 0.0)
    r, q = (a * w0).sum(axis=1), (b * w1).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = r / q
    lower, upper = _limits(a + b, w1, w0, r, q, level)
    methods = tuple(np.where((r > 0) & (q > 0), GREENLAND_ROBINS, MID_P).tolist())
    return StratifiedRatios(
        ratio, lower, upper, level, methods, is_used.sum(axis=1), _share(t1, ~is_used), _share(t0, ~is_used),
        _heterogeneity(a, (a + b) * is_used, w1, w0, ratio),
    )  # fmt: skip


def _strata(*inputs: ArrayLike) -> list[Floats]:
    columns = [np.atleast_2d(np.asarray(value, dtype=np.float64)) for value in inputs]
    names = ("events", "exposure", "comparison_events", "comparison_exposure")
    for name, column in zip(names, columns, strict=True):
        if column.ndim > 2 or not (np.isfinite(column) & (column >= 0)).all():
            raise ValueError(f"{name}: expected finite numbers, 0 or more, of shape (n_groups, n_strata).")
    check_counts(events=columns[0], comparison_events=columns[2])
    return list(np.broadcast_arrays(*columns))


def _share(exposure: Floats, is_left_out: NDArray[np.bool_]) -> Floats:
    with np.errstate(invalid="ignore"):
        return (exposure * is_left_out).sum(axis=1) / exposure.sum(axis=1)


def _limits(m: Floats, w1: Floats, w0: Floats, r: Floats, q: Floats, level: float) -> tuple[Floats, Floats]:
    """m: events of both; w1, w0: each group's part of the stratum's exposure, 0 where the stratum is not
    used.
    """
    lower, upper = np.full_like(r, np.nan), np.full_like(r, np.nan)
    both, only_b, only_a = (r > 0) & (q > 0), (r == 0) & (q > 0), (r > 0) & (q == 0)
    variance = (m * w1 * w0).sum(axis=1)[both] / (r * q)[both]
    spread = np.exp(normal_quantile(level) * np.sqrt(variance))
    lower[both], upper[both] = (
        (r / np.where(both, q, 1))[both] / spread,
        (r / np.where(both, q, 1))[both] * spread,
    )
    height = -np.log(2 * one_tail(level))
    lower[only_b], upper[only_b] = 0.0, _largest_without_events(m[only_b], w1[only_b], w0[only_b], height)
    lower[only_a], upper[only_a] = (
        1 / _largest_without_events(m[only_a], w0[only_a], w1[only_a], height),
        np.inf,
    )
    return lower, upper


def _largest_without_events(m: Floats, w1: Floats, w0: Floats, height: float) -> Floats:
    """The ratio at which half the probability of no event in the first group, given each m, is the tail.

    That is the u = ln(ratio) with sum of m ln(1 + e^u w1 / w0) = -ln(2 tail): it rises, is convex, and by
    Jensen's inequality lies to the left of where all strata have the mean of ln(w1 / w0). Newton walks down
    from there.
    """
    has_events = (m > 0) & (w1 > 0)
    m = np.where(has_events, m, 0.0)
    log_ratio = np.log(np.where(has_events, w1, 1.0) / np.where(has_events, w0, 1.0))
    total = m.sum(axis=1)
    u = np.log(np.expm1(height / total)) - (m * log_ratio).sum(axis=1) / total
    for _ in range(MOST_STEPS):
        at = u[:, None] + log_ratio
        step = ((m * np.logaddexp(0, at)).sum(axis=1) - height) / (m / (1 + np.exp(-at))).sum(axis=1)
        u = u - step
        if not (np.abs(step) > 1e-10).any():
            return np.exp(u)
    raise ArithmeticError(f"A limit within strata did not settle in {MOST_STEPS} steps.")


def _heterogeneity(a: Floats, m: Floats, w1: Floats, w0: Floats, ratio: Floats) -> Heterogeneity:
    """Given its total m, a stratum's a is binomial with p = ratio T1 / (ratio T1 + T0)."""
    has_events = m > 0
    is_known = np.isfinite(ratio) & (ratio > 0) & (has_events.sum(axis=1) > 1)
    scaled = np.where(is_known, ratio, 1.0)[:, None] * w1
    p = np.where(has_events, scaled / np.where(has_events, scaled + w0, 1.0), 0.5)
    spread = np.where(has_events, m * p * (1 - p), 1.0)
    statistic = (np.where(has_events, a - m * p, 0.0) ** 2 / spread).sum(axis=1)
    freedom = np.maximum(has_events.sum(axis=1) - 1, 0)
    least = np.where(has_events, m * np.minimum(p, 1 - p), np.inf)
    small = ((m * p < 5) & has_events).sum(axis=1) + ((m * (1 - p) < 5) & has_events).sum(axis=1)
    is_sparse = ~is_known | (least.min(axis=1) < 1) | (small > 0.2 * 2 * has_events.sum(axis=1))
    return Heterogeneity(
        np.where(is_known, statistic, np.nan),
        freedom,
        np.where(is_known, chdtrc(np.maximum(freedom, 1), statistic), np.nan),
        is_sparse,
    )
