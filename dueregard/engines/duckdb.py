"""The default engine: DuckDB over the snapshot's Parquet files, with no way out of their folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dueregard.engines.prepared import has_prepared, is_prepared, prepared_sql
from dueregard.engines.sql_engine import SqlEngine
from dueregard.engines.sql_prepared import PREPARED
from dueregard.evidence.paths import folders_sql, parquet_sql
from dueregard.evidence.snapshot import Snapshot
from dueregard.records.tables import TABLES

MEMORY_LIMIT = "4GB"
OFTEN = frozenset(("school", "census"))  # few rows, which one question reads many times: taken in once
WORD = re.compile(r"\w+")


def locked_connection(folders: list[Path], *, threads: int | None = None) -> Any:
    """A database in memory that reads these folders and nothing else, and whose settings cannot be changed."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET temp_directory = ''")  # no row is ever spilled to a disk
    connection.execute("SET TimeZone = 'UTC'")
    if threads is not None:
        connection.execute(f"SET threads = {int(threads)}")
    connection.execute(f"SET allowed_directories = {folders_sql(folders)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class DuckDbEngine(SqlEngine):
    """Counts a snapshot with DuckDB. External access is off and the configuration locked."""

    _closed: dict[str, str] = {}  # noqa: RUF012  an engine without a snapshot has nothing to open

    def __init__(self, snapshot: Snapshot, *, threads: int | None = None) -> None:
        self._closed = {}
        super().__init__(frozenset(t.name for t in TABLES if snapshot.has(t.name)))
        self._connection = locked_connection([snapshot.path], threads=threads)
        self._open(snapshot)

    def _open(self, snapshot: Snapshot) -> None:
        """Say where each table is. It is opened when a question names it: most questions need few of them."""
        for table in TABLES:
            if table.name in snapshot.manifest.tables:
                rows = parquet_sql(snapshot.file(table.name))
                kind = "TEMP TABLE" if table.name in OFTEN else "VIEW"
                self._closed[table.name] = f'CREATE {kind} "{table.name}" AS SELECT * FROM {rows}'
            else:
                columns = ", ".join(f'"{c.name}" {c.sql_type}' for c in table.columns)
                self._closed[table.name] = f'CREATE TABLE "{table.name}" ({columns})'
        if is_prepared(snapshot):
            self._open_prepared(snapshot)

    def _open_prepared(self, snapshot: Snapshot) -> None:
        """Take what the snapshot has prepared. One that is gone is made again, when it is needed."""
        for one in PREPARED:
            if one.is_kept and has_prepared(snapshot, one):
                kind = "TEMP TABLE" if one.name in OFTEN else "VIEW"
                self._closed[one.name] = f"CREATE {kind} {one.name} AS SELECT * FROM {prepared_sql(snapshot, one)}"
                self._made.add(one.name)

    def _open_named(self, text: str) -> None:
        """Open the tables that a text names and that are closed still."""
        for name in set(WORD.findall(text)) & self._closed.keys():
            self._connection.execute(self._closed.pop(name))

    def fetch(self, text: str) -> list[tuple[Any, ...]]:
        self._open_named(text)
        return self._connection.execute(text).fetchall()

    def make_table(self, name: str, text: str) -> None:
        self._open_named(text)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}")

    def load_table(self, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({described})")
        if rows:
            selected = ", ".join(f"CAST(unnest($c{n}) AS {kind})" for n, kind in enumerate(columns.values()))
            lists = {f"c{n}": [row[n] for row in rows] for n in range(len(columns))}
            self._connection.execute(f"INSERT INTO {name} SELECT {selected}", lists)
