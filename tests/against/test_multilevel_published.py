"""The multilevel fit against lme4's published example, and against gpboost on a made table."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dueregard.stats.multilevel_fit import fit_laplace
from dueregard.stats.multilevel_table import Factor, crossed_table


def test_cbpp_by_true_laplace(shared):
    """Bates et al., `lme4` vignette (2015): `glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), binomial)`.

    glmer with nAGQ = 1 prints -1.3983, -0.9919, -1.1282, -1.5797, sd 0.64207 and log-likelihood -92.02657. That is Laplace
    too, stopped a little short: this fit goes on to -92.02628 at -1.3985, -0.9923, -1.1287, -1.5803, sd 0.6423, hence 0.001.
    (Nine-point quadrature, nAGQ = 9, is another estimator: -1.3992 and sd 0.6475.)
    """
    with (shared / "data" / "method_cbpp.csv").open() as file:
        rows = list(csv.DictReader(file))
    y, n, herd, period = (np.array([int(r[c]) for r in rows]) for c in ("incidence", "size", "herd", "period"))
    design = np.column_stack([np.ones(4), np.eye(4)[:, 1:]])
    fit = fit_laplace(
        crossed_table(y, n, herd - 1, period - 1, factors=(Factor(15), Factor(4, False, design)), family="binomial")
    )
    assert fit.is_converged
    np.testing.assert_allclose(fit.fixed, [-1.3983, -0.9919, -1.1282, -1.5797], atol=0.001)
    assert fit.row_sd == pytest.approx(0.642, abs=0.001)
    # The earlier draft of this fit stopped within 1e-4 of the maximum; its slope there is still 1e-3.
    np.testing.assert_allclose(fit.fixed, [-1.3985, -0.9923, -1.1287, -1.5803], atol=1e-4)
    assert fit.log_likelihood == pytest.approx(-92.02628, abs=1e-5)


def test_gpboost_on_20000_cells():
    """The same crossed Poisson model by gpboost (Apache 2): sds within 1 %, log-likelihood within 0.3."""
    pytest.importorskip("gpboost", reason="gpboost has no wheel for this machine")
    from benchmarks.multilevel import by_gpboost, by_ours, made_table

    table = made_table(n_schools=360, rng=np.random.default_rng(1))
    ours, theirs = by_ours(table), by_gpboost(table)
    assert 19_000 < table.events.size < 21_000 and ours.is_converged
    assert (ours.row_sd, ours.column_sd) == (
        pytest.approx(theirs.school_sd, rel=0.01),
        pytest.approx(theirs.stratum_sd, rel=0.01),
    )
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, abs=0.3)
    # gpboost stops at a change of 1e-6 of the likelihood: fixed effects to about a twentieth of a standard error.
    np.testing.assert_allclose(
        ours.fixed, theirs.fixed, atol=0.05 * float(np.sqrt(np.diag(ours.fixed_covariance)).max())
    )
