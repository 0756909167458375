"""What collecting hands to checking: text tables in a private database, and what is known of their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dueregard.evidence.finding import FileReport, Finding


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read: its name (never its path), its hash, its table, its rows."""

    file: str
    table: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Intake:
    """Raw rows, all columns text, in tables `raw_<table>` of a private database.

    Each raw table has, besides the table's columns, `_file` (name of the file), `_line` (physical line) and
    `_column` (the source's own column, where a row was made from one).
    present: (table, columns that its file really had). findings: faults of the bytes or the header.
    rejected: (file, table, lines) of rows that no parser was given. caveats: what the profile declares.
    """

    connection: Any
    files: tuple[SourceFile, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[Finding, ...]
    rejected: tuple[tuple[str, str, int], ...]
    profiles: tuple[str, ...]
    caveats: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.present)

    def columns_of(self, table: str) -> tuple[str, ...]:
        return dict(self.present).get(table, ())


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking hands to freezing: accepted rows, typed, in tables `<table>` of the same database."""

    intake: Intake
    reports: tuple[FileReport, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(f for report in self.reports for f in report.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.is_error)
