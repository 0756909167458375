"""How often the intervals of `intersections` hold known rates, over tables drawn by the package's own trial.

`python -m tests.known_truth.strata_tables` prints the figures of docs/explanation/intersections.md.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from dueregard.validate.strata import OUTLIER_AT, one_table


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
    tables = [one_table(rng, planted=OUTLIER_AT, planted_pupils=pupils) for _ in range(n_tables)]
    tables = [t for t in tables if not math.isnan(t.truth[OUTLIER_AT])]

    def mean(of) -> float:  # type: ignore[no-untyped-def]
        return float(np.mean([of(t) for t in tables]))

    return Planted(
        pupils, mean(lambda t: t.n[OUTLIER_AT]), mean(lambda t: t.shrunken_holds[OUTLIER_AT]), mean(lambda t: t.exact_holds[OUTLIER_AT]),
        mean(lambda t: t.shrunken[OUTLIER_AT] / t.truth[OUTLIER_AT] - 1), mean(lambda t: t.exact[OUTLIER_AT] / t.truth[OUTLIER_AT] - 1),
        mean(lambda t: t.own_share[OUTLIER_AT]),
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
