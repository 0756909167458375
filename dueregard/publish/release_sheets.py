"""The workbook of a release: cover, contents, notes, and one table a sheet. It says what the page says, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from dueregard.evidence.released import Released
from dueregard.publish.release_data import OPEN, TEXT, DataTable
from dueregard.publish.release_page import (
    banner,
    given_up_rows,
    hidden_rows,
    lost_sentences,
    question_rows,
    revision_rows,
    rule_rows,
    schools_rows,
)
from dueregard.publish.sheet import Sheet, Value
from dueregard.publish.tables import Front, workbook


def render_workbook(released: Released, tables: tuple[DataTable, ...]) -> bytes:
    """The workbook as bytes; the same release makes the same bytes."""
    return workbook(_sheets(released, tables), front_of(released))


def front_of(released: Released) -> Front:
    about = released.about
    return Front(
        banner(about), "Police contact in schools",
        (f"The tables of the page index.html, version {about.version}, for use in other software.", *lost_sentences(released)),
        (
            about.policy_words,
            f"Snapshot {about.snapshot}, made by dueregard {about.code_version}, policy {about.policy}.",
            f"Sources: {', '.join(about.sources) or 'not named'}.",
            "No cell is empty: where there is no number, a sign in brackets says why. The signs stand in the sheet Notes.",
        ),
    )  # fmt: skip


def _sheets(released: Released, tables: tuple[DataTable, ...]) -> Iterator[Sheet]:
    about = released.about
    signs = (*about.symbols, (OPEN, "The range goes on: there is no upper end."))
    yield Sheet("Notes", "Signs in place of numbers", ("Sign", "Meaning"), signs)
    yield from (sheet_of(table) for table in tables)
    yield Sheet("Hidden", "Numbers of each question: shown, low and hidden",
                ("Question", "Numbers", "Shown", "Low", "Hidden", "Not collected"), tuple(hidden_rows(released)))  # fmt: skip
    yield Sheet("Rules", "The rules of the policy, and why", ("Rule", "What it says", "Why"), tuple(rule_rows(about)))
    if released.given_up:
        yield Sheet("Given up", "Detail that was given up, and why", ("Question", "Asked for", "Shown", "Why"),
                    tuple(given_up_rows(released)))  # fmt: skip
    yield Sheet("Schools", "Schools that enter, and schools that stay out",
                ("Questions", "Period", "Schools that enter", "Schools that stay out, and why"),
                tuple(schools_rows(released)))  # fmt: skip
    yield Sheet("Questions", "What exactly is counted", ("Question", "What exactly is counted", "Finest place shown"),
                tuple(question_rows(released)))  # fmt: skip
    if released.not_answered:
        yield Sheet("Not answered", "Questions without an answer here", ("Question", "Why"),
                    tuple((asked.title, asked.why) for asked in released.not_answered))  # fmt: skip
    if released.revisions:
        yield Sheet("Revisions", "Earlier releases by the same policy",
                    ("Version", "State when this one was made", "Why", "Snapshot", "SHA-256 of its content"),
                    tuple(revision_rows(released)))  # fmt: skip


def sheet_of(table: DataTable) -> Sheet:
    """A table of figures as a sheet: numbers as numbers, signs as texts."""
    kinds = [column.kind for column in table.columns]
    rows = tuple(tuple(_value(cell, kind) for cell, kind in zip(row, kinds, strict=True)) for row in table.rows)
    return Sheet(table.sheet, table.title, tuple(column.title for column in table.columns), rows)


def _value(cell: str, kind: str) -> Value:
    """A printed number as that number; anything else as it is."""
    if kind == TEXT or cell.startswith("["):
        return cell
    return float(cell) if "." in cell else int(cell)
