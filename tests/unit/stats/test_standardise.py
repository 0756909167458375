"""Standardised rates: small cases by hand, laws, what is not estimable, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dueregard.stats.rates import rates
from dueregard.stats.standardise import (
    directly_standardised,
    directly_standardised_ratios,
    indirectly_standardised,
)

N = [[30, 10], [12, 20]]
OVER = [[300, 200], [100, 400]]
STANDARD = [400, 600]
# Sums and products of a few numbers: what differs is rounding.
CLOSE = {"rel": 1e-12}


def test_direct_by_hand():
    """(400 x 30/300 + 600 x 10/200) / 1000 and (400 x 12/100 + 600 x 20/400) / 1000."""
    found = directly_standardised(N, OVER, STANDARD)
    assert found.rates.estimate == pytest.approx(
        [(400 * 0.1 + 600 * 0.05) / 1000, (400 * 0.12 + 600 * 0.05) / 1000], **CLOSE
    )
    assert found.events.tolist() == [40, 32]
    assert found.covered_share.tolist() == [1, 1]
    assert found.widening.tolist() == [1, 1]


def test_one_stratum_is_the_crude_rate_with_byars_limits():
    found, crude = directly_standardised([[65]], [[1000]], [7]).rates, rates([65], [1000])
    assert found[0] == pytest.approx(tuple(crude[0]), **CLOSE)


def test_a_child_who_comes_again_widens_the_interval():
    """Ten children four times each: 40 events with the variance of 160, so twice as wide on each side."""
    once = directly_standardised([[40]], [[1000]], [1]).rates[0]
    again = directly_standardised([[40]], [[1000]], [1], squares=[[10 * 4**2]])
    assert again.widening.tolist() == [2.0]
    assert again.rates[0].estimate == once.estimate
    assert again.rates[0].estimate - again.rates[0].lower == pytest.approx(2 * (once.estimate - once.lower), **CLOSE)
    assert again.rates[0].upper - again.rates[0].estimate == pytest.approx(2 * (once.upper - once.estimate), **CLOSE)
    assert again.rates.method == ("Dobson, widened for repeat events",)


def test_squares_of_single_events_change_nothing_but_the_name():
    one, other = directly_standardised(N, OVER, STANDARD), directly_standardised(N, OVER, STANDARD, squares=N)
    assert np.array_equal(one.rates.lower, other.rates.lower) and np.array_equal(one.rates.upper, other.rates.upper)
    assert other.widening.tolist() == [1, 1]


def test_no_lower_limit_falls_below_zero():
    """One child with twelve events: 12 events with the variance of 144."""
    assert directly_standardised([[12]], [[100]], [1], squares=[[144]]).rates.lower.tolist() == [0.0]
    assert indirectly_standardised([[12]], [[100]], [1], [10], squares=[[144]]).ratios.lower.tolist() == [0.0]


def test_fewer_than_ten_events_are_not_estimable():
    found = directly_standardised([[5, 4], [5, 5]], [[10, 10], [10, 10]], [1, 1])
    assert np.isnan(found.rates.estimate).tolist() == [True, False]
    assert np.isnan([found.rates.lower[0], found.rates.upper[0], found.widening[0]]).all()


def test_a_stratum_of_nobody_is_said_and_not_filled_in():
    """Nobody of the group in the second stratum: the rate of the first, which is 400 of the 1,000 of the standard."""
    found = directly_standardised([[30, 3]], [[300, 0]], STANDARD)
    assert found.rates.estimate == pytest.approx([30 / 300], **CLOSE)
    assert found.covered_share.tolist() == [0.4]
    assert found.events.tolist() == [30]  # three events of nobody have no rate


def test_nobody_at_all_is_not_estimable():
    found = directly_standardised([[0, 0]], [[0, 0]], STANDARD)
    assert np.isnan(found.rates.estimate[0])
    assert found.covered_share.tolist() == [0]


def test_the_scale_of_the_standard_does_not_matter():
    one, other = directly_standardised(N, OVER, STANDARD), directly_standardised(N, OVER, [2, 3])
    assert one.rates.upper == pytest.approx(other.rates.upper, **CLOSE)


def test_ratio_by_hand():
    """Both at the same weights; log limits by the delta method, written out."""
    found = directly_standardised_ratios(N, OVER, N[0], OVER[0], STANDARD)
    rate = [0.4 * 0.1 + 0.6 * 0.05, 0.4 * 0.12 + 0.6 * 0.05]
    variance = [0.16 * 30 / 300**2 + 0.36 * 10 / 200**2, 0.16 * 12 / 100**2 + 0.36 * 20 / 400**2]
    half = 1.959963984540054 * math.sqrt(variance[1] / rate[1] ** 2 + variance[0] / rate[0] ** 2)
    assert found.rates.estimate == pytest.approx([1, rate[1] / rate[0]], **CLOSE)
    assert found.rates.lower[1] == pytest.approx(rate[1] / rate[0] * math.exp(-half), **CLOSE)
    assert found.rates.upper[1] == pytest.approx(rate[1] / rate[0] * math.exp(half), **CLOSE)


def test_ratio_takes_strata_in_which_both_have_pupils():
    """The second stratum has nobody of the other group: the ratio of the first, 0.12 / 0.1, on 40 % of the standard."""
    found = directly_standardised_ratios([[12, 20]], [[100, 400]], [30, 0], [300, 0], STANDARD)
    assert found.rates.estimate == pytest.approx([0.12 / 0.1], **CLOSE)
    assert found.covered_share.tolist() == [0.4]


def test_ratio_of_few_is_not_estimable():
    assert np.isnan(directly_standardised_ratios([[9]], [[10]], [30], [10], [1]).rates.estimate[0])
    assert np.isnan(directly_standardised_ratios([[30]], [[10]], [9], [10], [1]).rates.estimate[0])


def test_indirect_by_hand():
    """Expected at the first group's rates: 100 x 0.1 + 400 x 0.05 = 30; observed 32."""
    found = indirectly_standardised(N, OVER, N[0], OVER[0])
    assert found.expected == pytest.approx([40, 30], **CLOSE)
    assert found.ratios.estimate == pytest.approx([1, 32 / 30], **CLOSE)
    assert found.ratios.upper[1] == pytest.approx(rates([32], [30]).upper[0], **CLOSE)


def test_indirect_leaves_out_strata_that_the_standard_lacks():
    found = indirectly_standardised([[12, 20]], [[100, 400]], [30, 0], [300, 0])
    assert (found.observed[0], found.covered_share[0]) == (12, 100 / 500)
    assert found.expected == pytest.approx([10], **CLOSE)


def test_indirect_few_none_and_nothing_expected():
    found = indirectly_standardised([[3], [0], [2]], [[10], [10], [0]], [5], [10])
    assert found.ratios.method[0] == "exact Poisson (Garwood)"
    assert (found.ratios.estimate[1], found.ratios.lower[1]) == (0, 0)
    assert found.ratios.upper[1] == pytest.approx(
        3.6889 / 5, abs=1e-5
    )  # Garwood's limit of none, four decimals printed
    assert np.isnan([found.ratios.estimate[2], found.ratios.upper[2], found.widening[2]]).all()


def test_indirect_widens_too():
    found = indirectly_standardised([[40]], [[100]], [10], [100], squares=[[160]])
    once = indirectly_standardised([[40]], [[100]], [10], [100]).ratios[0]
    assert found.widening.tolist() == [2.0]
    assert found.ratios.upper[0] - 4 == pytest.approx(2 * (once.upper - 4), **CLOSE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (([1, 2], [1, 2], [1, 1]), r"events: expected shape \(n_groups, n_strata\)"),
        (([[1, 2]], [[1]], [1, 1]), "exposure: expected shape"),
        (([[1, -2]], [[1, 1]], [1, 1]), "events: a negative"),
        (([[1, 0.5]], [[1, 1]], [1, 1]), "events: counts are whole numbers"),
        (([[1, 2]], [[1, -1]], [1, 1]), "exposure: a negative"),
        (([[1, 2]], [[1, 1]], [1]), "standard: expected shape"),
        (([[1, 2]], [[1, 1]], [1, -1]), "standard: a negative"),
        (([[1, 2]], [[1, 1]], [1, math.nan]), "standard: a negative, infinite or missing"),
    ],
)
def test_what_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        directly_standardised(*given)


def test_squares_smaller_than_the_events_are_refused():
    with pytest.raises(ValueError, match="smaller than the number of events"):
        directly_standardised([[10]], [[10]], [1], squares=[[9]])


def test_the_interval_of_repeat_contacts_covers_what_it_claims():
    """Children with 1 or 4 events each, in two strata: the widened range holds the truth, the plain one does not."""
    rng = np.random.default_rng(20261123)
    weights, children, size = np.array([0.4, 0.6]), np.array([[60, 40], [15, 20]]), np.array([4000, 3000])
    truth = float((weights * (children * np.array([[1], [4]])).sum(axis=0) / size).sum())
    drawn = rng.poisson(children, size=(4000, 2, 2))
    n = drawn[:, 0] + 4 * drawn[:, 1]
    squares = drawn[:, 0] + 16 * drawn[:, 1]
    over = np.broadcast_to(size, n.shape)
    wide = directly_standardised(n, over, weights, squares=squares).rates
    plain = directly_standardised(n, over, weights).rates
    # 4,000 draws: the share's own standard error is 0.35 points; four of them, and the method is approximate.
    assert np.mean((wide.lower <= truth) & (truth <= wide.upper)) == pytest.approx(0.95, abs=0.015)
    assert np.mean((plain.lower <= truth) & (truth <= plain.upper)) < 0.85
