"""Fixed effects and standard deviations that make two-way counts most likely, by Laplace's approximation.

The likelihood is that with every random effect integrated out by Laplace's approximation around its mode; its gradient
is exact, the response of the mode included. Source: Bates et al. (2015), as above; for the gradient Kristensen et al.,
Journal of Statistical Software 70 (2016) 5, section 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from dueregard.stats.intervals import Floats
from dueregard.stats.multilevel_mode import Curvature, Mode, Scales, curvature, mode
from dueregard.stats.multilevel_table import CrossedTable

START_SD = 0.4
LOWEST_LOG_SD = math.log(1e-4)  # below it no data could tell a standard deviation from zero
STEEPEST = 5e-4  # slope in units of standard errors: the log-likelihood is then within about 1e-7 of its highest
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Fit:
    """What makes the counts most likely. fixed: (n_fixed,), with its covariance given the standard deviations.

    row_sd, column_sd: of the two factors (column_sd nan where it is not random). mode: the effects there.
    evaluations, newton_steps: the work done. is_converged: false means that no figure of the fit may be used.
    """

    fixed: Floats
    fixed_covariance: Floats
    row_sd: float
    column_sd: float
    log_likelihood: float
    mode: Mode
    evaluations: int
    newton_steps: int
    is_converged: bool


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the search for the highest likelihood stands; the effects of the last point start the next."""

    table: CrossedTable
    prior_mean: Floats
    prior_precision: Floats
    max_steps: int


def fit_laplace(
    table: CrossedTable, *, prior_mean: Floats | None = None, prior_sd: Floats | None = None, rounds: int = ROUNDS,
    newton_steps: int = 60,
) -> Fit:  # fmt: skip
    """Which fixed effects and standard deviations make the counts most likely?

    prior_sd: of a normal prior on each fixed effect, inf for none; without it this is maximum likelihood.
    One thread: two are slower on matrices of this size, and sums of another order differ in the last digits.
    """
    mean = np.zeros(table.n_fixed) if prior_mean is None else prior_mean
    precision = np.zeros(table.n_fixed) if prior_sd is None else 1 / prior_sd**2
    with threadpool_limits(limits=1, user_api="blas"):
        return _climb(Climb(table, mean, precision, newton_steps), rounds)


def _climb(climb: Climb, rounds: int) -> Fit:
    search = Search(climb)
    whitened = np.zeros(climb.table.n_fixed + search.n_sd)
    found = minimize(search.downhill, whitened, jac=True, method="BFGS", options={"gtol": STEEPEST, "maxiter": rounds})
    best = search.point(found.x)
    return _as_fit(search, best, is_converged=bool(search.is_sound and np.abs(found.jac).max() < 20 * STEEPEST))


class Search:
    """The search's memory: the scale of each parameter, and the effects at the last point.

    State lives here because each evaluation starts from the last one's effects: 2 Newton steps instead of 6.
    """

    def __init__(self, climb: Climb) -> None:
        table = climb.table
        self.climb, self.n_sd = climb, 2 if table.is_column_random else 1
        self.evaluations = self.newton_steps = 0
        self.is_sound = True
        self._start()

    def _start(self) -> None:
        """Begin at the joint mode; scale each parameter by about its standard error there."""
        table = self.climb.table
        fixed = _first_guess(table, self.climb.prior_precision)
        effects = fixed, np.zeros(table.row_events.size), np.zeros(table.column_events.size * (self.n_sd - 1))
        scales = self.scales(np.full(self.n_sd, math.log(START_SD)))
        first = mode(table, scales, effects, is_fixed_free=True, steps=self.climb.max_steps)
        self._note(first)
        self.origin, self.last = first.fixed, first
        self.last_sd = np.full(self.n_sd, START_SD)
        around = curvature(table, scales, first, is_fixed_free=True)
        small = cho_solve((around.factor, True), np.eye(around.factor.shape[0]))
        self.spread = np.linalg.cholesky(small[: table.n_fixed, : table.n_fixed]) if table.n_fixed else np.zeros((0, 0))
        n_column = np.clip(1 - np.diag(small)[table.n_fixed :], 0, 1).sum()
        n_row = np.clip(1 - 1 / around.diagonal, 0, 1).sum()
        self.sd_scale = 1 / np.sqrt(2 * np.maximum([n_row, n_column][: self.n_sd], 1))

    def _note(self, found: Mode) -> None:
        self.newton_steps += found.steps
        self.is_sound = self.is_sound and found.is_converged

    def scales(self, log_sd: Floats) -> Scales:
        sd = np.exp(np.maximum(log_sd, LOWEST_LOG_SD))
        column = float(sd[1]) if self.n_sd == 2 else 0.0
        return Scales(float(sd[0]), column, self.climb.prior_mean, self.climb.prior_precision)

    def parameters(self, whitened: Floats) -> tuple[Floats, Floats]:
        n = self.climb.table.n_fixed
        log_sd = math.log(START_SD) + self.sd_scale * whitened[n:]
        return self.origin + self.spread @ whitened[:n], log_sd

    def point(self, whitened: Floats) -> tuple[Mode, Curvature, Scales]:
        fixed, log_sd = self.parameters(whitened)
        scales = self.scales(log_sd)
        ratio = self.last_sd / np.array([scales.row, scales.column][: self.n_sd])
        start = fixed, self.last.row * ratio[0], self.last.column * ratio[-1]
        found = mode(self.climb.table, scales, start, is_fixed_free=False, steps=self.climb.max_steps)
        self._note(found)
        if found.is_converged:
            self.last, self.last_sd = found, np.array([scales.row, scales.column][: self.n_sd])
        return found, curvature(self.climb.table, scales, found, is_fixed_free=False), scales

    def downhill(self, whitened: Floats) -> tuple[float, Floats]:
        """Minus the log-likelihood and its slope, at whitened parameters."""
        self.evaluations += 1
        log_sd = self.parameters(whitened)[1]
        found, around, scales = self.point(whitened)
        by_fixed, by_log_sd = laplace_gradient(self.climb.table, scales, found, around)
        by_log_sd = np.where(log_sd < LOWEST_LOG_SD, 0.0, by_log_sd[: self.n_sd])
        slope = np.concatenate([self.spread.T @ by_fixed, self.sd_scale * by_log_sd])
        return -(found.density - around.log_determinant / 2), -slope


def _first_guess(table: CrossedTable, precision: Floats) -> Floats:
    """Fixed effects that give every cell the overall rate, as nearly as the design can."""
    total = table.size.sum()
    rate = max(table.events, 0.5) / total
    level = math.log(rate) if table.family == "poisson" else math.log(rate / max(1 - rate, 1e-3))
    design = table.column_design if table.column_design.any() else table.row_design
    return np.linalg.lstsq(design, np.full(design.shape[0], level), rcond=None)[0] + 0 * precision


def laplace_gradient(table: CrossedTable, scales: Scales, now: Mode, around: Curvature) -> tuple[Floats, Floats]:
    """The slope of the Laplace log-likelihood by fixed effects, and by the two logs of standard deviations.

    `now` is the mode at these fixed effects, `around` its curvature without them. The mode moves with the parameters;
    the response goes in by one more solve (`pull`).
    """
    at, sd_row, sd_column = now.at, scales.row, scales.column
    row_leverage, column_leverage, twisted = _leverages(table, around)
    held_row, held_column = _leaning(at.third, sd_row**2 * row_leverage, sd_column**2 * column_leverage,
                                     sd_row * sd_column * twisted)  # fmt: skip
    pull_row, pull_column = around.solve(sd_row * held_row, sd_column * held_column if now.column.size else now.column)
    moved_row = sd_row * pull_row * at.row_weight
    moved_column = sd_row * (at.weight.T @ pull_row)
    by_column = 0.0
    if now.column.size:
        across = at.weight @ now.column
        moved_row = moved_row + sd_column * (at.weight @ pull_column)
        by_column = (
            now.column @ now.column - (1 - column_leverage).sum() - sd_column * (held_column @ now.column) / 2
            - (pull_column @ (now.column - sd_column**2 * now.column * at.column_weight) - sd_row * sd_column * pull_row @ across) / 2
        )  # fmt: skip
    by_row = (
        now.row @ now.row - (1 - row_leverage).sum() - sd_row * (held_row @ now.row) / 2
        - pull_row @ (now.row - sd_row**2 * now.row * at.row_weight) / 2
    )  # fmt: skip
    if now.column.size:
        by_row += sd_row * sd_column * pull_column @ (at.weight.T @ now.row) / 2
        moved_column = moved_column + sd_column * pull_column * at.column_weight
    rest = table.row_events - at.row_mean - (held_row - moved_row) / 2
    below = table.column_events - at.column_mean - (held_column - moved_column) / 2
    by_fixed = table.row_design.T @ rest + table.column_design.T @ below
    by_fixed = by_fixed - scales.prior_precision * (now.fixed - scales.prior_mean)
    return by_fixed, np.array([by_row, by_column])


def _leverages(table: CrossedTable, around: Curvature) -> tuple[Floats, Floats, Floats]:
    """Diagonals of the inverse Hessian by row and column, and minus its block between them."""
    scaled = around.border / around.diagonal[:, None]
    if not around.factor.size:
        return 1 / around.diagonal, np.zeros(table.column_events.size), np.zeros((around.diagonal.size, 1))
    inverse = cho_solve((around.factor, True), np.eye(around.factor.shape[0]), check_finite=False)
    twisted = scaled @ inverse
    return 1 / around.diagonal + np.einsum("ab,ab->a", twisted, scaled), np.diag(inverse).copy(), twisted


def _leaning(third: Floats, row: Floats, column: Floats, twisted: Floats) -> tuple[Floats, Floats]:
    """Sums by row and column of the weight's slope times the variance of each cell's predictor."""
    crossed = third * twisted if twisted.shape == third.shape else np.zeros_like(third)
    by_row = third.sum(1) * row + third @ column - 2 * crossed.sum(1)
    return by_row, row @ third + third.sum(0) * column - 2 * crossed.sum(0)


def _as_fit(search: Search, best: tuple[Mode, Curvature, Scales], *, is_converged: bool) -> Fit:
    found, around, scales = best
    table = search.climb.table
    whole = curvature(table, scales, found, is_fixed_free=True)
    half = solve_triangular(whole.factor, np.eye(whole.factor.shape[0])[:, : table.n_fixed], lower=True)
    return Fit(
        found.fixed, half.T @ half, scales.row, scales.column if search.n_sd == 2 else math.nan,
        found.density - around.log_determinant / 2, found, search.evaluations, search.newton_steps, is_converged,
    )  # fmt: skip
