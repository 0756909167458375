"""How many rows changed between two snapshots, by table, column and school? Integers only; no row leaves.

The rows of both are compared as multisets. What one snapshot has more than the other is paired by its key: a pair is a
changed row, the rest are removed or added. Rows that share a key (of pupils who were not identified) are paired in
the order of their content.
"""

from __future__ import annotations

from typing import Any

from dueregard.engines.duckdb import locked_connection
from dueregard.engines.open import threads_asked
from dueregard.evidence.difference import SchoolChange, TableChange
from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.snapshot import Snapshot
from dueregard.records.table import Table
from dueregard.records.tables import TABLES

# A roll at pupil level has a row a pupil: its characteristics, which belong to the key of a counted roll, may change.
BY_PUPIL = {"roll": ("urn", "census_on", "pupil_ref", "tabulation")}
# (column, table, column there, that table's school): where a table's school is found if it has no `urn` of its own.
SCHOOL_THROUGH = {"contact_ref": "contact", "posting_ref": "posting"}
SIDES = ("before", "after")


def table_changes(before: Snapshot, after: Snapshot) -> tuple[TableChange, ...]:
    """What changed in each table; tables whose rows and columns are the same are not listed."""
    connection = locked_connection([before.path, after.path], threads=threads_asked())
    pair = dict(zip(SIDES, (before, after), strict=True))
    _open(connection, pair)
    found = (
        _table_change(connection, pair, table) for table in TABLES if any(s.has(table.name) for s in pair.values())
    )
    return tuple(change for change in found if _says_something(change))


def _open(connection: Any, pair: dict[str, Snapshot]) -> None:
    """Views `before_contact`, `after_contact`; a table that a snapshot lacks has no row."""
    for side, snapshot in pair.items():
        for table in TABLES:
            if snapshot.has(table.name):
                rows = f"SELECT {_listed(table)} FROM {parquet_sql(snapshot.file(table.name))}"
            else:
                blank = ", ".join(f'CAST(NULL AS {c.sql_type}) AS "{c.name}"' for c in table.columns)
                rows = f"SELECT {blank} WHERE 1 = 0"
            connection.execute(f"CREATE VIEW {side}_{table.name} AS {rows}")


def _listed(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.names)


def _says_something(change: TableChange) -> bool:
    return bool(
        change.added or change.removed or change.changed or change.is_new or change.is_gone
        or change.appeared or change.disappeared
    )  # fmt: skip


def _table_change(connection: Any, pair: dict[str, Snapshot], table: Table) -> TableChange:
    before, after = (pair[side].manifest for side in SIDES)
    had, has = (set(m.columns.get(table.name, ())) for m in (before, after))
    is_new, is_gone = table.name not in before.tables, table.name not in after.tables
    counts = (0, 0, 0)
    columns: tuple[tuple[str, int], ...] = ()
    schools: tuple[SchoolChange, ...] = ()
    if before.tables.get(table.name) != after.tables.get(table.name):
        _make_differences(connection, table)
        counts, columns = _counts(connection), _columns(connection, table)
        schools = _schools(connection)
    return TableChange(
        table.name, before.rows.get(table.name, 0), after.rows.get(table.name, 0), *counts,
        is_keyed=bool(table.key), is_new=is_new, is_gone=is_gone, columns=columns, schools=schools,
        appeared=() if is_new or is_gone else tuple(sorted(has - had)),
        disappeared=() if is_new or is_gone else tuple(sorted(had - has)),
    )  # fmt: skip


def _make_differences(connection: Any, table: Table) -> None:
    """Scratch tables of what each side has more: its key, its number among equal keys, its school, its columns."""
    columns = _listed(table)
    for side, other in (SIDES, SIDES[::-1]):
        more = f"SELECT {columns} FROM {side}_{table.name} EXCEPT ALL SELECT {columns} FROM {other}_{table.name}"
        keyed = f"SELECT {_key_sql(table)} AS _key, {_school_sql(table, side)} AS _school, d.* FROM ({more}) AS d"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE more_{side} AS SELECT *, "
            f"row_number() OVER (PARTITION BY _key ORDER BY {columns}) AS _nth FROM ({keyed}) AS k"
        )


def _key_sql(table: Table) -> str:
    whole = _text_sql(table.key or table.names)
    if table.name not in BY_PUPIL:
        return whole
    return f'CASE WHEN d."pupil_ref" IS NULL THEN {whole} ELSE {_text_sql(BY_PUPIL[table.name])} END'


def _text_sql(columns: tuple[str, ...]) -> str:
    """Columns as one text. No value can hold the separators: control characters are refused at the door."""
    fields = ", ".join(f'COALESCE(CAST(d."{name}" AS VARCHAR), chr(30))' for name in columns)
    return f"concat_ws(chr(31), {fields})"


def _school_sql(table: Table, side: str) -> str:
    """The school of a row: its own, or that of its contact or posting in the same snapshot."""
    if "urn" in table.names:
        return 'd."urn"'
    for column, through in SCHOOL_THROUGH.items():
        if column in table.names:
            return f'(SELECT MIN(t.urn) FROM {side}_{through} AS t WHERE t."{column}" = d."{column}")'
    return "CAST(NULL AS VARCHAR)"


PAIRS = "more_before AS b JOIN more_after AS a ON a._key = b._key AND a._nth = b._nth"


def _counts(connection: Any) -> tuple[int, int, int]:
    """(added, removed, changed)."""
    found = [connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
             for rows in ("more_after", "more_before", PAIRS)]  # fmt: skip
    return found[0] - found[2], found[1] - found[2], found[2]


def _columns(connection: Any, table: Table) -> tuple[tuple[str, int], ...]:
    sums = ", ".join(
        f'CAST(COALESCE(SUM(CASE WHEN a."{c}" IS DISTINCT FROM b."{c}" THEN 1 ELSE 0 END), 0) AS BIGINT)'
        for c in table.names
    )
    row = connection.execute(f"SELECT {sums} FROM {PAIRS}").fetchone()
    return tuple((name, n) for name, n in zip(table.names, row, strict=True) if n)


def _schools(connection: Any) -> tuple[SchoolChange, ...]:
    """Rows by school. A changed row counts at the school that it has now."""
    rows = connection.execute(
        "SELECT school, CAST(SUM(added) AS BIGINT), CAST(SUM(removed) AS BIGINT), CAST(SUM(changed) AS BIGINT) FROM ("
        f"SELECT a._school AS school, 0 AS added, 0 AS removed, 1 AS changed FROM {PAIRS} "
        "UNION ALL SELECT a._school, 1, 0, 0 FROM more_after AS a WHERE NOT EXISTS "
        "(SELECT 1 FROM more_before AS b WHERE a._key = b._key AND a._nth = b._nth) "
        "UNION ALL SELECT b._school, 0, 1, 0 FROM more_before AS b WHERE NOT EXISTS "
        "(SELECT 1 FROM more_after AS a WHERE a._key = b._key AND a._nth = b._nth)"
        ") AS x GROUP BY school ORDER BY school NULLS LAST"
    ).fetchall()
    found = [SchoolChange(*row) for row in rows]
    return () if all(school.urn is None for school in found) else tuple(found)
