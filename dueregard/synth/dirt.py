"""Faults planted in the tables of a made-up force, as they come in real files, so that `check` can be scored.

Each takes the place of an entry, or adds a row. Rows are chosen so that a fault stands alone: a contact that is
refused takes nothing with it but its involvements, which are then planted too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.synth.draws import Frame, rows_of

Planting = tuple[str, int, str]  # table, number of the row from 0, code


@dataclass(frozen=True, slots=True)
class Fault:
    """What is written into a column of some rows, and the code under which `check` must find it.

    where: an entry that another column of the row must hold. also: what else is true of the row then.
    """

    code: str
    table: str
    column: str
    entry: str
    where: tuple[str, str] | None = None
    also: tuple[str, ...] = ()


# Entries as in the attacks of the project's collection and in real files: a spreadsheet's dates and numbers, free
# text in coded columns, formulas, markup, invisible letters, impossible days, other people's codes.
FAULTS = (
    Fault("E_CODELIST", "roll", "ethnicity", "Black African"),
    Fault("E_DATE_FORMAT", "roll", "census_on", "18/01/2024"),
    Fault("E_UNKNOWN_URN", "roll", "urn", "123456"),
    Fault("E_RANGE", "roll", "n_pupils", "-2"),
    Fault("E_TYPE", "roll", "n_pupils", "1,0"),
    Fault("W_AGE_YEAR_GROUP", "roll", "age_on_31_august", "19", ("year_group", "3")),
    Fault("E_CODELIST", "involvement", "self_defined_ethnicity", "Black British"),
    Fault("E_CODELIST", "involvement", "sen_provision", "autism"),
    Fault("E_CODELIST", "involvement", "not_stated_reason", '=HYPERLINK("http://example.org";"open")'),
    Fault("E_TYPE", "involvement", "age", "14.5"),
    Fault("E_RANGE", "involvement", "age", "-1"),
    Fault("E_PATTERN", "involvement", "pupil_ref", "P-\u200b000001"),
    Fault("E_BLANK", "involvement", "pupil_ref", ""),
    Fault("E_TYPE", "involvement", "pupil_ref", "200000.0"),
    Fault("E_UNKNOWN_KEY", "involvement", "contact_ref", "CON-999999999"),
    Fault("E_DATE_FORMAT", "involvement", "parent_informed_at", "45310.5"),
    Fault("E_DATE_FORMAT", "contact", "occurred_at", "2019-02-30T15:10"),
    Fault("E_DATE_RANGE", "contact", "occurred_at", "2091-02-03T15:10", also=("W_DATE_ORDER",)),
    Fault("E_UNKNOWN_URN", "contact", "urn", "000001"),
    Fault("E_CODELIST", "contact", "route", "'; DROP TABLE contact;--"),
    Fault("W_DATE_ORDER", "contact", "recorded_at", "2019-02-03T09:00"),
    Fault("E_CODELIST", "power_use", "power", "taser drawn"),
    Fault("E_CODELIST", "step", "stage", "charged", ("stage", "interviewed")),
    Fault("W_STAGE_ORDER", "step", "occurred_on", "2019-02-03", ("stage", "interviewed")),
    Fault("E_CODELIST", "outcome", "outcome", "99"),
    Fault("E_DATE_FORMAT", "outcome", "decided_on", "3 Feb 2024"),
    Fault("E_DATE_FORMAT", "support", "offered_on", "2023-13-01"),
    Fault("E_TYPE", "activity", "minutes", "an hour"),
    Fault("E_CODELIST", "activity", "kind", "weapons arch"),
    Fault("E_DATE_RANGE", "activity", "occurred_on", "0203-03-04", also=("W_SCHOOL_NOT_OPEN",)),
    Fault("W_SCHOOL_NOT_OPEN", "activity", "occurred_on", "1975-03-04"),
    Fault("E_PATTERN", "sanction", "academic_year", "2022/24"),
    Fault("E_RANGE", "sanction", "n", "-9"),
    Fault("E_RANGE", "survey", "n_agreed", "999999"),
    Fault("E_CODELIST", "collection", "state", "maybe", ("subject", "support")),
)
AGAIN = ("involvement", "activity", "sanction")  # a row stands a second time
EACH = 2  # rows of each fault
FOLLOW_CONTACT = ("power_use", "step", "outcome", "support", "complaint")
FOLLOW_PUPIL = ("power_use", "step", "outcome")


def plant(rng: np.random.Generator, tables: dict[str, Frame]) -> tuple[dict[str, Frame], list[Planting]]:
    """The tables with faults in them, and where each stands. A row holds one fault at most.

    Columns that a fault may touch become text. A fault that no row can hold is left out.
    """
    dirty: dict[str, Frame] = {
        name: {column: _texts(values) for column, values in frame.items()} for name, frame in tables.items()
    }
    free = {name: _free(name, dirty) for name in dirty}
    planted: list[Planting] = []
    for fault in FAULTS:
        for row in _rows(rng, fault, dirty, free):
            np.asarray(dirty[fault.table][fault.column])[row] = fault.entry
            planted += [(fault.table, row, code) for code in (fault.code, *fault.also)]
            if fault.table == "contact" and fault.code.startswith("E_"):
                planted += _followers(dirty, row)
    for name in AGAIN:
        planted += _again(rng, dirty, free, name)
    return dirty, planted


def _texts(values: object) -> np.ndarray:
    return np.array([str(entry) for entry in np.asarray(values, dtype=object).tolist()], dtype=object)


def _free(name: str, tables: dict[str, Frame]) -> np.ndarray:
    """Which rows may hold a fault that then stands alone? Shape (n_rows,), bool."""
    frame = tables[name]
    free = np.ones(len(next(iter(frame.values()))), dtype=bool)
    if name == "contact":
        led_on = [np.asarray(tables[other]["contact_ref"]) for other in FOLLOW_CONTACT]
        free &= ~np.isin(np.asarray(frame["contact_ref"]).astype(str), np.concatenate(led_on).astype(str))
        free &= np.arange(len(free)) % 2 == 0
    if name == "involvement":
        led_on = [_pairs(tables[other]) for other in FOLLOW_PUPIL]
        free &= ~np.isin(_pairs(frame), np.concatenate(led_on)) & (np.asarray(frame["pupil_ref"]) != "not_identified")
        free &= ~np.isin(
            np.asarray(frame["contact_ref"]).astype(str), np.asarray(tables["contact"]["contact_ref"])[::2].astype(str)
        )
    if name in FOLLOW_PUPIL:
        free &= np.asarray(frame["pupil_ref"]) != "not_identified"
    return free


def _pairs(frame: Frame) -> np.ndarray:
    return np.char.add(np.asarray(frame["contact_ref"]).astype(str), np.asarray(frame["pupil_ref"]).astype(str))


def _rows(rng: np.random.Generator, fault: Fault, tables: dict[str, Frame], free: dict[str, np.ndarray]) -> list[int]:
    """Rows for a fault, which are not free afterwards."""
    if fault.column not in tables.get(fault.table, {}):
        return []
    can = free[fault.table].copy()
    if fault.where:
        can &= np.asarray(tables[fault.table][fault.where[0]]) == fault.where[1]
    found = np.flatnonzero(can)
    rows: np.ndarray = np.sort(rng.choice(found, size=min(EACH, len(found)), replace=False))
    free[fault.table][rows] = False
    return rows.tolist()


def _followers(tables: dict[str, Frame], contact: int) -> list[Planting]:
    """The involvements of a contact that will be refused."""
    ref = tables["contact"]["contact_ref"][contact]
    rows = np.flatnonzero(np.asarray(tables["involvement"]["contact_ref"]) == ref)
    return [("involvement", row, "E_UNKNOWN_KEY") for row in rows.tolist()]


def _again(
    rng: np.random.Generator, tables: dict[str, Frame], free: dict[str, np.ndarray], name: str
) -> list[Planting]:
    """Copies of rows at the end of their table."""
    frame = tables[name]
    n, found = len(free[name]), np.flatnonzero(free[name])
    rows = rng.choice(found, size=min(EACH, len(found)), replace=False)
    tables[name] = rows_of(frame, np.concatenate([np.arange(n), rows]))
    return [(name, n + nth, "E_DUPLICATE_KEY") for nth in range(len(rows))]
