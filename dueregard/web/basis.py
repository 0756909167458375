"""What the processing stands on: asked at the first start, shown at the foot of every page."""

from __future__ import annotations

from typing import Any

from dueregard.store.versions import holding


def basis() -> Any:
    """The current row, or None before the first start."""
    return next(iter(holding("basis")), None)
