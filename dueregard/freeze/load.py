"""Open what was frozen. It stands apart from the freezing, because every question starts here and needs nothing of that."""

from __future__ import annotations

import json
from pathlib import Path

from dueregard.errors import SnapshotError
from dueregard.evidence.snapshot import FORMAT, Manifest, Snapshot

MANIFEST = "manifest.json"


def load(path: Path) -> Snapshot:
    """Open a snapshot. Raises SnapshotError if the folder is not one, or not whole."""
    try:
        plain = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**plain)
    except FileNotFoundError as fault:
        if not path.exists():
            raise SnapshotError(
                f"`{path.name}` does not exist.", try_this="the path that `dueregard freeze` printed."
            ) from fault
        raise SnapshotError(f"`{path.name}` is not a snapshot: it has no {MANIFEST}.",
                            try_this="the path that `dueregard freeze` printed.") from fault  # fmt: skip
    except (ValueError, TypeError, OSError) as fault:
        raise SnapshotError(
            f"The {MANIFEST} of `{path.name}` cannot be read.", try_this="freeze the source again."
        ) from fault
    if manifest.format != FORMAT:
        raise SnapshotError(f"The snapshot has format {manifest.format}; this version reads {FORMAT}.")
    absent = [name for name in manifest.tables if not (path / f"{name}.parquet").is_file()]
    if absent:
        raise SnapshotError(
            f"The snapshot is not whole: {', '.join(absent)} is missing.", try_this="freeze the source again."
        )
    return Snapshot(path, manifest)
