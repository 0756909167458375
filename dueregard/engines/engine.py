"""What every engine answers, and the small facts of a snapshot that reading a question needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dueregard.evidence.cells import Cells, Completeness, Repeat
from dueregard.evidence.chain import Chain
from dueregard.evidence.cube import Cube
from dueregard.evidence.profile import Profile
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class Tabulation:
    """One way in which a source has counted: its population, and the columns that it splits."""

    name: str
    columns: frozenset[str]

    @property
    def population(self) -> str:
        return self.name.partition(":")[0]


def tally_of(columns: tuple[str, ...]) -> Tabulation:
    """A tabulation of the schools' sanctions, which have no name of their own: named by what it splits."""
    return Tabulation("+".join(sorted(columns)), frozenset(columns))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a snapshot holds, as far as a question needs to know.

    counted: (stage, unit, period) that `stage_count` holds. stage_tabulations: by stage. first_on, last_on: first
    and last day of contacts and of support. all_are_linked: every identified pupil of a contact stands
    in the roll. covered_to: by subject, the last day that `collection` calls whole.
    stage_disabilities: by stage, the values of `disability` that its counts of population `all` hold.
    term_starts: (academic year, term, first day) of the snapshot's own calendar, the earliest of any authority.
    sanction_terms: (academic year, term) of the schools' sanctions. sanction_tabulations: by the columns that rows split.
    """

    tables: frozenset[str]
    counted: frozenset[tuple[str, str, str]]
    stage_tabulations: tuple[tuple[str, tuple[Tabulation, ...]], ...]
    roll_tabulations: tuple[Tabulation, ...]
    roll_is_by_pupil: bool
    roll_has_age: bool
    all_are_linked: bool
    first_on: date | None
    last_on: date | None
    covered_to: tuple[tuple[str, date], ...]
    stage_disabilities: tuple[tuple[str, frozenset[str]], ...] = ()
    term_starts: tuple[tuple[str, str, date], ...] = ()
    sanction_terms: frozenset[tuple[str, str]] = frozenset()
    sanction_tabulations: tuple[Tabulation, ...] = ()


class Engine(Protocol):
    """Answers a question with integers."""

    def facts(self) -> Facts: ...

    def count(self, measure: Measure) -> Cells: ...

    def repeats(self, measure: Measure) -> tuple[Repeat, ...] | None:
        """How often did the same pupil come, in each cell of a question in involvements or events?

        None where the source publishes counts, from which it cannot be known. Cells in which nobody came are not
        listed. Raises UsageError for pupils, of whom each counts once.
        """
        ...

    def chain(self, measure: Measure) -> Chain:
        """Which involvements of each school, state of posting and group reached each step that leads to a stage?

        measure: as `chain_question` makes it. Raises UsageError or CannotAnswer where a step cannot be counted.
        """
        ...

    def profiles(self, measure: Measure, columns: tuple[str, ...]) -> tuple[Profile, ...] | None:
        """Each unit of the base of a question once, by these columns and by whether it reached the stage.

        Of the schools that enter the question. None where the source publishes counts. Raises UsageError for events.
        """
        ...

    def cube(self, measure: Measure, stages: tuple[str, ...]) -> Cube:
        """Every sum of a split over its columns and over the years, for several stages at once."""
        ...

    def completeness(self, period: str | None = None) -> Completeness: ...
