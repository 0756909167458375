"""SQL of a chain: how many involvements of each cell reached each step or a later one. Tables come in by name."""

from __future__ import annotations

from dueregard.engines.chain_plan import WITHIN
from dueregard.measures.measure import Measure

COLUMN_OF = {"school": "urn", "officer": "officer"}


def chain_keys(measure: Measure) -> tuple[str, ...]:
    """The columns that make a cell of a chain."""
    return (*(COLUMN_OF[name] for name in WITHIN), *measure.columns)


def reached_or_later_sql(tables: list[str], measure: Measure, entering: str) -> str:
    """A cell, and a count a step. tables: the rows that reach each step, in the order of the chain.

    Involvements of one contact that cannot be told apart (of pupils who were not identified) are counted together: as
    many reached a step as reached it or any later one.
    """
    keys = ", ".join(chain_keys(measure))
    rows = " UNION ALL ".join(
        f"SELECT {k} AS step, {keys}, contact_no, pupil_no, n_involvements FROM {name}" for k, name in enumerate(tables)
    )
    each = (
        f"SELECT step, {keys}, contact_no, pupil_no, SUM(n_involvements) AS n FROM ({rows}) AS r "
        f"WHERE urn IN (SELECT urn FROM {entering}) GROUP BY step, {keys}, contact_no, pupil_no"
    )
    steps = range(len(tables))
    or_later = ", ".join(f"MAX(CASE WHEN step >= {k} THEN n ELSE 0 END) AS n_{k}" for k in steps)
    sums = ", ".join(f"CAST(SUM(n_{k}) AS BIGINT)" for k in steps)
    return (
        f"SELECT {keys}, {sums} FROM (SELECT {keys}, contact_no, pupil_no, {or_later} FROM ({each}) AS e "
        f"GROUP BY {keys}, contact_no, pupil_no) AS x GROUP BY {keys}"
    )
