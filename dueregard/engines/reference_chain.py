"""The reference engine's chain: each contact's pupils are followed from step to step, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict

from dueregard.engines.reference_rows import Reached
from dueregard.evidence.chain import CellKey

Who = tuple[CellKey, str, str]  # cell, contact, pupil


def who_reached(rows: list[Reached], columns: tuple[str, ...]) -> Counter[Who]:
    """How many involvements are there of each pupil of each contact? Pupils who were not identified are one name."""
    found: Counter[Who] = Counter()
    for row in rows:
        cell = ((row.urn, row.has["officer"]), tuple(str(row.has[column]) for column in columns))
        found[(cell, str(row.contact_ref), row.pupil_ref)] += row.n_involvements
    return found


def reached_or_later(steps: list[Counter[Who]]) -> dict[CellKey, tuple[int, ...]]:
    """How many of each cell reached each step, or any step after it?"""
    sums: dict[CellKey, list[int]] = defaultdict(lambda: [0] * len(steps))
    for who in {who for step in steps for who in step}:
        furthest = 0
        for k in reversed(range(len(steps))):
            furthest = max(furthest, steps[k][who])
            sums[who[0]][k] += furthest
    return {cell: tuple(numbers) for cell, numbers in sums.items()}
