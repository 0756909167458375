"""Ranges of a decomposition cover the truth as often as they claim, over tables drawn from a population that was set.

Bootstrap: schools are drawn anew in each table, and the truth is that of the population of schools. Delta and Bayesian:
the schools are fixed, counts alone are drawn, and the truth is that of these schools' rates. Truths are worked out here
from the rates, by their own few lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dueregard.stats.decompose import ChainCounts
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, limits_of

N_SCHOOLS = 150
REPLICATES = 1000
GROUPS = np.array(
    [[0.030, 0.045], [0.012, 0.017]]
)  # contacts per pupil-day and state (posted, not), comparison and group
ON = np.array([[0.40, 0.48], [0.45, 0.42], [0.5, 0.5]])  # who goes on from step to step


@dataclass(frozen=True)
class Schools:
    """exposure, rates: (schools, states, groups); on: (steps, schools, states, groups), shares that go on."""

    exposure: np.ndarray
    rates: np.ndarray
    on: np.ndarray


def schools(n: int, rng: np.random.Generator) -> Schools:
    """Schools that differ in size, make-up, posting, how many contacts they have, and how often these go on.

    Officers are likelier where the group is, contacts likelier at some schools, and the second step where the group is less.
    """
    roll = rng.lognormal(6.6, 0.35, n)
    share = rng.beta(2, 4, n)
    posted = np.clip(0.2 + 0.9 * share + rng.normal(0, 0.12, n), 0.05, 0.95)
    state = np.stack([posted, 1 - posted], axis=1)
    exposure = roll[:, None, None] * state[:, :, None] * np.stack([1 - share, share], axis=1)[:, None, :]
    busy = rng.gamma(5, 1 / 5, n) * (0.8 + 0.6 * share)
    lean = np.stack([0.9 + 0.3 * share, 1.1 - 0.3 * share, np.ones(n)])
    on = np.clip(ON[:, None, None, :] * lean[:, :, None, None] * rng.uniform(0.9, 1.1, (1, n, 1, 1)), 0, 1)
    return Schools(exposure, GROUPS * busy[:, None, None], np.broadcast_to(on, (3, n, 2, 2)))


def truth(of: Schools) -> np.ndarray:
    """The total ratio and the nine factors, from the rates: group 1 over group 0."""
    x, r = of.exposure, of.rates
    p = x.sum(axis=0) / x.sum(axis=(0, 1))
    by_state = (x * r).sum(axis=0) / x.sum(axis=0)
    own = [(p[:, g] * by_state[:, g]).sum() for g in (0, 1)]
    placed = (p[:, 1] * by_state[:, 0]).sum()
    at_others = (x[:, :, 1] * r[:, :, 0]).sum() / x[:, :, 1].sum()
    found = [placed / own[0], at_others / placed, own[1] / at_others]
    reached = x * r
    for on in of.on:
        rate = [(reached[:, :, g] * on[:, :, g]).sum() / reached[:, :, g].sum() for g in (0, 1)]
        crossed = (reached[:, :, 1] * on[:, :, 0]).sum() / reached[:, :, 1].sum()
        found += [crossed / rate[0], rate[1] / crossed]
        reached = reached * on
    return np.array([np.prod(found), *found])


def drawn(of: Schools, rng: np.random.Generator) -> ChainCounts:
    reached = [rng.poisson(of.exposure * of.rates)]
    for on in of.on:
        reached.append(rng.binomial(reached[-1], on))
    return ChainCounts(of.exposure, np.stack(reached).astype(float))


def covered(
    counts: ChainCounts, method: str, true: np.ndarray, rng: np.random.Generator, replicates: int
) -> np.ndarray:
    found = limits_of(counts, method, rng=rng, replicates=replicates)
    lower = np.concatenate([found.lower.total_ratio, found.lower.ratio[:, 0]])
    upper = np.concatenate([found.upper.total_ratio, found.upper.ratio[:, 0]])
    return (lower <= true) & (true <= upper)


def coverage(
    method: str, tables: int, seed: int, *, n_schools: int = N_SCHOOLS, replicates: int = REPLICATES
) -> np.ndarray:
    """How often do the ranges of the total and of each factor hold the truth?"""
    rng = np.random.default_rng(seed)
    fixed = schools(n_schools, np.random.default_rng(7))
    draws_schools = method == BOOTSTRAP
    true = truth(schools(300_000, np.random.default_rng(8)) if draws_schools else fixed)
    hits = [
        covered(drawn(schools(n_schools, rng) if draws_schools else fixed, rng), method, true, rng, replicates)
        for _ in range(tables)
    ]
    return np.mean(hits, axis=0)


CI_TABLES, TABLES = 200, 2000
# CI: 200 tables of ten figures; a figure that covers 95 % is below 88.5 % once in 30,000 (four standard errors).
LOWEST_IN_CI = 0.885


@pytest.mark.parametrize("method", [BOOTSTRAP, DELTA])
def test_ranges_cover(method):
    found = coverage(method, CI_TABLES, seed=1)
    assert found.min() >= LOWEST_IN_CI and 0.92 <= found.mean() <= 0.98, found


def test_bayesian_ranges_cover():
    """Fewer schools and draws, for speed: ends of 200 draws are rough, and rough ends cover a little less."""
    found = coverage(BAYES, CI_TABLES, seed=1, n_schools=60, replicates=200)
    assert found.min() >= LOWEST_IN_CI and 0.92 <= found.mean() <= 0.98, found


# What issue 5 asks: of the bootstrap 92.5 to 97 %, of the others 93.5 to 96.5 %; 2,000 tables have a standard error of 0.5 %,
# so each end is given twice that for the worst of ten figures.
@pytest.mark.deep
@pytest.mark.parametrize(
    ("method", "low", "high"), [(BOOTSTRAP, 0.925, 0.97), (DELTA, 0.935, 0.965), (BAYES, 0.935, 0.965)]
)
def test_ranges_cover_what_they_claim(method, low, high):
    found = coverage(method, TABLES, seed=2)
    assert low <= found.mean() <= high, found
    assert low - 0.01 <= found.min() and found.max() <= high + 0.01, found


if __name__ == "__main__":  # how often each range holds the truth: the total, then the factors in their order
    import sys

    for named in sys.argv[2:]:
        print(named, coverage(named, int(sys.argv[1]), seed=2).round(4).tolist(), flush=True)
