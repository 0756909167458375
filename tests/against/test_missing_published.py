"""Missing ethnicity and selection against worked numbers, a linear program, and other software."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.stats import t as student
from statsmodels.stats.inter_rater import cohens_kappa

from dueregard.stats.confusion import agreement
from dueregard.stats.imputation import INTERCEPT_SD, PRIOR_SD, fit_multinomial, one_hot, pool
from dueregard.stats.missing import known, missing_odds_curve, proportional_ratios, ratio_at, worst_case_ratios
from dueregard.stats.ratios import rate_ratios
from dueregard.stats.selection import effect_among_group, effect_bounds

EXAMPLE = ([320], [60_000], 410, 160_000)


def test_the_worked_example_of_missing_ethnicity():
    """320 of 60,000 beside 410 of 160,000, 90 missing: 2.08; 1.71 to 2.67; proportional allocation leaves 2.08."""
    found = worst_case_ratios(*EXAMPLE, missing=90)
    assert rate_ratios(*EXAMPLE).estimate[0] == pytest.approx((320 / 60_000) / (410 / 160_000), rel=1e-14)
    assert round(float(rate_ratios(*EXAMPLE).estimate[0]), 2) == 2.08
    assert (round(float(found.lowest[0]), 2), round(float(found.highest[0]), 2)) == (1.71, 2.67)
    assert found.lowest[0] == pytest.approx((320 / 60_000) / ((410 + 90) / 160_000), rel=1e-14)
    assert found.highest[0] == pytest.approx(((320 + 90) / 60_000) / (410 / 160_000), rel=1e-14)
    # equal but for rounding in the last digit of a double
    assert proportional_ratios(*EXAMPLE, missing=90)[0] == pytest.approx(rate_ratios(*EXAMPLE).estimate[0], rel=1e-14)


def test_the_missing_odds_ratio_is_what_it_says():
    """At theta, whoever is missing was drawn from the group with theta times the odds of everybody else."""
    a, b, other, missing = 320.0, 410.0, 55.0, 90.0
    found = known([a], [60_000], b, 160_000, missing=missing, other_events=[other])
    for theta in (0.5, 1.0, 1.7, 2.0):
        odds = missing / (theta * a + b + other)
        of_group, of_others = theta * odds * a, odds * b
        assert of_group + of_others + odds * other == pytest.approx(missing, rel=1e-12)
        truth = ((a + of_group) / 60_000) / ((b + of_others) / 160_000)
        assert ratio_at(found, [theta])[0, 0] == pytest.approx(truth, rel=1e-12)


def test_the_curve_reaches_the_worst_case_of_two_groups():
    """All to the one, all to the other: where theta is as good as infinite or 0."""
    found, bounds = known(*EXAMPLE, missing=90), worst_case_ratios(*EXAMPLE, missing=90)
    # 1e-6 from the ends at odds of a thousand million
    assert ratio_at(found, [1e-9, 1e9])[0] == pytest.approx([bounds.lowest[0], bounds.highest[0]], rel=1e-6)


def test_limits_at_equal_odds_are_those_of_the_complete_cases():
    complete = rate_ratios(*EXAMPLE)
    curve = missing_odds_curve(known(*EXAMPLE, missing=90), complete, [1.0])
    assert curve.lower[0, 0] == pytest.approx(complete.lower[0], rel=1e-12)
    assert curve.upper[0, 0] == pytest.approx(complete.upper[0], rel=1e-12)


def test_the_delta_method_agrees_with_drawn_counts():
    """The widening of the limits at theta 2, beside the spread of 200,000 drawn tables of Poisson counts."""
    rng = np.random.default_rng(5)
    a, b, other, missing = (rng.poisson(mean, 200_000).astype(float) for mean in (320, 410, 200, 300))
    rest = b + other
    drawn = np.log(a / b) + np.log(2 * a + rest + 2 * missing) - np.log(2 * a + rest + missing)
    complete = rate_ratios([320], [60_000], 410, 160_000)
    curve = missing_odds_curve(known([320], [60_000], 410, 160_000, missing=300, other_events=[200]), complete, [2.0])
    wider = np.log(curve.upper[0, 0] / curve.estimate[0, 0]) / np.log(complete.upper[0] / complete.estimate[0])
    # the standard deviation of 200,000 draws is known to 0.2 %; the delta method leaves out terms of 1 in 300
    assert wider == pytest.approx(drawn.std() / np.sqrt(1 / 320 + 1 / 410), rel=0.01)


def test_the_worked_example_of_selection():
    """y1 .24, y0 .22, rho .32, pi .8: .0904 and [.0763, .0989]; without selection the plain difference."""
    assert float(effect_among_group(0.24, 0.22, 0.32)) == pytest.approx(0.0904, abs=1e-12)
    low, high = effect_bounds(0.24, 0.22, 0.32, 0.8)
    assert (round(float(low), 4), round(float(high), 4)) == (0.0763, 0.0989)
    assert [float(end) for end in effect_bounds(0.24, 0.22, 0.0, 0.8)] == pytest.approx([0.02, 0.02], abs=1e-15)
    assert round(float(effect_among_group(0.21, 0.22, 0.3)) * 1000) == 56  # a plain difference of -10 per 1,000


def ends_by_linear_program(y1: float, y0: float, rho: float, pi: float) -> tuple[float, float, float]:
    """Least and most mean effect among all contacts, and the one among the group's, over all that could be so.

    Principal strata of the contacts: met in either group (a share 1 - rho of the group's), or met as one of the group
    only. Unknown: in the first stratum the four joint chances of (stage as group, stage as comparison), in the
    second the chance of the stage as group; as comparison pupils the latter are not met, so reach nothing (mandatory
    reporting). Nobody is met as a comparison pupil only (monotonicity). Alike situations (ignorability) give the first
    stratum the comparison group's y0; the group's y1 mixes both; the first goes on at least as often (non-severity).
    """
    cells = list(product((0, 1), (0, 1)))
    as_group, as_other = np.array([g for g, _ in cells] + [0]), np.array([o for _, o in cells] + [0])
    second = np.array([0, 0, 0, 0, 1])
    equal = np.array([[1, 1, 1, 1, 0], as_other, (1 - rho) * as_group + rho * second])
    effect_of_group = (1 - rho) * (as_group - as_other) + rho * second
    effect = pi * effect_of_group + (1 - pi) * (as_group - as_other)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * effect, A_ub=[second - as_group], b_ub=[0], A_eq=equal, b_eq=[1, y0, y1], bounds=(0, 1))
        assert found.status == 0, found.message
        ends.append(sign * found.fun)
    inside = linprog(effect_of_group, A_eq=equal, b_eq=[1, y0, y1], bounds=(0, 1))
    return ends[0], ends[1], inside.fun


def test_the_bounds_are_those_of_a_linear_program_over_principal_strata():
    rng = np.random.default_rng(7)
    cases = [(0.24, 0.22, 0.32, 0.8), *(tuple(x) for x in rng.uniform((0, 0, 0, 0), (1, 1, 0.95, 1), (120, 4)))]
    clipped = 0
    for y1, y0, rho, pi in cases:
        low, high = effect_bounds(y1, y0, rho, pi)
        least, most, among = ends_by_linear_program(y1, y0, rho, pi)
        # 1e-8: the tolerance to which the solver holds its constraints is 1e-9
        assert (float(low), float(high)) == pytest.approx((least, most), abs=1e-8)
        assert float(effect_among_group(y1, y0, rho)) == pytest.approx(among, abs=1e-8)
        clipped += y1 / (1 - rho) > 1
    assert clipped > 20  # the corner in which a chance cannot exceed 1 was met often


def test_rubins_rules_by_hand():
    """Three answers 1.0, 1.2, 1.4 with variance 0.04: within .04, between .04 (x 4/3), total .09333, freedom 2 x 1.75^2."""
    found = pool([1.0, 1.2, 1.4], [0.04, 0.04, 0.04])
    total, freedom = 0.04 + 4 / 3 * 0.04, 2 * (1 + 0.04 / (4 / 3 * 0.04)) ** 2
    assert found.degrees_of_freedom == pytest.approx(freedom, rel=1e-12)
    assert found.interval.estimate == pytest.approx(1.2, rel=1e-12)
    assert found.interval.upper == pytest.approx(1.2 + student.ppf(0.975, freedom) * total**0.5, rel=1e-9)
    relative = (4 / 3 * 0.04) / 0.04
    assert found.missing_information == pytest.approx((relative + 2 / (freedom + 3)) / (relative + 1), rel=1e-12)


def test_answers_that_agree_are_pooled_without_added_variance():
    found = pool([0.5, 0.5, 0.5], [0.09, 0.09, 0.09])
    assert found.interval.upper - 0.5 == pytest.approx(1.959964 * 0.3, rel=1e-6)
    assert found.missing_information == 0


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_that_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 40, (4, 4)) + np.diag(rng.integers(20, 80, 4))
    ours, theirs = agreement(table), cohens_kappa(table)
    assert ours.kappa.estimate == pytest.approx(theirs.kappa, rel=1e-12)
    assert (ours.kappa.lower, ours.kappa.upper) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), rel=1e-6)


def test_the_multinomial_fit_is_that_of_a_general_optimiser():
    """The same penalised likelihood, climbed by BFGS without any derivative of ours."""
    rng = np.random.default_rng(3)
    design = one_hot([[i, j] for i in range(3) for j in range(2)])
    counts = rng.integers(0, 30, (6, 3)).astype(float)
    sds = np.where(np.arange(design.shape[1]) == 0, INTERCEPT_SD, PRIOR_SD)[:, None]

    def minus_log_posterior(flat):
        eta = design @ flat.reshape(-1, 3)
        logs = eta - np.log(np.exp(eta).sum(axis=1, keepdims=True))
        return -(counts * logs).sum() + ((flat.reshape(-1, 3) / sds) ** 2).sum() / 2

    found = minimize(minus_log_posterior, np.zeros(design.shape[1] * 3), method="BFGS", options={"gtol": 1e-7})
    fitted = fit_multinomial(design, counts)
    assert fitted.has_converged
    # BFGS with differences for derivatives stops about 1e-4 from the top
    assert fitted.mode.ravel() == pytest.approx(found.x, abs=1e-3)
    spread = np.linalg.inv(fitted.root @ fitted.root.T)
    step = 1e-3
    for k in (0, 4, 10):  # curvature along three coordinates, by second differences of the function itself
        e = np.zeros(found.x.size)
        e[k] = step
        at = [minus_log_posterior(fitted.mode.ravel() + s * e) for s in (-1, 0, 1)]
        assert (at[0] - 2 * at[1] + at[2]) / step**2 == pytest.approx(np.linalg.inv(spread)[k, k], rel=1e-3)
