"""The small facts of a snapshot that reading a question needs, by portable SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dueregard.engines.coverage import NOT_COLLECTED
from dueregard.engines.engine import Facts, Tabulation
from dueregard.engines.plan import COUNTED_COLUMNS
from dueregard.engines.sql import literal
from dueregard.terms.missing import ALL

Query = Callable[[str], list[tuple[Any, ...]]]
ROLL_COLUMNS = (*COUNTED_COLUMNS, "sen_type", "year_group", "is_fsm")


def read_facts(rows: Query, tables: frozenset[str]) -> Facts:
    """The small facts of a snapshot, by a few queries."""
    counted = {(s, u, p) for s, u, p in rows("SELECT DISTINCT stage, unit, period FROM stage_count")}
    stages = sorted({s for s, _, _ in counted})
    spans = rows(
        "SELECT MIN(on_day), MAX(on_day) FROM (SELECT CAST(occurred_at AS DATE) AS on_day FROM contact "
        "UNION ALL SELECT offered_on FROM support) AS dated"
    )[0]
    covered = rows(
        "SELECT subject, MAX(to_on) FROM collection WHERE state IN ('complete', 'nil') GROUP BY subject ORDER BY subject"
    )
    return Facts(
        tables=tables,
        counted=frozenset(counted),
        stage_tabulations=tuple((s, _stage_tabulations(rows, s)) for s in stages),
        roll_tabulations=_tabulations(rows, "roll", ROLL_COLUMNS, "1 = 1"),
        roll_is_by_pupil=bool(rows("SELECT COUNT(*) FROM roll WHERE pupil_ref IS NOT NULL")[0][0]),
        all_are_linked=not rows(
            "SELECT COUNT(*) FROM involvement AS i WHERE i.pupil_ref <> 'not_identified' "
            "AND NOT EXISTS (SELECT 1 FROM roll AS r WHERE r.pupil_ref = i.pupil_ref)"
        )[0][0],
        roll_has_age=bool(rows("SELECT COUNT(*) FROM roll WHERE age_on_31_august IS NOT NULL")[0][0]),
        first_on=spans[0],
        last_on=spans[1],
        covered_to=tuple((s, d) for s, d in covered),
        stage_disabilities=tuple((s, _disabilities(rows, s)) for s in stages),
        term_starts=tuple(
            rows("SELECT academic_year, term, MIN(from_on) FROM calendar GROUP BY academic_year, term ORDER BY 1, 2")
        ),
    )


def _stage_tabulations(rows: Query, code: str) -> tuple[Tabulation, ...]:
    return _tabulations(rows, "stage_count", COUNTED_COLUMNS, f"stage = {literal(code)}")


def _tabulations(rows: Query, table: str, columns: tuple[str, ...], where: str) -> tuple[Tabulation, ...]:
    """A column is split where it holds anything but `all` and `not_collected`."""
    split = [f"MAX(CASE WHEN {c} IN ('all', 'not_collected') THEN 0 ELSE 1 END)" for c in columns]
    names = columns
    if table == "roll":
        split.append("MAX(CASE WHEN age_on_31_august IS NULL THEN 0 ELSE 1 END)")
        names = (*columns, "age_on_31_august")
    found = rows(
        f"SELECT tabulation, {', '.join(split)} FROM {table} WHERE {where} GROUP BY tabulation ORDER BY tabulation"
    )
    return tuple(
        Tabulation(row[0], frozenset(c for c, is_split in zip(names, row[1:], strict=True) if is_split))
        for row in found
    )


def _disabilities(rows: Query, code: str) -> frozenset[str]:
    found = rows(
        f"SELECT DISTINCT disability FROM stage_count WHERE stage = {literal(code)} "
        "AND (tabulation = 'all' OR tabulation LIKE 'all:%')"
    )
    return frozenset(row[0] for row in found) - {ALL, NOT_COLLECTED}
