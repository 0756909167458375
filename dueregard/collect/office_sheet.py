"""The cells of one Excel sheet, and the texts that sheets share, read as their XML comes by.

Format: ECMA-376 part 1, 18.3 (worksheets) and 18.4 (shared strings).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from dueregard.collect.clerk import PLAIN, Shape, moment_text, number_text, truth_text
from dueregard.collect.tally import LAST_COLUMN, LAST_ROW, Cells, Mark, Range, Tally
from dueregard.collect.workbook_fault import misshapen
from dueregard.collect.workbook_xml import DEEPEST, parse, text_of

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
FALSE = (None, "0", "false")

# In which element each may stand, and in which nothing unknown may stand.
ABOVE = {"sheetData": ("worksheet",), "row": ("sheetData",), "c": ("row",), "v": ("c",), "f": ("c",), "is": ("c",),
         "t": ("is", "r", "rPh"), "r": ("is",), "col": ("cols",), "cols": ("worksheet",), "mergeCell": ("mergeCells",),
         "sheetFormatPr": ("worksheet",), "mergeCells": ("worksheet",)}  # fmt: skip
CLOSED = ("sheetData", "row", "c", "v", "f", "is", "t", "r")


def _tags(*names: str) -> dict[str, str]:
    return {f"{space} {name}": name for space in MAIN for name in names}


class TextReader:
    """The shared texts, in order: runs of a rich text joined, phonetic signs left out."""

    TAGS = _tags("sst", "si", "r", "t", "rPh", "rPr", "phoneticPr", "extLst")

    def __init__(self) -> None:
        self.texts: list[str | Mark] = []
        self.path: list[str] = []
        self.runs: list[str] = []
        self.is_text = False

    def start(self, name: str, _: dict[str, str]) -> None:
        tag, above = self.TAGS.get(name, ""), self.path[-1] if self.path else ""
        if (not tag and above in ("sst", "si", "r", "t")) or len(self.path) > DEEPEST:
            raise misshapen("the texts of the workbook hold something that we do not know.")
        self.is_text = tag == "t" and above in ("si", "r")
        self.path.append(tag)

    def end(self, _: str) -> None:
        if self.path.pop() == "si":
            self.texts.append(text_of(self.runs))
            self.runs.clear()
        self.is_text = False

    def characters(self, text: str) -> None:
        if self.is_text:
            self.runs.append(text)


class SheetReader:
    """The rows of one sheet, cell by cell, into a tally."""

    TAGS = _tags("worksheet", "sheetData", "row", "c", "v", "f", "is", "t", "r", "rPh", "rPr", "phoneticPr", "extLst",
                 "cols", "col", "sheetFormatPr", "mergeCells", "mergeCell")  # fmt: skip

    def __init__(self, tally: Tally, texts: list[str | Mark], shapes: list[Shape], *, is_1904: bool) -> None:
        self.tally, self.texts, self.is_1904 = tally, texts, is_1904
        self.shapes = {str(n): shape for n, shape in enumerate(shapes or [PLAIN])}
        self.path: list[str] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.are_rows_hidden = False
        self.has_data = False
        self.row, self.row_digits = 0, "0"
        self.column = -1
        self.columns: dict[str, int] = {}
        self.cells: Cells = {}
        self.is_row_unseen = False
        self.kind, self.style = "n", PLAIN
        self.value: list[str] | None = None
        self.runs: list[str] | None = None
        self.has_formula = False
        self.into: list[str] | None = None
        self.format = "0"
        self.numbers: dict[tuple[str, str], str | None] = {}

    def read(self, blocks: Iterable[bytes]) -> None:
        parse(blocks, self.start, self.end, self.characters)
        if not self.has_data:
            raise misshapen("a sheet of the workbook is not one.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag, path = self.TAGS.get(name, ""), self.path
        above = path[-1] if path else ""
        if tag == "c" and above == "row":  # these two make up almost the whole of a sheet
            path.append(tag)
            self._start_cell(attributes)
            return
        if tag == "v" and above == "c" and self.value is None:
            path.append(tag)
            self.value = self.into = []
            return
        if tag in ABOVE:
            if above not in ABOVE[tag]:
                raise misshapen("the rows or cells of the sheet are not where they belong.")
        elif (above in CLOSED and tag not in ("extLst", "rPh", "rPr", "phoneticPr")) or len(path) > DEEPEST:
            raise misshapen("the sheet holds something between its cells that we do not know.")
        elif not path and tag != "worksheet":
            raise misshapen("a sheet of the workbook is not one.")
        path.append(tag)
        if tag == "v":
            self._twice()
        elif tag == "t":
            if above != "rPh":
                self.into = self.runs
        elif tag == "row":
            self._start_row(attributes)
        elif tag == "f":
            self.has_formula = True
            if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
                self.tally.compute(range_of(attributes["ref"]))
        elif tag == "is":
            if self.runs is not None:
                self._twice()
            self.runs = []
        elif tag:
            self._start_other(tag, attributes)

    def _twice(self) -> NoReturn:
        raise misshapen("a cell of the sheet has two values.")

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheetData":
            if self.has_data:
                raise misshapen("a sheet of the workbook has two tables of cells.")
            self.has_data = True
        elif tag == "col":
            if attributes.get("hidden") not in FALSE or _is_zero(attributes.get("width")):
                first, last = attributes.get("min", ""), attributes.get("max", "")
                if not (first.isdecimal() and last.isdecimal() and len(first + last) < 12):
                    raise misshapen("the columns of the sheet are not where they belong.")
                self.hidden_columns.append((int(first) - 1, int(last) - 1))
        elif tag == "sheetFormatPr":
            self.are_rows_hidden = attributes.get("zeroHeight") not in FALSE
        elif tag == "mergeCell":
            self.tally.merge(range_of(attributes.get("ref", "")))

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        if number is None:
            self.row += 1
        elif number.isdecimal() and number.isascii() and len(number) < 8:
            self.row = int(number)
        else:
            raise misshapen("the rows of the sheet are not in order.")
        self.row_digits = str(self.row)
        self.column, self.cells = -1, {}
        self.is_row_unseen = _is_hidden_row(attributes, self.are_rows_hidden)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        where = attributes.get("r")
        if where is None:
            column = self.column + 1
        else:
            letters = where.rstrip("0123456789")
            column = self.columns.get(letters, -1)
            if column < 0:
                column = self.columns[letters] = position(letters + "1")[0]
            if where[len(letters) :] != self.row_digits:
                raise misshapen("a cell of the sheet stands in another row than it says.")
        if not self.column < column < LAST_COLUMN:
            raise misshapen("the cells of a row are not in order.")
        self.column = column
        self.kind = attributes.get("t", "n")
        self.format = attributes.get("s", "0")
        style = self.shapes.get(self.format)
        if style is None:
            raise misshapen("a cell of the sheet has a format that is not there.")
        self.style = style
        self.value = self.runs = None
        self.has_formula = False

    def end(self, _: str) -> None:
        tag = self.path.pop()
        self.into = None
        if tag == "c":
            cell = Mark.FORMULA if self.has_formula else self._cell()
            if cell != "":
                self.cells[self.column] = cell
                if self.style.is_unseen or (self.hidden_columns and self._is_hidden_column()):
                    self.is_row_unseen = self.is_row_unseen or isinstance(cell, Mark) or bool(cell.strip())
        elif tag == "row":
            self.tally.take(self.row, self.cells, is_unseen=self.is_row_unseen)

    def characters(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)

    def _is_hidden_column(self) -> bool:
        return any(first <= self.column <= last for first, last in self.hidden_columns)

    def _cell(self) -> str | Mark:
        """What does this cell hold? An empty text where nothing."""
        kind = self.kind
        if kind == "inlineStr":
            return text_of(self.runs or [])
        if self.runs is not None:
            raise misshapen("a cell of the sheet has two values.")
        raw = "".join(self.value or ())
        if kind == "str":
            return text_of([raw])
        raw = raw.strip()
        if not raw:
            return ""
        if kind == "s":
            if not (raw.isdecimal() and raw.isascii() and len(raw) < 10 and int(raw) < len(self.texts)):
                raise misshapen("a cell of the sheet has a text that is not there.")
            return self.texts[int(raw)]
        text = self._number(raw) if kind == "n" else self._other(kind, raw)
        return Mark.FAULTY if text is None else text

    def _number(self, raw: str) -> str | None:
        key = (raw, self.format)
        if key not in self.numbers:
            if len(self.numbers) > 100_000:
                self.numbers.clear()
            self.numbers[key] = number_text(raw, self.style, is_1904=self.is_1904)
        return self.numbers[key]

    def _other(self, kind: str, raw: str) -> str | None:
        if kind == "b":
            return truth_text(raw)
        if kind == "d":
            return moment_text(raw, self.style)
        if kind == "e":
            return None
        raise misshapen("a cell of the sheet is of a kind that does not exist.")


def _is_zero(size: str | None) -> bool:
    return size is not None and re.fullmatch(r"0+(\.0*)?", size) is not None


def _is_hidden_row(attributes: dict[str, str], unless_told: bool) -> bool:
    told = attributes.get("hidden")
    return (unless_told if told is None else told not in FALSE) or _is_zero(attributes.get("ht"))


def position(reference: str) -> tuple[int, int]:
    """Column (from 0) and row (from 1) of a cell.

    >>> position("AB12")
    (27, 12)
    """
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise misshapen("a cell of the sheet has no proper place.")
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - 64
    if column > LAST_COLUMN or int(found.group(2)) > LAST_ROW:
        raise misshapen("a cell of the sheet has no proper place.")
    return column - 1, int(found.group(2))


def range_of(reference: str) -> Range:
    """First and last row, first and last column (from 0) of `A2:B9`."""
    first, _, last = reference.replace("$", "").partition(":")
    left, top = position(first)
    right, bottom = position(last or first)
    return min(top, bottom), max(top, bottom), min(left, right), max(left, right)
