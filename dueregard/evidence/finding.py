"""What is wrong, or noteworthy, in a source. It names file, line, column and code, and quotes no value."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_LINES = 12


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
