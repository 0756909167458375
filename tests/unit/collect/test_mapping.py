"""A declared mapping: each mistake is a letter that names layout, column and what to try; what is right is read so."""

from __future__ import annotations

import copy
import random
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.check import run
from dueregard.collect.collect import Source
from dueregard.collect.mapping import parse_mapping, read_mapping
from dueregard.errors import DueRegardError, SourceError, UsageError

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "flat_export" / "mapping.toml"
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

# One row is one pupil in one contact; days as day/month/year; ethnicity as 18+1; two pupils of one contact are two rows.
MAPPING = """
name = "force"
version = "1"

[registers]
school = "schools.csv"

[layout.contact]
key = ["ref", "pupil"]

[layout.contact.columns]
ref = { kind = "key", pattern = "C[0-9]{3}" }
urn = { kind = "key" }
pupil = { kind = "key" }
day = { kind = "date", formats = ["%d/%m/%Y"] }
sde = { kind = "code", list = "sde_18plus1", blank = true }
why = { kind = "code", values = ["theft", "welfare"] }
end = { kind = "code", values = ["charge", "advice", "help"] }

[[layout.contact.make]]
table = "contact"
once_per = ["ref"]

[layout.contact.make.columns]
contact_ref = "ref"
urn = "urn"
occurred_at = "day"
behaviour = { from = "why", values = { theft = "TH" } }

[[layout.contact.make]]
table = "involvement"

[layout.contact.make.columns]
contact_ref = "ref"
pupil_ref = "pupil"
subject_category = { from = "why", values = { theft = "suspect", welfare = "subject_of_concern" } }
self_defined_ethnicity = "sde"

[[layout.contact.make]]
table = "outcome"
when = { end = ["charge"] }

[layout.contact.make.columns]
contact_ref = "ref"
pupil_ref = "pupil"
outcome = { from = "end", values = { charge = "1", advice = "", help = "" } }
decided_on = "day"

[[layout.contact.make]]
table = "support"
when = { end = ["help"] }

[layout.contact.make.columns]
support_ref = { join = ["ref", "pupil"] }
pupil_ref = "pupil"
urn = "urn"
service = { value = "other" }
offered_on = "day"

[layout.posting.columns]
officer = { kind = "key" }
urn = { kind = "key" }
first = { kind = "date", future = true }
last = { kind = "date", future = true, blank = true }

[[layout.posting.make]]
table = "posting"

[layout.posting.make.columns]
posting_ref = { join = ["officer", "urn", "first"] }
officer_ref = "officer"
urn = "urn"
from_on = "first"
to_on = "last"
"""
SCHOOLS = "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,South,,SS,,\n"
CONTACTS = (
    "ref,urn,pupil,day,sde,why,end\n"
    "C001,1,P1,03/04/2024,B1,theft,charge\n"
    "C001,1,P2,03/04/2024,,theft,advice\n"
    "C002,2,P1,30/04/2024,NS,welfare,help\n"
)
POSTINGS = "officer,urn,first,last\nO1,1,2023-09-01,\nO2,2,2023-09-01,2024-07-19\n"


def written(tmp_path: Path, text: str = MAPPING) -> Path:
    folder = tmp_path / "mapping"
    folder.mkdir(exist_ok=True)
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    path = folder / "force.toml"
    path.write_text(text, encoding="utf-8")
    return path


def checked(tmp_path: Path, files: dict[str, str], text: str = MAPPING):
    folder = tmp_path / "sent"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return steps.check([Source(folder, mapping=written(tmp_path, text))], today=TODAY)


def rows(result, sql: str) -> list[tuple]:
    return result.intake.connection.execute(sql).fetchall()


def test_the_base_of_these_tests_is_read(tmp_path):
    mapping = read_mapping(written(tmp_path))
    assert [layout.name for layout in mapping.layouts] == ["contact", "posting"]
    assert mapping.tables == ("contact", "involvement", "outcome", "support", "posting")


MISTAKES = [
    # (what stood there, what a person wrote, words of the letter)
    ('name = "force"', 'name = "Our force"', ["`name` is not snake_case", "flat_export"]),
    ('version = "1"\n', "", ["`version` is missing"]),
    ('version = "1"', "version = 1", ["`version` is a number, not a text", "quotes"]),
    ('name = "force"\n', 'name = "force"\ntitle = "x"\n', ["`title` is not known here", "one of name, version"]),
    ('school = "schools.csv"', 'pupil = "schools.csv"', ["registers", "a register of `pupil` is not possible", "school, or calendar"]),
    ('school = "schools.csv"', 'school = "gone.csv"', ["names gone.csv, which cannot be read", "beside the mapping"]),
    ('school = "schools.csv"', 'school = "../schools.csv"', ["registers", "does not name a file beside the mapping"]),
    ("[layout.posting.columns]", "[layout.Posting.columns]", ["layout `Posting`", "not snake_case"]),
    ('key = ["ref", "pupil"]', 'key = ["ref", "child"]', ["layout `contact`", "`child` of the key is no column", "one of ref, urn"]),
    ('key = ["ref", "pupil"]', 'key = "ref"', ["layout `contact`", "`key` is a text, not a list", 'key = ["...", "..."]']),
    ('key = ["ref", "pupil"]', "keys = []", ["layout `contact`", "`keys` is not known here", "one of about, key"]),
    ('urn = { kind = "key" }\npupil', 'urn = "key"\npupil', ["layout `contact`", "column `urn`", "a text, not a table", 'kind = "key"']),
    ('urn = { kind = "key" }\npupil', "urn = {}\npupil", ["column `urn`", "`kind` is missing", "one of key, text, code"]),
    ('urn = { kind = "key" }\npupil', 'urn = { kind = "number" }\npupil', ["column `urn`", "no kind `number`", "one of key, text, code"]),
    ('urn = { kind = "key" }\npupil', 'URN = { kind = "key" }\npupil', ["column `URN`", "small letters", "`urn`"]),
    ('urn = { kind = "key" }\npupil', '"u\\"rn" = { kind = "key" }\npupil', ["layout `contact`", "no quotation mark"]),
    ('urn = { kind = "key" }\npupil', '_line = { kind = "key" }\npupil', ["column `_line`", "no `_` before it"]),
    ('urn = { kind = "key" }\npupil', 'urn = { kind = "key", blank = "yes" }\npupil', ["column `urn`", "`blank` is a text, not true or false"]),
    ('urn = { kind = "key" }\npupil', 'urn = { kind = "key", least = 1 }\npupil', ["column `urn`", "`least` says nothing of a column of the kind `key`"]),
    ('urn = { kind = "key" }\npupil', 'urn = { kind = "key", size = 1 }\npupil', ["column `urn`", "`size` is not known here", "one of kind, about"]),
    ("C[0-9]{3}", "C[0-9", ["layout `contact`", "column `ref`", "no regular expression"]),
    ("C[0-9]{3}", "(?=C)...", ["column `ref`", "no regular expression"]),  # Python knows it, the database does not
    ('["%d/%m/%Y"]', '["%d/%m/%Y", "%m/%d/%Y"]', ["layout `contact`", "column `day`", "cannot be told apart", "one order alone"]),
    ('["%d/%m/%Y"]', '["%-d/%-m/%Y", "%-m/%-d/%Y"]', ["column `day`", "cannot be told apart"]),
    ('["%d/%m/%Y"]', '["%d/%m/%y", "%y/%m/%d"]', ["column `day`", "cannot be told apart"]),
    ('["%d/%m/%Y"]', '["dd/mm/yyyy"]', ["column `day`", "no day can be read as `dd/mm/yyyy`", "%d/%m/%Y"]),
    ('["%d/%m/%Y"]', '["%d/%m"]', ["column `day`", "a day, a month and a year, each once"]),
    ('["%d/%m/%Y"]', '["%e/%m/%Y"]', ["column `day`", "`%e` is not one of"]),
    ('["%d/%m/%Y"]', "[7]", ["column `day`", "`formats` lists a number, not texts alone"]),
    ('["%d/%m/%Y"] }', '["%d/%m/%Y"], earliest = "1 May" }', ["column `day`", "`earliest` is not a day", "2024-09-01"]),
    ('list = "sde_18plus1"', 'list = "18+1"', ["layout `contact`", "column `sde`", "no list `18+1`", "dueregard terms"]),
    ('list = "sde_18plus1", ', "", ["column `sde`", "names a list, several lists, or its values"]),
    ('list = "sde_18plus1"', 'list = "sde_18plus1", values = ["B1"]', ["column `sde`", "one of the three"]),
    ('values = ["theft", "welfare"]', "values = []", ["column `why`", "no code is named"]),
    ('values = ["theft", "welfare"]', "values = [1, 2]", ["column `why`", "`values` lists a number, not texts alone"]),
    ('values = ["theft", "welfare"]', 'values = "theft"', ["column `why`", "`values` is a text, not a list"]),
    ('table = "contact"', 'table = "contacts"', ["layout `contact`, make 1", "no native table `contacts`", "one of school, calendar"]),
    ('table = "contact"\n', "", ["layout `contact`, make 1", "`table` is missing"]),
    ("[[layout.posting.make]]", "[layout.posting.make]", ["layout `posting`", "`make` is a table, not a list of tables", "[[layout.NAME.make]]"]),
    ('once_per = ["ref"]', 'once_per = ["reference"]', ["layout `contact`, make `contact`", "`reference` is no column of the layout"]),
    ('once_per = ["ref"]', "once_per = true", ["make `contact`", "`once_per` is true or false, not a list"]),
    ('occurred_at = "day"', 'happened_at = "day"', ["make `contact`", "`happened_at` is no column of contact", "one of contact_ref, urn"]),
    ('occurred_at = "day"\n', "", ["make `contact`", "`occurred_at` is required and is not made", "a fixed value"]),
    ('occurred_at = "day"', 'occurred_at = "date"', ["make `contact`", "`occurred_at`", "`date` is no column of the layout", "one of ref"]),
    ('occurred_at = "day"', 'occurred_at = "ref"', ["make `contact`", "`ref` is not a column of days", 'kind = "date"']),
    ('occurred_at = "day"', "occurred_at = 3", ["make `contact`, `occurred_at`", "a number, not a column or a table"]),
    ('occurred_at = "day"', "occurred_at = {}", ["`occurred_at`", "`from`, `value` and `join`"]),
    ('occurred_at = "day"', 'occurred_at = { from = "day", value = "x" }', ["`occurred_at`", "one of `from`, `value` and `join`"]),
    ('occurred_at = "day"', 'occurred_at = { from = "day", values = { x = "y" } }', ["`occurred_at`", "not translated by `values`", "formats"]),
    ('occurred_at = "day"', 'occurred_at = { join = ["day"] }', ["`occurred_at`", "only a reference is joined"]),
    ('{ theft = "TH" }', '{ theft = "steal" }', ["layout `contact`, make `contact`", "`behaviour`", "`steal` is not in the native list", "one of"]),
    ('{ theft = "TH" }', "{}", ["`behaviour`", "`theft` is not in the native list"]),
    ('{ theft = "TH" }', '{ thefts = "TH" }', ["`behaviour`", "`thefts` is no declared code of the column `why`", "one of theft, welfare"]),
    ('{ theft = "TH" }', '["TH"]', ["`behaviour`", "`values`", "a list, not a table"]),
    ('self_defined_ethnicity = "sde"', 'self_defined_ethnicity = "pupil"', ["make `involvement`", "`pupil` is not a column of codes"]),
    ('when = { end = ["charge"] }', 'when = { end = ["charged"] }', ["make `outcome`, when", "`charged` is no declared code of the column `end`"]),
    ('when = { end = ["charge"] }', 'when = { end = "charge" }', ["make `outcome`, when", "`end` is a text, not a list"]),
    ('when = { end = ["charge"] }', "when = { end = [] }", ["make `outcome`, when", "no code, so no row is made"]),
    ('when = { end = ["charge"] }', 'when = { ending = ["charge"] }', ["make `outcome`, when", "`ending` is no column of the layout"]),
    ('{ join = ["ref", "pupil"] }', '{ join = ["ref", "child"] }', ["make `support`", "`support_ref`", "`child` is no column of the layout"]),
    ('{ value = "other" }', '{ value = "tea" }', ["make `support`", "`service`", "`tea` is not in the native list", "mentoring"]),
    ('{ value = "other" }', "{ value = 1 }", ["make `support`", "`service`", "`value` is a number, not a text"]),
    ('{ value = "other" }', '{ value = "?" }', ["something is still to decide", "layout.contact.make.support.columns.service.value"]),
    ('urn = { kind = "key" }\npupil', 'urn = { kind = "key", optional = true }\npupil',
     ["make `contact`", "`urn` is required, and the column `urn` is optional", "take `optional` from"]),
    ('pupil = { kind = "key" }', 'pupil = { kind = "key", optional = true }', ["`pupil_ref` is required, and the column `pupil`"]),
    ('first = { kind = "date", future = true }', 'first = { kind = "date", future = true, optional = true }',
     ["make `posting`", "`posting_ref` is required, and the column `first` is optional"]),
    ('why = { kind = "code"', 'why = { optional = true, kind = "code"', ["`subject_category` is required, and the column `why`"]),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "words"), MISTAKES, ids=[f"{n}" for n in range(len(MISTAKES))])
def test_a_mistake_is_told_with_its_place_and_what_to_try(tmp_path, right, wrong, words):
    assert right in MAPPING
    with pytest.raises(DueRegardError) as told:
        read_mapping(written(tmp_path, MAPPING.replace(right, wrong, 1)))
    assert told.value.found.startswith("The mapping force.toml")
    assert told.value.try_this
    assert [word for word in words if word not in str(told.value)] == []


def test_every_open_point_is_told_at_once(tmp_path):
    text = MAPPING.replace('"TH"', '"?"').replace('value = "other"', 'value = "?"').replace('"theft", "welfare"', '"?"')
    with pytest.raises(UsageError) as told:
        read_mapping(written(tmp_path, text))
    for place in ("columns.why.values", "make.contact.columns.behaviour.values.theft", "make.support.columns.service.value"):  # fmt: skip
        assert f"layout.contact.{place}" in told.value.found


@pytest.mark.parametrize(
    "data", [b"name = ", b"\xff\xfe\x00", b"not toml at all", b"a = " + b"[" * 100_000, b"\x89PNG\r\n"]
)
def test_what_is_not_toml_is_told(tmp_path, data):
    path = tmp_path / "m.toml"
    path.write_bytes(data)
    with pytest.raises(SourceError) as told:
        read_mapping(path)
    assert "m.toml is not TOML" in told.value.found
    assert "dueregard mapping new" in told.value.try_this


def test_a_file_that_is_none_is_told(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SourceError, match="cannot be read"):
            read_mapping(path)
    (tmp_path / "big.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(SourceError, match="has more than"):
        read_mapping(tmp_path / "big.toml")


def test_two_layouts_with_the_same_columns_cannot_be_told_apart(tmp_path):
    text = MAPPING + MAPPING[MAPPING.index("[layout.posting.columns]") :].replace("layout.posting", "layout.shift")
    with pytest.raises(UsageError, match="`posting` and `shift` have the same columns"):
        read_mapping(written(tmp_path, text))


def places(node: object, at: tuple = ()):
    """Every place of a document but the top."""
    if isinstance(node, dict | list):
        for key, inside in node.items() if isinstance(node, dict) else enumerate(node):
            yield (*at, key)
            yield from places(inside, (*at, key))


# What a person, or a program, may put in a wrong place.
STRANGE = [7, -1, 0.5, float("nan"), True, "", "x", "\x00", "?", "'; DROP TABLE x", '"', "ref", "contact", date(2024, 1, 1), [], [7], ["x"],
           [[]], [{}], {}, {"x": 1}, {"from": "ref"}, {"join": []}, {"kind": "code"}, {"kind": []}, {"?": "?"}]  # fmt: skip


@pytest.mark.parametrize("source", ["base", "example"])
def test_no_document_gives_a_traceback(tmp_path, source):
    """500 times a random place of a document holds something else: it is read, or a letter says why not."""
    path = written(tmp_path) if source == "base" else EXAMPLE
    plain = tomllib.loads(path.read_text(encoding="utf-8"))
    every = list(places(plain))
    rng = random.Random(7)
    refused, tried = 0, 0
    for _ in range(500):
        mutant = copy.deepcopy(plain)
        *way, last = rng.choice(every)
        node = mutant
        for step in way:
            node = node[step]
        node[last] = copy.deepcopy(rng.choice(STRANGE))
        try:
            mapping = parse_mapping(mutant, path)
        except DueRegardError as told:
            assert told.try_this or "Try:" in str(told)
            refused += 1
            continue
        if tried < 15 and source == "base":  # what is read must also work, whatever it makes of the rows
            tried += 1
            text_is_used(tmp_path, mapping)
    assert refused > 300


def text_is_used(tmp_path: Path, mapping) -> None:
    from dueregard.check.run import check
    from dueregard.collect.database import open_database
    from dueregard.collect.mapped import gather
    from dueregard.evidence.intake import Intake, SourceFile

    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    connection = open_database([tmp_path])
    found = gather(mapping, connection, tmp_path / "contacts.csv")
    files = tuple(SourceFile(r.file, r.table, r.sha256, r.rows) for r in found.reads)
    check(Intake(connection, files, found.present, (), (), ("x",), (), (), found.layouts, found.registers), today=TODAY)


def test_two_layouts_and_several_files_of_one(tmp_path):
    more = "ref,urn,pupil,day,sde,why,end\nC003,1,P3,01/05/2024,W1,theft,advice\n"
    result = checked(tmp_path, {"a.csv": CONTACTS, "b.csv": more, "c.csv": POSTINGS})
    assert [(r.file, r.table, r.accepted, r.rejected) for r in result.reports] == [
        ("a.csv", "contact", 3, 0),
        ("b.csv", "contact", 1, 0),
        ("c.csv", "posting", 2, 0),
    ]
    assert rows(result, "SELECT count(*) FROM contact") == [(3,)]
    assert rows(result, "SELECT posting_ref, to_on FROM posting ORDER BY 1") == [
        ("O1-1-2023-09-01", None),
        ("O2-2-2023-09-01", date(2024, 7, 19)),
    ]


def test_what_stands_beside_a_mapping_is_read_once_for_all_its_sources(tmp_path):
    mapping = written(tmp_path)
    for name, text in (("a.csv", CONTACTS), ("p.csv", POSTINGS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    both = steps.check([Source(tmp_path / n, mapping=mapping) for n in ("a.csv", "p.csv")], today=TODAY)
    assert [f.words() for f in both.findings if f.is_error] == []
    together = checked(tmp_path, {"a.csv": CONTACTS, "p.csv": POSTINGS})
    assert {(r.file, r.accepted, r.rejected) for r in both.reports} == {
        (r.file, r.accepted, r.rejected) for r in together.reports
    }


def test_a_fault_in_a_file_refuses_no_row_of_its_namesake(tmp_path):
    mapping = written(tmp_path)
    bad = CONTACTS.replace("C0", "C9").replace("C902,2,", "C902,999999,")  # no such school
    for place, text in (("y1", CONTACTS), ("y2", bad)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.csv").write_text(text, encoding="utf-8")
    result = steps.check([Source(tmp_path / place, mapping=mapping) for place in ("y1", "y2")], today=TODAY)
    assert {r.file: (r.accepted, r.rejected) for r in result.reports} == {"y1/a.csv": (3, 0), "y2/a.csv": (2, 1)}
    # that its contact is gone is a consequence of it, and not told beside it
    assert {(f.code, f.lines) for f in result.findings if "UNKNOWN" in f.code} == {("E_UNKNOWN_URN", (4,))}


def test_values_are_translated_days_turned_and_references_joined(tmp_path):
    result = checked(tmp_path, {"a.csv": CONTACTS})
    assert rows(result, "SELECT contact_ref, occurred_at, behaviour FROM contact ORDER BY 1") == [
        ("C001", datetime(2024, 4, 3), "TH"),  # the third of April; two pupils, one contact
        ("C002", datetime(2024, 4, 30), "welfare"),  # not translated: the code is the same in both
    ]
    assert rows(result, "SELECT contact_ref, pupil_ref, subject_category, self_defined_ethnicity FROM involvement ORDER BY 1, 2") == [
        ("C001", "P1", "suspect", "B1"),
        ("C001", "P2", "suspect", "not_recorded"),  # blank
        ("C002", "P1", "subject_of_concern", "NS"),
    ]  # fmt: skip


def test_when_makes_rows_of_some_rows_alone(tmp_path):
    result = checked(tmp_path, {"a.csv": CONTACTS})
    assert rows(result, "SELECT pupil_ref, outcome, decided_on FROM outcome") == [("P1", "1", date(2024, 4, 3))]
    assert rows(result, "SELECT support_ref, service FROM support") == [("C002-P1", "other")]


def test_rows_that_make_one_contact_must_agree_on_it(tmp_path):
    result = checked(tmp_path, {"a.csv": CONTACTS.replace("P2,03/04/2024", "P2,04/04/2024")})
    (finding,) = (f for f in result.findings if f.code == "E_CONFLICT")
    assert (finding.column, finding.lines) == ("ref", (2, 3))
    assert rows(result, "SELECT contact_ref FROM contact") == [("C002",)]


@pytest.mark.parametrize(
    ("right", "wrong", "code", "column"),
    [
        ("30/04/2024", "04/30/2024", "E_DATE_FORMAT", "day"),  # the other order is no day, and is not mended
        ("30/04/2024", "2024-04-30", "E_DATE_FORMAT", "day"),
        ("C002", "C2", "E_PATTERN", "ref"),
        (",NS,", ",XX,", "E_CODELIST", "sde"),
        ("C002,2", "C002,9", "E_UNKNOWN_URN", "urn"),  # a rule of the native table, told by the source's column
        ("welfare", "other", "E_CODELIST", "why"),
    ],
)
def test_findings_name_the_columns_of_the_source(tmp_path, right, wrong, code, column):
    result = checked(tmp_path, {"a.csv": CONTACTS.replace(right, wrong)})
    errors = [f for f in result.findings if f.is_error]
    # two native tables may tell of the same row (contact and support of the same urn)
    assert {(f.code, f.file, f.table, f.column, f.lines) for f in errors} == {(code, "a.csv", "contact", column, (4,))}
    (report,) = result.reports
    assert (report.accepted, report.rejected) == (2, 1)


def test_a_warning_names_the_columns_of_the_source(tmp_path):
    text = MAPPING.replace('urn = "urn"\noccurred_at', 'urn = "urn"\nofficer_ref = "pupil"\noccurred_at', 1)
    text = text.replace('once_per = ["ref"]\n', "", 1)
    result = checked(tmp_path, {"a.csv": CONTACTS.replace("C001,1,P2", "C003,1,P2"), "c.csv": POSTINGS}, text)
    found = [f for f in result.findings if f.code == "W_NO_POSTING"]
    assert [(f.table, f.column, f.lines) for f in found] == [("contact", "pupil", (2, 3, 4))]


def test_a_period_in_the_wrong_order_is_told_by_the_sources_columns(tmp_path):
    result = checked(tmp_path, {"c.csv": POSTINGS.replace("2024-07-19", "2022-07-19")})
    assert [(f.code, f.column, f.lines) for f in result.findings if f.is_error] == [("E_DATE_RANGE", "last", (3,))]


def frozen_id(tmp_path: Path, text: str, name: str) -> str:
    folder = tmp_path / "sent"
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text(CONTACTS, encoding="utf-8")
    source = Source(folder, mapping=written(tmp_path, text))
    return steps.freeze([source], tmp_path / name, today=TODAY, now=NOW)[0].id


def test_the_content_of_a_mapping_is_part_of_the_id_and_its_comments_are_not(tmp_path):
    base = frozen_id(tmp_path, MAPPING, "base")
    spaced = MAPPING.replace("[layout.contact]", "# a comment\n\n[layout.contact]").replace(" = ", "  =  ")
    assert frozen_id(tmp_path, spaced, "comments") == base
    changed = MAPPING.replace('{ value = "other" }', '{ value = "mentoring" }')
    assert frozen_id(tmp_path, changed, "content") != base
    # the days of this file are the same with another earliest day: what was declared has changed all the same
    narrowed = MAPPING.replace('["%d/%m/%Y"] }', '["%d/%m/%Y"], earliest = "2024-01-01" }')
    assert frozen_id(tmp_path, narrowed, "narrowed") != base


def test_a_register_is_part_of_the_version(tmp_path):
    path = written(tmp_path)
    before = read_mapping(path).version
    (path.parent / "schools.csv").write_text(SCHOOLS.replace("North", "East"), encoding="utf-8")
    assert read_mapping(path).version != before


def test_earliest_may_be_a_day_or_a_text(tmp_path):
    found = set()
    for written_so in ('"2024-01-01"', "2024-01-01"):
        text = MAPPING.replace('["%d/%m/%Y"] }', f'["%d/%m/%Y"], earliest = {written_so} }}')
        found.add(read_mapping(written(tmp_path, text)).layouts[0].table.column("day").earliest)
    assert found == {"2024-01-01"}


def test_several_formats_of_one_order_are_read(tmp_path):
    text = MAPPING.replace('["%d/%m/%Y"]', '["%Y-%m-%d", "%d/%m/%Y", "%d %b %Y"]')
    contacts = CONTACTS.replace("30/04/2024", "2024-04-30").replace("P2,03/04/2024", "P2,03 Apr 2024")
    result = checked(tmp_path, {"a.csv": contacts.replace("C001,1,P2", "C003,1,P2")}, text)
    assert rows(result, "SELECT CAST(occurred_at AS DATE) FROM contact ORDER BY contact_ref") == [
        (date(2024, 4, 3),), (date(2024, 4, 30),), (date(2024, 4, 3),),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken", [b"", b"PK\x03\x04 no table", b"ref,urn\n\xff\xfe\n", b"\n" + CONTACTS.encode(), b'ref,"urn"x\nC001,1\n']
)
def test_a_file_that_cannot_be_read_is_told_of_and_never_ignored(broken, tmp_path):
    """It may be the month that was meant: a folder without it would be frozen as whole."""
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "april.csv").write_bytes(broken)
    (folder / "strange.csv").write_text("colour,weight\nred,3\n", encoding="utf-8")
    result = checked(tmp_path, {"contacts.csv": CONTACTS})
    assert "april.csv" in {f.file for f in result.errors}
    assert result.intake.ignored == ("strange.csv",)


@pytest.mark.parametrize(
    ("recorded", "is_told"), [("03/04/2024", False), ("02/04/2024", True), ("03/04/2024 09:00", True)]
)
def test_a_day_without_a_time_is_compared_as_a_day(recorded, is_told, tmp_path):
    """A contact at ten that was recorded on the same day was not recorded before it happened."""
    declared = '{ kind = "time", formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y"] }'
    text = MAPPING.replace("sde = {", f"at = {declared}\nseen = {declared}\nsde = {{", 1)
    text = text.replace('occurred_at = "day"', 'occurred_at = "at"\nrecorded_at = "seen"', 1)
    row = f"C001,1,P1,03/04/2024,03/04/2024 10:00,{recorded},B1,theft,charge\n"
    result = checked(tmp_path, {"a.csv": "ref,urn,pupil,day,at,seen,sde,why,end\n" + row}, text)
    assert result.errors == ()
    assert ("W_DATE_ORDER" in {f.code for f in result.findings}) == is_told


def test_refused_rows_of_a_layout_and_of_its_native_namesake_are_both_given_back(tmp_path):
    sent, native = tmp_path / "sent", tmp_path / "native"
    sent.mkdir(), native.mkdir()
    (sent / "a.csv").write_text(CONTACTS.replace(",B1,", ",villain,"), encoding="utf-8")
    (native / "posting.csv").write_text(
        "posting_ref,officer_ref,urn,role,kind,from_on,to_on\nQ9,O9,1,villain,cluster,2023-09-01,\n", encoding="utf-8"
    )
    (sent / "c.csv").write_text(POSTINGS.replace("2023-09-01,\n", "in September,\n"), encoding="utf-8")
    result = steps.check([Source(sent, mapping=written(tmp_path)), Source(native)], today=TODAY)
    files = {path.name: path.read_text(encoding="utf-8") for path in steps.write_rejects(result, tmp_path / "back")}
    assert set(files) == {"contact.csv", "posting.csv", "native_posting.csv"}
    assert "c.csv,2,E_DATE_FORMAT" in files["posting.csv"]
    assert "posting.csv,2,E_CODELIST" in files["native_posting.csv"]


def test_rows_that_share_a_refused_native_row_fall_with_it_at_once(tmp_path, monkeypatch):
    """A contact with many pupils is judged once, not once a pupil; what is only noteworthy is told once."""
    rounds = []
    fill = run.fill_native
    monkeypatch.setattr(run, "fill_native", lambda *args: rounds.append(1) or fill(*args))
    rows = "".join(f"C001,{1 if n < 9 else 2},P{n},03/04/1999,B1,theft,advice\n" for n in range(1, 9))
    rows += "C002,9,P1,03/04/2024,B1,theft,advice\nC002,9,P2,03/04/2024,B1,theft,advice\n"
    result = checked(
        tmp_path, {"a.csv": "ref,urn,pupil,day,sde,why,end\n" + rows, "b.csv": CONTACTS.replace("C00", "C10")}
    )
    assert len(rounds) == 2
    assert [(r.file, r.accepted, r.rejected) for r in result.reports] == [("a.csv", 8, 2), ("b.csv", 3, 0)]
    told = [(f.code, f.column, f.lines) for f in result.errors]
    assert told == [("E_UNKNOWN_URN", "urn", (10,)), ("E_UNKNOWN_URN", "ref", (11,))]
    warned = [(f.code, f.file, f.column, f.rule) for f in result.findings if not f.is_error]
    assert len(warned) == len(set(warned))
