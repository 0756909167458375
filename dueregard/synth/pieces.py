"""The tables of one chunk as Parquet pieces, and the pieces of all chunks as one file a table, in order of chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.raw import named, quoted
from dueregard.records.tables import table
from dueregard.synth.coded import Column

ROWS_A_GROUP = 122_880
MEMORY = "256MB"  # of the database; it spills to disk beyond


def write_piece(connection: Any, path: Path, name: str, frame: Mapping[str, object]) -> None:
    """Write one table of one chunk, its columns in the order in which they are declared.

    Raises OSError if it cannot be written.
    """
    order = [column for column in table(name).names if column in frame]
    held = {column: _values(frame[column]) for column in order}
    texts = ", ".join(f"{_sql(column, frame[column])} AS {named(column)}" for column in order)
    connection.register("held", held)
    _copy(connection, f"SELECT {texts} FROM held", path)
    connection.unregister("held")


def join_pieces(connection: Any, pieces: list[Path], path: Path, *, sums: Sequence[str] = ()) -> None:
    """Write the rows of the pieces, in their order, into one file, and remove the pieces. The bytes depend on nothing else.

    sums: counts that are added up where all other columns of two rows are alike.
    Raises OSError if it cannot be written.
    """
    rows = parquet_sql(*pieces)
    _copy(connection, _summed(rows, sums) if sums else f"SELECT * FROM {rows}", path)
    for piece in pieces:
        piece.unlink()


def _summed(rows: str, sums: Sequence[str]) -> str:
    """Rows that are alike but for these counts as one, where the first of them stood."""
    added = ", ".join(f"sum({named(n)}::BIGINT)::VARCHAR AS {named(n)}" for n in sums)
    others = ", ".join(named(n) for n in sums)
    numbered = f"SELECT *, row_number() OVER () AS _row FROM {rows}"
    return f"SELECT * EXCLUDE (_row) FROM (SELECT * EXCLUDE ({others}, _row), {added}, min(_row) AS _row FROM ({numbered}) GROUP BY ALL) ORDER BY _row"


def _values(column: object) -> np.ndarray:
    if isinstance(column, Column):
        return column.numbers
    values = np.asarray(column, dtype=object)
    return np.array([str(value) for value in values.tolist()], dtype=object) if len(values) else np.array([""])[:0]


def _sql(name: str, column: object) -> str:
    return column.sql(name) if isinstance(column, Column) else f"{named(name)}::VARCHAR"


def database(spills_to: Path, *, threads: int = 1) -> Any:
    """A small database that writes Parquet. The bytes are the same with any number of threads: rows keep their order."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": MEMORY,
        "temp_directory": str(spills_to / "spill"),
    }
    return duckdb.connect(":memory:", config=settings)


def _copy(connection: Any, selected: str, path: Path) -> None:
    copy_out(connection, selected, path, f"FORMAT parquet, ROW_GROUP_SIZE {ROWS_A_GROUP}, COMPRESSION zstd")


def copy_out(connection: Any, selected: str, path: Path, how: str) -> None:
    """COPY; what the database says of a full disk becomes an OSError without its path."""
    import duckdb

    try:
        connection.execute(f"COPY ({selected}) TO {quoted(str(path))} ({how})")
    except duckdb.Error as fault:
        raise OSError("the disk is full, or the folder cannot be written") from fault
