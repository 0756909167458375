"""What a row breaks decides: refused rows with their codes, typed tables of the others, findings for a person."""

from __future__ import annotations

from typing import Any

from dueregard.check.meaning import code_meant, number_meant, text_meant
from dueregard.check.rules import Rule, literal
from dueregard.evidence.finding import KEPT_LINES, Finding, counted
from dueregard.records.table import Column, Kind, Table


def _typed(table: Table, column: Column, *, has_dual: bool) -> str:
    """A raw value as what it means: spellings resolved, blanks and absent columns given their state."""
    raw = f'w."{column.name}"'
    if column.kind is Kind.CODE:
        told = code_meant(column, raw)
        if has_dual and column.name == "enrolment_status":  # on two rolls: counted at one of them
            return f"CASE WHEN w._row IN (SELECT _row FROM dual_roll) THEN 'S' ELSE {told} END"
        return told
    if column.kind in (Kind.KEY, Kind.TEXT):
        return text_meant(column, raw)
    return number_meant(column, raw)


def accept(connection: Any, table: Table, rules: list[Rule], *, stays: bool, is_last: bool = True) -> None:
    """Make `refused_<table>` and the typed table of the other rows (a view, where the rows stay in a big file).

    is_last: no row is refused after this. Then a view asks for the numbers of rows only where some are refused or on
    two rolls: without numbers, a file is read on every processor.
    """
    codes = ", ".join(f"({n}, {literal(rule.code)})" for n, rule in enumerate(rules) if rule.is_error)
    connection.execute(
        f"CREATE TABLE refused_{table.name} AS SELECT f._row, string_agg(DISTINCT c.code, ' ' ORDER BY c.code) AS codes "
        f"FROM fault_{table.name} AS f JOIN (VALUES {codes}) AS c(rule, code) USING (rule) GROUP BY f._row"
    )
    has_dual = table.name == "roll" and _has_rows(connection, "dual_roll")
    selected = ", ".join(f'{_typed(table, c, has_dual=has_dual)} AS "{c.name}"' for c in table.columns)
    is_whole = is_last and not _has_rows(connection, f"refused_{table.name}")
    but = "" if is_whole else f" WHERE NOT EXISTS (SELECT 1 FROM refused_{table.name} AS r WHERE r._row = w._row)"
    connection.execute(
        f'CREATE {"VIEW" if stays else "TABLE"} "{table.name}" AS SELECT {selected} FROM work_{table.name} AS w{but}'
    )


def _has_rows(connection: Any, name: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is not None


def findings_of(connection: Any, table: Table, rules: list[Rule]) -> list[Finding]:
    """The faults of a table's rows, a finding for each rule, file and column of the source."""
    broken = connection.execute(f"SELECT DISTINCT rule FROM fault_{table.name} ORDER BY rule").fetchall()
    found = []
    for (n,) in broken:
        rows = f"SELECT DISTINCT _row FROM fault_{table.name} WHERE rule = {n}"
        found += told_of(connection, rules[n], rows)
    return found


def told_of(connection: Any, rule: Rule, rows: str) -> list[Finding]:
    """The rows that break one rule, a finding for each file and column of the source."""
    if rule.only_if and not connection.execute(rule.only_if).fetchone():
        return []
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS SELECT DISTINCT _row FROM ({rows})")
    if not connection.execute("SELECT count(*) FROM told").fetchone()[0]:
        return []
    found = connection.execute(
        f"SELECT _file, {'NULL' if rule.of_whole else '_column'} AS _column, count(*), min(_line, {KEPT_LINES}) FROM place_{rule.table} "
        "WHERE _row IN (SELECT _row FROM told) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        Finding(rule.code, file, rule.table, column or rule.column, tuple(dict.fromkeys(lines)),
                counted(n, rule.message), rule.try_this, n, rule.id)
        for file, column, n, lines in found
    ]  # fmt: skip
