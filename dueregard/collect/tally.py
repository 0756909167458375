"""Which rows of a sheet can be read, and which not, and why? Rows come in one by one, whole ones go out at once."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from dueregard.collect.workbook_fault import Fault, misshapen, too_large

MOST_CELLS = 3_000_000  # of the table: rows times columns
MOST_RANGES = 10_000
KEPT = 10_000  # row numbers kept of each kind; all are counted
LONGEST_CELL = 32_767
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class Mark(Enum):
    """What a cell holds instead of a text."""

    FORMULA = "formulas"
    FAULTY = "faulty"
    LONG = "long"


Cells = dict[int, "str | Mark"]  # by column, from 0; cells that hold nothing are absent
Range = tuple[int, int, int, int]  # first and last row, first and last column


class Tally:
    """Takes the rows of one sheet in order. give: receives (row number, texts) of each whole row; None: only counts."""

    def __init__(self, give: Callable[[int, list[str]], None] | None) -> None:
        self.give = give
        self.header: list[str] = []
        self.header_row = 0
        self.last = 0
        self.n_rows = 0
        self.n_cells = 0
        self.n_blank = 0
        self.blank: list[int] = []
        self.ragged: list[int] = []
        self.n_ragged = 0
        self.marked: dict[str, list[tuple[int, int]]] = {mark.value: [] for mark in Mark}
        self.merged: list[Range] = []
        self.computed: list[Range] = []
        self.unseen: list[int] = []
        self.fault: Fault | None = None

    def take(self, number: int, cells: Cells, *, is_unseen: bool = False) -> None:
        """One row. is_unseen: it, or a cell of it that holds something, is hidden from who looks at the sheet."""
        if not self.last < number <= LAST_ROW:
            raise misshapen("the rows of the sheet are not in order.")
        self._leave_blank(self.last + 1, number)
        self.last = number
        if all(isinstance(cell, str) and not cell.strip(" \t\r\n") for cell in cells.values()):
            self._leave_blank(number, number + 1)
            return
        if is_unseen and len(self.unseen) < KEPT:
            self.unseen.append(number)
        if not self.header_row:
            self._take_header(number, cells)
        else:
            self._take_row(number, cells)

    def _leave_blank(self, first: int, end: int) -> None:
        self.n_blank += end - first
        self.blank.extend(range(first, min(end, first + KEPT - len(self.blank))))

    def _take_header(self, number: int, cells: Cells) -> None:
        self.header_row = number
        if Mark.FORMULA in cells.values():
            self.fault = Fault(
                "E_FORMULA", "the header holds formulas.", "copy the header and paste it as values.", 0, (number,)
            )
        elif not all(isinstance(cell, str) for cell in cells.values()):
            self.fault = Fault("E_TYPE", "the header holds values that cannot be read.", "write the names of the columns.", 0,
                               (number,))  # fmt: skip
        last = max(column for column, cell in cells.items() if cell != "")
        names = [cells.get(column, "") for column in range(last + 1)]
        self.header = [name if isinstance(name, str) else "" for name in names]

    def _take_row(self, number: int, cells: Cells) -> None:
        self.n_rows += 1
        width = len(self.header)
        self.n_cells += width
        if self.n_cells > MOST_CELLS:
            raise too_large(f"the sheet has more than {MOST_CELLS:,} cells.")
        is_whole = True
        for column, cell in cells.items():
            if isinstance(cell, Mark):
                is_whole = False
                if len(self.marked[cell.value]) < KEPT:
                    self.marked[cell.value].append((number, column))
        if any(column >= width for column in cells):
            is_whole = False
            self.n_ragged += 1
            if len(self.ragged) < KEPT:
                self.ragged.append(number)
        if is_whole and self.give is not None:
            self.give(number, [cells.get(column, "") for column in range(width)])  # type: ignore[misc]

    def merge(self, area: Range) -> None:
        """Cells that are one on the screen: only the first holds the value, so the others would look empty."""
        self._add(self.merged, area)

    def compute(self, area: Range) -> None:
        """Cells that one formula fills, though only the first says so."""
        self._add(self.computed, area)

    def _add(self, areas: list[Range], area: Range) -> None:
        if len(areas) >= MOST_RANGES:
            raise too_large("the sheet has more merged cells or formulas over several cells than we can follow.")
        areas.append(area)

    def has_content(self) -> bool:
        return self.header_row > 0

    def check(self) -> None:
        """Is there a reason to refuse the whole sheet? Called at its end, when its rows are counted."""
        if self.unseen:
            raise hidden("rows or columns that are hidden hold content.", self.n_rows, tuple(self.unseen))
        if self.fault is not None:
            raise Fault(self.fault.code, self.fault.message, self.fault.try_this, self.n_rows, self.fault.lines)
        for first, last, left, _ in self.merged:
            if first <= self.header_row <= last and left < len(self.header):
                raise Fault("E_MERGED", "cells of the header are merged.", "undo the merging: one name a column.", self.n_rows,
                            (self.header_row,))  # fmt: skip

    def ending(self) -> dict[str, object]:
        """All but the rows, for the other end of the pipe."""
        width = len(self.header)
        merged = [[first, last] for first, last, left, _ in self.merged if left < width and last > self.header_row]
        return {"n_rows": self.n_rows, "n_blank": self.n_blank, "blank": self.blank, "ragged": self.ragged, "n_ragged": self.n_ragged,
                "merged": merged, "computed": self.computed, **self.marked}  # fmt: skip


def hidden(message: str, rows: int = 0, lines: tuple[int, ...] = ()) -> Fault:
    return Fault("E_HIDDEN_SHEET", message, "show all sheets, rows and columns (clear filters too), remove what is not meant "
                 "to be sent, and save anew; or save the one sheet as CSV UTF-8.", rows, lines)  # fmt: skip
