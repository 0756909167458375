"""What may be written: the rules of a declaration, asked of one row that a form or an action brings.

Files go through `check`, whose rules are SQL over many rows. Both follow from the same declarations, and a test holds
that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dueregard.errors import FaultsFound
from dueregard.records.table import (
    DECIMAL_PATTERN,
    INTEGER_PATTERN,
    KEY_PATTERN,
    LONGEST_TEXT,
    TIME_PATTERN,
    Column,
    Kind,
    Table,
)
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.stages import STEP_STAGES

INVISIBLE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
EARLIEST, LATEST = date(1800, 1, 1), date(2100, 12, 31)
MAY_STAY_EMPTY = {("involvement", "not_stated_reason"), ("step", "offence_group"), ("school", "phase")}

# Stages that a step may reach: the others are counted from tables of their own, and would be counted twice.
NARROWER: dict[tuple[str, str], tuple[str, ...]] = {("step", "stage"): STEP_STAGES}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and what to do. n: which of several rows of the table, from 0."""

    table: str
    n: int
    column: str
    message: str


class FormFaults(FaultsFound):
    """Everything that is wrong with what was sent. Nothing was written."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = "\n".join(f"{f.table} {f.n + 1}, {f.column}: {f.message}" for f in self.faults)
        super().__init__(f"{len(self.faults)} answers need to be put right.\n{told}", try_this="the answers named.")


def faults_of(table: Table, values: Mapping[str, Any], *, today: date, n: int = 0, answers: bool = True) -> list[Fault]:
    """What is wrong with these values? An empty list: nothing.

    answers: a person was asked, so no coded question may be left blank: `unknown` is an answer, a blank is none.
    """
    known = set(table.names)
    found = [Fault(table.name, n, name, "There is no such question.") for name in values if name not in known]
    for column in table.columns:
        told = _fault(table, column, values.get(column.name), today, answers)
        if told:
            found.append(Fault(table.name, n, column.name, told))
    if not found:
        found += [Fault(table.name, n, column, message) for column, message in _order_faults(table, values)]
    return found


def check_row(table: Table, values: Mapping[str, Any], *, today: date, n: int = 0, answers: bool = True) -> None:
    """Raises FormFaults."""
    found = faults_of(table, values, today=today, n=n, answers=answers)
    if found:
        raise FormFaults(found)


def _fault(table: Table, column: Column, value: Any, today: date, answers: bool) -> str:
    text = _text(value)
    if text == "":
        return _blank_fault(table, column, answers)
    if column.kind is Kind.CODE:
        allowed = NARROWER.get((table.name, column.name), column.allowed)
        return "" if text in allowed else "Choose one of the answers in the list."
    if column.kind is Kind.KEY:
        fits = re.fullmatch(column.pattern or KEY_PATTERN, text, re.ASCII)
        return "" if fits else "Use up to 64 letters, digits and . _ : / - without blanks."
    if column.kind is Kind.TEXT:
        fits_text = len(text) <= LONGEST_TEXT and not INVISIBLE.search(text)
        return "" if fits_text else f"Use up to {LONGEST_TEXT} characters, none of them invisible."
    if column.kind in (Kind.DATE, Kind.TIME):
        return _day_fault(column, text, today)
    return _number_fault(column, text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _blank_fault(table: Table, column: Column, answers: bool) -> str:
    if column.default:
        return ""
    if not column.blank:
        return "This cannot be left empty."
    if answers and column.kind is Kind.CODE and (table.name, column.name) not in MAY_STAY_EMPTY:
        return "Choose an answer; not known is an answer too."
    return ""


def _day_fault(column: Column, text: str, today: date) -> str:
    pattern = TIME_PATTERN if column.kind is Kind.TIME else r"\d{4}-\d{2}-\d{2}"
    try:
        if not re.fullmatch(pattern, text, re.ASCII):  # digits of other scripts are none here
            raise ValueError
        datetime.fromisoformat(text)
        day = date.fromisoformat(text[:10])
    except ValueError:
        return "Write the day as year-month-day, such as 2024-01-18."
    if not EARLIEST <= day <= LATEST:
        return "Look at the year."
    return "This day lies in the future." if column.past and day > today else ""


def _number_fault(column: Column, text: str) -> str:
    is_whole = column.kind is Kind.INTEGER
    if not re.fullmatch(INTEGER_PATTERN if is_whole else DECIMAL_PATTERN, text, re.ASCII):
        return "Write a number in digits." if is_whole else "Write a number in digits, with at most two decimals."
    number = float(text)
    if column.least is not None and number < column.least:
        return f"The number cannot be below {column.least}."
    return f"The number cannot be above {column.most}." if column.most is not None and number > column.most else ""


def _order_faults(table: Table, values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for before, after in table.periods:
        if _text(values.get(after)) and _text(values.get(before)) > _text(values.get(after)):
            yield after, "This day lies before the first."
    for number, most, wrong in table.not_above:
        both = [_text(values.get(name)) for name in (number, most)]
        if all(both) and int(both[0]) > int(both[1]):
            yield number, f"Look at both numbers: {wrong}."
    if table.name == "roll" and _text(values.get("pupil_ref")) not in ("", NOT_IDENTIFIED):
        n_pupils = _text(values.get("n_pupils"))
        if n_pupils and int(n_pupils) != 1:
            yield "n_pupils", "A row of one pupil counts one."
