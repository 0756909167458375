"""The canonical form of a table: each row as one line, the lines sorted. In ranges, so that memory is bounded.

A line begins with the row's first column, and no value holds a sign below the separator. So the rows of a range of
that column, sorted by line, follow those of the range before: one range at a time gives the order of the whole.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dueregard.evidence.paths import parquet_sql, target_sql
from dueregard.records.table import Table

CHUNK = 100_000
RANGE = 1_000_000  # rows that are sorted at a time; more only where more share the first column
SAMPLE = 20_000


def canonical_line(table: Table) -> str:
    """SQL for one row as one line: fields in declared order, apart by a unit separator; NULL by a mark of its own.

    No field can hold the separators: the gate refuses control characters.
    """
    fields = ", ".join(_field(c.name) for c in table.columns)
    return f"concat_ws(chr(31), {fields})"


def _field(column: str) -> str:
    return f'COALESCE(CAST("{column}" AS VARCHAR), chr(30))'


def table_hash(connection: Any, table: Table, source: str, *, range_rows: int = RANGE) -> str:
    """The hash of a table's canonical rows, in canonical order. source: what may stand after FROM."""
    line = canonical_line(table)
    digest = hashlib.sha256()
    for condition in _ranges(connection, table, source, range_rows):
        rows = connection.execute(f"SELECT {line} AS line FROM {source} WHERE {condition} ORDER BY line")
        while chunk := rows.fetchmany(CHUNK):
            digest.update("".join(f"{row[0]}\n" for row in chunk).encode())
    return digest.hexdigest()


def write_sorted(connection: Any, table: Table, file: Path, *, range_rows: int = RANGE) -> None:
    """Write the rows of `<table>` into one Parquet file in canonical order. What is sorted meanwhile lies beside it."""
    source, line = f'"{table.name}"', canonical_line(table)
    if connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0] <= range_rows:
        connection.execute(
            f"COPY (SELECT * FROM {source} ORDER BY {line}) TO {target_sql(file)} (FORMAT parquet, COMPRESSION zstd)"
        )
        return
    rough = file.with_suffix(".unsorted")
    # Written once as it comes, because a range of a big text file would be a reading of the whole of it. A file for each
    # processor, which keeps no order: into one file the database holds all rows of a union in memory, to keep theirs.
    connection.execute(f"COPY (SELECT * FROM {source}) TO {target_sql(rough)} (FORMAT parquet, PER_THREAD_OUTPUT true)")
    unsorted = parquet_sql(*sorted(rough.iterdir()))
    parts = []
    for n, condition in enumerate(_ranges(connection, table, unsorted, range_rows)):
        parts.append(file.with_suffix(f".part{n}"))
        connection.execute(
            f"COPY (SELECT * FROM {unsorted} WHERE {condition} ORDER BY {line}) TO {target_sql(parts[-1])} (FORMAT parquet)"
        )
    shutil.rmtree(rough)
    connection.execute(
        f"COPY (SELECT * FROM {parquet_sql(*parts)}) TO {target_sql(file)} (FORMAT parquet, COMPRESSION zstd)"
    )
    for part in parts:
        part.unlink()


def _ranges(connection: Any, table: Table, source: str, range_rows: int) -> Iterator[str]:
    """Conditions on the first column that part the rows into ranges, in order. Where they part does not matter."""
    n_rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    key = _field(table.columns[0].name)
    seen = []
    if n_rows > range_rows:
        sample = connection.execute(
            f"SELECT k FROM (SELECT {key} AS k FROM {source}) USING SAMPLE {SAMPLE} ROWS"
        ).fetchall()
        seen = sorted(row[0] for row in sample)
    step = max(len(seen) * range_rows // max(n_rows, 1), 1)
    bounds = sorted(set(seen[step::step]))
    yield from _between(key, bounds)


def _between(key: str, bounds: list[str]) -> Iterator[str]:
    texts = ["'" + bound.replace("'", "''") + "'" for bound in bounds]
    for lower, upper in zip([None, *texts], [*texts, None], strict=True):
        parts = [f"{key} >= {lower}"] if lower else []
        parts += [f"{key} < {upper}"] if upper else []
        yield " AND ".join(parts) or "1 = 1"
