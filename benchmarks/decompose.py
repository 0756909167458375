"""The whole chain of 3,000 schools: 2,000 bootstrap replicates in at most 3 s; the other two methods beside it."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from dueregard.stats.decompose import ChainCounts, decompose
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, limits_of

SCHOOLS, REPLICATES, ROUNDS = 3000, 2000, 3
LIMIT = 3.0  # seconds, of the bootstrap


def made_up(n_schools: int, rng: np.random.Generator) -> ChainCounts:
    """Schools of some 700 pupils over a school year, two states of posting, four steps."""
    exposure = np.round(rng.lognormal(10.5, 0.8, (n_schools, 2, 2)))
    reached = [rng.poisson(exposure * rng.gamma(4, 4e-5, (n_schools, 1, 1)) * np.array([1.0, 1.6]))]
    for share in (0.4, 0.4, 0.5):
        reached.append(rng.binomial(reached[-1], share))
    return ChainCounts(exposure, np.array(reached, dtype=float))


def measure() -> list[dict[str, Any]]:
    """Medians of three rounds (of the draws, one). The factors are first shown to multiply to the ratio of the rates."""
    counts = made_up(SCHOOLS, np.random.default_rng(1))
    found, rate = decompose(counts), counts.reached[-1].sum(axis=(0, 1)) / counts.exposure.sum(axis=(0, 1))
    assert math.isclose(float(found.ratio.prod()), float(rate[1] / rate[0]), rel_tol=1e-12)
    return [_row(counts, name, 1 if name == BAYES else ROUNDS) for name in (BOOTSTRAP, DELTA, BAYES)]


def _row(counts: ChainCounts, method: str, rounds: int) -> dict[str, Any]:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        limits_of(counts, method, rng=np.random.default_rng(2), replicates=REPLICATES)
        taken.append(time.perf_counter() - start)
    seconds = sorted(taken)[rounds // 2]
    limit = f"below {LIMIT:.0f} s" if method == BOOTSTRAP else ""
    return {"name": f"decompose: {method}, {SCHOOLS:,} schools", "seconds": seconds, "limit": limit}


def main() -> None:
    for row in measure():
        print(f"{row['name']:44}{row['seconds']:9.3f} s  {row['limit']}")


if __name__ == "__main__":
    main()
