"""The one place that opens a snapshot or an engine, and that looks at the clock for a release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.snapshot import Snapshot


def open_snapshot(path: Path) -> Snapshot:
    """Open a snapshot. Raises SnapshotError."""
    from dueregard.freeze.load import load

    return load(path)


def open_engine(snapshot: Snapshot, name: str = "duckdb", *, spark_remote: str | None = None) -> Engine:
    """An engine over a snapshot. Raises UnknownName, UsageError, EngineUnavailable."""
    from dueregard.engines.open import open_engine as open_by_name

    return open_by_name(snapshot, name, spark_remote=spark_remote)


def now() -> datetime:
    """The time, for an entry of a ledger."""
    return datetime.now(UTC)
