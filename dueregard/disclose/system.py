"""The system of an attacker: one unknown for each true count, and one line for each thing that was published about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from dueregard.evidence.published import Coordinates

OPEN = np.inf


@dataclass(frozen=True, slots=True)
class Line:
    """at_least <= sum of factors x unknowns <= at_most. why: which figures say so.

    is_assumed: an attacker takes it for true, and gives it up where it cannot be.
    """

    unknowns: tuple[int, ...]
    factors: tuple[float, ...]
    at_least: float
    at_most: float
    why: str
    is_assumed: bool = False


@dataclass(slots=True)
class System:
    """Unknowns with their limits, and lines between them. It grows while a release is read.

    names: what each unknown is. at_least, at_most: its limits (at_most inf: none). shown: the published figures that set
    its limits. is_integer: a count of people, not a factor.
    """

    names: list[Coordinates] = field(default_factory=list)
    at_least: list[float] = field(default_factory=list)
    at_most: list[float] = field(default_factory=list)
    shown: list[list[str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    _seen: set[tuple[tuple[int, ...], tuple[float, ...], float, float]] = field(default_factory=set)

    def add_unknown(self, name: Coordinates, at_least: float = 0, at_most: float = OPEN) -> int:
        self.names.append(name)
        self.at_least.append(at_least)
        self.at_most.append(at_most)
        self.shown.append([])
        return len(self.names) - 1

    def narrow(self, unknown: int, at_least: float, at_most: float, why: str) -> None:
        """One figure sets limits to one unknown. They may cross: then nothing fits, and the solver says so."""
        if at_least > self.at_least[unknown] or at_most < self.at_most[unknown]:
            self.shown[unknown].append(why)
        self.at_least[unknown] = max(self.at_least[unknown], at_least)
        self.at_most[unknown] = min(self.at_most[unknown], at_most)

    def add_line(self, terms: Iterable[tuple[int, float]], at_least: float, at_most: float, why: str, *,
                 is_assumed: bool = False) -> None:  # fmt: skip
        """One line, once: the same said again adds nothing."""
        ordered = sorted(term for term in terms if term[1])
        unknowns, factors = tuple(i for i, _ in ordered), tuple(float(f) for _, f in ordered)
        key = (unknowns, factors, at_least, at_most)
        if ordered and key not in self._seen:
            self._seen.add(key)
            self.lines.append(Line(unknowns, factors, at_least, at_most, why, is_assumed))

    def add_sum(self, total: int, parts: Iterable[int], why: str, *, is_assumed: bool = False) -> None:
        """The total is the sum of its parts."""
        self.add_line([(total, 1.0), *((part, -1.0) for part in parts)], 0.0, 0.0, why, is_assumed=is_assumed)

    def add_at_most(self, less: int, more: int, why: str, *, is_assumed: bool = False) -> None:
        """The one is never above the other."""
        if less != more:
            self.add_line([(less, 1.0), (more, -1.0)], -OPEN, 0.0, why, is_assumed=is_assumed)


def components(system: System) -> list[tuple[list[int], list[int]]]:
    """The parts of a system that have nothing to do with each other: (unknowns, lines) of each. Unknowns without a line
    are left out: their limits are what was published."""
    root = list(range(len(system.names)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for line in system.lines:
        first = find(line.unknowns[0])
        for other in line.unknowns[1:]:
            root[find(other)] = first
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for number, line in enumerate(system.lines):
        groups.setdefault(find(line.unknowns[0]), ([], []))[1].append(number)
    for unknown in range(len(system.names)):
        if (at := find(unknown)) in groups:
            groups[at][0].append(unknown)
    return list(groups.values())
