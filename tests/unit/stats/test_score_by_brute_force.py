"""Score limits against slow code that shares nothing with ours: it maximises the likelihood by bisection
under each
hypothesis, works out the textbook statistic, and looks for the first value of the ratio or difference that is
rejected.
"""

import itertools
import math

import numpy as np
import pytest

from dueregard.stats.ratios import (
    miettinen_nurminen_risk_ratios,
    rate_differences,
    rate_ratios,
    risk_differences,
    risk_ratios,
)

Z2 = 3.8414588206941236  # chi-squared on one degree of freedom, 0.95


def likeliest(slope, low, high):
    """The unknown in (low, high) at which a falling slope of the log-likelihood is 0, or the end it runs
    to.
    """
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def binomial_slope(x, n, p):
    return (x / p if x else 0) - ((n - x) / (1 - p) if n > x else 0)


def chi2(distance, variance):
    return distance**2 / variance if variance > 0 else (0.0 if abs(distance) < 1e-12 else math.inf)


def risk_ratio_statistic(x1, n1, x0, n0, ratio, factor=1.0):
    p0 = likeliest(
        lambda p: ratio * binomial_slope(x1, n1, ratio * p) + binomial_slope(x0, n0, p), 0, min(1, 1 / ratio)
    )
    p1 = ratio * p0
    variance = p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0
    return chi2(x1 / n1 - ratio * x0 / n0, variance * factor)


def risk_difference_statistic(x1, n1, x0, n0, difference, factor=1.0):
    p0 = likeliest(
        lambda p: binomial_slope(x1, n1, p + difference) + binomial_slope(x0, n0, p),
        max(0, -difference),
        min(1, 1 - difference),
    )
    p1 = p0 + difference
    return chi2(x1 / n1 - x0 / n0 - difference, (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * factor)


def rate_difference_statistic(x1, t1, x0, t0, difference):
    def slope(rate):
        return (x1 / (rate + difference) if x1 else 0) - t1 + (x0 / rate if x0 else 0) - t0

    r0 = likeliest(slope, max(0, -difference), (x1 + x0 + 1) / t1 + (x1 + x0 + 1) / t0 + abs(difference))
    return chi2(x1 / t1 - x0 / t0 - difference, (r0 + difference) / t1 + r0 / t0)


def first_rejected(statistic, start, end):
    """Walks a fine grid from the estimate to the end; then bisects between the last kept and the first
    rejected.
    """
    grid = np.linspace(start, end, 250)[1:-1]
    kept = start
    for value in grid:
        if statistic(value) > Z2:
            break
        kept = value
    else:
        value = end
    for _ in range(45):
        middle = (kept + value) / 2
        kept, value = (middle, value) if statistic(middle) <= Z2 else (kept, middle)
    return value


TABLES = [
    *((x1, 4, x0, 3) for x1, x0 in itertools.product(range(5), range(4))),
    *((x1, 25, x0, 9) for x1, x0 in itertools.product((0, 1, 13, 24, 25), (0, 1, 5, 9))),
    *((3, 700, x0, 40) for x0 in (0, 1, 39, 40)),
    (1, 1, 0, 1),
    (90, 100, 350, 350),
]
IDS = ["{}of{}_v_{}of{}".format(*t) for t in TABLES]


@pytest.mark.parametrize("table", TABLES, ids=IDS)
@pytest.mark.parametrize("corrected", [True, False], ids=["N/(N-1)", "plain"])
def test_risk_difference(table, corrected):
    x1, n1, x0, n0 = table
    factor = (n1 + n0) / (n1 + n0 - 1) if corrected else 1.0
    found = risk_differences(*table, method="Miettinen-Nurminen" if corrected else "Mee")[0]

    def statistic(d):
        return risk_difference_statistic(*table, d, factor)

    assert found.estimate == x1 / n1 - x0 / n0
    # the slow code's own accuracy: a bisected likelihood, a statistic that is flat near its ends
    assert found.lower == pytest.approx(first_rejected(statistic, found.estimate, -1), abs=1e-7)
    assert found.upper == pytest.approx(first_rejected(statistic, found.estimate, 1), abs=1e-7)


@pytest.mark.parametrize("table", TABLES, ids=IDS)
@pytest.mark.parametrize("corrected", [True, False], ids=["N/(N-1)", "plain"])
def test_risk_ratio(table, corrected):
    x1, n1, x0, n0 = table
    factor = (n1 + n0) / (n1 + n0 - 1) if corrected else 1.0
    found = (miettinen_nurminen_risk_ratios if corrected else risk_ratios)(*table)[0]

    def statistic(log_ratio):
        return risk_ratio_statistic(*table, math.exp(log_ratio), factor)

    if x1 == x0 == 0:
        assert np.isnan(found).all()
        return
    start = math.log(max(min(found.estimate, 1e4), 1e-4))
    if x1 == 0:
        assert found.lower == 0.0
    else:
        assert math.log(found.lower) == pytest.approx(first_rejected(statistic, start, -12), abs=1e-6)
    if x0 == 0:
        assert found.upper == math.inf
    else:
        assert math.log(found.upper) == pytest.approx(first_rejected(statistic, start, 12), abs=1e-6)


RATES = [(x1, 120.0, x0, 31.0) for x1, x0 in itertools.product((0, 1, 2, 7, 40), repeat=2)]
RATES += [(5, 2e5, 0, 3.5), (0, 3.5, 5, 2e5)]


@pytest.mark.parametrize("table", RATES, ids=str)
def test_rate_difference(table):
    _, t1, _, t0 = table
    found = rate_differences(*table)[0]
    scale = 100 / min(t1, t0)

    def statistic(d):
        return rate_difference_statistic(*table, d)

    assert found.lower == pytest.approx(first_rejected(statistic, found.estimate, -scale), abs=1e-7 * scale)
    assert found.upper == pytest.approx(first_rejected(statistic, found.estimate, scale), abs=1e-7 * scale)


@pytest.mark.parametrize("table", RATES, ids=str)
def test_score_rate_ratio(table):
    x1, t1, x0, t0 = table
    found = rate_ratios(*table, method="score")[0]

    def statistic(log_ratio):  # rates ratio * r and r, fitted to the total
        rate = (x1 + x0) / (math.exp(log_ratio) * t1 + t0)
        e1, e0 = math.exp(log_ratio) * rate * t1, rate * t0
        return (x1 - e1) ** 2 / e1 + (x0 - e0) ** 2 / e0

    if x1 and x0:
        start = math.log(found.estimate)
        assert math.log(found.lower) == pytest.approx(first_rejected(statistic, start, start - 9), abs=1e-7)
        assert math.log(found.upper) == pytest.approx(first_rejected(statistic, start, start + 9), abs=1e-7)
