"""A mapping is proposed from files: it reads them as soon as a person has decided what is open, and shows no one's values."""

from __future__ import annotations

import csv
import json
import random
import re
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.collect.mapping import read_mapping
from dueregard.collect.proposal import propose
from dueregard.errors import DueRegardError, UsageError
from dueregard.terms.lists import code_list

ROOT = Path(__file__).parents[3]
ATTACKS = ROOT.parent / "shared" / "attacks"
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

needs_attacks = pytest.mark.skipif(not ATTACKS.is_dir(), reason="the attack files stand in ../shared/attacks, which is absent here")  # fmt: skip

# What the person who knows the force's system answers to the open points of its contact file.
ANSWERS = (
    ('reason = { kind = "code", values = ["?"] }', 'reason = { kind = "code", values = ["welfare", "asb", "weapon", "theft", "intelligence"] }'),
    ('outcome = { kind = "code", values = ["?"] }', 'outcome = { kind = "code", values = ["advice", "nfa", "community_resolution", "referral", "charge"] }'),
    ('behaviour = { from = "reason", values = { "?" = "?" } }',
     'behaviour = { from = "reason", values = { asb = "other", weapon = "BW", theft = "TH", intelligence = "none_alleged" } }'),
    ('subject_category = { value = "?" }',
     'subject_category = { from = "reason", values = { welfare = "subject_of_concern", asb = "suspect", weapon = "suspect", theft = "suspect", '
     'intelligence = "subject_of_concern" } }'),
    ('outcome = { from = "outcome", values = { "?" = "?" } }',
     'outcome = { from = "outcome", values = { community_resolution = "8", charge = "1", advice = "", nfa = "", referral = "" } }'),
    ('table = "outcome"', 'table = "outcome"\nwhen = { outcome = ["community_resolution", "charge"] }'),
    ('decided_on = "?"', 'decided_on = "contact_date"'),
)  # fmt: skip


def write(path: Path, header: list[str], rows: list[list[str]], sign: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=sign, lineterminator="\n").writerows([header, *rows])
    return path


def proposed(*files: Path, name: str = "proposed"):
    return propose(list(files), name=name, today=TODAY)


def mapping_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "proposed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def columns_of(text: str, layout: str = "") -> dict[str, dict]:
    import tomllib

    layouts = tomllib.loads(text)["layout"]
    return layouts[layout or next(iter(layouts))]["columns"]


def notes_on(text: str, column: str) -> str:
    """The comments above a column."""
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{column} = {{ kind"))
    notes = []
    while lines[at - 1].startswith("#"):
        at -= 1
        notes.insert(0, lines[at])
    return "\n".join(notes)


@needs_attacks
def test_the_good_flat_files_are_read_by_their_proposal(tmp_path):
    files = [ATTACKS / name for name in ("000_control_good.csv", "067_roll_good.csv")]
    found = proposed(*files)
    assert found.open_points == 6  # the codes of two columns, their meaning, the category, and the day of an outcome
    text = found.text
    for asked, answer in ANSWERS:
        assert text.count(asked) == 1
        text = text.replace(asked, answer)
    text = text.replace("# [registers]\n# school", "[registers]\nschool")
    schools = (ROOT / "examples" / "flat_export" / "schools.csv").read_bytes()
    (tmp_path / "schools.csv").write_bytes(schools)
    path = mapping_of(tmp_path, text)
    for file, n_rows in zip(files, (20, 140), strict=True):
        checked = steps.check([Source(file, mapping=path)], today=TODAY)
        assert [(r.accepted, r.rejected) for r in checked.reports] == [(n_rows, 0)]
        assert [f for f in checked.findings if f.is_error] == []


@needs_attacks
def test_nothing_is_open_where_a_header_says_all(tmp_path):
    for name in ("067_roll_good.csv", "070_posting_overlap_negative.csv"):
        found = proposed(ATTACKS / name)
        assert found.open_points == 0
        read_mapping(mapping_of(tmp_path, found.text))


@needs_attacks
@pytest.mark.parametrize("file", sorted(ATTACKS.glob("*")) if ATTACKS.is_dir() else [], ids=lambda file: file.name)
def test_no_hostile_file_gives_a_traceback_or_a_value(file, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dueregard", "mapping", "new", str(file)], capture_output=True, text=True, cwd=tmp_path,
        env={"PATH": "/usr/bin", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    printed = (done.stdout + done.stderr).replace(file.name, "")
    assert "Traceback" not in printed
    assert done.returncode in (0, 3)
    for canary in (r"J\. ?Smith", "autism", "EHCP", r"P0\d{5}", r"C000\d\d", r"SSO\d{3}", "DROP TABLE", "HYPERLINK", "cmd", "IC3"):  # fmt: skip
        assert not re.search(canary, printed)


OTHER_NAMES = {
    "contact_ref": "Incident Ref", "urn": "School URN", "occurred_at": "Incident Date", "pupil_ref": "Pupil ID", "self_defined_ethnicity": "SDE",
    "year_group": "NC year", "sex": "Gender", "census_on": "Census Date", "from_on": "Start Date", "to_on": "End Date", "officer_ref": "Officer ID",
    "sen_provision": "SEN", "is_fsm": "FSM eligible",
}  # fmt: skip


def test_a_whole_force_renamed_and_in_another_order_gives_the_same_tables(borough, tmp_path):
    """Each file's columns shuffled, many under another name: the proposal loads at once, and freezes the same rows."""
    rng, folder = random.Random(3), tmp_path / "sent"
    folder.mkdir()
    renamed = 0
    for file in sorted(borough.glob("*.csv")):
        rows = list(csv.reader(file.open(encoding="utf-8")))
        order = rng.sample(range(len(rows[0])), len(rows[0]))
        header = [OTHER_NAMES.get(rows[0][n], rows[0][n]) for n in order]
        renamed += sum(name in OTHER_NAMES for name in rows[0])
        write(folder / f"export_{file.stem}.csv", header, [[row[n] for n in order] for row in rows[1:]])
    assert renamed > 40
    found = proposed(*sorted(folder.glob("*.csv")))
    assert (found.open_points, found.removed) == (0, 0)
    own = steps.freeze([Source(borough)], tmp_path / "own", today=TODAY, now=NOW)[0]
    source = Source(folder, mapping=mapping_of(tmp_path, found.text))
    mapped = steps.freeze([source], tmp_path / "mapped", today=TODAY, now=NOW)[0]
    assert mapped.manifest.tables == own.manifest.tables  # the hash of the content of each table
    assert mapped.id != own.id  # what read them is another


def contacts(n: int = 400, **columns) -> tuple[list[str], list[list[str]]]:
    """A flat file of contacts; a column is a function of the row's number."""
    made = {
        "other_ref": lambda i: f"X{i:04d}", "year": lambda i: str(7 + i % 5), "ethnicity": lambda i: code_list("sde_18plus1").codes[i % 19],
        "incident_date": lambda i: f"{i % 28 + 1:02d}/{i % 12 + 1:02d}/2024", "pupil_id": lambda i: f"P{i:06d}", "gender": lambda i: "MF"[i % 2],
        "school_urn": lambda i: str(100000 + i % 7), "incident_ref": lambda i: f"C{i // 2:05d}", "category": lambda i: ("suspect", "witness")[i % 2],
    } | columns  # fmt: skip
    return list(made), [[made[name](i) for name in made] for i in range(n)]


def test_another_order_with_days_first_and_18_plus_1_codes_is_read_at_once(tmp_path):
    file = write(tmp_path / "force.csv", *contacts())
    found = proposed(file)
    assert found.open_points == 0
    columns = columns_of(found.text)
    assert columns["incident_date"] == {"kind": "date", "formats": ["%d/%m/%Y"]}
    assert columns["ethnicity"] == {"kind": "code", "list": "sde_18plus1"}
    assert columns["incident_ref"] == {"kind": "key", "pattern": "C[0-9]{5}"}
    assert columns["school_urn"] == {"kind": "key", "pattern": "[0-9]{6}"}
    schools = "urn,name,borough,la_code,phase,type,opened_on\n" + "".join(f"{100000 + n},,,,,,\n" for n in range(7))
    (tmp_path / "schools.csv").write_text(schools, encoding="utf-8")
    path = mapping_of(tmp_path, found.text.replace("# [registers]\n# school", "[registers]\nschool"))
    checked = steps.check([Source(file, mapping=path)], today=TODAY)
    # two rows a contact, on two days: the source contradicts itself, and the rows are refused, not mended
    assert {f.code for f in checked.findings if f.is_error} == {"E_CONFLICT"}
    whole = write(tmp_path / "whole.csv", *contacts(incident_ref=lambda i: f"C{i:05d}"))
    checked = steps.check([Source(whole, mapping=path)], today=TODAY)
    assert [(r.accepted, r.rejected) for r in checked.reports] == [(400, 0)]
    counted = checked.intake.connection.execute(
        "SELECT count(*), count(DISTINCT self_defined_ethnicity) FROM involvement"
    )
    assert counted.fetchone() == (400, 19)


@pytest.mark.parametrize(
    ("day", "column", "n_open"),
    [
        (lambda i: f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d}", {"kind": "date"}, 0),
        (lambda i: f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d} 1{i % 10}:30", {"kind": "time"}, 0),
        (lambda i: f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d} 00:00:00", {"kind": "date", "formats": ["%Y-%m-%d 00:00:00"]}, 0),
        (lambda i: f"{i % 12 + 1:02d}/{i % 28 + 1:02d}/2024", {"kind": "date", "formats": ["%m/%d/%Y"]}, 0),
        (lambda i: f"{i % 28 + 1}/{i % 12 + 1}/24", {"kind": "date", "formats": ["%-d/%-m/%y"]}, 0),
        (lambda i: f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2024 09:{i % 60:02d}", {"kind": "time", "formats": ["%d.%m.%Y %H:%M"]}, 0),
        (lambda i: f"{i % 28 + 1:02d} {('Jan', 'Jun')[i % 2]} 2024", {"kind": "date", "formats": ["%d %b %Y"]}, 0),
        (lambda i: f"2024{i % 12 + 1:02d}{i % 28 + 1:02d}", {"kind": "date", "formats": ["%Y%m%d"]}, 0),
        # 1 to 12 in both places: nobody but the person knows
        (lambda i: f"{i % 12 + 1:02d}/{i % 11 + 1:02d}/2024", {"kind": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, 1),
        # some rows can only be the one, some only the other
        (lambda i: ("13/01/2024", "01/13/2024")[i % 2], {"kind": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, 1),
    ],
)  # fmt: skip
def test_days_are_read_as_they_are_written(tmp_path, day, column, n_open):
    found = proposed(write(tmp_path / "f.csv", *contacts(incident_date=day)))
    assert columns_of(found.text)["incident_date"] == column
    assert found.open_points == n_open
    path = mapping_of(tmp_path, found.text)
    if not n_open:
        read_mapping(path)
        return
    assert "to decide" in notes_on(found.text, "incident_date")
    with pytest.raises(UsageError, match="cannot be told apart"):
        read_mapping(path)
    read_mapping(mapping_of(tmp_path, found.text.replace('"%d/%m/%Y", "%m/%d/%Y"', '"%d/%m/%Y"')))


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("pupil_forename", lambda i: "Ann", "a name"),
        ("surname", lambda i: "", "a name"),
        ("known_as", lambda i: f"Ann{'bcdefgh'[i % 7]} Lee{'klmnopqrst'[i % 10]}", "a name"),
        ("attended_by", lambda i: f"{'ABCDEFGH'[i % 8]}. Smith{'abcdefghij'[i % 10]}", "a name"),
        ("officer", lambda i: ("Smith", "Jones")[i % 2], "a name"),
        ("officer_ref", lambda i: ("PC Smith", "PC Jones")[i % 2], "a name"),
        ("dob", lambda i: "2009-05-05", "a date of birth"),
        ("first_seen", lambda i: f"20{8 + i % 3:02d}-0{i % 9 + 1}-11", "perhaps of birth"),
        ("upn", lambda i: "x", "a national number"),
        ("number_held", lambda i: f"A{10**10 + i:011d}", "a national number"),
        ("pupil_ref", lambda i: f"A{10**10 + i:011d}7", "a national number"),
        ("home_postcode", lambda i: "x", "an address or a place"),
        ("area_seen", lambda i: f"E{i % 9 + 1} {i % 9}AB", "an address or a place"),
        ("where_seen", lambda i: f"{i} Acacia Avenue", "an address or a place"),
        ("reply_to", lambda i: f"a{i}@b.org", "a way to reach a person"),
        ("ring", lambda i: f"07700 900{i:03d}", "a way to reach a person"),
        ("notes", lambda i: "x", "a narrative"),
        ("what_was_seen", lambda i: f"he stood at the gate for {i} minutes", "a narrative"),
    ],
)
def test_what_holds_people_is_not_mapped(tmp_path, name, value, what):
    """By the header or by the values; the proposal says to remove it, and shows no value of it."""
    if name == "number_held":
        value = lambda i: f"A{10**10 + i:011d}B"  # noqa: E731
    header, rows = contacts(**{name: value})
    found = proposed(write(tmp_path / "f.csv", header, rows))
    assert found.removed == 1
    assert name not in columns_of(found.text)
    assert re.search(rf"^#   {name}: .*{what}$", found.text, re.MULTILINE)
    assert "Remove these columns from the file" in found.text
    at = header.index(name)
    for shown in {row[at] for row in rows if len(row[at]) > 2}:
        assert shown not in found.text


def test_a_file_with_a_removed_column_is_refused_until_it_is_gone(tmp_path):
    file = write(tmp_path / "f.csv", *contacts(surname=lambda i: "Lee"))
    path = mapping_of(tmp_path, proposed(file).text)
    checked = steps.check([Source(file, mapping=path)], today=TODAY)
    assert ("E_UNEXPECTED_COLUMN", "surname") in [(f.code, f.column) for f in checked.findings]
    assert [(r.accepted, r.rejected) for r in checked.reports][:1] == [(0, 400)]


def test_codes_that_nobody_publishes_are_shown_only_where_many_rows_share_them(tmp_path):
    def result(i: int) -> str:
        rare = {0: "seen once", 1: "seen twice", 2: "seen twice", 3: "John Smith", 4: "ref 12345", 5: "x" * 31}
        return rare.get(i, ("no action", "arrest made", "Mary Jones", "case 98765", "y" * 31)[i % 5])

    found = proposed(write(tmp_path / "f.csv", *contacts(result=result)))
    assert columns_of(found.text)["result"]["values"] == ["arrest made", "no action"]
    notes = notes_on(found.text, "result")
    assert "5 other values, each in fewer than 10 rows: not shown" in notes
    assert "3 values that could be a name or a number of a person: not shown" in notes
    for hidden in ("John", "Mary", "12345", "98765", "seen", "xxx", "yyy"):
        assert hidden not in found.text


def test_more_than_forty_values_are_no_codes(tmp_path):
    def many(i: int) -> str:
        return f"kind {'abcdefghijklmnopqrstuvwxyz'[i % 26]}{'ab'[i // 26 % 2]}"

    found = proposed(write(tmp_path / "f.csv", *contacts(2000, flavour=many)))
    assert columns_of(found.text)["flavour"] == {"kind": "text"}
    assert "kind a" not in found.text


def test_a_list_is_named_and_what_does_not_fit_is_counted(tmp_path):
    def ethnicity(i: int) -> str:
        return "Whyte" if i % 40 == 0 else ("" if i % 50 == 7 else code_list("sde_18plus1").codes[i % 19])

    found = proposed(write(tmp_path / "f.csv", *contacts(ethnicity=ethnicity)))
    assert columns_of(found.text)["ethnicity"] == {"kind": "code", "list": "sde_18plus1", "blank": True}
    notes = notes_on(found.text, "ethnicity")
    # 10 of 400 rows are Whyte and 8 are blank: (392 - 10) / 392 = 97.4 %
    assert "19 of 20 different values, in 97.4 % of the rows with one, are of sde_18plus1" in notes
    assert "1 other value in 10 rows: not shown" in notes
    assert "Whyte" not in found.text


def test_codes_of_two_lists_are_said_to_be_of_both(tmp_path):
    both = [x for x in code_list("sde_16plus1").codes if x in code_list("sde_18plus1").codes]
    found = proposed(write(tmp_path / "f.csv", *contacts(ethnicity=lambda i: both[i % len(both)])))
    assert "All are also codes of sde_16plus1" in notes_on(found.text, "ethnicity")


def test_a_code_that_is_not_native_is_left_open(tmp_path):
    file = write(tmp_path / "f.csv", *contacts(gender=lambda i: ("Girls", "m", "T")[i % 3]))
    found = proposed(file)
    # one by its label, one but for its capital; nobody can know what T is
    assert 'sex = { from = "gender", values = { Girls = "F", T = "?", m = "M" } }' in found.text
    assert found.open_points == 1
    with pytest.raises(UsageError, match="still to decide"):
        read_mapping(mapping_of(tmp_path, found.text))
    read_mapping(mapping_of(tmp_path, found.text.replace('T = "?"', 'T = "unknown"')))


def test_a_required_column_without_a_source_is_left_open(tmp_path):
    header, rows = contacts()
    kept = [n for n, name in enumerate(header) if name not in ("category", "school_urn")]
    file = write(tmp_path / "f.csv", [header[n] for n in kept], [[row[n] for n in kept] for row in rows])
    found = proposed(file)
    assert "to decide: involvement.subject_category" in found.text
    assert "one of subject_of_concern, suspect, convicted" in found.text
    with pytest.raises(UsageError, match="still to decide"):
        read_mapping(mapping_of(tmp_path, found.text))


def test_a_file_that_speaks_of_no_native_table_is_left_to_a_person(tmp_path):
    found = proposed(write(tmp_path / "f.csv", ["flavour", "colour"], [["sweet", "red"]] * 20))
    assert found.open_points == 1
    with pytest.raises(UsageError, match="still to decide"):
        read_mapping(mapping_of(tmp_path, found.text))


def test_files_with_the_same_columns_are_one_layout(tmp_path):
    header, rows = contacts()
    one = write(tmp_path / "one.csv", header, rows[:200])
    other = write(tmp_path / "other.csv", header[::-1], [row[::-1] for row in rows[200:]], sign=";")
    third = write(tmp_path / "third.csv", ["officer_id", "urn", "start_date"], [["O1", "100001", "2024-01-01"]])
    found = proposed(one, other, third)
    assert re.findall(r"^\[layout\.(\w+)\]$", found.text, re.MULTILINE) == ["contact", "posting"]
    assert "# From 2 files, 400 rows." in found.text
    # order and shape do not hang on which of the two comes first
    assert columns_of(proposed(other, one).text) == columns_of(proposed(one).text)


def test_unknown_headers_apart_by_semicolons_are_read(tmp_path):
    found = proposed(write(tmp_path / "f.csv", ["flavour", "colour"], [["sweet", "red"]] * 20, sign=";"))
    assert list(columns_of(found.text)) == ["flavour", "colour"]


def test_a_parquet_file_is_looked_at_like_any_other(tmp_path):
    import duckdb

    file = write(tmp_path / "f.csv", *contacts())
    duckdb.connect().execute(f"COPY (FROM read_csv('{file}', all_varchar=true)) TO '{tmp_path}/f.parquet'")
    assert columns_of(proposed(tmp_path / "f.parquet").text) == columns_of(proposed(file).text)


def test_a_large_file_is_looked_at_in_part(tmp_path, monkeypatch):
    from dueregard.collect import proposal

    monkeypatch.setattr(proposal, "LOOKED_AT", 100)
    assert "the first 100 rows" in proposed(write(tmp_path / "f.csv", *contacts())).text


BAD = [
    ("empty.csv", b"", "has no bytes"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n....", "an archive, a picture or a program"),
    ("header.csv", b"contact_ref,urn,contact_date\n", "no rows that can be read"),
    ("wide.csv", (",".join(f"c{n}x" for n in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n").encode(), "has 10,000 columns"),
    ("twice.csv", b"urn,urn,contact_date\n1,2,3\n", "column `urn`: two columns have this name"),
    ("none.csv", b"C00001,100001,2025-02-02\nC00002,100001,2025-02-02\n", "the first line is not a header"),
    ("names.csv", b"Ann,Lee,E1\nAnn,Lee,E1\nBo,Ray,E2\n", "the first line is not a header"),
    ("unnamed.csv", b"urn,,contact_date\n1,2,3\n", "1 column without a name"),
    ("ours.csv", b"urn,_line,contact_date\n1,2,3\n", "1 column without a name"),
    ("quote.csv", b'contact_ref,urn\n"C1,2\n', "never closed"),
    ("torn.parquet", b"PAR1....PAR1", "not a whole Parquet file"),
    ("letter.docx", b"x", "not a file of a kind that is read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "words"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_files_are_answered(tmp_path, capsys, name, data, words):
    (tmp_path / name).write_bytes(data)
    assert main(["mapping", "new", str(tmp_path / name)]) == 3
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""
    assert "Ann" not in err and "C00001" not in err


def test_a_file_that_is_not_there_and_a_folder_are_answered(tmp_path, capsys):
    assert main(["mapping", "new", str(tmp_path / "gone.csv")]) == 3
    assert "`gone.csv` does not exist" in capsys.readouterr().err
    assert main(["mapping", "new", str(tmp_path)]) == 3
    assert main(["mapping", "new"]) == 2
    assert main(["mapping", "new", str(write(tmp_path / "f.csv", *contacts())), "--name", "Our force"]) == 2
    assert "snake_case" in capsys.readouterr().err


def test_odd_names_of_columns_are_left_out_and_told(tmp_path):
    header, rows = contacts()
    file = write(tmp_path / "f.csv", [*header, 'a"b', "_key", "pupil's sex"], [[*row, "1", "2", "M"] for row in rows])
    found = proposed(file)
    assert found.removed == 2
    assert columns_of(found.text)["pupil's_sex"]["kind"] == "code"
    read_mapping(mapping_of(tmp_path, found.text))


def test_what_is_written_is_for_its_owner_and_replaces_nothing(tmp_path, capsys):
    file, out = write(tmp_path / "f.csv", *contacts()), tmp_path / "m.toml"
    assert main(["mapping", "new", str(file), "--out", str(out), "--name", "force"]) == 0
    printed, told = capsys.readouterr()
    assert printed == f"{out}\n"
    assert "points to decide: 0" in told
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert read_mapping(out).name == "force"
    before = out.read_bytes()
    assert main(["mapping", "new", str(file), "--out", str(out)]) == 6
    assert "`m.toml` exists, and is not replaced" in capsys.readouterr().err
    (tmp_path / "link.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert main(["mapping", "new", str(file), "--out", str(tmp_path / "link.toml")]) == 6
    assert main(["mapping", "new", str(file), "--out", str(tmp_path / "no" / "m.toml")]) == 6
    assert out.read_bytes() == before
    assert not (tmp_path / "elsewhere.toml").exists()


def test_the_same_files_give_the_same_proposal(tmp_path):
    file = write(tmp_path / "f.csv", *contacts())
    assert proposed(file).text == proposed(file).text


def test_rows_that_no_one_can_take_are_counted(tmp_path):
    header, rows = contacts()
    found = proposed(write(tmp_path / "f.csv", header, [*rows, ["short"]]))
    assert "# 1 row cannot be read" in found.text


def test_no_random_file_gives_a_traceback(tmp_path):
    """Random headers, some of them native, with random values: a proposal that is TOML, or a letter."""
    import tomllib

    rng = random.Random(11)
    names = ["contact_ref", "urn", "pupil_ref", "date", "Ethnicity", "sex", "stage", "kind", "n", "from_on", "to_on", "x y", "é", "[a]", "a.b",
             "#", "'", "=", "name", "term", "period", "outcome", "officer_ref", "census_on", "n_pupils", "true", "\u202e"]  # fmt: skip
    values = ["", " ", "1", "01", "1.5", "-3", "2024-01-01", "31/12/2024", "W1", "B1", "x", "?", '"', "\\", "\t", "é", "\u202e", "=1+1", "not_recorded",
              "all", "Y", "00:00", "1e5", "nan", "'; --"]  # fmt: skip
    loaded = 0
    for n in range(24):
        header = rng.sample(names, rng.randint(1, 8))
        pool = {name: rng.sample(values, rng.randint(1, 4)) for name in header}
        file = write(tmp_path / f"f{n}.csv", header, [[rng.choice(pool[x]) for x in header] for _ in range(30)])
        try:
            found = proposed(file)
        except DueRegardError:
            continue
        tomllib.loads(found.text)
        loaded += 1
        if not found.open_points:
            path = mapping_of(tmp_path, found.text)
            steps.check([Source(file, mapping=path)], today=TODAY)
    assert loaded > 9


def test_json_stays_out_of_it(capsys, tmp_path):
    """The proposal itself is all that stands on standard output."""
    import tomllib

    assert main(["mapping", "new", str(write(tmp_path / "f.csv", *contacts()))]) == 0
    out, _ = capsys.readouterr()
    assert tomllib.loads(out)["name"] == "proposed"
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)
