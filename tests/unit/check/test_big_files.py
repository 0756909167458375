"""Rows that stay in big files are judged as rows that are copied: the same findings, lines and refused rows."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dueregard.check import known, scan
from dueregard.check.keys import reference_rules
from dueregard.check.rejects import refused_rows
from dueregard.check.rules import row_rules
from dueregard.check.run import check
from dueregard.collect import readers
from dueregard.collect.collect import Source, collect
from dueregard.evidence.raw import big_parts
from dueregard.records.tables import TABLES, table

TODAY = date(2026, 11, 23)
GOOD = {
    "urn": ("100001", "100002", "100003"), "census_on": ("2025-01-16", "2026-01-15"), "enrolment_status": ("C", "M", "S", ""),
    "year_group": ("7", "8", "9", "R"), "age_on_31_august": ("11", "12", "13"), "sex": ("F", "M"), "ethnicity": ("WBRI", "BCRB", "NOBT"),
    "sen_provision": ("N", "K", "E"), "sen_type": ("none", "ASD", "not_recorded"), "disability": ("not_collected", "yes", ""),
    "is_fsm": ("yes", "no", "1"), "n_pupils": ("1", "2", ""), "state": ("counted", "suppressed", ""),
}  # fmt: skip
BAD = (
    "",
    "x",
    "999999",
    "2031-01-01",
    "2025-02-30",
    "1700-01-01",
    "-1",
    "1.0",
    "1e5",
    "W BRI",
    "a.b",
    "é",
    "O'N",
    "all",
    "counted",
)
SCHOOLS = "urn,name,borough,la_code,phase,type,opened_on\n100001,One,North,,SS,,{day}\n100002,Two,South,,SS,,\n100003,Three,South,,SS,,2020-01-01\n"  # fmt: skip


def write(folder: Path, rng: random.Random, *, rows: int, faults: float) -> None:
    left_out = set(rng.sample(["enrolment_status", "age_on_31_august", "state"], rng.randint(0, 2)))
    columns = [c for c in GOOD if c not in left_out]
    lines = [",".join(["pupil_ref", *columns])]
    for n in range(rows):
        ref = rng.choice(["", f"P{n}", f"P{n}", "P1.0" if rng.random() < faults else f"Q{n // 2}"])
        cells = [rng.choice(BAD) if rng.random() < faults else rng.choice(GOOD[c]) for c in columns]
        lines.append(",".join([ref, *cells]))
    folder.mkdir()
    (folder / "roll.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "school.csv").write_text(SCHOOLS.format(day=rng.choice(["", "2020-02-30", "2019-01-01"])))


def judged(folders: list[Path]) -> tuple:
    checked = check(collect([Source(folder) for folder in folders]), today=TODAY)
    refused = [refused_rows(checked, t) for t in TABLES if t.name in checked.intake.tables]
    accepted = [
        sorted(map(str, checked.intake.connection.execute(f'SELECT * FROM "{t}"').fetchall()))
        for t in ("school", "roll")
    ]
    return checked.reports, checked.known, checked.schools, refused, accepted


@pytest.mark.parametrize("seed", range(12))
def test_values_that_come_late_or_are_absent_are_judged_by_every_rule(seed, tmp_path, monkeypatch):
    """The first rows say which values are good; the others are judged in full, whatever the first rows held."""
    rng = random.Random(seed)
    write(tmp_path / "a", rng, rows=rng.choice([3, 60, 400]), faults=rng.choice([0, 0.01, 0.2]))
    small = judged([tmp_path / "a"])
    monkeypatch.setattr(readers, "BIG", 1)
    monkeypatch.setattr(known, "LOOKED_AT", rng.choice([0, 2, 50, 20_000]))
    monkeypatch.setattr(known, "MOST", rng.choice([1, 3, 32]))
    assert judged([tmp_path / "a"]) == small


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_several_big_files_keep_their_places(seed, tmp_path, monkeypatch):
    rng = random.Random(100 + seed)
    for name in ("a", "b"):
        write(tmp_path / name, rng, rows=300, faults=0.02)
    folders = [tmp_path / "a", tmp_path / "b"]
    small = judged(folders)
    monkeypatch.setattr(readers, "BIG", 1)
    assert judged(folders) == small


def test_many_blocks_of_several_files_keep_their_lines(tmp_path, monkeypatch):
    """Blocks of both files are read by several processors: a fault is told of at its own line, in its own file."""
    monkeypatch.setattr(readers, "BIG", 1)
    head = "urn,name,borough,la_code,phase,type,opened_on"
    for folder, start, wrong in (("a", 0, 150_000), ("b", 400_000, 299_999)):
        rows = [f"{start + n},School,North,,SS,," for n in range(300_000)]
        rows[wrong] = f"{start + wrong},School,North,,XX,,"
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "school.csv").write_text("\n".join([head, *rows]) + "\n")
    checked = check(collect([Source(tmp_path / "a"), Source(tmp_path / "b")]), today=TODAY)
    told = [(f.file, f.code, f.lines, f.n_rows) for f in checked.findings]
    assert told == [("a/school.csv", "E_CODELIST", (150_002,), 1), ("b/school.csv", "E_CODELIST", (300_001,), 1)]


def test_no_reference_and_no_name_is_written_into_a_query():
    """A fault of the database may quote its query: known values are codes, days and numbers alone."""
    kinds = {column.kind for column in table("roll").columns if column.name in ("urn", "pupil_ref", "tabulation")}
    assert not kinds & set(known.KINDS)


def test_each_rule_of_one_column_asks_of_that_column_alone():
    """Or a value of it could not be known to be good."""
    import re

    from dueregard.check.catalogue import every_rule

    for rule in every_rule(TODAY):
        if rule.predicate and len(rule.columns) == 1:
            asked = re.sub(r"'(?:[^']|'')*'|\(SELECT.*?\)", "", rule.predicate)
            names = set(re.findall(r'"(\w+)"', asked)) | set(re.findall(r"\bw\.(\w+)", asked))
            assert names == set(rule.columns), rule.id


def test_a_day_that_is_none_in_a_big_file_is_a_finding_and_no_fault_of_the_database(tmp_path, monkeypatch):
    """Its row is refused; a rule of the roll asks when schools were open, and may not meet the refused day on the way."""
    write(tmp_path / "a", random.Random(1), rows=5, faults=0)
    (tmp_path / "a" / "school.csv").write_text(SCHOOLS.format(day="2020-02-30"))
    monkeypatch.setattr(readers, "BIG", 1)
    checked = check(collect([Source(tmp_path / "a")]), today=TODAY)
    assert ("school.csv", "E_DATE_FORMAT", (2,)) in [(f.file, f.code, f.lines) for f in checked.findings]


def test_thousands_of_rows_that_meet_keep_their_lines(tmp_path, monkeypatch):
    """Where many keys stand twice the database would rather join from the other side, which forgets the order of the file."""
    head = ",".join(["pupil_ref", *(column for column in GOOD if column != "state")])
    rows = [",".join([f"P{n if n % 4 else n // 8 * 8}", *(values[0] for column, values in GOOD.items() if column != "state")])
            for n in range(40_000)]  # fmt: skip
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "roll.csv").write_text("\n".join([head, *rows]) + "\n")
    (tmp_path / "a" / "school.csv").write_text(SCHOOLS.format(day=""))
    monkeypatch.setattr(readers, "BIG", 1)
    checked = check(collect([Source(tmp_path / "a")]), today=TODAY)
    [found] = [f for f in checked.findings if f.code == "E_DUPLICATE_KEY"]
    assert found.n_rows == 5_000 and found.lines[:3] == (6, 14, 22)


def test_broken_rows_of_a_file_of_many_blocks_keep_their_lines(tmp_path, monkeypatch):
    """Blocks are judged by several processors, references among the rules: each fault is told of at its own line."""
    monkeypatch.setattr(readers, "BIG", 1)
    columns = [column for column in GOOD if column != "state"]
    values = {column: GOOD[column][0] for column in columns}
    head, good = ",".join(["pupil_ref", *columns]), ",".join(values.values())
    wrong = {"E_UNKNOWN_URN": values | {"urn": "999999"}, "E_CODELIST": values | {"sex": "?"}}
    bad = {code: ",".join(row.values()) for code, row in wrong.items()}
    lines = {"E_UNKNOWN_URN": range(3_000, 700_000, 7_001), "E_CODELIST": range(3_001, 700_000, 7_001)}
    told = {line: bad[code] for code, where in lines.items() for line in where}
    (tmp_path / "roll.csv").write_text(
        "\n".join([head, *(f"P{n},{told.get(n, good)}" for n in range(2, 700_000))]) + "\n"
    )
    (tmp_path / "school.csv").write_text(SCHOOLS.format(day=""))
    checked = check(collect([Source(tmp_path)]), today=TODAY)
    found = {f.code: f.lines for f in checked.findings if f.file == "roll.csv"}
    assert found == {code: tuple(where) for code, where in lines.items()}


def test_no_rule_of_a_row_looks_into_another_table_in_a_big_file():
    """Where order is all that numbers the rows, a join would forget it."""
    connection = duckdb.connect()
    for one in TABLES:
        described = ", ".join(f'"{column.name}" {column.sql_type}' for column in one.columns)
        connection.execute(f'CREATE TABLE "{one.name}" ({described})')
    n_asked = 0
    for one in TABLES:
        rules = [*row_rules(one, TODAY), *(rule for rule in reference_rules(one) if rule.predicate)]
        asked = known.without_joins(connection, rules)
        assert not [rule.id for rule in asked if "SELECT" in rule.predicate]
        n_asked += sum("SELECT" in rule.predicate for rule in rules)
    assert n_asked > 10


VARIED = {"year_group": ("R", *(str(n) for n in range(1, 14))),
          "ethnicity": ("WBRI", "WIRI", "WIRT", "WROM", "WOTH", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN", "AOTH", "BCRB",
                        "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT")}  # fmt: skip


def test_a_file_of_many_values_keeps_its_lines(tmp_path, monkeypatch):
    """The database makes a join of a list of more than a few values, and a join forgets the order: so no long list is asked."""
    asked: list[bool] = []
    keeps_order = scan.keeps_order
    monkeypatch.setattr(scan, "keeps_order", lambda *of: asked.append(keeps_order(*of)) or asked[-1])
    monkeypatch.setattr(readers, "BIG", 1)
    columns = [column for column in GOOD if column != "state"]
    years, groups = VARIED["year_group"], VARIED["ethnicity"]

    def row(n: int, **changed: str) -> str:
        values = {column: GOOD[column][0] for column in columns}
        values |= {"year_group": years[n % 14], "age_on_31_august": str(n % 14 + 4), "ethnicity": groups[n % 20]}
        return ",".join([f"P{n}", *(values | changed).values()])

    wrong, again = range(3_000, 700_000, 7_000), range(3_002, 700_000, 9_000)
    made = {line: row(line, sex="?") for line in wrong} | {line: row(line - 1_000) for line in again}
    lines = [",".join(["pupil_ref", *columns]), *(made.get(n) or row(n) for n in range(2, 700_000))]
    (tmp_path / "roll.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "school.csv").write_text(SCHOOLS.format(day=""))
    checked = check(collect([Source(tmp_path)]), today=TODAY)
    found = {f.code: f.lines for f in checked.findings if f.file == "roll.csv"}
    assert found == {"E_CODELIST": tuple(wrong), "E_DUPLICATE_KEY": tuple(again)}
    assert asked and all(asked)  # no number was asked for: the file was read on every processor


def test_where_the_database_makes_a_join_each_row_brings_its_number(tmp_path, monkeypatch):
    """The same findings if a later version of the database joined where this one does not."""
    write(tmp_path / "a", random.Random(4), rows=3_000, faults=0.02)
    monkeypatch.setattr(readers, "BIG", 1)

    def told() -> list:
        return [
            (f.file, f.code, f.lines, f.n_rows) for f in check(collect([Source(tmp_path / "a")]), today=TODAY).findings
        ]

    in_order = told()
    monkeypatch.setattr(scan, "keeps_order", lambda *_: False)
    assert told() == in_order and len(in_order) > 5


def test_a_join_is_seen_where_nobody_wrote_one():
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a VARCHAR)")
    many = ", ".join(f"'{n}'" for n in range(30))
    assert scan.keeps_order(connection, "SELECT a IN ('1', '2') OR a = '' FROM t")
    assert scan.keeps_order(connection, f"SELECT {known.none_of('a', tuple(map(str, range(30))))} FROM t")
    assert not scan.keeps_order(connection, f"SELECT a NOT IN ({many}) AND a <> '' FROM t")
    assert not scan.keeps_order(connection, "SELECT a FROM t WHERE a IN (SELECT a FROM t)")


def test_a_packed_file_is_as_big_as_its_rows_will_be(tmp_path, monkeypatch):
    """A file of 51 MB held 2.4 million contacts: copied three times, they filled the memory and a nation could not be frozen."""
    schools = "SELECT CAST(100000 + n AS VARCHAR) AS urn, 'School' AS name, 'North' AS borough, '' AS la_code, 'SS' AS phase, '' AS type, '' AS opened_on FROM range(3000) AS r(n)"
    for n, part in enumerate((schools, f"{schools} WHERE n < 100")):
        folder = tmp_path / str(n)
        folder.mkdir()
        duckdb.execute(f"COPY ({part}) TO '{folder / 'school.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
    monkeypatch.setattr(readers, "BIG", 3000 * 7 * readers.AS_TEXT)
    assert (tmp_path / "0" / "school.parquet").stat().st_size < readers.BIG
    stays = [
        bool(big_parts(check(collect([Source(tmp_path / name)]), today=TODAY).intake.connection, "raw_school"))
        for name in ("0", "1")
    ]
    assert stays == [True, False]
