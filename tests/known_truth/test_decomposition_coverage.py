"""Ranges of a decomposition cover the truth as often as they claim, over tables drawn from a population that was set.

Bootstrap: schools are drawn anew in each table, and the truth is that of the population of schools. Delta and Bayesian:
the schools are fixed, counts alone are drawn, and the truth is that of these schools' rates. Truths are worked out in
`dueregard/validate/chains.py` from the rates, by their own few lines.
"""

from __future__ import annotations

import numpy as np
import pytest

from dueregard.stats.decompose import ChainCounts
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, limits_of
from dueregard.validate.chains import FIXED, N_SCHOOLS, REPLICATES, counts_of, schools, truth_for


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
    fixed = schools(n_schools, np.random.default_rng(FIXED))
    draws_schools = method == BOOTSTRAP
    true = truth_for(method, n_schools)
    hits = [
        covered(counts_of(schools(n_schools, rng) if draws_schools else fixed, rng), method, true, rng, replicates)
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
