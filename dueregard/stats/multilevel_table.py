"""Counts over two crossed factors, and what a Poisson or a binomial makes of them at given predictors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats
from dueregard.stats.special import expit, gammaln

POISSON, BINOMIAL = "poisson", "binomial"
FAMILIES = (POISSON, BINOMIAL)


@dataclass(frozen=True, slots=True)
class Factor:
    """One of two crossed factors: n_levels, whether its levels vary at random, and the fixed effects that it carries.

    design: shape (n_levels, n_fixed); None: all zero. The linear predictor of a cell is the sum of its two levels'.
    """

    n_levels: int
    is_random: bool = True
    design: Floats | None = None


@dataclass(frozen=True, slots=True)
class CrossedTable:
    """The table as the fit wants it: rows are the factor whose block of the Hessian is diagonal and eliminated.

    size: exposure (Poisson) or trials (binomial), shape (n_rows, n_columns). row_events, column_events: sums, all
    that the likelihood needs beside it. constant: what does not depend on a parameter. is_turned: the rows are the
    second factor of the caller.
    """

    family: str
    size: Floats
    row_events: Floats
    column_events: Floats
    row_design: Floats
    column_design: Floats
    is_column_random: bool
    constant: float
    is_turned: bool

    @property
    def n_fixed(self) -> int:
        return int(self.row_design.shape[1])

    @property
    def events(self) -> float:
        return float(self.row_events.sum())


@dataclass(frozen=True, slots=True)
class Moments:
    """At one predictor: the log-likelihood's part without events, expected counts, weights. By row, column, cell."""

    total: float
    row_mean: Floats
    column_mean: Floats
    weight: Floats
    row_weight: Floats
    column_weight: Floats
    third: Floats  # the derivative of the weight by the predictor


def crossed_table(
    events: ArrayLike, size: ArrayLike, first: ArrayLike, second: ArrayLike, *, factors: tuple[Factor, Factor],
    family: str = POISSON,
) -> CrossedTable:  # fmt: skip
    """Cells as a table of two crossed factors, the larger random one as rows.

    events, size, first, second: shape (n_cells,); the last two are places of levels. Cells of the same pair are added.
    Memory is that of n_first x n_second numbers, never of n_cells x n_levels. Raises ValueError on negative counts, more
    events than trials, events without size, or if no factor is random.
    """
    y, n = np.asarray(events, float), np.asarray(size, float)
    _check(y, n, factors, family)
    shape = (factors[0].n_levels, factors[1].n_levels)
    place = np.asarray(first, np.intp) * shape[1] + np.asarray(second, np.intp)
    sizes = _summed(n, place, shape[0] * shape[1]).reshape(shape)
    sums = [_summed(y, first, shape[0]), _summed(y, second, shape[1])]
    n_fixed = next((f.design.shape[1] for f in factors if f.design is not None), 0)
    designs = [np.zeros((f.n_levels, n_fixed)) if f.design is None else np.asarray(f.design, float) for f in factors]
    is_turned = _is_turned(factors)
    if is_turned:
        sizes, sums, designs = np.ascontiguousarray(sizes.T), sums[::-1], designs[::-1]
    return CrossedTable(
        family, sizes, sums[0], sums[1], designs[0], designs[1], all(f.is_random for f in factors),
        _constant(y, n, family), is_turned,
    )  # fmt: skip


def _summed(values: Floats, at: ArrayLike, n: int) -> Floats:
    return np.bincount(np.asarray(at, np.intp), weights=values, minlength=n).astype(np.float64)


def _check(y: Floats, n: Floats, factors: tuple[Factor, Factor], family: str) -> None:
    if family not in FAMILIES:
        raise ValueError(f"no family {family}; there are {', '.join(FAMILIES)}")
    if not (np.isfinite(y).all() and np.isfinite(n).all() and (y >= 0).all() and (n >= 0).all()):
        raise ValueError("events and sizes must be finite and not negative")
    if (y[n == 0] > 0).any() or (family == BINOMIAL and (y > n).any()):
        raise ValueError("a cell has events without exposure, or more events than trials")
    if not any(f.is_random for f in factors):
        raise ValueError("neither factor is random")


def _is_turned(factors: tuple[Factor, Factor]) -> bool:
    """Is the second factor the one to eliminate: the only random one, or the one with more levels?"""
    first, second = factors
    if first.is_random != second.is_random:
        return second.is_random
    return second.n_levels > first.n_levels


def _constant(y: Floats, n: Floats, family: str) -> float:
    hit = y > 0
    if family == POISSON:
        return float((y[hit] * np.log(n[hit])).sum() - gammaln(y + 1).sum())
    return float((gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)).sum())


def moments(table: CrossedTable, row: Floats, column: Floats) -> Moments:
    """What is expected, and how much it weighs, where the predictor of a cell is row + column?

    The Poisson mean of a cell is a product, so no exponential is taken cell by cell.
    """
    if table.family == POISSON:
        return _poisson_moments(table, row, column)
    predictor = row[:, None] + column
    share = expit(predictor)
    mean = table.size * share
    weight = mean * (1 - share)
    total = float((table.size * np.logaddexp(0, predictor)).sum())
    return Moments(total, mean.sum(1), mean.sum(0), weight, weight.sum(1), weight.sum(0), weight * (1 - 2 * share))


def _poisson_moments(table: CrossedTable, row: Floats, column: Floats) -> Moments:
    with np.errstate(over="ignore", invalid="ignore"):  # a step that is too long is shortened by the caller
        up, across = np.exp(row), np.exp(column)
        mean = table.size * up[:, None]
        mean *= across
        by_row, by_column = up * (table.size @ across), (up @ table.size) * across
    return Moments(float(by_row.sum()), by_row, by_column, mean, by_row, by_column, mean)
