"""The workbook: one table a sheet, no empty cell, no formula, the warning on every sheet and printed page."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import handmade
import pytest

from dueregard.publish import tables, words

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def parts_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


@pytest.fixture(scope="module")
def book() -> dict[str, str]:
    return parts_of(tables.render(handmade.report()))


def sheets(book: dict[str, str]) -> list[str]:
    return [text for name, text in book.items() if name.startswith("xl/worksheets/sheet")]


def names(book: dict[str, str]) -> list[str]:
    return re.findall(r'<sheet name="([^"]+)"', book["xl/workbook.xml"])


def test_names_are_short_and_unique_and_cover_contents_notes_come_first(book):
    found = names(book)
    assert found[:3] == ["Cover", "Contents", "Notes"]
    assert max(map(len, found)) <= 31
    assert len({name.lower() for name in found}) == len(found) == len(sheets(book))


def test_every_sheet_says_that_it_is_internal_on_screen_and_on_paper(book):
    strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book["xl/sharedStrings.xml"])
    number = strings.index(words.INTERNAL)
    for text in sheets(book):
        assert f't="s"><v>{number}</v>' in text
        assert text.count(words.INTERNAL) == 2  # header and footer


def test_no_cell_is_empty_and_none_is_a_formula_or_an_outside_link(book):
    for text in sheets(book):
        assert "<f>" not in text
        cells = ElementTree.fromstring(text).findall(".//m:c", NS)
        assert cells
        assert all(cell.find("m:v", NS) is not None for cell in cells)
    assert not [name for name in book if "sheet" in name and name.endswith(".rels") and "http://" in
                re.sub(r"http://schemas\.[a-z.]+", "", book[name])]  # fmt: skip


def test_odd_texts_stay_texts():
    odd = ("[x](http://evil.example)", "$$note$$", "=1+1", "—", "@SUM(A1)")
    about = replace(handmade.about(), caveats=odd)
    book = parts_of(tables.render(replace(handmade.report(("arrested",), ("sex",)), about=about)))
    strings = book["xl/sharedStrings.xml"]
    assert "=1+1" in strings
    assert "[x] (http://evil.example)" in strings
    assert not [name for name in book if "evil" in book[name] and name.endswith(".rels")]
    assert not [text for text in sheets(book) if "<f>" in text]


def test_long_split_names_keep_sheets_apart():
    taken = {"a" * 31}
    assert tables._free_name("a" * 40, taken) == "a" * 29 + " 2"
