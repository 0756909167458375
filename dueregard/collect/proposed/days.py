"""How the days of a column are written, and what nobody but a person can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dueregard.collect.proposed.seen import Seen, Style, styles_of
from dueregard.collect.proposed.toml import several
from dueregard.evidence.raw import named, quoted
from dueregard.records.table import Kind

ISO = "%Y-%m-%d"
RARE = 0.05  # of rows: fewer that speak against an order are taken for slips


@dataclass(frozen=True, slots=True)
class Days:
    """formats: as a mapping declares them; none: year, month, day alone. n_future: rows after today."""

    kind: Kind
    formats: tuple[str, ...]
    notes: tuple[str, ...]
    n_future: int


def days_of(connection: Any, source: str, seen: Seen, today: date) -> Days:
    """How are the days of a column written? Where both orders of day and month fit, both are given, to be decided."""
    if seen.rows["iso_day"] == seen.n_filled:
        return Days(Kind.DATE, (), (), _future(connection, source, seen.name, (ISO,), today))
    if seen.rows["iso_day"] + seen.rows["iso_time"] == seen.n_filled and not seen.rows["iso_midnight"]:
        return Days(Kind.TIME, (), (), 0)
    styles = styles_of(connection, source, seen.name)
    formats, notes = _orders(styles)
    read = sum(max(day_first, month_first) for _, day_first, month_first in styles)
    if seen.n_filled > read:
        notes.append(f"{several(seen.n_filled - read, 'row')} without a day in these formats: refused.")
    has_time = any(clock in written for written in formats for clock in ("%H", "%-H"))
    kind = Kind.TIME if has_time else Kind.DATE
    n_future = _future(connection, source, seen.name, formats, today) if len(set(formats)) == len(styles) else 0
    return Days(kind, formats, tuple(notes), n_future)


def _orders(styles: list[tuple[Style, int, int]]) -> tuple[tuple[str, ...], list[str]]:
    """The formats, all in one order of day and month; in both where the days do not tell which."""
    plain = tuple(style.day_first for style, _, _ in styles if not style.month_first)
    dual = [one for one in styles if one[0].month_first]
    if not dual:
        return plain, []
    only_day = sum(day_first for _, day_first, _ in dual)
    only_month = sum(month_first for _, _, month_first in dual)
    total = sum(max(day_first, month_first) for _, day_first, month_first in dual)
    day_first, month_first = tuple(s.day_first for s, _, _ in dual), tuple(s.month_first for s, _, _ in dual)
    against_day, against_month = total - only_day, total - only_month
    if against_month and against_day <= RARE * total and against_day < against_month:
        return (*plain, *day_first), _told("day", against_month, against_day)
    if against_day and against_month <= RARE * total:
        return (*plain, *month_first), _told("month", against_day, against_month)
    return (*plain, *day_first, *month_first), _undecided(total, against_day, against_month)


def _told(first: str, n_for: int, n_against: int) -> list[str]:
    notes = [f"The {first} comes first: {several(n_for, 'row')} cannot be read otherwise."]
    if n_against:
        notes.append(f"{several(n_against, 'row')} can only be read in the other order: refused.")
    return notes


def _undecided(total: int, against_day: int, against_month: int) -> list[str]:
    if not against_day and not against_month:
        found = f"all {total:,} rows can be read with the day first and with the month first"
    else:
        found = f"{against_month:,} rows can only be read with the day first, {against_day:,} only with the month first"
    return [f"to decide: {found}. Leave the formats of one order."]


def _future(connection: Any, source: str, name: str, formats: tuple[str, ...], today: date) -> int:
    """How many rows hold a day after today?"""
    days = ", ".join(f"try_strptime({named(name)}, {quoted(written)})" for written in formats)
    asked = f"SELECT count_if(CAST(coalesce({days}) AS DATE) > DATE {quoted(today.isoformat())}) FROM {source}"
    return connection.execute(asked).fetchone()[0] or 0
