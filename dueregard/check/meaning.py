"""What a raw text means, as SQL: spellings resolved, blanks and absent columns given their state.

The typed rows and the comparison of keys both ask here, so that two rows which are stored alike are one key.
"""

from __future__ import annotations

from dueregard.check.rules import literal
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.terms.missing import Missing


def code_meant(column: Column, raw: str) -> str:
    """SQL for the code that a raw text is stored as."""
    absent = literal(column.default) if column.default else literal(Missing.NOT_COLLECTED)
    blank = literal(column.default) if column.default else literal(Missing.NOT_RECORDED)
    spelled = "".join(f" WHEN {raw} = {literal(a)} THEN {literal(b)}" for a, b in column.aliases)
    return f"CASE WHEN {raw} IS NULL THEN {absent} WHEN {raw} = '' THEN {blank}{spelled} ELSE {raw} END"


def text_meant(column: Column, raw: str) -> str:
    """The same for a reference or a name."""
    return f"COALESCE(NULLIF({raw}, ''), {literal(column.default)})" if column.default else f"NULLIF({raw}, '')"


def number_meant(column: Column, raw: str) -> str:
    """The same for a number or a day; NULL for what is none.

    In a view over a big file the database may take a value for its type before it leaves out the refused rows. What is
    no such value is never accepted, and a fault of the database here would quote it.
    """
    return f"TRY_CAST(NULLIF({raw}, '') AS {column.sql_type})"


def same(table: Table, columns: tuple[str, ...]) -> str:
    """SQL for a list of raw columns in which values that are stored alike are alike.

    A layout's own columns are compared as they are written: what they mean is for its mapping to say.
    """
    return ", ".join(_alike(table, name) for name in columns)


def _alike(table: Table, name: str) -> str:
    raw, column = f'"{name}"', table.column(name)
    if table.name not in TABLE_NAMES or column.kind is Kind.DATE:  # a day has one spelling
        return f"COALESCE({raw}, '')"
    if column.kind is Kind.CODE:
        is_plain = not (column.blank or column.optional or column.characteristic or column.aliases or column.default)
        return f"COALESCE({raw}, '')" if is_plain else code_meant(column, raw)
    if column.kind in (Kind.KEY, Kind.TEXT):
        return f"COALESCE({text_meant(column, raw)}, '')" if column.default else f"COALESCE({raw}, '')"
    return f"COALESCE(CAST({number_meant(column, raw)} AS VARCHAR), {raw}, '')"
