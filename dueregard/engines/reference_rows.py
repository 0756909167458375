"""What the reference engine says of one row: plain functions, a line or two each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from dueregard.engines.coverage import NOT_COLLECTED, SUPPRESSED, WHOLE
from dueregard.engines.engine import Tabulation, tally_of
from dueregard.engines.tallies import TALLY_SPLITS
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.measures.measure import Measure
from dueregard.terms.ethnicity import NOT_STATED_REASONS, SELF_DEFINED_LISTS, broad_groups
from dueregard.terms.missing import NOT_IDENTIFIED, Missing
from dueregard.terms.stages import Stage

Row = dict[str, Any]
UNKNOWN = {*map(str, Missing), "unknown"}
ON_ROLL = {"C", "M", *UNKNOWN}  # a registration that is not known counts, as an answer `unknown` does


@dataclass
class Reached:
    """One pupil reaching a stage in one contact (or one offer of support)."""

    link: str
    contact_ref: str | None
    pupil_ref: str
    urn: str
    on_day: date
    has: Row
    n_involvements: int
    n_events: int
    differs: frozenset[str]


@dataclass
class Held:
    """Some pupils (or pupil-days) on roll."""

    urn: str
    has: Row
    n: int | None
    state: str
    at_least: int | None
    at_most: int | None
    officer: str | None = None


def age_from_year(year_group: str) -> str:
    if year_group.isdecimal():
        return str(int(year_group) + 4)
    return {"R": "4", "N2": "3", "N1": "2"}.get(year_group, year_group)


def population(tabulation: str) -> str:
    return tabulation.split(":")[0]


def self_defined(row: Row) -> str:
    if row["self_defined_ethnicity"] == "NS":
        return str(NOT_STATED_REASONS.get(row["not_stated_reason"], Missing.NOT_STATED))
    return broad_groups(SELF_DEFINED_LISTS)[row["self_defined_ethnicity"]]


def latest(heard: list[tuple[tuple, str]]) -> str:
    """The latest value that is known, else the latest way of missing; of two at once the first by name."""
    known = [(when, value) for when, value in heard if value not in UNKNOWN] or heard
    last = max(when for when, _ in known)
    return min(value for when, value in known if when == last)


def tabulations(rows: list[Row], columns: tuple[str, ...]) -> tuple[Tabulation, ...]:
    names = sorted({r["tabulation"] for r in rows})
    return tuple(
        Tabulation(name, frozenset(c for c in columns
                                   if any(r[c] not in ("all", "not_collected", None) for r in rows if r["tabulation"] == name)))
        for name in names
    )  # fmt: skip


def split_of(row: Row) -> Tabulation:
    """The tabulation of a row of sanctions: the columns that it splits."""
    return tally_of(tuple(c for c in TALLY_SPLITS if row[c] not in ("all", "not_collected")))


def is_somebody(row: Row) -> bool:
    """Is this row of a roll of one pupil? Those who were not identified are counted, and share nothing but the word."""
    return row["pupil_ref"] not in (None, NOT_IDENTIFIED)


def is_stage(row: Row, stage: Stage) -> bool:
    if stage.column and stage.codes and row[stage.column] not in stage.codes:
        return False
    if stage.column and not stage.codes and row[stage.column] is None:
        return False
    return not stage.reason or row["reason"] == stage.reason


def passes(measure: Measure, row: Row, table: str) -> bool:
    return all(row[name] in codes for name, codes in measure.where if OWN_COLUMNS.get(name) == table)


def shared(measure: Measure, has: Row, skip: set[str]) -> bool:
    return all(has[name] in codes for name, codes in measure.where if name not in OWN_COLUMNS and name not in skip)


def categories(measure: Measure, stage: Stage) -> tuple[str, ...]:
    return measure.wanted("subject_category") or stage.categories


def agreed(rows: list[Row]) -> Row:
    """Of several unidentified pupils of one contact only what they share is known."""
    if len(rows) == 1:
        return rows[0]
    same = {name: value if all(r[name] == value for r in rows) else "not_recorded" for name, value in rows[0].items()}
    ladder = [
        r["subject_category"] for r in rows if r["subject_category"] in ("subject_of_concern", "suspect", "convicted")
    ]
    category = max(ladder) if ladder else min(r["subject_category"] for r in rows)
    return {**same, "subject_category": category, "differs": frozenset().union(*(r["differs"] for r in rows))}


def known_cell(row: Row, number: str) -> Row:
    """A cell in which nobody could be is known: it counts as nobody."""
    return {**row, "state": "counted", number: 0} if row["state"] == "not_applicable" else row


def known_states(rows: list[Held]) -> dict[str, str]:
    states = defaultdict(set)
    for row in rows:
        states[row.urn].add(row.state)
    found = {}
    for urn, seen in states.items():
        if "suppressed" in seen:
            found[urn] = SUPPRESSED
        elif seen == {"counted"}:
            found[urn] = WHOLE
        else:
            found[urn] = "partial" if "counted" in seen else NOT_COLLECTED
    return found


def census_of_term(dates: list[date], from_on: date, to_on: date) -> tuple[date, bool]:
    inside = [d for d in dates if from_on <= d <= to_on]
    if inside:
        return max(inside), False
    before = [d for d in dates if d < from_on]
    return (max(before) if before else min(d for d in dates if d > to_on)), True


def way(value: str) -> str:
    return value if value in UNKNOWN else "known"
