"""What each part of the page shows: plain values, ready for the templates, nothing left to decide there."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.cells import Completeness, LeftOut
from dueregard.evidence.estimate import Answer, GroupAnswer
from dueregard.evidence.loss import Loss, losses, touched
from dueregard.evidence.release import Figure
from dueregard.measures.columns import STRATUM_WORDS
from dueregard.publish import cells_shown as shown
from dueregard.publish import charts, sentences, studies, words
from dueregard.publish.formulas import ESTIMATES, formula_of, methods_of
from dueregard.publish.sections import Chapter, Section

MANY_ROWS = 60  # a chart with more groups is folded away
KNOWN_STATES = ("known", "unknown", "not_stated", "not_recorded", "not_collected", "suppressed")
COLLECTED_STATES = ("complete", "nil", "partial", "not_collected", "suppressed")
LADDER_TITLES = {
    "escalation": "What happened to pupils",
    "support": "What help they were offered",
    "other": "Victims and witnesses",
}


def section_view(section: Section) -> dict[str, Any]:
    """One section of the page."""
    figure = section.any
    main = section.main
    return {
        "id": section.id,
        "title": section.title,
        "of": f"{section.title}, by {words.split_words(figure.cells.measure.columns).lower()}",
        "basis": words.basis_words(figure.cells.measure, figure.cells.periods),
        "sentences": sentences.section_sentences(section),
        "group_sentences": sentences.group_sentences(section),
        "chart": section_chart(section),
        "compared": words.comparison_label(figure.answer),
        "rows": [main_row(group) for group in main.answer.groups] if main else [],
        "is_count_only": figure.cells.measure.is_count_only,
        "within_rows": [row for f in section.within for row in within_rows(f)],
        "trends": [trend_view(f) for f in section.trends],
        "left_out": left_out_view(figure),
        "selection": studies.selection_view(figure.answer.selection),
        "repeats": studies.repeats_view(figure.answer),
        "missing": words.missing_words(figure.answer.missing, figure.cells.measure.unit),
        "not_identified": figure.answer.not_identified,
        "disagreeing": figure.answer.disagreeing,
        "unit": figure.cells.measure.unit,
        "caveats": tuple(dict.fromkeys(c for f in section.figures for c in f.answer.caveats)),
        "methods": method_view(section),
    }


def section_chart(section: Section) -> str:
    """Relative rates, crude and within each kind of strata, of every group that is compared."""
    if section.main is None:
        return ""
    answer = section.main.answer
    rows = tuple(
        charts.Row(group.label, _marks(section, group))
        for group in answer.groups
        if not group.is_comparison and group.relative_rate is not None
    )
    other = words.comparison_label(answer)
    title = f"{section.title}: relative rate of each group, compared with {other}"
    return charts.forest(f"c-{section.id}", title, rows, comparison=other)


def _marks(section: Section, group: GroupAnswer) -> tuple:
    marks = [(charts.CRUDE, group.relative_rate)]
    for figure in section.within:
        same = next((g for g in figure.answer.groups if g.codes == group.codes), None)
        if same is not None:
            marks.append((charts.series_of(figure.cells.measure.within), same.within_relative_rate))
    return tuple(marks)


def chapter_chart(chapter: Chapter) -> tuple[str, int]:
    """Crude relative rates of every stage, stage by stage; and how many rows that makes."""
    rows = []
    for section in chapter.sections:
        groups = section.main.answer.groups if section.main else ()
        drawn = [g for g in groups if g.relative_rate is not None and not g.is_comparison]
        rows += [charts.Row(g.label, ((charts.CRUDE, g.relative_rate),), "" if at else section.title)
                 for at, g in enumerate(drawn)]  # fmt: skip
    other = next((words.comparison_label(s.main.answer) for s in chapter.sections if s.main), "")
    title = f"{chapter.title}: crude relative rate at every stage, compared with {other}"
    return charts.forest(f"c-{chapter.id}", title, tuple(rows), comparison=other), len(rows)


def main_row(group: GroupAnswer) -> dict[str, Any]:
    """One group in the main table."""
    tag = "compared with" if group.is_comparison else "group not known" if group.is_missing else ""
    return {
        "label": group.label,
        "tag": tag,
        "cells": (
            shown.n_shown(group),
            shown.denominator_shown(group),
            shown.rate_shown(group),
            shown.ratio_shown(group, group.relative_rate),
            shown.difference_shown(group),
            shown.verdict_shown(group.verdict, group),
            shown.detectable_shown(group),
        ),
    }


def within_rows(figure: Figure) -> list[dict[str, Any]]:
    """Each compared group inside strata of one kind."""
    where = words.stratum_words(figure.cells.measure.within)
    return [
        {
            "label": group.label,
            "cells": (
                shown.Shown(where),
                shown.ratio_shown(group, group.within_relative_rate),
                shown.verdict_shown(group.within_verdict, group),
                shown.agree_shown(group),
                shown.heterogeneity_shown(group.heterogeneity),
                shown.share_shown(group.left_out_within_share),
            ),
        }
        for group in figure.answer.groups
        if not group.is_comparison and not group.is_missing
    ]


def trend_view(figure: Figure) -> dict[str, Any]:
    """Periods down, groups across; each period is compared inside itself."""
    answer = figure.answer
    labels = tuple(dict.fromkeys(group.label for group in answer.groups))
    by_place = {(group.period, group.label): group for group in answer.groups}
    rows = [
        (period, [_trend_cell(by_place.get((period, label))) for label in labels]) for period in figure.cells.periods
    ]
    title = " within " + words.stratum_words(answer.measure.within) if answer.measure.within else ""
    return {"id": figure.id, "title": title, "labels": labels, "rows": rows,
            "compared": words.comparison_label(answer)}  # fmt: skip


def _trend_cell(group: GroupAnswer | None) -> shown.Shown:
    if group is None:
        return shown.DOES_NOT_APPLY
    cell = shown.rate_shown(group)
    count = shown.n_shown(group)
    over = shown.denominator_shown(group)
    n_of = f"{count.text} of {over.text}" if not over.state else f"n {count.text}"
    if words.is_usable(group.relative_rate) and not group.is_comparison:
        n_of += f"; {shown.ratio_shown(group, group.relative_rate).text} times"
    return shown.Shown(cell.text, n_of, cell.state)


def left_out_view(figure: Figure) -> dict[str, Any]:
    """Which schools enter, and whom the others teach: pupils by group, and their share of all known rolls."""
    answer = figure.answer
    labels = {g.codes: g.label for g in answer.groups}
    known = tuple(dict.fromkeys(c for out in answer.left_out for c, _ in out.pupils or ()))
    rows = [_left_out_row(out, known, len(answer.schools_used) > 1) for out in answer.left_out if out.schools]
    return {
        "used": [(period, words.whole(n)) for period, n in answer.schools_used],
        "labels": [labels.get(c) or words.codes_label(answer.measure.columns, c) for c in known],
        "rows": rows,
        "shares": _shares_out(answer, known) if len(answer.schools_used) == 1 else [],
    }


def _left_out_row(out: LeftOut, known: tuple, with_period: bool) -> dict[str, Any]:
    pupils = dict(out.pupils or ())
    cells = [shown.Shown(words.whole(out.schools)), shown.Shown(words.whole(out.roll_unknown_schools))]
    unknown = shown.Shown("roll not known", state="not_collected")
    cells += [unknown if out.pupils is None else shown.Shown(words.whole(pupils.get(codes, 0))) for codes in known]
    label = words.STATE_WORDS.get(out.state, out.state)
    return {"label": f"{out.period}: {label}" if with_period else label, "cells": cells}


def _shares_out(answer: Answer, known: tuple) -> list[shown.Shown]:
    return [shown.DOES_NOT_APPLY, shown.DOES_NOT_APPLY, *(_share_out(answer, codes) for codes in known)]


def _share_out(answer: Answer, codes: tuple[str, ...]) -> shown.Shown:
    """Of all pupils of a group on known rolls, the share in schools that stay out."""
    group = next((g for g in answer.groups if g.codes == codes), None)
    out = sum(dict(left.pupils or ()).get(codes, 0) for left in answer.left_out)
    if answer.measure.denominator != "pupils_on_roll" or group is None or not group.denominator:
        return shown.DOES_NOT_APPLY
    return shown.Shown(words.percent(out / (out + group.denominator)))


def method_view(section: Section) -> list[dict[str, Any]]:
    """What stands behind each figure of a section."""
    return [
        {
            "id": figure.id,
            "estimand": figure.answer.estimand,
            "unit": figure.cells.measure.unit,
            "denominator": figure.cells.measure.denominator.replace("_", " "),
            "period": words.period_words(figure.cells.periods),
            "comparison": words.comparison_label(figure.answer) or "none",
            "within": ", ".join(STRATUM_WORDS.get(name, name) for name in figure.cells.measure.within) or "not used",
            "methods": [(ESTIMATES[of], method, formula_anchor(method)) for of, method in methods_of(figure.answer)],
        }
        for figure in section.figures
    ]


def formula_anchor(method: str) -> str:
    """Where on the page does this method's formula stand? Empty if nowhere."""
    known = formula_of(method)
    return f"formula-{'-'.join(known.words)}" if known else ""


def formulas_view(figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    """Every formula that the report uses, once."""
    used = dict.fromkeys(method for figure in figures for _, method in methods_of(figure.answer))
    found: dict[str, dict[str, Any]] = {}
    for method in used:
        if known := formula_of(method):
            entry: dict[str, Any] = {
                "id": formula_anchor(method),
                "formula": known.formula,
                "source": known.source,
                "names": [],
            }
            found.setdefault(entry["id"], entry)["names"].append(method)
    return list(found.values())


def chapter_view(chapter: Chapter) -> dict[str, Any]:
    """One chapter: harms and benefits side by side first, then its sections."""
    chart, rows = chapter_chart(chapter)
    overviews = [overview(chapter, ladder) for ladder in ("escalation", "support", "other")]
    return {
        "id": chapter.id,
        "title": chapter.title,
        "harms": overviews[0],
        "benefits": overviews[1],
        "others": overviews[2],
        "no_benefit": sentences.no_benefit(chapter),
        "chart": chart,
        "is_long": rows > MANY_ROWS,
        "sections": [section_view(section) for section in chapter.sections],
    }


def overview(chapter: Chapter, ladder: str) -> dict[str, Any] | None:
    """Stages down, groups across: each group's rate per 1,000. None where nothing of this ladder was asked."""
    sections = tuple(section for section in chapter.on(ladder) if section.main)
    if not sections:
        return None
    labels = tuple(dict.fromkeys(g.label for s in sections for g in s.main.answer.groups))  # type: ignore[union-attr]
    return {
        "id": f"{chapter.id}-{ladder}",
        "title": LADDER_TITLES[ladder],
        "of": f"by {chapter.title.lower()}",
        "labels": labels,
        "rows": [(s.id, s.title, _over(s.any.cells.measure), _overview_cells(s, labels)) for s in sections],
    }


def _over(measure) -> str:
    if measure.is_count_only:
        return f"{measure.unit}, counts"
    over = "stage before" if measure.is_conditional else measure.denominator.replace("_", " ")
    return f"{measure.unit} per 1,000 {over}"


def _overview_cells(section: Section, labels: tuple[str, ...]) -> list[shown.Shown]:
    by_label = {group.label: group for group in section.main.answer.groups}  # type: ignore[union-attr]
    is_count = section.any.cells.measure.is_count_only
    return [
        shown.DOES_NOT_APPLY if label not in by_label
        else shown.n_shown(by_label[label]) if is_count else _overview_rate(by_label[label])
        for label in labels
    ]  # fmt: skip


def _overview_rate(group: GroupAnswer) -> shown.Shown:
    cell = shown.rate_shown(group)
    if cell.state and cell.state != "suppressed" and shown.has_number(group):
        return shown.Shown(f"n {words.whole(group.n)}", cell.text)
    return cell


def collected_view(found: Completeness) -> list[dict[str, Any]]:
    """For each period: subjects down, states across, numbers of schools."""
    periods = tuple(dict.fromkeys(c.period for c in found.collected))
    counted = {(c.period, c.subject, c.state): c.schools for c in found.collected}
    states = COLLECTED_STATES
    return [
        {
            "period": period,
            "rows": [
                (subject.replace("_", " "), [words.whole(counted.get((period, subject, s), 0)) for s in states])
                for subject in dict.fromkeys(c.subject for c in found.collected if c.period == period)
            ],
        }
        for period in periods
    ]


def gaps_view(found: Completeness) -> list[tuple[str, str, str, str, str]]:
    """Times that were not sent whole: subject, first day, last day, state, schools."""
    return [
        (g.subject.replace("_", " "), g.from_on, g.to_on, words.STATE_WORDS[g.state], words.whole(g.schools))
        for g in found.gaps
    ]


def known_view(found: Completeness) -> list[dict[str, Any]]:
    """For each column of a table: how much is known, overall and by broad ethnic group."""
    places = tuple(dict.fromkeys((k.table, k.column) for k in found.known))
    return [_known_column(found, table, column) for table, column in places]


def _known_column(found: Completeness, table: str, column: str) -> dict[str, Any]:
    here = [k for k in found.known if (k.table, k.column) == (table, column)]
    groups = tuple(dict.fromkeys(k.group for k in here))
    counts = {g: [sum(k.n for k in here if (k.group, k.state) == (g, s)) for s in KNOWN_STATES] for g in groups}
    every = [sum(column_counts) for column_counts in zip(*counts.values(), strict=True)]
    hidden = _hidden_cells(found) if table == "roll" and column != "n_pupils" else {}
    label = words.codes_label
    return {
        "table": table,
        "column": column,
        "all": _known_row("All", every, sum(hidden.values())),
        "rows": [_known_row(label(("ethnicity",), (g,)), counts[g], hidden.get(g, 0)) for g in groups],
    }


def _hidden_cells(found: Completeness) -> dict[str, int]:
    """Cells of the roll whose number of pupils nobody knows, by group: their pupils are in no count of a column."""
    hidden: dict[str, int] = {}
    for k in found.known:
        if (k.table, k.column) == ("roll", "n_pupils") and k.state != "known":
            hidden[k.group] = hidden.get(k.group, 0) + k.n
    return {group: n for group, n in hidden.items() if n}


def losses_view(found: Completeness) -> list[tuple[str, list[str]]]:
    """For each code that loses something on its way into the figures: what, and how many it touches."""
    rows = [loss for loss in losses(found.codes) if loss.is_in_figures]
    return [
        (f"{loss.label} ({loss.code})", [_where(loss), _becomes(loss), loss.words, *touched(loss)]) for loss in rows
    ]


def _where(loss: Loss) -> str:
    c = loss.counted
    return f"{c.table}{f', {c.part}' if c.part else ''}: {c.column}".replace("_", " ")


def _becomes(loss: Loss) -> str:
    return " or ".join(words.codes_label(("ethnicity",), (target,)) for target in loss.targets)


def _known_row(label: str, counts: list[int], hidden: int = 0) -> tuple[str, list[str]]:
    total = sum(counts)
    share = words.percent(counts[0] / total) if total else "no rows"
    shown = [words.whole(n) for n in counts]
    if hidden:
        place = KNOWN_STATES.index("suppressed")
        shown[place] += f", and all pupils of {words.whole(hidden)} hidden cells"
        share = f"{share} of those counted"
    return label, [*shown, share]
