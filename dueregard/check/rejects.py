"""The refused rows, with their codes, back to the sender."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from dueregard.errors import TargetError
from dueregard.evidence.intake import Checked
from dueregard.records.table import Table
from dueregard.records.tables import TABLE_NAMES, TABLES


def refused_rows(checked: Checked, table: Table) -> tuple[list[str], list[tuple]]:
    """The refused rows of one table as they came, with their codes: for the sender, never for a snapshot."""
    connection = checked.intake.connection
    names = ", ".join(f'w."{name}"' for name in table.names)
    rows = connection.execute(
        f"SELECT w._file, w._line, r.codes, {names} FROM work_{table.name} AS w "
        f"JOIN refused_{table.name} AS r USING (_row){_but_made_ones(checked, table)} ORDER BY w._row"
    ).fetchall()
    return ["file", "line", "codes", *table.names], [row for row in rows if row[0] not in checked.intake.registers]


def _but_made_ones(checked: Checked, table: Table) -> str:
    """Native rows that were made from a flat layout go back as rows of the layout."""
    if not checked.intake.layouts or table.name not in TABLE_NAMES:
        return ""
    files = " UNION ALL ".join(f"SELECT _file FROM work_{layout.table.name}" for layout in checked.intake.layouts)
    return f" WHERE w._file NOT IN ({files})"


OURS = "file,line,codes,"  # how a file of refused rows begins


def check_folder(folder: Path, sources: Iterable[Path] = ()) -> None:
    """May refused rows be written here, in the place of all CSV files that stand there?

    Raises TargetError where the folder is a file, where a source lies in it, or a CSV file that is not of this kind.
    """
    if any(folder.resolve() in (path.resolve(), path.resolve().parent) for path in sources):
        raise TargetError(f"A source lies in `{folder.name}`.", try_this="another folder for --rejects.")
    if folder.exists() and not folder.is_dir():
        raise TargetError(f"`{folder.name}` is a file; --rejects needs a folder.", try_this="another name.")
    for path in sorted(folder.glob("*.csv")):
        if not _is_ours(path):
            raise TargetError(f"`{path.name}` is in `{folder.name}` and is no file of refused rows.",
                              try_this="an empty folder, or a new one.")  # fmt: skip


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return handle.read(len(OURS)) == OURS.encode()
    except OSError:
        return False


def write_rejects(checked: Checked, folder: Path) -> list[Path]:
    """The refused rows with their codes, for the sender: one CSV a table, readable by the owner alone.

    They take the place of those of an earlier check, perhaps of another sender. Raises TargetError as `check_folder`.
    Where a layout is called as a native table, the native rows go into `native_<table>.csv`.
    """
    written: list[Path] = []
    flat = [(layout.name, layout.table) for layout in checked.intake.layouts]
    native = [(t.name, t) for t in TABLES if t.name in checked.intake.tables]
    check_folder(folder)
    for path in folder.glob("*.csv"):
        path.unlink()
    told: set[tuple] = set()
    for name, table in [*flat, *native]:
        header, rows = refused_rows(checked, table)
        told.update(row[:2] for row in rows)
        unsplit = _not_split(checked, name, len(header), told)
        told.update(row[:2] for row in unsplit)
        rows = [*rows, *unsplit]
        if rows:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while folder / f"{name}.csv" in written:
                name = f"native_{name}"
            written.append(_write_private(folder / f"{name}.csv", header, rows))
    return written


def _not_split(checked: Checked, name: str, width: int, seen: set[tuple]) -> list[tuple]:
    """Rows that were refused before they were split into columns: their lines and codes, with no value."""
    codes: dict[tuple[str, int], list[str]] = {}
    for one in checked.intake.findings:
        if one.is_error and not one.is_whole and one.table == name and one.lines != (1,):
            for line in one.lines:
                codes.setdefault((one.file, line), []).append(one.code)
    blank = ("",) * (width - 3)
    return [
        (file, line, " ".join(sorted(set(told))), *blank)
        for (file, line), told in sorted(codes.items())
        if (file, line) not in seen
    ]


STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _inert(value: object) -> object:
    """A text that a spreadsheet would run is led by an apostrophe; a number stays a number."""
    if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) and not value[1:].replace(".", "", 1).isdigit():
        return "'" + value
    return value


def _write_private(path: Path, header: list[str], rows: list[tuple]) -> Path:
    # a file that stood there keeps its rights, and a link leads elsewhere: both go before anything is written
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([[_inert(value) for value in row] for row in rows])
    return path
