"""How much of each column is known, by broad ethnic group? Missingness differs by group, and is itself a finding."""

from __future__ import annotations

from typing import Any

from dueregard.check.rules import literal
from dueregard.evidence.cells import Known
from dueregard.records.table import Column, Kind, Table
from dueregard.terms.ethnicity import COUNTED_LISTS, OBSERVED_LISTS, SELF_DEFINED_LISTS, broad_groups
from dueregard.terms.missing import ALL, Missing

GROUPED_BY = {
    "involvement": "self_defined_ethnicity",
    "roll": "ethnicity",
    "stage_count": "ethnicity",
    "sanction": "ethnicity",
}
WAYS = tuple(str(way) for way in Missing)
STATES = (*WAYS, "unknown", ALL)


def completeness_of(connection: Any, tables: tuple[Table, ...]) -> tuple[Known, ...]:
    """Rows of every table with an ethnicity, column by column: known, unknown, or one of the four ways of missing.

    One row counts once (a row of a counted roll may stand for many pupils). `all` is no missing value and not counted.
    """
    found: list[Known] = []
    for table in tables:
        if table.name in GROUPED_BY:
            found += _table(connection, table, GROUPED_BY[table.name])
    return tuple(sorted(found))


def _table(connection: Any, table: Table, grouped_by: str) -> list[Known]:
    columns = [c for c in table.columns if c.kind is Kind.CODE and c.characteristic]
    selected = ", ".join(_told(c) for c in columns)
    names = ", ".join(c.name for c in columns)
    cells = connection.execute(
        f'SELECT code, {names}, count(*) FROM (SELECT "{grouped_by}" AS code, {selected} FROM {table.name}) GROUP BY code, {names}'
    ).fetchall()
    groups = broad_groups(SELF_DEFINED_LISTS if grouped_by == "self_defined_ethnicity" else COUNTED_LISTS)
    counts: dict[tuple[str, str, str], int] = {}
    for code, *told, n in cells:
        group = groups.get(code, str(Missing.NOT_RECORDED))
        for column, word in zip(columns, told, strict=True):
            state = _state(column, word)
            if state != ALL:
                counts[(column.name, group, state)] = counts.get((column.name, group, state), 0) + n
    return [Known(table.name, column, group, state, n) for (column, group, state), n in counts.items()]


def _told(column: Column) -> str:
    """SQL for what a column tells of being known: of ethnicity the code itself, which may be one for missing."""
    if "ethnicity" in column.name:
        return column.name
    kept = ", ".join(literal(word) for word in STATES)
    return f"CASE WHEN {column.name} IN ({kept}) THEN {column.name} ELSE 'known' END AS {column.name}"


def _state(column: Column, word: str) -> str:
    """known, unknown, all, or a way of missing; codes such as REFU and NS are ways of missing too."""
    if "ethnicity" not in column.name or word in STATES:
        return word
    group = broad_groups(OBSERVED_LISTS if column.name == "observed_ethnicity" else column.lists).get(word, "known")
    return group if group in WAYS else "known"
