"""Check: from an Intake to typed, accepted rows and a report a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dueregard.check.keys import duplicate_faults, missing_tables, reference_faults, source_faults
from dueregard.check.rules import Rule, literal, rules_of
from dueregard.check.warnings import table_warnings
from dueregard.evidence.finding import FileReport, Finding, counted
from dueregard.evidence.intake import Checked, Intake
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLES
from dueregard.terms.missing import Missing


def check(intake: Intake, *, today: date, progress: Callable[[str], None] = lambda _: None) -> Checked:
    """Which rows are accepted, and what is wrong with the others?

    Makes a typed table `<table>` of the accepted rows of each raw one. Every fault is found in one pass.
    """
    declared = tuple(t for t in TABLES if t.name in intake.tables)
    names = tuple(t.name for t in declared)
    findings = list(intake.findings)
    for absent_from, target in missing_tables(names, declared):
        findings.append(Finding("E_MISSING_TABLE", f"{target}.csv", absent_from, "", (),
                                f"`{absent_from}` refers to `{target}`, and no such table could be read.", f"add {target}.csv."))  # fmt: skip
    for table in declared:
        progress(table.name)
        findings += _check_table(intake.connection, table, names, today)
    findings += table_warnings(intake.connection, names)
    return Checked(intake, _reports(intake, declared, findings))


def _check_table(connection: Any, table: Table, names: tuple[str, ...], today: date) -> list[Finding]:
    connection.execute(
        f"CREATE TABLE work_{table.name} AS SELECT row_number() OVER () AS _row, * FROM raw_{table.name}"
    )
    rules = rules_of(table, today)
    connection.execute(f"CREATE TABLE fault_{table.name} (_row BIGINT, rule INTEGER)")
    _row_faults(connection, table, rules)
    across = [*duplicate_faults(connection, table), *reference_faults(table, names), *source_faults(table, names)]
    for rule, rows in across:
        connection.execute(f"INSERT INTO fault_{table.name} SELECT _row, {len(rules)} FROM ({rows})")
        rules.append(rule)
    _accept(connection, table, rules)
    return _findings(connection, table, rules)


def _row_faults(connection: Any, table: Table, rules: list[Rule]) -> None:
    broken = ", ".join(f"CASE WHEN {rule.predicate} THEN {n} END" for n, rule in enumerate(rules))
    connection.execute(
        f"INSERT INTO fault_{table.name} SELECT _row, unnest(rules) FROM (SELECT _row, "
        f"list_filter([{broken}], lambda x: x IS NOT NULL) AS rules FROM work_{table.name}) WHERE len(rules) > 0"
    )


def _typed(column: Column) -> str:
    """A raw value as what it means: spellings resolved, blanks and absent columns given their state."""
    raw = f'w."{column.name}"'
    if column.kind is Kind.CODE:
        absent = literal(column.default) if column.default else literal(Missing.NOT_COLLECTED)
        blank = literal(column.default) if column.default else literal(Missing.NOT_RECORDED)
        spelled = " ".join(f"WHEN {raw} = {literal(a)} THEN {literal(b)}" for a, b in column.aliases)
        return f"CASE WHEN {raw} IS NULL THEN {absent} WHEN {raw} = '' THEN {blank} {spelled} ELSE {raw} END"
    if column.kind in (Kind.KEY, Kind.TEXT):
        return f"COALESCE(NULLIF({raw}, ''), {literal(column.default)})" if column.default else f"NULLIF({raw}, '')"
    return f"CAST(NULLIF({raw}, '') AS {column.sql_type})"


def _accept(connection: Any, table: Table, rules: list[Rule]) -> None:
    codes = ", ".join(f"({n}, {literal(rule.code)})" for n, rule in enumerate(rules) if rule.is_error)
    connection.execute(
        f"CREATE TABLE refused_{table.name} AS SELECT f._row, string_agg(DISTINCT c.code, ' ' ORDER BY c.code) AS codes "
        f"FROM fault_{table.name} AS f JOIN (VALUES {codes}) AS c(rule, code) USING (rule) GROUP BY f._row"
    )
    selected = ", ".join(f'{_typed(c)} AS "{c.name}"' for c in table.columns)
    connection.execute(
        f'CREATE TABLE "{table.name}" AS SELECT {selected} FROM work_{table.name} AS w '
        f"WHERE NOT EXISTS (SELECT 1 FROM refused_{table.name} AS r WHERE r._row = w._row)"
    )


def _findings(connection: Any, table: Table, rules: list[Rule]) -> list[Finding]:
    rows = connection.execute(
        f"SELECT f.rule, w._file, w._column, list(CAST(w._line AS BIGINT) ORDER BY CAST(w._line AS BIGINT)) "
        f"FROM (SELECT DISTINCT _row, rule FROM fault_{table.name}) AS f JOIN work_{table.name} AS w USING (_row) "
        "GROUP BY f.rule, w._file, w._column ORDER BY f.rule, w._file, w._column"
    ).fetchall()
    return [
        Finding(rules[n].code, file, table.name, column or rules[n].column, tuple(dict.fromkeys(lines)),
                counted(len(lines), rules[n].message), rules[n].try_this)
        for n, file, column, lines in rows
    ]  # fmt: skip


def _reports(intake: Intake, declared: tuple[Table, ...], findings: list[Finding]) -> tuple[FileReport, ...]:
    """Accepted + rejected = read, a file and a table."""
    counts: dict[tuple[str, str], list[int]] = {}
    for file in intake.files:
        counts.setdefault((file.file, file.table), [0, 0])
    for file_name, table_name, _ in intake.rejected:
        counts[(file_name, table_name)][1] += 1
    for table in declared:
        rows = intake.connection.execute(
            f"SELECT w._file, count(*) FILTER (r._row IS NULL), count(r._row) FROM work_{table.name} AS w "
            f"LEFT JOIN refused_{table.name} AS r USING (_row) GROUP BY w._file"
        ).fetchall()
        for file_name, accepted, refused in rows:
            count = counts.setdefault((file_name, table.name), [0, 0])
            count[0] += accepted
            count[1] += refused
    for finding in findings:
        counts.setdefault((finding.file, finding.table), [0, 0])
    return tuple(
        FileReport(file, table, accepted, rejected, tuple(f for f in findings if (f.file, f.table) == (file, table)))
        for (file, table), (accepted, rejected) in counts.items()
    )
