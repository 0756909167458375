"""How sure is each part of a decomposition? Three answers to two questions.

bootstrap   clusters drawn anew, with replacement: would other clusters of the same kind have given the same? It holds
            whatever makes events of one cluster alike, and is the widest of the three
delta       the same clusters, events drawn anew as independent Poisson counts: the linear approximation
bayes       the same question without the approximation, so also where events are few: half an event of prior (Jeffreys),
            spread over the cells of a group as its exposure is, so that cutting a cell in two changes no total

Exposure is a count of everybody, not a sample: it is never drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dueregard.stats.decompose import Array, ChainCounts, Link, Parts, columns_of, links_of, parts_of
from dueregard.stats.intervals import Floats, normal_quantile, one_tail

BOOTSTRAP, DELTA, BAYES = "bootstrap", "delta", "bayes"
REPLICATES = 2000
AT_ONCE = 250  # replicates: their weights then take a few megabytes
CELLS_AT_ONCE = 400_000  # of drawn cells
TINY = 1e-20  # an imaginary step: the derivative comes out exact to rounding, since nothing is subtracted


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which limits does each figure lie? lower, upper: as `Parts`, one row. nan: not estimable.

    share_undefined: of replicates or draws, those in which the figure was not defined (as `Parts`, of the ratios only:
    the total first). They are put at both ends, never dropped.
    """

    lower: Parts
    upper: Parts
    level: float
    method: str
    share_undefined: Floats
    replicates: int = 0  # or draws; none in a formula


def bootstrap_limits(
    counts: ChainCounts, *, rng: np.random.Generator, replicates: int = REPLICATES, level: float = 0.95
) -> Limits:
    """Between which limits would most samples of clusters put each figure? Percentiles; the same of ratio and logarithm.

    All cells of a drawn cluster come with it. A replicate in which a figure is 0 by 0 counts at both ends. How much each
    cell tells of a typical rate is kept from the data; the typical rate itself is made anew.
    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997) sections 2.4 and 5.3.
    """
    links = links_of(counts)
    columns = columns_of(counts.exposure, counts.reached, links)
    sums = np.concatenate([times @ columns for times in _drawn_clusters(len(columns), replicates, rng)])
    return _percentiles(parts_of(sums, counts, links), level, BOOTSTRAP)


def _drawn_clusters(n: int, replicates: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often is each cluster drawn? Multinomial rows, a block at a time."""
    for first in range(0, replicates, AT_ONCE):
        rows = min(AT_ONCE, replicates - first)
        drawn = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _percentiles(parts: Parts, level: float, method: str) -> Limits:
    undefined = np.isnan(np.vstack([parts.total_ratio, parts.ratio])).mean(axis=1)
    return Limits(_each(parts, lambda x: _end(x, level, -1)), _each(parts, lambda x: _end(x, level, 1)), level, method,
                  undefined, parts.total_ratio.size)  # fmt: skip


def _each(parts: Parts, change) -> Parts:  # type: ignore[no-untyped-def]
    names = ("ratio", "difference", "log_part", "total_ratio", "total_difference")
    return Parts(**{name: change(getattr(parts, name)) for name in names})


def _end(found: Floats, level: float, side: int) -> Floats:
    """The order statistic that cuts off the tail; what is not defined stands beyond the end that is asked for."""
    n = found.shape[-1]
    place = max(int((n + 1) * one_tail(level)), 1)
    filled = np.where(np.isnan(found), side * np.inf, found)
    at = place - 1 if side < 0 else n - place
    end = np.partition(filled, at, axis=-1)[..., at : at + 1]
    return np.where(np.isnan(found).all(axis=-1, keepdims=True), np.nan, end)


def delta_limits(counts: ChainCounts, *, level: float = 0.95) -> Limits:
    """Between which limits does each figure lie, if counts of the same clusters are independent Poisson counts?

    Ratios on logarithms, differences as they are. A figure that is 0, infinite or not defined gets nan.
    """
    links = links_of(counts)
    columns = columns_of(counts.exposure, counts.reached, links)
    covariance = _covariance(counts, links, columns.shape[-1])
    sums = columns.sum(axis=0)
    steps = sums[None].astype(complex) + 1j * TINY * np.diag(np.maximum(np.abs(sums), 1.0))
    moved, here = parts_of(steps, counts, links), parts_of(sums[None], counts, links)
    slopes = _each(moved, lambda x: x.imag / TINY / np.maximum(np.abs(sums), 1.0))
    half = _each(slopes, lambda x: normal_quantile(level) * _spread(x, covariance))
    lower, upper = _ends_of(here, half, -1), _ends_of(here, half, 1)
    return Limits(lower, upper, level, DELTA, np.zeros(counts.n_factors + 1))


def _covariance(counts: ChainCounts, links: list[Link], n_columns: int) -> Floats:
    """Of the sums: those who stopped after each step are independent Poisson counts, a cell and group."""
    n = counts.reached
    stopped = n - np.concatenate([n[1:], np.zeros_like(n[:1])])
    covariance = np.zeros((n_columns, n_columns))
    for condition in range(n.shape[2]):
        for group in (0, 1):
            slope = np.zeros((n.shape[1], n_columns))
            for k in range(len(n)):
                moved = n.astype(complex)
                moved[k, :, condition, group] += 1j * TINY
                slope += (
                    columns_of(counts.exposure, moved, links).imag / TINY
                )  # who stops at k has reached all before it
                covariance += slope.T @ (stopped[k, :, condition, group][:, None] * slope)
    return covariance


def _spread(slope: Floats, covariance: Floats) -> Floats:
    """The standard error of each figure. slope: shape (..., n_columns)."""
    return np.sqrt(np.einsum("...a,ab,...b->...", slope, covariance, slope))[..., None]


def _ends_of(here: Parts, half: Parts, side: int) -> Parts:
    """The limit on one side: of ratios on logarithms."""

    def on_log(ratio: Floats, spread: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            end = ratio * np.exp(side * spread / ratio)
        return np.where(np.isfinite(end) & (ratio > 0), end, np.nan)

    return Parts(
        ratio=on_log(here.ratio, half.ratio), difference=here.difference + side * half.difference,
        log_part=here.log_part + side * half.log_part, total_ratio=on_log(here.total_ratio, half.total_ratio),
        total_difference=here.total_difference + side * half.total_difference,
    )  # fmt: skip


def bayes_limits(
    counts: ChainCounts, *, rng: np.random.Generator, draws: int = REPLICATES, level: float = 0.95
) -> Limits:
    """Between which limits does each figure lie, given the counts? Draws of rates: Gamma for the first step, Beta after it.

    Half an event of prior a group and step, spread over its cells: a group's whole rate is Gamma(1/2 + events), its share
    that goes on is Beta(1/2 + events, 1/2 + others), as with Jeffreys' prior. Defined also where nobody was counted.
    Source: Jeffreys' prior: Box & Tiao, Bayesian Inference in Statistical Analysis (1973) section 1.3.
    """
    links = links_of(counts)
    rows = max(1, CELLS_AT_ONCE // counts.reached.size)
    found = []
    for first in range(0, draws, rows):
        drawn = _drawn_counts(counts, links, min(rows, draws - first), rng)
        found.append(columns_of(counts.exposure, drawn, links, summed=True))
    return _percentiles(parts_of(np.concatenate(found), counts, links), level, BAYES)


def _drawn_counts(counts: ChainCounts, links: list[Link], draws: int, rng: np.random.Generator) -> Array:
    """Expected counts as they may be: shape (n_steps, draws, n_clusters, n_conditions, 2)."""
    x, n = counts.exposure, counts.reached
    shape = (draws, *x.shape)
    drawn = [rng.standard_gamma(np.broadcast_to(n[0] + _spread_prior(x), shape))]
    for over, hits, link in zip(n[:-1], n[1:], links[1:], strict=True):
        prior = _spread_prior(over)
        goes_on = _gamma_where(link.on, hits + prior, draws, rng)
        stops = _gamma_where(link.on, over - hits + prior, draws, rng)
        share = goes_on / np.where(link.on, goes_on + stops, 1.0)
        drawn.append(drawn[-1] * share)
    return np.stack(drawn)


def _spread_prior(over: Floats) -> Floats:
    """Half an event for each group, spread over its cells."""
    total = over.sum(axis=(0, 1))
    return 0.5 * over / np.where(total > 0, total, 1.0)


def _gamma_where(on: np.ndarray, size: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draws where somebody is; zeros elsewhere, which cost nothing."""
    found = np.zeros((draws, *on.shape))
    found[:, on] = rng.standard_gamma(np.broadcast_to(size[on], (draws, int(on.sum()))))
    return found


def limits_of(
    counts: ChainCounts, method: str, *, rng: np.random.Generator, replicates: int = REPLICATES, level: float = 0.95
) -> Limits:
    """Limits by the method of this name: bootstrap, delta or bayes."""
    if method == DELTA:
        return delta_limits(counts, level=level)
    if method == BAYES:
        return bayes_limits(counts, rng=rng, draws=replicates, level=level)
    return bootstrap_limits(counts, rng=rng, replicates=replicates, level=level)
