"""The cells of the trials: a school, a borough and a force, whose groups and relative rates are those of the truth.

Rolls and shares are those of the made-up borough (`synth`), rounded; a force has the roll of London. A cell is a
size, a stage and a group beside the White group. A range runs over true rates, evenly on the scale of logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import binom, poisson

from dueregard.synth.truth import Truth
from dueregard.validate.trial import Case, Floats

ROLLS = {"school": 1_000, "borough": 13_500, "force": 1_100_000}
SHARES = {"W": 0.37, "M": 0.13, "A": 0.22, "B": 0.21, "O": 0.07}
LABELS = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "O": "Other"}
# Of White pupils, a year: near what the made-up borough shows in secondary schools. Illustrative.
RATES = {"contact": 0.020, "arrested": 0.0016}
SHOWN = ("B", "O")  # the widest relative rate, and the smallest group
BANDS = ((0.05, 0.2), (0.2, 1.0), (1.0, 5.0), (5.0, 20.0), (20.0, 100.0))  # expected events of the smaller group
TAIL = 1e-11  # probability left out at each end of a sum


@dataclass(frozen=True, slots=True)
class Cell:
    """A group beside the White group: pupils of both, and their true yearly rates."""

    name: str
    n1: int
    n0: int
    rate1: float
    rate0: float

    @property
    def ratio(self) -> float:
        return self.rate1 / self.rate0

    @property
    def expected(self) -> float:
        return min(self.n1 * self.rate1, self.n0 * self.rate0)


@cache
def cells(groups: tuple[str, ...] = SHOWN) -> tuple[Cell, ...]:
    """Every size and stage, of these groups, at the relative rates that the truth sets."""
    found = []
    for size, roll in ROLLS.items():
        for stage, rate in RATES.items():
            relative = Truth().relative_rates(stage)
            for group in groups:
                name = f"{size}, {stage}, {LABELS[group]}"
                n1, n0 = round(roll * SHARES[group]), round(roll * SHARES["W"])
                found.append(Cell(name, n1, n0, rate * relative[group], rate))
    return tuple(found)


def range_name(low: float, high: float) -> str:
    return f"{low:g} to {high:g} expected events"


def evenly(low: float, high: float, n: int) -> list[float]:
    """n values from low to high, evenly on the scale of logarithms."""
    return np.geomspace(low, high, n).tolist()


def ranges(
    points: Callable[[float, float], Iterator[Case]], bands: tuple[tuple[float, float], ...] = BANDS
) -> tuple[Case, ...]:
    """One case a band, made of the points that the trial has in it."""
    return tuple(Case(range_name(low, high), np.nan, low, points=tuple(points(low, high))) for low, high in bands)


def poisson_counts(mean: float) -> tuple[Floats, Floats]:
    """Every count that matters, and its probability."""
    counts = np.arange(poisson.ppf(TAIL, mean), poisson.isf(TAIL, mean) + 1)
    return counts, poisson.pmf(counts, mean)


def binomial_counts(total: float, share: float) -> tuple[Floats, Floats]:
    counts = np.arange(binom.ppf(TAIL, total, share), binom.isf(TAIL, total, share) + 1)
    return counts, binom.pmf(counts, total, share)


def pairs(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], *, most: int
) -> tuple[tuple[Floats, Floats], Floats] | None:
    """Every pair of two independent counts with its probability; None where there are more than `most`."""
    if first[0].size * second[0].size > most:
        return None
    x1, x0 = (grid.ravel() for grid in np.meshgrid(first[0], second[0], indexing="ij"))
    return (x1, x0), np.outer(first[1], second[1]).ravel()
