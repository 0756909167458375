"""The workbook of a report: cover, contents, notes, and one table a sheet, made by gptables.

Sheets are long, not many: one row is one group of one figure, so that a reader can filter and a screen reader can
follow. No cell is empty: where there is no number, words in brackets say why.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dueregard.evidence.release import Report
from dueregard.publish import words
from dueregard.publish.sections import chapters
from dueregard.publish.sheets import Sheet, all_sheets

CREATED = datetime(2000, 1, 1)  # fixed: the day on which a report is made is not part of it
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
LONGEST_NAME = 31  # what a spreadsheet allows
NARROWEST, WIDEST = 9, 60
WRAPPED = {"text_wrap": True, "valign": "top"}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class Front:
    """What every sheet and printed page says (banner), the title of the file, and the cover: what it is, what stands behind it."""

    banner: str
    title: str
    intro: tuple[str, ...]
    about: tuple[str, ...]


def render(report: Report) -> bytes:
    """The workbook of a report."""
    about = report.about
    sources = ", ".join(about.profiles) or "not named"
    front = Front(
        words.INTERNAL, "Police contact in schools", ("The tables of the page index.html, for use in other software.",),
        (
            f"Snapshot {about.snapshot}, made by dueregard {about.code_version}.",
            f"Sources: {sources}.",
            "Numbers are rounded for readers. figures.json holds them in full precision, cells.csv every count.",
            "No cell is empty: where there is no number, words in brackets say why. They stand in the sheet Notes.",
        ),
    )  # fmt: skip
    return workbook(all_sheets(report, chapters(report.figures)), front)


def workbook(sheets: Iterable[Sheet], front: Front) -> bytes:
    """Sheets as the bytes of a workbook. The same sheets make the same bytes; no text is a formula or a link outside."""
    import gptables

    named, out = _named(sheets), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gptables speaks of a notes sheet that it did not make itself
        book = gptables.produce_workbook(
            out, {name: _table(sheet, at, front) for at, (name, sheet) in enumerate(named)}, cover=_cover(front),
            auto_width=False, workbook_options=dict(OPTIONS), contentsheet_options={"subtitles": [front.banner]},
        )  # fmt: skip
    _finish(book, dict(named), front)
    book.close()
    return _repacked(out.getvalue())


def _repacked(content: bytes) -> bytes:
    """The same workbook, uncompressed and with fixed headers.

    Compressed bytes differ between builds of zlib, and zip headers between systems: a report that was made on one
    machine could then not be verified on another.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()


def _cover(front: Front) -> Any:
    import gptables

    return gptables.Cover(
        cover_label="Cover", title="Police contact in schools: who is affected, and how much",
        intro=[front.banner, *map(_plain, front.intro)], about=[_plain(said) for said in front.about],
    )  # fmt: skip


def _table(sheet: Sheet, at: int, front: Front) -> Any:
    import gptables
    import pandas

    frame = pandas.DataFrame([[_cell(v) for v in row] for row in sheet.rows], columns=list(sheet.columns), dtype=object)
    return gptables.GPTable(
        frame, f"table_{at}", _plain(sheet.title), subtitles=[front.banner, *map(_plain, sheet.notes)],
        instructions="This worksheet contains one table. Words in brackets are explained in the sheet Notes.",
        index_columns={2: 0}, additional_formatting=[{"column": {"columns": list(sheet.columns), "format": WRAPPED}}],
    )  # fmt: skip


def _finish(book: Any, sheets: dict[str, Sheet], front: Front) -> None:
    """Fixed dates, and what every printed page of every sheet says."""
    book.set_properties({"created": CREATED, "title": front.title, "comments": front.banner})
    for place in book.worksheets():
        place.set_header(f"&C&B{front.banner}")
        place.set_footer(f"&C{front.banner} Page &P of &N")
        place.set_landscape()
        place.set_paper(9)
        place.fit_to_pages(1, 0)
        if place.name in sheets:
            for column, width in enumerate(_widths(sheets[place.name])):
                place.set_column(column, column, width)
        elif place.name == "Contents":
            place.set_column(0, 0, LONGEST_NAME + 4)
            place.set_column(1, 1, WIDEST + 30)


def _widths(sheet: Sheet) -> Iterable[int]:
    for at, name in enumerate(sheet.columns):
        longest = max((len(str(row[at])) for row in sheet.rows), default=0)
        words_of_head = max(len(word) for word in name.split())
        yield min(WIDEST, max(NARROWEST, longest + 2, words_of_head + 2))


def _cell(value: Any) -> Any:
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    """Text that gptables passes on as it is: no link, no note mark, never only signs.

    >>> _plain("[a](http://b)"), _plain("$$n$$"), _plain("—")
    ('[a] (http://b)', '$ $n$ $', 'text: —')
    """
    text = text.replace("](", "] (").replace("$$", "$ $")
    return text if re.search("[a-zA-Z0-9]", text) else f"text: {text}"


def _named(sheets: Iterable[Sheet]) -> list[tuple[str, Sheet]]:
    """Each sheet with a name of its own, short enough, without signs that a spreadsheet refuses."""
    taken = {"cover", "contents", "history"}
    named = []
    for sheet in sheets:
        name = _free_name(re.sub(r"[\[\]:*?/\\']", " ", sheet.name).strip(), taken)
        taken.add(name.lower())
        named.append((name, sheet))
    return named


def _free_name(wanted: str, taken: set[str]) -> str:
    name, at = wanted[:LONGEST_NAME], 1
    while name.lower() in taken:
        at += 1
        name = f"{wanted[: LONGEST_NAME - len(str(at)) - 1]} {at}"
    return name
