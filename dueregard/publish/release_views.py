"""What the page of a release shows: each chapter and section as texts, made from the printed lines alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dueregard.evidence.published import AREA, SCHOOL, TREND, WHOLE
from dueregard.evidence.released import Question, Released
from dueregard.measures.catalogue import over_words
from dueregard.publish import charts, words
from dueregard.publish.cells_shown import Shown
from dueregard.publish.release_lines import Chapter, Line, Section, groups_of, place_label
from dueregard.publish.release_pooled import Pooled, beside_crude, disagreement, pooled_sentence
from dueregard.publish.release_tables import is_missing_group
from dueregard.publish.release_words import (
    NOBODY,
    chart_text,
    count_shown,
    difference_shown,
    is_told,
    of_sign,
    rate_shown,
    rate_sign,
    ratio_shown,
    said_of,
    too_little_said,
    verdict_shown,
)

HARMS, HELP = "What happened to pupils", "Help that pupils were given"
LADDER_WORDS = {"support": HELP, "other": "Contact as a victim or witness"}
ALL_SCHOOLS = charts.Series("crude", "All schools that enter, together", "circle")
LONG_CHART = 12  # rows; above, a chart is folded away
KEY_OF_A_SPLIT = 2
ABSENT = Shown("not in this table", state="not_applicable")


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as texts: its caption, the heads of its columns, and rows under headings ("" : none)."""

    id: str
    caption: str
    head: tuple[str, ...]
    parts: tuple[tuple[str, tuple[tuple[str, str, tuple[Shown, ...]], ...]], ...]  # heading, (link, label, cells)


def ladder_words(section: Section) -> str:
    return LADDER_WORDS.get(section.stage.ladder, HARMS)


def beside(line: Line, lines: Iterable[Line]) -> Line | None:
    """The line of the comparison group of the same period and place."""
    wanted = line.question.comparison
    codes = tuple(code if want is None else want for want, code in zip(wanted, line.codes, strict=bool(wanted)))
    return next((o for o in lines if (o.codes, o.period, o.place) == (codes, line.period, line.place)), None)


def chapter_view(chapter: Chapter, released: Released) -> dict[str, Any]:
    """A chapter: the harms and the help of the same groups in one table, a chart of all stages, then each stage."""
    chart, n_rows = chapter_chart(chapter)
    return {
        "id": chapter.id,
        "title": chapter.title,
        "overview": overview(chapter),
        "no_help": all(section.stage.ladder != "support" for section in chapter.sections),
        "chart": chart,
        "is_long": n_rows > LONG_CHART,
        "sections": [section_view(section, chapter, released) for section in chapter.sections],
    }


def overview(chapter: Chapter) -> TableView:
    """Every stage with the rate of each group: harms, and right below them the help that the same groups were given."""
    groups = groups_of(line for section in chapter.sections for line in section.lines.get(WHOLE, ()))
    labels = tuple(words.codes_label(chapter.columns, codes) for codes in groups)
    parts: dict[str, list[tuple[str, str, tuple[Shown, ...]]]] = {}
    for section in chapter.sections:
        own = {line.codes: rate_shown(line) for line in section.lines.get(WHOLE, ())}
        cells = (Shown(over_words(section.question.measure)), *(own.get(codes, ABSENT) for codes in groups))
        parts.setdefault(ladder_words(section), []).append((section.id, section.title, cells))
    return TableView(
        f"t-{chapter.id}", f"{chapter.title}: rate per 1,000 at every stage, with its range",
        ("Stage", "Of every 1,000", *labels), tuple((heading, tuple(rows)) for heading, rows in parts.items()),
    )  # fmt: skip


def section_view(section: Section, chapter: Chapter, released: Released) -> dict[str, Any]:
    """One question: what it says first, its chart, its tables, what is missing from it."""
    question, names = section.question, dict(released.schools)
    of = f"{section.title}, by {chapter.title.lower()}"
    return {
        "id": section.id,
        "title": section.title,
        "of": of,
        "compared": section.compared,
        "first": disagreement(section),
        "said": sentences(section),
        "basis": words.basis_words(question.measure, periods_of(section)),
        "chart": section_chart(section, of),
        "main": main_table(section, of),
        "more": [table for table in (years(section, of), places(section, of, AREA, names),
                                     places(section, of, SCHOOL, names)) if table is not None],
        "missing": missing_sentences(question),
        "caveats": question.caveats,
        "estimand": question.estimand,
        "question": question.id,
    }  # fmt: skip


def periods_of(section: Section) -> tuple[str, ...]:
    lines = section.lines.get(WHOLE) or next(iter(section.lines.values()), ())
    return tuple(dict.fromkeys(line.period for line in lines)) or section.question.periods


def sentences(section: Section) -> list[str]:
    """The comparison group and each group of whose ratio the range says something; then, in one sentence each, the others."""
    measure, lines = section.question.measure, section.lines.get(WHOLE, ())
    over, did, who = over_words(measure), section.stage.did, section.compared
    told = [line for line in lines if line.is_comparison and line.rate is not None] + [
        line for line in lines if is_told(line)
    ]
    said = [said_of(line, who=who, did=did, over=over) for line in told]
    said.append(too_little_said([line for line in lines if line not in told], who))
    untold = [
        line.label
        for line in lines
        if line.rate is None or (math.isnan(line.rate.number.estimate) and line not in told)
    ]
    said.append(pooled_sentence(section))
    said.append(f"Low, hidden or not known, so without a rate of their own: {'; '.join(untold)}." if untold else "")
    return [one for one in said if one]


def main_table(section: Section, of: str) -> TableView | None:
    """Counts, rates and the comparison of every group."""
    lines = section.lines.get(WHOLE, ())
    if not lines:
        return None
    rows, within = [], beside_crude(section)
    for line in lines:
        other = beside(line, lines)
        pooled = [_within_shown(line, within.get(line.codes))] if within else []
        rows.append(("", line.label, (
            count_shown(line.n), count_shown(line.denominator), rate_shown(line), ratio_shown(line, other), *pooled,
            difference_shown(line, other), verdict_shown(line, other))))  # fmt: skip
    compared = f" with {section.compared}" if section.compared else ""
    return TableView(
        f"t-{section.id}", f"{of}: counts, rates and comparison{compared}",
        ("Group", "Counted", "Out of", "Rate per 1,000", "Relative rate", *(["Within the same school"] if within else []),
         "Difference per 1,000", "What the range of the relative rate says"),
        (("", tuple(rows)),),
    )  # fmt: skip


def _within_shown(line: Line, found: Pooled | None) -> Shown:
    if line.is_comparison or is_missing_group(line.codes):
        return of_sign(NOBODY)
    if found is None:
        return Shown("not released", state="not_applicable")
    return Shown(found.text, f"{found.lower} to {found.upper}" if found.lower and found.upper else "")


def years(section: Section, of: str) -> TableView | None:
    """Each year with the rate of each group and its counts."""
    lines = section.lines.get(TREND, ())
    return None if not lines else matrix(f"y-{section.id}", f"{of}: rate per 1,000 by year, with counts", "Period", lines,
                                         lambda line: line.period, rated)  # fmt: skip


def places(section: Section, of: str, kind: str, names: dict[str, str]) -> TableView | None:
    """Each area with its rates, or each school with its counts: in the order of their names, never of their numbers."""
    lines = section.lines.get(kind, ())
    if not lines:
        return None
    one_period = len({line.period for line in lines}) == 1

    def label(line: Line) -> str:
        return place_label(line, names) + ("" if one_period else f", {line.period}")

    what, cell = ("rate per 1,000 by area, with counts", rated) if kind == AREA else ("counts by school", counted)
    head = "Area" if kind == AREA else "School"
    return matrix(f"{'a' if kind == AREA else 's'}-{section.id}", f"{of}: {what}", head, lines, label, cell)


def matrix(id: str, caption: str, head: str, lines: tuple[Line, ...], label: Any, cell: Any) -> TableView:
    """Lines as a table of rows by groups."""
    columns, groups = lines[0].question.measure.columns, groups_of(lines)
    rows: dict[str, dict[tuple[str, ...], Shown]] = {}
    for line in lines:
        rows.setdefault(label(line), {})[line.codes] = cell(line)
    return TableView(
        id, caption, (head, *(words.codes_label(columns, codes) for codes in groups)),
        (("", tuple(("", name, tuple(own.get(codes, ABSENT) for codes in groups)) for name, own in rows.items())),),
    )  # fmt: skip


def counted(line: Line) -> Shown:
    """A count, and out of how many."""
    found = count_shown(line.n)
    over = "" if line.denominator is None else f"of {count_shown(line.denominator).text}"
    return Shown(found.text, over, found.state)


def rated(line: Line) -> Shown:
    """A rate, and the counts that it is made from."""
    found = rate_shown(line) if line.rate is not None else of_sign(rate_sign(line))
    count = counted(line)
    return Shown(found.text, f"{count.text} {count.sub}".strip(), found.state)


def missing_sentences(question: Question) -> list[str]:
    """Which schools enter and which do not, and whose group is not known."""
    used = [f"{n} schools in {period}" for period, n in question.schools_used]
    out = [
        f"{left.schools} in {left.period} ({words.STATE_WORDS.get(left.state, left.state)})"
        for left in question.left_out
    ]
    said = [f"Schools that enter: {', '.join(used)}." if used else "No school enters."]
    said.append(f"Schools that stay out, because what they sent is not whole: {', '.join(out)}." if out else
                "No school stays out.")  # fmt: skip
    for count, whose in ((question.not_identified, "of pupils who could not be told apart: they count as no pupil"),
                         (question.disagreeing, "in which the group that was given differs from the pupil’s one value")):  # fmt: skip
        if count.shown != 0:
            said.append(f"Involvements {whose}: {count_shown(count).text}.")
    return said


def section_chart(section: Section, of: str) -> str:
    """The printed relative rates of the groups that are compared: over all schools, and within the same school."""
    rows, within = [], beside_crude(section)
    for line in section.lines.get(WHOLE, ()):
        if line.ratio is not None:
            pooled = within.get(line.codes)
            marks = ((ALL_SCHOOLS, line.ratio.number), *([(charts.WITHIN["school"], pooled.number)] if pooled else []))
            texts = (chart_text(line.ratio), *([pooled.short] if pooled else []))
            rows.append(charts.Row(line.label, marks, texts=texts))
    title = f"{of}: relative rate of each group, compared with {section.compared}"
    return charts.forest(f"c-{section.id}", title, tuple(rows), comparison=section.compared)


def chapter_chart(chapter: Chapter) -> tuple[str, int]:
    """The printed relative rates of every stage, stage by stage; and how many rows that makes."""
    rows: list[charts.Row] = []
    for section in chapter.sections:
        heading = section.title
        for line in section.lines.get(WHOLE, ()):
            if line.ratio is not None:
                marks = ((ALL_SCHOOLS, line.ratio.number),)
                rows.append(charts.Row(line.label, marks, heading, texts=(chart_text(line.ratio),)))
                heading = ""
    other = next((s.compared for s in chapter.sections if s.compared), "")
    title = f"{chapter.title}: relative rate at every stage, compared with {other}"
    return charts.forest(f"c-{chapter.id}", title, tuple(rows), comparison=other), len(rows)


def key_sentences(found: tuple[Chapter, ...]) -> list[tuple[str, str]]:
    """Of each split the groups with the narrowest ranges, harms first, then help; never chosen by the size of a ratio."""
    said = []
    for wants_help in (False, True):
        for chapter in found:
            own = [s for s in chapter.sections if (s.stage.ladder == "support") is wants_help]
            best = sorted((narrow for s in own if (narrow := _narrowest(s)) is not None), key=lambda item: item[0])
            said += [
                (_key(line, section, chapter), section.id) for _, section, line in best[: KEY_OF_A_SPLIT - wants_help]
            ]
    return said


def _narrowest(section: Section) -> tuple[tuple[float, str], Section, Line] | None:
    lines = [line for line in section.lines.get(WHOLE, ()) if line.ratio is not None and line.ratio.number.lower > 0
             and math.isfinite(line.ratio.number.estimate) and math.isfinite(line.ratio.number.upper)]  # fmt: skip
    if not lines:
        return None
    widths = {line.codes: line.ratio.number.upper / line.ratio.number.lower for line in lines if line.ratio is not None}
    line = min(lines, key=lambda one: (widths[one.codes], one.codes))
    return (widths[line.codes], section.id), section, line


def _key(line: Line, section: Section, chapter: Chapter) -> str:
    who, within = f"{line.period}, by {chapter.title.lower()}. ", beside_crude(section).get(line.codes)
    said = said_of(line, who=section.compared, did=section.stage.did, over=over_words(section.question.measure))
    return who + said + (f" Within the same school: {within.words}." if within else "")
