"""Shrunken intervals hold the truth as often as they claim, on average over strata; a planted outlier shows the price."""

from __future__ import annotations

import pytest

from tests.known_truth.strata_tables import covered, planted

FEW_TABLES = 100  # about 15 s on one core; more by `make test-deep`


def test_shrunken_intervals_cover_over_strata():
    """100 tables of 24 strata: strata of one table are not independent, so chance moves the share by up to 1 %-point."""
    rates, residuals = covered(FEW_TABLES, seed=3)
    assert 0.935 <= rates <= 0.965
    assert (
        0.935 <= residuals <= 0.975
    )  # half of the tables have an sd near its prior's weight: slightly wide, never narrow


@pytest.mark.deep
def test_shrunken_intervals_cover_over_strata_of_many_tables():
    rates, residuals = covered(2000, seed=4)
    assert 0.935 <= rates <= 0.965
    assert 0.935 <= residuals <= 0.965


def test_an_outlier_is_drawn_in_and_the_exact_interval_holds_it():
    found = planted(100, seed=5, pupils=2)
    assert found.exact_covers >= 0.90  # at least 95 % in truth; 100 tables move it by 2 %-points a standard error
    assert found.shrunken_bias < -0.15
    assert found.shrunken_covers < found.exact_covers


@pytest.mark.deep
def test_an_outlier_over_many_tables():
    found = planted(2000, seed=6, pupils=2)
    assert found.exact_covers >= 0.945  # Garwood: at least 95 %; half a %-point is a standard error
    assert found.shrunken_bias < -0.2
