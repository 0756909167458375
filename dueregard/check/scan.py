"""One pass over the raw rows of a table: which rules does each row break, and which rows share a key?

A big file is read where it lies, once: what is kept of a row is its number, a hash of its key and whether it breaks
a rule. Only rows whose hashes meet are compared in full.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dueregard.check.keys import key_hash
from dueregard.check.rules import Rule
from dueregard.evidence.raw import big_parts, raw_rows
from dueregard.records.table import Table

BATCH = 50_000


def _is_one_big_file(connection: Any, table: Table) -> bool:
    parts = big_parts(connection, f"raw_{table.name}")
    return len(parts) == 1 and not connection.execute(f'SELECT count(*) FROM "raw_{table.name}"').fetchone()[0]


def rows_by_file(connection: Any, table: Table) -> list[tuple[str, int]]:
    """How many raw rows has each file? One big file is not read again for it."""
    if not _is_one_big_file(connection, table):
        return list(connection.execute(f"SELECT _file, count(*) FROM work_{table.name} GROUP BY _file").fetchall())
    file = connection.execute(f"SELECT _file FROM work_{table.name} LIMIT 1").fetchone()
    return [(file[0], connection.execute(f"SELECT count(*) FROM scan_{table.name}").fetchone()[0])] if file else []


def open_rows(connection: Any, table: Table) -> bool:
    """Give the raw rows a number, as `work_<table>`. True: they stay in a big file."""
    parts = big_parts(connection, f"raw_{table.name}")
    row = "_line" if _is_one_big_file(connection, table) else "row_number() OVER ()"  # one file: its line says enough
    kind = "VIEW" if parts else "TABLE"
    connection.execute(
        f"CREATE {kind} work_{table.name} AS SELECT {row} AS _row, * FROM ({raw_rows(connection, f'raw_{table.name}')})"
    )
    return bool(parts)


def scan(connection: Any, table: Table, rules: list[Rule]) -> None:
    """Make `scan_<table>` (row, hash, broken or not) and `fault_<table>` (row, number of the rule that it breaks).

    Which rules a row breaks is asked only of rows that break one.
    """
    broken = " OR ".join(f"({rule.predicate})" for rule in rules) or "false"
    connection.execute(
        f"CREATE TABLE scan_{table.name} AS SELECT _row, {key_hash(table)} AS _key, COALESCE({broken}, false) AS _broken "
        f"FROM work_{table.name} AS w"
    )
    connection.execute(f"CREATE TABLE fault_{table.name} (_row BIGINT, rule INTEGER)")
    some = f"SELECT _row FROM scan_{table.name} WHERE _broken"
    if not connection.execute(f"{some} LIMIT 1").fetchone():
        return
    numbers = ", ".join(f"CASE WHEN {rule.predicate} THEN {n} END" for n, rule in enumerate(rules))
    connection.execute(
        f"INSERT INTO fault_{table.name} SELECT _row, unnest(numbers) FROM (SELECT _row, "
        f"list_filter([{numbers}], lambda n: n IS NOT NULL) AS numbers FROM work_{table.name} AS w WHERE _row IN ({some}))"
    )


def take_meeting(connection: Any, table: Table) -> int:
    """Copy the rows whose hash stands twice into `suspect_<table>`; how many are they?"""
    column = connection.execute(f"SELECT _key FROM scan_{table.name} WHERE _key IS NOT NULL").fetchnumpy()["_key"]
    hashes = np.sort(np.asarray(column, dtype=np.uint64))
    twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    connection.execute("CREATE OR REPLACE TEMP TABLE meeting (_hash UBIGINT)")
    for first in range(0, len(twice), BATCH):
        values = [int(x) for x in twice[first : first + BATCH]]
        connection.execute("INSERT INTO meeting SELECT unnest($values::UBIGINT[])", {"values": values})
    met = f"SELECT _row FROM scan_{table.name} WHERE _key IN (SELECT _hash FROM meeting)"
    source = f"work_{table.name} WHERE _row IN ({met})" if len(twice) else f"work_{table.name} LIMIT 0"
    connection.execute(f"CREATE TABLE suspect_{table.name} AS SELECT * FROM {source}")
    return int(connection.execute(f"SELECT count(*) FROM suspect_{table.name}").fetchone()[0])
