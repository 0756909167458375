import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from dueregard.stats.proportions import proportions
from dueregard.stats.rates import byar_rates, exact_rates, mid_p_rates, rates

EVERY = [rates, exact_rates, byar_rates, mid_p_rates]
COUNTS = st.integers(0, 100_000)


@pytest.mark.parametrize("interval", EVERY)
def test_no_exposure_is_nan_and_never_zero(interval):
    found = interval([0, 3, 3], [0, 0, 2])
    for column in (found.estimate, found.lower, found.upper):
        assert np.isnan(column).tolist() == [True, True, False]


@pytest.mark.parametrize("interval", EVERY)
def test_no_events_keep_their_upper_limit(interval):
    found = interval(0, 10)[0]
    assert found.estimate == found.lower == 0 < found.upper


@pytest.mark.parametrize("interval", EVERY)
def test_an_unknown_count_stays_unknown(interval):
    found = interval([np.nan, 4], 10)
    assert np.isnan(found.upper).tolist() == [True, False]


@pytest.mark.parametrize("interval", EVERY)
def test_no_rows(interval):
    assert len(interval([], [])) == 0


@pytest.mark.parametrize("interval", EVERY)
@given(events=COUNTS, exposure=st.floats(0.01, 1e6))
def test_twice_the_exposure_halves_the_rate_and_its_limits(interval, events, exposure):
    once, twice = interval(events, exposure)[0], interval(events, 2 * exposure)[0]
    assert np.array(once) == pytest.approx(2 * np.array(twice), rel=1e-12)


@pytest.mark.parametrize("interval", EVERY)
@given(events=COUNTS)
def test_limits_lie_about_the_estimate_and_widen_with_the_level(interval, events):
    narrow, wide = interval(events, 1, level=0.8)[0], interval(events, 1, level=0.998)[0]
    assert 0 <= wide.lower <= narrow.lower <= events <= narrow.upper < wide.upper


def test_the_formula_changes_at_10_events():
    found = rates([9, 10], 1)
    assert found.method == ("exact Poisson (Garwood)", "Byar")
    assert found[0] == exact_rates(9, 1)[0]
    assert found[1] == byar_rates(10, 1)[0]


@given(events=st.integers(0, 3000))
def test_at_the_mid_p_limits_the_tail_is_a_fortieth(events):
    found = mid_p_rates(events, 1)[0]
    half = poisson.pmf(events, [found.lower, found.upper]) / 2
    # 1e-9: about what a sum of 3,000 terms is good for
    assert poisson.cdf(events, found.upper) - half[1] == pytest.approx(0.025, rel=1e-9)
    if events:
        assert poisson.sf(events - 1, found.lower) - half[0] == pytest.approx(0.025, rel=1e-9)


def test_proportions_at_the_ends():
    found = proportions([0, 7, 0, np.nan], [7, 7, 0, 7])
    assert found.lower[0] == 0 < found.upper[0] < 1
    assert 0 < found.lower[1] < found.upper[1] == 1
    assert np.isnan(found.estimate).tolist() == [False, False, True, True]
    assert np.isnan(found.upper).tolist() == [False, False, True, True]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_proportion_and_its_complement_mirror(table):
    x, n = table
    had, had_not = proportions(x, n)[0], proportions(n - x, n)[0]
    assert had.lower == pytest.approx(1 - had_not.upper, abs=1e-12)
    assert had.lower <= had.estimate <= had.upper


def test_more_events_than_people_are_refused():
    with pytest.raises(ValueError, match="more events"):
        proportions(8, 7)
