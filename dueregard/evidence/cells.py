"""An engine's answer: integers for each cell of a split, each with its state. No row, no rate."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell. codes: one for each column of the split but `period`. stratum: () for the whole figure.

    n: units that reached the stage. denominator: pupils, pupil-days or units, as integers; None where there
    is none. at_least, at_most: bounds of a denominator that the source suppresses (None: not bounded).
    """

    period: str
    stratum: tuple[str, ...]
    codes: tuple[str, ...]
    n: int
    denominator: int | None
    state: CellState = CellState.COUNTED
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Repeat:
    """How often did the same pupil come, in one cell of the whole figure? n: involvements (or events) of the cell.

    squares: the sum over pupils of the square of each one's n in the cell. Those of pupils who were not identified
    (not_identified of them) enter as one each, as if each were another pupil's. most: of one identified pupil.
    pupils: (k, how many identified pupils have k of them here), from 1 upwards.
    """

    period: str
    codes: tuple[str, ...]
    n: int
    squares: int
    not_identified: int
    most: int
    pupils: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """Schools that stay out of a figure, whole, for one reason. pupils: known rolls by codes; None if none is known."""

    period: str
    state: str
    schools: int
    pupils: tuple[tuple[tuple[str, ...], int], ...] | None
    roll_unknown_schools: int


@dataclass(frozen=True, slots=True)
class Cells:
    """The answer to one Measure.

    whole: the figure's own cells. strata: the same by stratum; units are distinct within each, so that
    pupils of strata need not add up. schools_used: (period, number).
    not_identified: involvements (or events) of pupils who could not be told apart, counted as no pupil.
    disagreeing: involvements whose self-defined ethnicity differs from the pupil's one value.
    not_observed: schools without contact rows and without a return, where that is why they stay out.
    """

    measure: Measure
    periods: tuple[str, ...]
    whole: tuple[Cell, ...]
    strata: tuple[Cell, ...]
    schools_used: tuple[tuple[str, int], ...]
    left_out: tuple[LeftOut, ...]
    not_identified: int = 0
    disagreeing: int = 0
    caveats: tuple[str, ...] = ()


def together(measure: Measure, answers: list[Cells], caveats: tuple[str, ...]) -> Cells:
    """The answers of several periods as one; each period stays apart inside it. caveats: of the question itself."""
    return Cells(
        measure=measure,
        periods=tuple(period for a in answers for period in a.periods),
        whole=tuple(sorted(c for a in answers for c in a.whole)),
        strata=tuple(sorted(c for a in answers for c in a.strata)),
        schools_used=tuple(used for a in answers for used in a.schools_used),
        left_out=tuple(sorted((x for a in answers for x in a.left_out), key=lambda x: (x.period, x.state))),
        not_identified=sum(a.not_identified for a in answers),
        disagreeing=sum(a.disagreeing for a in answers),
        caveats=tuple(dict.fromkeys([*caveats, *(c for a in answers for c in a.caveats)])),
    )


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """How much of one column is known? Of roll: pupils of each school's latest roll (of `n_pupils`: its cells);
    else involvements. n of them in `state`, for one broad ethnic group.

    state: `known`, `unknown`, or one of the four ways of missing. group: a broad group, or a way of missing.
    """

    table: str
    column: str
    group: str
    state: str
    n: int


@dataclass(frozen=True, slots=True, order=True)
class Collected:
    """How many schools have which state of a subject, over a period?"""

    period: str
    subject: str
    state: str
    schools: int


@dataclass(frozen=True, slots=True, order=True)
class CodeCount:
    """How many pupils and involvements bear one code of one column, as the source wrote it?

    Of roll: pupils of each school's latest roll. Of involvement: pupils who could be told apart, and involvements.
    Of stage_count: the source's own count (`part`: its stage, period and unit). reason: why it is not
    stated, where that was given. None: the table does not count it, or (where n_cells_unknown is not 0) no cell of it
    is known. n_cells_unknown: cells that the source suppressed or did not collect; they are not in the numbers.
    """

    table: str
    column: str
    part: str
    code: str
    reason: str
    n_pupils: int | None
    n_involvements: int | None
    n_cells_unknown: int = 0

    @property
    def place(self) -> tuple[str, str, str, str, str]:
        return self.table, self.column, self.part, self.code, self.reason

    @property
    def counts_pupils(self) -> bool:
        """Does its table count pupils?"""
        return not self.part.endswith(" involvements")

    @property
    def counts_involvements(self) -> bool:
        return self.table == "involvement" or self.part.endswith(" involvements")


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A time within or across academic years that a source did not send whole: how many schools, of which subject?

    from_on, to_on: days such as 2019-03-01, both included.
    """

    subject: str
    from_on: str
    to_on: str
    state: str
    schools: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What was collected, and what is missing? gaps: times that are not whole academic years."""

    collected: tuple[Collected, ...]
    known: tuple[Known, ...]
    codes: tuple[CodeCount, ...] = ()
    gaps: tuple[Gap, ...] = ()
