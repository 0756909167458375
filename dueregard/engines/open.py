"""Engines by name."""

from __future__ import annotations

import os

from dueregard.engines.engine import Engine
from dueregard.errors import UnknownName, UsageError
from dueregard.evidence.snapshot import Snapshot

ENGINES = ("duckdb", "reference", "spark")


def threads_asked() -> int | None:
    """How many threads may the database take? What `DUEREGARD_THREADS` says; None: as many as it likes."""
    threads = os.environ.get("DUEREGARD_THREADS", "")
    return int(threads) if threads.isdecimal() else None


def open_engine(snapshot: Snapshot, name: str = "duckdb", *, spark_remote: str | None = None) -> Engine:
    """An engine over this snapshot. spark_remote: where a cluster listens; None: Spark on this computer.

    Raises UnknownName, UsageError, EngineUnavailable.
    """
    if spark_remote is not None and name != "spark":
        raise UsageError("`--spark-remote` says where Spark is, but another engine was asked for.",
                         try_this="`--engine spark` beside it.")  # fmt: skip
    if name == "duckdb":
        from dueregard.engines.duckdb import DuckDbEngine

        return DuckDbEngine(snapshot, threads=threads_asked())
    if name == "reference":
        from dueregard.engines.reference import ReferenceEngine, read_tables

        return ReferenceEngine(read_tables(snapshot))
    if name == "spark":
        return _spark(snapshot, spark_remote)
    raise UnknownName("engine", name, ENGINES)


def _spark(snapshot: Snapshot, address: str | None) -> Engine:
    from dueregard.engines.spark import SparkEngine, is_small
    from dueregard.engines.spark_local import QUICK, local_session
    from dueregard.engines.spark_remote import remote_session

    if address is None:
        return SparkEngine(snapshot, local_session(QUICK if is_small(snapshot) else None))
    return SparkEngine(snapshot, remote_session(address), is_remote=True, is_own=True)
