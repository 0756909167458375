"""What is known of each level's rate once the standard deviations are not known either?

The two standard deviations are integrated out over a grid, each with a half-normal prior; at each point the effects are
normal (Laplace), with the mean moved from the mode by the first term of the skewness. To take the deviations as known
would make intervals too narrow. Source: Rue, Martino and Chopin, Journal of the Royal Statistical Society B 71 (2009) 319,
section 3; the move is that of Tierney and Kadane's expansion, JASA 81 (1986) 82.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.lapack import dtrtri
from threadpoolctl import threadpool_limits

from dueregard.stats.intervals import Floats
from dueregard.stats.multilevel_fit import Fit
from dueregard.stats.multilevel_mode import Curvature, Mode, Scales, curvature, mode
from dueregard.stats.multilevel_table import POISSON, CrossedTable
from dueregard.stats.special import logsumexp, ndtr, ndtri

SD_PRIOR = 1.0  # of the half-normal prior of both standard deviations
STRIDE = 0.65  # of the grid, in standard errors of the log standard deviation: the sum is then exact to 1e-3
FALL = 5.5  # the grid ends where the log density is so far below its highest: 3.3 standard errors
MOST_POINTS = 60  # to one side
WELL_KNOWN = 0.06  # standard error of the log of the other standard deviation below which one point stands for it
GAUSS_HERMITE = ((-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6))


@dataclass(frozen=True, slots=True)
class Shift:
    """From mode to mean: of rows; of fixed effects and columns. doubt: by row and column, the sum over cells of the
    expected count times the variance of its predictor.
    """

    row: Floats
    small: Floats
    row_doubt: Floats
    column_doubt: Floats


@dataclass(frozen=True, slots=True)
class Node:
    """One point of the grid: its log weight, and what is likely there."""

    log_sd: tuple[float, float]  # of the levels asked for, and of the other factor
    log_density: float
    scales: Scales
    mode: Mode
    curvature: Curvature
    shift: Shift


UNMOVED = Shift(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))  # until the point is known to have weight


@dataclass(frozen=True, slots=True)
class Posterior:
    """A mixture of normal distributions. is_row: the levels asked for are the table's rows. weights: sum to 1."""

    table: CrossedTable
    is_row: bool
    nodes: tuple[Node, ...]
    weights: Floats
    stride: float
    other_error: float  # of the log of the other factor's standard deviation
    is_converged: bool


@dataclass(frozen=True, slots=True)
class Summaries:
    """Figures with their intervals. Shape (n,). own_share: see `level_rates`."""

    median: Floats
    lower: Floats
    upper: Floats
    level: float
    own_share: Floats


def posterior(
    table: CrossedTable, fit: Fit, *, of: int, prior_mean: Floats, prior_sd: Floats, sd_prior: float = SD_PRIOR
) -> Posterior:
    """What is known of the levels of one factor (of: 0 the first, 1 the second)? Starts from a fit that converged.

    Raises ValueError unless both factors are random.
    """
    if not table.is_column_random:
        raise ValueError("the posterior is for two random factors")
    with threadpool_limits(limits=1, user_api="blas"):
        return _explored(_Explorer(table, fit, (of == 0) != table.is_turned, prior_mean, prior_sd, sd_prior))


class _Explorer:
    """Evaluates points of the grid; each starts from the effects of the last, which is why it has a memory."""

    def __init__(
        self, table: CrossedTable, fit: Fit, is_row: bool, prior_mean: Floats, prior_sd: Floats, sd_prior: float
    ) -> None:
        self.table, self.is_row, self.sd_prior = table, is_row, sd_prior
        self.prior = prior_mean, 1 / prior_sd**2
        self.start = fit.fixed, fit.row_sd * fit.mode.row, fit.column_sd * fit.mode.column
        sds = (fit.row_sd, fit.column_sd) if is_row else (fit.column_sd, fit.row_sd)
        self.begin = math.log(max(sds[0], 0.03)), math.log(max(sds[1], 0.03))
        self.is_sound = True

    def at(self, log_sd: tuple[float, float]) -> Node:
        row, column = np.exp(log_sd if self.is_row else log_sd[::-1])
        scales = Scales(float(row), float(column), *self.prior)
        found = mode(
            self.table, scales, (self.start[0], self.start[1] / row, self.start[2] / column), is_fixed_free=True
        )
        self.is_sound = self.is_sound and found.is_converged
        self.start = found.fixed, row * found.row, column * found.column
        around = curvature(self.table, scales, found, is_fixed_free=True)
        prior = sum(log_sd) - (row**2 + column**2) / (2 * self.sd_prior**2)  # of the logs, hence their sum
        return Node(log_sd, found.density - around.log_determinant / 2 + float(prior), scales, found, around, UNMOVED)

    def standard_errors(self, node: Node) -> tuple[float, float]:
        """About how well are the logs of the two standard deviations known? 1/sqrt(2 n), n the levels' own share."""
        rows = np.clip(1 - 1 / node.curvature.diagonal, 0, 1).sum()
        inner = _inverse_root(node.curvature)
        columns = np.clip(1 - (inner**2).sum(0)[self.table.n_fixed :], 0, 1).sum()
        own, other = (rows, columns) if self.is_row else (columns, rows)
        return (float(np.clip(1 / math.sqrt(2 * max(own, 0.3)), 0.04, 1.0)),
                float(np.clip(1 / math.sqrt(2 * max(other, 0.3)), 0.0, 1.0)))  # fmt: skip


def _explored(explorer: _Explorer) -> Posterior:
    first = explorer.at(explorer.begin)
    own_error, other_error = explorer.standard_errors(first)
    others = _other_points(explorer, first, other_error)
    stride = STRIDE * own_error
    nodes: list[Node] = []
    logs: list[float] = []
    for other, log_weight in others:
        line = _walk(explorer, explorer.at((first.log_sd[0], other)), stride)
        nodes += line
        logs += [node.log_density + log_weight for node in line]
    weights = np.exp(np.array(logs) - logsumexp(logs))
    kept = weights > 1e-5
    moved = tuple(replace(n, shift=_shift(explorer.table, n)) for n, keep in zip(nodes, kept, strict=True) if keep)
    return Posterior(
        explorer.table,
        explorer.is_row,
        moved,
        weights[kept] / weights[kept].sum(),
        stride,
        other_error,
        explorer.is_sound,
    )


def _shift(table: CrossedTable, node: Node) -> Shift:
    """How far is the mean from the mode? Counts are skew: with few of them the mean of the log rate is lower.

    Minus half the inverse Hessian times the sums of third derivative times variance of each cell's predictor.
    """
    around, scales, root = node.curvature, node.scales, _inverse_root(node.curvature)
    n = table.n_fixed
    lean = scales.row * (around.border / around.diagonal[:, None]) @ root.T - table.row_design @ root[:, :n].T
    across = table.column_design @ root[:, :n].T + scales.column * root[:, n:].T
    variance = (scales.row**2 / around.diagonal + (lean**2).sum(1))[:, None] + (across**2).sum(1) - 2 * lean @ across.T
    weighed = node.mode.at.third * variance
    by_row, by_column = weighed.sum(1), weighed.sum(0)
    fixed = table.row_design.T @ by_row + table.column_design.T @ by_column
    pull = around.solve(scales.row * by_row, np.concatenate([fixed, scales.column * by_column]))
    doubt = node.mode.at.weight * variance
    return Shift(-pull[0] / 2, -pull[1] / 2, doubt.sum(1), doubt.sum(0))


def _other_points(explorer: _Explorer, first: Node, error: float) -> list[tuple[float, float]]:
    """Points of the other log standard deviation with their log weights: one where it is well known, else three."""
    own, centre = first.log_sd
    if error < WELL_KNOWN:
        return [(centre, 0.0)]
    low, high = explorer.at((own, centre - error)), explorer.at((own, centre + error))
    bend = (low.log_density - 2 * first.log_density + high.log_density) / error**2
    if bend < -1e-6:
        error_here = min(1 / math.sqrt(-bend), 1.5)
        tilt = (high.log_density - low.log_density) / (2 * error)
        centre, error = centre + float(np.clip(-tilt / bend, -1.5, 1.5)), error_here
    # Each point's density comes from the walk along the other axis; the normal density of the rule is divided out.
    return [(centre + error * at, math.log(weight) + at**2 / 2) for at, weight in GAUSS_HERMITE]


def _walk(explorer: _Explorer, first: Node, stride: float) -> list[Node]:
    """Points to both sides until the density has fallen. A side that never falls makes the whole unsound."""
    found = [first]
    for direction in (1, -1):
        explorer.start = _effects(explorer, first)
        last, own, n = first, first.log_sd[0], 0
        best = max(node.log_density for node in found)
        while last.log_density > best - FALL and n < MOST_POINTS:
            own, n = own + direction * stride, n + 1
            last = explorer.at((own, first.log_sd[1]))
            best = max(best, last.log_density)
            found.append(last)
        explorer.is_sound = explorer.is_sound and last.log_density <= best - FALL
    return found


def _effects(explorer: _Explorer, node: Node) -> tuple[Floats, Floats, Floats]:
    return node.mode.fixed, node.scales.row * node.mode.row, node.scales.column * node.mode.column


def _inverse_root(around: Curvature) -> Floats:
    """The inverse of the Cholesky factor: its squares sum to variances of the small block."""
    root, _ = dtrtri(np.tril(around.factor), lower=1)
    return np.asarray(root)


def level_rates(found: Posterior, *, sets: ArrayLike | None = None, level: float = 0.95) -> Summaries:
    """What is each level's rate, over the levels of the other factor in which it has exposure?

    sets: shape (n_sets, n_levels) of 0 and 1, for the rate of several levels together; None: each level by itself.
    own_share: how far the estimate follows the level's own counts, 0 to 1; the rest is borrowed from other levels. It is the
    leverage: the expected count times the variance of its logarithm. A level without exposure is nan.
    """
    chosen = np.eye(_n_levels(found)) if sets is None else np.asarray(sets, float)
    with np.errstate(invalid="ignore", divide="ignore"), threadpool_limits(limits=1, user_api="blas"):
        parts = [_rate_at(found, node, chosen) for node in found.nodes]
    means, spreads, shares = (np.array([part[k] for part in parts]) for k in range(3))
    return _mixed(found, means, spreads, level, found.weights @ shares)


def level_effects(found: Posterior, *, level: float = 0.95) -> Summaries:
    """By what factor does each level differ from what its fixed effects say? 1: not at all. own_share: nan."""
    with threadpool_limits(limits=1, user_api="blas"):
        parts = [_effect_at(found, node) for node in found.nodes]
    means, spreads = (np.array([part[k] for part in parts]) for k in range(2))
    return _mixed(found, means, spreads, level, np.full(means.shape[1], np.nan))


def _n_levels(found: Posterior) -> int:
    return int((found.table.row_events if found.is_row else found.table.column_events).size)


def _effect_at(found: Posterior, node: Node) -> tuple[Floats, Floats]:
    """Mean and standard error of each level's own effect, at one point of the grid."""
    root, (_, row, column) = _inverse_root(node.curvature), _means(found.table, node)
    if found.is_row:
        lean = (node.curvature.border / node.curvature.diagonal[:, None]) @ root.T
        variance = 1 / node.curvature.diagonal + (lean**2).sum(1)
        return node.scales.row * row, node.scales.row * np.sqrt(variance)
    variance = (root**2).sum(0)[found.table.n_fixed :]
    return node.scales.column * column, node.scales.column * np.sqrt(variance)


def _means(table: CrossedTable, node: Node) -> tuple[Floats, Floats, Floats]:
    """Means of fixed, row and column effects."""
    by, n = node.shift, table.n_fixed
    return node.mode.fixed + by.small[:n], node.mode.row + by.row, node.mode.column + by.small[n:]


def _rate_at(found: Posterior, node: Node, sets: Floats) -> tuple[Floats, Floats, Floats]:
    """Log rate, its standard error, and the own share of each set of levels, at one point of the grid."""
    table, around = found.table, node.curvature
    if table.family != POISSON:
        raise ValueError("rates of levels are for Poisson counts")
    mean = node.mode.at.weight
    by_set = sets @ (mean if found.is_row else mean.T)  # (n_sets, levels of the other factor)
    expected, size = by_set.sum(1), sets @ (table.size.sum(1) if found.is_row else table.size.sum(0))
    by_level = sets * (mean.sum(1) if found.is_row else mean.sum(0)) / expected[:, None]
    by_other = by_set / expected[:, None]
    row, column = (by_level, by_other) if found.is_row else (by_other, by_level)
    small = np.hstack([row @ table.row_design + column @ table.column_design, node.scales.column * column])
    own = node.scales.row * row / around.diagonal
    lean = (small - own @ around.border) @ _inverse_root(around).T
    variance = (lean**2).sum(1) + (own * node.scales.row * row).sum(1)
    centre = np.log(expected / size) + node.scales.row * row @ node.shift.row + small @ node.shift.small
    doubt = sets @ (node.shift.row_doubt if found.is_row else node.shift.column_doubt) / expected
    # A sum of exponentials is above that of its means: the second term of its logarithm.
    return centre + (doubt - variance) / 2, np.sqrt(variance), np.clip(expected * variance, 0, 1)


def _mixed(found: Posterior, means: Floats, spreads: Floats, level: float, own_share: Floats) -> Summaries:
    """Quantiles of the mixture, on the scale of rates."""
    tail = (1 - level) / 2
    lower, median, upper = (np.exp(_quantile(found.weights, means, spreads, q)) for q in (tail, 0.5, 1 - tail))
    return Summaries(median, lower, upper, level, own_share)


def _quantile(weights: Floats, means: Floats, spreads: Floats, share: float) -> Floats:
    """The quantile of each mixture of normals, by bisection. means, spreads: shape (n_nodes, n)."""
    ends = means + ndtri(share) * spreads
    low, high = ends.min(0), ends.max(0)
    for _ in range(50):
        middle = (low + high) / 2
        is_below = weights @ ndtr((middle - means) / spreads) < share
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Draws:
    """The posterior as draws. fixed: (n, n_fixed). effect: (n, n_levels). own_sd, other_sd: (n,).

    other_mean: (n,), the average over all exposure of the factor by which the other factor's levels differ.
    """

    fixed: Floats
    effect: Floats
    own_sd: Floats
    other_sd: Floats
    other_mean: Floats


def draws(found: Posterior, n: int, rng: np.random.Generator) -> Draws:
    """Draws of fixed effects, of the effects of the levels asked for, and of both standard deviations.

    Points of the grid get draws by their weight. A standard deviation is spread evenly over the step of its point.
    """
    counts = rng.multinomial(n, found.weights)
    with threadpool_limits(limits=1, user_api="blas"):
        parts = [_drawn(found, node, k, rng) for node, k in zip(found.nodes, counts, strict=True) if k]
    log_sd = np.repeat([node.log_sd for node in found.nodes], counts, axis=0)
    own = log_sd[:, 0] + rng.uniform(-0.5, 0.5, n) * found.stride
    other = _other_log_sd(found, n, rng)
    fixed, effect, other_mean = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return Draws(fixed, effect, np.exp(own), np.exp(other), other_mean)


def _other_log_sd(found: Posterior, n: int, rng: np.random.Generator) -> Floats:
    """Few points stand for the other factor's: draws of a normal distribution with their mean and variance."""
    points = np.array([node.log_sd[1] for node in found.nodes])
    centre = found.weights @ points
    spread = math.sqrt(float(found.weights @ (points - centre) ** 2)) or found.other_error
    return centre + spread * rng.standard_normal(n)


def _drawn(found: Posterior, node: Node, n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Fixed effects, effects of the levels asked for, and the other factor's average factor, at one point of the grid."""
    around, n_fixed = node.curvature, found.table.n_fixed
    fixed, row, column = _means(found.table, node)
    away = _inverse_root(around).T @ rng.standard_normal((around.factor.shape[0], n))
    noise = rng.standard_normal((n, around.diagonal.size)) / np.sqrt(around.diagonal)
    rows = node.scales.row * (row - (away.T @ around.border.T) / around.diagonal + noise)
    columns = node.scales.column * (column + away[n_fixed:].T)
    own, other = (rows, columns) if found.is_row else (columns, rows)
    size = found.table.size.sum(0 if found.is_row else 1)
    return fixed + away[:n_fixed].T, own, np.exp(other) @ (size / size.sum())
