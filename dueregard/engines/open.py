"""Engines by name."""

from __future__ import annotations

import os

from dueregard.engines.engine import Engine
from dueregard.errors import UnknownName
from dueregard.evidence.snapshot import Snapshot

ENGINES = ("duckdb", "reference")


def threads_asked() -> int | None:
    """How many threads may the database take? What `DUEREGARD_THREADS` says; None: as many as it likes."""
    threads = os.environ.get("DUEREGARD_THREADS", "")
    return int(threads) if threads.isdecimal() else None


def open_engine(snapshot: Snapshot, name: str = "duckdb") -> Engine:
    """An engine over this snapshot. Raises UnknownName."""
    if name == "duckdb":
        from dueregard.engines.duckdb import DuckDbEngine

        return DuckDbEngine(snapshot, threads=threads_asked())
    if name == "reference":
        from dueregard.engines.reference import ReferenceEngine, read_tables

        return ReferenceEngine(read_tables(snapshot))
    raise UnknownName("engine", name, ENGINES)
