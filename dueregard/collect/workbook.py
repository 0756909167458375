"""Which rows does a workbook hold, as text, each with the number of its row? Read in a process of its own.

The file is judged and read by `workbook_process`, which has little memory, little time, no other file and no network;
here its frames are put together. Nothing is computed, guessed or passed over in silence: a formula, an error, a merged
or an overlong cell takes its row out, and what a person at the screen would not see refuses the workbook.
"""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any

import dueregard
from dueregard.collect.gate import Refused
from dueregard.collect.header import normalised, skeleton
from dueregard.collect.workbook_process import UNFORESEEN
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding, counted

SUFFIXES = (".xlsx", ".ods")
ALSO_JUDGED = (".xls", ".xlsm", ".xlsb", ".xltm")  # refused with a reason of their own
SECONDS = 20  # of the clock; the process itself has 10 of the processor
LARGEST_FRAME = 1 << 27
LARGEST_ANSWER = 1 << 28  # bytes of all frames
START = "import sys; sys.path.insert(0, sys.argv[1]); from dueregard.collect.workbook_process import main; main(sys.argv[2], sys.argv[3] == 'rows')"  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table in a workbook. Row numbers are those at the edge of the sheet; the header stands in `header_row`.

    rows: (row number, texts as wide as the header) of each whole row. Rows that are not whole are left out of it:
    ragged (more filled cells than the header), formulas, faulty (an error, or a value that cannot be told for certain),
    long (above 32,767 characters), each (row, column name), and merged. blank: rows that hold nothing. Of each list
    the first ten thousand; n_rows counts the rows that hold something, n_blank those that do not.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]
    blank: tuple[int, ...]
    ragged: tuple[int, ...]
    formulas: tuple[tuple[int, str], ...]
    faulty: tuple[tuple[int, str], ...]
    long: tuple[tuple[int, str], ...] = ()
    merged: tuple[int, ...] = ()
    header_row: int = 1
    n_rows: int = 0
    n_blank: int = 0
    n_ragged: int = 0
    sha256: str = ""

    @property
    def n_rejected(self) -> int:
        """How many rows hold something and are not whole?"""
        return self.n_rows - len(self.rows)


@dataclass(slots=True)
class Answer:
    """What came through the pipe so far. is_cut: too much came, or no frame."""

    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    ending: dict[str, Any] | None = None
    refused: Refused | None = None
    is_cut: bool = False


def judge_archive(path: Path) -> Refused | None:
    """May this workbook be read? None if so. Raises SourceError if the file cannot be opened.

    `read_sheet` asks the same, so that nobody needs to call both.
    """
    return _ask(path, with_rows=False).refused


def read_sheet(path: Path) -> Sheet | Refused:
    """The rows of the one sheet that holds a table, or why the workbook is refused.

    Raises SourceError if the file cannot be opened.
    """
    answer = _ask(path, with_rows=True)
    return answer.refused or _sheet(answer.rows, answer.ending or {})


def _died(code: int | None) -> Refused:
    """Why did the process end without an answer? Raises SourceError where it never began."""
    if code == UNFORESEEN:
        return Refused("E_WORKBOOK", "the workbook is not built as workbooks are.",
                       "open it in a spreadsheet program and save it anew, or as CSV UTF-8.", 0)  # fmt: skip
    if code is not None and code > 0:
        raise SourceError("the process that reads workbooks does not start.", try_this="save the sheet as CSV UTF-8.")
    return Refused("E_TOO_LARGE", "the workbook needs more time or memory than reading one may take.",
                   "save the sheet as CSV UTF-8: a text file may be of any size.", 0)  # fmt: skip


def _ask(path: Path, *, with_rows: bool) -> Answer:
    root = str(Path(dueregard.__file__).parents[1])
    what = "rows" if with_rows else "judge"
    command = [sys.executable, "-I", "-S", "-B", "-c", START, root, path.suffix.lower(), what]
    try:
        handle = path.open("rb")
    except OSError as fault:
        raise SourceError(
            f"{path.name} cannot be read ({fault.strerror}).", try_this="check the name and its rights."
        ) from fault
    with (
        handle,
        subprocess.Popen(command, stdin=handle, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        assert process.stdout is not None
        clock = Timer(SECONDS, process.kill)
        clock.start()
        try:
            answer = _gather(process.stdout)
            if answer.is_cut:
                process.kill()
            process.stdout.close()  # a process that still sends ends of it
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            clock.cancel()
    return answer if answer.ending is not None or answer.refused else Answer(refused=_died(code))


def _gather(frames: IO[bytes]) -> Answer:
    """The frames, put together. What is not a whole frame, or too much, ends the reading."""
    answer, size = Answer(), 0
    known: dict[str, str] = {}  # a value that comes again is kept once
    while line := frames.readline(LARGEST_FRAME):
        size += len(line)
        if size > LARGEST_ANSWER or not line.endswith(b"\n"):
            return Answer(is_cut=True)
        try:
            kind, *rest = json.loads(line)
        except ValueError:
            return Answer(is_cut=True)
        if kind == "row":
            answer.rows.append((rest[0], tuple(known.setdefault(text, text) for text in rest[1])))
        elif kind == "end":
            answer.ending = rest[0]
        elif kind == "refused":
            return Answer(refused=Refused(rest[0], rest[1], rest[2], rest[3], tuple(rest[4])))
    return answer


def _sheet(rows: list[tuple[int, tuple[str, ...]]], ending: dict[str, Any]) -> Sheet:
    header = tuple(ending["header"])
    merged = _joined((first, last, 0) for first, last in ending["merged"])
    computed = _joined((first, last, left) for first, last, left, _ in ending["computed"])
    named = {kind: _named(ending[kind], header) for kind in ("formulas", "faulty", "long")}
    # A formula over several cells says so in one of them only.
    spilled = [(n, column_name(area[2], header)) for n, _ in rows if (area := _area(n, computed))]
    return Sheet(
        header,
        [row for row in rows if not _area(row[0], merged) and not _area(row[0], computed)],
        tuple(ending["blank"]),
        tuple(ending["ragged"]),
        tuple(sorted((*named["formulas"], *spilled))),
        named["faulty"],
        named["long"],
        tuple(n for n, _ in rows if _area(n, merged)),
        ending["header_row"],
        ending["n_rows"],
        ending["n_blank"],
        ending["n_ragged"],
        ending["sha256"],
    )


Area = tuple[int, int, int]  # first and last row, leftmost column of the first


def _joined(areas: Iterable[Area]) -> list[Area]:
    """Areas of rows in order, those that share a row made one.

    >>> _joined([(5, 6, 0), (2, 3, 1), (6, 9, 0)])
    [(2, 3, 1), (5, 9, 0)]
    """
    joined: list[Area] = []
    for first, last, left in sorted(areas):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]), joined[-1][2])
        else:
            joined.append((first, last, left))
    return joined


def _area(number: int, areas: list[Area]) -> Area | None:
    """In which area does this row lie?"""
    at = bisect_right(areas, number, key=lambda area: area[0]) - 1
    return areas[at] if at >= 0 and number <= areas[at][1] else None


def _named(cells: list[list[int]], header: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((row, column_name(column, header)) for row, column in cells)


def column_name(column: int, header: tuple[str, ...]) -> str:
    """The name of a column (counted from 0), or its letters where the header has none for it.

    >>> column_name(0, ("urn",)), column_name(27, ("urn",))
    ('urn', 'AB')
    """
    if column < len(header) and header[column].strip():
        return header[column]
    letters, column = "", column + 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def findings_of(file: str, table: str, sheet: Sheet, known: tuple[str, ...]) -> list[Finding]:
    """What is to be said of the rows that are not whole, and of the blank ones? known: the columns that may be named."""
    formulas, faulty, long = (
        tuple((n, _shown(name, sheet.header, known)) for n, name in cells)
        for cells in (sheet.formulas, sheet.faulty, sheet.long)
    )
    value = "type the value, or paste it as a value."
    found = [
        *_by_column("E_FORMULA", file, table, formulas, "cells hold a formula, which is never computed.",
                    "copy the column and paste it as values."),
        *_by_column("E_TYPE", file, table, faulty, "cells hold an error, or a value that cannot be told for certain.", value),
        *_by_column("E_FIELD_LENGTH", file, table, long, "cells are longer than a spreadsheet program can write.", "shorten them."),
    ]  # fmt: skip
    for code, rows, n_rows, message, try_this in (
        ("E_FIELD_COUNT", sheet.ragged, sheet.n_ragged, f"rows do not have {len(sheet.header)} fields.", "look for cells beside the table."),
        ("E_MERGED", sheet.merged, len(sheet.merged), "rows have merged cells: only the first would hold the value.", "undo the merging."),
        ("W_BLANK_ROWS", sheet.blank, sheet.n_blank, "rows are blank: passed over.", ""),
    ):  # fmt: skip
        found += [Finding(code, file, table, "", rows, counted(n_rows, message), try_this, rows=n_rows)] if rows else []
    return found


def _shown(name: str, header: tuple[str, ...], known: tuple[str, ...]) -> str:
    """A column of the layout by its name, another by its letters: what stands above it may be a value."""
    if name not in header or skeleton(normalised(name)) in known:
        return name
    return column_name(header.index(name), ())


def _by_column(
    code: str, file: str, table: str, cells: tuple[tuple[int, str], ...], message: str, try_this: str
) -> list[Finding]:
    columns = dict.fromkeys(name for _, name in cells)
    return [
        Finding(code, file, table, column, rows, counted(len(rows), message), try_this)
        for column in columns
        if (rows := tuple(row for row, name in cells if name == column))
    ]
