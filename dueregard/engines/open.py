"""Engines by name."""

from __future__ import annotations

from dueregard.engines.engine import Engine
from dueregard.errors import UnknownName
from dueregard.evidence.snapshot import Snapshot

ENGINES = ("duckdb", "reference")


def open_engine(snapshot: Snapshot, name: str = "duckdb") -> Engine:
    """An engine over this snapshot. Raises UnknownName."""
    if name == "duckdb":
        from dueregard.engines.duckdb import DuckDbEngine

        return DuckDbEngine(snapshot)
    if name == "reference":
        from dueregard.engines.reference import ReferenceEngine, read_tables

        return ReferenceEngine(read_tables(snapshot))
    raise UnknownName("engine", name, ENGINES)
