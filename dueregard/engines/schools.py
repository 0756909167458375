"""The schools of a snapshot, for what is told of places."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.snapshot import Snapshot
from dueregard.terms.missing import Missing


@dataclass(frozen=True, slots=True)
class School:
    """One school: its number, its name (empty where none is known), and its area and phase as a split by them says."""

    urn: str
    name: str
    area: str
    phase: str


def schools_of(snapshot: Snapshot) -> tuple[School, ...]:
    """Every school of a snapshot, by its number. Where area or phase is not known it is `not_recorded`."""
    import duckdb

    unknown = f"'{Missing.NOT_RECORDED}'"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT urn, COALESCE(name, ''), COALESCE(borough, {unknown}), COALESCE(phase, {unknown}) "
            f"FROM {parquet_sql(snapshot.file('school'))} ORDER BY urn"
        ).fetchall()
    return tuple(School(*map(str, row)) for row in rows)
