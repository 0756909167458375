"""Where on a chain of rates does the ratio of two groups arise? Exact factors, and shares that know no order.

A chain: exposure -> first step -> second step ... Every count stands in a cell: a cluster, and a condition of the exposure
in it (conditions are the same in all clusters). A group's rate of the last step over its exposure is

    sum over conditions z of p_z H_z  x  F_2  x  F_3 ...     p_z: share of the group's exposure in z
                                                             H_z: its rate of the first step there, a mean over clusters
                                                             F_j: its rate of step j over step j-1, a mean over cells

A mean over cells has two parts: how the group is spread over the cells, and its rate in each. So each is changed from the
comparison group's to the group's in two moves: the spread (*sorting*, *mix*), then the rates (*within*). The spread of a
step is a part of its own: it is where those who reached the step before it are, for whatever reason.

A rate of cells in which a group has nobody is not defined, and both parts need it where the other group has somebody.
There the group's typical rate over its other cells stands in: the credibility-weighted mean (Bühlmann & Straub, ASTIN
Bulletin 5 (1970) 133; its spread by moments as Marshall, Applied Statistics 40 (1991) 283), which is what empirical Bayes
shrinkage says of a cell without data. No factor over the last step's total depends on it but the split of spread and rates.

Everything is a smooth function of sums over clusters of a few columns, so that a replicate, a draw or a derivative costs
one row of a matrix product. Arrays: the last axis holds the groups, 0 the comparison group, 1 the group.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dueregard.stats.intervals import Floats
from dueregard.stats.shapley import coalitions, shapley

Array = NDArray[Any]  # floats, or complex numbers whose imaginary part carries a derivative
OTHER = (1, 0)
N_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class ChainCounts:
    """What two groups counted. exposure: shape (n_clusters, n_conditions, 2). reached: shape (n_steps, ...) of the same,
    those who reached each step: never more than reached the step before it. Who is counted in a cell without exposure is in
    his group's total and in no cell's rate. has_sorting: False for sources in which
    cells are not told apart within a condition: the first step's rate is then one part, and there is one step.
    """

    exposure: Floats
    reached: Floats
    has_sorting: bool = True

    @property
    def n_factors(self) -> int:
        return 1 + 2 * len(self.reached) if self.has_sorting else 2


@dataclass(frozen=True, slots=True)
class Link:
    """One step over what it is taken of. on: cells in which a group has somebody. credibility: the weight of each cell in a
    group's typical rate; both of shape (n_clusters, n_conditions, 2). by_condition: are conditions kept apart?
    """

    on: NDArray[np.bool_]
    credibility: Floats
    is_apart: NDArray[np.bool_]
    by_condition: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """All figures of a decomposition, for each of n rows of sums.

    ratio: shape (n_factors, n), the factors of the chain in order; their product is total_ratio, shape (n,).
    difference: shape (n_factors, n), the additive share of each part in total_difference, per unit of exposure.
    log_part: shape (n_factors, n), the share of each in the logarithm of total_ratio. nan: not defined.
    """

    ratio: Array
    difference: Array
    log_part: Array
    total_ratio: Array
    total_difference: Array


def decompose(counts: ChainCounts) -> Parts:
    """Which factor does each part of the chain bring to the ratio of the two groups' rates?

    Chain factors depend on their order, log_part and difference do not (see `shapley`). A factor that divides by a rate of
    0 is inf, one of 0 by 0 nan: never filled in. Raises ValueError where counts do not fit together.

    >>> exposure = np.array([[[100.0, 50.0], [100.0, 150.0]]])  # one cluster, two conditions
    >>> found = decompose(ChainCounts(exposure, np.array([[[[10.0, 10.0], [30.0, 60.0]]]])))
    >>> found.ratio[:, 0].round(4).tolist(), round(float(found.total_ratio[0]), 4)
    ([1.25, 1.0, 1.4], 1.75)
    """
    check_chain(counts)
    links = links_of(counts)
    return parts_of(columns_of(counts.exposure, counts.reached, links).sum(axis=0)[None], counts, links)


def check_chain(counts: ChainCounts) -> None:
    """Raises ValueError where a shape does not fit, or a step was reached by more than the step before it."""
    x, n = counts.exposure, counts.reached
    if x.ndim != 3 or x.shape[2] != 2 or n.ndim != 4 or n.shape[1:] != x.shape or not len(n):
        raise ValueError(f"reached: expected shape (n_steps, *{x.shape}), found {n.shape}.")
    if (x < 0).any() or (n < 0).any() or not np.isfinite(x).all() or not np.isfinite(n).all():
        raise ValueError("A count is negative or missing.")
    if (np.diff(n, axis=0) > 0).any():
        raise ValueError("reached: more reached a step than the step before it.")
    if (n[0].sum(axis=0)[x.sum(axis=0) == 0] > 0).any():
        raise ValueError("reached: somebody is counted in a condition in which the group has no exposure at all.")
    if not counts.has_sorting and len(n) > 1:
        raise ValueError("reached: without sorting there is one step.")


def links_of(counts: ChainCounts) -> list[Link]:
    """Each step over what it is taken of: which cells hold somebody, and how much each tells of a typical rate."""
    parents = [counts.exposure, *counts.reached[:-1]]
    return [
        Link(over > 0, *_credibility(over, hits, is_share=k > 0), by_condition=k == 0)
        for k, (over, hits) in enumerate(zip(parents, counts.reached, strict=True))
    ]


def _credibility(over: Floats, hits: Floats, *, is_share: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """The weight of each cell: all alike where rates differ much, by size where they differ by chance alone."""
    axes = (0, 1) if is_share else (0,)
    total, n_cells = over.sum(axis=axes, keepdims=True), (over > 0).sum(axis=axes, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = hits.sum(axis=axes, keepdims=True) / total
        chance = mean * (1 - mean) if is_share else mean
        apart = np.where(over > 0, over * (hits / over - mean) ** 2, 0.0).sum(axis=axes, keepdims=True) / total
        excess = np.maximum(apart - chance * n_cells / total, 0.0)
        weight = over / (over + chance / excess)
    return np.where(excess > 0, weight, over), excess > 0


def columns_of(exposure: Array, reached: Array, links: list[Link], *, summed: bool = False) -> Array:
    """What of each cluster enters any figure. reached: (n_steps, ..., n_clusters, n_conditions, 2). Returns shape
    (..., n_clusters, n_columns): per link (and condition, where they are kept apart) six columns for both groups.
    summed: over clusters at once, shape (..., n_columns), without ever holding the columns of all.
    """
    parents = [exposure, *reached[:-1]]
    blocks = [
        link_columns_of(over, hits, link, summed=summed)
        for link, over, hits in zip(links, parents, reached, strict=True)
    ]
    return np.concatenate(blocks, axis=-1)


def link_columns_of(over: Array, hits: Array, link: Link, *, rate: Array | None = None, summed: bool = False) -> Array:
    """The columns of one link: shape (..., n_clusters, n_columns of it). rate: of each cell, where it is not hits by over."""
    if rate is None:
        rate = hits * (link.on / np.where(link.on, over, 1.0))
    columns = [c.sum(axis=-3) if summed else c for c in _link_columns(over, hits, rate, link)]
    block = np.stack([np.broadcast_to(c, (*hits.shape[:-3], *c.shape[-3 + summed :])) for c in columns], axis=-2)
    block = block if link.by_condition else block.sum(axis=-3, keepdims=True)
    return block.reshape(*block.shape[:-3], -1)


def _link_columns(over: Array, hits: Array, rate: Array, link: Link) -> tuple[Array, ...]:
    """Six, each of shape (..., n_clusters, n_conditions, 2): exposure; events; events that the group would have at the
    other's rates, where the other has somebody; the group's exposure where it has nobody; credibility times rate;
    credibility.
    """
    other_on = link.on[..., OTHER]
    weight = np.where(link.on, link.credibility, 0.0)
    return over, hits, over * (rate[..., OTHER] * other_on), over * ~other_on, weight * rate, weight


def parts_of(sums: Array, counts: ChainCounts, links: list[Link]) -> Parts:
    """Every figure, from sums of the columns over clusters. sums: shape (n, n_columns)."""
    n_conditions = counts.exposure.shape[1]
    widths = [(n_conditions if link.by_condition else 1) * N_COLUMNS * 2 for link in links]
    first, *steps = np.split(sums, np.cumsum(widths)[:-1], axis=1)
    rates = [step_rates(step) for step in steps]
    return figures_of(first_rates(first, n_conditions), rates, has_sorting=counts.has_sorting)


def step_rates(sums: Array) -> Array:
    """Shape (n, 2, 2): [spread of this group, rates of that group] -> share that goes on. sums: of one link's columns."""
    return _mean_rates(sums.reshape(-1, 1, N_COLUMNS, 2))[:, 0]


def _mean_rates(block: Array) -> Array:
    """Shape (n, n_conditions, 2, 2): [spread of this group, rates of that group] -> mean rate.

    Where a group has nobody in a condition, the other group's spread stands in: it has none of its own.
    """
    over, hits, expected, outside, weighted, weight = (block[:, :, k] for k in range(N_COLUMNS))
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = hits.sum(axis=1, keepdims=True) / over.sum(axis=1, keepdims=True)
        typical = np.where(weight.real > 0, weighted / np.where(weight.real > 0, weight, 1.0), overall)
        crossed = expected + outside * typical[..., OTHER]  # this group's spread, at the other's rates
        own, at_others = hits / over, crossed / over
        is_empty = over.real <= 0
        own = np.where(is_empty, at_others[..., OTHER], own)
        at_others = np.where(is_empty, (hits / over)[..., OTHER], at_others)
        both = np.empty((*own.shape[:2], 2, 2), dtype=own.dtype)
        for g in (0, 1):
            both[..., g, g], both[..., g, 1 - g] = own[..., g], at_others[..., g]
        return both


def first_rates(sums: Array, n_conditions: int) -> Array:
    """Shape (n, 2, 2, 2): [placement of, spread of, rates of] -> rate of the first step. sums: of the first link's columns."""
    block = sums.reshape(-1, n_conditions, N_COLUMNS, 2)
    over = block[:, :, 0]
    share = over / over.sum(axis=1, keepdims=True)
    nobody: NDArray[np.bool_] = np.all(over.real <= 0, axis=2, keepdims=True)[..., None]
    return np.einsum("nza,nzbd->nabd", share, np.where(nobody, 0.0, _mean_rates(block)))


def figures_of(first: Array, steps: list[Array], *, has_sorting: bool) -> Parts:
    """Chain factors block by block, so that an empty step leaves the factors of the others defined."""
    moves = [first[:, 0, 0, 0], first[:, 1, 0, 0], first[:, 1, 1, 0], first[:, 1, 1, 1]]
    if not has_sorting:
        del moves[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [after / before for before, after in pairwise(moves)]
        for rates in steps:
            ratios += [rates[:, 1, 0] / rates[:, 0, 0], rates[:, 1, 1] / rates[:, 1, 0]]
        values = _coalition_values(first, steps, has_sorting=has_sorting)
        return Parts(
            ratio=np.stack(ratios), difference=shapley(values, len(ratios)), log_part=shapley(np.log(values), len(ratios)),
            total_ratio=values[-1] / values[0], total_difference=values[-1] - values[0],
        )  # fmt: skip


def _coalition_values(first: Array, steps: list[Array], *, has_sorting: bool) -> Array:
    """The last step's rate with the parts of each coalition set to the group's: shape (2**n_factors, n)."""
    n_first = 3 if has_sorting else 2
    member = coalitions(n_first + 2 * len(steps)).astype(int)
    spread, rates = (1, 2) if has_sorting else (1, 1)
    values = first[:, member[:, 0], member[:, spread], member[:, rates]].T
    for k, step in enumerate(steps):
        values = values * step[:, member[:, n_first + 2 * k], member[:, n_first + 2 * k + 1]].T
    return values


def off_support(counts: ChainCounts) -> Floats:
    """Which share of each link's base stands in cells where the other group has nobody? Shape (n_steps, 2); nan of nobody.

    [..., 1]: of the group, in cells without the comparison group; [..., 0]: the other way round.
    """
    parents = np.stack([counts.exposure, *counts.reached[:-1]])
    outside = np.where(parents[..., OTHER] > 0, 0.0, parents).sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return outside / parents.sum(axis=(1, 2))
