"""The raw tables of an intake: text rows in a private database, or in the big files in which they came.

`raw_<table>` holds rows; a big regular file is not copied: a view `raw_<table>` + unit separator + number reads it
where it lies. Each row has `_file`, `_line` and `_column` before the table's columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

APART = "\x1f"  # in the name of a view over a big file; no table's name holds it
WHOLE = "file"  # after it: a view that gives every row of a file


def quoted(text: str) -> str:
    """Text as an SQL literal.

    >>> quoted("a'b")
    "'a''b'"
    """
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def call_file(connection: Any, path: Path, label: str) -> None:
    """Give a file another name in findings and raw rows than its own, which another file has too."""
    connection.execute("CREATE TABLE IF NOT EXISTS _label (path VARCHAR, label VARCHAR)")
    connection.execute("INSERT INTO _label VALUES (?, ?)", [str(path.absolute()), label])


def label_of(connection: Any | None, path: Path) -> str:
    """By which name is a file told of? Its own, unless it was given another; without a database none was."""
    if connection is None or not _has_labels(connection):
        return path.name
    row = connection.execute("SELECT label FROM _label WHERE path = ?", [str(path.absolute())]).fetchone()
    return str(row[0]) if row else path.name


def _has_labels(connection: Any) -> bool:
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = '_label'").fetchone()
    return bool(found[0])


def make_table(connection: Any, into: str, columns: tuple[str, ...]) -> None:
    """A raw table: file, physical line, the source's own column where a row is one cell of it, and the columns."""
    described = ", ".join(f"{named(c)} VARCHAR" for c in columns)
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {named(into)} (_file VARCHAR, _line BIGINT, _column VARCHAR, {described})"
    )


def big_parts(connection: Any, raw: str) -> list[str]:
    """The names of the views over big files that belong to a raw table."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE starts_with(view_name, ?) ORDER BY view_name", [raw + APART]
    ).fetchall()
    return [name for (name,) in rows]


def add_view(connection: Any, raw: str, selected: str, *, is_file: bool = True) -> None:
    """Let the rows of a big file belong to a raw table without copying them. is_file: all its rows, line after line."""
    name = f"{raw}{APART}{WHOLE if is_file else ''}{len(big_parts(connection, raw))}"
    connection.execute(f"CREATE VIEW {named(name)} AS {selected}")


def is_one_file(connection: Any, raw: str) -> bool:
    """Are the rows of a raw table those of one big file, line after line?"""
    parts = big_parts(connection, raw)
    if len(parts) != 1 or not parts[0].startswith(raw + APART + WHOLE):
        return False
    return not connection.execute(f"SELECT count(*) FROM {named(raw)}").fetchone()[0]


def raw_rows(connection: Any, raw: str) -> str:
    """SQL for all rows of a raw table, those that are still in big files included."""
    parts = [f"SELECT * FROM {named(name)}" for name in (raw, *big_parts(connection, raw))]
    return " UNION ALL BY NAME ".join(parts)
