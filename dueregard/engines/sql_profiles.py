"""SQL of profiles: each unit of a base once, with whether it reached the stage. Tables come in by name."""

from __future__ import annotations

from dueregard.engines.profiles import SCHOOL
from dueregard.engines.sql import UNIDENTIFIED


def profiles_sql(unit: str, columns: tuple[str, ...], reached: str, given: str, entering: str) -> str:
    """Rows (the columns, 1 where the stage was reached, n) over the schools that enter."""
    rows_of = _pupils_sql if unit == "pupils" else _involvements_sql
    in_figure = [f"(SELECT * FROM {table} WHERE urn IN (SELECT urn FROM {entering}))" for table in (reached, given)]
    named = "".join(f"{name_of(column)}, " for column in columns)
    return (
        f"SELECT {named}hit, CAST(SUM(k) AS BIGINT) AS n FROM ({rows_of(columns, *in_figure)}) AS x "
        f"GROUP BY {named}hit HAVING SUM(k) > 0"
    )


def name_of(column: str) -> str:
    """The column of a row by which a question's column is grouped."""
    return "urn" if column == SCHOOL else column


def _flagged(reached: str, given: str) -> str:
    """Every row of the base: did the same pupil of the same contact reach the stage?"""
    keys = f"SELECT DISTINCT contact_no, pupil_no FROM {reached} AS k"
    return (
        f"SELECT d.*, CASE WHEN r.pupil_no IS NULL THEN 0 ELSE 1 END AS hit FROM {given} AS d "
        f"LEFT JOIN ({keys}) AS r ON r.contact_no = d.contact_no AND r.pupil_no = d.pupil_no"
    )


def _kept(columns: tuple[str, ...]) -> str:
    return "".join(f", {name_of(column)}" for column in columns if column != SCHOOL)


def _involvements_sql(columns: tuple[str, ...], reached: str, given: str) -> str:
    """Those that reached it as they are counted; and the rows of the base of whom nobody did."""
    kept = _kept(columns)
    return (
        f"SELECT urn{kept}, 1 AS hit, n_involvements AS k FROM {reached} AS e UNION ALL "
        f"SELECT urn{kept}, 0 AS hit, n_involvements AS k FROM ({_flagged(reached, given)}) AS f WHERE hit = 0"
    )


def _pupils_sql(columns: tuple[str, ...], reached: str, given: str) -> str:
    kept = _kept(columns)
    identified = f"pupil_no <> {UNIDENTIFIED}"
    return (
        f"SELECT urn{kept}, any_hit AS hit, 1 AS k FROM (SELECT f.*, "
        "ROW_NUMBER() OVER (PARTITION BY pupil_no ORDER BY on_day DESC, contact_no DESC) AS nth, "
        f"MAX(hit) OVER (PARTITION BY pupil_no) AS any_hit FROM ({_flagged(reached, given)}) AS f "
        f"WHERE {identified}) AS n WHERE nth = 1"
    )
