"""The refused rows, with their codes, back to the sender."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from dueregard.evidence.intake import Checked
from dueregard.records.table import Table
from dueregard.records.tables import TABLES


def refused_rows(checked: Checked, table: Table) -> tuple[list[str], list[tuple]]:
    """The refused rows of one table as they came, with their codes: for the sender, never for a snapshot."""
    connection = checked.intake.connection
    names = ", ".join(f'w."{name}"' for name in table.names)
    rows = connection.execute(
        f"SELECT w._file, w._line, r.codes, {names} FROM work_{table.name} AS w "
        f"JOIN refused_{table.name} AS r USING (_row) ORDER BY w._row"
    ).fetchall()
    return ["file", "line", "codes", *table.names], rows


def write_rejects(checked: Checked, folder: Path) -> list[Path]:
    """The refused rows with their codes, for the sender: one CSV a table, readable by the owner alone."""
    written = []
    for table in (t for t in TABLES if t.name in checked.intake.tables):
        header, rows = refused_rows(checked, table)
        if rows:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            written.append(_write_private(folder / f"{table.name}.csv", header, rows))
    return written


def _write_private(path: Path, header: list[str], rows: list[tuple]) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
