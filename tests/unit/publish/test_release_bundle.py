"""The files of a release: they follow from what is released alone, and none says more than another."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import openpyxl
import pytest

from dueregard.evidence.released import Released
from dueregard.publish.formulas import FORMULAS
from dueregard.publish.release_bundle import render_release
from dueregard.publish.release_csv import METADATA, PACKAGE
from dueregard.publish.release_data import SIGNS
from dueregard.publish.release_file import FIGURES, read_released, write_released

pytestmark = pytest.mark.xdist_group("borough")
PAGES = ("index.html", "hidden.html", "methods.html", "quality.html", "revisions.html")
SETTINGS = [
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C", "OPENBLAS_NUM_THREADS": "2"},
    {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
]


@pytest.fixture(scope="module")
def plain(files) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if "sig" not in name}


def test_what_is_released_can_be_read_back_and_every_file_made_again(released, plain):
    assert write_released(released) == plain[FIGURES]
    assert read_released(plain[FIGURES]) == released
    assert render_release(released) == plain


def test_two_settings_of_a_machine_make_the_same_bytes(bundle, plain):
    code = (
        "import sys, hashlib, pathlib\n"
        "from dueregard.publish.release_bundle import render_release\n"
        "from dueregard.publish.release_file import read_released\n"
        "files = render_release(read_released(pathlib.Path(sys.argv[1]).read_bytes()))\n"
        "print(*(name + ' ' + hashlib.sha256(files[name]).hexdigest() for name in sorted(files)), sep='\\n')"
    )
    wanted = [f"{name} {hashlib.sha256(plain[name]).hexdigest()}" for name in sorted(plain)]
    for settings in SETTINGS:
        done = subprocess.run([sys.executable, "-c", code, str(bundle / FIGURES)], capture_output=True, text=True, check=True,
                              env={**os.environ, **settings})  # fmt: skip
        assert done.stdout.split("\n")[:-1] == wanted, settings


def test_key_person_time_and_ledger_stand_in_signature_files_alone(files, bundle):
    ledger = (bundle.parent / "ledger" / "name").read_text().strip()
    key = (bundle.parent / "ledger" / "public.key").read_text().strip()
    told = ["Ada Lovelace", ledger, key.removeprefix("ed25519:"), "R0001", "2026-11-26", "10:00"]
    signed = b"".join(content for name, content in files.items() if "sig" in name).decode()
    assert [one for one in told if one not in signed] == []
    for name, content in files.items():
        if "sig" in name:
            continue
        texts = _texts_of_workbook(content) if name.endswith(".xlsx") else [content.decode()]
        assert [one for one in told for text in texts if one in text] == [], name


def _texts_of_workbook(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return [book.read(name).decode() for name in book.namelist()]


# No channel says more than the figures that were published and attacked. ------------------------------------------------


def printed_numbers(released: Released) -> set[str]:
    """Every number that may be read: printed texts, shown counts, and pooled texts; without signs and idle zeros."""
    texts = {p.text for t in released.published.tables for row in t.rows for p in row.printed}
    counts = [c for t in released.published.tables for row in t.rows for c in (row.n, row.denominator) if c is not None]
    texts |= {str(c.shown) for c in counts if c.shown is not None}
    texts |= {figure.text for figure in released.published.pooled}
    texts |= {str(figure.n_strata) for figure in released.published.pooled}
    return {number(text) for text in texts if re.fullmatch(r"-?[0-9.]+", text)}


def told_besides(released: Released) -> set[str]:
    """Numbers that are no figures of pupils: of the policy, of schools, of cells, of methods, of the time."""
    about = released.about
    words = [
        about.policy_text,
        about.version,
        about.code_version,
        about.snapshot,
        *(w for pair in about.lists for w in pair),
        about.policy_words,
    ]
    words += [q.estimand for q in released.questions] + [c for q in released.questions for c in q.caveats]
    words += [w for rule in about.rules for w in rule] + [w for sign in about.symbols for w in sign]
    words += [w for asked in released.not_answered for w in (asked.title, asked.why)]
    words += [f"{n} {period}" for q in released.questions for period, n in q.schools_used]
    words += [f"{left.schools} {left.period}" for q in released.questions for left in q.left_out]
    words += [name for school in released.schools for name in school] + list(about.sources)
    words += ["95 1,000 1.959964 0.8 1 1.25 0.05 0 2 3 4"]  # levels, the quarter, α/2 and the like in the formulas
    words.append(f"{len(released.published.pooled)} pooled figures")
    words += [f"SHA-256 {about.policy_sha256}", *(f"{known.formula} {known.source}" for known in FORMULAS)]
    lost = released.lost
    words += [
        f"{lost.n_cells} {lost.n_shown} {lost.n_low} {lost.n_hidden} {lost.share_of_pupils_shown} {lost.widening}"
    ]
    return {n for text in words for n in numbers_in(text)}


def number(text: str) -> str:
    """A number without its sign, its thousands and its idle zeros."""
    plain = text.replace(",", "").lstrip("-−")
    return plain.rstrip("0").rstrip(".") or "0" if "." in plain else plain.lstrip("0") or "0"


def numbers_in(text: str) -> list[str]:
    return [number(found) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


class Said(HTMLParser):
    """Everything that a page says to anybody: texts, texts of drawings, alternative texts, titles; not its style."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("meta", "br", "link", "img", "input"):
            self.inside.pop()

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.inside and "pre" not in self.inside:
            self.texts.append((self.inside[-1] if self.inside else "", data))


def said_by(content: bytes) -> Said:
    said = Said()
    said.feed(content.decode())
    return said


def test_every_number_on_a_page_is_a_printed_one(released, plain):
    """Texts, drawings, alternative texts: printed figures, and what is no figure of pupils. The content's list counts questions."""
    allowed = printed_numbers(released) | told_besides(released)
    ticks = {number(t) for t in ("0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50")}
    ordinals = {str(n) for n in range(1, 1 + max(12, len(released.questions)))}  # key sentences, questions of a chapter
    for name in PAGES:
        said = said_by(plain[name])
        for tag, text in said.texts:
            more = {"text": ticks, "summary": ordinals, "span": ordinals}.get(tag, set())
            more |= counts_of_cells(released) if name == "hidden.html" and tag == "td" else set()
            assert set(numbers_in(text)) <= allowed | more, (name, tag, text)
        spoken = [
            v
            for _, n, v in said.attributes
            if n in ("alt", "title", "aria-label", "aria-description", "summary", "content")
        ]
        beyond = {n for text in spoken for n in numbers_in(text)} - allowed
        assert beyond == set(), name
    assert any(tag == "desc" and numbers_in(text) for tag, text in said_by(plain["index.html"]).texts)


def counts_of_cells(released: Released) -> set[str]:
    """How many numbers a question has, and how many of them are shown, low, hidden: told on the page of what is hidden."""
    counted = set()
    for question in released.questions:
        own = [
            t
            for t in released.published.tables
            if t.id in {question.id + end for end in ("", "-trend", "-area", "-school")}
        ]
        states = [str(row.n.state) for table in own for row in table.rows]
        hidden = sum(state.startswith("hidden") for state in states)
        counted |= {str(len(states)), str(states.count("counted")), str(states.count("low")), str(hidden)}
    return counted


def test_other_pages_and_the_workbook_hold_no_other_number(released, plain):
    allowed = printed_numbers(released) | told_besides(released)
    book = openpyxl.load_workbook(io.BytesIO(plain["tables.xlsx"]))
    for sheet in book.worksheets:
        if sheet.title in ("Cover", "Contents", "Notes", "Rules", "Hidden", "Questions", "Schools", "Revisions"):
            continue
        for row in sheet.iter_rows(min_row=4):
            for cell in row:
                if isinstance(cell.value, int | float):
                    assert number(repr(cell.value)) in {number(repr(float(n)) if "." in n else n) for n in allowed}, (
                        cell
                    )
                elif cell.value is not None:
                    assert set(numbers_in(str(cell.value))) <= allowed, cell.value


def test_csv_cells_are_printed_texts_to_the_digit(released, plain):
    texts = {p.text for t in released.published.tables for row in t.rows for p in row.printed}
    texts |= {f.text for f in released.published.pooled} | {str(f.n_strata) for f in released.published.pooled}
    counts = [c for t in released.published.tables for row in t.rows for c in (row.n, row.denominator) if c is not None]
    texts |= {str(c.shown) for c in counts if c.shown is not None} | set(SIGNS)
    for name, table in _csv_files(plain).items():
        described = json.loads(plain[name + METADATA])["tableSchema"]["columns"]
        numeric = {c["name"] for c in described if c["datatype"] != "string"}
        assert {row[column] for row in table for column in numeric} <= texts, name


def test_a_drawing_stands_where_its_printed_numbers_put_it(released, plain):
    """The ends and middle of each line of a chart, read back from its coordinates, are the numbers printed beside it."""
    drawings = re.findall(r"<svg.*?</svg>", plain["index.html"].decode(), re.S)
    assert drawings
    tried = 0
    for drawing in drawings:
        svg = ElementTree.fromstring(drawing)
        at = "{http://www.w3.org/2000/svg}"
        ticks = [(float(t.get("x")), float(t.text)) for t in svg.iter(f"{at}text") if t.get("class") == "tick"]
        (x0, v0), (x1, v1) = ticks[0], ticks[-1]
        texts = {int(float(t.get("y"))) - 4: t.text for t in svg.iter(f"{at}text") if t.get("x") == "230"}
        for path in svg.iter(f"{at}path"):
            line = re.fullmatch(r"M([\d.]+) (\d+)H([\d.]+)", path.get("d"))
            if not line or not path.get("class").startswith("range"):
                continue
            ends = [
                math.exp(math.log(v0) + (float(x) - x0) / (x1 - x0) * math.log(v1 / v0)) for x in (line[1], line[3])
            ]
            said = [float(n.replace(",", "")) for n in re.findall(r"[\d,]+(?:\.\d+)?", texts[int(line[2])])]
            for (
                end
            ) in ends:  # an end outside the frame is an arrow at its edge; a tenth of a unit is a third of a percent
                near = any(abs(math.log(end / n)) < 0.01 for n in said if n)
                assert near or min(abs(math.log(end / v0)), abs(math.log(end / v1))) < 0.05, (texts[int(line[2])], ends)
                tried += 1
    assert tried > 6


def test_harms_and_help_of_the_same_groups_stand_in_one_table(plain):
    page = plain["index.html"].decode()
    tables = re.findall(r"<table>.*?</table>", page, re.S)
    overview = next(t for t in tables if "By" not in t and "Ethnicity: rate per 1,000 at every stage" in t)
    assert (
        overview.index("What happened to pupils")
        < overview.index("Contact with an officer")
        < overview.index("Help that pupils were given")
    )
    assert overview.index("Help that pupils were given") < overview.index("Support offered")
    assert overview.count('scope="rowgroup"') == 2


def test_the_rules_are_true_of_those_whose_group_is_not_known():
    """Of 4 on roll without a group, 20 are counted and shown: the rules of small rolls and of nearly all say so."""
    from dueregard.disclose.policy import policy_named
    from dueregard.disclose.protect import protect
    from dueregard.evidence.cells import Cell, Cells
    from dueregard.measures.measure import Measure
    from dueregard.publish.release_words import rule_words

    public = policy_named("public")
    whole = tuple(Cell("2023/24", (), (code,), 20, 4) for code in ("not_recorded", "B"))
    unknown, known = protect(Cells(Measure("arrested"), ("2023/24",), whole, (), (("2023/24", 3),), ()), public).whole
    assert unknown.n.shown == 20 and known.n.shown is None and unknown.denominator.shown is None
    assert all("group is not known" in rule_words(public, rule) for rule in ("roll_at_least", "all_share"))


def test_no_page_calls_a_number_what_only_people_can_find(plain):
    for name in PAGES:
        text = " ".join(text for _, text in said_by(plain[name]).texts).lower()
        assert not re.search(r"\bbias|discriminat|complian|no disparit|non-compliant", text), name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_whole_document(plain, name):
    page = plain[name].decode()
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert '<html lang="en-GB">' in page and 'href="#main"' in page and 'id="main"' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<table>") == page.count("<caption>")
    assert all('scope="' in head for head in re.findall(r"<th\b[^>]*>", page))
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


# Files for other software. ----------------------------------------------------------------------------------------------


def _csv_files(plain: dict[str, bytes]) -> dict[str, list[dict[str, str]]]:
    return {name: list(csv.DictReader(io.StringIO(content.decode(), newline=""))) for name, content in plain.items()
            if name.endswith(".csv")}  # fmt: skip


def _holds(text: str, datatype, null: list[str]) -> bool:
    """Is a cell a value of its type, or one of the texts that are declared to be none?"""
    if text in null:
        return True
    base = datatype if isinstance(datatype, str) else datatype["base"]
    if base == "integer":
        return re.fullmatch(r"-?\d+", text) is not None and int(text) >= int(datatype["minimum"])
    return base == "string" or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_each_csv_is_as_its_metadata_says(plain):
    """W3C, Metadata Vocabulary for Tabular Data: context, url, columns in order with unique names, types, nulls, primary key."""
    tables = _csv_files(plain)
    assert {"ethnicity.csv", "ethnicity-by-school.csv"} <= set(tables)
    for name, rows in tables.items():
        told = json.loads(plain[name + METADATA])
        assert told["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "en"}]
        assert told["url"] == name and told["@type"] == "Table"
        columns = told["tableSchema"]["columns"]
        names = [column["name"] for column in columns]
        assert names == list(rows[0]) and len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", one) for one in names)
        assert all(one in column["titles"] for one, column in zip(names, columns, strict=True))
        for row in rows:
            for column in columns:
                assert _holds(row[column["name"]], column["datatype"], column.get("null", [""])), (
                    name,
                    column["name"],
                    row,
                )
                assert row[column["name"]] or not column.get("required")
        keys = [tuple(row[key] for key in told["tableSchema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)


def test_states_stand_in_a_column_of_their_own(plain):
    rows = _csv_files(plain)["ethnicity.csv"]
    assert {row["counted_state"] for row in rows} <= {"shown", "low", "hidden", "not collected", "does not apply"}
    assert all((row["counted"] in SIGNS) == (row["counted_state"] != "shown") for row in rows)
    assert {row["counted_state"] for row in rows if row["counted"] == "[low]"} == {"low"}
    assert all(row["counted"] != "" for row in rows)


def test_the_data_package_is_as_version_1_of_the_specification_asks(plain):
    """Frictionless: https://specs.frictionlessdata.io/data-package/, /tabular-data-resource/, /table-schema/."""
    package = json.loads(plain[PACKAGE])
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert {r["path"] for r in package["resources"]} == set(_csv_files(plain))
    assert len({r["name"] for r in package["resources"]}) == len(package["resources"])
    for resource in package["resources"]:
        content = plain[resource["path"]]
        assert resource["profile"] == "tabular-data-resource"
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
        assert not resource["path"].startswith(("/", "..")) and resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == content.decode().splitlines()[0].split(",")
        assert {field["type"] for field in resource["schema"]["fields"]} <= {"string", "integer", "number"}
        assert set(resource["schema"]["primaryKey"]) <= set(names)
        assert resource["schema"]["missingValues"] == list(SIGNS)


def test_the_workbook_is_accessible_and_hides_nothing(plain):
    """Government Analysis Function: cover and contents first, one table a sheet, no empty cell, no merged cell, nothing hidden."""
    content = plain["tables.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    names = book.sheetnames
    assert names[:3] == ["Cover", "Contents", "Notes"]
    assert {"Ethnicity", "Ethnicity by school", "Hidden", "Rules", "Schools", "Questions"} <= set(names)
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not sheet.merged_cells.ranges and len(sheet.tables) <= 1
        assert not any(
            dimension.hidden for dimension in (*sheet.column_dimensions.values(), *sheet.row_dimensions.values())
        )
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.comment is not None]
        for table in sheet.tables.values():
            assert all(cell.value is not None for row in sheet[table.ref] for cell in row)
    properties = book.properties
    assert (properties.creator or "", properties.keywords, properties.subject, properties.category) == (
        "",
        None,
        None,
        None,
    )
    assert properties.description == "Public release. Small numbers are protected."
    assert not book.defined_names
    parts = _texts_of_workbook(content)
    assert not [part for part in parts if "<f>" in part or "oleObject" in part or "http://evil" in part]


def test_a_school_whose_name_is_a_formula_stays_a_text(released):
    from dataclasses import replace

    number_ = next(
        dict(row.of)["school"] for t in released.published.tables for row in t.rows if "school" in dict(row.of)
    )
    named = replace(released, schools=((number_, '=HYPERLINK("http://x")<script>'),))
    made = render_release(named)
    page = made["index.html"].decode()
    assert "<script>" not in page and "&lt;script&gt;" in page
    rows = [
        line
        for name, content in made.items()
        if name.endswith("-by-school.csv")
        for line in content.decode().splitlines()
    ]
    assert any("'=HYPERLINK" in line for line in rows)
    assert not any(re.search(r'(^|,)"?=', line) for line in rows)
