"""Workbooks made part by part, so that a test can break exactly one thing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEADER = ("urn", "name", "n_pupils")
ROWS = (("100001", "One", "7"), ("100002", "Two", "8"), ("100003", "Three", "9"))


def text_cell(text: str, where: str = "") -> str:
    place = f' r="{where}"' if where else ""
    return f'<c{place} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def row(number: int, *cells: str, attributes: str = "") -> str:
    """Cells are XML, or plain texts; an empty text is a cell that is not there."""
    made = []
    for column, cell in enumerate(cells):
        where = f"{chr(65 + column)}{number}"
        made.append(
            cell.replace("<c", f'<c r="{where}"', 1)
            if cell.startswith("<c")
            else text_cell(cell, where)
            if cell
            else ""
        )
    return f'<row r="{number}"{attributes}>{"".join(made)}</row>'


def good_rows() -> str:
    return "".join(row(number, *cells) for number, cells in enumerate((HEADER, *ROWS), start=1))


def sheet(rows: str | None = None, *, before: str = "", after: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}" xmlns:r="{LINKS}">{before}'
        f"<sheetData>{good_rows() if rows is None else rows}</sheetData>{after}</worksheet>"
    )


def links(*targets: tuple[str, str], mode: str = "") -> str:
    """Relationships of (last word of the type, target), with the ids rId1, rId2 and so on."""
    made = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/{kind}" Target="{target}"{mode}/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">{made}</Relationships>'


def types(*overrides: tuple[str, str], main: str = f"{SHEET_TYPE}.sheet.main+xml") -> str:
    made = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides)
    return (
        f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>{made}</Types>'
    )


def book(*states: str, inside: str = "") -> str:
    """The workbook part with one sheet for each state (`` is visible)."""
    sheets = "".join(
        f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"{state and f" state={chr(34)}{state}{chr(34)}"}/>'
        for n, state in enumerate(states or ("",), start=1)
    )
    return (
        f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{inside}<sheets>{sheets}</sheets></workbook>'
    )


def parts(rows: str | None = None, **others: str | bytes) -> dict[str, str | bytes]:
    """The parts of a good workbook of one sheet."""
    return {
        "[Content_Types].xml": types(),
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": book(),
        "xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": sheet(rows),
        **others,
    }


def two_sheets(second: str | None = None, state: str = "") -> dict[str, str | bytes]:
    made = parts()
    made["xl/workbook.xml"] = book("", state)
    made["xl/_rels/workbook.xml.rels"] = links(
        ("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml")
    )
    made["xl/worksheets/sheet2.xml"] = sheet(second)
    return made


def with_part(name: str, content: str | bytes) -> dict[str, str | bytes]:
    return {**parts(), name: content}


def changed(name: str, old: str, new: str) -> dict[str, str | bytes]:
    """A good workbook in which one text of one part is another."""
    made = parts()
    before = made[name]
    assert isinstance(before, str) and old in before
    return {**made, name: before.replace(old, new)}


def packed(made: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in made.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return buffer.getvalue()


def write(folder: Path, made: dict[str, str | bytes] | bytes, name: str = "book.xlsx") -> Path:
    path = folder / name
    path.write_bytes(made if isinstance(made, bytes) else packed(made))
    return path


OPEN = "urn:oasis:names:tc:opendocument:xmlns"
OPEN_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def open_cell(text: str, attributes: str = "") -> str:
    kind = "" if "value-type" in attributes or not text else ' office:value-type="string"'
    return (
        f"<table:table-cell{kind}{attributes}>{f'<text:p>{escape(text)}</text:p>' if text else ''}</table:table-cell>"
    )


def open_row(*cells: str, attributes: str = "") -> str:
    made = "".join(cell if cell.startswith("<") else open_cell(cell) for cell in cells)
    return f"<table:table-row{attributes}>{made}</table:table-row>"


def open_rows() -> str:
    return "".join(open_row(*cells) for cells in (HEADER, *ROWS))


def open_document(
    rows: str | None = None, *, sheets: str = "", styles: str = "", inside: str = "", **others: str
) -> dict[str, str | bytes]:
    made = sheets or f'<table:table table:name="s">{open_rows() if rows is None else rows}</table:table>'
    names = "".join(f' xmlns:{n}="{OPEN}:{n}:1.0"' for n in ("office", "table", "text", "style", "script"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{inside}{made}</office:spreadsheet></office:body></office:document-content>"
    )
    return {"mimetype": OPEN_TYPE, "content.xml": content, **others}
