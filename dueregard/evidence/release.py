"""What a report holds before it is written: questions with their counts and answers, and what was collected."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import Cells, Completeness, Repeat
from dueregard.evidence.chain import Chain
from dueregard.evidence.decomposition import Decomposition
from dueregard.evidence.estimate import Answer
from dueregard.evidence.gates import GatesAnswer
from dueregard.evidence.intersections import IntersectionsAnswer
from dueregard.evidence.sensitivity import Extra, Sensitivity


@dataclass(frozen=True, slots=True)
class Figure:
    """One question, its counts, its answer. id: made from the question, such as `arrested-ethnicity-school`.

    repeats: who came again, in `repeats_unit`; None where it is not known, or was not asked.
    """

    id: str
    cells: Cells
    answer: Answer
    repeats: tuple[Repeat, ...] | None = None
    repeats_unit: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the snapshot cannot answer, and why: never left out silently."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class About:
    """What stands behind every figure of a report. rows: (table, number of rows); absent tables are not collected.

    left_out: (table, group, number of rows) that the gate refused and the freeze left out.
    """

    snapshot: str
    code_version: str
    profiles: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]
    absent: tuple[str, ...]
    left_out: tuple[tuple[str, str, int], ...]
    findings: tuple[tuple[str, str, int], ...]  # (code, table, number of lines)
    caveats: tuple[str, ...]
    lists: tuple[tuple[str, str], ...]  # (code list, version)


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a report. figures: `gate-NAME`, `act-BEHAVIOUR-contact`, `act-BEHAVIOUR-sanctioned`.

    why_not: (name of a gate, why it cannot be told).
    """

    figures: tuple[Figure, ...]
    why_not: tuple[tuple[str, str], ...]
    why_no_acts: str
    answer: GatesAnswer


@dataclass(frozen=True, slots=True)
class Pathway:
    """One group's way beside the comparison group's: the counts of its chain, how they were drawn from, and what was found."""

    id: str
    chain: Chain
    group: str
    comparison: str
    seed: int
    replicates: int
    answer: Decomposition


@dataclass(frozen=True, slots=True)
class Crossing:
    """Crossed groups: their counts by school, the seed of the model's draws, and what was found."""

    id: str
    cells: Cells
    seed: int
    answer: IntersectionsAnswer


@dataclass(frozen=True, slots=True)
class Doubt:
    """A figure of which some have no known ethnicity: its counts, what stands beside them, and what stays true."""

    id: str
    cells: Cells
    extra: Extra
    linkage: str
    base: str
    comparison: str
    seed: int
    answer: Sensitivity


@dataclass(frozen=True, slots=True)
class Studies:
    """What a report holds beside its figures: one chapter each. None, (): the snapshot cannot answer it."""

    pathways: tuple[Pathway, ...] = ()
    gates: Gates | None = None
    crossings: tuple[Crossing, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything from which the files of a report follow, byte for byte."""

    about: About
    completeness: Completeness
    figures: tuple[Figure, ...]
    unanswered: tuple[Unanswered, ...]
    studies: Studies = Studies()
