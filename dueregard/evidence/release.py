"""What a report holds before it is written: questions with their counts and answers, and what was collected."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import Cells, Completeness
from dueregard.evidence.estimate import Answer


@dataclass(frozen=True, slots=True)
class Figure:
    """One question, its counts, its answer. id: made from the question, such as `arrested-ethnicity-school`."""

    id: str
    cells: Cells
    answer: Answer


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
class Report:
    """Everything from which the files of a report follow, byte for byte."""

    about: About
    completeness: Completeness
    figures: tuple[Figure, ...]
    unanswered: tuple[Unanswered, ...]
