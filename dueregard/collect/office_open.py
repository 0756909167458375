"""What stands in an Excel workbook (.xlsx)? Sheets, texts, formats and cells, straight from its XML.

The stock readers give a formula's old value as if it were data, pass over hidden sheets or rows, and lose row numbers;
so the parts are read here, by the parser of the standard library, with document types and entities refused once more.
Standard library only. Format: ECMA-376 part 1, 18 (SpreadsheetML) and part 2 (packages).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from urllib.parse import unquote
from xml.parsers import expat

from dueregard.collect.clerk import (
    BUILT_IN,
    PLAIN,
    Shape,
    moment_text,
    number_text,
    shape_of,
    truth_text,
    unescaped,
)
from dueregard.collect.parts import Archive, Fault, active, misshapen
from dueregard.collect.tally import LAST_COLUMN, LAST_ROW, LONGEST_CELL, Cells, Mark, Range, Tally, hidden

SMALL = 1 << 22  # bytes of a part that describes; the texts and the sheets are read in blocks
DEEPEST = 64
MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
LINKS = ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
         "http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
WORKBOOK_TYPES = ("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")
TYPES, ROOT = "[Content_Types].xml", "_rels/.rels"
# Where active content, links to elsewhere and copies of data that nobody sees stand, by the path of a part.
ACTIVE = re.compile(r"(^|/)(vba[^/]*\.bin|vbaproject[^/]*|activex|embeddings|macrosheets|intlmacrosheets|dialogsheets|customui[^/]*|"
                    r"attachedtoolbars[^/]*|webextensions)(/|$)", re.IGNORECASE)  # fmt: skip
ELSEWHERE = re.compile(r"^xl/(externallinks|querytables|connections\.xml|model)(/|$)", re.IGNORECASE)
COPIES = re.compile(r"^xl/(pivotcache|revisions)(/|$)", re.IGNORECASE)
ACTIVE_TYPES = (
    "macroenabled",
    "vbaproject",
    "macrosheet",
    "activex",
    "oleobject",
    "ms-excel.sheet.binary",
    "dialogsheet",
)
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
FALSE = (None, "0", "false")


# In which element each may stand, and in which nothing unknown may stand.
ABOVE = {"sheetData": ("worksheet",), "row": ("sheetData",), "c": ("row",), "v": ("c",), "f": ("c",), "is": ("c",),
         "t": ("is", "r", "rPh"), "r": ("is",), "col": ("cols",), "cols": ("worksheet",), "mergeCell": ("mergeCells",),
         "sheetFormatPr": ("worksheet",), "mergeCells": ("worksheet",)}  # fmt: skip
CLOSED = ("sheetData", "row", "c", "v", "f", "is", "t", "r")


def refuse_by_name(names: Iterable[str]) -> None:
    """Is it plain from the names of the parts that this workbook holds programs or links? Before anything is unpacked."""
    for name in names:
        if ACTIVE.search(name):
            raise active("the workbook holds macros, controls or embedded objects.")
        if ELSEWHERE.search(name):
            raise linked()
        if COPIES.search(name):
            raise hidden("the workbook keeps a copy of data that no sheet shows (a pivot table or old versions).")


def linked() -> Fault:
    return Fault("E_EXTERNAL_LINK", "the workbook takes data from another file or a database.",
                 "copy the table and paste it as values into a new workbook, or save it as CSV UTF-8.")  # fmt: skip


NO_MEMORY = 1  # the parser's own number for it


def parse(
    blocks: Iterable[bytes], start: Callable[[str, dict[str, str]], Any], end: Callable[[str], Any] | None = None,
    characters: Callable[[str], Any] | None = None,
) -> None:  # fmt: skip
    """Read one XML part. Names come as `namespace name`. Raises Fault on a document type, an entity, or broken XML."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler", "SkippedEntityHandler"):
        setattr(parser, handler, _refuse_types)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        if fault.code == NO_MEMORY:
            raise MemoryError from None
        raise misshapen("a part of the workbook is not well-formed XML.") from None


def _refuse_types(*_: object) -> None:
    raise Fault("E_XML_DTD", "a part of the workbook declares a document type or entities.",
                "copy the table into a new workbook: no spreadsheet program writes these.")  # fmt: skip


def elements(archive: Archive, name: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small part, in order, without their texts: (name without namespace, attributes)."""
    if name not in archive.parts:
        raise misshapen("a part that the workbook needs is missing.")
    found: list[tuple[str, dict[str, str]]] = []
    parse([archive.whole(name, SMALL)], lambda tag, attributes: found.append((tag.rpartition(" ")[2], attributes)))
    return found


class Links:
    """The relationships of one part: (last word of the type, target inside the archive) by id."""

    def __init__(self, archive: Archive, part: str) -> None:
        folder, name = posixpath.split(part)
        where = posixpath.join(folder, "_rels", name + ".rels") if part else ROOT
        self.by_id: dict[str, tuple[str, str]] = {}
        if where not in archive.parts:
            return
        for tag, attributes in elements(archive, where):
            if tag == "Relationship":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = posixpath.normpath(posixpath.join("/" + folder, unquote(attributes.get("Target", ""))))
                self.by_id[attributes.get("Id", "")] = (kind, archive.called(target.lstrip("/")))


def check_links(archive: Archive) -> None:
    """Does any part point outside the archive, or to something active? A hyperlink that a person may follow is let be."""
    for name in archive.parts:
        if not name.lower().endswith(".rels"):
            continue
        for tag, attributes in elements(archive, name):
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            if tag != "Relationship" or kind == "hyperlink":
                continue
            if attributes.get("TargetMode", "").lower() == "external" or kind in (
                "externallink",
                "connections",
                "querytable",
            ):
                raise linked()
            if kind in ("vbaproject", "xlmacrosheet", "xlintlmacrosheet", "oleobject", "package", "control", "dialogsheet",
                        "activexcontrolbinary", "attachedtoolbars"):  # fmt: skip
                raise active("the workbook holds macros, controls or embedded objects.")
            if kind in ("pivotcachedefinition", "pivotcacherecords", "revisionheaders"):
                raise hidden("the workbook keeps a copy of data that no sheet shows (a pivot table or old versions).")


def types_of(archive: Archive) -> dict[str, str]:
    """The content type that is declared for each part by its own name, or for `.xml` and the like; lower case."""
    declared = {}
    for tag, attributes in elements(archive, TYPES):
        kind = attributes.get("ContentType", "").lower()
        if any(word in kind for word in ACTIVE_TYPES):
            raise active("the workbook holds macros, controls or embedded objects.")
        if tag == "Override":
            declared[attributes.get("PartName", "").lstrip("/").lower()] = kind
        elif tag == "Default":
            declared["." + attributes.get("Extension", "").lower()] = kind
    return declared


class Book:
    """An Excel workbook whose parts have been checked: which sheets, which texts, which formats?"""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        types = types_of(archive)
        check_links(archive)
        mains = [target for kind, target in Links(archive, "").by_id.values() if kind == "officeDocument"]
        if len(mains) != 1 or not types.get(mains[0].lower(), types.get(".xml", "")).endswith(WORKBOOK_TYPES):
            raise Fault(
                "E_ENCODING",
                "the file is not an Excel workbook, whatever its name says.",
                "send the table as .xlsx or CSV UTF-8.",
            )
        self.links = Links(archive, mains[0]).by_id
        self.sheets: list[str] = []
        self.hidden: set[str] = set()
        self.n_hidden = 0
        self.is_1904 = False
        for tag, attributes in elements(archive, mains[0]):
            self._describe(tag, attributes)
        self.n_hidden += self._n_unlisted(types)

    def _describe(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            ids = [value for key, value in attributes.items() if key.endswith(" id") and key.startswith(LINKS)]
            kind, target = self.links.get(ids[0] if ids else "", ("", ""))
            if kind not in ("worksheet", "chartsheet"):
                raise misshapen("a sheet of the workbook is missing.")
            is_hidden = attributes.get("state", "visible") != "visible"
            self.n_hidden += is_hidden
            if kind == "worksheet":
                self.sheets.append(target)
                self.hidden |= {target} if is_hidden else set()
        elif tag == "workbookPr":
            self.is_1904 = attributes.get("date1904") not in FALSE
        elif tag == "workbookView":
            self.n_hidden += attributes.get("visibility", "visible") != "visible"
        elif tag == "definedName" and any(
            attributes.get(key) not in FALSE for key in ("function", "vbProcedure", "xlm")
        ):
            raise active("the workbook names a macro.")
        elif tag == "externalReference":
            raise linked()

    def _n_unlisted(self, types: dict[str, str]) -> int:
        """How many sheets lie in the archive that the workbook does not list? No program shows them."""
        listed = {target.lower() for target in self.sheets}
        if len(listed) != len(self.sheets):
            raise misshapen("two sheets of the workbook are the same.")
        lying = {n.lower() for n in self.archive.parts if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n, re.IGNORECASE)}
        lying |= {n for n, kind in types.items() if n[0] != "." and kind.endswith("spreadsheetml.worksheet+xml")}
        return len(lying - listed)

    def read(self, give: Callable[[int, list[str]], None] | None) -> Tally:
        """The one sheet that holds a table; its whole rows go to `give`. Raises Fault where the workbook is refused."""
        texts, shapes = self._texts(), self._shapes()
        full: list[Tally] = []
        for sheet in self.sheets:
            if sheet not in self.archive.parts:
                raise misshapen("a sheet of the workbook is missing.")
            if sheet in self.hidden:
                continue  # its rows are not even counted
            tally = Tally(None if full or self.n_hidden else give)
            SheetReader(tally, texts, shapes, is_1904=self.is_1904).read(self.archive.blocks(sheet))
            full += [tally] if tally.has_content() else []
        return only_one(full, self.n_hidden)

    def _part(self, kind: str) -> str | None:
        targets = [target for k, target in self.links.values() if k == kind]
        if len(targets) > 1 or any(target not in self.archive.parts for target in targets):
            raise misshapen("a part that the workbook needs is missing, or is there twice.")
        return targets[0] if targets else None

    def _texts(self) -> list[str | Mark]:
        part = self._part("sharedStrings")
        if part is None:
            return []
        reader = TextReader()
        parse(self.archive.blocks(part), reader.start, reader.end, reader.characters)
        return reader.texts

    def _shapes(self) -> list[Shape]:
        """What each cell style makes of a number."""
        part = self._part("styles")
        if part is None:
            return []
        formats: dict[str, str] = {}
        shapes: list[Shape] = []
        is_cell = False
        for tag, attributes in elements(self.archive, part):
            if tag == "numFmt":
                formats.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                is_cell = tag == "cellXfs"
            elif tag == "xf" and is_cell:
                number = attributes.get("numFmtId", "0")
                shapes.append(shape_of(formats[number]) if number in formats
                              else BUILT_IN.get(int(number) if number.isdecimal() else 0, PLAIN))  # fmt: skip
        return shapes


def only_one(full: list[Tally], n_hidden: int) -> Tally:
    """The sheet that holds the table. Raises Fault where sheets are hidden, several are filled, or none."""
    rows = sum(tally.n_rows for tally in full)
    if n_hidden:
        raise hidden(
            f"the workbook has {n_hidden} hidden sheet{'s' if n_hidden > 1 else ''} or window{'s' if n_hidden > 1 else ''}.",
            rows,
        )
    if not full:
        raise Fault(
            "E_EMPTY_FILE", "no sheet of the workbook holds anything.", "send it again; a nil return is a header alone."
        )
    for tally in full:
        tally.check()
    if len(full) > 1:
        raise Fault("E_SEVERAL_SHEETS", f"{len(full)} sheets of the workbook hold something: which is meant cannot be told.",
                    "leave one table in each workbook, or save each sheet as CSV UTF-8.", rows)  # fmt: skip
    return full[0]


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


def text_of(runs: list[str], *, is_escaped: bool = True) -> str | Mark:
    """A text of a workbook; is_escaped: `_x000D_` stands for a sign."""
    text = "".join(runs)
    if len(text) > LONGEST_CELL * 7:  # an escaped sign takes seven
        return Mark.LONG
    plain = unescaped(text) if is_escaped else text
    if plain is None:
        return Mark.FAULTY
    return plain if len(plain) <= LONGEST_CELL else Mark.LONG


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
