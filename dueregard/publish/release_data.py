"""The figures of a release as tables for other software: the same for the workbook and for the CSV files.

A cell holds a number as printed, or the sign for why there is none; what a sign stands for is a column of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dueregard.evidence.published import AREA, SCHOOL, TREND, WHOLE
from dueregard.evidence.released import Released
from dueregard.measures.columns import code_label, column_label
from dueregard.publish import words
from dueregard.publish.release_lines import STRATUM, Chapter, Line, Section, Told, chapters, place_label
from dueregard.publish.release_pooled import pooled_of
from dueregard.publish.release_views import beside, ladder_words
from dueregard.publish.release_words import (
    ABSENT,
    HIDDEN,
    LOW,
    NOBODY,
    count_sign,
    rate_sign,
    ratio_sign,
    short_verdict,
)

OPEN = "[no upper end]"
SIGNS = (LOW, HIDDEN, ABSENT, NOBODY, OPEN)
SAID = {"": "shown", LOW: "low", HIDDEN: "hidden", ABSENT: "not collected", NOBODY: "does not apply"}
TEXT, WHOLE_NUMBER, NUMBER = "text", "whole number", "number"
FILES = {WHOLE: "", TREND: "-by-year", AREA: "-by-area", SCHOOL: "-by-school"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, its title for readers, what kind of value it holds, and what it means."""

    name: str
    title: str
    kind: str
    means: str


@dataclass(frozen=True, slots=True)
class DataTable:
    """One table. name: of its file, without the ending. key: the columns that tell its rows apart. rows: texts."""

    name: str
    sheet: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]


def data_tables(released: Released) -> tuple[DataTable, ...]:
    """Of each split a table of the whole, of the years, of the areas and of the schools, as far as the release has them."""
    found = chapters(released)
    names = dict(released.schools)
    made = [table for chapter in found for kind in FILES if (table := _table(chapter, kind, names)) is not None]
    return (*made, *([_within(found)] if released.published.pooled else []))


def _within(found: tuple[Chapter, ...]) -> DataTable:
    """The ratios within the same school, which come from true counts by a rule of their own."""
    means = "The group's rate as a multiple of the comparison group's, within the same school"
    columns = (
        Column("question", "Question", TEXT, "The question, as in figures.json"),
        Column("split", "By", TEXT, "By what it is split"),
        Column("stage", "Stage", TEXT, "What happened"),
        Column("group", "Group, code", TEXT, "The code of the group"),
        Column("group_label", "Group", TEXT, "What the group is called"),
        Column("compared_with", "Compared with", TEXT, "The comparison group"),
        *_three("within_relative_rate", "Relative rate within schools", means),
        Column("schools", "Schools", WHOLE_NUMBER, "How many schools contribute"),
    )  # fmt: skip
    rows = tuple(
        (s.question.id, chapter.title, s.title, ",".join(one.codes), one.label, s.compared, one.text, one.lower or ABSENT,
         one.upper or ABSENT, str(one.n_schools))
        for chapter in found for s in chapter.sections for one in pooled_of(s)
    )  # fmt: skip
    return DataTable("within-schools", "Within schools", "Relative rates within the same school, from true counts", columns,
                     rows, ("question", "group_label"))  # fmt: skip


def _table(chapter: Chapter, kind: str, names: dict[str, str]) -> DataTable | None:
    sections = [section for section in chapter.sections if kind in section.lines]
    if not sections:
        return None
    what = {WHOLE: "", TREND: " by year", AREA: " by area", SCHOOL: " by school"}[kind]
    name = "-".join(column.replace("_", "-") for column in chapter.columns) or "all"
    sheet = words.capital(", ".join(column.replace("_", " ") for column in chapter.columns) or "all").replace(
        "Sen ", "SEN "
    )
    return DataTable(
        name + FILES[kind], sheet + what,
        f"{chapter.title}{what}: {'counts' if kind == SCHOOL else 'counts, rates and comparison'}",
        tuple(_columns(chapter, kind)),
        tuple(_row(line, section, kind, names) for section in sections for line in section.lines[kind]),
        ("question", "period", *((STRATUM[kind],) if kind in STRATUM else ()), *chapter.columns),
    )  # fmt: skip


def _columns(chapter: Chapter, kind: str) -> Iterator[Column]:
    yield Column("question", "Question", TEXT, "The question, as in figures.json")
    yield Column("ladder", "Harm or help", TEXT, "What happened to pupils, or help that pupils were given")
    yield Column("stage", "Stage", TEXT, "What happened")
    yield Column("unit", "Unit", TEXT, "What is counted: pupils, involvements or events")
    yield Column("denominator", "Denominator", TEXT, "Out of what it is counted")
    yield Column("period", "Period", TEXT, "Academic year, such as 2023/24, or another period")
    if kind in STRATUM:
        what = STRATUM[kind]
        yield Column(what, words.capital(what), TEXT, f"The code of the {what}")
        yield Column(f"{what}_label", f"{words.capital(what)}, name", TEXT, f"What the {what} is called")
    for name in chapter.columns:
        yield Column(name, f"{column_label(name)}, code", TEXT, "The code of the group")
        yield Column(f"{name}_label", column_label(name), TEXT, "What the group is called")
    yield Column("counted", "Counted", WHOLE_NUMBER, "The protected count, as shown")
    yield Column("counted_state", "Counted, state", TEXT, "Whether the count is shown, low, hidden, not collected")
    yield Column("out_of", "Out of", WHOLE_NUMBER, "The protected denominator, as shown")
    yield Column("out_of_state", "Out of, state", TEXT, "Whether the denominator is shown, low, hidden, not collected")
    if kind != SCHOOL:
        yield from _three("rate_per_1000", "Rate per 1,000", "The count for every 1,000 of the denominator")
        yield Column("rate_state", "Rate, state", TEXT, "Whether the rate is shown; low: its range alone is")
        yield Column("compared_with", "Compared with", TEXT, "The comparison group")
        yield from _three("relative_rate", "Relative rate", "How many times the comparison group's rate")
        yield from _three(
            "difference_per_1000", "Difference per 1,000", "By how much the rate is above the comparison group's"
        )
        yield Column(
            "comparison_state", "Comparison, state", TEXT, "Whether the comparison is shown; low: its range alone is"
        )
        yield Column("verdict", "What the range says", TEXT, "What the range of the relative rate lets one say")


def _three(name: str, title: str, means: str) -> Iterator[Column]:
    yield Column(name, title, NUMBER, means)
    yield Column(f"{name}_lower", f"{title}, lower end", NUMBER, f"{means}: the lower end of its range")
    yield Column(f"{name}_upper", f"{title}, upper end", NUMBER, f"{means}: the upper end of its range")


def _row(line: Line, section: Section, kind: str, names: dict[str, str]) -> tuple[str, ...]:
    measure = line.question.measure
    cells = [line.question.id, ladder_words(section), section.title, measure.unit, measure.denominator, line.period]
    cells += [line.place, place_label(line, names)] if kind in STRATUM else []
    for column, code in zip(measure.columns, line.codes, strict=True):
        cells += [code, code_label(column, code)]
    for count in (line.n, line.denominator):
        sign = count_sign(count)
        cells += [sign or str(count.shown if count is not None else ""), SAID[sign]]
    if kind != SCHOOL:
        cells += _figures(line, beside(line, section.lines[kind]), section.compared)
    return tuple(cells)


def _figures(line: Line, other: Line | None, compared: str) -> list[str]:
    sign, against = rate_sign(line), ratio_sign(line, other)
    return [
        *_texts(line.rate, sign), _state(line.rate, sign),
        NOBODY if line.is_comparison or not compared else compared,
        *_texts(line.ratio, against), *_texts(line.difference, against), _state(line.ratio, against),
        "The others are compared with it" if line.is_comparison else short_verdict(line.ratio) or against,
    ]  # fmt: skip


def _texts(told: Told | None, sign: str) -> tuple[str, str, str]:
    """Three printed texts, or three times the sign for why there is none."""
    if told is None:
        return sign, sign, sign
    middle = LOW if math.isnan(told.number.estimate) else told.middle
    return middle, told.lower, OPEN if math.isinf(told.number.upper) else told.upper


def _state(told: Told | None, sign: str) -> str:
    if told is None:
        return SAID[sign]
    return SAID[LOW] if math.isnan(told.number.estimate) else SAID[""]
