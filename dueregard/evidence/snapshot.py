"""A frozen, content-addressed set of tables, and its manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is made of. Only id, tables, lists, profiles, format follow from content; the rest is beside."""

    snapshot: str
    format: str
    tables: dict[str, str]  # table -> hash of its canonical rows
    rows: dict[str, int]
    columns: dict[str, list[str]]  # columns that the source really had
    lists: dict[str, str]
    profiles: list[str]
    caveats: list[str]
    left_out: list[dict]
    sources: list[dict]
    findings: list[dict]
    code_version: str
    frozen_at: str
    store: dict[str, Any] = field(default_factory=dict)  # of a service's store: as of when, and what went since


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder with one Parquet file a table and `manifest.json`. A figure names it by id, never by path."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.snapshot

    def has(self, table: str) -> bool:
        """Did the source have this table? One without a row was collected all the same."""
        return table in self.manifest.tables

    def collected(self, table: str, column: str) -> bool:
        """Did the source have this column at all?"""
        return column in self.manifest.columns.get(table, ())

    def file(self, table: str) -> Path:
        return self.path / f"{table}.parquet"
