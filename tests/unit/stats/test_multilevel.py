"""The Laplace fit of two crossed factors: against dense algebra, numeric slopes, integration by brute force, and bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dueregard.stats.interaction import additive_interaction, variance_partition
from dueregard.stats.multilevel_fit import Climb, Search, fit_laplace
from dueregard.stats.multilevel_mode import Scales, curvature, mode
from dueregard.stats.multilevel_posterior import draws, level_effects, level_rates, posterior
from dueregard.stats.multilevel_table import Factor, crossed_table

N_FIRST, N_SECOND = 9, 6
DESIGN = np.column_stack([np.ones(N_SECOND), np.arange(N_SECOND) % 2, np.arange(N_SECOND) > 2]).astype(float)
FACTORS = (Factor(N_FIRST), Factor(N_SECOND, design=DESIGN))
PRIOR = {"prior_mean": np.array([-3.0, 0.0, 0.0]), "prior_sd": np.array([5.0, 1.0, 1.0])}


def cells(seed=1, *, drop=0.2):
    rng = np.random.default_rng(seed)
    first, second = np.divmod(np.arange(N_FIRST * N_SECOND), N_SECOND)
    keep = rng.random(first.size) > drop
    first, second = first[keep], second[keep]
    size = rng.integers(20, 90, first.size).astype(float)
    log_rate = -3 + 0.5 * DESIGN[second, 1] + rng.normal(0, 0.5, N_FIRST)[first] + rng.normal(0, 0.3, N_SECOND)[second]
    return rng.poisson(size * np.exp(log_rate)).astype(float), size, first, second


def made(family="poisson", *, turned=False, seed=1):
    y, n, first, second = cells(seed)
    if turned:
        return crossed_table(y, n, second, first, factors=FACTORS[::-1], family=family)
    return crossed_table(y, n, first, second, factors=FACTORS, family=family)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_the_gradient_is_the_slope_of_the_likelihood(family):
    search = Search(Climb(made(family), np.zeros(3), np.full(3, 0.3), 60))
    at = np.array([0.4, -0.7, 0.2, 0.9, -0.6])
    slope = search.downhill(at)[1]
    step = 1e-5
    numeric = [(search.downhill(at + step * e)[0] - search.downhill(at - step * e)[0]) / (2 * step) for e in np.eye(5)]
    # Central differences of a function known to 1e-10 or so are good to about 1e-5.
    np.testing.assert_allclose(slope, numeric, atol=2e-5)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_which_factor_is_eliminated_does_not_matter(family):
    one, other = fit_laplace(made(family)), fit_laplace(made(family, turned=True))
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(other.fixed, one.fixed, atol=1e-7)


def test_a_cell_cut_in_two_changes_nothing_but_the_constant():
    y, n, first, second = cells()
    half = np.concatenate
    cut = crossed_table(half([np.floor(y / 2), y - np.floor(y / 2)]), half([n / 2, n / 2]), half([first, first]),
                        half([second, second]), factors=FACTORS)  # fmt: skip
    np.testing.assert_allclose(fit_laplace(cut).fixed, fit_laplace(made()).fixed, atol=1e-9)


def dense(table, scales, found):
    """The same Hessian with every effect in one matrix: fixed, columns, rows."""
    n_rows, n_columns = table.size.shape
    blocks = []
    for a in range(n_rows):
        for b in range(n_columns):
            line = np.concatenate([table.row_design[a] + table.column_design[b], scales.column * np.eye(n_columns)[b],
                                   scales.row * np.eye(n_rows)[a]])  # fmt: skip
            blocks.append(found.at.weight[a, b] * np.outer(line, line))
    return sum(blocks) + np.diag([*scales.prior_precision, *np.ones(n_columns + n_rows)])


def test_curvature_is_that_of_the_whole_matrix():
    table, scales = made(), Scales(0.5, 0.3, PRIOR["prior_mean"], 1 / PRIOR["prior_sd"] ** 2)
    found = mode(table, scales, (PRIOR["prior_mean"], np.zeros(N_FIRST), np.zeros(N_SECOND)), is_fixed_free=True)
    around, whole = curvature(table, scales, found, is_fixed_free=True), dense(table, scales, found)
    assert found.is_converged
    assert around.log_determinant == pytest.approx(np.linalg.slogdet(whole)[1], abs=1e-10)
    rng = np.random.default_rng(2)
    row, small = rng.normal(size=N_FIRST), rng.normal(size=3 + N_SECOND)
    expected = np.linalg.solve(whole, np.concatenate([small, row]))
    by_row, by_small = around.solve(row, small)
    np.testing.assert_allclose(np.concatenate([by_small, by_row]), expected, atol=1e-10)


def test_rates_and_effects_are_those_of_the_whole_matrix():
    """At one point of the grid: the variance of a log rate by a linear form in every effect."""
    table = made()
    found = posterior(table, fit_laplace(table, **PRIOR), of=1, **PRIOR)
    node = found.nodes[0]
    whole = np.linalg.inv(dense(table, node.scales, node.mode))
    mean = node.mode.at.weight
    from dueregard.stats.multilevel_posterior import _effect_at, _rate_at

    _, spread, share = _rate_at(found, node, np.eye(N_SECOND))
    for b in range(N_SECOND):
        form = np.concatenate([DESIGN[b], node.scales.column * np.eye(N_SECOND)[b],
                               node.scales.row * mean[:, b] / mean[:, b].sum()])  # fmt: skip
        assert spread[b] ** 2 == pytest.approx(form @ whole @ form, rel=1e-10)
        assert share[b] == pytest.approx(mean[:, b].sum() * (form @ whole @ form), rel=1e-10)
    effects = _effect_at(found, node)[1] / node.scales.column
    np.testing.assert_allclose(effects**2, np.diag(whole)[3 : 3 + N_SECOND], rtol=1e-10)


def test_the_posterior_of_either_factor_agrees_whichever_is_eliminated():
    one = posterior(made(), fit_laplace(made(), **PRIOR), of=1, **PRIOR)
    other = posterior(made(turned=True), fit_laplace(made(turned=True), **PRIOR), of=0, **PRIOR)
    for summary in (level_rates, level_effects):
        for end in ("median", "lower", "upper"):
            # Two searches stop within about 1e-4 of the same place, from which the grid starts.
            np.testing.assert_allclose(getattr(summary(one), end), getattr(summary(other), end), rtol=2e-3)


def test_levels_by_the_diagonal_block_agree_with_levels_by_the_small_one():
    """The first factor's levels are rows here; asked as columns by a made-up larger second factor they would not be."""
    table = made()
    found = posterior(table, fit_laplace(table, **PRIOR), of=0, **PRIOR)
    sample = draws(found, 20_000, np.random.default_rng(3))
    effects = level_effects(found)
    # 20,000 draws: an end of a 95 % interval is known to about 2 % of its length.
    np.testing.assert_allclose(np.quantile(np.exp(sample.effect), 0.975, axis=0), effects.upper, rtol=0.05)
    np.testing.assert_allclose(np.median(np.exp(sample.effect), axis=0), effects.median, rtol=0.02)


def test_several_levels_together_lie_between_them():
    table = made()
    found = posterior(table, fit_laplace(table, **PRIOR), of=1, **PRIOR)
    each = level_rates(found)
    low, high = int(np.argmin(each.median)), int(np.argmax(each.median))
    both = level_rates(found, sets=[np.isin(np.arange(N_SECOND), [low, high]).astype(float)])
    assert each.median[low] < both.median[0] < each.median[high]
    assert both.own_share[0] <= 1


def test_the_likelihood_is_near_that_by_integration():
    """One factor of two levels, integrated by a fine sum. Laplace's own error at 30 events a level is about 1e-3."""
    y, n, sd = np.array([31.0, 44.0]), np.array([500.0, 600.0]), 0.5
    table = crossed_table(y, n, [0, 1], [0, 0], factors=(Factor(2), Factor(1, False, np.ones((1, 1)))))
    fit = fit_laplace(table)
    at = np.linspace(-8, 8, 4001) * fit.row_sd
    total = 0.0
    for events, size in zip(y, n, strict=True):
        log = events * (fit.fixed[0] + at + math.log(size)) - size * np.exp(fit.fixed[0] + at) - math.lgamma(events + 1)
        total += math.log(
            np.trapezoid(np.exp(log - at**2 / (2 * fit.row_sd**2)), at) / (fit.row_sd * math.sqrt(2 * math.pi))
        )
    assert sd and fit.log_likelihood == pytest.approx(total, abs=3e-3)


def test_no_variation_is_a_standard_deviation_of_about_zero():
    size = np.full(40, 1000.0)
    first, second = np.divmod(np.arange(40), 5)
    table = crossed_table(
        np.full(40, 20.0), size, first, second, factors=(Factor(8), Factor(5, design=np.ones((5, 1))))
    )
    fit = fit_laplace(table)
    assert fit.is_converged and max(fit.row_sd, fit.column_sd) < 0.02
    assert fit.fixed[0] == pytest.approx(math.log(0.02), abs=1e-6)


def test_a_search_cut_short_says_so():
    assert not fit_laplace(made(), rounds=1).is_converged
    assert not fit_laplace(made(), newton_steps=1).is_converged


@pytest.mark.parametrize(
    ("change", "message"),
    [({"y": -1.0}, "not negative"), ({"n": 0.0}, "events without exposure"), ({"n": math.nan}, "finite")],
)
def test_bad_counts_are_refused(change, message):
    y, n, first, second = cells()
    y[0], n[0] = change.get("y", 3.0), change.get("n", n[0])
    with pytest.raises(ValueError, match=message):
        crossed_table(y, n, first, second, factors=FACTORS)


def test_bad_models_are_refused():
    y, n, first, second = cells()
    with pytest.raises(ValueError, match="no family"):
        crossed_table(y, n, first, second, factors=FACTORS, family="normal")
    with pytest.raises(ValueError, match="neither factor"):
        crossed_table(y, n, first, second, factors=(Factor(N_FIRST, False), Factor(N_SECOND, False)))


def test_additive_and_multiplicative_are_not_the_same():
    """Rates 1, 2, 3 and 6: nothing beyond the product, 2 beyond the sum. Rates 1, 2, 3 and 4: the other way round."""

    def beyond(own):
        return additive_interaction(np.log([own] * 9), np.log([[2.0, 3.0]] * 9), np.log([1.0] * 9)).reri[0]

    assert beyond(6.0) == pytest.approx(2.0)
    assert beyond(4.0) == pytest.approx(0.0, abs=1e-12)


def test_share_of_variance_by_hand():
    """0.3^2 / (0.3^2 + 0.4^2 + ln(1 + 1/0.02)) = 0.09 / 4.181826."""
    assert variance_partition(np.array([0.3]), np.array([0.4]), 0.02)[0] == pytest.approx(0.09 / 4.1818256, rel=1e-6)


def test_the_average_of_the_other_factor_gives_back_what_was_counted():
    """Fixed effects, own effects and the other factor's average: over every level they make up the events."""
    size = np.full(N_FIRST * N_SECOND, 400.0)
    first, second = np.divmod(np.arange(size.size), N_SECOND)
    lift = np.random.default_rng(4).normal(0, 0.9, N_FIRST)
    y = np.random.default_rng(5).poisson(size * np.exp(-2.5 + lift[first]))
    table = crossed_table(y, size, first, second, factors=FACTORS)
    found = posterior(table, fit_laplace(table, **PRIOR), of=1, **PRIOR)
    sample = draws(found, 4000, np.random.default_rng(6))
    rates = np.exp(sample.fixed @ DESIGN.T + sample.effect) * sample.other_mean[:, None]
    # The same school mix in each level, so the average rate is the crude one; 4,000 draws and about 2,000 events: 1 %.
    assert rates.mean() == pytest.approx(y.sum() / size.sum(), rel=0.02)
