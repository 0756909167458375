"""What is wrong, or noteworthy, in a source. It names file, line, column and code, and quotes no value."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_LINES = 12
ONE = {
    "values are": "value is", "values do": "value does", "rows stand": "row stands", "rows share": "row shares",
    "days are": "day is", "days lie": "day lies", "stages are": "stage is", "pupils are": "pupil is", "cells are": "cell is",
    "contacts were": "contact was", "schools have": "school has", "returns say": "return says", "more ": "row: more ",
}  # fmt: skip


def counted(n: int, message: str) -> str:
    """A number before a message, in the singular where it is one.

    >>> counted(1, "values are blank."), counted(14, "values are blank.")
    ('1 value is blank.', '14 values are blank.')
    """
    if n == 1:
        for many, one in ONE.items():
            if message.startswith(many):
                return f"1 {one}{message.removeprefix(many)}"
    return f"{n} {message}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or warning: all the lines of one file that share code and column.

    code: E_... stops a freeze, W_... does not. lines: physical lines, the header being line 1 (rows of a
    Parquet file are numbered from 1); empty where the whole file or table is meant.
    """

    code: str
    file: str
    table: str
    column: str
    lines: tuple[int, ...]
    message: str
    try_this: str = ""

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E_")

    def words(self) -> str:
        """One line for a person."""
        where = f"{self.file}" + (f", column `{self.column}`" if self.column else "")
        end = f" Try: {self.try_this}" if self.try_this else ""
        return f"{self.code} {where}: {self.message}{line_words(self.lines)}{end}"


def line_words(lines: tuple[int, ...]) -> str:
    """Which lines, shortened?

    >>> line_words((12, 40, 41))
    ' (lines 12, 40, 41)'
    """
    if not lines:
        return ""
    shown = ", ".join(str(n) for n in lines[:SHOWN_LINES])
    more = f" and {len(lines) - SHOWN_LINES} more" if len(lines) > SHOWN_LINES else ""
    return f" (line{'s' if len(lines) > 1 else ''} {shown}{more})"


@dataclass(frozen=True, slots=True)
class FileReport:
    """How many rows of a file were accepted and rejected? Together: all that were read."""

    file: str
    table: str
    accepted: int
    rejected: int
    findings: tuple[Finding, ...]

    @property
    def read(self) -> int:
        return self.accepted + self.rejected

    def as_json(self) -> dict:
        findings = [
            {"code": f.code, "table": f.table, "column": f.column or None, "lines": list(f.lines),
             "message": f.message, "try": f.try_this}
            for f in self.findings
        ]  # fmt: skip
        return {"file": self.file, "table": self.table, "accepted": self.accepted, "rejected": self.rejected,
                "findings": findings}  # fmt: skip
