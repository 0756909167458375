"""What is wrong, or noteworthy, in a source. It names file, line, column and code, and quotes no value."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_LINES = 12
KEPT_LINES = 10_000
ONE = {
    "values are": "value is", "values do": "value does", "rows stand": "row stands", "rows share": "row shares",
    "rows do": "row does", "rows hold": "row holds", "rows are": "row is", "rows lie": "row lies", "rows have": "row has",
    "rows reach": "row reaches", "rows name": "row names", "days are": "day is", "days lie": "day lies", "stages are": "stage is",
    "pupils are": "pupil is", "pupils have": "pupil has", "cells are": "cell is", "cells hold": "cell holds", "cells belong": "cell belongs",
    "contacts were": "contact was", "contacts have": "contact has", "schools have": "school has",
    "postings bring their officer's": "posting brings its officer's", "postings begin": "posting begins",
    "returns say": "return says", "more ": "row: more ",
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
    Parquet file are numbered from 1), the first ten thousand of them; empty where the whole file or table is meant.
    rows: how many rows are meant, where there are more than lines. rule: id of the rule that was broken.
    is_whole: nothing of the file was taken, or a whole table is missing, whatever line shows why.
    """

    code: str
    file: str
    table: str
    column: str
    lines: tuple[int, ...]
    message: str
    try_this: str = ""
    rows: int = 0
    rule: str = ""
    is_whole: bool = False

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E_")

    @property
    def level(self) -> str:
        return "error" if self.is_error else "warning"

    @property
    def n_rows(self) -> int:
        """How many rows are meant? 0: the whole file or table."""
        return self.rows or len(self.lines)

    def words(self) -> str:
        """One line for a person."""
        where = f"{self.file}" + (f", column `{self.column}`" if self.column else "")
        end = f" Try: {self.try_this}" if self.try_this else ""
        return f"{self.code} {where}: {self.message}{line_words(self.lines, self.n_rows)}{end}"


def line_words(lines: tuple[int, ...], n_rows: int = 0) -> str:
    """Which lines, shortened?

    >>> line_words((12, 40, 41))
    ' (lines 12, 40, 41)'
    """
    if not lines:
        return ""
    shown = ", ".join(str(n) for n in lines[:SHOWN_LINES])
    n_more = max(n_rows, len(lines)) - min(len(lines), SHOWN_LINES)
    more = f" and {n_more:,} more" if n_more else ""
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
            {"code": f.code, "level": f.level, "rule": f.rule or None, "table": f.table, "column": f.column or None,
             "lines": list(f.lines), "rows": f.n_rows, "message": f.message, "try": f.try_this}
            for f in self.findings
        ]  # fmt: skip
        return {"file": self.file, "table": self.table, "accepted": self.accepted, "rejected": self.rejected,
                "findings": findings}  # fmt: skip
