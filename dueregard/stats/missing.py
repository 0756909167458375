"""Events whose group is not known: between which ratios must the truth lie, and what does a ratio rest on?

Shapes: groups are columns (n,), beside one comparison group. missing: events whose group is not known, a whole
number; they may be of any group. Counts of 0 stay 0: a bound is then open (0 or inf), as in `ratios`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats, Intervals, as_columns
from dueregard.stats.ratios import rate_ratios, risk_ratios

THETAS = tuple(2.0 ** (n / 4) for n in range(-4, 5))  # 1/2 to 2
FARTHEST, BISECTIONS = float(np.log(10_000)), 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest ratio that the missing allow, each with its own limits of chance. Shape (n,).

    lowest, highest: what would have been counted. lower, upper: the lower limit of the lowest and the upper limit of
    the highest, which hold the true ratio at least as often as their level says, whoever the missing are.
    """

    lowest: Floats
    highest: Floats
    lower: Floats
    upper: Floats
    level: float
    method: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The ratio at each missing-odds ratio. thetas: shape (k,); estimate, lower, upper: shape (n, k)."""

    thetas: Floats
    estimate: Floats
    lower: Floats
    upper: Floats
    level: float
    method: str


def worst_case_ratios(
    events: ArrayLike, exposure: ArrayLike, comparison_events: float, comparison_exposure: float, *, missing: float,
    missing_exposure: float = 0, is_part: bool = False, as_risk: bool = False, level: float = 0.95,
) -> Bounds:  # fmt: skip
    """Between which ratios must the truth lie, whoever those are whose group is not known?

    Lowest: all missing events are the comparison group's. Highest: all are the group's. missing_exposure: of people
    (or days) whose group is not known; the lowest ratio gives it to the group, the highest to the comparison
    group. is_part: the missing events are of those very people, so that whoever gets the event gets the person too.
    as_risk: each person counts once, so a group can have no more events than people.
    Source: Manski, American Economic Review P&P 80 (1990) 319; with two groups and no missing exposure: methods of
    the ratio of two rates.

    >>> found = worst_case_ratios([320], [60_000], 410, 160_000, missing=90)
    >>> found.lowest.round(2).tolist(), found.highest.round(2).tolist()
    ([1.71], [2.67])
    """
    a, t1 = as_columns(events=events, exposure=exposure)
    b, t0 = np.full_like(a, comparison_events), np.full_like(a, comparison_exposure)
    with_events, rest = (missing, missing_exposure - missing) if is_part else (0.0, missing_exposure)
    if rest < 0:
        raise ValueError("missing_exposure: fewer people of unknown group than events of theirs.")
    more_a, more_b = a + missing, b + missing
    if as_risk and not is_part:
        more_a, more_b = np.minimum(more_a, np.maximum(t1, a)), np.minimum(more_b, np.maximum(t0, b))
    ratios = risk_ratios if as_risk else rate_ratios
    low = ratios(a, t1 + rest, more_b, t0 + with_events, level=level)
    high = ratios(more_a, t1 + with_events, b, t0 + rest, level=level)
    return Bounds(low.estimate, high.estimate, low.lower, high.upper, level, low.method[0] if low.method else "")


def proportional_ratios(
    events: ArrayLike, exposure: ArrayLike, comparison_events: float, comparison_exposure: float, *, missing: float,
    other_events: ArrayLike = 0,
) -> Floats:  # fmt: skip
    """What ratio is left if the missing are spread over all groups by their known numbers? The same: shape (n,).

    Both counts grow by one factor, so nothing is learned of what the missing could do. It is no sensitivity analysis.
    other_events: known events of the groups that are neither the group nor the comparison group, shape (n,).

    >>> float(proportional_ratios([320], [60_000], 410, 160_000, missing=90).round(4)[0])
    2.0813
    """
    a, t1, other = as_columns(events=events, exposure=exposure, other=other_events)
    known = a + comparison_events + other
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = 1 + missing / known
        return (a * grown / t1) / (comparison_events * grown / comparison_exposure)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a figure, and how much is missing. events, exposure: of the groups, shape (n,).

    other_events: of the groups that are neither the group nor the comparison group, shape (n,). missing: events whose
    group is not known. missing_others, other_others: where numerator and denominator are the same people, those who
    did not have the event: of unknown group (a number), and known of other groups, shape (n,); else 0.
    """

    events: Floats
    exposure: Floats
    comparison_events: float
    comparison_exposure: float
    other_events: Floats
    missing: float
    missing_others: float
    other_others: Floats


def known(
    events: ArrayLike, exposure: ArrayLike, comparison_events: float, comparison_exposure: float, *, missing: float,
    other_events: ArrayLike = 0, missing_others: float = 0, other_others: ArrayLike = 0,
) -> Known:  # fmt: skip
    """The same as columns of one length. Raises ValueError for negative numbers."""
    a, t, other, others = as_columns(
        events=events, exposure=exposure, other_events=other_events, other_others=other_others
    )
    return Known(a, t, float(comparison_events), float(comparison_exposure), other, float(missing),
                 float(missing_others), others)  # fmt: skip


def ratio_at(found: Known, thetas: ArrayLike) -> Floats:
    """The ratio if events of the group lack their group theta times as readily as all others' do. Shape (n, k).

    theta: the odds that an event of the group lacks its group, over the same odds of every other group. Towards infinity
    all missing events are the group's. Those of unknown group who did not have the event are spread by the known ones.
    Source: a missing-odds ratio as in Rotnitzky, Robins & Scharfstein, J. Am. Stat. Assoc. 93 (1998) 1321, for counts.

    >>> ratio_at(known([320], [60_000], 410, 160_000, missing=90), [0.5, 1, 2]).round(3).tolist()
    [[1.939, 2.081, 2.246]]
    """
    a, t1, other = found.events[:, None], found.exposure[:, None], found.other_events[:, None]
    b, t0 = np.full_like(a, found.comparison_events), np.full_like(a, found.comparison_exposure)
    theta = np.atleast_1d(np.asarray(thetas, dtype=np.float64))[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.where(found.missing > 0, found.missing / (theta * a + b + other), 0.0)
        a_all, b_all = a * (1 + theta * odds), b * (1 + odds)
        if found.missing_others or found.other_others.any():
            spread = 1 + _share_of(found.missing_others, (t1 - a) + (t0 - b) + found.other_others[:, None])
            t1, t0 = a_all + (t1 - a) * spread, b_all + (t0 - b) * spread
        return (a_all / t1) / (b_all / t0)


def _share_of(missing: float, total: Floats) -> Floats:
    return np.where(total > 0, missing / np.where(total > 0, total, 1.0), 0.0)


def missing_odds_curve(found: Known, complete: Intervals, thetas: ArrayLike) -> Curve:
    """How does the ratio change with the missing-odds ratio? complete: the ratios of those whose group is known.

    The limits are those of the complete cases, moved with the ratio, and as many times as wide as the delta method
    says that chance in the numbers of missing makes them.
    """
    theta = np.atleast_1d(np.asarray(thetas, dtype=np.float64))
    estimate = ratio_at(found, theta)
    with np.errstate(divide="ignore", invalid="ignore"):
        wider = _widening(found, theta[None, :])
        lower = estimate * (complete.lower / complete.estimate)[:, None] ** wider
        upper = estimate * (complete.upper / complete.estimate)[:, None] ** wider
    method = f"{complete.method[0]}, widened by the delta method" if complete.method else ""
    return Curve(theta, estimate, lower, upper, complete.level, method)


def _widening(found: Known, theta: Floats) -> Floats:
    """Standard error of the log ratio at theta, over that of the complete cases; Poisson counts."""
    a, b, other, missing = found.events[:, None], found.comparison_events, found.other_events[:, None], found.missing
    rest = b + other
    one, two = theta * a + rest + theta * missing, theta * a + rest + missing
    of_a = 1 / a + theta / one - theta / two
    of_b = -1 / np.float64(b) + 1 / one - 1 / two
    of_other = 1 / one - 1 / two
    of_missing = theta / one - 1 / two
    variance = a * of_a**2 + b * of_b**2 + other * of_other**2 + missing * of_missing**2
    return np.sqrt(variance / (1 / a + 1 / np.float64(b)))


def tipping_thetas(found: Known) -> Floats:
    """At which missing-odds ratio is the ratio 1? Shape (n,); nan where none between 1/10,000 and 10,000 makes it so.

    >>> float(tipping_thetas(known([320], [60_000], 410, 85_000, missing=90)).round(3)[0])
    0.35
    >>> tipping_thetas(known([320], [60_000], 410, 160_000, missing=90)).tolist()
    [nan]
    """
    low, high = np.full(found.events.size, -FARTHEST), np.full(found.events.size, FARTHEST)
    at_low, at_high = (_diagonal(found, end) for end in (low, high))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        is_below = _diagonal(found, middle) < 1
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.where((at_low < 1) & (at_high > 1), np.exp((low + high) / 2), np.nan)


def _diagonal(found: Known, log_thetas: Floats) -> Floats:
    """Each group's ratio at its own theta. The ratio grows with theta."""
    return np.diagonal(ratio_at(found, np.exp(log_thetas)))
