"""Census 2021, England and Wales: residents by ethnic group (19), single year of age and local authority.

One file as the Office for National Statistics builds it: a row an area and year of age, a column an ethnic group.
Residents aged 10 to 17 become the roll of each area: the band in which police publish stops of children.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

from dueregard.collect.areas import DRAWN, JOINED, JOINED_NAMES, fill_areas, settle
from dueregard.collect.compressed import is_packed, read_table, unpacked
from dueregard.collect.profiles.filling import drop, files_behind, fill, has_table
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import Expected, Read
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding
from dueregard.evidence.raw import named, quoted

CENSUS_DAY = "2021-03-21"
YOUNGEST, OLDEST = 10, 17
PLACE = ("Geography Code", "Geography Name", "Age")
# Local authorities of England and of Wales; a region or a country holds them again.
IS_CHILD = f'regexp_full_match("Age", \'\\d{{1,3}}\') AND TRY_CAST("Age" AS INTEGER) BETWEEN {YOUNGEST} AND {OLDEST}'
AUTHORITIES = ("E06", "E07", "E08", "E09", "W06")
SUPPRESSED = "c"
WHITE, MIXED, OTHER = "White", "Mixed or Multiple ethnic groups", "Other ethnic group"
ASIAN = "Asian, Asian British or Asian Welsh"
BLACK = "Black, Black British, Black Welsh, Caribbean or African"
GROUPS = {
    f"{WHITE}: English, Welsh, Scottish, Northern Irish or British": "1", f"{WHITE}: Irish": "2",
    f"{WHITE}: Gypsy or Irish Traveller": "3", f"{WHITE}: Roma": "4", f"{WHITE}: Other White": "5",
    f"{MIXED}: White and Black Caribbean": "6", f"{MIXED}: White and Black African": "7",
    f"{MIXED}: White and Asian": "8", f"{MIXED}: Other Mixed or Multiple ethnic groups": "9",
    f"{ASIAN}: Indian": "10", f"{ASIAN}: Pakistani": "11", f"{ASIAN}: Bangladeshi": "12", f"{ASIAN}: Chinese": "13",
    f"{ASIAN}: Other Asian": "14", f"{BLACK}: African": "15", f"{BLACK}: Caribbean": "16", f"{BLACK}: Other Black": "17",
    f"{OTHER}: Arab": "18", f"{OTHER}: Any other ethnic group": "19",
}  # fmt: skip
COLUMNS = (*PLACE, *GROUPS)


def _find(path: Path) -> tuple[Path, tuple[str, ...]]:
    """The census file of a folder, and what else lies there. A file stands for itself."""
    if not path.is_dir():
        return path, ()
    files = [f for f in sorted(path.iterdir()) if f.is_file()]
    found = [f for f in files if (is_packed(f) or f.suffix.lower() == ".csv") and set(PLACE) <= set(_header(f))]
    if len(found) != 1:
        listed = f" {len(found)} files" if found else " no file"
        raise SourceError(f"The folder holds{listed} with the columns {', '.join(PLACE)}.",
                          try_this="one table of Census 2021 by ethnic group, age and local authority.")  # fmt: skip
    return found[0], tuple(f.name for f in files if f != found[0])


def _header(path: Path) -> list[str]:
    """The names in the first line, or none where the file is no text."""
    try:
        data = unpacked(path.read_bytes(), path.name) if is_packed(path) else _first_bytes(path)
        return next(csv.reader([data.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")]), [])
    except (SourceError, OSError, UnicodeDecodeError, csv.Error):
        return []


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(1 << 16)


def gather(connection: Any, path: Path) -> Gathered:
    """Read the census table into areas and their residents aged 10 to 17."""
    file, ignored = _find(path)
    read = read_table(connection, file, Expected("roll", COLUMNS, COLUMNS, extra=True), into="_census")
    if not read.columns or any(f.is_error for f in read.findings):
        drop(connection, "_census")
        return Gathered((read,), (), ignored)
    _long(connection)
    read = _noted(connection, read)
    if any(f.is_error for f in read.findings):
        drop(connection, "_census", "_resident")
        return Gathered((read,), (), ignored)
    present = [
        fill_areas(connection, "(SELECT min(_file) AS _file, min(_line) AS _line, code, min(name) AS name FROM _resident GROUP BY code)"),
        fill(connection, "roll", {
            "urn": "'area:' || code", "census_on": quoted(CENSUS_DAY), "year_group": "'all'", "sex": "'all'",
            "ethnicity": "ethnicity", "sen_provision": "'all'", "sen_type": "'all'", "disability": "'all'",
            "is_fsm": "'all'", "tabulation": "'all'", "n_pupils": "n", "state": "'counted'",
        }, "(SELECT min(_file) AS _file, min(_line) AS _line, code, ethnicity, CAST(sum(n) AS VARCHAR) AS n "
           "FROM _resident GROUP BY code, ethnicity)"),
    ]  # fmt: skip
    drop(connection, "_census", "_resident")
    settle(connection)
    return Gathered((read, *files_behind(read, present, made_for="roll")), tuple(present), ignored)


def _long(connection: Any) -> None:
    """One row an area, year of age and group: `_resident`, with n, and whether the source hides it."""
    described = ", ".join(f"({quoted(column)}, {quoted(code)})" for column, code in GROUPS.items())
    names = ", ".join(named(column) for column in GROUPS)
    join = " ".join(f"WHEN {quoted(a)} THEN {quoted(b)}" for a, b in JOINED.items())
    name = " ".join(f"WHEN {quoted(a)} THEN {quoted(b)}" for a, b in JOINED_NAMES.items())
    kept = ", ".join(quoted(prefix) for prefix in AUTHORITIES)
    connection.execute(
        "CREATE TABLE _resident AS WITH place AS (SELECT _file, _line, "
        f'CASE "Geography Code" {join} ELSE "Geography Code" END AS code, "Geography Name" AS own_name, {names} FROM _census '
        f'WHERE left("Geography Code", 3) IN ({kept}) AND {IS_CHILD}), '
        f"long AS (SELECT * FROM place UNPIVOT INCLUDE NULLS (text FOR source_column IN ({names}))) "
        f"SELECT _file, CAST(_line AS BIGINT) AS _line, code, CASE code {name} ELSE own_name END AS name, ethnicity, "
        f"text = {quoted(SUPPRESSED)} AS is_hidden, NOT regexp_full_match(text, '\\d{{1,9}}') AND text <> {quoted(SUPPRESSED)} AS is_wrong, "
        "COALESCE(TRY_CAST(text AS BIGINT), 0) AS n "
        f"FROM long JOIN (VALUES {described}) AS g(source_column, ethnicity) USING (source_column)"
    )


def _noted(connection: Any, read: Read) -> Read:
    """What must be said of the file: no authority in it, cells that are neither a number nor hidden, hidden cells."""
    used = f"'area:' || code IN (SELECT urn FROM {DRAWN})" if has_table(connection, DRAWN) else "true"
    n_areas, n_hidden, wrong = connection.execute(
        f"SELECT count(DISTINCT code), count(*) FILTER (is_hidden AND {used}), "
        "list(DISTINCT _line ORDER BY _line) FILTER (is_wrong) FROM _resident"
    ).fetchall()[0]

    def told(code: str, message: str, lines: tuple[int, ...] = (), try_this: str = "") -> Read:
        return replace(read, findings=(*read.findings, Finding(code, read.file, "roll", "", lines, message, try_this)))

    if not n_areas:
        return told(
            "E_RANGE",
            "no row is of a local authority and of an age from 10 to 17.",
            (),
            "the table by local authority.",
        )
    if uneven := _uneven(connection):
        return told("E_RANGE", f"areas do not have each age from {YOUNGEST} to {OLDEST} once: one is missing, written otherwise, or there twice.",
                    uneven, "the table as the ONS gives it, one row an area and year of age.")  # fmt: skip
    if wrong:
        return told("E_TYPE", "these rows hold cells that are neither a number nor `c`.", tuple(wrong))
    if n_hidden:
        return told("W_SUPPRESSED", f"{n_hidden:,} cells of ages 10 to 17 are suppressed and taken as 0.")
    return read


def _uneven(connection: Any) -> tuple[int, ...]:
    """A line of each area whose children are not eight rows, one a year of age."""
    kept = ", ".join(quoted(prefix) for prefix in AUTHORITIES)
    found = connection.execute(
        f'SELECT min(CAST(_line AS BIGINT)) FROM _census WHERE left("Geography Code", 3) IN ({kept}) GROUP BY "Geography Code" '
        f'HAVING count(*) FILTER ({IS_CHILD}) <> {OLDEST - YOUNGEST + 1} OR count(DISTINCT "Age") FILTER ({IS_CHILD}) <> {OLDEST - YOUNGEST + 1} ORDER BY 1'
    ).fetchall()
    return tuple(line for (line,) in found)


PROFILE = Profile(
    name="census-2021-ethnicity",
    about="Census 2021, England and Wales: residents aged 10 to 17 of each local authority by ethnic group, as a roll.",
    reads="the table of the ONS by ethnic group (19), single year of age and local authority: .csv, .csv.gz, or its folder",
    version="1",
    caveats=(
        "Residents, not pupils: the denominator is the children aged 10 to 17 who live in an area (Census 2021, 21 March 2021).",
        "The census rounds small numbers and suppresses the smallest; a suppressed cell is taken as 0, "
        "so the rates of small groups are slightly too high.",
        "The City of London and Westminster are one unit.",
    ),
    gather=gather,
)
