"""What collecting hands to checking: text tables in a private database, and what is known of their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dueregard.evidence.cells import Known
from dueregard.evidence.finding import FileReport, Finding
from dueregard.records.table import Table


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read: its name (never its path), its hash, its table, its rows."""

    file: str
    table: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class FillColumn:
    """Where a native column's text comes from: a column of the layout (translated by `values`), several, or a fixed value.

    joined: columns whose texts make one reference, with `-` between them.
    """

    name: str
    source: str = ""
    values: tuple[tuple[str, str], ...] = ()
    value: str | None = None
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fill:
    """Which rows of a native table does a row of the layout make?

    when: (column, codes) that must all hold. once_per: columns of the layout; rows that share them make one row.
    """

    table: str
    columns: tuple[FillColumn, ...]
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    once_per: tuple[str, ...] = ()

    def source_of(self, column: str) -> str:
        """The layout's column behind a native one, for findings."""
        return next(
            (c.source or c.joined[0] if c.source or c.joined else "" for c in self.columns if c.name == column), ""
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A flat layout that a mapping declares. Its rows are in `raw_<table.name>`; fills turn accepted ones native."""

    name: str
    table: Table
    fills: tuple[Fill, ...]

    @property
    def school(self) -> str:
        """The layout's column that holds the school's URN, if there is one."""
        columns = [c for fill in self.fills for c in fill.columns]
        return next((c.source for c in columns if c.name == "urn" and c.source), "")


@dataclass(frozen=True, slots=True)
class Intake:
    """Raw rows, all columns text, in tables `raw_<table>` of a private database.

    Each raw table has, besides the table's columns, `_file` (name of the file), `_line` (physical line) and
    `_column` (the source's own column, where a row was made from one).
    present: (table, columns that its file really had). findings: faults of the bytes or the header.
    rejected: (file, table, lines) of rows that no parser was given. caveats: what the profile declares.
    layouts: flat layouts whose rows have yet to become native ones. registers: files that stand beside a mapping and
    were not sent. unended: (file, table, line) of a last row that no newline ends.
    """

    connection: Any
    files: tuple[SourceFile, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[Finding, ...]
    rejected: tuple[tuple[str, str, int], ...]
    profiles: tuple[str, ...]
    caveats: tuple[str, ...]
    ignored: tuple[str, ...]
    layouts: tuple[Layout, ...] = ()
    registers: tuple[str, ...] = ()
    unended: tuple[tuple[str, str, int], ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.present)

    def columns_of(self, table: str) -> tuple[str, ...]:
        return dict(self.present).get(table, ())


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking hands to freezing: accepted rows, typed, in tables `<table>` of the same database.

    known: how much of each column is known, by broad ethnic group, among accepted rows. schools: (table, school, rows
    accepted, rows refused) where rows of a known school were refused.
    """

    intake: Intake
    reports: tuple[FileReport, ...]
    known: tuple[Known, ...] = ()
    schools: tuple[tuple[str, str, int, int], ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(f for report in self.reports for f in report.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.is_error)
