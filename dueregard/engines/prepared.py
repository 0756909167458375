"""Prepared tables in a snapshot: written at freeze, found again by an engine, held against the rows they come from.

They are a cache in `prepared/`: everything in them follows from the canonical tables, so they are no part of the
id. A folder without them, or with those of an older version or of other code lists, is answered all the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dueregard.engines.sql_prepared import PARTED_BY, PREPARED, VERSION, Prepared
from dueregard.evidence.paths import folders_sql, parquet_sql, path_sql, target_sql
from dueregard.evidence.snapshot import Manifest, Snapshot
from dueregard.records.tables import TABLES
from dueregard.terms.crosswalks import list_versions

FOLDER = "prepared"
ABOUT = "prepared.json"
MEMORY_LIMITS = ((10_000_000, "1GB"), (None, "2GB"))  # rows of the largest table, up to which a limit is enough
ROW_GROUP = 61_440  # a part of a table that can be passed over; small, because a school is small


def write_prepared(folder: Path, manifest: Manifest, *, threads: int | None = None) -> None:
    """Write the prepared tables of the canonical ones in this folder. What does not fit in memory lies in it meanwhile."""
    into, spill = folder / FOLDER, folder / ".spill"
    into.mkdir()
    connection = _connection(folder, spill, threads, memory_for(max(manifest.rows.values(), default=0)))
    _open_tables(connection, folder, manifest.tables)
    for one in PREPARED:
        connection.execute(f"CREATE TABLE {one.name} AS {one.text}")
        if one.is_kept:
            _keep(connection, one, into)
    connection.close()
    for left in (folder / ".preparing", folder / ".preparing.wal"):
        left.unlink(missing_ok=True)
    shutil.rmtree(spill, ignore_errors=True)
    (into / ABOUT).write_text(json.dumps(_about(manifest), sort_keys=True, indent=1) + "\n", encoding="utf-8")


def _about(manifest: Manifest) -> dict[str, Any]:
    """What prepared tables depend on beside the rows."""
    return {"version": VERSION, "snapshot": manifest.snapshot, "lists": list_versions()}


def memory_for(n_rows: int) -> str:
    """How much memory may preparing take, for a largest table of so many rows? What does not fit is spilled.

    >>> memory_for(4_200_000), memory_for(45_000_000)
    ('1GB', '2GB')
    """
    return next(limit for most, limit in MEMORY_LIMITS if most is None or n_rows <= most)


def _connection(folder: Path, spill: Path, threads: int | None, memory: str) -> Any:
    import duckdb

    connection = duckdb.connect(str(folder / ".preparing"))
    connection.execute(f"SET memory_limit = '{memory}'")
    connection.execute(f"SET temp_directory = {target_sql(spill)}")
    connection.execute("SET TimeZone = 'UTC'")
    if threads is not None:
        connection.execute(f"SET threads = {int(threads)}")
    connection.execute(f"SET allowed_directories = {folders_sql([folder])}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _open_tables(connection: Any, folder: Path, held: Iterable[str]) -> None:
    """Views of the canonical tables; an empty table for each that the snapshot has not."""
    for table in TABLES:
        if table.name in held:
            connection.execute(
                f'CREATE VIEW "{table.name}" AS SELECT * FROM {parquet_sql(folder / f"{table.name}.parquet")}'
            )
        else:
            columns = ", ".join(f'"{c.name}" {c.sql_type}' for c in table.columns)
            connection.execute(f'CREATE TABLE "{table.name}" ({columns})')


def _keep(connection: Any, one: Prepared, into: Path) -> None:
    """Write one table; a parted one into a folder for each academic year."""
    rows = f"SELECT * FROM {one.name}" + (f" ORDER BY {one.order}" if one.order else "")
    form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
    if not one.is_parted:
        connection.execute(f"COPY ({rows}) TO {target_sql(into / f'{one.name}.parquet')} ({form})")
    elif connection.execute(f"SELECT 1 FROM {one.name} LIMIT 1").fetchone():
        connection.execute(f"COPY ({rows}) TO {target_sql(into / one.name)} ({form}, PARTITION_BY ({PARTED_BY}))")
    else:  # a table without a row has its columns all the same
        part = into / one.name / f"{PARTED_BY}=0"
        part.mkdir(parents=True)
        bare = f"SELECT * EXCLUDE ({PARTED_BY}) FROM {one.name}"
        connection.execute(f"COPY ({bare}) TO {target_sql(part / 'data_0.parquet')} ({form})")


def is_prepared(snapshot: Snapshot) -> bool:
    """Has the snapshot prepared tables that this version can read?"""
    try:
        told = json.loads((snapshot.path / FOLDER / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(told == _about(snapshot.manifest))


def has_prepared(snapshot: Snapshot, one: Prepared) -> bool:
    """Is this prepared table there?"""
    folder = snapshot.path / FOLDER
    return any((folder / one.name).glob("*/*.parquet")) if one.is_parted else (folder / f"{one.name}.parquet").is_file()


def prepared_path(snapshot: Snapshot, one: Prepared) -> Path:
    """Where a prepared table lies: a file, or the folder of its parts."""
    return snapshot.path / FOLDER / (one.name if one.is_parted else f"{one.name}.parquet")


def prepared_sql(snapshot: Snapshot, one: Prepared) -> str:
    """The rows of a prepared table of a snapshot, as what may stand after FROM."""
    path = prepared_path(snapshot, one)
    if not one.is_parted:
        return parquet_sql(path)
    if "=" in str(path.resolve()):  # a folder above would be taken for a part, and overwrite a column
        parts = (_part_sql(part) for part in sorted(path.iterdir()))
        return f"({' UNION ALL '.join(parts)})"
    every = path_sql(path).removesuffix("'") + "/*/*.parquet'"
    return f"read_parquet({every}, hive_partitioning = true, hive_types = {{'{PARTED_BY}': INTEGER}})"


def _part_sql(part: Path) -> str:
    """The rows of one part, whose year its folder's name says."""
    year = int(part.name.removeprefix(f"{PARTED_BY}="))
    return f"SELECT *, CAST({year} AS INTEGER) AS {PARTED_BY} FROM {parquet_sql(*sorted(part.glob('*.parquet')))}"


def prepared_faults(snapshot: Snapshot) -> list[str]:
    """Which prepared tables do not follow from the snapshot's rows? Each is made again, in memory, and held beside it."""
    import duckdb

    if not is_prepared(snapshot):
        return []  # they are not read either
    connection = duckdb.connect()
    connection.execute("SET temp_directory = ''")  # no row is ever spilled to a disk
    connection.execute("SET TimeZone = 'UTC'")
    _open_tables(connection, snapshot.path, snapshot.manifest.tables)
    faults = []
    for one in PREPARED:
        connection.execute(f"CREATE TABLE {one.name} AS {one.text}")
        if one.is_kept and not _is_same(connection, snapshot, one):
            faults.append(f"prepared {one.name}: it does not follow from the snapshot's rows.")
    return faults


def _is_same(connection: Any, snapshot: Snapshot, one: Prepared) -> bool:
    import duckdb

    columns = ", ".join(f'"{row[0]}"' for row in connection.execute(f"DESCRIBE {one.name}").fetchall())
    made = f"SELECT {columns} FROM {one.name}"
    found = f"SELECT {columns} FROM {prepared_sql(snapshot, one)}"
    try:
        return all(
            not connection.execute(f"({a}) EXCEPT ALL ({b}) LIMIT 1").fetchone()
            for a, b in ((made, found), (found, made))
        )
    except duckdb.Error:
        return False
