"""Made-up tables as native files (CSV in several dresses, Parquet), or read at once into typed rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from dueregard.records.table import Column, Kind
from dueregard.records.tables import table

from .words import Rows, Tables

DRESSES = ("plain", "carriage returns", "byte order mark", "quoted", "parquet")


def texts(name: str, rows: Rows, present: Sequence[str] | None = None) -> tuple[list[Column], list[list[str]]]:
    """The columns that a file of these rows has, and its fields. What a row does not say is blank, or `all` where counts are split.

    present: columns that the file has besides, though no row speaks of them.
    """
    given = {column for row in rows for column in row} | set(present or ())
    columns = [c for c in table(name).columns if c.name in given or not c.optional]
    assert not given - {c.name for c in columns}, f"{name}: {given - {c.name for c in columns}}"
    is_tabulated = "tabulation" in given or name == "stage_count"
    blanks = {c.name: "all" if is_tabulated and c.tabulated else _blank(c) for c in columns}
    return columns, [[(blanks | row)[c.name] for c in columns] for row in rows]


def _blank(column: Column) -> str:
    return "" if column.blank or column.kind is not Kind.CODE else "unknown"


# ---------------------------------------------------------------- files


def write_folder(tables: Tables, folder: Path, *, dress: str = "plain", shuffled: Random | None = None,
                 present: dict[str, list[str]] | None = None) -> Path:  # fmt: skip
    """A native folder. shuffled: the columns stand in another order."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        columns, fields = texts(name, rows, (present or {}).get(name))
        places = list(range(len(columns)))
        if shuffled is not None:
            shuffled.shuffle(places)
        header = [columns[n].name for n in places]
        body = [[row[n] for n in places] for row in fields]
        if dress == "parquet":
            _write_parquet(folder / f"{name}.parquet", header, body)
        else:
            (folder / f"{name}.csv").write_bytes(_csv(header, body, dress))
    return folder


def _csv(header: list[str], body: list[list[str]], dress: str) -> bytes:
    handle = io.StringIO()
    end = "\r\n" if dress == "carriage returns" else "\n"
    quoting = csv.QUOTE_ALL if dress == "quoted" else csv.QUOTE_MINIMAL
    csv.writer(handle, lineterminator=end, quoting=quoting).writerows([header, *body])  # type: ignore[arg-type]
    return (b"\xef\xbb\xbf" if dress == "byte order mark" else b"") + handle.getvalue().encode()


def _write_parquet(path: Path, header: list[str], body: list[list[str]]) -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t ({', '.join(f'{name} VARCHAR' for name in header)})")
    if body:
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' for _ in header)})", body)
    connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


# ---------------------------------------------------------------- typed rows, without files


def typed(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """The rows that a freeze of these tables must hold, said a second time in plain Python.

    `test_files_hold_what_was_made_up` compares it with what a freeze of the files holds.
    """
    found = {}
    for name, rows in tables.items():
        columns, fields = texts(name, rows)
        said = [dict(zip((c.name for c in columns), row, strict=True)) for row in fields]
        found[name] = [{c.name: _meant(c, row.get(c.name)) for c in table(name).columns} for row in said]
        if name == "roll":
            for n in _registered_elsewhere(said):
                found[name][n]["enrolment_status"] = "S"
    return found


def _registered_elsewhere(rows: list[dict[str, Any]]) -> list[int]:
    """Rows of pupils who are on two rolls at one census: all but the main one, else all but the lowest URN."""
    places: dict[tuple[str, str], list[int]] = {}
    for n, row in enumerate(rows):
        if row.get("pupil_ref") and (row.get("enrolment_status") or "") not in ("F", "G", "O", "P", "S"):
            places.setdefault((row["census_on"], row["pupil_ref"]), []).append(n)
    found = []
    for same in places.values():
        if len({rows[n]["urn"] for n in same}) > 1:
            same.sort(key=lambda n: (rows[n].get("enrolment_status") != "M", rows[n]["urn"]))
            found += same[1:]
    return found


def _meant(column: Column, text: str | None) -> Any:
    """A field as what it means; None: the file has no such column."""
    if column.kind is Kind.CODE:
        absent = "not_collected" if text is None else "not_recorded"
        return dict(column.aliases).get(text, text) if text else column.default or absent
    if not text:
        return column.default or None
    of_kind = {
        Kind.DATE: date.fromisoformat,
        Kind.TIME: datetime.fromisoformat,
        Kind.INTEGER: int,
        Kind.DECIMAL: Decimal,
    }
    return of_kind[column.kind](text) if column.kind in of_kind else text
