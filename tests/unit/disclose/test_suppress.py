"""Secondary suppression: never more than needed, beside every choice counted out; and no small count is left narrow."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest

from dueregard.disclose.bounds import bounds_of
from dueregard.disclose.suppress import Hideable, figures_to_hide
from dueregard.disclose.system import System


def table(rng: np.random.Generator, rows: int, columns: int, *, small_to: int = 4, share: float = 0.2) -> tuple[System, np.ndarray, np.ndarray, list[Hideable]]:  # fmt: skip
    """A table with its margins: cells of 1 to small_to are hidden, everything else is shown exactly."""
    inner = np.where(
        rng.random((rows, columns)) < share,
        rng.integers(1, small_to + 1, (rows, columns)),
        rng.integers(6, 60, (rows, columns)),
    )
    whole = np.vstack([np.hstack([inner, inner.sum(1, keepdims=True)]), [*inner.sum(0), inner.sum()]])
    system, hideable = System(), []
    sensitive = np.zeros(whole.size, dtype=bool)
    for at, n in enumerate(whole.ravel()):
        is_small = 1 <= n <= small_to
        system.add_unknown((("cell", str(at)),), *((0, np.inf) if is_small else (int(n), int(n))))
        sensitive[at] = is_small
        if not is_small:
            hideable.append(Hideable(at, 0, np.inf, 1.0 + float(n) / 1000))
    width = columns + 1
    for row in range(rows + 1):
        system.add_sum(row * width + columns, [row * width + c for c in range(columns)], "row")
    for column in range(width):
        system.add_sum(rows * width + column, [r * width + column for r in range(rows)], "column")
    return system, sensitive, np.full(whole.size, 4.0), hideable


def widths(system: System, hidden: tuple[int, ...], sensitive: np.ndarray, need: np.ndarray) -> np.ndarray:
    """How far apart the limits of the small cells are, with these figures hidden."""
    for at in hidden:
        system.at_least[at], system.at_most[at] = 0.0, np.inf
    found = bounds_of(system, sensitive, need)
    return (found.at_most - found.at_least)[sensitive]


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_choice_beside_every_other(seed):
    rng = np.random.default_rng(seed)
    system, sensitive, need, hideable = table(rng, 3, 2, share=0.35)
    found = figures_to_hide(system, sensitive, need, hideable, small_to=-1)
    cost = {figure.unknown: figure.cost for figure in hideable}
    best = np.inf
    every = chain.from_iterable(combinations(sorted(cost), k) for k in range(len(cost) + 1))
    for choice in every:
        price = sum(cost[at] for at in choice)
        if (
            price < best
            and (widths(table(np.random.default_rng(seed), 3, 2, share=0.35)[0], choice, sensitive, need) >= 4).all()
        ):
            best = price
    assert found.cost == pytest.approx(best)


@pytest.mark.parametrize(("rows", "columns"), [(8, 6), (20, 8)])
def test_no_small_cell_is_left_narrow(rows, columns):
    rng = np.random.default_rng(rows)
    system, sensitive, need, hideable = table(rng, rows, columns)
    assert (widths(table(np.random.default_rng(rows), rows, columns)[0], (), sensitive, need) < 4).any()
    found = figures_to_hide(system, sensitive, need, hideable)
    assert (widths(system, found.unknowns, sensitive, need) >= 4).all()


def test_the_same_table_gives_the_same_pattern():
    one, other = (figures_to_hide(*table(np.random.default_rng(3), 12, 6)) for _ in range(2))
    assert one == other


def test_nothing_small_hides_nothing():
    system, sensitive, need, hideable = table(np.random.default_rng(1), 4, 3)
    found = figures_to_hide(system, np.zeros_like(sensitive), need, hideable)
    assert found.unknowns == () and found.cost == 0
