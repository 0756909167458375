"""A cube: one split, added up over every choice of its columns, for several stages. Integers only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from dueregard.errors import UsageError
from dueregard.measures.measure import Measure
from dueregard.terms.missing import ALL

Key = tuple[str, ...]
Pattern = tuple[frozenset[Key], int]  # leaves, and how many pupils stand in these and in no other


@dataclass(frozen=True, slots=True, order=True)
class CubeCell:
    """One sum. period, codes: `all` where it was added up.

    denominator: pupils on roll, of several years added up (so: pupil-years), in the schools that enter the stage.
    events: rows that reached it. pupils: each counted once in the cell, over the years too.
    """

    stage: str
    period: str
    codes: Key
    denominator: int
    events: int
    pupils: int


@dataclass(frozen=True, slots=True)
class Cube:
    """The cells of a cube, in order. Each cell of one period is the one that `count` gives for that split."""

    measure: Measure
    periods: Key
    cells: tuple[CubeCell, ...]


def check_cube(measure: Measure) -> Measure:
    """Raises UsageError for a question of which sums would not be one number."""
    if measure.denominator != "pupils_on_roll" or measure.within or measure.is_count_only:
        raise UsageError("A cube counts pupils on roll, without strata.", try_this="`pupils_on_roll`, and no `within`.")
    return measure


def every_sum(key: Key) -> Iterable[Key]:
    """A leaf and all the cells into which it is added up.

    >>> list(every_sum(("a",)))
    [('a',), ('all',)]
    """
    return product(*((code, ALL) for code in key))


def added_up(leaves: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Leaf numbers as the numbers of every cell of the cube."""
    sums: dict[Key, int] = {}
    for key, n in leaves:
        for cell in every_sum(key):
            sums[cell] = sums.get(cell, 0) + n
    return sums


def patterns_of(seen: Iterable[tuple[int, Key]]) -> list[Pattern]:
    """How many pupils stand in the same leaves? seen: (pupil, leaf).

    >>> patterns_of([(1, ("a",)), (2, ("a",)), (1, ("b",))]) == [(frozenset({("a",), ("b",)}), 1), (frozenset({("a",)}), 1)]
    True
    """
    leaves: dict[int, list[Key]] = {}
    for pupil, key in seen:
        leaves.setdefault(pupil, []).append(key)
    return list(Counter(frozenset(keys) for keys in leaves.values()).items())


def distinct(patterns: Iterable[Pattern]) -> dict[Key, int]:
    """Distinct pupils of every cell. Who stands in the same leaves stands in the same cells, and there are few such patterns."""
    sums: dict[Key, int] = {}
    for pattern, n in patterns:
        for cell in {cell for key in pattern for cell in every_sum(key)}:
            sums[cell] = sums.get(cell, 0) + n
    return sums


def cells_of(stage: str, over: dict[Key, int], events: dict[Key, int], pupils: dict[Key, int]) -> list[CubeCell]:
    """The cells of one stage; keys: the period, then the codes."""
    return [
        CubeCell(stage, key[0], key[1:], over.get(key, 0), events.get(key, 0), pupils.get(key, 0))
        for key in {**over, **events}
    ]
