"""The small facts of a snapshot that reading a question needs, by portable SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dueregard.engines.coverage import NOT_COLLECTED
from dueregard.engines.engine import Facts, Tabulation, tally_of
from dueregard.engines.plan import COUNTED_COLUMNS, TALLY_SPLITS
from dueregard.engines.sql import literal
from dueregard.engines.sql_prepared import ROLL_COLUMNS
from dueregard.terms.missing import ALL

Query = Callable[[str], list[tuple[Any, ...]]]
ROLL_SPLIT = (*ROLL_COLUMNS, "age_on_31_august")


def read_facts(rows: Query, tables: frozenset[str]) -> Facts:
    """The small facts of a snapshot, by a few queries."""
    counted = {(s, u, p) for s, u, p in rows("SELECT DISTINCT stage, unit, period FROM stage_count")}
    stages = sorted({s for s, _, _ in counted})
    n_unlinked, first_on, last_on = rows("SELECT n_unlinked, first_on, last_on FROM fact")[0]
    splits = rows(f"SELECT tabulation, n_by_pupil, {', '.join(ROLL_SPLIT)} FROM roll_split ORDER BY tabulation")
    covered = rows(
        "SELECT subject, MAX(to_on) FROM collection WHERE state IN ('complete', 'nil') GROUP BY subject ORDER BY subject"
    )
    return Facts(
        tables=tables,
        counted=frozenset(counted),
        stage_tabulations=tuple((s, _stage_tabulations(rows, s)) for s in stages),
        roll_tabulations=tuple(_tabulation(row[0], ROLL_SPLIT, row[2:]) for row in splits),
        roll_is_by_pupil=any(row[1] for row in splits),
        all_are_linked=not n_unlinked,
        roll_has_age=any(row[-1] for row in splits),
        first_on=first_on,
        last_on=last_on,
        covered_to=tuple((s, d) for s, d in covered),
        stage_disabilities=tuple((s, _disabilities(rows, s)) for s in stages),
        term_starts=tuple(
            rows("SELECT academic_year, term, MIN(from_on) FROM calendar GROUP BY academic_year, term ORDER BY 1, 2")
        ),
        sanction_terms=frozenset(rows("SELECT DISTINCT academic_year, term FROM sanction")),
        sanction_tabulations=tuple(
            sorted((_tally(*row) for row in rows(f"SELECT DISTINCT {TALLIES} FROM sanction")), key=lambda t: t.name)
        ),
    )


# 1 where a row of `sanction` splits a column, for each column that it may split.
TALLIES = ", ".join(f"CASE WHEN {c} IN ('all', 'not_collected') THEN 0 ELSE 1 END" for c in TALLY_SPLITS)


def _tally(*split: int) -> Tabulation:
    return tally_of(tuple(c for c, is_split in zip(TALLY_SPLITS, split, strict=True) if is_split))


def _stage_tabulations(rows: Query, code: str) -> tuple[Tabulation, ...]:
    """A column is split where it holds anything but `all` and `not_collected`."""
    split = ", ".join(f"MAX(CASE WHEN {c} IN ('all', 'not_collected') THEN 0 ELSE 1 END)" for c in COUNTED_COLUMNS)
    found = rows(
        f"SELECT tabulation, {split} FROM stage_count WHERE stage = {literal(code)} GROUP BY tabulation ORDER BY tabulation"
    )
    return tuple(_tabulation(row[0], COUNTED_COLUMNS, row[1:]) for row in found)


def _tabulation(name: str, columns: tuple[str, ...], split: tuple[int, ...]) -> Tabulation:
    return Tabulation(name, frozenset(c for c, is_split in zip(columns, split, strict=True) if is_split))


def _disabilities(rows: Query, code: str) -> frozenset[str]:
    found = rows(
        f"SELECT DISTINCT disability FROM stage_count WHERE stage = {literal(code)} "
        "AND (tabulation = 'all' OR tabulation LIKE 'all:%')"
    )
    return frozenset(row[0] for row in found) - {ALL, NOT_COLLECTED}
