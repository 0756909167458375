"""Identities of a decomposition, to 1e-12 on random counts: what must hold whatever was counted."""

from __future__ import annotations

import numpy as np
import pytest

from dueregard.stats.decompose import ChainCounts, decompose, off_support
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, bootstrap_limits, delta_limits, limits_of
from dueregard.stats.shapley import coalitions, shapley

EXACT = 1e-12  # relative: some hundred products and sums, each rounded to 1e-16


def random_counts(seed: int, *, n_steps: int = 4, off: float = 0.0, n_clusters: int = 40) -> ChainCounts:
    """Clusters of any size; a share `off` of cells holds nobody of a group."""
    rng = np.random.default_rng(seed)
    exposure = np.round(rng.lognormal(8, 1, (n_clusters, 2, 2)))
    exposure *= rng.random(exposure.shape) >= off
    reached = [rng.poisson(exposure * rng.gamma(3, 0.002, exposure.shape))]
    for _ in range(n_steps - 1):
        reached.append(rng.binomial(reached[-1], rng.uniform(0.3, 0.9, exposure.shape)))
    return ChainCounts(exposure, np.array(reached, dtype=float))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("off", [0.0, 0.2])
def test_factors_multiply_and_parts_add_up(seed, off):
    counts = random_counts(seed, off=off)
    found = decompose(counts)
    rate = counts.reached[-1].sum(axis=(0, 1)) / counts.exposure.sum(axis=(0, 1))
    assert found.ratio.shape == (9, 1)
    assert found.total_ratio[0] == pytest.approx(rate[1] / rate[0], rel=EXACT)
    assert found.ratio.prod() == pytest.approx(rate[1] / rate[0], rel=EXACT)
    assert found.log_part.sum() == pytest.approx(np.log(rate[1] / rate[0]), abs=EXACT)
    assert found.difference.sum() == pytest.approx(rate[1] - rate[0], abs=EXACT * rate.max())


@pytest.mark.parametrize("seed", range(5))
def test_sorting_times_within_is_the_contact_factor(seed):
    """The formulas of placement, contact and sorting, written out cell by cell where both groups are everywhere."""
    counts = random_counts(seed, n_steps=1)
    x, c = counts.exposure, counts.reached[0]
    p, r = x.sum(axis=0) / x.sum(axis=(0, 1)), c.sum(axis=0) / x.sum(axis=0)
    contact = (p[:, 1] * r[:, 1]).sum() / (p[:, 1] * r[:, 0]).sum()
    at_others = (x[:, :, 1] * c[:, :, 0] / x[:, :, 0]).sum()
    found = decompose(counts).ratio[:, 0]
    assert found[0] == pytest.approx((p[:, 1] * r[:, 0]).sum() / (p[:, 0] * r[:, 0]).sum(), rel=EXACT)
    assert found[1] == pytest.approx(at_others / x[:, :, 1].sum() / (p[:, 1] * r[:, 0]).sum(), rel=EXACT)
    assert found[2] == pytest.approx(c[:, :, 1].sum() / at_others, rel=EXACT)
    assert found[1] * found[2] == pytest.approx(contact, rel=EXACT)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("off", [0.0, 0.2])
def test_exchanged_groups_change_the_signs(seed, off):
    counts = random_counts(seed, off=off)
    other = ChainCounts(counts.exposure[..., ::-1], counts.reached[..., ::-1])
    one, two = decompose(counts), decompose(other)
    assert one.log_part == pytest.approx(-two.log_part, abs=EXACT)
    assert one.difference == pytest.approx(-two.difference, abs=EXACT)
    assert one.total_ratio == pytest.approx(1 / two.total_ratio, rel=EXACT)


@pytest.mark.parametrize("seed", range(10))
def test_a_cluster_cut_in_two_equal_halves_changes_nothing(seed):
    """On support: where a group is missing, the typical rate that stands in may move."""
    counts = random_counts(seed)
    halved = ChainCounts(*(np.concatenate([a[..., 1:, :, :], a[..., :1, :, :] / 2, a[..., :1, :, :] / 2], axis=-3)
                           for a in (counts.exposure, counts.reached)))  # fmt: skip
    one, two = decompose(counts), decompose(halved)
    is_on_support = off_support(counts).max(axis=1) == 0
    for k in np.flatnonzero(is_on_support):
        parts = [0, 1, 2] if k == 0 else [1 + 2 * k, 2 + 2 * k]
        assert two.ratio[parts] == pytest.approx(one.ratio[parts], rel=EXACT)
    assert is_on_support[0]
    first = decompose(ChainCounts(counts.exposure, counts.reached[:1]))
    again = decompose(ChainCounts(halved.exposure, halved.reached[:1]))
    assert again.log_part == pytest.approx(first.log_part, abs=EXACT)


def equal(part: str) -> ChainCounts:
    """Counts in which one part is the same for both groups, and no other."""
    rng = np.random.default_rng(3)
    spread = rng.dirichlet(np.ones(12), 4).reshape(2, 2, 12)  # condition, group, cluster
    spread = spread[:, [0, 0]] if part == "sorting" else spread
    placed = np.array([[0.4, 0.4], [0.6, 0.6]]) if part == "placement" else np.array([[0.4, 0.7], [0.6, 0.3]])
    exposure = 1e5 * (placed[:, :, None] * spread).transpose(2, 0, 1)
    rate = rng.uniform(0.01, 0.04, (12, 2, 1 if part == "within" else 2))
    share = rng.uniform(0.2, 0.8, (12, 2, 1 if part == "step_within" else 2))
    return ChainCounts(exposure, np.array([exposure * rate, exposure * rate * share]))


@pytest.mark.parametrize(("part", "place"), [("placement", 0), ("sorting", 1), ("within", 2), ("step_within", 4)])
def test_a_part_that_is_equal_everywhere_brings_nothing(part, place):
    found = decompose(equal(part))
    assert found.ratio[place] == pytest.approx(1, abs=EXACT)
    assert found.log_part[place] == pytest.approx(0, abs=EXACT)
    assert found.difference[place] == pytest.approx(0, abs=EXACT)
    others = [k for k in range(5) if k != place]
    assert (np.abs(found.log_part[others]) > 1e-4).all()  # the others do differ, so the noughts above mean something


def das_gupta(a: np.ndarray, b: np.ndarray) -> list[float]:
    """Das Gupta (1993) for three factors, as printed: (bc + BC) / 3 dA + (bC + Bc) / 6 dA."""
    (x, y, z), (X, Y, Z) = a, b
    return [
        ((y * z + Y * Z) / 3 + (y * Z + Y * z) / 6) * (X - x),
        ((x * z + X * Z) / 3 + (x * Z + X * z) / 6) * (Y - y),
        ((x * y + X * Y) / 3 + (x * Y + X * y) / 6) * (Z - z),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_shapley_of_a_product_of_three_is_das_guptas(seed):
    low, high = np.random.default_rng(seed).uniform(0, 2, (2, 3))
    values = np.where(coalitions(3), high, low).prod(axis=1)
    assert shapley(values, 3) == pytest.approx(das_gupta(low, high), abs=EXACT)


def test_shapley_of_many_parts_by_every_order():
    """Against the definition: the mean over all orders of what a part adds when it comes."""
    from itertools import permutations

    values = np.random.default_rng(1).normal(size=2**5)
    brought = np.zeros(5)
    orders = list(permutations(range(5)))
    for order in orders:
        held = 0
        for part in order:
            brought[part] += values[held | 1 << part] - values[held]
            held |= 1 << part
    assert shapley(values, 5) == pytest.approx(brought / len(orders), abs=EXACT)


def test_one_stratum_gives_the_logarithms_of_the_factors():
    counts = random_counts(1, n_clusters=1, n_steps=3)
    one = ChainCounts(counts.exposure.sum(axis=1, keepdims=True), counts.reached.sum(axis=2, keepdims=True))
    found = decompose(one)
    assert found.log_part[:, 0] == pytest.approx(np.log(found.ratio[:, 0]), abs=EXACT)


def test_a_group_that_is_in_one_condition_only_has_a_defined_chain():
    """Nobody of the comparison group where officers are: its typical rate stands in, and the identities hold."""
    counts = random_counts(2)
    exposure, reached = counts.exposure.copy(), counts.reached.copy()
    exposure[:, 0, 0] = reached[:, :, 0, 0] = 0
    found = decompose(ChainCounts(exposure, reached))
    assert np.isfinite(found.ratio).all() and np.isfinite(found.log_part).all()
    assert found.ratio.prod() == pytest.approx(found.total_ratio[0], rel=EXACT)
    assert off_support(ChainCounts(exposure, reached))[0, 1] == pytest.approx(
        exposure[:, 0, 1].sum() / exposure[..., 1].sum()
    )


def test_a_missing_rate_is_the_typical_one_of_the_other_clusters():
    """One cluster without the comparison group; elsewhere its rate is 1 in 10 everywhere, so it is taken as 1 in 10."""
    exposure = np.array([[[1000.0, 500.0]], [[2000.0, 100.0]], [[0.0, 400.0]]])
    reached = np.array([[[[100.0, 80.0]], [[200.0, 20.0]], [[0.0, 60.0]]]])
    found = decompose(ChainCounts(exposure, reached)).ratio[:, 0]
    assert found == pytest.approx([1, 1, 160 / (0.1 * 1000)], rel=EXACT)


def test_nothing_is_filled_in_for_no_event():
    counts = random_counts(4, n_steps=2)
    reached = counts.reached.copy()
    reached[1, :, :, 0] = 0
    found = decompose(ChainCounts(counts.exposure, reached))
    assert np.isinf(found.total_ratio[0]) and np.isnan(found.log_part).any()
    assert np.isfinite(found.ratio[:3]).all()  # the contact factors do not depend on what followed


@pytest.mark.parametrize("change", ["more than before", "negative", "no exposure at all", "shape"])
def test_counts_that_do_not_fit_are_refused(change):
    counts = random_counts(5)
    exposure, reached = counts.exposure.copy(), counts.reached.copy()
    if change == "more than before":
        reached[2] = reached[1] + 1
    elif change == "negative":
        exposure[0, 0, 0] = -1
    elif change == "no exposure at all":
        exposure[:, 0, 1] = 0
    else:
        reached = reached[:, :-1]
    with pytest.raises(ValueError):
        decompose(ChainCounts(exposure, reached))


@pytest.mark.parametrize("method", [BOOTSTRAP, DELTA, BAYES])
def test_ranges_hold_the_figure_and_are_the_same_for_the_same_seed(method):
    counts = random_counts(6, n_clusters=60)
    one, two = (limits_of(counts, method, rng=np.random.default_rng(1), replicates=400) for _ in range(2))
    found = decompose(counts)
    assert (one.lower.ratio <= found.ratio).all() and (found.ratio <= one.upper.ratio).all()
    assert (one.lower.total_difference <= found.total_difference).all()
    assert np.array_equal(one.lower.ratio, two.lower.ratio) and np.array_equal(one.upper.log_part, two.upper.log_part)


def test_delta_of_one_step_is_the_textbook_variance():
    """var ln of the contact factor where there is one cell: 1 / C_B + 1 / C_W."""
    counts = ChainCounts(np.array([[[5000.0, 3000.0]]]), np.array([[[[50.0, 60.0]]]]))
    found = delta_limits(counts)
    half = np.log(found.upper.total_ratio[0] / found.lower.total_ratio[0]) / 2
    assert half == pytest.approx(1.959963985 * np.sqrt(1 / 50 + 1 / 60), rel=1e-8)  # the quantile is printed to 1e-9
    assert found.lower.ratio[0, 0] == pytest.approx(1, abs=EXACT)  # one condition: placement has no chance in it


def test_bootstrap_of_equal_clusters_has_no_width():
    one = random_counts(7, n_clusters=1)
    many = ChainCounts(np.repeat(one.exposure, 30, axis=0), np.repeat(one.reached, 30, axis=1))
    found = bootstrap_limits(many, rng=np.random.default_rng(1), replicates=200)
    defined = ~np.isnan(found.upper.ratio)
    # sums of 30 equal clusters are rounded
    assert found.upper.ratio[defined] == pytest.approx(found.lower.ratio[defined], rel=1e-10)


def test_a_replicate_without_a_value_opens_the_range():
    """Two of the comparison group's events in two of many clusters: some replicates draw neither."""
    exposure = np.full((20, 1, 2), 100.0)
    reached = np.zeros((1, 20, 1, 2))
    reached[0, :2, 0, 0], reached[0, :, 0, 1] = 1, 5
    found = bootstrap_limits(ChainCounts(exposure, reached), rng=np.random.default_rng(1), replicates=400)
    assert np.isinf(found.upper.total_ratio[0]) and found.lower.total_ratio[0] > 1
