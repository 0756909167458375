"""The archive of a workbook is judged before any of it is read: each trick is refused, the good file beside it is not."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from made_workbooks import (
    book,
    changed,
    links,
    open_document,
    packed,
    parts,
    row,
    sheet,
    two_sheets,
    types,
    with_part,
    write,
)

from dueregard.collect.archive_directory import LARGEST_RATIO
from dueregard.collect.gate import Refused
from dueregard.collect.parts import check_parts, open_archive
from dueregard.collect.workbook import judge_archive, read_sheet
from dueregard.collect.workbook_fault import Fault

SECRET = "Ahmed Smith"  # stands in hostile parts; no answer may hold it


def code_of(folder: Path, made: dict | bytes, name: str = "book.xlsx") -> str:
    refused = judge_archive(write(folder, made, name))
    if refused is None:
        return ""
    assert SECRET not in str(refused) and refused.message.endswith(".") and refused.try_this
    assert read_sheet(folder / name) == refused
    return refused.code


# --- the shared files ---


def shared_cases(shared: Path) -> list[dict]:
    cases = json.loads((shared / "attacks" / "manifest.json").read_text(encoding="utf-8"))
    return [case for case in cases if case["file"].endswith((".xlsx", ".ods", ".xls", ".xlsm"))]


def test_shared_workbooks_are_judged_as_their_manifest_says(shared):
    cases = shared_cases(shared)
    assert len(cases) >= 5
    for case in cases:
        read = read_sheet(shared / "attacks" / case["file"])
        if isinstance(read, Refused):
            found = (0, read.rows, read.code)
        else:
            found = (len(read.rows), read.n_rejected, "E_FORMULA" if read.formulas else "")
        assert found == (case["rows_accepted"], case["rows_rejected"], case["error_code"]), case["id"]


@pytest.mark.deep
def test_no_shared_workbook_takes_long(shared):
    """On a machine that is not starved: two seconds each, with the start of the process that reads it."""
    for case in shared_cases(shared):
        began = time.perf_counter()
        read_sheet(shared / "attacks" / case["file"])
        assert time.perf_counter() - began < 2, case["id"]


def test_the_formula_of_the_shared_file_is_named_by_row_and_column(shared):
    read = read_sheet(shared / "attacks" / "059_formula_cells.xlsx")
    assert not isinstance(read, Refused)
    assert read.formulas == ((5, "outcome"),) and 5 not in [number for number, _ in read.rows]


# --- good controls ---


def test_a_good_workbook_passes(tmp_path):
    assert code_of(tmp_path, parts()) == ""


def test_stored_parts_pass(tmp_path):
    assert code_of(tmp_path, packed(parts(), zipfile.ZIP_STORED)) == ""


def test_a_streamed_archive_with_records_behind_its_parts_passes(tmp_path):
    class Stream:  # cannot seek, so that the sizes follow the parts
        def __init__(self, handle):
            self.handle = handle

        def write(self, data):
            return self.handle.write(data)

        def flush(self):
            self.handle.flush()

    path = tmp_path / "book.xlsx"
    with path.open("wb") as handle, zipfile.ZipFile(Stream(handle), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
    assert judge_archive(path) is None


def test_a_large_archive_directory_of_small_parts_passes(tmp_path):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts().items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as handle:
                handle.write(str(content).encode())
    assert judge_archive(path) is None


def test_a_hyperlink_for_people_passes(tmp_path):
    made = with_part(
        "xl/worksheets/_rels/sheet1.xml.rels",
        links(("hyperlink", "https://example.org"), mode=' TargetMode="External"'),
    )
    assert code_of(tmp_path, made) == ""


# --- bytes that are no workbook ---


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "book.xlsx", "E_EMPTY_FILE"),
        (b"urn,name\n1,One\n", "book.xlsx", "E_ENCODING"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "book.xlsx", "E_ENCODING"),
        (b"\x1f\x8b\x08" + b"\0" * 40, "book.xlsx", "E_ENCODING"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "book.xls", "E_ENCODING"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "book.xlsx", "E_ENCODING"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "book.xlsx", "E_ENCRYPTED"),
        (packed(parts()), "book.ods", "E_ENCODING"),
        (packed(parts()), "book.xls", "E_ENCODING"),
        (packed(open_document()), "book.xlsx", "E_ENCODING"),
        (packed(parts()), "book.xlsm", "E_MACRO"),
        (packed(parts()), "book.xlsb", "E_MACRO"),
        (packed({"word/document.xml": "<w/>", "[Content_Types].xml": types()}), "book.xlsx", "E_ENCODING"),
        (packed({"a.txt": SECRET}), "book.xlsx", "E_WORKBOOK"),
        (packed({}), "book.xlsx", "E_ENCODING"),
    ],
)  # fmt: skip
def test_what_is_not_the_workbook_that_its_name_says_is_refused(tmp_path, data, name, code):
    assert code_of(tmp_path, data, name) == code


@pytest.mark.parametrize("cut", [1, 22, 100, 500, 900])
def test_a_workbook_that_is_cut_off_is_refused(tmp_path, cut):
    assert code_of(tmp_path, packed(parts())[:-cut]) == "E_TRUNCATED"


@pytest.mark.parametrize("more", [b"\0", SECRET.encode()])
def test_bytes_before_and_behind_the_archive_are_refused(tmp_path, more):
    assert code_of(tmp_path, packed(parts()) + more) == "E_TRUNCATED"
    assert code_of(tmp_path, more + packed(parts())) in ("E_TRUNCATED", "E_ENCODING")


def test_a_wrong_checksum_is_refused(tmp_path):
    data = bytearray(packed(parts(), zipfile.ZIP_STORED))
    at = data.index(b"Three")
    data[at : at + 5] = b"Thre3"
    assert code_of(tmp_path, bytes(data)) == "E_TRUNCATED"


# --- bombs ---


def test_a_part_packed_too_tightly_is_refused(tmp_path):
    blanks = b" " * (3 << 20)
    assert code_of(tmp_path, with_part("xl/blanks.xml", b"<a>" + blanks + b"</a>")) == "E_ARCHIVE_RATIO"
    assert len(blanks) / len(zlib.compress(blanks)) > LARGEST_RATIO


def test_a_part_that_is_larger_than_it_says_is_refused(tmp_path):
    """Both headers say 10 bytes; the part holds 64 MiB. Nothing beyond the tenth is unpacked for long."""
    data = packed(with_part("xl/lie.xml", b"<a>" + b" " * (1 << 26) + b"</a>"))
    real = struct.pack("<L", (1 << 26) + 7)
    assert data.count(real) == 2
    assert code_of(tmp_path, data.replace(real, struct.pack("<L", 10))) == "E_ARCHIVE_RATIO"


def test_parts_that_lie_over_each_other_are_refused():
    """One part lies, header and all, in the bytes of another: the trick that makes 42 kB into petabytes."""
    inner = packed({"inner.xml": "<a/>"}, zipfile.ZIP_STORED)
    local, central = inner[: inner.index(b"PK\x01\x02")], inner[inner.index(b"PK\x01\x02") : inner.index(b"PK\x05\x06")]
    outer = packed({"outer.bin": b"xx" + local}, zipfile.ZIP_STORED)
    first = outer.index(b"PK\x01\x02", outer.index(local) + len(local))
    moved = central[:42] + struct.pack("<L", outer.index(local)) + central[46:]
    directory = outer[first : outer.rindex(b"PK\x05\x06")] + moved
    data = outer[:first] + directory + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 2, 2, len(directory), first, 0)
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["outer.bin", "inner.xml"]
    with pytest.raises(Fault) as fault:
        check_parts(open_archive(data))
    assert fault.value.code == "E_ARCHIVE_RATIO"


def test_too_many_parts_are_refused(tmp_path):
    assert code_of(tmp_path, {**parts(), **{f"xl/x{n}.xml": "<a/>" for n in range(1001)}}) == "E_ARCHIVE_RATIO"


@pytest.mark.parametrize(
    "inner",
    [packed({"a": "b"}), b"\x1f\x8b\x08\0\0", b"7z\xbc\xaf\x27\x1c\0", b"Rar!\x1a\x07\0", b"\0" * 257 + b"ustar\0"],
)
def test_an_archive_inside_the_archive_is_refused(tmp_path, inner):
    assert code_of(tmp_path, with_part("xl/media/image1.png", inner)) == "E_ARCHIVE_RATIO"


MEASURED = """
import resource, sys
from pathlib import Path
from dueregard.collect.workbook import judge_archive
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
refused = judge_archive(Path(sys.argv[1]))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(refused.code, after - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("is_honest", [True, False])
def test_a_bomb_is_never_unpacked(tmp_path, is_honest):
    """256 MiB under 100 MiB, as the shared manifest asks; measured in a process of its own (ru_maxrss, KiB)."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as handle:
            for n in range(256):
                handle.write((b"" if n else b"<worksheet>").ljust(1 << 20))
    if not is_honest:  # both headers own up to one mebibyte only
        data = path.read_bytes()
        assert data.count(struct.pack("<L", 1 << 28)) == 2
        path.write_bytes(data.replace(struct.pack("<L", 1 << 28), struct.pack("<L", 1 << 20)))
    done = subprocess.run([sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True)
    code, grown, of_child = done.stdout.split()
    assert code == "E_ARCHIVE_RATIO"
    assert int(grown) < 100 * 1024 and int(of_child) < 100 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


# --- paths ---


@pytest.mark.parametrize(
    "name",
    ["../evil.xml", "xl/../../evil.xml", "/etc/evil.xml", "C:/evil.xml", "C:evil.xml", "xl\\evil.xml", "..\\evil.xml", "\\\\host\\evil.xml",
     "xl/./evil.xml", "xl//evil.xml", "..", "xl/.. /evil.xml", "~/evil.xml", "xl/e\nvil.xml", "XL/WORKBOOK.XML", "x" * 256],
)  # fmt: skip
def test_paths_that_lead_out_or_are_there_twice_are_refused(tmp_path, name):
    assert code_of(tmp_path, with_part(name, "<a/>")) == "E_ARCHIVE_PATH"


def test_the_same_path_twice_is_refused(tmp_path):
    path = write(tmp_path, parts())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet(row(1, SECRET)))
    refused = judge_archive(path)
    assert refused is not None and refused.code == "E_ARCHIVE_PATH"


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o010666])
def test_links_devices_and_pipes_are_refused(tmp_path, mode):
    path = write(tmp_path, parts())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.create_system, link.external_attr = 3, mode << 16
        archive.writestr(link, "/etc/passwd")
    refused = judge_archive(path)
    assert refused is not None and refused.code == "E_ARCHIVE_PATH"


def test_a_name_that_differs_between_the_headers_is_refused(tmp_path):
    data = packed(with_part("xl/aaaa.xml", "<a/>"))
    assert code_of(tmp_path, data.replace(b"xl/aaaa.xml", b"../aaaa.xml"[:11], 1)) == "E_ARCHIVE_PATH"


def test_a_second_name_in_an_extra_field_is_refused(tmp_path):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        info = zipfile.ZipInfo("xl/aaaa.xml")
        other = b"\x01" + struct.pack("<L", zlib.crc32(b"xl/aaaa.xml")) + b"../../evil"
        info.extra = struct.pack("<2H", 0x7075, len(other)) + other
        archive.writestr(info, "<a/>")
    refused = judge_archive(path)
    assert refused is not None and refused.code == "E_ARCHIVE_PATH"


def test_encrypted_parts_are_refused(tmp_path):
    data = bytearray(packed(parts()))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        where = data.index(sign)
        data[where + at] |= 1
    assert code_of(tmp_path, bytes(data)) == "E_ENCRYPTED"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path, method):
    assert code_of(tmp_path, packed(parts(), method)) == "E_ENCODING"


# --- XML ---

LAUGHS = '<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
FILE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HTTP = '<!DOCTYPE w SYSTEM "http://127.0.0.1:1/evil.dtd">'


@pytest.mark.parametrize(
    "types", [LAUGHS, FILE, HTTP, '<!DOCTYPE w [<!ENTITY % a SYSTEM "http://127.0.0.1:1/"> %a;]>', "<!DOCTYPE w>"]
)
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "xl/odd.bin"]
)  # fmt: skip
def test_document_types_and_entities_are_refused_in_any_part(tmp_path, part, types):
    content = parts().get(part, '<?xml version="1.0"?><a/>')
    assert isinstance(content, str)
    head, _, rest = content.partition("?>")
    assert code_of(tmp_path, with_part(part, f"{head}?>{types}{rest}")) == "E_XML_DTD"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_document_types_are_found_in_any_encoding(tmp_path, encoding):
    declared = "UTF-16" if "16" in encoding else "UTF-8"
    content = sheet().replace("UTF-8", declared).replace("?>", "?>" + LAUGHS, 1)
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", content.encode(encoding))) == "E_XML_DTD"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_good_sheet_in_the_other_encodings_of_the_standard_passes(tmp_path, encoding):
    content = sheet().replace("UTF-8", "UTF-16" if "16" in encoding else "UTF-8")
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", content.encode(encoding))) == ""


def test_a_document_type_across_two_blocks_is_found(tmp_path):
    """Parts are looked at in blocks of 256 KiB; the sign may lie on the border of two, at any of its letters."""
    for shift in range(12):
        content = b"<a>" + b"<b/>" * 65535 + b" " * shift + b"<!DOCTYPE x>" + b"</a>"
        assert code_of(tmp_path, packed(with_part("xl/odd.xml", content), zipfile.ZIP_STORED)) == "E_XML_DTD"


def test_an_encoding_that_hides_its_letters_is_refused(tmp_path):
    content = sheet().replace("UTF-8", "cp037")
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", content)) == "E_ENCODING"
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", sheet().encode("cp037"))) == "E_WORKBOOK"


def test_an_endless_tag_is_refused(tmp_path):
    import random

    noise = random.Random(1).randbytes(2 << 20).hex()  # noise, so that the ratio is an ordinary one
    assert code_of(tmp_path, with_part("xl/odd.xml", f'<a b="{noise}"/>')) == "E_FIELD_LENGTH"


def test_broken_xml_is_refused(tmp_path):
    assert code_of(tmp_path, changed("xl/worksheets/sheet1.xml", "</sheetData>", "")) == "E_WORKBOOK"


def test_deep_nesting_is_refused(tmp_path):
    deep = "<x>" * 5_000 + "</x>" * 5_000
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", sheet(after=deep))) == "E_WORKBOOK"


# --- macros, links, copies ---

MACRO_MAIN = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


@pytest.mark.parametrize(
    "made",
    [
        with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        with_part("xl/elsewhere.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        with_part("[Content_Types].xml", types(main=MACRO_MAIN)),
        with_part("[Content_Types].xml", types(("/xl/m.bin", "application/vnd.ms-office.vbaProject"))),
        with_part("xl/macrosheets/sheet1.xml", "<a/>"),
        with_part("xl/activeX/activeX1.xml", "<a/>"),
        with_part("xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        with_part("xl/embeddings/inner.xlsx", packed(parts())),
        with_part("customUI/customUI.xml", "<a/>"),
        with_part("xl/program.bin", b"MZ\x90\0"),
        with_part("xl/workbook.xml", book(inside='<definedNames><definedName name="Auto_Open" xlm="1">1</definedName></definedNames>')),
        with_part("xl/_rels/other.xml.rels", links(("vbaProject", "x.bin"))),
        with_part("xl/_rels/other.xml.rels", links(("oleObject", "x.bin"))),
    ],
)  # fmt: skip
def test_macros_controls_and_embedded_objects_are_refused(tmp_path, made):
    assert code_of(tmp_path, made) == "E_MACRO"


@pytest.mark.parametrize(
    "made",
    [
        with_part("xl/externalLinks/externalLink1.xml", "<a/>"),
        with_part("xl/connections.xml", "<a/>"),
        with_part("xl/queryTables/queryTable1.xml", "<a/>"),
        with_part("xl/_rels/other.xml.rels", links(("image", "http://127.0.0.1:1/a.png"), mode=' TargetMode="External"')),
        with_part("xl/_rels/other.xml.rels", links(("connections", "x.xml"))),
        with_part("xl/workbook.xml", book(inside='<externalReferences><externalReference r:id="rId9"/></externalReferences>')),
    ],
)  # fmt: skip
def test_links_to_other_files_and_databases_are_refused(tmp_path, made):
    assert code_of(tmp_path, made) == "E_EXTERNAL_LINK"


# --- what a person at the screen does not see ---


@pytest.mark.parametrize("state", ["hidden", "veryHidden", "somethingElse"])
def test_hidden_sheets_are_refused_with_the_rows_that_can_be_seen(tmp_path, state):
    path = write(tmp_path, two_sheets(row(1, SECRET) + row(2, SECRET), state))
    refused = judge_archive(path)
    assert refused is not None and (refused.code, refused.rows) == ("E_HIDDEN_SHEET", 3)
    assert SECRET not in str(refused)


@pytest.mark.parametrize(
    "content",
    [
        sheet(row(1, "a") + row(2, "b", attributes=' hidden="1"') + row(3, "c")),
        sheet(row(1, "a") + row(2, "b", attributes=' ht="0" customHeight="1"') + row(3, "c")),
        sheet(
            row(1, "a", "b") + row(2, "c", "d") + row(3, "e"), before='<cols><col min="2" max="2" hidden="1"/></cols>'
        ),
        sheet(
            row(1, "a", "b") + row(2, "c", "d") + row(3, "e"), before='<cols><col min="1" max="9" width="0"/></cols>'
        ),
        sheet(row(1, "a") + row(2, "b") + row(3, "c"), before='<sheetFormatPr zeroHeight="1"/>'),
    ],
)
def test_hidden_rows_and_columns_with_content_are_refused(tmp_path, content):
    refused = judge_archive(write(tmp_path, with_part("xl/worksheets/sheet1.xml", content)))
    assert refused is not None and (refused.code, refused.rows) == ("E_HIDDEN_SHEET", 2)


@pytest.mark.parametrize(
    "content",
    [
        sheet(row(1, "a") + row(2, attributes=' hidden="1"') + row(3, "c")),
        sheet(row(1, "a") + row(2, "b"), before='<cols><col min="2" max="9" hidden="1"/></cols>'),
        sheet(row(1, "a") + row(2, "b", attributes=' hidden="0"')),
    ],
)
def test_hidden_rows_and_columns_that_hold_nothing_pass(tmp_path, content):
    assert code_of(tmp_path, with_part("xl/worksheets/sheet1.xml", content)) == ""


def test_a_format_that_shows_nothing_hides(tmp_path):
    made = parts(row(1, "a", "b") + row(2, "c", '<c s="1"><v>5</v></c>'))
    made["xl/styles.xml"] = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<numFmts><numFmt numFmtId="170" formatCode=";;;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    made["xl/_rels/workbook.xml.rels"] = links(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))
    assert code_of(tmp_path, made) == "E_HIDDEN_SHEET"


def test_a_sheet_that_the_workbook_does_not_list_is_hidden(tmp_path):
    assert code_of(tmp_path, with_part("xl/worksheets/sheet9.xml", sheet(row(1, SECRET)))) == "E_HIDDEN_SHEET"


def test_the_copy_behind_a_pivot_table_is_hidden(tmp_path):
    assert code_of(tmp_path, with_part("xl/pivotCache/pivotCacheRecords1.xml", "<a/>")) == "E_HIDDEN_SHEET"


def test_a_hidden_window_is_refused(tmp_path):
    inside = '<bookViews><workbookView visibility="hidden"/></bookViews>'
    assert code_of(tmp_path, with_part("xl/workbook.xml", book(inside=inside))) == "E_HIDDEN_SHEET"


def test_two_filled_sheets_are_refused_and_an_empty_second_one_passes(tmp_path):
    assert code_of(tmp_path, two_sheets()) == "E_SEVERAL_SHEETS"
    assert code_of(tmp_path, two_sheets("")) == ""
    assert code_of(tmp_path, two_sheets(row(1, "  "))) == ""


def test_a_workbook_that_holds_nothing_is_empty(tmp_path):
    assert code_of(tmp_path, parts("")) == "E_EMPTY_FILE"


# --- OpenDocument ---

HIDDEN_STYLE = (
    '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
)
ONE = "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (open_document(), ""),
        (open_document(**{"Basic/Standard/Module1.xml": "<a/>"}), "E_MACRO"),
        (open_document(inside='<script:event-listener script:language="ooo:script"/>'), "E_MACRO"),
        (open_document(**{"META-INF/manifest.xml": '<m><file-entry><encryption-data/></file-entry></m>'}), "E_ENCRYPTED"),
        (open_document(sheets=f'<table:table>{ONE}</table:table><table:table table:style-name="h">{ONE}</table:table>', styles=HIDDEN_STYLE),
         "E_HIDDEN_SHEET"),
        (open_document(sheets=f"<table:table>{ONE}</table:table><table:table>{ONE}</table:table>"), "E_SEVERAL_SHEETS"),
        (open_document(ONE + ONE.replace("-row>", '-row table:visibility="collapse">', 1)), "E_HIDDEN_SHEET"),
        (open_document(ONE + ONE.replace("-row>", '-row table:visibility="filter">', 1)), "E_HIDDEN_SHEET"),
        (open_document('<table:table-column table:visibility="collapse"/>' + ONE), "E_HIDDEN_SHEET"),
        (open_document('<table:table-row-group table:display="false">' + ONE + "</table:table-row-group>"), "E_HIDDEN_SHEET"),
        (open_document(inside="<table:tracked-changes><table:deletion/></table:tracked-changes>"), "E_HIDDEN_SHEET"),
        (open_document('<table:table-source table:filename="file:///etc/passwd"/>' + ONE), "E_EXTERNAL_LINK"),
        (open_document(ONE.replace("-row>", '-row table:number-rows-repeated="9999999">', 1)), "E_WORKBOOK"),
        (open_document(ONE.replace("-cell>", '-cell table:number-columns-repeated="9999999">', 1)), "E_WORKBOOK"),
        (open_document(ONE.replace("-row>", '-row table:number-rows-repeated="1048000">', 1).replace(
            "-cell>", '-cell table:number-columns-repeated="16384">', 1)), "E_TOO_LARGE"),
        (open_document(""), "E_EMPTY_FILE"),
    ],
)  # fmt: skip
def test_an_open_document_is_judged_by_the_same_rules(tmp_path, made, code):
    assert code_of(tmp_path, made, "book.ods") == code
