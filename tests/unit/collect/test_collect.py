"""Reading: bytes and headers are judged before any parser; every fault names file, line, column and code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.collect.collect import Source, parse_source
from dueregard.errors import SourceError

TODAY = date(2026, 11, 23)
SCHOOL = "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,South,,SS,,\n"


def judged(tmp_path: Path, name: str, data: bytes | str, **others: str):
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    for other, text in others.items():
        (folder / f"{other}.csv").write_text(text, encoding="utf-8")
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    checked = steps.check([Source(folder)], today=TODAY)
    report = next(r for r in checked.reports if r.file == name)
    return report, [(f.code, f.column, f.lines) for f in report.findings]


@pytest.mark.parametrize(
    ("data", "code", "lines", "rejected"),
    [
        (b"", "E_EMPTY_FILE", (), 0),
        (b"\xef\xbb\xbf", "E_EMPTY_FILE", (), 0),  # a byte-order mark alone
        (SCHOOL.encode("utf-16-le"), "E_ENCODING", (), 0),  # without the mark that says so
        (SCHOOL.replace("Two", "Zw\xe9i").encode("latin-1"), "E_ENCODING", (3,), 2),
        (SCHOOL.replace("urn", "u\0rn").encode(), "E_NUL", (1,), 2),
        (SCHOOL.encode() + bytes(25), "E_NUL", (4,), 2),  # the end was reserved and never written
        (SCHOOL.replace("Two", '"Two').encode(), "E_QUOTE", (3,), 2),
        (b"\x1f\x8b\x08" + SCHOOL.encode(), "E_ENCODING", (), 0),
    ],
)
def test_bytes_that_are_no_table_refuse_the_whole_file(tmp_path, data, code, lines, rejected):
    report, found = judged(tmp_path, "school.csv", data)
    assert found[0] == (code, "", lines)
    assert (report.accepted, report.rejected) == (0, rejected)


@pytest.mark.parametrize(
    ("header", "code", "column"),
    [
        ("urn,name,borough,la_code,phase,phase,type,opened_on", "E_DUP_HEADER", "phase"),
        ("urn,name,borough,la_code,ph\u0430se,type,opened_on", "E_MISSING_COLUMN", "phase"),  # a Cyrillic a
        ("urn,name,borough,la_code,type,opened_on", "E_MISSING_COLUMN", "phase"),
        ("urn,name,borough,la_code,phase,type,opened_on,upn", "E_UNEXPECTED_COLUMN", "upn"),
        ("urn^name^borough^la_code^phase^type^opened_on", "E_DELIMITER", ""),
    ],
)
def test_a_header_that_is_not_the_tables(tmp_path, header, code, column):
    report, found = judged(
        tmp_path, "school.csv", SCHOOL.replace("urn,name,borough,la_code,phase,type,opened_on", header)
    )
    assert (code, column, (1,)) in found
    assert (report.accepted, report.rejected) == (0, 2)


def messages(tmp_path: Path, data: str) -> str:
    (tmp_path / "school.csv").write_bytes(data.encode())
    checked = steps.check([Source(tmp_path)], today=TODAY)
    return "\n".join(f.words() for f in checked.findings)


@pytest.mark.parametrize(
    "first", ["1,Canary House,Canaryton,,canary,,", "The canary export,,,,,,", "sep=,canary", "canary,,,,,,"]
)
def test_a_first_line_that_may_be_a_row_is_not_shown(tmp_path, first):
    """A file that lost its header begins with a row: no value of it may pass for the name of a column."""
    told = messages(tmp_path, first + "\n" + SCHOOL.split("\n", 1)[1])
    assert "canary" not in told.lower()
    assert "may be a row" in told and "E_MISSING_COLUMN" in told


@pytest.mark.parametrize(("n", "told_of"), [(6, 6), (7, 1), (500, 1)])
def test_of_many_strange_columns_the_first_are_named_and_the_others_counted(n, told_of, tmp_path):
    """Seven columns are of the layout. Where as many are not, the line may hold a row, and none of them is named."""
    header, *rows = SCHOOL.splitlines()
    more = [header + "".join(f",odd{i}" for i in range(n)), *(row + "," * n for row in rows)]
    told = messages(tmp_path, "\n".join(more) + "\n")
    assert told.count("E_UNEXPECTED_COLUMN") == told_of
    assert ("`odd4`" in told and "1 more column is" in told) == (told_of > 1) and "`odd5`" not in told
    assert ("may hold a row" in told) == (told_of == 1) == ("odd0" not in told)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SCHOOL.replace("\n", "\r\r\n"), "E_NEWLINE"),
        ('{"urn": 1, "name": 2}\n', "E_QUOTE"),
        ("\n\n" + SCHOOL, "E_MISSING_COLUMN"),
        (",,,,,,\n" + SCHOOL, "E_MISSING_COLUMN"),
    ],
)
def test_a_first_line_that_cannot_be_read_as_a_header_says_why_once(tmp_path, data, code):
    told = messages(tmp_path, data).splitlines()
    assert [line.split()[0] for line in told] == [code], told


def test_rows_keep_their_physical_lines(tmp_path):
    """A newline inside quotes, a blank row, a ragged row, a torn last row: each other row stays where it is."""
    text = (
        "urn,name,borough,la_code,phase,type,opened_on\n"  # 1
        '1,"One, ""the"" first",North,,SS,,\n'  # 2
        ",,,,,,\n"  # 3: blank
        "2,Two,South,,SS,\n"  # 4: one field short
        "3,Three,South,,XX,,\n"  # 5: no such phase
        "4,Four,South,,SS,,2020-13-01\n"  # 6: no such day
        "5,Fi"  # 7: torn
    )
    report, found = judged(tmp_path, "school.csv", text)
    assert set(found) == {
        ("W_BLANK_ROWS", "", (3,)), ("E_FIELD_COUNT", "", (4,)), ("E_CODELIST", "phase", (5,)),
        ("E_DATE_FORMAT", "opened_on", (6,)), ("E_TRUNCATED", "", (7,)),
    }  # fmt: skip
    assert (report.accepted, report.rejected, report.read) == (1, 4, 5)


def test_a_newline_inside_quotes_moves_no_line(tmp_path):
    text = SCHOOL.replace("One", '"On\ne"').replace("2,Two,South,,SS", "2,Two,South,,XX")
    _, found = judged(tmp_path, "school.csv", text)
    assert ("E_CODELIST", "phase", (4,)) in found  # the record of school 2 begins on line 4
    assert ("E_PATTERN", "name", (2,)) in found  # and a name holds no newline


@pytest.mark.parametrize(
    "text",
    [
        SCHOOL,
        "\ufeff" + SCHOOL,
        SCHOOL.replace("\n", "\r\n"),
        SCHOOL.removesuffix("\n"),
        SCHOOL.replace("\n", "\r\n", 1),
        SCHOOL.replace("\n", "\r\n", 2),
    ],
)
def test_clean_files_load_whole(tmp_path, text):
    report, found = judged(tmp_path, "school.csv", text)
    no_end = [] if text.endswith("\n") else [("W_NO_LAST_NEWLINE", "", (3,))]  # taken whole, and said
    assert (found, report.accepted, report.rejected) == (no_end, 2, 0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (SCHOOL.encode("utf-16"), "W_TRANSCODED"),
        (SCHOOL.encode("utf-32"), "W_TRANSCODED"),
        (SCHOOL.replace("\n", "\r").encode(), "W_NEWLINE"),
        (SCHOOL.replace(",", ";").encode(), "W_DELIMITER"),
        (SCHOOL.replace(",", "\t").encode(), "W_DELIMITER"),
    ],
)
def test_another_way_of_writing_is_read_and_said(tmp_path, data, told):
    report, found = judged(tmp_path, "school.csv", data)
    assert ([code for code, _, _ in found], report.accepted, report.rejected) == ([told], 2, 0)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("3,T\0o,South,,SS,,", "E_NUL"),
        ("3," + "x" * 5000 + ",South,,SS,,", "E_FIELD_LENGTH"),
        ("3," + "x" * 2_000_000 + ",South,,SS,,", "E_FIELD_LENGTH"),
        ('3,"Three" x,South,,SS,,', "E_QUOTE"),
        ('3,Th"r"ee,South,,SS,,', "E_QUOTE"),
        ("3,Th\rree,South,,SS,,", "E_NEWLINE"),
        ("3,Three,South,,SS,,,", "E_FIELD_COUNT"),
    ],
)
def test_one_broken_row_is_refused_and_the_others_stay(tmp_path, row, code):
    report, found = judged(tmp_path, "school.csv", SCHOOL + row + "\n4,Four,South,,SS,,\n")
    assert found == [(code, "", (4,))]
    assert (report.accepted, report.rejected) == (3, 1)


def test_a_last_row_without_an_end_that_breaks_a_rule_may_be_cut_off(tmp_path):
    _, found = judged(tmp_path, "school.csv", SCHOOL.removesuffix("\n") + "2020-1")
    assert found == [("E_DATE_FORMAT", "opened_on", (3,)), ("E_TRUNCATED", "", (3,))]


def test_a_big_file_is_read_where_it_lies_as_a_small_one_is(tmp_path, monkeypatch):
    """The same findings, lines and rows whether the rows are copied or stay in their file."""
    from dueregard.collect import readers

    rows = [f"{n},School {n},North,,SS,," for n in range(1, 2000)]
    rows[500] = "501,,North,,XX,,"
    rows[900] = rows[899]
    rows[1200] = '1201,"A, ""B""",North,,SS,,2020-02-30'
    text = SCHOOL.splitlines()[0] + "\n" + "\n".join(rows) + "\n"
    small = judged(tmp_path, "school.csv", text)
    monkeypatch.setattr(readers, "BIG", 1)
    big = judged(tmp_path, "school.csv", text)
    assert big == small
    assert big[1] == [
        ("E_CODELIST", "phase", (502,)), ("E_DATE_FORMAT", "opened_on", (1202,)), ("E_DUPLICATE_KEY", "urn", (902,)),
    ]  # fmt: skip


def test_a_header_in_capitals_is_read_and_said(tmp_path):
    report, found = judged(tmp_path, "school.csv", SCHOOL.replace("la_code", "LA Code"))
    assert found == [("W_HEADER_NORMALISED", "", (1,))]
    assert report.accepted == 2


def test_no_value_is_quoted(tmp_path, capsys):
    text = SCHOOL.replace(",SS,,\n2", ",canary-phase,,\n2").replace("Two", "can\u200bary-name")
    report, _ = judged(tmp_path, "school.csv", text)
    said = " ".join(f.words() for f in report.findings) + "".join(capsys.readouterr())
    assert len(report.findings) == 2
    assert "canary" not in said
    assert "can\u200bary" not in said


def test_two_files_of_one_table_are_refused(tmp_path):

    (tmp_path / "school.csv").write_text(SCHOOL)
    (tmp_path / "school.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceError, match=r"school\.csv and school\.parquet"):
        steps.check([Source(tmp_path)], today=TODAY)


def test_a_torn_parquet_file_is_a_finding(tmp_path):
    report, found = judged(tmp_path, "school.parquet", b"PAR1 and nothing more")
    assert found == [("E_ENCODING", "", ())]
    assert report.accepted == 0


def test_sources_name_their_profile(tmp_path):
    assert parse_source("a/b.parquet=crdc-2013-14") == Source(Path("a/b.parquet"), "crdc-2013-14")
    assert parse_source("a/b", "crdc-2013-14").profile == "crdc-2013-14"
    odd = tmp_path / "a=b"
    odd.mkdir()
    assert parse_source(str(odd)) == Source(odd, "native")


def test_several_sources_make_one_intake(tmp_path):
    for n, rows in (("one", "1,One,North,,SS,,\n"), ("two", "2,Two,South,,SS,,\n")):
        (tmp_path / n).mkdir()
        (tmp_path / n / "school.csv").write_text(SCHOOL.splitlines(keepends=True)[0] + rows)
    snapshot, _ = steps.freeze([Source(tmp_path / "one"), Source(tmp_path / "two")], tmp_path / "s", today=TODAY)
    assert snapshot.manifest.rows["school"] == 2


@pytest.mark.parametrize("code", ["-7", "-1", "-99"])
def test_an_undeclared_reserve_code_is_refused_by_its_own_column(code, tmp_path):
    """A negative value that the profile does not know is no state and no number: the finding names its column."""
    from dueregard.collect.profiles.crdc import EDITION_2013, cell_columns

    columns = ["COMBOKEY", "LEA_STATE", EDITION_2013.officer, *(c.column for c in cell_columns())]
    row = ["010000000001", "AL", "YES", *(["4"] * (len(columns) - 3))]
    row[columns.index("SCH_DISCWODIS_ARR_BL_M")] = code
    file = tmp_path / "wide.csv"
    file.write_text(",".join(columns) + "\n" + ",".join(row) + "\n")
    checked = steps.check([Source(file, "crdc-2013-14")], today=TODAY)
    assert [(f.code, f.column, f.lines) for f in checked.errors] == [("E_RANGE", "SCH_DISCWODIS_ARR_BL_M", (2,))]


def test_a_wide_file_without_a_column_says_which(tmp_path):
    file = tmp_path / "wide.csv"
    file.write_text("COMBOKEY,LEA_STATE\n010000000001,AL\n")
    checked = steps.check([Source(file, "crdc-2013-14")], today=TODAY)
    assert {f.code for f in checked.errors} == {"E_MISSING_COLUMN"}
    assert "SCH_ENR_BL_M" in {f.column for f in checked.errors}
    assert sum(r.rejected for r in checked.reports) == 1


def test_a_broken_page_of_a_parquet_file_that_is_not_copied_refuses_the_file(tmp_path, monkeypatch):
    """Its footer is whole, so that it would be found out only while its rows are checked."""
    import duckdb

    from dueregard.collect import readers

    plain, broken = tmp_path / "plain.parquet", tmp_path / "school.parquet"
    (tmp_path / "school.csv").write_text(SCHOOL)
    # a connection of its own: the module's is shared by every test of the process
    duckdb.connect().execute(
        f"COPY (FROM read_csv('{tmp_path / 'school.csv'}', all_varchar=true)) TO '{plain}' (FORMAT parquet)"
    )
    (tmp_path / "school.csv").unlink()
    data = plain.read_bytes()
    broken.write_bytes(data[:4] + b"\xff" * 60 + data[64:])
    for big in (1, 1 << 26):
        monkeypatch.setattr(readers, "BIG", big)
        checked = steps.check([Source(broken)], today=TODAY)
        report = next(r for r in checked.reports if r.file == "school.parquet")
        assert ("E_ENCODING", "this is not a whole Parquet file.") in [(f.code, f.message) for f in report.findings]
        assert (report.accepted, report.rejected) == (0, 0)


def test_blank_rows_of_a_refused_file_are_not_counted_whatever_its_delimiter(tmp_path):
    text = SCHOOL.replace("opened_on", "upn").replace(",", ";") + ";;;;;;\n"
    report, found = judged(tmp_path, "school.csv", text)
    assert ("E_UNEXPECTED_COLUMN", "upn", (1,)) in found
    assert (report.accepted, report.rejected) == (0, 2)


def test_a_last_row_without_an_end_that_breaks_a_rule_is_told_of_beside_blank_rows(tmp_path):
    """The file is read record by record for its blank row; nothing else changes."""
    report, found = judged(tmp_path, "school.csv", SCHOOL + ",,,,,,\n3,Three,South,,X,,")
    assert ("E_TRUNCATED", "", (5,)) in found
    assert (report.accepted, report.rejected) == (2, 1)


@pytest.mark.parametrize("others", ["x,X", ",", "urn,Urn", "name,other", "a'b,c0", "_file,_line", '"a""b",rowid'])
def test_a_wide_file_may_hold_any_names_beside_those_that_are_read(tmp_path, others):
    """Its other columns are not judged: they may repeat, have no name, or differ from one that is read by their case."""
    from dueregard.collect.database import open_database
    from dueregard.collect.readers import Expected, read_file

    path = tmp_path / "wide.csv"
    path.write_text(f"{others},URN,NAME\n1,2,3,4\n5,6,7,8\n")
    connection = open_database([tmp_path])
    read = read_file(connection, path, Expected("wide", ("URN", "NAME"), ("URN", "NAME"), extra=True), into="raw_wide")
    assert (read.rows, read.findings) == (2, ())
    rows = connection.execute('SELECT _line, "URN", "NAME" FROM raw_wide ORDER BY 1').fetchall()
    assert rows == [(2, "3", "4"), (3, "7", "8")]


def test_faults_of_a_file_of_many_blocks_keep_their_lines(tmp_path, monkeypatch):
    """Rows that stay in their file are read in blocks, by several processors: no row may change places."""
    from dueregard.collect import readers

    monkeypatch.setattr(readers, "BIG", 1)
    rows = [f"{n},School {n},North,,SS,," for n in range(1, 400_001)]
    rows[123_455] = "123456,School,North,,XX,,"
    rows[250_000] = "250001,School,North,,SS,,2020-02-30"
    rows[399_998] = rows[0]
    _, found = judged(tmp_path, "school.csv", SCHOOL.splitlines()[0] + "\n" + "\n".join(rows) + "\n")
    assert sorted(found) == [
        ("E_CODELIST", "phase", (123_457,)), ("E_DATE_FORMAT", "opened_on", (250_002,)), ("E_DUPLICATE_KEY", "urn", (400_000,)),
    ]  # fmt: skip


def test_files_of_the_same_name_are_told_apart_by_their_folders(tmp_path):
    for place, phase in (("a/2023", "SS"), ("b/2023", "ZZ"), ("b/2024", "SS")):
        (tmp_path / place).mkdir(parents=True)
        urn = place[0] + place[-1]
        (tmp_path / place / "school.csv").write_text(SCHOOL.splitlines()[0] + f"\n{urn},One,North,,{phase},,\n")
    sources = [Source(tmp_path / place) for place in ("a/2023", "b/2023", "b/2024")]
    checked = steps.check(sources, today=TODAY)
    assert {r.file: (r.accepted, r.rejected) for r in checked.reports} == {
        "a/2023/school.csv": (1, 0), "b/2023/school.csv": (0, 1), "2024/school.csv": (1, 0),
    }  # fmt: skip
    assert [(f.file, f.lines) for f in checked.findings] == [("b/2023/school.csv", (2,))]


def test_a_link_to_a_file_elsewhere_is_read_as_the_file(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "s.csv").write_text(SCHOOL)
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "school.csv").symlink_to(tmp_path / "far" / "s.csv")
    (report,) = steps.check([Source(tmp_path / "near")], today=TODAY).reports
    assert (report.file, report.accepted, report.findings) == ("school.csv", 2, ())


def test_a_file_that_one_source_reads_is_not_called_ignored_by_another(tmp_path):
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "school.csv").write_text(SCHOOL)
    (sent / "notes.txt").write_text("nothing")
    (sent / "officers.csv").write_text("officer,school,first\nO1,1,2023-09-01\n")
    (tmp_path / "map.toml").write_text("""
name = "force"
version = "1"
[layout.officers.columns]
officer = { kind = "key" }
school = { kind = "key" }
first = { kind = "date" }
[[layout.officers.make]]
table = "posting"
columns = { posting_ref = { join = ["officer", "first"] }, officer_ref = "officer", urn = "school", from_on = "first" }
""")
    officers = Source(sent / "officers.csv", mapping=tmp_path / "map.toml")
    checked = steps.check([Source(sent), officers], today=TODAY)
    assert checked.intake.ignored == ("notes.txt",)


@pytest.mark.parametrize("again", ["sent", "sent/../sent", "link", "sent/school.csv", "linked"])
def test_a_file_that_is_given_twice_is_refused(again, tmp_path):
    """Powers have no key: their rows would be counted twice without a word."""
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "school.csv").write_text("urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n")
    (tmp_path / "link").symlink_to(sent)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "school.csv").symlink_to(sent / "school.csv")
    with pytest.raises(SourceError, match=r"given twice: school.csv"):
        steps.check([Source(sent), Source(tmp_path / again)], today=TODAY)
