"""What a profile is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dueregard.collect.readers import Read


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one source brought. present: (table, columns that the source really has)."""

    reads: tuple[Read, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of source is read. version: part of a snapshot's id. caveats: printed with every figure."""

    name: str
    about: str
    reads: str
    version: str
    caveats: tuple[str, ...]
    gather: Callable[[Any, Path], Gathered]
