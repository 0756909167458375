"""What stands in an OpenDocument spreadsheet (.ods)? The same questions as for Excel's, in another XML.

Here days, times and truths are written out, and empty rows come as one row that says how often it repeats.
Standard library only. Format: OASIS OpenDocument 1.3 part 3, 9 (tables) and 19 (attributes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from dueregard.collect.clerk import DAY, MOMENT, moment_text, number_text
from dueregard.collect.office_open import linked, only_one
from dueregard.collect.parts import Archive
from dueregard.collect.tally import LAST_COLUMN, LAST_ROW, Cells, Mark, Tally, hidden
from dueregard.collect.workbook_fault import active, locked, misshapen
from dueregard.collect.workbook_xml import DEEPEST, elements, parse, text_of

TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
TYPE_PART, CONTENT, MANIFEST = "mimetype", "content.xml", "META-INF/manifest.xml"
SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TABLE, TEXT, STYLE = (f"{SPACE}{name}:1.0 " for name in ("office", "table", "text", "style"))
ACTIVE = re.compile(r"^(basic|scripts|dialogs)/.", re.IGNORECASE)
ELSEWHERE = ("table-source", "dde-source", "dde-link", "database-source-sql", "database-source-table", "database-source-query",
             "cell-range-source", "dde-connection-decl")  # fmt: skip
SCRIPTS = ("urn:oasis:names:tc:opendocument:xmlns:script:1.0 event-listener", f"{OFFICE}script")
LENGTH = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d*)?S", re.ASCII)


def is_one(archive: Archive) -> bool:
    """Does the archive say that it is an OpenDocument spreadsheet?"""
    part = archive.parts.get(TYPE_PART)
    return part is not None and part.size < 200 and archive.whole(TYPE_PART, 200).strip().startswith(TYPE)


def refuse_by_name(names: Iterable[str]) -> None:
    """Is it plain from the names of the parts that this workbook holds programs?"""
    if any(ACTIVE.search(name) for name in names):
        raise active("the workbook holds macros.")


class Book:
    """An OpenDocument spreadsheet whose parts have been checked."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        if MANIFEST in archive.parts and any(tag == "encryption-data" for tag, _ in elements(archive, MANIFEST)):
            raise locked()
        if CONTENT not in archive.parts:
            raise misshapen("a part that the workbook needs is missing.")

    def read(self, give: Callable[[int, list[str]], None] | None) -> Tally:
        """The one sheet that holds a table; its whole rows go to `give`. Raises Fault where the workbook is refused."""
        reader = ContentReader(give)
        parse(self.archive.blocks(CONTENT), reader.start, reader.end, reader.characters)
        if not reader.is_spreadsheet:
            raise misshapen("the workbook holds no sheets.")
        if reader.has_deleted:
            raise hidden("the workbook keeps deleted content (tracked changes).", sum(t.n_rows for t in reader.full))
        return only_one(reader.full, reader.n_hidden)


class ContentReader:
    """All sheets of the content part, cell by cell."""

    SKIPPED = (f"{OFFICE}annotation", f"{TABLE}shapes", f"{TEXT}ruby-text", f"{TEXT}note", f"{OFFICE}forms")

    def __init__(self, give: Callable[[int, list[str]], None] | None) -> None:
        self.give = give
        self.full: list[Tally] = []
        self.n_hidden = 0
        self.is_spreadsheet = self.has_deleted = False
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.depth = 0
        self.skip_from = 0  # depth of an element that is passed over; 0: none
        self.tally: Tally | None = None
        self._begin_row({})

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise misshapen("the elements of the workbook are too deeply nested.")
        if name in SCRIPTS:
            raise active("the workbook holds macros.")
        space, _, tag = name.rpartition(" ")
        if space + " " == TABLE and tag in ELSEWHERE:
            raise linked()
        if self.skip_from:
            return
        if name in self.SKIPPED:
            self.skip_from = self.depth
        elif space + " " == TABLE:
            self._start_table(tag, attributes)
        elif space + " " == TEXT:
            self._start_text(tag, attributes)
        elif space + " " == STYLE:
            self._start_style(tag, attributes)
        elif name == f"{OFFICE}spreadsheet":
            self.is_spreadsheet = True

    def _start_style(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self.style = attributes.get(f"{STYLE}name", "")
        elif tag == "table-properties" and attributes.get(f"{TABLE}display") == "false":
            self.hidden_styles.add(self.style)

    def _start_table(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "tracked-changes":
            self.has_deleted = True
            self.skip_from = self.depth
        elif tag == "table":
            self._begin_sheet(attributes)
        elif self.tally is None:
            return
        elif tag == "table-column":
            self._column(attributes)
        elif tag == "table-row":
            self._begin_row(attributes)
        elif tag in ("table-row-group", "table-column-group") and attributes.get(f"{TABLE}display") == "false":
            self.closed_groups.append(self.depth)
        elif tag in ("table-cell", "covered-table-cell"):
            self._begin_cell(tag, attributes)

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        if self.tally is not None:
            raise misshapen("a sheet stands inside a sheet.")
        self.is_hidden = attributes.get(f"{TABLE}style-name") in self.hidden_styles
        self.n_hidden += self.is_hidden
        self.tally = Tally(None if self.full or self.is_hidden else self.give)
        self.row, self.n_columns = 0, 0
        self.hidden_columns: list[tuple[int, int]] = []
        self.closed_groups: list[int] = []

    def _column(self, attributes: dict[str, str]) -> None:
        first = self.n_columns
        self.n_columns += _times(attributes, "columns")
        if attributes.get(f"{TABLE}visibility", "visible") != "visible" or self.closed_groups:
            self.hidden_columns.append((first, self.n_columns - 1))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self.times = _times(attributes, "rows")
        self.is_unseen = attributes.get(f"{TABLE}visibility", "visible") != "visible"
        self.column = 0
        self.cells: Cells = {}
        self.spans: list[tuple[int, int, int]] = []
        self._begin_cell("", {})

    def _begin_cell(self, tag: str, attributes: dict[str, str]) -> None:
        self.cell, self.is_covered = attributes, tag == "covered-table-cell"
        self.lines: list[list[str]] = []
        self.is_text = 0

    def _start_text(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("p", "h"):
            self.lines.append([])
            self.is_text += 1
        elif self.is_text and tag in ("s", "tab", "line-break"):
            n = attributes.get(f"{TEXT}c", "1")
            if not (n.isdecimal() and len(n) < 6):
                raise misshapen("a cell of the sheet holds an impossible number of blanks.")
            self.lines[-1].append({"s": " " * int(n), "tab": "\t", "line-break": "\n"}[tag])

    def characters(self, text: str) -> None:
        if self.is_text and not self.skip_from:
            self.lines[-1].append(
                re.sub(r"[ \t\r\n]+", " ", text)
            )  # blanks that count are elements of their own, 6.1.2

    def end(self, name: str) -> None:
        depth, self.depth = self.depth, self.depth - 1
        if self.skip_from:
            self.skip_from = 0 if depth == self.skip_from else self.skip_from
            return
        if name in (f"{TEXT}p", f"{TEXT}h"):
            self.is_text -= 1
        elif self.tally is None:
            return
        elif name in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            self._end_cell()
        elif name == f"{TABLE}table-row":
            self._end_row()
        elif name in (f"{TABLE}table-row-group", f"{TABLE}table-column-group"):
            self.closed_groups = [d for d in self.closed_groups if d != depth]
        elif name == f"{TABLE}table":
            if self.tally.has_content() and not self.is_hidden:
                self.full.append(self.tally)
            self.tally = None

    def _end_cell(self) -> None:
        times = _times(self.cell, "columns")
        wide, high = _spanned(self.cell, "columns"), _spanned(self.cell, "rows")
        if wide > 1 or high > 1:
            self.spans.append((self.column, wide, high))
        cell = self._content()
        if cell != "":
            if self.column + times > LAST_COLUMN:
                raise misshapen("the cells of a row reach beyond the last column.")
            for column in range(self.column, self.column + times):
                self.cells[column] = cell
                if any(first <= column <= last for first, last in self.hidden_columns):
                    self.is_unseen = self.is_unseen or isinstance(cell, Mark) or bool(cell.strip())
        self.column += times

    def _content(self) -> str | Mark:
        """What does this cell hold? An empty text where nothing."""
        if f"{TABLE}formula" in self.cell or f"{TABLE}number-matrix-columns-spanned" in self.cell:
            return Mark.FORMULA
        kind = self.cell.get(f"{OFFICE}value-type", "")
        shown = "\n".join("".join(line) for line in self.lines)
        if kind in ("", "string"):
            if (
                self.cell.get("urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type")
                == "error"
            ):
                return Mark.FAULTY
            return text_of([self.cell.get(f"{OFFICE}string-value", shown)], is_escaped=False)
        text = self._value(kind)
        return Mark.FAULTY if text is None else text

    def _value(self, kind: str) -> str | None:
        raw = self.cell.get(
            f"{OFFICE}{'value' if kind in ('float', 'percentage', 'currency') else kind + '-value'}", ""
        )
        if kind in ("float", "percentage", "currency"):
            return number_text(raw)
        if kind == "date":
            return moment_text(raw, MOMENT if "T" in raw else DAY)
        if kind == "time":
            found = LENGTH.fullmatch(raw)
            return ":".join(f"{int(n):02}" for n in found.groups()) if found else None
        return raw if kind == "boolean" and raw in ("true", "false") else None

    def _end_row(self) -> None:
        assert self.tally is not None
        first, self.row = self.row + 1, self.row + self.times
        if self.row > LAST_ROW:
            raise misshapen("the rows of the sheet reach beyond the last row.")
        for column, wide, high in self.spans:
            self.tally.merge((first, min(first + high - 1, LAST_ROW), column, column + wide - 1))
        if not self.cells:
            return  # the next row that holds something says how many were blank
        for number in range(first, self.row + 1):
            self.tally.take(number, self.cells, is_unseen=self.is_unseen or bool(self.closed_groups))


def _times(attributes: dict[str, str], what: str) -> int:
    return _count(attributes.get(f"{TABLE}number-{what}-repeated", "1"))


def _spanned(attributes: dict[str, str], what: str) -> int:
    return _count(attributes.get(f"{TABLE}number-{what}-spanned", "1"))


def _count(raw: str) -> int:
    if not (raw.isdecimal() and raw.isascii() and 0 < len(raw) < 8 and int(raw) > 0):
        raise misshapen("a row or cell of the sheet repeats an impossible number of times.")
    return int(raw)
