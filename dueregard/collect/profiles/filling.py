"""How a profile fills raw native tables from its scratch tables, in the words of the source kept beside each row."""

from __future__ import annotations

from typing import Any

from dueregard.collect.readers import Read
from dueregard.evidence.raw import make_table, named
from dueregard.records.tables import table

Present = tuple[str, tuple[str, ...]]


def fill(connection: Any, name: str, selected: dict[str, str], source: str, *, column: str = "NULL") -> Present:
    """Add rows to a native raw table. Columns that the source has not are left NULL: not collected.

    selected: native column -> SQL over `source`, which has `_file` and `_line`. column: the source's own column of
    each row, so that a finding names what stands in the file.
    """
    make_table(connection, f"raw_{name}", table(name).names)
    names = ", ".join(named(c) for c in ("_file", "_line", "_column", *selected))
    values = ", ".join(("_file", "_line", column, *selected.values()))
    connection.execute(f"INSERT INTO {named(f'raw_{name}')} ({names}) SELECT {values} FROM {source}")
    return name, tuple(selected)


def has_table(connection: Any, name: str) -> bool:
    """Is there such a table in this database?"""
    found = connection.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = ?", [name])
    return bool(found.fetchall()[0][0])


def lines_where(connection: Any, name: str, condition: str) -> tuple[int, ...]:
    """The physical lines of a scratch table of one file at which a condition (SQL) is true, in order; none: empty."""
    line = "CAST(_line AS BIGINT)"
    found = connection.execute(f"SELECT {line} FROM {named(name)} WHERE {condition} ORDER BY {line}").fetchall()
    return tuple(number for (number,) in found)


def drop(connection: Any, *names: str) -> None:
    for name in names:
        connection.execute(f"DROP TABLE IF EXISTS {named(name)}")


def files_behind(read: Read, present: list[Present], *, made_for: str) -> list[Read]:
    """The same file stands behind every table that was made from it; `made_for` is the one that its read names."""
    return [Read(read.file, name, read.sha256, 0, columns, (), (), 0) for name, columns in present if name != made_for]
