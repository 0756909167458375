"""The attacker's bounds are exact: beside every possibility counted out, and beside another solver."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dueregard.disclose.bounds import bounds_of
from dueregard.disclose.simplify import simplified
from dueregard.disclose.solver import HIGHEST, LOWEST, NothingFits, Solver, SolverStopped
from dueregard.disclose.system import System, components
from dueregard.disclose.witnesses import Witnesses


def made(rng: np.random.Generator, *, n_unknowns: int, most: int, n_lines: int) -> System:
    """A system of small whole numbers that has an answer; sums, differences and proportions."""
    system = System()
    truth = rng.integers(0, most + 1, n_unknowns)
    for number in range(n_unknowns):
        system.add_unknown((("u", str(number)),), 0, most)
    for _ in range(n_lines):
        size = int(rng.integers(2, n_unknowns + 1))
        unknowns = rng.choice(n_unknowns, size, replace=False)
        factors = rng.choice([-2, -1, 1, 2, 3], size)
        value, slack = int(factors @ truth[unknowns]), int(rng.integers(0, 3))
        system.add_line([(int(i), float(f)) for i, f in zip(unknowns, factors, strict=True)], value - slack, value, "x")
    return system


def counted_out(system: System) -> tuple[np.ndarray, np.ndarray]:
    """Every choice of whole numbers, one by one."""
    choices = product(*(range(int(a), int(b) + 1) for a, b in zip(system.at_least, system.at_most, strict=True)))
    fit = np.array([
        point for point in choices
        if all(line.at_least <= sum(f * point[i] for i, f in zip(line.unknowns, line.factors, strict=True)) <= line.at_most
               for line in system.lines)
    ])  # fmt: skip
    return fit.min(axis=0), fit.max(axis=0)


@pytest.mark.parametrize("seed", range(60))
def test_beside_every_possibility(seed):
    rng = np.random.default_rng(seed)
    system = made(rng, n_unknowns=int(rng.integers(2, 6)), most=7, n_lines=int(rng.integers(1, 4)))
    n = len(system.names)
    found = bounds_of(system, np.ones(n, dtype=bool), np.full(n, 5.0))
    least, most = counted_out(system)
    assert found.at_least.tolist() == least.tolist() and found.at_most.tolist() == most.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_known_is_put_in_and_changes_no_bound(seed):
    """Some unknowns are told outright. No part holds them, and all bounds are those that counting out gives."""
    rng = np.random.default_rng(3000 + seed)
    system = made(rng, n_unknowns=6, most=5, n_lines=3)
    least, most = counted_out(system)
    for told in rng.choice(6, 2, replace=False):
        system.at_least[told] = system.at_most[told] = int(least[told])
        least, most = counted_out(system)
    found = bounds_of(system, np.ones(6, dtype=bool), np.full(6, 5.0))
    assert found.at_least.tolist() == least.tolist() and found.at_most.tolist() == most.tolist()
    known = {i for i in range(6) if least[i] == most[i]}
    in_parts = {i for unknowns, _ in components(simplified(system)) for i in unknowns}
    told_outright = {i for i in range(6) if system.at_least[i] == system.at_most[i]}
    assert not in_parts & told_outright and told_outright <= known


def test_a_count_that_was_known_and_is_then_hidden_keeps_its_witnesses():
    """Shown, its number is part of every point; so the next attack needs no program for what is wide already."""
    system = System()
    for number, (least, most) in enumerate(((0, 9), (0, 9), (4, 4), (0, 30))):
        system.add_unknown((("u", str(number)),), least, most)
    system.add_sum(3, [0, 1, 2], "sum")
    wanted, need, kept = np.array([True, True, False, False]), np.full(4, 5.0), Witnesses()
    bounds_of(system, wanted, need, is_exact=False, witnesses=kept)
    system.at_least[2], system.at_most[2] = 0, 9
    assert bounds_of(system, wanted, need, is_exact=False, witnesses=kept).n_programs == 0


@pytest.mark.parametrize("seed", range(40))
def test_the_quick_way_finds_the_same_narrow_ones(seed):
    rng = np.random.default_rng(1000 + seed)
    system = made(rng, n_unknowns=5, most=7, n_lines=2)
    need = np.full(5, 5.0)
    quick, whole = (bounds_of(system, np.ones(5, dtype=bool), need, is_exact=e) for e in (False, True))
    narrow = whole.at_most - whole.at_least < need
    assert ((quick.at_most - quick.at_least < need) == narrow).all()
    assert ((quick.at_least >= whole.at_least).all() and (quick.at_most <= whole.at_most).all()) or narrow.any()


@pytest.mark.parametrize("seed", range(6))
def test_beside_another_solver(seed):
    cp_model = pytest.importorskip("ortools.sat.python.cp_model", reason="OR-Tools is not installed")
    rng = np.random.default_rng(2000 + seed)
    system = made(rng, n_unknowns=14, most=30, n_lines=7)
    found = bounds_of(system, np.ones(14, dtype=bool), np.full(14, 5.0))
    for at in range(14):
        for sign, ours in ((1, found.at_least[at]), (-1, found.at_most[at])):
            model = cp_model.CpModel()
            x = [model.new_int_var(0, 30, str(i)) for i in range(14)]
            for line in system.lines:
                total = sum(int(f) * x[i] for i, f in zip(line.unknowns, line.factors, strict=True))
                model.add_linear_constraint(total, int(line.at_least), int(line.at_most))
            model.minimize(sign * x[at])
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            assert solver.solve(model) == cp_model.OPTIMAL
            assert sign * solver.objective_value == ours


@pytest.mark.parametrize("seed", range(40))
def test_a_search_that_begins_at_a_point_finds_the_best(seed):
    """Around a point that fits, with everything free or only some: beside every possibility counted out."""
    rng = np.random.default_rng(4000 + seed)
    system = made(rng, n_unknowns=5, most=6, n_lines=2)
    solver = Solver(system, list(range(5)), list(range(2)), seconds=60.0)
    fit = solver.that_fit(np.array(list(product(range(7), repeat=5))))
    for around in fit[rng.choice(len(fit), 3)]:
        for free in (np.arange(5), np.sort(rng.choice(5, 3, replace=False))):
            others = np.setdiff1d(np.arange(5), free)
            near = fit[(fit[:, others] == around[others]).all(axis=1)]
            for place, sign in product(free, (LOWEST, HIGHEST)):
                found = solver.some_point({int(place): float(sign)}, around=around, free=free)
                assert found is not None and (near == found).all(axis=1).any()
                assert sign * found[place] == (sign * near[:, place]).min()


@pytest.mark.parametrize("size", (150, 1000))
def test_a_large_part_is_looked_at_near_each_unknown(size, monkeypatch):
    """Exact bounds of a part so large that it is searched near each unknown: beside the same part asked one by one."""
    rng = np.random.default_rng(size)
    system = System()
    truth = rng.integers(0, 9, 90)
    for n in truth:
        system.add_unknown((("u", str(len(system.names))),), max(0, n - 4), n + 4)
    for first in range(0, 90, 3):  # a sum in each block, and one of them all
        system.add_line([(first + i, 1.0) for i in range(3)], *(2 * [int(truth[first : first + 3].sum())]), "block")
    system.add_line([(i, float(1 + i % 3)) for i in range(90)], *(2 * [int((1 + np.arange(90) % 3) @ truth)]), "all")
    wanted, need = np.ones(90, dtype=bool), np.full(90, 5.0)
    small = bounds_of(system, wanted, need, is_exact=False)
    monkeypatch.setattr("dueregard.disclose.bounds.LARGE", 10)
    monkeypatch.setattr("dueregard.disclose.bounds.NEAR", ((6, 2), (size, 2)))
    large = bounds_of(system, wanted, need, is_exact=False)
    narrow = [found.at_most - found.at_least < need for found in (small, large)]
    assert (narrow[0] == narrow[1]).all() and 0 < narrow[0].sum() < 90
    assert (small.at_least == large.at_least)[narrow[0]].all() and (small.at_most == large.at_most)[narrow[0]].all()


def test_parts_that_have_nothing_to_do_with_each_other():
    system = System()
    for number in range(5):
        system.add_unknown((("u", str(number)),), 0, 9)
    system.add_sum(0, [1, 2], "x")
    system.add_at_most(3, 4, "y")
    system.add_at_most(3, 4, "said twice")
    assert components(system) == [([0, 1, 2], [0]), ([3, 4], [1])]


def test_an_open_end_stays_open():
    system = System()
    for number in range(3):
        system.add_unknown((("u", str(number)),))
    system.add_sum(0, [1, 2], "x")
    found = bounds_of(system, np.ones(3, dtype=bool), np.full(3, 5.0))
    assert found.at_least.tolist() == [0, 0, 0] and np.isinf(found.at_most).all()


@pytest.mark.parametrize("many", [400_000, 600_000, 300_000_000])
def test_counts_of_a_great_force_contradict_nothing(many):
    """Parts of a sum that together are more than a million; beside them one that is open."""
    system = System()
    for limits in ((0, np.inf), (many, many + 2), (many, many + 2), (0, 7), (0, np.inf)):
        system.add_unknown((("u", str(len(system.names))),), *limits)
    system.add_sum(0, [1, 2, 3], "x")
    system.add_at_most(0, 4, "y")
    found = bounds_of(system, np.ones(5, dtype=bool), np.full(5, 5.0))
    assert found.at_least.tolist() == [2 * many, many, many, 0, 2 * many]
    assert found.at_most.tolist() == [2 * many + 11, many + 2, many + 2, 7, np.inf]


def test_what_cannot_be_is_said():
    system = System()
    for number in range(3):
        system.add_unknown((("u", str(number)),), 0, 3)
    system.narrow(0, 3, 3, "x")
    system.add_sum(0, [1, 2], "x")
    system.add_at_most(0, 1, "y")
    system.narrow(2, 1, 3, "z")
    with pytest.raises(NothingFits):
        bounds_of(system, np.ones(3, dtype=bool), np.full(3, 5.0))


def test_a_solver_that_runs_out_of_time_says_so():
    system = made(np.random.default_rng(5), n_unknowns=40, most=30, n_lines=20)
    with pytest.raises(SolverStopped, match="Nothing is published"):
        bounds_of(system, np.ones(40, dtype=bool), np.full(40, 5.0), seconds=0.0)
