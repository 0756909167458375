"""Tables of schools by strata whose rates are known, and how often the intervals of `intersections` hold them.

`python -m tests.known_truth.strata_tables` prints the figures of docs/explanation/intersections.md.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from dueregard.stats.multilevel_fit import fit_laplace
from dueregard.stats.multilevel_posterior import level_effects, level_rates, posterior
from dueregard.stats.multilevel_table import Factor, crossed_table
from dueregard.stats.rates import exact_rates

N_SCHOOLS, SHAPE = 24, (4, 3, 2)
SCHOOL_SD, STRATUM_SD, BASE = 0.5, 0.3, 0.02
PUPILS = 30  # of a stratum in a school, on average
OUTLIER = 4.0  # times what its characteristics say


def design(shape: tuple[int, ...]) -> np.ndarray:
    """An intercept, and a column for each level but the first of each characteristic."""
    levels = np.unravel_index(np.arange(math.prod(shape)), shape)
    columns = [(level == j).astype(float) for level, n in zip(levels, shape, strict=True) for j in range(1, n)]
    return np.column_stack([np.ones(math.prod(shape)), *columns])


@dataclass(frozen=True)
class Held:
    """By stratum: the truth's rate, the shrunken and the exact estimate and limits; n counted; is the residual held?"""

    truth: np.ndarray
    shrunken: np.ndarray
    shrunken_holds: np.ndarray
    exact: np.ndarray
    exact_holds: np.ndarray
    residual_holds: np.ndarray
    own_share: np.ndarray
    n: np.ndarray


def one_table(rng: np.random.Generator, *, planted: int | None = None, planted_pupils: float = PUPILS) -> Held:
    """Draw a table from the model (with one outlier, if planted), fit it as `intersections` does, and look.

    Strata are of unequal size, some schools have nobody of a stratum. planted: the stratum whose residual is OUTLIER.
    """
    fixed = design(SHAPE)
    n_strata, n_fixed = fixed.shape
    main = np.array([math.log(BASE), *rng.normal(0, 0.4, n_fixed - 1)])
    popular = rng.gamma(0.8, 1 / 0.8, n_strata) * PUPILS
    effect = rng.normal(0, STRATUM_SD, n_strata)
    if planted is not None:
        popular[planted], effect[planted] = planted_pupils, math.log(OUTLIER)
    size = rng.poisson(popular * rng.gamma(3, 1 / 3, (N_SCHOOLS, 1))) * (rng.random((N_SCHOOLS, n_strata)) < 0.7)
    mean = size * np.exp(rng.normal(0, SCHOOL_SD, (N_SCHOOLS, 1)) + fixed @ main + effect)
    events = rng.poisson(mean)
    school, stratum = np.nonzero(size)
    table = crossed_table(
        events[school, stratum], size[school, stratum], school, stratum,
        factors=(Factor(N_SCHOOLS), Factor(n_strata, design=fixed)),
    )  # fmt: skip
    prior_mean = np.array([math.log(max(events.sum(), 1) / size.sum()), *([0.0] * (n_fixed - 1))])
    prior_sd = np.array([5.0, *([1.0] * (n_fixed - 1))])
    fit = fit_laplace(table, prior_mean=prior_mean, prior_sd=prior_sd)
    found = posterior(table, fit, of=1, prior_mean=prior_mean, prior_sd=prior_sd)
    assert fit.is_converged and found.is_converged
    return _held(mean.sum(0), size.sum(0), events.sum(0), np.exp(effect), level_rates(found), level_effects(found))


def _held(mean, size, events, effect, rates, effects) -> Held:  # type: ignore[no-untyped-def]
    with np.errstate(invalid="ignore"):
        truth = mean / size
    own = exact_rates(events, size)
    return Held(
        truth, rates.median, (rates.lower <= truth) & (truth <= rates.upper), own.estimate,
        (own.lower <= truth) & (truth <= own.upper), (effects.lower <= effect) & (effect <= effects.upper),
        rates.own_share, events,
    )  # fmt: skip


def covered(n_tables: int, seed: int) -> tuple[float, float]:
    """On average over strata drawn from the model: how often do shrunken rates, and residuals, hold the truth?"""
    rng = np.random.default_rng(seed)
    tables = [one_table(rng) for _ in range(n_tables)]
    with_pupils = [~np.isnan(t.truth) for t in tables]
    rates = np.concatenate([t.shrunken_holds[ok] for t, ok in zip(tables, with_pupils, strict=True)])
    return float(rates.mean()), float(np.concatenate([t.residual_holds for t in tables]).mean())


@dataclass(frozen=True)
class Planted:
    """Of a planted outlier. Biases are of the mean estimate, as a share of the true rate."""

    pupils: float
    counted: float
    shrunken_covers: float
    exact_covers: float
    shrunken_bias: float
    exact_bias: float
    own_share: float


def planted(n_tables: int, seed: int, pupils: float) -> Planted:
    """A stratum four times what its characteristics say: what do the two estimates make of it?"""
    rng = np.random.default_rng(seed)
    at = SHAPE[1] * SHAPE[2] + 1  # a stratum that differs from the first in two characteristics
    tables = [one_table(rng, planted=at, planted_pupils=pupils) for _ in range(n_tables)]
    tables = [t for t in tables if not math.isnan(t.truth[at])]

    def mean(of) -> float:  # type: ignore[no-untyped-def]
        return float(np.mean([of(t) for t in tables]))

    return Planted(
        pupils, mean(lambda t: t.n[at]), mean(lambda t: t.shrunken_holds[at]), mean(lambda t: t.exact_holds[at]),
        mean(lambda t: t.shrunken[at] / t.truth[at] - 1), mean(lambda t: t.exact[at] / t.truth[at] - 1),
        mean(lambda t: t.own_share[at]),
    )  # fmt: skip


def main(n_tables: int = 2000) -> None:
    rates, residuals = covered(n_tables, 1)
    print(f"{n_tables} tables: rates {rates:.2%}, residuals {residuals:.2%}")
    for pupils in (2, 8, 30):
        found = planted(n_tables, 2, pupils)
        print(f"| {found.counted:.1f} | {found.own_share:.0%} | {found.shrunken_bias:+.0%} | {found.shrunken_covers:.1%} | "
              f"{found.exact_bias:+.0%} | {found.exact_covers:.1%} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
