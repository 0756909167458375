"""Persons who come again: the design effect, the share of those who come most, and ranges that know it."""

from __future__ import annotations

import numpy as np
import pytest

from dueregard.stats.power import minimum_detectable_ratio
from dueregard.stats.rates import rates
from dueregard.stats.ratios import rate_differences, rate_ratios
from dueregard.stats.repeats import (
    design_effect,
    difference_factor,
    ratio_factor,
    stretched_differences,
    stretched_rates,
    stretched_ratios,
    top_share,
)


def test_the_design_effect_is_the_variance_of_a_count_of_persons_who_repeat():
    """Against a simulation: persons come by chance (Poisson), each with 1, 2 or 5 events."""
    rng = np.random.default_rng(1)
    persons = rng.poisson([30, 8, 2], (40_000, 3))
    totals = persons @ np.array([1, 2, 5])
    expected = design_effect([30 + 16 + 10], [30 + 8 * 4 + 2 * 25])
    # the variance of 40,000 draws has a relative standard error of 0.7 %
    assert totals.var() / totals.mean() == pytest.approx(expected[0], rel=0.03)


def test_where_nobody_comes_again_nothing_is_stretched():
    found = rates([12, 0, 40], [1000, 500, 2000])
    same = stretched_rates(found, design_effect([12, 0, 40], [12, 0, 40]))
    assert np.array_equal(same.lower, found.lower) and np.array_equal(same.upper, found.upper)
    ratio = rate_ratios([12, 0, 3], 1000, [20, 5, 0], 2000)
    assert ratio_factor(np.array([12.0]), np.ones(1), np.array([20.0]), np.ones(1)) == pytest.approx(1)
    same = stretched_ratios(ratio, np.ones(3))
    assert same.lower == pytest.approx(ratio.lower) and same.upper == pytest.approx(ratio.upper)


def test_four_times_the_variance_is_twice_the_width():
    found = rates([100], [1000])
    wide = stretched_rates(found, np.array([4.0]))
    assert wide.upper - wide.estimate == pytest.approx(2 * (found.upper - found.estimate))
    ratio = rate_ratios([100], [1000], [50], [1000])
    wide = stretched_ratios(ratio, np.array([2.0]))
    assert np.log(wide.upper / wide.lower) == pytest.approx(2 * np.log(ratio.upper / ratio.lower))
    difference = rate_differences([100], [1000], [50], [1000])
    factor = difference_factor(*(np.array([x]) for x in (100.0, 1000.0, 4.0, 50.0, 1000.0, 4.0)))
    wide = stretched_differences(difference, factor)
    assert wide.upper - wide.lower == pytest.approx(2 * (difference.upper - difference.lower))


def test_a_ratio_of_none_keeps_its_one_limit():
    ratio = rate_ratios([0, 4], 1000, [6, 0], 1000)
    wide = stretched_ratios(ratio, np.array([3.0, 3.0]))
    assert wide.estimate[0] == 0 and wide.upper[0] == ratio.upper[0]
    assert np.isinf(wide.upper[1]) and wide.lower[1] == ratio.lower[1]


def test_the_smallest_ratio_that_could_show_grows():
    """methods.md section 10: a school of 200 beside 600, 20 per 1,000: 3.28, with a design effect of 2 it is 4.57."""
    found = minimum_detectable_ratio(0.02, [200, 200], [600, 600], design_effect=[1, 2])
    assert found.round(2).tolist() == [3.28, 4.57]


@pytest.mark.parametrize(
    ("persons", "events", "share", "n_top"),
    [
        (((1, 150), (5, 2), (9, 1)), 169, (9 + 5) / 169, 2),  # 153 persons: 2 are the least that is 1 %
        (((1, 100),), 100, 1 / 100, 1),
        (((3, 1),), 5, 3 / 5, 1),  # two more events are of persons who are not known
        (((1, 200), (2, 100)), 400, 3 * 2 / 400, 3),
    ],
)
def test_the_top_1_per_cent(persons, events, share, n_top):
    found = top_share(persons, events)
    assert found == (pytest.approx(share), n_top)


def test_the_top_of_nobody_is_not_a_share():
    share, n_top = top_share((), 3)
    assert np.isnan(share) and n_top == 0
