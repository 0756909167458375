"""One pass over the raw rows of a table: which rules does each row break, and which rows share a key?

A big file is read where it lies, once: what is kept of a row is its number, a hash of its key and whether it breaks
a rule. Only rows whose hashes meet are compared in full.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from dueregard.check.keys import key_hash
from dueregard.check.known import broken, broken_by_look, without_joins
from dueregard.check.rules import Rule
from dueregard.evidence.raw import big_parts, is_one_file, named, quoted, raw_rows
from dueregard.records.table import Table

BATCH = 50_000
HALF = np.uint64(1 << 63)  # of the range of a hash


def rows_by_file(connection: Any, table: Table) -> list[tuple[str, int]]:
    """How many raw rows has each file?"""
    return list(connection.execute(f"SELECT _file, count(*) FROM place_{table.name} GROUP BY _file").fetchall())


def open_rows(connection: Any, table: Table) -> bool:
    """Give the raw rows a number, as `work_<table>`. True: they stay in a big file."""
    parts = big_parts(connection, f"raw_{table.name}")
    row = (
        "_line" if is_one_file(connection, f"raw_{table.name}") else "row_number() OVER ()"
    )  # one file: its line says enough
    kind = "VIEW" if parts else "TABLE"
    connection.execute(
        f"CREATE {kind} work_{table.name} AS SELECT {row} AS _row, * FROM ({raw_rows(connection, f'raw_{table.name}')})"
    )
    return bool(parts)


def scan(connection: Any, table: Table, rules: list[Rule], *, stays: bool) -> None:
    """Make `scan_<table>` (row, hash, broken or not) and `fault_<table>` (row, number of the rule that it breaks).

    Which rules a row breaks is asked only of rows that break one. stays: the rows are in a big file, which is read in its
    order without asking for a number of a row, where the database keeps that order: numbers have it read on one processor.
    """
    if stays:
        rules = without_joins(connection, rules)
        breaks = broken_by_look(connection, table, rules)
        _judge_where_it_lies(connection, table, breaks)
    else:
        breaks = broken(rules)
        connection.execute(
            f"CREATE TABLE scan_{table.name} AS SELECT _row, {key_hash(table)} AS _key, {breaks} AS _broken FROM work_{table.name} AS w"
        )
        connection.execute(
            f"CREATE VIEW place_{table.name} AS SELECT _row, _file, _line, _column FROM work_{table.name}"
        )
    connection.execute(f"CREATE TABLE fault_{table.name} (_row BIGINT, rule INTEGER)")
    some = f"SELECT _row FROM scan_{table.name} WHERE _broken"
    if not connection.execute(f"{some} LIMIT 1").fetchone():
        return
    numbers = ", ".join(f"CASE WHEN {rule.predicate} THEN {n} END" for n, rule in enumerate(rules))
    numbers = f"list_filter([{numbers}], lambda n: n IS NOT NULL) AS numbers"
    if stays:
        _pick(connection, table, numbers, breaks)
    else:
        connection.execute(
            f"CREATE TABLE broken AS SELECT _row, {numbers} FROM work_{table.name} AS w WHERE _row IN ({some})"
        )
    connection.execute(f"INSERT INTO fault_{table.name} SELECT _row, unnest(numbers) FROM broken")
    connection.execute("DROP TABLE broken")


def _judge_where_it_lies(connection: Any, table: Table, breaks: str) -> None:
    """Make `judged_<table>` of a big file, and the views `scan_<table>` and `place_<table>`: its rows, and where each stands."""
    first = connection.execute(f"SELECT _row, _file FROM work_{table.name} LIMIT 1").fetchone() or (1, "")
    asked = f"{key_hash(table)} AS _key, {breaks} AS _broken FROM work_{table.name} AS w"
    number = f"rowid + {first[0]}"
    if not keeps_order(connection, f"SELECT {asked}"):
        asked, number = f"_row, {asked}", "_row"
    connection.execute(f"CREATE TABLE judged_{table.name} AS SELECT {asked}")
    connection.execute(
        f"CREATE VIEW scan_{table.name} AS SELECT {number} AS _row, _key, _broken FROM judged_{table.name}"
    )
    if is_one_file(connection, f"raw_{table.name}"):
        where = f"{number} AS _row, {quoted(first[1])} AS _file, {number} AS _line, CAST(NULL AS VARCHAR) AS _column FROM judged_{table.name}"
    else:
        where = f"_row, _file, _line, _column FROM work_{table.name}"
    connection.execute(f"CREATE VIEW place_{table.name} AS SELECT {where}")


def keeps_order(connection: Any, query: str) -> bool:
    """Does the database give the rows of this query in the order in which they stand? Not where its plan holds a join.

    It makes joins of other things as well: of a list of more than a few values, for one.
    """
    plan = " ".join(str(row[1]) for row in connection.execute(f"EXPLAIN {query}").fetchall())
    return "join" not in plan.casefold()


def _pick(connection: Any, table: Table, numbers: str, breaks: str) -> None:
    """Make `broken`: the broken rows of a big file, each read with its number, and the numbers of the rules it breaks.

    Raises RuntimeError if a row has another key in this reading than in the one before: a number of another row is never told.
    """
    connection.execute(
        f"CREATE TEMP TABLE picked AS SELECT _row, {key_hash(table)} AS _picked, {numbers} FROM work_{table.name} AS w WHERE {breaks}"
    )
    astray = "s._row IS NULL OR p._row IS NULL OR s._key IS DISTINCT FROM p._picked"
    paired = f"(SELECT * FROM scan_{table.name} WHERE _broken) AS s FULL JOIN picked AS p ON p._row = s._row"
    if connection.execute(f"SELECT 1 FROM {paired} WHERE {astray} LIMIT 1").fetchone():
        raise RuntimeError(f"the rows of {table.name} did not come in the order of their file")
    connection.execute("CREATE TABLE broken AS SELECT _row, numbers FROM picked; DROP TABLE picked")


def take_meeting(connection: Any, table: Table) -> int:
    """Copy the rows whose hash stands twice into `suspect_<table>`; how many are they?"""
    column = connection.execute(f"SELECT _key FROM scan_{table.name} WHERE _key IS NOT NULL").fetchnumpy()["_key"]
    twice = _twice(np.asarray(column, dtype=np.uint64))
    columns = ", ".join(named(name) for name in table.names)
    taken = f"CREATE TABLE suspect_{table.name} AS SELECT _row, {columns} FROM work_{table.name}"
    if not len(twice):
        connection.execute(f"{taken} LIMIT 0")
        return 0
    connection.execute("CREATE OR REPLACE TEMP TABLE meeting (_hash UBIGINT)")
    for first in range(0, len(twice), BATCH):
        values = [int(x) for x in twice[first : first + BATCH]]
        connection.execute("INSERT INTO meeting SELECT unnest($values::UBIGINT[])", {"values": values})
    met = f"SELECT _row FROM scan_{table.name} WHERE _key IN (SELECT _hash FROM meeting)"
    connection.execute(f"{taken} WHERE _row IN ({met})")
    strange = (
        f"SELECT 1 FROM suspect_{table.name} AS w WHERE {key_hash(table)} NOT IN (SELECT _hash FROM meeting) LIMIT 1"
    )
    if connection.execute(strange).fetchone():
        raise RuntimeError(f"the rows of {table.name} did not come in the order of their file")
    return int(connection.execute(f"SELECT count(*) FROM suspect_{table.name}").fetchone()[0])


def _twice(hashes: np.ndarray) -> np.ndarray:
    """Which hashes stand more than once? In order. Each half of their range is sorted on a processor of its own."""
    is_low = hashes < HALF
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(_twice_in_order, (hashes[is_low], hashes[~is_low]))))


def _twice_in_order(hashes: np.ndarray) -> np.ndarray:
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
