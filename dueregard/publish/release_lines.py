"""The figures of a release as a reader meets them: chapters by split, sections by stage, and a line for each row.

Page, workbook, CSV files and charts are all made from these lines, so none of them says more than another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import AREA, SCHOOL, TREND, WHOLE, WITHIN, PooledFigure, Printed, PublishedTable, Row
from dueregard.evidence.released import Question, Released
from dueregard.measures.columns import SPLITS, code_label, column_label
from dueregard.publish import words
from dueregard.publish.printing import DIFFERENCE, ENDS, RATE, RATIO, read_back
from dueregard.publish.sections import LADDERS, slug
from dueregard.terms.stages import STAGES, Stage, stage

KINDS = (WHOLE, TREND, AREA, SCHOOL)
STRATUM = {AREA: "area", SCHOOL: "school"}


@dataclass(frozen=True, slots=True)
class Told:
    """One printed figure: its three texts, digit for digit, and the numbers that they say."""

    middle: str
    lower: str
    upper: str
    number: Estimate


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table. place: the area or school, empty for the whole."""

    question: Question
    kind: str
    period: str
    place: str
    codes: tuple[str, ...]
    n: ShownCount
    denominator: ShownCount | None
    rate: Told | None
    ratio: Told | None
    difference: Told | None

    @property
    def label(self) -> str:
        return words.codes_label(self.question.measure.columns, self.codes)

    @property
    def is_comparison(self) -> bool:
        """Is it the group with which the others are compared?"""
        wanted = self.question.comparison
        return bool(wanted) and all(w in (None, code) for w, code in zip(wanted, self.codes, strict=True))


@dataclass(frozen=True, slots=True)
class Section:
    """One question: its lines by kind of table, and its figures that were pooled over schools."""

    id: str
    title: str
    stage: Stage
    question: Question
    lines: dict[str, tuple[Line, ...]]
    pooled: tuple[PooledFigure, ...]

    @property
    def compared(self) -> str:
        return comparison_label(self.question)


@dataclass(frozen=True, slots=True)
class Chapter:
    """All questions of one split, in the order of the ladder; the help that pupils were given after it."""

    id: str
    title: str
    columns: tuple[str, ...]
    sections: tuple[Section, ...]


def chapters(released: Released) -> tuple[Chapter, ...]:
    """Ethnicity, sex, special educational needs, disability, then the rest."""
    tables = {table.id: table for table in released.published.tables}
    found: dict[tuple[str, ...], list[Section]] = {}
    for question in released.questions:
        found.setdefault(question.measure.columns, []).append(_section(question, tables, released.published.pooled))
    return tuple(
        Chapter(f"by-{slug('-'.join(columns) or 'all')}", words.split_words(columns), columns,
                tuple(sorted(found[columns], key=_ladder_order)))
        for columns in sorted(found, key=_chapter_order)
    )  # fmt: skip


def _section(question: Question, tables: dict[str, PublishedTable], pooled: tuple[PooledFigure, ...]) -> Section:
    declared = stage(question.measure.stage)
    lines = {
        kind: tuple(_line(question, kind, row) for row in tables[question.id + kind].rows)
        for kind in KINDS if question.id + kind in tables
    }  # fmt: skip
    own = tuple(figure for figure in pooled if figure.id.startswith(f"{question.id}{WITHIN}-"))
    return Section(f"figure-{slug(question.id)}", declared.label, declared, question, lines, own)


def _line(question: Question, kind: str, row: Row) -> Line:
    told = dict(row.of)
    return Line(
        question, kind, told["period"], told.get(STRATUM.get(kind, ""), ""),
        tuple(told[column] for column in question.measure.columns), row.n, row.denominator,
        told_of(RATE, row.printed), told_of(RATIO, row.printed), told_of(DIFFERENCE, row.printed),
    )  # fmt: skip


def told_of(kind: str, printed: tuple[Printed, ...]) -> Told | None:
    """The printed texts of one kind. None: nothing of this kind is printed."""
    number = read_back(kind, printed)
    if number is None:
        return None
    texts = {figure.kind: figure.text for figure in printed}
    middle, lower, upper = (texts[kind + end] for end in ENDS)
    return Told(middle, lower, upper, number)


def comparison_label(question: Question) -> str:
    """What is the group called with which the others are compared? Empty where nothing is compared."""
    pairs = list(zip(question.measure.columns, question.comparison, strict=False))
    kept = ", ".join(code_label(column, code) for column, code in pairs if code is not None)
    same = " and ".join(column_label(column).lower() for column, code in pairs if code is None)
    return f"{kept} (of the same {same})" if kept and same else kept


def groups_of(lines: Iterable[Line]) -> tuple[tuple[str, ...], ...]:
    """The groups of some lines, in the order in which they first stand."""
    return tuple(dict.fromkeys(line.codes for line in lines))


def place_label(line: Line, names: dict[str, str]) -> str:
    """What is the place of a line called? A school by its name where it is known, and always by its number."""
    if not line.place:
        return "All schools that enter"
    if line.kind == SCHOOL:
        return f"{names[line.place]} ({line.place})" if line.place in names else f"School {line.place}"
    return code_label("area", line.place)


def _ladder_order(section: Section) -> tuple[int, int, str]:
    codes = [declared.code for declared in STAGES]
    at = codes.index(section.stage.code) if section.stage.code in codes else len(codes)
    ladder = LADDERS.index(section.stage.ladder) if section.stage.ladder in LADDERS else len(LADDERS)
    return ladder, at, section.id


def _chapter_order(columns: tuple[str, ...]) -> tuple[int, list[int], tuple[str, ...]]:
    known = list(SPLITS)
    return len(columns), [known.index(name) if name in known else len(known) for name in columns], columns
