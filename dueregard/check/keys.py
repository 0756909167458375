"""Rules over several rows and tables: keys once, references met, a stage counted from one source only."""

from __future__ import annotations

from typing import Any

from dueregard.check.rules import Rule, literal
from dueregard.records.table import Table
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.stages import STAGES

# Beside the declared references: the pupil of a power, a step or an outcome is involved in its contact.
PUPIL_TABLES = ("power_use", "step", "outcome")


def _same(columns: tuple[str, ...]) -> str:
    return ", ".join(f"COALESCE(\"{c}\", '')" for c in columns)


def duplicate_faults(connection: Any, table: Table) -> list[tuple[Rule, str]]:
    """(rule, SQL of the row numbers that break it): the same row again; the same key with other content."""
    if not table.key:
        return []
    may_repeat = table.name in ("involvement", "step", "outcome")  # of pupils who cannot be told apart
    known = f' WHERE "pupil_ref" <> {literal(NOT_IDENTIFIED)}' if may_repeat else ""
    key, row = _same(table.key), _same(table.names)
    numbered = (
        f"SELECT _row, row_number() OVER (PARTITION BY {row} ORDER BY _row) AS nth, "
        f"count(*) OVER (PARTITION BY {row}) AS alike, count(*) OVER (PARTITION BY {key}) AS keyed FROM work_{table.name}{known}"
    )
    same = Rule(
        "E_DUPLICATE_KEY", table.name, table.key[0], "", "rows stand here a second time.", "send each row once."
    )
    other = Rule("E_CONFLICT", table.name, table.key[0], "", "rows share a key and differ: none of them is taken.",
                 "decide which row is right.")  # fmt: skip
    return [
        (same, f"SELECT _row FROM ({numbered}) WHERE nth > 1 AND alike = keyed"),
        (other, f"SELECT _row FROM ({numbered}) WHERE keyed > alike"),
    ]


def reference_faults(table: Table, tables: tuple[str, ...]) -> list[tuple[Rule, str]]:
    """(rule, SQL of rows): a school or contact that the source does not hold, among the rows that were accepted."""
    found = []
    for column, target, there in table.references:
        if target not in tables:
            continue
        code = "E_UNKNOWN_URN" if target == "school" else "E_UNKNOWN_KEY"
        rule = Rule(
            code,
            table.name,
            column,
            "",
            f"values are not in {target}, or were refused there.",
            f"look for them in {target}, and at its own findings.",
        )
        found.append((rule, f'SELECT _row FROM work_{table.name} AS w WHERE w."{column}" <> \'\' AND NOT EXISTS '
                            f'(SELECT 1 FROM "{target}" AS t WHERE t."{there}" = w."{column}")'))  # fmt: skip
    if table.name in PUPIL_TABLES and "involvement" in tables:
        rule = Rule("E_UNKNOWN_KEY", table.name, "pupil_ref", "", "pupils are not involved in their contact.",
                    "add the row of `involvement`.")  # fmt: skip
        found.append((rule, f"SELECT _row FROM work_{table.name} AS w WHERE NOT EXISTS (SELECT 1 FROM involvement AS t "
                            "WHERE t.contact_ref = w.contact_ref AND t.pupil_ref = w.pupil_ref)"))  # fmt: skip
    if table.name == "collection" and "school" in tables:
        rule = Rule("E_UNKNOWN_URN", "collection", "urn", "", "values are not in school.", "a URN, or `*` for all.")
        found.append((rule, "SELECT _row FROM work_collection AS w WHERE w.urn <> '*' AND NOT EXISTS "
                            "(SELECT 1 FROM school AS t WHERE t.urn = w.urn)"))  # fmt: skip
    return found


def source_faults(table: Table, tables: tuple[str, ...]) -> list[tuple[Rule, str]]:
    """A stage that `stage_count` holds has no other source."""
    if table.name != "stage_count":
        return []
    rule = Rule("E_CONFLICT", "stage_count", "stage", "", "stages are counted here and held as rows elsewhere.",
                "give one source for each stage.")  # fmt: skip
    clauses = []
    for declared in STAGES:
        source = "involvement" if declared.table == "contact" else declared.table
        if source in tables:
            where = f" WHERE stage = {literal(declared.codes[0])}" if source == "step" else ""
            clauses.append(f"(stage = {literal(declared.code)} AND EXISTS (SELECT 1 FROM {source}{where}))")
    if not clauses:
        return []
    return [(rule, f"SELECT _row FROM work_stage_count WHERE {' OR '.join(clauses)}")]


def missing_tables(tables: tuple[str, ...], declared: tuple[Table, ...]) -> list[tuple[str, str]]:
    """(table, the table that it needs and that is absent)."""
    absent = [
        (t.name, target) for t in declared if t.name in tables for _, target, _ in t.references if target not in tables
    ]
    absent += [(name, "involvement") for name in PUPIL_TABLES if name in tables and "involvement" not in tables]
    return list(dict.fromkeys(absent))
