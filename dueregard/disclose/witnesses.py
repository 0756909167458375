"""Witnesses: points of whole numbers that agreed with everything published, kept from one attack to the next.

Most of an attack is to find, for each count that is safe, two sets of counts that differ in it and fit all figures. Where a figure
is then hidden, a table taken away or a release added, most of these sets still fit. Each is checked against every line first, so
that a kept point proves exactly what a new one does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dueregard.disclose.system import Line
from dueregard.evidence.published import Coordinates

Numbers = np.ndarray
Key = tuple[Coordinates, int]  # a count, and which of the unknowns of that name: a revised count has several
MOST_KEPT = 100  # points of one part
SLACK = 1e-7


@dataclass(slots=True)
class Witnesses:
    """What attacks found, by count. It holds nothing that is not in the published figures."""

    points: list[Numbers] = field(default_factory=list)  # of each part: shape (n_points, n_unknowns)
    _place: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def keep(self, keys: Sequence[Key], points: Sequence[Numbers]) -> None:
        """The points of one part, in the place of what was kept of its counts."""
        if not points:
            return
        self.points.append(np.array(points[-MOST_KEPT:]))
        self._place.update((key, (len(self.points) - 1, column)) for column, key in enumerate(keys))
        held = {part for part, _ in self._place.values()}
        for part in range(len(self.points)):
            if part not in held:  # every count of it has newer points: a series of releases would grow without end
                self.points[part] = np.zeros((0, 0))

    def of(self, keys: Sequence[Key]) -> Numbers:
        """Points of these counts, shape (n_points, n_unknowns), put together from the parts to which they belonged; they may not fit.

        Empty where something is not known of one of them.
        """
        places = [self._place.get(key) for key in keys]
        known = [place for place in places if place is not None]
        if len(known) < len(places) or not known:
            return np.zeros((0, len(keys)))
        n_points = max(len(self.points[part]) for part in {part for part, _ in known})
        return np.column_stack([self._column(part, column, n_points) for part, column in known])

    def _column(self, part: int, column: int, n_points: int) -> Numbers:
        kept = self.points[part]
        return kept[np.arange(n_points) % len(kept), column]


def keys_of(names: Sequence[Coordinates]) -> list[Key]:
    """Each unknown of a system by its name; of the same name by their order."""
    seen: Counter[Coordinates] = Counter()
    found = []
    for name in names:
        found.append((name, seen[name]))
        seen[name] += 1
    return found


def that_fit(points: Numbers, least: Numbers, most: Numbers, lines: Sequence[Line], place: dict[int, int]) -> Numbers:
    """The points, shape (n_points, n_unknowns), that keep all limits and satisfy all lines. place: unknown -> column."""
    kept = points[((points >= least) & (points <= most)).all(axis=1)] if len(points) else points
    if not len(kept) or not lines:
        return kept
    rows = np.repeat(np.arange(len(lines)), [len(line.unknowns) for line in lines])
    columns = np.array([place[i] for line in lines for i in line.unknowns])
    factors = np.array([f for line in lines for f in line.factors])
    low, high = (np.array([getattr(line, end) for line in lines]) for end in ("at_least", "at_most"))
    sums = np.array([np.bincount(rows, factors * point[columns], minlength=len(lines)) for point in kept])
    slack = SLACK * (1 + np.abs(sums))
    return kept[((sums >= low - slack) & (sums <= high + slack)).all(axis=1)]
