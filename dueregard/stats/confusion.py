"""Two ways of saying which group: how far do they agree, and what does the second say where the first is silent?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats, Interval, normal_quantile, one_tail

PRIOR = 0.5  # Jeffreys, in each cell


@dataclass(frozen=True, slots=True)
class Agreement:
    """share: of pairs that say the same. kappa: the same beyond chance, 1 for full agreement; nan where chance is certain."""

    n: int
    share: float
    kappa: Interval


@dataclass(frozen=True, slots=True)
class Corrected:
    """Counts by the first way of saying, where it was silent for some. Shapes (n_groups,)."""

    estimate: Floats
    lower: Floats
    upper: Floats
    level: float


def agreement(matrix: ArrayLike, *, level: float = 0.95) -> Agreement:
    """How far do two ways of naming a group agree, beyond what chance would make? matrix: square, the same order twice.

    Source: Cohen (1960); standard error of Fleiss, Cohen & Everitt, Psychological Bulletin 72 (1969) 323.

    >>> found = agreement([[88, 10, 2], [14, 40, 6], [18, 10, 12]])  # of 200 subjects
    >>> round(found.share, 2), round(found.kappa.estimate, 3)
    (0.7, 0.492)
    """
    table = np.asarray(matrix, dtype=float)
    n = table.sum()
    if not n:
        return Agreement(0, np.nan, Interval(np.nan, np.nan, np.nan))
    share = table / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    seen, by_chance = float(np.trace(share)), float(rows @ columns)
    if by_chance >= 1:
        return Agreement(int(n), seen, Interval(np.nan, np.nan, np.nan))
    kappa = (seen - by_chance) / (1 - by_chance)
    half = normal_quantile(level) * _error(share, rows, columns, kappa, by_chance, n)
    return Agreement(int(n), seen, Interval(kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)))


def _error(share: Floats, rows: Floats, columns: Floats, kappa: float, by_chance: float, n: float) -> float:
    """Standard error of kappa where it is not 0."""
    both = rows[None, :] + columns[:, None]  # of cell i, j: the second's margin of i and the first's of j
    diagonal = np.diag(share)
    on = (diagonal * (1 - (rows + columns) * (1 - kappa)) ** 2).sum()
    off = (1 - kappa) ** 2 * ((share - np.diag(diagonal)) * both**2).sum()
    inside = on + off - (kappa - by_chance * (1 - kappa)) ** 2
    return float(np.sqrt(max(inside, 0) / n) / (1 - by_chance))


def corrected_counts(
    both: ArrayLike, second_only: ArrayLike, *, rng: np.random.Generator, n_draws: int = 4000, level: float = 0.95
) -> Corrected:
    """How many are of each group, once those who are known by the second code alone are drawn from those known by both?

    both: units by (first, second) code, shape (n_groups, n_codes). second_only: units with no first code, shape
    (n_codes,). For each second code the make-up by the first is drawn from its Dirichlet posterior, then the units from
    it; so few pairs make wide limits. Second codes that nobody has with a first leave only the prior: very wide.
    The classes of the two lists need not be the same: nothing is inverted.
    Source: Bayesian predictive values, as in Greenland, Int. J. Epidemiology 35 (2006) 765, for several classes.

    >>> found = corrected_counts([[50, 5], [10, 35]], [0, 0], rng=np.random.default_rng(1))
    >>> found.lower.tolist(), found.upper.tolist()
    ([55.0, 45.0], [55.0, 45.0])
    """
    table = np.asarray(both, dtype=float)
    alone = np.asarray(second_only, dtype=np.int64)
    known = table.sum(axis=1)
    drawn = np.zeros((n_draws, len(table)))
    for code, n in enumerate(alone):
        if n:
            drawn += rng.multinomial(n, rng.dirichlet(table[:, code] + PRIOR, n_draws))
    tail = one_tail(level)
    lower, upper = np.quantile(drawn, (tail, 1 - tail), axis=0)
    return Corrected(known + drawn.mean(axis=0), known + lower, known + upper, level)
