"""The private database in which raw rows are held while they are checked: no network, no other file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dueregard.evidence.paths import folders_sql
from dueregard.evidence.raw import named

MEMORY_LIMIT = "4GB"


def open_database(folders: list[Path]) -> Any:
    """A fresh in-memory DuckDB that may touch these folders and nothing else; its configuration is locked."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    threads = os.environ.get("DUEREGARD_THREADS", "")
    if threads.isdecimal():
        connection.execute(f"SET threads = {int(threads)}")
    connection.execute("SET temp_directory = ''")  # no row is ever spilled to a disk
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = {folders_sql(folders)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def add_rows(connection: Any, table: str, columns: list[str], rows: list[list[str]]) -> None:
    """Append text rows to a table whose columns are all text but `_line`."""
    if not rows:
        return
    lists = {f"c{n}": [row[n] for row in rows] for n in range(len(columns))}
    kinds = ["BIGINT" if name == "_line" else "VARCHAR" for name in columns]
    selected = ", ".join(f"unnest(${name}::{kind}[])" for name, kind in zip(lists, kinds, strict=True))
    names = ", ".join(named(c) for c in columns)
    connection.execute(f"INSERT INTO {named(table)} ({names}) SELECT {selected}", lists)
