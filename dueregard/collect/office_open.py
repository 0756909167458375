"""What stands in an Excel workbook (.xlsx)? Sheets, texts, formats and cells, straight from its XML.

The stock readers give a formula's old value as if it were data, pass over hidden sheets or rows, and lose row numbers;
so the parts are read here, by the parser of the standard library, with document types and entities refused once more.
Standard library only. Format: ECMA-376 part 1, 18 (SpreadsheetML) and part 2 (packages).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from dueregard.collect.clerk import (
    BUILT_IN,
    PLAIN,
    Shape,
    shape_of,
)
from dueregard.collect.office_sheet import FALSE, SheetReader, TextReader
from dueregard.collect.parts import Archive
from dueregard.collect.tally import Mark, Tally, hidden
from dueregard.collect.workbook_fault import Fault, active, misshapen
from dueregard.collect.workbook_xml import elements, parse

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
