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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dueregard.stats.decompose import (
    ChainCounts,
    Link,
    Parts,
    columns_of,
    figures_of,
    first_rates,
    link_columns_of,
    links_of,
    parts_of,
    step_rates,
)
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
    """Of the sums: Poisson counts at the first step, then at each step binomial ones among those who reached the one before.

    A cell in which one was counted would show no chance at all (none or all of one went on), so the share that goes on is
    shrunken to the group's for the variance, never for the figure itself.
    """
    n, covariance = counts.reached, np.zeros((n_columns, n_columns))
    shares = [shrunken(over, hits, link) for over, hits, link in zip(n[:-1], n[1:], links[1:], strict=True)]
    for condition in range(n.shape[2]):
        for group in (0, 1):
            at = (slice(None), condition, group)
            slope = np.zeros((n.shape[1], n_columns))
            for k in reversed(range(len(n))):
                slope = _slope(counts, links, shares, k, at) + (
                    shares[k][at][:, None] * slope if k < len(shares) else 0.0
                )
                chance = n[k - 1][at] * shares[k - 1][at] * (1 - shares[k - 1][at]) if k else n[0][at]
                covariance += slope.T @ (chance[:, None] * slope)
    return covariance


def shrunken(over: Floats, hits: Floats, link: Link) -> Floats:
    """The share of each cell that goes on, drawn to the group's own as far as cells are alike."""
    mean = (hits.sum(axis=(0, 1)) + 0.5) / (over.sum(axis=(0, 1)) + 1.0)  # Jeffreys: never all, never none
    own = np.where(link.is_apart, np.where(link.on, link.credibility, 0.0), 0.0)
    return own * hits / np.where(link.on, over, 1.0) + (1 - own) * mean


def _slope(counts: ChainCounts, links: list[Link], shares: list[Floats], k: int, at: tuple[Any, ...]) -> Floats:
    """How does each cluster's column move with the count of step k in this cell? The shrunken shares stand in the links."""
    n, slope = counts.reached, []
    for j, link in enumerate(links):
        over = counts.exposure if j == 0 else n[j - 1]
        pair = [over.astype(complex), (n[0] if j == 0 else over * shares[j - 1]).astype(complex)]
        if k == j - 1:
            pair[0][at] += 1j * TINY
        if k == j:
            pair[1][at] += 1j * TINY
        slope.append(link_columns_of(pair[0], pair[1], link).imag / TINY)
    return np.concatenate(slope, axis=-1)


def _spread(slope: Floats, covariance: Floats) -> Floats:
    """The standard error of each figure. slope: shape (..., n_columns)."""
    return np.sqrt(np.maximum(np.einsum("...a,ab,...b->...", slope, covariance, slope), 0.0))[..., None]


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

    Jeffreys' prior in what each group has as a whole: Gamma(1/2 + events) for its rate of the first step, spread over its
    cells; Beta(1/2 + events, 1/2 + others) for its share at each later step. How cells differ is drawn about what was
    counted in each (see `_drawn_step`): shrinking them to their group would make every mix look like 1.
    Source: Box & Tiao, Bayesian Inference in Statistical Analysis (1973) section 1.3.
    """
    links = links_of(counts)
    rows = max(1, CELLS_AT_ONCE // counts.exposure.size)
    found = [_drawn_rates(counts, links, min(rows, draws - at), rng) for at in range(0, draws, rows)]
    first, *steps = (np.concatenate(blocks) for blocks in zip(*found, strict=True))
    return _percentiles(figures_of(first, steps, has_sorting=counts.has_sorting), level, BAYES)


def _drawn_rates(counts: ChainCounts, links: list[Link], draws: int, rng: np.random.Generator) -> list[Floats]:
    """The rates of each link as they may be: of the first as `first_rates`, then of each step as `step_rates`."""
    x, n = counts.exposure, counts.reached
    prior = 0.5 * x / np.maximum(x.sum(axis=(0, 1)), 1.0)
    expected = rng.standard_gamma(np.broadcast_to(n[0] + prior, (draws, *x.shape)))
    first = first_rates(link_columns_of(x, expected, links[0], summed=True), x.shape[1])
    steps = [_drawn_step(*step, draws, rng) for step in zip(n[:-1], n[1:], links[1:], strict=True)]
    return [first, *steps]


def _drawn_step(over: Floats, hits: Floats, link: Link, draws: int, rng: np.random.Generator) -> Floats:
    """Shape (draws, 2, 2). A group's whole share by Jeffreys' prior; how its cells differ from it, by draws of each cell.

    The two are independent where cells are alike. A cell is drawn about what was counted in it, as widely as its number and
    the group's share say: by itself, one that holds a single event would show no chance at all.
    """
    total, went = over.sum(axis=(0, 1)), hits.sum(axis=(0, 1))
    whole = rng.beta(0.5 + went, 0.5 + total - went, (draws, 2))
    rates = step_rates(_drawn_columns(over, hits, link, draws, rng))
    own = np.stack([rates[:, 0, 0], rates[:, 1, 1]], axis=1)
    return rates + (whole - own)[:, None, :]


def _drawn_columns(over: Floats, hits: Floats, link: Link, draws: int, rng: np.random.Generator) -> Floats:
    """Sums of a step's columns, with the spread of each group and the share of each of its cells drawn."""
    n, smooth = over[link.on], shrunken(over, hits, link)
    centre = smooth[link.on]
    spread, share = np.zeros((draws, *over.shape)), np.zeros((draws, *over.shape))
    spread[:, link.on] = rng.standard_gamma(np.broadcast_to(n, (draws, n.size))) - n
    chance = rng.beta(np.broadcast_to(n * centre, (draws, n.size)), n * (1 - centre)) - centre
    share[:, link.on] = hits[link.on] / n + chance * np.sqrt((n + 1) / n)
    unweighted = replace(
        link, credibility=np.zeros_like(link.credibility)
    )  # the typical rate stands in the first already
    return link_columns_of(over, over * share, link, rate=share, summed=True) + link_columns_of(
        spread, spread * smooth, unweighted, rate=smooth * link.on, summed=True
    )


def limits_of(
    counts: ChainCounts, method: str, *, rng: np.random.Generator, replicates: int = REPLICATES, level: float = 0.95
) -> Limits:
    """Limits by the method of this name: bootstrap, delta or bayes."""
    if method == DELTA:
        return delta_limits(counts, level=level)
    if method == BAYES:
        return bayes_limits(counts, rng=rng, draws=replicates, level=level)
    return bootstrap_limits(counts, rng=rng, replicates=replicates, level=level)
