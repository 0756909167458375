"""Secondary suppression beside one full audit of the same table (F11), and the audit by cell and direction (F12)."""

from __future__ import annotations

import time

import numpy as np

from dueregard.disclose.bounds import bounds_of
from dueregard.disclose.simplify import simplified
from dueregard.disclose.solver import HIGHEST, LOWEST, Solver
from dueregard.disclose.suppress import Hideable, figures_to_hide
from dueregard.disclose.system import System, components

ROWS, COLUMNS, SMALL_TO, SHARE = 60, 12, 4, 0.25
NEED = 4.0


def made_table(rows: int = ROWS, columns: int = COLUMNS, *, seed: int = 1) -> tuple[System, np.ndarray, list[Hideable]]:
    """A table with its margins, a quarter of the cells small and hidden, all else shown exactly."""
    rng = np.random.default_rng(seed)
    is_small = rng.random((rows, columns)) < SHARE
    inner = np.where(is_small, rng.integers(1, SMALL_TO + 1, (rows, columns)), rng.integers(6, 60, (rows, columns)))
    whole = np.vstack([np.hstack([inner, inner.sum(1, keepdims=True)]), [*inner.sum(0), inner.sum()]])
    system, hideable, sensitive = System(), [], np.zeros(whole.size, dtype=bool)
    for at, n in enumerate(whole.ravel()):
        sensitive[at] = 1 <= n <= SMALL_TO
        system.add_unknown((("cell", str(at)),), *((0, np.inf) if sensitive[at] else (int(n), int(n))))
        if not sensitive[at]:
            hideable.append(Hideable(at, 0, np.inf, 1.0 + float(n) / 1000))
    width = columns + 1
    for row in range(rows + 1):
        system.add_sum(row * width + columns, [row * width + c for c in range(columns)], "row")
    for column in range(width):
        system.add_sum(rows * width + column, [r * width + column for r in range(rows)], "column")
    return system, sensitive, hideable


def full_audit(system: System, sensitive: np.ndarray) -> np.ndarray:
    """The least and the greatest value of every small cell, each by a linear program of its own. Shape (n, 2)."""
    system = simplified(system)
    found = np.column_stack([system.at_least, system.at_most])
    for unknowns, lines in components(system):
        solver = Solver(system, unknowns, lines, seconds=60)
        for place, unknown in enumerate(unknowns):
            if sensitive[unknown]:
                found[unknown] = [abs(solver.extreme({place: float(sign)}).value) for sign in (LOWEST, HIGHEST)]
    return found[sensitive]


def bare_audit(system: System, sensitive: np.ndarray) -> np.ndarray:
    """The same programs by the solver alone: the table as it stands, one model, only the cost changes. Shape (n, 2)."""
    import highspy

    model = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("simplex_strategy", 4)):
        model.setOptionValue(name, value)
    for least, most in zip(system.at_least, system.at_most, strict=True):
        model.addVar(least, most)
    for line in system.lines:
        model.addRow(
            line.at_least,
            line.at_most,
            len(line.unknowns),
            np.array(line.unknowns, dtype=np.int32),
            np.array(line.factors),
        )
    found = []
    for unknown in np.flatnonzero(sensitive):
        for sign in (LOWEST, HIGHEST):
            model.changeColCost(int(unknown), float(sign))
            model.run()
            found.append(abs(model.getInfo().objective_function_value))
            model.changeColCost(int(unknown), 0.0)
    return np.array(found).reshape(-1, 2)


def measure() -> list[dict]:
    """The table of 60 x 12 with some 180 small cells: what must be hidden besides, and what an audit of the result takes."""
    system, sensitive, hideable = made_table()
    need = np.full(len(sensitive), NEED)
    began = time.perf_counter()
    found = figures_to_hide(system, sensitive, need, hideable)
    suppressing = time.perf_counter() - began
    for at in found.unknowns:
        system.at_least[at], system.at_most[at] = 0.0, np.inf
    began = time.perf_counter()
    audited = full_audit(system, sensitive)
    auditing = time.perf_counter() - began
    began = time.perf_counter()
    bare = bare_audit(system, sensitive)
    barely = time.perf_counter() - began
    assert np.allclose(audited, bare)
    began = time.perf_counter()
    bounds = bounds_of(system, sensitive, need)
    attacking = time.perf_counter() - began
    assert (audited[:, 1] - audited[:, 0] >= NEED).all() and (bounds.at_most - bounds.at_least >= need)[sensitive].all()
    n = int(sensitive.sum())
    each = 1000 * auditing / (2 * n)
    return [
        {"name": f"optimal suppression, {ROWS} x {COLUMNS}, {n} small", "seconds": suppressing, "ratio": suppressing / auditing,
         "goal": 3, "against": f"one full audit; {len(found.unknowns)} more hidden"},
        {"name": "full audit of it", "seconds": auditing, "ratio": each, "limit": "0.4 ms", "against": "ms a cell and direction"},
        {"name": "full audit of it, beside the solver alone", "seconds": auditing, "ratio": auditing / barely, "goal": None,
         "against": "the same programs, each over the whole table"},
        {"name": "the attacker's exact bounds of it", "seconds": attacking, "ratio": attacking / auditing, "goal": None,
         "against": "the full audit"},
    ]  # fmt: skip
