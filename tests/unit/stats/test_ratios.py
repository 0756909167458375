import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dueregard.stats.ratios import (
    miettinen_nurminen_risk_ratios,
    rate_differences,
    rate_ratios,
    risk_differences,
    risk_ratios,
)

RISK_RATIOS = [risk_ratios, miettinen_nurminen_risk_ratios]
METHODS = ["mid-P", "exact", "score"]
GROUP = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
RATE = st.tuples(st.integers(0, 5000), st.floats(0.1, 1e5))


@pytest.mark.parametrize("interval", RISK_RATIOS)
def test_risk_ratio_of_zero_cells(interval):
    found = interval([0, 5, 0, 5, 0], [10, 10, 10, 10, 0], [5, 0, 0, 10, 5], 10)
    assert found.estimate[:2].tolist() == [0, math.inf]
    assert found.lower[0] == 0 < found.upper[0] < 1
    assert 1 < found.lower[1] < found.upper[1] == math.inf
    assert np.isnan([*found[2], *found[4]]).all()
    assert 0 < found.lower[3] < 0.5 < found.upper[3] < 1


@pytest.mark.parametrize("method", METHODS)
def test_rate_ratio_of_zero_cells(method):
    found = rate_ratios([0, 9, 0, 5, 5], [10, 10, 10, 0, 10], [9, 0, 0, 5, 5], [10, 10, 10, 10, 0], method=method)
    assert found[0].estimate == found[0].lower == 0 < found[0].upper < 1
    assert 1 < found[1].lower < found[1].upper == found[1].estimate == math.inf
    assert np.isnan([*found[2], *found[3], *found[4]]).all()


def test_differences_of_zero_cells_are_estimable():
    risks, rates = risk_differences([0, 40, 40], 40, [0, 0, 30], 30), rate_differences(0, 40, 0, 30)
    assert risks.estimate.tolist() == [0, 1, 0]
    assert (risks.lower < risks.estimate).all() and risks.upper[1] == 1
    z2 = 3.841458820694124  # 0 events: the limit of each rate alone is z^2 / exposure
    assert rates[0] == pytest.approx((0, -z2 / 30, z2 / 40))


@pytest.mark.parametrize("interval", [risk_differences, rate_differences])
def test_a_difference_without_exposure_or_count_is_nan(interval):
    found = interval([0, 1, np.nan, 1], [0, 9, 9, 9], [1, 0, 1, 1], [9, 0, 9, 9])
    assert np.isnan(found.lower).tolist() == np.isnan(found.estimate).tolist() == [True, True, True, False]


@pytest.mark.parametrize("interval", [*RISK_RATIOS, risk_differences, rate_ratios, rate_differences])
def test_no_rows(interval):
    assert len(interval([], [], [], [])) == 0


@pytest.mark.parametrize("interval", RISK_RATIOS)
@given(group=GROUP, other=GROUP)
def test_exchanging_the_groups_inverts_a_risk_ratio(interval, group, other):
    if group[0] + other[0] == 0:
        return
    one, two = interval(*group, *other)[0], interval(*other, *group)[0]
    assert one.lower <= one.estimate * (1 + 1e-12) and one.estimate <= one.upper * (1 + 1e-12)
    assert one.lower == pytest.approx(1 / two.upper if two.upper else math.inf, rel=1e-12)


@given(group=GROUP, other=GROUP)
def test_exchanging_the_groups_negates_a_risk_difference(group, other):
    one, two = risk_differences(*group, *other)[0], risk_differences(*other, *group)[0]
    assert (one.lower, one.upper) == (-two.upper, -two.lower)
    assert -1 <= one.lower <= one.estimate + 1e-12 and one.estimate - 1e-12 <= one.upper <= 1


@given(group=GROUP, other=GROUP)
def test_counting_those_without_the_event_negates_a_risk_difference(group, other):
    (x1, n1), (x0, n0) = group, other
    one, two = risk_differences(x1, n1, x0, n0)[0], risk_differences(n1 - x1, n1, n0 - x0, n0)[0]
    # 1e-7: the multiplier is settled to about 1e-12 of itself, or to 1e-14 where the bracket closed
    assert (one.lower, one.upper) == pytest.approx((-two.upper, -two.lower), abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
@given(group=RATE, other=RATE)
def test_a_rate_ratio_inverts_and_follows_the_exposure(method, group, other):
    (x1, t1), (x0, t0) = group, other
    if x1 + x0 == 0:
        return
    one, two = rate_ratios(*group, *other, method=method)[0], rate_ratios(*other, *group, method=method)[0]
    assert one.lower == pytest.approx(1 / two.upper if two.upper else math.inf, rel=1e-9)
    twice = rate_ratios(x1, 2 * t1, x0, t0, method=method)[0]
    assert np.array(one) == pytest.approx(2 * np.array(twice), rel=1e-9)


@given(group=RATE, other=RATE)
def test_a_rate_difference_follows_the_exposure(group, other):
    (x1, t1), (x0, t0) = group, other
    one, twice = rate_differences(x1, t1, x0, t0)[0], rate_differences(x1, 2 * t1, x0, 2 * t0)[0]
    scale = 1e-9 * (one.upper - one.lower)
    assert np.array(one) == pytest.approx(2 * np.array(twice), abs=scale)
    assert one.lower <= one.estimate <= one.upper


@given(x1=st.integers(1, 3000), x0=st.integers(0, 3000), level=st.sampled_from([0.5, 0.95, 0.9999]))
def test_at_the_mid_p_limit_the_tail_is_what_the_level_leaves(x1, x0, level):
    odds = rate_ratios(x1, 1, x0, 1, level=level).lower[0]
    share, m = odds / (1 + odds), x1 + x0
    tail = binom.sf(x1, m, share) + binom.pmf(x1, m, share) / 2
    assert tail == pytest.approx((1 - level) / 2, rel=1e-8)


@given(x1=st.integers(0, 300), x0=st.integers(0, 300))
def test_exact_limits_contain_mid_p_limits(x1, x0):
    if x1 + x0:
        exact, mid_p = rate_ratios(x1, 3, x0, 7, method="exact")[0], rate_ratios(x1, 3, x0, 7)[0]
        assert exact.lower <= mid_p.lower and mid_p.upper <= exact.upper


def test_very_large_counts_settle():
    found = rate_ratios([10**6, 1, 10**6], 1, [10**6, 10**6, 1], 1)
    assert found[0] == pytest.approx((1, 0.99723203, 1.00277565), abs=1e-7)  # exp(-+1.959964 sqrt(2e-6))
    assert (found.lower > 0).all() and np.isfinite(found.upper).all()


def test_every_table_of_two_groups_settles():
    """Full groups put a kink in the statistic; 100 v 400 once made Newton's method step to and fro over
    it.
    """
    x1, x0 = (g.ravel() for g in np.meshgrid(np.arange(101), np.arange(401)))
    found = risk_differences(x1, 100, x0, 400)
    assert (found.lower <= found.estimate + 1e-12).all() and (found.estimate <= found.upper + 1e-12).all()


@pytest.mark.parametrize("interval", [risk_ratios, risk_differences])
def test_more_events_than_people_are_refused(interval):
    with pytest.raises(ValueError, match="comparison_events"):
        interval(1, 2, 4, 3)


def test_one_group_beside_many_repeats():
    found = risk_ratios([1, 2, 3], 10, 4, 20)
    assert len(found) == 3 and found.estimate == pytest.approx([0.5, 1, 1.5])
