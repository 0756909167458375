"""The page of a report: one HTML file that needs nothing else, readable without JavaScript and on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from dueregard.evidence.release import About, Report
from dueregard.publish import sentences, studies, views, words
from dueregard.publish.sections import chapters

TEMPLATES = Path(__file__).parent / "templates"
GLOSSARY = (
    ("Borrowed", "how much of a small group’s estimate comes from similar groups."),
    ("Comparison group", "the group that the others are compared with. It is a yardstick, not a norm."),
    ("Crude", "all schools taken together, as they are."),
    ("Disparity", "a difference between the rates of two groups, in any direction."),
    ("Figure", "one question and its answer: a stage, a split, a period, and how pupils were counted."),
    ("Gate", "a step at which somebody decides which of two ways a case goes."),
    ("Group not known", "pupils or events whose group was not stated, not recorded, not collected or suppressed."),
    ("Involvement", "one pupil in one contact. A pupil with three contacts is three involvements."),
    ("Not estimable", "the counts allow no number: nobody was there to be counted, or neither group had an event."),
    ("Per 1,000", "for every 1,000 pupils on roll, or of whatever else the line above the table names."),
    ("Range", "the interval: values that the counts are compatible with, at the stated level, usually 95%."),
    ("Relative rate", "how many times the comparison group's rate a group's rate is. 1 is equal."),
    ("Smallest ratio that could show", "with so few events a smaller ratio would probably go unseen."),
    ("Snapshot", "the frozen tables behind this report, named by a hash of their content."),
    ("Within the same school", "groups compared inside each school, and the schools' comparisons then combined."),
)


def render(report: Report) -> bytes:
    """The page as UTF-8 bytes. The same report makes the same bytes."""
    return template("page.html").render(**context(report)).encode()


@cache
def template(name: str) -> Any:
    """One of the page templates. A name that it misses is an error, never a blank."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, newline_sequence="\n",
    )  # fmt: skip
    return made.get_template(name)


def context(report: Report) -> dict[str, Any]:
    """Everything that the page shows."""
    found = chapters(report.figures)
    return {
        "internal": words.INTERNAL,
        "about": report.about,
        "periods": words.period_words(tuple(dict.fromkeys(_periods(report))) or ("no period",)),
        "key_sentences": sentences.key_sentences(found),
        "collected": views.collected_view(report.completeness),
        "gaps": views.gaps_view(report.completeness),
        "collected_states": [(state, words.STATE_WORDS[state]) for state in views.COLLECTED_STATES],
        "known": views.known_view(report.completeness),
        "known_states": [words.STATE_WORDS[state] for state in views.KNOWN_STATES],
        "losses": views.losses_view(report.completeness),
        "left_out": left_out_words(report.about),
        "chapters": [views.chapter_view(chapter) for chapter in found],
        "studies": studies.studies_view(report, found),
        "unanswered": report.unanswered,
        "formulas": views.formulas_view(report.figures),
        "glossary": GLOSSARY,
        "n_figures": len(report.figures),
    }


def _periods(report: Report) -> tuple[str, ...]:
    """The periods of the figures that are not trends; of the trends where there is nothing else."""
    plain = [p for f in report.figures if not f.cells.measure.is_trend for p in f.cells.periods]
    return tuple(sorted(plain or {p for f in report.figures for p in f.cells.periods}))


def left_out_words(about: About) -> list[tuple[str, str, str]]:
    """Rows that the gate refused: table, group, number."""
    return [(table, words.codes_label(("ethnicity",), (group,)), words.whole(n)) for table, group, n in about.left_out]
