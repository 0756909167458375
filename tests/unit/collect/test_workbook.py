"""A workbook's cells become the text that a careful clerk would write, and what cannot be told for certain is said."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from made_workbooks import (
    HEADER,
    ROWS,
    links,
    open_cell,
    open_document,
    open_row,
    packed,
    parts,
    row,
    sheet,
    with_part,
    write,
)

import dueregard
from dueregard.collect import workbook, workbook_process
from dueregard.collect.gate import Refused
from dueregard.collect.tally import Tally
from dueregard.collect.workbook import Sheet, findings_of, judge_archive, read_sheet
from dueregard.collect.workbook_fault import Fault
from dueregard.errors import SourceError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NUMBERED = tuple(enumerate(ROWS, start=2))


def read(folder: Path, made: dict | bytes, name: str = "book.xlsx") -> Sheet:
    found = read_sheet(write(folder, made, name))
    assert isinstance(found, Sheet), found
    return found


def cells(folder: Path, *made: str, **others: str | bytes) -> list[str]:
    """The texts of cells that stand below each other in one column."""
    rows = row(1, "column") + "".join(row(n, cell) for n, cell in enumerate(made, start=2))
    return [texts[0] for _, texts in read(folder, parts(rows, **others)).rows]


def styled(*formats: str) -> dict[str, str]:
    """The parts that give cells the styles 1, 2 and so on, each with its own number format."""
    codes = "".join(f'<numFmt numFmtId="{170 + n}" formatCode="{code}"/>' for n, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{170 + n}"/>' for n in range(len(formats)))
    return {
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
        "xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
    }


def shared_texts(*items: str) -> dict[str, str]:
    return {
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(items)}</sst>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
    }


# --- rows ---


def test_rows_come_with_their_numbers(tmp_path):
    found = read(tmp_path, parts())
    assert (found.header, tuple(found.rows), found.header_row, found.n_rows) == (HEADER, NUMBERED, 1, 3)
    assert found.blank == found.ragged == found.formulas == found.faulty == found.merged == found.long == ()


def test_gaps_and_empty_rows_are_blank_wherever_they_stand(tmp_path):
    rows = row(2, *HEADER) + row(4, *ROWS[0]) + row(5, "", "  ") + row(8, *ROWS[1]) + row(9, "<c s='0'/>") + row(10)
    found = read(tmp_path, parts(rows))
    assert found.blank == (1, 3, 5, 6, 7, 9, 10) and found.n_blank == 7
    assert found.header_row == 2 and [number for number, _ in found.rows] == [4, 8]


def test_a_gap_of_a_million_rows_is_counted_and_not_listed_whole(tmp_path):
    found = read(tmp_path, parts(row(1, "a") + row(1_048_576, "b")))
    assert (found.n_blank, len(found.blank), found.rows) == (1_048_574, 10_000, [(1_048_576, ("b",))])


def test_cells_that_are_not_there_are_empty_and_rows_are_as_wide_as_the_header(tmp_path):
    found = read(tmp_path, parts(row(1, "a", "b", "c") + row(2, "", "x") + row(3, "y")))
    assert found.rows == [(2, ("", "x", "")), (3, ("y", "", ""))]


def test_a_row_with_more_cells_than_the_header_is_left_out_and_named(tmp_path):
    found = read(
        tmp_path, parts(row(1, "a", "b") + row(2, "1", "2", "3") + row(3, "1", "2") + row(4, "1", "2", "<c/>"))
    )
    assert (found.ragged, found.n_rejected, [n for n, _ in found.rows]) == ((2,), 1, [3, 4])


def test_rows_and_cells_without_their_places_are_counted(tmp_path):
    bare = "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>"
    found = read(tmp_path, parts(bare))
    assert (found.header, found.rows) == (("a", "b"), [(2, ("1", "2"))])


@pytest.mark.parametrize(
    "rows",
    [
        row(1, "a") + row(3, "b") + row(2, "c"),
        row(1, "a") + row(2, "b") + row(2, "c"),
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1</t></is><is><t>2</t></is></c></row>',
        '<row r="1"><c r="A1"><v>1</v><is><t>2</t></is></c></row>',
        '<row r="1"><c r="A1" t="odd"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        '<row r="1"><c r="A1" s="7"><v>0</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="-1"/>',
        '<row r="1"><odd><c r="A1"><v>1</v></c></odd></row>',
        '<odd><row r="1"><c r="A1"><v>1</v></c></row></odd>',
    ],
)
def test_a_sheet_that_readers_would_take_in_different_ways_is_refused(tmp_path, rows):
    found = read_sheet(write(tmp_path, parts(rows)))
    assert isinstance(found, Refused) and found.code == "E_WORKBOOK"


# --- what a cell holds ---


@pytest.mark.parametrize(
    ("raw", "text"),
    [("100003", "100003"), ("100003.0", "100003"), ("1E5", "100000"), ("1.5", "1.5"), ("0.1", "0.1"), ("-0", "0"), ("-3", "-3"),
     ("0.30000000000000004", "0.30000000000000004"), ("1E-7", "0.0000001"), ("007", "7"), ("9007199254740992", "9007199254740992")],
)  # fmt: skip
def test_numbers_are_written_out_in_full(tmp_path, raw, text):
    assert cells(tmp_path, f"<c><v>{raw}</v></c>") == [text]


@pytest.mark.parametrize("raw", ["1E300", "9007199254740994", "NaN", "INF", "1E999", "0x10", "1_000", "１２", "1,5"])
def test_numbers_that_cannot_be_told_for_certain_are_named(tmp_path, raw):
    found = read(tmp_path, parts(row(1, "a", "b") + row(2, f"<c><v>{raw}</v></c>", "x") + row(3, "1", "2")))
    assert (found.faulty, [n for n, _ in found.rows], found.n_rejected) == (((2, "a"),), [3], 1)


def test_texts_stay_as_they_are(tmp_path):
    texts = ["000123", " a ", "a\nb", "=1+1", "1.0", "é\u200b😀", "'x", "NA", "#N/A"]
    assert cells(tmp_path, *texts) == texts


def test_escapes_in_texts_are_read(tmp_path):
    assert cells(tmp_path, "a_x000D_b", "_x005F_x000D_", "_xD83D__xDE00_", "_x00_") == [
        "a\rb",
        "_x000D_",
        "😀",
        "_x00_",
    ]


@pytest.mark.parametrize("text", ["_x0000_", "_xD83D_"])
def test_escapes_that_stand_for_no_character_are_named(tmp_path, text):
    assert read(tmp_path, parts(row(1, "a") + row(2, text))).faulty == ((2, "a"),)


def test_shared_and_rich_texts_are_joined_without_their_phonetic_signs(tmp_path):
    items = shared_texts(
        "<si><t>plain</t></si>",
        "<si><r><rPr><b/></rPr><t>ri</t></r><r><t xml:space='preserve'>ch </t></r></si>",
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/></si>",
        "<si/>",
    )
    made = [f"<c t='s'><v>{n}</v></c>" for n in range(3)] + [
        "<c t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r></is></c>"
    ]
    assert cells(tmp_path, *made, **items) == ["plain", "rich ", "東京", "ab"]


def test_truths_and_errors(tmp_path):
    rows = (
        row(1, "a")
        + row(2, "<c t='b'><v>1</v></c>")
        + row(3, "<c t='b'><v>0</v></c>")
        + row(4, "<c t='e'><v>#REF!</v></c>")
    )
    found = read(tmp_path, parts(rows))
    assert found.rows == [(2, ("true",)), (3, ("false",))] and found.faulty == ((4, "a"),)


@pytest.mark.parametrize(
    ("code", "raw", "text"),
    [
        ("yyyy-mm-dd", "45690", "2025-02-02"),
        ("dd/mm/yyyy", "45690", "2025-02-02"),
        ("[$-809]d mmmm yyyy;@", "45690", "2025-02-02"),
        ("yyyy-mm-dd", "45690.4375", "2025-02-02T10:30:00"),
        ("dd/mm/yyyy hh:mm", "45690", "2025-02-02T00:00:00"),
        ("dd/mm/yyyy hh:mm", "45690.4375", "2025-02-02T10:30:00"),
        ("hh:mm", "0.4375", "10:30:00"),
        ("mm:ss", "0.4375", "10:30:00"),
        ("[h]:mm", "1.5", "36:00:00"),
        ("yyyy-mm-dd", "1", "1900-01-01"),
        ("yyyy-mm-dd", "59", "1900-02-28"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "2958465", "9999-12-31"),
        ("0.00", "45690", "45690"),
        ("#,##0", "45690", "45690"),
        ("0 &quot;days&quot;", "45690", "45690"),
        ("[Red]0", "45690", "45690"),
        ("000000", "123", "000123"),
        ("000000", "1234567", "1234567"),
        ("General", "45690", "45690"),
        ("@", "45690", "45690"),
    ],
)
def test_a_number_is_a_day_where_its_format_shows_one(tmp_path, code, raw, text):
    assert cells(tmp_path, f'<c s="1"><v>{raw}</v></c>', **styled(code)) == [text]


@pytest.mark.parametrize("raw", ["60", "0", "-1", "2958466", "1E12"])
def test_days_that_never_were_are_named(tmp_path, raw):
    """60 is 29 February 1900, which every spreadsheet program shows and no calendar has."""
    found = read(tmp_path, parts(row(1, "a") + row(2, f'<c s="1"><v>{raw}</v></c>'), **styled("yyyy-mm-dd")))
    assert found.faulty == ((2, "a"),) and not found.rows


def test_the_other_beginning_of_time_is_honoured(tmp_path):
    made = parts(
        row(1, "a") + row(2, '<c s="1"><v>44228</v></c>') + row(3, '<c s="1"><v>0</v></c>'), **styled("yyyy-mm-dd")
    )
    made["xl/workbook.xml"] = str(made["xl/workbook.xml"]).replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    # 45690 of the usual system is 1462 days less here.
    assert read(tmp_path, made).rows == [(2, ("2025-02-02",)), (3, ("1904-01-01",))]


def test_days_that_are_written_out_are_checked(tmp_path):
    rows = row(1, "a") + row(2, "<c t='d'><v>2025-02-02</v></c>") + row(3, "<c t='d'><v>2025-02-30</v></c>")
    found = read(tmp_path, parts(rows))
    assert found.rows == [(2, ("2025-02-02",))] and found.faulty == ((3, "a"),)


def test_overlong_cells_are_named(tmp_path):
    found = read(tmp_path, parts(row(1, "a") + row(2, "x" * 32_768) + row(3, "x" * 32_767)))
    assert found.long == ((2, "a"),) and [n for n, _ in found.rows] == [3]


# --- formulas and merged cells ---


@pytest.mark.parametrize(
    "cell",
    ['<c><f>1+1</f><v>2</v></c>', '<c t="str"><f>WEBSERVICE("http://127.0.0.1:1/")</f><v>x</v></c>', '<c><f>A1</f></c>',
     '<c><f t="shared" si="0"/><v>2</v></c>', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "<c><f/><v>1</v></c>"],
)  # fmt: skip
def test_a_formula_takes_its_row_out_whatever_its_old_value(tmp_path, cell):
    found = read(tmp_path, parts(row(1, "a", "b") + row(2, "x", cell) + row(3, "x", "y")))
    assert (found.formulas, found.rows, found.n_rejected) == (((2, "b"),), [(3, ("x", "y"))], 1)


def test_a_formula_over_several_cells_takes_all_their_rows_out(tmp_path):
    """Only the first of the cells says that it is computed; the others look like typed values."""
    area = '<c><f t="array" ref="B2:B3">X</f><v>1</v></c>'
    found = read(
        tmp_path, parts(row(1, "a", "b") + row(2, "x", area) + row(3, "x", "<c><v>1</v></c>") + row(4, "x", "2"))
    )
    assert found.formulas == ((2, "b"), (3, "b")) and [n for n, _ in found.rows] == [4] and found.n_rejected == 2


def test_a_formula_outside_the_table_is_named_by_its_letter(tmp_path):
    found = read(tmp_path, parts(row(1, "a") + row(2, "x", "<c><f>1</f></c>")))
    assert found.formulas == ((2, "B"),) and found.ragged == (2,) and found.n_rejected == 1


def test_a_formula_or_an_error_in_the_header_refuses_the_sheet(tmp_path):
    for cell, code in (("<c><f>1</f></c>", "E_FORMULA"), ("<c t='e'><v>#N/A</v></c>", "E_TYPE")):
        found = read_sheet(write(tmp_path, parts(row(1, "a", cell) + row(2, "x", "y"))))
        assert isinstance(found, Refused) and (found.code, found.rows, found.lines) == (code, 1, (1,))


def test_merged_cells_take_their_rows_out(tmp_path):
    rows = row(1, "a", "b") + "".join(row(n, "x", "y") for n in range(2, 7))
    after = '<mergeCells count="2"><mergeCell ref="A3:A4"/><mergeCell ref="D2:E2"/></mergeCells>'
    found = read(tmp_path, with_part("xl/worksheets/sheet1.xml", sheet(rows, after=after)))
    assert found.merged == (3, 4) and [n for n, _ in found.rows] == [2, 5, 6] and found.n_rejected == 2


def test_merged_cells_in_the_header_refuse_the_sheet(tmp_path):
    made = sheet(row(1, "a", "b") + row(2, "x", "y"), after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    found = read_sheet(write(tmp_path, with_part("xl/worksheets/sheet1.xml", made)))
    assert isinstance(found, Refused) and (found.code, found.rows) == ("E_MERGED", 1)


def test_what_is_said_of_rows_that_are_not_whole_names_rows_and_columns_and_no_value(tmp_path):
    rows = (
        row(1, "a", "b") + row(2, "SECRET", "<c><f>1</f><v>2</v></c>") + row(3, "<c t='e'><v>#N/A</v></c>", "SECRET")
        + row(5, "x", "y", "SECRET") + row(6, "x", "<c><f>1</f></c>") + row(7, "SECRET", "z")
    )  # fmt: skip
    after = '<mergeCells><mergeCell ref="A7:A8"/></mergeCells>'
    found = read(tmp_path, with_part("xl/worksheets/sheet1.xml", sheet(rows, after=after)))
    said = findings_of("book.xlsx", "t", found, ("a", "b"))
    assert [(f.code, f.column, f.lines) for f in said] == [
        ("E_FORMULA", "b", (2, 6)), ("E_TYPE", "a", (3,)), ("E_FIELD_COUNT", "", (5,)), ("E_MERGED", "", (7,)), ("W_BLANK_ROWS", "", (4,))
    ]  # fmt: skip
    assert "SECRET" not in " ".join(f.words() for f in said)
    others = findings_of(
        "book.xlsx", "t", found, ("a",)
    )  # what stands above a column that is not of the layout may be a value
    assert [f.column for f in others if f.column] == ["B", "a"]


# --- OpenDocument ---


def test_an_open_document_gives_the_same_rows(tmp_path):
    found = read(tmp_path, open_document(), "book.ods")
    assert (found.header, tuple(found.rows)) == (HEADER, NUMBERED)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (open_cell("1,000", ' office:value-type="float" office:value="1000"'), "1000"),
        (open_cell("02/02/25", ' office:value-type="date" office:date-value="2025-02-02"'), "2025-02-02"),
        (open_cell("x", ' office:value-type="date" office:date-value="2025-02-02T10:30:00"'), "2025-02-02T10:30:00"),
        (open_cell("x", ' office:value-type="time" office:time-value="PT10H30M00S"'), "10:30:00"),
        (open_cell("WAHR", ' office:value-type="boolean" office:boolean-value="true"'), "true"),
        (open_cell("007"), "007"),
        (open_cell("a_x000D_b"), "a_x000D_b"),
        ("<table:table-cell><text:p>a<text:s text:c='2'/>b<text:span>c</text:span></text:p><text:p>d</text:p></table:table-cell>", "a  bc\nd"),
        ("<table:table-cell><office:annotation><text:p>note</text:p></office:annotation><text:p>a</text:p></table:table-cell>", "a"),
    ],
)  # fmt: skip
def test_cells_of_an_open_document(tmp_path, cell, text):
    assert read(tmp_path, open_document(open_row("h") + open_row(cell)), "book.ods").rows == [(2, (text,))]


def test_formulas_errors_and_merged_cells_of_an_open_document(tmp_path):
    bad_day = open_cell("x", ' office:value-type="date" office:date-value="2025-02-30"')
    tall = '<table:table-cell table:number-rows-spanned="2"><text:p>m</text:p></table:table-cell>'
    rows = (
        open_row("a", "b") + open_row("x", open_cell("2", ' table:formula="of:=1+1" office:value-type="float" office:value="2"'))
        + open_row(bad_day, "y") + open_row(tall, "y") + open_row("<table:covered-table-cell/>", "y") + open_row("x", "y")
    )  # fmt: skip
    found = read(tmp_path, open_document(rows), "book.ods")
    assert (found.formulas, found.faulty, found.merged) == (((2, "b"),), ((3, "a"),), (4, 5))
    assert [n for n, _ in found.rows] == [6] and found.n_rejected == 4


def test_repeated_rows_and_cells_of_an_open_document(tmp_path):
    empty = "<table:table-cell table:number-columns-repeated='16382'/>"
    rows = (
        open_row("a", "b", empty) + open_row(empty, attributes=' table:number-rows-repeated="3"')
        + open_row("<table:table-cell table:number-columns-repeated='2'><text:p>x</text:p></table:table-cell>",
                   attributes=' table:number-rows-repeated="2"')
        + open_row(empty, attributes=' table:number-rows-repeated="1048000"')
    )  # fmt: skip
    found = read(tmp_path, open_document(rows), "book.ods")
    assert found.rows == [(5, ("x", "x")), (6, ("x", "x"))] and found.blank == (2, 3, 4)


# --- beside other software ---

TABLE: list[tuple[object, ...]] = [
    ("ref", "urn", "share", "is_open", "day", "at", "note"),
    ("C00001", 100001, 0.1, True, date(2025, 2, 2), datetime(2025, 2, 2, 10, 30), "a & b"),
    ("000002", 100002, 1 / 3, False, date(1999, 12, 31), datetime(2024, 2, 29, 23, 59, 59), "line\nline"),
    ("x_y", -7, 1e-7, True, date(2000, 3, 1), datetime(2026, 11, 24, 0, 0, 1), "é 東京 😀 <t>"),
    ("", 2**53, 123456789.125, False, date(1900, 3, 1), datetime(1950, 1, 1, 12), " x "),
]


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.7f}" if value == 1e-7 else repr(value)
    return str(value)


def by_xlsxwriter(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet()
        day, moment = (
            made.add_format({"num_format": "dd/mm/yyyy"}),
            made.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        for n, values in enumerate(TABLE):
            for column, value in enumerate(values):
                if isinstance(value, datetime):
                    page.write_datetime(n, column, value, moment)
                elif isinstance(value, date):
                    page.write_datetime(n, column, value, day)
                elif isinstance(value, str):
                    page.write_string(n, column, value)
                else:
                    page.write(n, column, value)


def by_openpyxl(path: Path) -> None:
    import openpyxl

    made = openpyxl.Workbook()
    for values in TABLE:
        made.active.append([value if value != "" else None for value in values])
    made.save(path)


@pytest.mark.parametrize("write_table", [by_xlsxwriter, by_openpyxl])
def test_workbooks_of_other_programs_give_what_was_put_in(tmp_path, write_table):
    path = tmp_path / "book.xlsx"
    write_table(path)
    found = read_sheet(path)
    assert isinstance(found, Sheet), found
    assert found.header == TABLE[0]
    assert [texts for _, texts in found.rows] == [tuple(as_text(value) for value in values) for values in TABLE[1:]]


@pytest.mark.parametrize("write_table", [by_xlsxwriter, by_openpyxl])
def test_other_readers_read_the_same(tmp_path, write_table):
    """openpyxl and calamine on the same file; what they give as numbers and days is written as we write it."""
    import openpyxl

    calamine = pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    path = tmp_path / "book.xlsx"
    write_table(path)
    found = read_sheet(path)
    assert isinstance(found, Sheet)
    days = TABLE[0].index("day")
    of_calamine = calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    of_openpyxl = [list(values) for values in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    for others in (of_calamine, of_openpyxl):
        for (_, ours), theirs in zip(found.rows, others[1:], strict=True):
            for column, (our, their) in enumerate(zip(ours, theirs, strict=True)):
                if isinstance(their, float) and their.is_integer():
                    their = int(their)
                if column == days and isinstance(their, datetime):
                    their = their.date()
                assert our == ("" if their is None else as_text(their))


def test_a_published_workbook_of_excel_gives_what_openpyxl_reads(shared):
    """The PHEindicatormethods test table of Byar's and Wilson's limits, as Excel saved it."""
    import openpyxl

    path = shared / "data" / "phe" / "testdata_Byars_Wilson.xlsx"
    if not path.is_file():
        pytest.skip("the published workbook is not beside this checkout")
    found = read_sheet(path)
    assert isinstance(found, Sheet), found
    theirs = [list(values) for values in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    width = len(found.header)
    as_read = {
        number: ["" if v is None else as_text(v) for v in theirs[number - 1][:width]] for number, _ in found.rows
    }
    assert {number: list(texts) for number, texts in found.rows} == as_read and len(as_read) == 13


# --- the process ---


def test_a_file_that_cannot_be_opened_is_said(tmp_path):
    with pytest.raises(SourceError):
        read_sheet(tmp_path / "absent.xlsx")


def test_the_digest_is_of_the_bytes_that_were_read(tmp_path):
    import hashlib

    path = write(tmp_path, parts())
    assert read(tmp_path, parts()).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_reading_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    write(tmp_path, parts())
    assert judge_archive(tmp_path / "book.xlsx") is None
    assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]


def inside(action: str) -> subprocess.CompletedProcess[str]:
    """Do something where the workbook is read, behind its limits."""
    root = str(Path(dueregard.__file__).parents[1])
    code = (
        f"import sys, os, socket, subprocess; sys.path.insert(0, {root!r})\n"
        "from dueregard.collect import workbook_process as p\n"
        f"p.limit()\n{action}\n"
    )
    return subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=900)


@pytest.mark.parametrize(
    "action",
    ["open('/etc/hostname')", "open('made', 'w')", "socket.socket()", "subprocess.run(['true'])", "import zipfile"],
)
@pytest.mark.parametrize("lock", ["p.forbid()", ""])
def test_the_process_opens_connects_starts_and_loads_nothing(action, lock):
    """Once by the interpreter's own refusal, and once, without it, by the limits of the system alone."""
    done = inside(f"{lock}\n{action}\nos.write(1, b'DONE')")
    assert done.returncode != 0 and "DONE" not in done.stdout


def test_the_process_has_little_memory():
    assert "MemoryError" in inside("b'x' * (600 << 20)").stderr
    assert inside("b'x' * (300 << 20)").returncode == 0


def test_the_process_loads_nothing_heavy():
    done = inside("print([m for m in ('numpy', 'duckdb', 'pandas', 'openpyxl', 'xlsxwriter') if m in sys.modules])")
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os._exit(70)", "E_WORKBOOK"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "E_TOO_LARGE"),
        ('import os; os.write(1, b\'["row",2,["a"]]\\n\'); os.kill(os.getpid(), 9)', "E_TOO_LARGE"),
        ("import time; time.sleep(60)", "E_TOO_LARGE"),
        ("import os\nwhile True: os.write(1, b'[\"row\",2,[\"' + b'x' * 60000 + b'\"]]\\n')", "E_TOO_LARGE"),
    ],
)
def test_a_process_that_dies_hangs_or_floods_refuses_the_workbook(tmp_path, monkeypatch, code, expected):
    monkeypatch.setattr(workbook, "START", code)
    monkeypatch.setattr(workbook, "SECONDS", 1)
    monkeypatch.setattr(workbook, "LARGEST_ANSWER", 1 << 20)
    found = read_sheet(write(tmp_path, parts()))
    assert isinstance(found, Refused) and found.code == expected


def test_a_process_that_does_not_start_is_no_fault_of_the_workbook(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "START", "import not_there")
    with pytest.raises(SourceError):
        read_sheet(write(tmp_path, parts()))


def test_more_texts_than_memory_are_refused(tmp_path, monkeypatch):
    """The same way out as at 512 MiB, at 64: the texts alone need about 30 MB more than the interpreter."""
    monkeypatch.setattr(workbook, "START", workbook.START.replace("; main(", f"; {SMALLER}; main("))
    texts = "".join(f"<si><t>{n:032x}</t></si>" for n in range(300_000))
    path = write(tmp_path, packed(parts(**shared_texts(texts)), zipfile.ZIP_STORED))
    found = read_sheet(path)
    assert isinstance(found, Refused) and (found.code, "memory" in found.message) == ("E_TOO_LARGE", True)
    assert isinstance(read_sheet(write(tmp_path, parts())), Sheet)


SMALLER = "import dueregard.collect.workbook_process as p; p.MEMORY = 64 << 20"


# --- corruption ---


def corrupted(good: bytes, chance: random.Random) -> bytes:
    """Bytes turned, cut off, taken out or put in."""
    data, kind = bytearray(good), chance.randrange(4)
    at = chance.randrange(len(data))
    if kind == 0:
        for _ in range(chance.choice((1, 1, 1, 3, 20))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        del data[at : at + chance.randrange(1, 50)]
    else:
        data[at:at] = chance.randbytes(chance.randrange(1, 50))
    return bytes(data)


def read_here(data: bytes, suffix: str) -> tuple[list, Tally] | None:
    """The reading itself, without the process around it; None where the workbook is refused."""
    rows: list = []
    try:
        tally = workbook_process.read_bytes(data, suffix, lambda number, texts: rows.append((number, tuple(texts))))
    except Fault:
        return None
    return rows, tally


@pytest.mark.parametrize(
    "made", [packed(parts(**shared_texts("<si><t>a</t></si>"))), packed(open_document())], ids=["xlsx", "ods"]
)
def test_2000_random_corruptions_never_change_a_row_in_silence(made):
    """The rows are the same, or something is said; no other error than a refusal. Seed 20261124."""
    chance, n_refused = random.Random(20261124), 0
    suffix = ".ods" if b"content.xml" in made else ".xlsx"
    assert read_here(made, suffix) is not None
    for _ in range(2_000):
        found = read_here(corrupted(made, chance), suffix)
        if found is None:
            n_refused += 1
        else:
            assert (tuple(found[1].header), tuple(found[0])) == (HEADER, NUMBERED)
    assert n_refused > 1_700


@pytest.mark.parametrize("made", [parts(**shared_texts("<si><t>a</t></si>")), open_document()], ids=["xlsx", "ods"])
def test_2000_corruptions_of_xml_under_a_right_checksum_raise_nothing_but_refusals(made):
    """What is read may differ, since the sender's checksum says so; nothing else than a refusal is raised. Seed 7."""
    chance = random.Random(7)
    suffix = ".ods" if "mimetype" in made else ".xlsx"
    for _ in range(2_000):
        name = chance.choice(list(made))
        content = bytearray(str(made[name]).encode())
        for _ in range(chance.choice((1, 2, 10))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        read_here(packed({**made, name: bytes(content)}, zipfile.ZIP_STORED), suffix)


def test_corruptions_through_the_process(tmp_path):
    chance, good = random.Random(3), packed(parts())
    for _ in range(30):
        found = read_sheet(write(tmp_path, corrupted(good, chance)))
        assert isinstance(found, Refused) or tuple(found.rows) == NUMBERED


def test_limits_of_the_process_are_what_the_documentation_says():
    assert (workbook_process.MEMORY, workbook_process.SECONDS) == (512 << 20, 10)
    assert os.name != "posix" or "RLIMIT_AS" in dir(__import__("resource"))


def test_every_code_of_a_workbook_is_in_the_documentation():
    root = Path(__file__).parents[3]
    page = (root / "docs" / "how-to" / "workbooks.md").read_text(encoding="utf-8")
    files = ("workbook_fault", "archive_directory", "parts", "tally", "workbook_xml", "office_open", "office_sheet", "opendocument", "workbook_process")  # fmt: skip
    said = {
        code
        for name in files
        for code in re.findall(r'"(E_[A-Z_]+)"', (root / f"dueregard/collect/{name}.py").read_text(encoding="utf-8"))
    }
    assert len(said) > 12 and {code for code in said if f"`{code}`" not in page} == set()
