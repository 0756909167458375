"""Goals F9 and F10: Poisson counts of schools by strata, both random, fitted by Laplace's approximation.

F9   at least 10 times faster than gpboost at 20,000 cells (stretch 20).
F10  30 times at 200,000 (stretch 60); ten times the cells cost at most 6 times (stretch 5).
Answers are shown to be equal first: log-likelihood within 0.3, standard deviations within 1 %.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from dueregard.stats.multilevel_fit import Fit, fit_laplace
from dueregard.stats.multilevel_table import Factor, crossed_table

SHAPE = (5, 3, 2, 2)  # 60 strata
SMALL, LARGE = 340, 3400  # schools
ROUNDS = 5
PEER_ROUNDS = 3


@dataclass(frozen=True)
class Made:
    """Cells of schools by strata. design: of the strata."""

    events: np.ndarray
    size: np.ndarray
    school: np.ndarray
    stratum: np.ndarray
    n_schools: int
    design: np.ndarray


@dataclass(frozen=True)
class Theirs:
    fixed: np.ndarray
    school_sd: float
    stratum_sd: float
    log_likelihood: float


def made_table(*, n_schools: int, rng: np.random.Generator) -> Made:
    """92 % of all pairs, 0.5 events a cell, most of them none; sds 0.55 and 0.18."""
    n = math.prod(SHAPE)
    levels = np.unravel_index(np.arange(n), SHAPE)
    columns = [(level == j).astype(float) for level, k in zip(levels, SHAPE, strict=True) for j in range(1, k)]
    design = np.column_stack([np.ones(n), *columns])
    school, stratum = np.nonzero(rng.random((n_schools, n)) < 0.925)
    size = rng.uniform(3, 30, school.size)
    effects = design @ np.array([math.log(0.02), *rng.normal(0, 0.4, design.shape[1] - 1)]) + rng.normal(0, 0.18, n)
    mean = size * np.exp(effects[stratum] + rng.normal(0, 0.55, n_schools)[school])
    return Made(rng.poisson(mean).astype(float), size, school, stratum, n_schools, design)


def by_ours(table: Made) -> Fit:
    factors = Factor(table.n_schools), Factor(table.design.shape[0], design=table.design)
    return fit_laplace(crossed_table(table.events, table.size, table.school, table.stratum, factors=factors))


def by_gpboost(table: Made) -> Theirs:
    import gpboost

    model = gpboost.GPModel(group_data=np.column_stack([table.school, table.stratum]), likelihood="poisson")
    model.fit(y=table.events, X=table.design[table.stratum], offset=np.log(table.size), params={"trace": False})
    variance = np.asarray(model.get_cov_pars(format_pandas=False), float).ravel()
    fixed = np.asarray(model.get_coef(format_pandas=False), float)
    fixed = fixed[0] if fixed.ndim == 2 else fixed
    return Theirs(fixed, math.sqrt(variance[0]), math.sqrt(variance[1]), -model.get_current_neg_log_likelihood())


def check_equal(ours: Fit, theirs: Theirs) -> None:
    """Raises AssertionError unless both found the same."""
    assert ours.is_converged
    assert abs(ours.log_likelihood - theirs.log_likelihood) < 0.3
    assert abs(ours.row_sd / theirs.school_sd - 1) < 0.01 and abs(ours.column_sd / theirs.stratum_sd - 1) < 0.01


def _median(run: Any, rounds: int) -> tuple[float, Any]:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = run()
        taken.append(time.perf_counter() - start)
    return sorted(taken)[rounds // 2], found


def measure() -> list[dict[str, Any]]:
    """Seconds of each, and how many times faster; gpboost is left out where it is not installed."""
    rows: list[dict[str, Any]] = []
    seconds = {}
    has_peer = find_spec("gpboost") is not None
    if has_peer:  # its import and first call are not what is measured
        by_gpboost(made_table(n_schools=20, rng=np.random.default_rng(1)))
    for goal, n_schools in ((10, SMALL), (30, LARGE)):
        table = made_table(n_schools=n_schools, rng=np.random.default_rng(n_schools))
        name = f"{table.events.size:,} cells"
        seconds[n_schools], ours = _median(lambda table=table: by_ours(table), ROUNDS)
        rows.append({"name": f"Laplace fit, {name}", "seconds": seconds[n_schools]})
        if has_peer:
            taken, theirs = _median(lambda table=table: by_gpboost(table), PEER_ROUNDS)
            check_equal(ours, theirs)
            rows.append({"name": f"gpboost, {name}", "seconds": taken, "ratio": taken / seconds[n_schools],
                         "limit": f"at least {goal} x", "against": "the Laplace fit"})  # fmt: skip
    rows.append({"name": "ten times the cells", "seconds": seconds[LARGE], "ratio": seconds[LARGE] / seconds[SMALL],
                 "goal": 6, "against": "the smaller table"})  # fmt: skip
    return rows


def main() -> None:
    for row in measure():
        print(f"{row['name']:<32} {row['seconds']:>8.3f} s  {row.get('ratio', float('nan')):>7.1f}  "
              f"{row.get('limit', row.get('goal', ''))}")  # fmt: skip


if __name__ == "__main__":
    main()
