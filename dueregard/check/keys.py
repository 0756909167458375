"""Rules over several rows and tables: keys once, references met, a stage counted from one source only."""

from __future__ import annotations

from dueregard.check.meaning import same
from dueregard.check.rules import Rule, literal
from dueregard.evidence.raw import named
from dueregard.records.table import Table
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.stages import STAGES

# Beside the declared references: the pupil of a power, a step or an outcome is involved in its contact.
PUPIL_TABLES = ("power_use", "step", "outcome")
MAY_REPEAT = ("involvement", "step", "outcome")  # of pupils who cannot be told apart


def key_hash(table: Table) -> str:
    """SQL for a number that rows with one key share; NULL where rows may repeat. Few others share it.

    Rows of a roll at pupil level share it where census and pupil are the same, whatever else they say.
    """
    if not table.key:
        return "CAST(NULL AS UBIGINT)"
    if table.name == "roll":
        counted = f"hash({same(table, table.key)})"
        by_pupil = f"w.pupil_ref <> '' AND w.pupil_ref <> {literal(NOT_IDENTIFIED)}"
        return f"CASE WHEN {by_pupil} THEN hash(w.census_on, w.pupil_ref) ELSE {counted} END"
    if table.name in MAY_REPEAT:
        return f'CASE WHEN "pupil_ref" <> {literal(NOT_IDENTIFIED)} THEN hash({same(table, table.key)}) END'
    return f"hash({same(table, table.key)})"


def key_rules(table: Table) -> list[Rule]:
    """The same row again; the same key with other content. Asked of the rows `suspect_<table>` whose key stands twice."""
    if not table.key:
        return []
    key, row = same(table, table.key), same(table, table.names)
    numbered = (
        f"SELECT _row, row_number() OVER (PARTITION BY {row} ORDER BY _row) AS nth, "
        f"count(*) OVER (PARTITION BY {row}) AS alike, count(*) OVER (PARTITION BY {key}) AS keyed FROM suspect_{table.name}"
    )
    return [
        Rule("E_DUPLICATE_KEY", table.name, table.key, "", "rows stand here a second time.", "send each row once.",
             "again", f"SELECT _row FROM ({numbered}) WHERE nth > 1 AND alike = keyed"),
        Rule("E_CONFLICT", table.name, table.key, "", "rows share a key and differ: none of them is taken.",
             "decide which row is right.", "differs", f"SELECT _row FROM ({numbered}) WHERE keyed > alike"),
    ]  # fmt: skip


def reference_rules(table: Table) -> list[Rule]:
    """A school or contact that the source does not hold, among the rows that were accepted."""
    return (
        [_reference(table.name, *reference) for reference in table.references] + _pupil_rules(table) + _collected(table)
    )


def _reference(table: str, column: str, target: str, there: str) -> Rule:
    code = "E_UNKNOWN_URN" if target == "school" else "E_UNKNOWN_KEY"
    asked = (column, target, there)
    broken = f"w.{named(column)} <> '' AND {outside(*asked)}"
    return Rule(code, table, (column,), broken, f"values are not among the accepted rows of {target}.",
                f"look for them in {target}, and at its own findings.", f"in_{target}", needs=(target,), reference=asked)  # fmt: skip


def outside(column: str, target: str, there: str) -> str:
    """SQL that is true where a value is not among those of a column of another table."""
    return f"w.{named(column)} NOT IN (SELECT {named(there)} FROM {named(target)})"


def _pupil_rules(table: Table) -> list[Rule]:
    if table.name not in PUPIL_TABLES:
        return []
    rows = (
        f"SELECT _row FROM work_{table.name} AS w WHERE NOT EXISTS (SELECT 1 FROM involvement AS t "
        "WHERE t.contact_ref = w.contact_ref AND t.pupil_ref = w.pupil_ref)"
    )
    return [Rule("E_UNKNOWN_KEY", table.name, ("pupil_ref", "contact_ref"), "", "pupils are not involved in their contact.",
                 "add the row of `involvement`.", "in_involvement", rows, ("involvement",))]  # fmt: skip


def _collected(table: Table) -> list[Rule]:
    if table.name != "collection":
        return []
    asked = ("urn", "school", "urn")
    return [Rule("E_UNKNOWN_URN", "collection", ("urn",), f"w.urn <> '*' AND {outside(*asked)}", "values are not in school.",
                 "a URN, or `*` for all.", "in_school", needs=("school",), reference=asked)]  # fmt: skip


def source_rules(table: Table) -> list[Rule]:
    """A stage that `stage_count` holds has no other source: one rule for each table that may count it too."""
    if table.name != "stage_count":
        return []
    stages_of: dict[str, list[str]] = {}
    for declared in STAGES:
        source = "involvement" if declared.table == "contact" else declared.table
        where = f" WHERE stage = {literal(declared.codes[0])}" if source == "step" else ""
        stages_of.setdefault(source, []).append(
            f"(stage = {literal(declared.code)} AND EXISTS (SELECT 1 FROM {source}{where}))"
        )
    return [
        Rule("E_CONFLICT", "stage_count", ("stage",), "", "stages are counted here and held as rows elsewhere.",
             "give one source for each stage.", f"not_in_{source}",
             f"SELECT _row FROM work_stage_count WHERE {' OR '.join(clauses)}", (source,))
        for source, clauses in stages_of.items()
    ]  # fmt: skip


def missing_tables(tables: tuple[str, ...], declared: tuple[Table, ...]) -> list[tuple[str, str]]:
    """(table, the table that it needs and that is absent)."""
    absent = [
        (t.name, target) for t in declared if t.name in tables for _, target, _ in t.references if target not in tables
    ]
    absent += [(name, "involvement") for name in PUPIL_TABLES if name in tables and "involvement" not in tables]
    return list(dict.fromkeys(absent))
