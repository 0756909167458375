"""The rows of every sheet of the workbook, as plain numbers and words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from dueregard.evidence.estimate import GroupAnswer
from dueregard.evidence.loss import Loss, losses
from dueregard.evidence.release import Figure, Report
from dueregard.publish import cells_shown as shown
from dueregard.publish import words
from dueregard.publish.formulas import ESTIMATES, formula_of, methods_of
from dueregard.publish.sections import Chapter, Section
from dueregard.publish.sheet import RANGE, Sheet, Value, number, three
from dueregard.publish.sheets_of_studies import sheets_of_studies

SYMBOLS = (
    ("[not stated]", "The pupil was asked and declined."),
    ("[not recorded]", "It could have been written down, and was not."),
    ("[not collected]", "The source never asks for it."),
    ("[suppressed]", "The source knows it and hides it."),
    ("[partial]", "Some of it was collected, for some schools or some of the time."),
    ("[not estimable]", "The counts allow no number, such as 0 out of 0."),
    ("[does not apply]", "The question makes no sense there."),
    ("[no upper end]", "The comparison group had none, so the ratio has no upper limit."),
    ("[no rate]", "There is a count and nothing to divide it by."),
    ("[no denominator]", "Nothing is known to divide by."),
    ("[not known]", "The number of pupils is not known."),
    ("[5 or fewer]", "So few were counted that the group has no figure of its own."),
    ("0", "It was counted, and there was none."),
)


def all_sheets(report: Report, chapters: tuple[Chapter, ...]) -> Iterator[Sheet]:
    """Notes first, then what was collected, then each split, then how it was done. A sheet without rows is left out."""
    made = [symbols(), *_collected(report)]
    for chapter in chapters:
        made += [rates(chapter), within(chapter), periods(chapter)]
    made += sheets_of_studies(report.studies)
    made += [left_out(chapters), missing(chapters), caveats(report), methods(report), unanswered(report), lists(report)]
    return (sheet for sheet in made if sheet.rows)


def symbols() -> Sheet:
    return Sheet("Notes", "Words in brackets, and what they mean", ("Words", "Meaning"), SYMBOLS)


def bracket(found: shown.Shown) -> str:
    return f"[{found.text}]"


def _head(section: Section, figure: Figure, group: GroupAnswer) -> tuple[Value, ...]:
    measure = figure.cells.measure
    known = "no" if group.is_missing else "yes"
    over = "counts only" if measure.is_count_only else measure.denominator.replace("_", " ")
    return section.title, section.stage.ladder, measure.unit, over, group.period, group.label, known


HEAD = ("Stage", "Ladder", "Unit", "Denominator", "Period", "Group", "Group known?")


def _three_columns(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}" for end in RANGE)


def rates(chapter: Chapter) -> Sheet:
    """Counts, rates and crude comparison of every group at every stage."""
    columns = (*HEAD, "Counted", "Out of", "Out of, at least", "Out of, at most", *_three_columns("Rate per 1,000"),
               "Compared with", *_three_columns("Relative rate"), *_three_columns("Difference per 1,000"),
               "Crude verdict", "Smallest ratio that could show")  # fmt: skip
    rows = tuple(
        (*_head(s, s.main, g), *_counts(g), *_rate(g), _compared(s.main, g), *three(g.relative_rate),
         *three(g.difference_per_1000), g.verdict or number(None), number(_detectable(g)))
        for s in chapter.sections if s.main for g in s.main.answer.groups
    )  # fmt: skip
    return Sheet(_name(chapter, "rates"), f"{chapter.title}: counts, rates and comparison", columns, rows)


def _name(chapter: Chapter, kind: str) -> str:
    """Short enough for the tab of a sheet: `Sen provision rates`."""
    return f"{words.capital(', '.join(name.replace('_', ' ') for name in chapter.columns) or 'All')} {kind}"


def _counts(group: GroupAnswer) -> tuple[Value, ...]:
    count = group.n if shown.has_number(group) else bracket(shown.n_shown(group))
    over = group.denominator
    is_number = over is not None and not words.is_bounded(group)
    return (
        count,
        over if is_number else bracket(shown.denominator_shown(group)),  # type: ignore[return-value]
        number(None) if group.denominator_at_least is None else group.denominator_at_least,
        number(None) if group.denominator_at_most is None else group.denominator_at_most,
    )


def _rate(group: GroupAnswer) -> tuple[Value, ...]:
    """A rate with its range; where the denominator is suppressed, the limits between which the rate lies."""
    if group.rate_per_1000 is not None and group.rate_per_1000.is_estimable:
        return three(group.rate_per_1000)
    said, bounds = bracket(shown.rate_shown(group)), words.rate_bounds(group)
    return (said, number(bounds[0]), number(bounds[1])) if bounds else (said, said, said)


def _detectable(group: GroupAnswer) -> float | None:
    smallest = group.minimum_detectable_ratio
    return math.nan if smallest is not None and math.isinf(smallest) else smallest


def _compared(figure: Figure, group: GroupAnswer) -> str:
    return "[does not apply]" if group.is_comparison else words.comparison_label(figure.answer) or number(None)  # type: ignore[return-value]


def within(chapter: Chapter) -> Sheet:
    """The comparison inside strata of each kind."""
    columns = (*HEAD, "Compared with", "Within", *_three_columns("Relative rate"), "Verdict within",
               "Agrees with crude?", "Do the strata differ?", "Share of the group left out")  # fmt: skip
    rows = tuple(
        (*_head(s, f, g), _compared(f, g), words.stratum_words(f.cells.measure.within), *three(g.within_relative_rate),
         g.within_verdict or number(None), _said(shown.agree_shown(g)),
         _said(shown.heterogeneity_shown(g.heterogeneity)), number(g.left_out_within_share))
        for s in chapter.sections for f in s.within for g in f.answer.groups if not g.is_comparison and not g.is_missing
    )  # fmt: skip
    return Sheet(_name(chapter, "within"), f"{chapter.title}: comparison within strata", columns, rows)


def _said(found: shown.Shown) -> str:
    return bracket(found) if found.state else f"{found.text}; {found.sub}" if found.sub else found.text


def periods(chapter: Chapter) -> Sheet:
    """The trend: each period compared inside itself."""
    columns = (*HEAD, "Counted", "Out of", "Out of, at least", "Out of, at most", *_three_columns("Rate per 1,000"),
               *_three_columns("Relative rate"))  # fmt: skip
    rows = tuple(
        (*_head(s, f, g), *_counts(g), *_rate(g), *three(g.relative_rate))
        for s in chapter.sections for f in s.trends for g in f.answer.groups
    )  # fmt: skip
    return Sheet(_name(chapter, "by period"), f"{chapter.title}: by period", columns, rows)


def _collected(report: Report) -> Iterable[Sheet]:
    about, found = report.about, report.completeness
    tables: list[tuple[Value, ...]] = [*about.rows, *((table, "[not collected]") for table in about.absent)]
    yield Sheet("Tables", "Rows of each table in the snapshot", ("Table", "Rows"), tuple(tables))
    yield Sheet("Schools", "Schools by what they returned", ("Period", "Subject", "State", "Schools"),
                tuple((c.period, c.subject, _state(c.state), c.schools) for c in found.collected))  # fmt: skip
    yield Sheet("Times not whole", "Times that were not sent whole", ("Subject", "From", "To", "State", "Schools"),
                tuple((g.subject, g.from_on, g.to_on, _state(g.state), g.schools) for g in found.gaps))  # fmt: skip
    yield Sheet("Known", "How much of each column is known, by ethnic group",
                ("Table", "Column", "Group", "State", "Rows"),
                tuple((k.table, k.column, _ethnic(k.group), _state(k.state), k.n) for k in found.known))  # fmt: skip
    yield Sheet("Codes", "Codes of ethnicity that lose something on the way to another list",
                ("Table", "Column", "List", "Code", "Other list", "Becomes", "What is lost", "Pupils", "Involvements", "Cells not known"),
                tuple(_lost(loss) for loss in losses(found.codes)))  # fmt: skip
    yield Sheet("Rows left out", "Rows that the checks refused", ("Table", "Group", "Rows"),
                tuple((table, _ethnic(group), n) for table, group, n in about.left_out))  # fmt: skip
    yield Sheet("Findings", "What the checks found", ("Code", "Table", "Lines"), about.findings)


def _lost(loss: Loss) -> tuple[Value, ...]:
    c = loss.counted
    pupils = _touched(c.n_pupils) if c.counts_pupils else "[does not apply]"
    involvements = _touched(c.n_involvements) if c.counts_involvements else "[does not apply]"
    return (f"{c.table} {c.part}".strip(), c.column, loss.from_list, loss.code, loss.to_list, " or ".join(loss.targets),
            loss.words, pupils, involvements, c.n_cells_unknown)  # fmt: skip


def _touched(n: int | None) -> Value:
    return "[not known]" if n is None else n


def _state(state: str) -> str:
    return words.STATE_WORDS.get(state, state)


def _ethnic(group: str) -> str:
    return words.codes_label(("ethnicity",), (group,))


def left_out(chapters: tuple[Chapter, ...]) -> Sheet:
    """Schools that stay out of each figure, with their pupils by group."""
    columns = ("Stage", "Split", "Period", "Why", "Schools", "Schools of unknown roll", "Group", "Pupils")
    rows = tuple(
        (s.title, c.title, out.period, words.STATE_WORDS.get(out.state, out.state), out.schools,
         out.roll_unknown_schools, label, pupils)
        for c in chapters for s in c.sections for out in s.any.answer.left_out if out.schools
        for label, pupils in _pupils(c, out.pupils)
    )  # fmt: skip
    return Sheet("Schools left out", "Schools left out of each figure, and their pupils", columns, rows)


def _pupils(chapter: Chapter, pupils: tuple | None) -> list[tuple[str, Value]]:
    if not pupils:
        return [("All", "[not known]" if pupils is None else 0)]
    return [(words.codes_label(chapter.columns, codes), n) for codes, n in pupils]


def missing(chapters: tuple[Chapter, ...]) -> Sheet:
    """Units without a known group, in each way of missing."""
    columns = ("Stage", "Split", "Unit", "Not stated", "Not recorded", "Not collected", "Suppressed", "Share of all",
               "Not told apart", "Disagreeing ethnicity")  # fmt: skip
    rows = tuple(
        (s.title, c.title, a.measure.unit, m.not_stated, m.not_recorded, m.not_collected, m.suppressed, number(m.share),
         a.not_identified, a.disagreeing)
        for c in chapters for s in c.sections for a in [s.any.answer] for m in [a.missing]
    )  # fmt: skip
    return Sheet("Groups not known", "Units without a known group", columns, rows)


def caveats(report: Report) -> Sheet:
    rows = [("Whole report", caveat) for caveat in report.about.caveats]
    rows += [(figure.id, caveat) for figure in report.figures for caveat in figure.answer.caveats]
    return Sheet("Caveats", "Caveats of the report and of each figure", ("Figure", "Caveat"), tuple(rows))


def methods(report: Report) -> Sheet:
    """Estimand, method and source of each kind of number of each figure."""
    columns = ("Figure", "Estimand", "Number", "Method", "Source")
    rows = tuple(
        (f.id, f.answer.estimand, ESTIMATES[of], method, known.source if known else "[not known]")
        for f in report.figures for of, method in methods_of(f.answer) for known in [formula_of(method)]
    )  # fmt: skip
    return Sheet("Methods", "Method of each figure", columns, rows)


def unanswered(report: Report) -> Sheet:
    rows = tuple((u.title, u.why) for u in report.unanswered)
    return Sheet("Not answered", "Questions that could not be answered, and why", ("Question", "Why"), rows)


def lists(report: Report) -> Sheet:
    return Sheet("Code lists", "Code lists and their versions", ("List", "Version"), report.about.lists)
