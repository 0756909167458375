"""The cells of the reference engine: rows of the schools that enter, gathered and counted with sets and sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from dueregard.engines.plan import ROWS, Plan
from dueregard.engines.reference_rows import Held, Reached
from dueregard.evidence.cells import Cell, Repeat
from dueregard.terms.missing import NOT_IDENTIFIED, CellState


@dataclass
class Entering:
    """The rows of the schools that enter a figure."""

    planned: Plan
    period: str
    is_bounded: bool
    reached: list[Reached]
    given: list[Reached]
    counted: list[Held]
    held: list[Held]
    status: dict[str, str | None]

    def __post_init__(self) -> None:
        """An officer's exposure holds posted days only, in numerator and denominator alike."""
        if self.planned.measure.denominator.startswith("officer_"):
            self.reached = [r for r in self.reached if self._officer(r) == "posted"]
            self.counted = [c for c in self.counted if self._officer(c) == "posted"]
            self.held = [h for h in self.held if h.officer == "posted"]

    def differing(self) -> int:
        """Involvements recorded with another value than the pupil's one, of a characteristic that is asked for."""
        measure = self.planned.measure
        asked = {*measure.columns, *(column for column, _ in measure.where)}
        return sum(1 for r in self.reached if r.differs & asked)

    def cells(self, within: tuple[str, ...]) -> list[Cell]:
        numbers = self._sums(self.counted, within) if self.planned.source != ROWS else self._units(self.reached, within)
        unders = self._unders(within)
        return [self._cell(key, numbers.get(key, 0), unders.get(key)) for key in {**numbers, **unders}]

    def repeats(self) -> list[Repeat]:
        """Each pupil's units in a cell, squared and added up; an unidentified pupil is another one each time."""
        of_pupil: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for row in self.reached:
            of_pupil[self._key(row, ())[1]][row.pupil_ref] += getattr(row, f"n_{self.planned.measure.unit}")
        found = []
        for codes, counts in of_pupil.items():
            unknown = counts.pop(NOT_IDENTIFIED, 0)
            squares = sum(k * k for k in counts.values()) + unknown
            found.append(
                Repeat(self.period, codes, counts.total() + unknown, squares, unknown, max(counts.values(), default=0),
                       tuple(sorted(Counter(counts.values()).items())))
            )  # fmt: skip
        return found

    def _key(self, one: Reached | Held, within: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        strata = {"school": lambda: one.urn, "area": lambda: one.has["area"], "officer": lambda: self._officer(one)}
        return tuple(str(strata[name]()) for name in within), tuple(
            str(one.has[c]) for c in self.planned.measure.columns
        )

    def _officer(self, one: Reached | Held) -> str | None:
        if isinstance(one, Held):
            return one.officer or self.status.get(one.urn)
        by_day = self.planned.measure.is_by_day or self.planned.given is not None
        return one.has["officer"] if by_day else self.status.get(one.urn)

    def _units(self, rows: list[Reached], within: tuple[str, ...]) -> dict[tuple, int]:
        gathered = defaultdict(list)
        for row in rows:
            gathered[self._key(row, within)].append(row)
        unit = self.planned.measure.unit
        if unit == "pupils":
            return {key: len({r.pupil_ref for r in found} - {NOT_IDENTIFIED}) for key, found in gathered.items()}
        return {key: sum(getattr(r, f"n_{unit}") for r in found) for key, found in gathered.items()}

    def _sums(self, rows: list[Held], within: tuple[str, ...]) -> dict[tuple, int]:
        sums: Counter[tuple] = Counter()
        for row in rows:
            sums[self._key(row, within)] += row.n if row.state == "counted" and row.n is not None else 0
        return dict(sums)

    def _unders(self, within: tuple[str, ...]) -> dict[tuple, tuple[int | None, int | None, int | None]]:
        if self.planned.measure.is_count_only:
            return {}
        if self.planned.given is not None:
            return {key: (n, None, None) for key, n in self._units(self.given, within).items()}
        gathered = defaultdict(list)
        for held in self.held:
            gathered[self._key(held, within)].append(held)
        found: dict[tuple, tuple[int | None, int | None, int | None]] = {}
        for key, rows in gathered.items():
            if self.is_bounded and any(r.state != "counted" for r in rows):
                unbounded = any(r.at_most is None for r in rows)
                found[key] = (
                    None,
                    sum(r.at_least or 0 for r in rows),
                    None if unbounded else sum(r.at_most or 0 for r in rows),
                )
            else:
                found[key] = (sum(r.n or 0 for r in rows), None, None)
        return found

    def _cell(self, key: tuple, n: int, under: tuple[int | None, int | None, int | None] | None) -> Cell:
        stratum, codes = key
        if self.planned.measure.is_count_only:
            return Cell(self.period, stratum, codes, n, None)
        if under is None and self.planned.roll is not None and self.planned.roll.by_population:
            return Cell(self.period, stratum, codes, n, None, CellState.NOT_COLLECTED)
        if under is None:
            return Cell(self.period, stratum, codes, n, 0)
        if under[0] is None:
            return Cell(self.period, stratum, codes, n, None, CellState.SUPPRESSED, under[1], under[2])
        return Cell(self.period, stratum, codes, n, under[0])
