"""Missing groups drawn many times from a model, and what many answers say together. Works on cells, never on rows.

The model is a multinomial logit of the group given the predictors, with a normal prior that keeps rare predictors
near the others. Each imputation first draws the parameters (so their own uncertainty counts), then the groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dueregard.stats.intervals import Floats, Interval, one_tail
from dueregard.stats.special import log_softmax, softmax, stdtrit

PRIOR_SD, INTERCEPT_SD = 1.5, 5.0  # on the log odds: a predictor that multiplies odds by 20 is two deviations out
STEPS, TOLERANCE = 60, 1e-8


@dataclass(frozen=True, slots=True)
class Fitted:
    """The posterior of the coefficients, nearly normal. mode: shape (n_predictors, n_groups).

    root: the lower Cholesky factor of the precision of the coefficients in one row. has_converged: else use nothing.
    """

    mode: Floats
    root: Floats
    has_converged: bool


@dataclass(frozen=True, slots=True)
class Pooled:
    """Many answers as one (Rubin's rules). missing_information: the share of the variance that the missing make."""

    interval: Interval
    level: float
    degrees_of_freedom: float
    missing_information: float
    n_imputations: int


def one_hot(codes: ArrayLike) -> Floats:
    """An intercept and a column for each code of each predictor. codes: whole numbers, shape (n_cells, n_predictors).

    >>> one_hot([[0, 1], [1, 0]]).tolist()
    [[1.0, 1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 1.0, 1.0, 0.0]]
    """
    table = np.asarray(codes, dtype=np.intp)
    parts = [np.ones((len(table), 1))]
    parts += [np.eye(int(column.max(initial=0)) + 1)[column] for column in table.T if column.max(initial=0) > 0]
    return np.concatenate(parts, axis=1)


def fit_multinomial(design: Floats, counts: Floats) -> Fitted:
    """Which groups are likely given the predictors? counts: known units by cell and group, shape (n_cells, n_groups).

    Newton's method on a concave function; a step that does not climb is halved.
    """
    precision = _prior(design.shape[1], counts.shape[1])
    beta = np.zeros((design.shape[1], counts.shape[1]))
    value = _log_posterior(beta, design, counts, precision)
    for _ in range(STEPS):
        slope, bend = _derivatives(beta, design, counts, precision)
        step = np.asarray(np.linalg.solve(bend, slope.ravel()), dtype=np.float64).reshape(beta.shape)
        if float((step * slope).sum()) < TOLERANCE:
            return Fitted(beta, _root(bend), True)
        beta, value = _climb(beta, step, value, design, counts, precision)
    return Fitted(beta, _root(_derivatives(beta, design, counts, precision)[1]), False)


def _root(bend: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(bend), dtype=np.float64)


def _prior(n_predictors: int, n_groups: int) -> Floats:
    sds = np.where(np.arange(n_predictors) == 0, INTERCEPT_SD, PRIOR_SD)
    return np.repeat(1 / sds[:, None] ** 2, n_groups, axis=1)


def _log_posterior(beta: Floats, design: Floats, counts: Floats, precision: Floats) -> float:
    return float((counts * log_softmax(design @ beta, axis=1)).sum() - (precision * beta**2).sum() / 2)


def _derivatives(beta: Floats, design: Floats, counts: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Slope, shape as beta; and minus the second derivatives, over beta in one row."""
    share, total = softmax(design @ beta, axis=1), counts.sum(axis=1)
    slope = design.T @ (counts - total[:, None] * share) - precision * beta
    p, k = beta.shape
    bend = np.empty((p, k, p, k))
    for g in range(k):
        for h in range(g, k):
            weight = total * share[:, g] * ((g == h) - share[:, h])
            bend[:, g, :, h] = bend[:, h, :, g] = design.T @ (weight[:, None] * design)
    return slope, bend.reshape(p * k, p * k) + np.diag(precision.ravel())


def _climb(
    beta: Floats, step: Floats, value: float, design: Floats, counts: Floats, precision: Floats
) -> tuple[Floats, float]:
    for halvings in range(30):
        tried = beta + step / 2**halvings
        reached = _log_posterior(tried, design, counts, precision)
        if reached >= value:
            return tried, reached
    return beta, value


def impute(
    fitted: Fitted, design: Floats, missing: ArrayLike, *, n_imputations: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Of each cell's units of unknown group, how many are of each group? Shape (n_imputations, n_cells, n_groups).

    Proper in Rubin's sense: for each imputation the parameters are drawn from their posterior first.
    missing: whole numbers, shape (n_cells,). Source: Rubin, Multiple Imputation for Nonresponse in Surveys (1987) ch. 4-5.
    """
    shape = (n_imputations, *fitted.mode.shape)
    noise = rng.standard_normal((fitted.mode.size, n_imputations))
    beta = fitted.mode + np.linalg.solve(fitted.root.T, noise).T.reshape(shape)
    share = softmax(np.einsum("cp,ipk->ick", design, beta), axis=2)
    return rng.multinomial(np.asarray(missing, dtype=np.int64)[None, :], share)


def pool(estimates: ArrayLike, variances: ArrayLike, *, level: float = 0.95) -> Pooled:
    """What do the answers of all imputations say together? On a scale where each is nearly normal (a log ratio).

    The variance is that within an answer and that between answers; the limits are Student's.
    Source: Rubin (1987) p. 76.

    >>> found = pool([1.0, 1.2, 1.4], [0.04, 0.04, 0.04])
    >>> round(found.interval.estimate, 3), round(found.degrees_of_freedom, 3), round(found.interval.upper, 3)
    (1.2, 6.125, 1.944)
    """
    q, u = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    centre, within, between = float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    added = (1 + 1 / q.size) * between
    total = within + added
    freedom = (q.size - 1) * (1 + within / added) ** 2 if added > 0 else np.inf
    half = -float(stdtrit(min(freedom, 1e12), one_tail(level))) * total**0.5
    relative = added / within if within > 0 else np.inf
    information = (relative + 2 / (freedom + 3)) / (relative + 1) if np.isfinite(freedom) else 0.0
    return Pooled(Interval(centre, centre - half, centre + half), level, float(freedom), float(information), q.size)
