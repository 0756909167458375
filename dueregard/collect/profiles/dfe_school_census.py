"""The school census in the performance tables of the Department for Education: one row a school of England, in January.

Pupils on roll by sex, by special educational needs, and by free meals; each a tabulation of its own. The rows that
hold the national totals (`NAT`) are no schools: they are held against the sum of the schools, and left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dueregard.collect.compressed import read_table
from dueregard.collect.profiles.filling import Present, drop, files_behind, fill, lines_where
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import Expected, Read
from dueregard.evidence.finding import Finding, counted
from dueregard.evidence.raw import named, quoted
from dueregard.terms.census_day import january_census

NUMBERS = ("NOR", "NORG", "NORB", "TSENELSE", "TSENELK", "NUMFSM")
NEEDED = ("URN", "LA", "SCHOOLTYPE", *NUMBERS)
NATION = "NAT"
PHASES = {
    "State-funded nursery": "NS", "State-funded primary": "PS", "State-funded secondary": "SS",
    "State-funded special school": "SP", "Non-maintained special school": "SP", "Pupil referral unit": "PR",
}  # fmt: skip
SUPPRESSED = ("SUPP", "NP", "x", "X", "c")
NOT_COLLECTED = ("NA", "", "NE", "LOWCOV", "NEW", ".", "..", "z")
YEARS = re.compile(r"(20\d{2})[-_]?(?:20)?(\d{2})(?!\d)")
DEFAULT_YEAR = 2019  # the edition that the profile was written for; a file or folder that names its years says more


@dataclass(frozen=True, slots=True)
class CellOf:
    """One cell of a school: which group, and SQL for its number (NULL: not known)."""

    tabulation: str
    column: str
    code: str
    number: str
    source_column: str


def _n(column: str) -> str:
    return f"TRY_CAST({named(column)} AS BIGINT)"


CELLS = (
    CellOf("all", "sex", "F", _n("NORG"), "NORG"),
    CellOf("all", "sex", "M", _n("NORB"), "NORB"),
    CellOf("all", "sex", "not_recorded", f"NULLIF({_n('NOR')} - {_n('NORG')} - {_n('NORB')}, 0)", "NOR"),
    CellOf("all:by_sen", "sen_provision", "E", _n("TSENELSE"), "TSENELSE"),
    CellOf("all:by_sen", "sen_provision", "K", _n("TSENELK"), "TSENELK"),
    CellOf("all:by_sen", "sen_provision", "N", f"{_n('NOR')} - {_n('TSENELSE')} - {_n('TSENELK')}", "NOR"),
    CellOf("all:by_fsm", "is_fsm", "yes", _n("NUMFSM"), "NUMFSM"),
    CellOf("all:by_fsm", "is_fsm", "no", f"{_n('NOR')} - {_n('NUMFSM')}", "NOR"),
)
# Which columns a cell is made of: one that is hidden or absent hides the cell.
MADE_OF = {
    ("sex", "not_recorded"): ("NOR", "NORG", "NORB"), ("sen_provision", "N"): ("NOR", "TSENELSE", "TSENELK"),
    ("is_fsm", "no"): ("NOR", "NUMFSM"),
}  # fmt: skip


def census_year(path: Path) -> tuple[int, bool]:
    """In which January was the census, and does the name of the file or its folder say so?

    >>> census_year(Path("2017-2018/england_census.csv")), census_year(Path("census.csv"))
    ((2018, True), (2019, False))
    """
    for name in (path.name, path.resolve().parent.name):
        for first, second in YEARS.findall(name):
            if (int(first) + 1) % 100 == int(second):
                return int(first) + 1, True
    return DEFAULT_YEAR, False


def gather(connection: Any, path: Path) -> Gathered:
    """Read the schools and their rolls of one January; the national rows are checked and left out."""
    read = read_table(connection, path, Expected("roll", NEEDED, NEEDED, extra=True), into="_census")
    year, is_said = census_year(path)
    if read.columns and not any(f.is_error for f in read.findings):
        read = replace(read, findings=(*read.findings, *_judged(connection, read, year, is_said)))
    if not read.columns or any(f.is_error for f in read.findings):
        drop(connection, "_census")
        return Gathered((read,), ())
    connection.execute(f'CREATE TABLE _school AS SELECT * FROM _census WHERE "URN" <> {quoted(NATION)}')
    present = [_fill_schools(connection), _fill_roll(connection, str(january_census(year)))]
    drop(connection, "_census", "_school")
    return Gathered((read, *files_behind(read, present, made_for="roll")), tuple(present))


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(quoted(v) for v in values)


def _judged(connection: Any, read: Read, year: int, is_said: bool) -> list[Finding]:
    """Symbols that mean nothing known; no schools; national rows, and whether the schools add up to them."""
    found = []
    known = _listed((*SUPPRESSED, *NOT_COLLECTED))
    strange = lines_where(
        connection, "_census", f'"URN" <> {quoted(NATION)} AND NOT regexp_full_match("URN", \'\\d{{1,6}}\')'
    )
    if strange:
        found.append(Finding("E_PATTERN", read.file, "roll", "URN", strange,
                             counted(len(strange), "values are not the number of a school: a total of other rows would be counted twice."), "leave sums out."))  # fmt: skip
    for column in NUMBERS:
        lines = lines_where(
            connection,
            "_census",
            f"NOT regexp_full_match({named(column)}, '\\d{{1,9}}') AND {named(column)} NOT IN ({known})",
        )
        if lines:
            found.append(Finding("E_TYPE", read.file, "roll", column, lines,
                                 counted(len(lines), "values are neither a number nor a symbol of the source."), "digits alone, SUPP or NA."))  # fmt: skip
    schools, nation = connection.execute(
        f'SELECT count(*) FILTER ("URN" <> {quoted(NATION)}), '
        f'list(CAST(_line AS BIGINT) ORDER BY CAST(_line AS BIGINT)) FILTER ("URN" = {quoted(NATION)}) FROM _census'
    ).fetchall()[0]
    if not schools:
        found.append(Finding("E_NO_SCHOOLS", read.file, "roll", "URN", (),
                             "the file holds national totals and no school.", "the table at school level."))  # fmt: skip
        return found
    if nation:
        found.append(Finding("W_TOTALS", read.file, "roll", "URN", tuple(nation),
                             "these rows are national totals, not schools: left out, so that nobody counts twice."))  # fmt: skip
        found += _against_totals(connection, read)
    if not is_said:
        found.append(Finding("W_PERIOD", read.file, "roll", "", (), f"no name says the year: read as the census of January {year}.",
                             "a folder named such as 2018-2019."))  # fmt: skip
    return found


def _against_totals(connection: Any, read: Read) -> list[Finding]:
    """Do the schools of each type add up to the file's own national row?"""
    nor = 'sum(TRY_CAST("NOR" AS BIGINT))'
    own, others = (f'FILTER ("URN" {sign} {quoted(NATION)})' for sign in ("=", "<>"))
    wrong = connection.execute(
        f'SELECT min(CAST(_line AS BIGINT)) {own} FROM _census GROUP BY "SCHOOLTYPE" HAVING {nor} {own} <> {nor} {others} ORDER BY 1'
    ).fetchall()
    if not wrong:
        return []
    return [Finding("W_TOTALS_DIFFER", read.file, "roll", "NOR", tuple(row[0] for row in wrong),
                    "the schools of a type do not add up to its national row: the file may be an extract.")]  # fmt: skip


def _fill_schools(connection: Any) -> Present:
    phases = " ".join(f"WHEN {quoted(label)} THEN {quoted(code)}" for label, code in PHASES.items())
    return fill(connection, "school", {
        "urn": '"URN"', "name": "''", "borough": '"LA"', "la_code": '"LA"',
        "phase": f"CASE \"SCHOOLTYPE\" {phases} ELSE 'not_collected' END", "type": '"SCHOOLTYPE"', "opened_on": "''",
    }, "_school")  # fmt: skip


def _fill_roll(connection: Any, census_on: str) -> Present:
    """One row a school and cell. Pupils whose sex the school does not say are a row only where there are any."""
    others = ("sex", "sen_provision", "is_fsm")
    for cell in CELLS:
        columns = [named(c) for c in MADE_OF.get((cell.column, cell.code), (cell.source_column,))]
        hidden = " OR ".join(f"{c} IN ({_listed(SUPPRESSED)})" for c in columns)
        absent = " OR ".join(f"{c} IN ({_listed(NOT_COLLECTED)})" for c in columns)
        state = f"CASE WHEN {hidden} THEN 'suppressed' WHEN {absent} THEN 'not_collected' ELSE 'counted' END"
        present = fill(connection, "roll", {
            "urn": '"URN"', "census_on": quoted(census_on), "year_group": "'all'", "disability": "'all'", "sen_type": "'all'",
            **{c: quoted(cell.code) if c == cell.column else "'all'" for c in others},
            "tabulation": quoted(cell.tabulation), "n_pupils": f"COALESCE(CAST({cell.number} AS VARCHAR), '')", "state": state,
        }, f"_school WHERE {cell.number} IS NOT NULL" if cell.code == "not_recorded" else "_school",
            column=quoted(cell.source_column))  # fmt: skip
    return present


PROFILE = Profile(
    name="dfe-school-census",
    about="School census of England in the performance tables: pupils on roll of each school by sex, need and free meals.",
    reads="the census table at school level (.csv, .csv.gz); its years in the name of the file or folder",
    version="1",
    caveats=(
        "The school census table has no ethnicity: rates by ethnicity need another roll.",
        "An area is a local authority by its three-digit code.",
    ),
    gather=gather,
)
