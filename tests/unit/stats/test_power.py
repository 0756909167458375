import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from dueregard.stats.power import (
    critical_counts,
    exact_minimum_detectable_ratio,
    minimum_detectable_ratio,
    wald_minimum_detectable_ratio,
)


def power_summed_over_the_total(e1, e0, ratio):
    """Slow and plain: for each Poisson total, the binomial probability of the counts whose mid-P value is
    small.
    """
    power, mean = 0.0, ratio * e1 + e0
    for total in range(1, int(mean + 10 * mean**0.5 + 20)):
        x = np.arange(total + 1)
        mid_p = binom.sf(x, total, e1 / (e1 + e0)) + binom.pmf(x, total, e1 / (e1 + e0)) / 2
        shown = binom.pmf(x, total, ratio * e1 / mean)[mid_p <= 0.025].sum()
        power += poisson.pmf(total, mean) * shown
    return power


@pytest.mark.parametrize(("e1", "e0"), [(4, 12), (0.3, 2), (30, 10), (80, 240), (2, 0.1)])
def test_at_the_exact_answer_the_power_is_four_fifths(e1, e0):
    found = exact_minimum_detectable_ratio(1, e1, e0)[0]
    assert power_summed_over_the_total(e1, e0, found) == pytest.approx(0.8, abs=1e-6)


def test_every_second_count_of_a_large_comparison_group_is_enough():
    """3 v 3,200 expected events: its 735 likely counts are summed in steps of 2; all of them give 3.0811."""
    assert exact_minimum_detectable_ratio(0.02, 150, 160_000)[0] == pytest.approx(3.0811, rel=5e-4)


def test_a_small_group_beside_a_large_one_is_exact():
    small, exact = (
        minimum_detectable_ratio(0.02, 150, 160_000),
        exact_minimum_detectable_ratio(0.02, 150, 160_000),
    )
    assert small == exact > wald_minimum_detectable_ratio(0.02, 150, 160_000) + 0.3


@given(y=st.integers(0, 200), share=st.floats(0.001, 0.999))
def test_critical_count_is_the_first_that_shows_a_higher_rate(y, share):
    k = critical_counts(np.array([[float(y)]]), np.array([[share]]), 0.025)[0, 0]
    x = np.array([k - 1, k])
    tail = binom.sf(x, x + y, share) + binom.pmf(x, x + y, share) / 2
    assert tail[1] <= 0.025 * (1 + 1e-9) and tail[0] >= 0.025 * (1 - 1e-9)


def test_nothing_to_see_is_infinite_and_unknown_stays_unknown():
    found = minimum_detectable_ratio([0, 0.02, 0.02, np.nan], [9, 0, 9, 9], [9, 9, 0, 9])
    assert found[:3].tolist() == [np.inf] * 3 and np.isnan(found[3])


@settings(max_examples=40)
@given(e1=st.floats(0.05, 400), e0=st.floats(0.05, 400), more=st.floats(1.2, 5))
def test_a_design_effect_is_as_much_less_exposure(e1, e0, more):
    by_effect = exact_minimum_detectable_ratio(1, e1, e0, design_effect=more)
    assert by_effect == pytest.approx(exact_minimum_detectable_ratio(1, e1 / more, e0 / more), rel=1e-9)
    assert by_effect > 1


def test_more_power_or_a_higher_level_needs_a_larger_ratio():
    plain = minimum_detectable_ratio(0.02, 200, 600)
    assert minimum_detectable_ratio(0.02, 200, 600, power=0.9) > plain
    assert minimum_detectable_ratio(0.02, 200, 600, level=0.99) > plain


def test_extreme_designs_settle():
    found = exact_minimum_detectable_ratio([1e-6, 1e-9, 0.02, 0.02], [1, 1e9, 1e9, 2], [1, 1, 2, 1e9])
    assert (found > 1).all() and np.isfinite(found).all()


@pytest.mark.parametrize("bad", [{"power": 80}, {"power": 0.01}, {"level": 95}, {"design_effect": 0}])
def test_impossible_options_are_refused(bad):
    with pytest.raises(ValueError):
        minimum_detectable_ratio(0.02, 200, 600, **bad)


@pytest.mark.deep
def test_a_report_of_2000_figures_takes_under_5_milliseconds_each():
    """0.3 ms each where this was written; the bound is loose because other work shares the machine."""
    rng = np.random.default_rng(1)
    start = time.perf_counter()
    minimum_detectable_ratio(0.01, rng.integers(5, 4000, 2000), rng.integers(50, 12_000, 2000))
    assert time.perf_counter() - start < 10
