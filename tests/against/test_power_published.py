"""The smallest detectable ratios of shared/methods.md, section 10: base rate 20 per 1,000 a year, design
effects 1, 2, 4.

What each of its rows was found to be:
- school, borough: both formulas, as it says ("exact" for design effects 1 and 2 only);
- force: 4,400 expected events; log-normal (the exact answer is the same to two decimals);
- charges, 0.8 per 1,000 in the force: 176 expected events, yet the printed numbers are log-normal;
- intersection cell of 150 pupils: log-normal, beside the force's comparison group of 160,000.
"""

import pytest

from dueregard.stats.power import (
    exact_minimum_detectable_ratio,
    minimum_detectable_ratio,
    wald_minimum_detectable_ratio,
)

LOG_NORMAL = [
    pytest.param((0.02, 200, 600), [3.11, 4.41, 6.93], id="school"),
    pytest.param((0.02, 4_000, 12_000), [1.38, 1.55, 1.80], id="borough"),
    pytest.param((0.02, 60_000, 160_000), [1.10, 1.14, 1.20], id="force"),
    pytest.param((0.0008, 60_000, 160_000), [1.51, 1.75, 2.11], id="force, charges"),
    pytest.param((0.02, 150, 160_000), [2.69, 3.44, 4.56], id="intersection cell of 150"),
]
EXACT = [
    pytest.param((0.02, 200, 600), [3.28, 4.57], id="school"),
    pytest.param((0.02, 4_000, 12_000), [1.39, 1.57], id="borough"),
]
TWO_DECIMALS = 0.0051  # 1.745 is printed as 1.75


@pytest.mark.parametrize(("figures", "printed"), LOG_NORMAL)
def test_log_normal(figures, printed):
    found = wald_minimum_detectable_ratio(*figures, design_effect=[1, 2, 4])
    assert found.tolist() == pytest.approx(printed, abs=TWO_DECIMALS)


@pytest.mark.parametrize(("figures", "printed"), EXACT)
def test_exact(figures, printed):
    found = exact_minimum_detectable_ratio(*figures, design_effect=[1, 2])
    assert found.tolist() == pytest.approx(printed, abs=TWO_DECIMALS)
    assert minimum_detectable_ratio(*figures, design_effect=[1, 2]).tolist() == found.tolist()


def test_force_is_large_enough_for_the_log_normal_formula():
    assert minimum_detectable_ratio(0.02, 60_000, 160_000)[0] == pytest.approx(1.10, abs=TWO_DECIMALS)


def test_no_school_detects_less_than_a_threefold_disparity_in_one_year():
    assert minimum_detectable_ratio(0.02, 200, 600)[0] > 3
