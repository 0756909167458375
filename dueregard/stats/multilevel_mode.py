"""The most likely effects of two crossed factors at given standard deviations, by Newton's method.

The block of the rows' effects is diagonal, so it is eliminated (Schur complement), and what is left is as small as the
other factor and the fixed effects. Effects are kept in units of their standard deviation, so that a standard deviation of
zero is no special case. Source: Bates et al., Journal of Statistical Software 67 (2015) 1, for the parametrisation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from dueregard.stats.intervals import Floats
from dueregard.stats.multilevel_table import CrossedTable, Moments, moments

NEWTON_STEPS = 60
SMALL_DECREMENT = (
    1e-9  # of the log density; Newton's error is squared at each step, so the next would be below rounding
)


@dataclass(frozen=True, slots=True)
class Scales:
    """Standard deviations of rows and columns, and the precision of the fixed effects' normal prior (0: none).

    prior_mean, prior_precision: shape (n_fixed,).
    """

    row: float
    column: float
    prior_mean: Floats
    prior_precision: Floats


@dataclass(frozen=True, slots=True)
class Mode:
    """Where the density is highest. row, column: effects in units of their sd. at: what is expected there.

    density: log-likelihood and log prior kernels. steps: Newton steps taken. is_converged: false where they were too few.
    """

    fixed: Floats
    row: Floats
    column: Floats
    at: Moments
    density: float
    steps: int
    is_converged: bool


@dataclass(frozen=True, slots=True)
class Curvature:
    """The Hessian of the log density at a mode, by blocks. diagonal: of rows. border: (n_rows, n_small).

    factor: Cholesky factor of the Schur complement. Small are the fixed effects (where free), then the columns.
    """

    diagonal: Floats
    border: Floats
    factor: Floats
    log_determinant: float

    def solve(self, row: Floats, small: Floats) -> tuple[Floats, Floats]:
        """The inverse of the Hessian times a vector."""
        inner = cho_solve((self.factor, True), small - self.border.T @ (row / self.diagonal), check_finite=False)
        return (row - self.border @ inner) / self.diagonal, inner


def mode(
    table: CrossedTable, scales: Scales, start: tuple[Floats, Floats, Floats], *, is_fixed_free: bool, steps: int = NEWTON_STEPS
) -> Mode:  # fmt: skip
    """Which effects are most likely? start: fixed, row and column effects. Not converged: said in the result."""
    now = _at(table, scales, *start)
    if not np.isfinite(now.density):
        return now
    for n in range(1, steps + 1):
        slope = gradient(table, scales, now)
        row, small = curvature(table, scales, now, is_fixed_free=is_fixed_free).solve(
            slope[0], _small(slope, is_fixed_free)
        )
        gain = float(row @ slope[0] + small @ _small(slope, is_fixed_free)) / 2
        step = _parts(table, row, small, is_fixed_free)
        now, is_better = _shortened(table, scales, now, step)
        now = replace(now, steps=n)
        if gain < SMALL_DECREMENT:
            return replace(now, is_converged=True)
        if not is_better:
            return now
    return now


def _at(table: CrossedTable, scales: Scales, fixed: Floats, row: Floats, column: Floats) -> Mode:
    across, down = predictors(table, scales, fixed, row, column)
    at = moments(table, across, down)
    likelihood = table.constant + table.row_events @ across + table.column_events @ down - at.total
    away = fixed - scales.prior_mean
    density = likelihood - (row @ row + column @ column + scales.prior_precision @ (away * away)) / 2
    return Mode(fixed, row, column, at, float(density), 0, False)


def predictors(
    table: CrossedTable, scales: Scales, fixed: Floats, row: Floats, column: Floats
) -> tuple[Floats, Floats]:
    """The two parts of the linear predictor: of rows and of columns."""
    down = table.column_design @ fixed
    return table.row_design @ fixed + scales.row * row, down + scales.column * column if column.size else down


def _shortened(
    table: CrossedTable, scales: Scales, now: Mode, step: tuple[Floats, Floats, Floats]
) -> tuple[Mode, bool]:
    """A whole step, or the half, the quarter: the first that does not lower the density."""
    for length in 0.5 ** np.arange(12):
        found = _at(
            table, scales, now.fixed + length * step[0], now.row + length * step[1], now.column + length * step[2]
        )
        # Rounding of a sum of many terms must not stop the last step.
        if found.density >= now.density - 1e-10 * (1 + abs(now.density)):
            return found, True
    return now, False


def gradient(table: CrossedTable, scales: Scales, now: Mode) -> tuple[Floats, Floats, Floats]:
    """The slope of the log density by row, fixed and column effects."""
    rest, below = table.row_events - now.at.row_mean, table.column_events - now.at.column_mean
    fixed = table.row_design.T @ rest + table.column_design.T @ below
    fixed = fixed - scales.prior_precision * (now.fixed - scales.prior_mean)
    column = scales.column * below - now.column if table.is_column_random else now.column
    return scales.row * rest - now.row, fixed, column


def _small(slope: tuple[Floats, Floats, Floats], is_fixed_free: bool) -> Floats:
    return np.concatenate(slope[1:]) if is_fixed_free else slope[2]


def _parts(table: CrossedTable, row: Floats, small: Floats, is_fixed_free: bool) -> tuple[Floats, Floats, Floats]:
    n = table.n_fixed if is_fixed_free else 0
    return small[:n] if is_fixed_free else np.zeros(table.n_fixed), row, small[n:]


def curvature(table: CrossedTable, scales: Scales, now: Mode, *, is_fixed_free: bool) -> Curvature:
    """How sharply does the density fall around a point? Positive definite, as both families are log-concave."""
    at = now.at
    diagonal = 1 + scales.row**2 * at.row_weight
    corner = np.diag(1 + scales.column**2 * at.column_weight) if table.is_column_random else np.zeros((0, 0))
    border = (scales.row * scales.column) * at.weight if table.is_column_random else np.zeros((diagonal.size, 0))
    if is_fixed_free:
        corner, border = _with_fixed(table, scales, at, corner, border)
    scaled = border / np.sqrt(diagonal)[:, None]
    factor, _ = cho_factor(corner - scaled.T @ scaled, lower=True, overwrite_a=True, check_finite=False)
    log_determinant = float(np.log(diagonal).sum() + 2 * np.log(np.diag(factor)).sum())
    return Curvature(diagonal, border, factor, log_determinant)


def _with_fixed(
    table: CrossedTable, scales: Scales, at: Moments, corner: Floats, border: Floats
) -> tuple[Floats, Floats]:
    """Corner and border with the fixed effects before the columns'."""
    over, under = table.row_design, table.column_design
    by_row = at.row_weight[:, None] * over + at.weight @ under  # weight times design, summed by row
    by_column = at.column_weight[:, None] * under + at.weight.T @ over
    fixed = over.T @ by_row + under.T @ by_column + np.diag(scales.prior_precision)
    cross = scales.column * by_column.T if table.is_column_random else np.zeros((table.n_fixed, 0))
    return np.block([[fixed, cross], [cross.T, corner]]), np.hstack([scales.row * by_row, border])
