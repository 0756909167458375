"""What an engine counts for a decomposition: exposure and every step of a chain, by school, presence of an officer, group."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.errors import CannotAnswer
from dueregard.evidence.cells import Cell, Cells, LeftOut
from dueregard.measures.measure import Measure

CellKey = tuple[tuple[str, ...], tuple[str, ...]]  # stratum (school, officer), codes


@dataclass(frozen=True, slots=True, order=True)
class ChainCell:
    """One school in one state of posting, one group. exposure: pupil-days (or pupils on roll); reached: as `Chain.steps`.

    officer: posted, not_posted, or part_of_the_time where a source has one state a year. An involvement counts at a step
    if it reached that step or a later one of the chain.
    """

    school: str
    officer: str
    codes: tuple[str, ...]
    exposure: int
    reached: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The integers of one chain in one period. measure: the question whose figure the chain takes apart.

    steps: stages, the last of which is the measure's. is_counted: the source publishes counts. Other fields as `Cells`.
    """

    measure: Measure
    period: str
    steps: tuple[str, ...]
    is_counted: bool
    cells: tuple[ChainCell, ...]
    schools_used: int
    left_out: tuple[LeftOut, ...]
    not_identified: int = 0
    disagreeing: int = 0
    caveats: tuple[str, ...] = ()

    def whole(self) -> Cells:
        """The figure that is taken apart, as `compare` has it: the last step over all schools."""
        sums: dict[tuple[str, ...], list[int]] = {}
        for cell in self.cells:
            found = sums.setdefault(cell.codes, [0, 0])
            found[0] += cell.reached[-1]
            found[1] += cell.exposure
        whole = tuple(Cell(self.period, (), codes, n, over) for codes, (n, over) in sorted(sums.items()))
        return Cells(self.measure, (self.period,), whole, (), ((self.period, self.schools_used),), self.left_out,
                     self.not_identified, self.disagreeing, self.caveats)  # fmt: skip


def chain_of_counts(cells: Cells) -> Chain:
    """The chain of a source that publishes counts: one step over the roll, from cells within school and officer."""
    return _chain(cells, (cells.measure.stage,), {(c.stratum, c.codes): (c.n,) for c in cells.strata}, is_counted=True)


def chain_of_rows(cells: Cells, steps: tuple[str, ...], reached: dict[CellKey, tuple[int, ...]]) -> Chain:
    """The chain of rows. cells: its last step within school and officer; reached: each step's involvements, by cell."""
    return _chain(cells, steps, reached, is_counted=False)


def _chain(cells: Cells, steps: tuple[str, ...], reached: dict[CellKey, tuple[int, ...]], *, is_counted: bool) -> Chain:
    over = {(c.stratum, c.codes): _exposure(c) for c in cells.strata}
    nobody = (0,) * len(steps)
    found = [
        ChainCell(stratum[0], stratum[1], codes, over.get((stratum, codes), 0), reached.get((stratum, codes), nobody))
        for stratum, codes in {**over, **reached}
    ]
    return Chain(
        cells.measure, cells.periods[0], steps, is_counted, tuple(sorted(found)), cells.schools_used[0][1], cells.left_out,
        cells.not_identified, cells.disagreeing, cells.caveats,
    )  # fmt: skip


def _exposure(cell: Cell) -> int:
    """Raises CannotAnswer where the source tells bounds of the roll only."""
    if cell.denominator is None:
        raise CannotAnswer(
            "The roll of some group is suppressed or not split so, so its exposure is not known and nothing can be taken apart.",
            try_this="`dueregard compare`, which shows bounds.",
        )
    return cell.denominator
