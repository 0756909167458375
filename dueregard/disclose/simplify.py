"""Simplify: limits that follow from limits, and lines that say nothing more. The answers stay the same; there is less to solve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dueregard.disclose.system import OPEN, Line, System

ROUNDS = 20
SLACK = 1e-6


def simplified(system: System) -> System:
    """The same system with the limits that each line by itself implies, and without the lines that then say nothing.

    Only whole numbers are limits. Where limits cross, the system is given back as it came: the solver finds what cannot be.
    """
    least = np.ceil(np.array(system.at_least, dtype=float) - SLACK)
    most = np.floor(np.array(system.at_most, dtype=float) + SLACK)
    for _ in range(ROUNDS):
        moved = [_tighten(line, least, most) for line in system.lines]
        if (least > most).any():
            return system
        if not any(moved):
            break
    kept = [line for line in system.lines if _says_more(line, least, most)]
    return replace(system, at_least=least.tolist(), at_most=most.tolist(), lines=kept)


def _ends(line: Line, least: np.ndarray, most: np.ndarray) -> Iterable[tuple[int, float, float, float]]:
    """Each term: its unknown, its factor, and the least and the most that it can be."""
    for unknown, factor in zip(line.unknowns, line.factors, strict=True):
        a, b = factor * least[unknown], factor * most[unknown]
        yield unknown, factor, min(a, b), max(a, b)


def _tighten(line: Line, least: np.ndarray, most: np.ndarray) -> bool:
    """Move the limits of each unknown to what the others leave it."""
    terms = list(_ends(line, least, most))
    low, high = sum(t[2] for t in terms), sum(t[3] for t in terms)
    open_low, open_high = [t for t in terms if t[2] == -OPEN], [t for t in terms if t[3] == OPEN]
    moved = False
    for unknown, factor, a, b in terms:
        others_low = _others(low, a, open_low, unknown, terms, 2)
        others_high = _others(high, b, open_high, unknown, terms, 3)
        ends = (line.at_least - others_high) / factor, (line.at_most - others_low) / factor
        new_least, new_most = np.ceil(min(ends) - SLACK), np.floor(max(ends) + SLACK)
        if new_least > least[unknown]:
            least[unknown], moved = new_least, True
        if new_most < most[unknown]:
            most[unknown], moved = new_most, True
    return moved


def _others(total: float, own: float, open_ones, unknown: int, terms, side: int) -> float:  # type: ignore[no-untyped-def]
    """The sum of all terms but one, where some may be open."""
    if not open_ones:
        return total - own
    if len(open_ones) == 1 and open_ones[0][0] == unknown:
        return sum(t[side] for t in terms if t[0] != unknown)
    return -OPEN if side == 2 else OPEN


def _says_more(line: Line, least: np.ndarray, most: np.ndarray) -> bool:
    terms = list(_ends(line, least, most))
    low, high = sum(t[2] for t in terms), sum(t[3] for t in terms)
    return low < line.at_least - SLACK or high > line.at_most + SLACK
