"""What a profile is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dueregard.collect.readers import Read
from dueregard.evidence.intake import Layout


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one source brought. present: (table, columns that the source really has).

    layouts: flat layouts that have yet to become native rows. registers: files beside a mapping, which were not sent.
    """

    reads: tuple[Read, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]
    ignored: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()
    registers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of source is read. version: part of a snapshot's id. caveats: printed with every figure."""

    name: str
    about: str
    reads: str
    version: str
    caveats: tuple[str, ...]
    gather: Callable[[Any, Path], Gathered]
