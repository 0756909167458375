"""Prepared tables: no part of the id, the same answers without them, and found where they are changed."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.engines.prepared import is_prepared, prepared_faults
from dueregard.engines.sql_prepared import PREPARED
from dueregard.evidence.paths import parquet_sql
from dueregard.freeze.canonical import table_hash, write_sorted
from dueregard.measures.measure import Measure
from dueregard.records.table import Table, day, key

TODAY = date(2026, 11, 23)
QUESTIONS = (Measure("arrested", within=("school",)), Measure("contact", by=("ethnicity", "year_group", "period")),
             Measure("contact", denominator="pupil_years", within=("officer",)), Measure("accepted", denominator="support_offered"))  # fmt: skip
pytestmark = pytest.mark.xdist_group("borough")


def opened(snapshot: Path, target: Path) -> Path:
    """A copy that may be written to."""
    shutil.copytree(snapshot, target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    return target


def answers(path: Path) -> list[object]:
    engine = steps.open_engine(steps.open_snapshot(path))
    return [engine.facts(), engine.completeness(), *(engine.count(question) for question in QUESTIONS)]


def test_what_is_kept_follows_from_the_rows(borough_snapshot):
    snapshot = steps.open_snapshot(borough_snapshot)
    assert is_prepared(snapshot)
    assert prepared_faults(snapshot) == []


def test_without_them_every_answer_and_the_id_are_the_same(borough_snapshot, tmp_path):
    bare = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    shutil.rmtree(bare / "prepared")
    assert not is_prepared(steps.open_snapshot(bare))
    assert answers(bare) == answers(borough_snapshot)


@pytest.mark.parametrize("key_of", ["version", "lists", "snapshot"])
def test_those_of_another_version_are_not_read(borough_snapshot, tmp_path, key_of):
    """The tables are spoiled as well: whoever read them would fail."""
    other = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    about = other / "prepared" / "prepared.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), key_of: "another"}))
    for file in (other / "prepared").rglob("*.parquet"):
        file.write_bytes(b"")
    assert answers(other) == answers(borough_snapshot)


def test_one_table_that_is_gone_is_made_again(borough_snapshot, tmp_path):
    other = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    shutil.rmtree(other / "prepared" / "roll_cell")
    shutil.rmtree(other / "prepared" / "step_row")
    assert answers(other) == answers(borough_snapshot)


@pytest.mark.parametrize(
    "name", [one.name for one in PREPARED if one.is_kept and one.name != "pupil_roll"]
)  # the borough's roll is counted: no pupil stands in it
def test_a_row_less_is_found(borough_snapshot, tmp_path, name):
    import duckdb

    other = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    files = sorted((other / "prepared").glob(f"{name}.parquet")) + sorted(
        (other / "prepared" / name).glob("*/*.parquet")
    )
    scratch = tmp_path / "less.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM read_parquet('{files[0]}', hive_partitioning = false) OFFSET 1) TO '{scratch}' (FORMAT parquet)"
    )
    shutil.copyfile(scratch, files[0])
    assert prepared_faults(steps.open_snapshot(other)) == [
        f"prepared {name}: it does not follow from the snapshot's rows."
    ]


def test_a_file_that_is_no_table_is_found(borough_snapshot, tmp_path):
    other = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    (other / "prepared" / "census.parquet").write_bytes(b"no table")
    assert [fault.split(":")[0] for fault in prepared_faults(steps.open_snapshot(other))] == ["prepared census"]


def test_one_year_reads_one_year(borough_snapshot, tmp_path):
    """The files of other years hold no table (but the first, which tells the columns): a question does not look at them."""
    other = opened(borough_snapshot, tmp_path / borough_snapshot.name)
    _first, *later = sorted(
        {file.parent.name for file in (other / "prepared").glob("*/academic_year=*/*")} - {"academic_year=0"}
    )
    *spoiled, last = later
    assert spoiled
    asked = Measure("arrested", period=f"{last[-4:]}/{int(last[-2:]) + 1:02}")
    expected = steps.open_engine(steps.open_snapshot(other)).count(asked)
    for file in (other / "prepared").glob("*/academic_year=*/*"):
        if file.parent.name in spoiled:
            file.write_bytes(b"no table")
    assert sum(cell.n for cell in expected.whole) > 0
    assert steps.open_engine(steps.open_snapshot(other)).count(asked) == expected


def test_an_interrupted_freeze_leaves_nothing(borough, tmp_path, monkeypatch):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dueregard.engines.prepared._keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        steps.freeze([Source(borough)], tmp_path / "s", today=TODAY)
    assert list((tmp_path / "s").iterdir()) == []


TABLE = Table("t", "", (key("a", ""), key("b", "", blank=True), day("c", "")))


@pytest.mark.parametrize("range_rows", [1, 7, 100, 100_000])
def test_the_hash_does_not_depend_on_the_ranges(tmp_path, range_rows):
    """Keys of which one begins another, signs below letters, NULL, and one key that many rows share."""
    import hashlib

    import duckdb

    keys = ["a", "a b", "a-b", "aa", "B", "b", "'", "z"]
    rows = [(keys[n * n % 8], None if n % 5 == 0 else f"b{n}", f"2024-01-{n % 28 + 1:02}") for n in range(500)]
    lines = sorted("\x1f".join((a, b if b is not None else "\x1e", c)) for a, b, c in rows)
    expected = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a VARCHAR, b VARCHAR, c DATE)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    write_sorted(connection, TABLE, tmp_path / "t.parquet", range_rows=range_rows)
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]
    for source in ("t", parquet_sql(tmp_path / "t.parquet")):
        assert table_hash(connection, TABLE, source, range_rows=range_rows) == expected
    kept = connection.execute(
        f"SELECT concat_ws(chr(31), a, coalesce(b, chr(30)), c) FROM {parquet_sql(tmp_path / 't.parquet')}"
    ).fetchall()
    assert [row[0] for row in kept] == lines


def test_rows_of_a_big_file_are_not_held_in_memory_while_they_are_sorted(tmp_path):
    """Beside an empty table, as the gate leaves it: to keep the order of both, the database held 45 million rows, and gave up."""
    import duckdb

    of_file = parquet_sql(tmp_path / "big.parquet")
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET temp_directory = ''")
    connection.execute(
        "COPY (SELECT md5(n::VARCHAR) AS a, md5((n + 1)::VARCHAR) AS b, DATE '2024-01-01' AS c FROM range(2_000_000) AS r(n)) "
        f"TO '{tmp_path / 'big.parquet'}' (FORMAT parquet)"
    )
    connection.execute("CREATE TABLE empty (a VARCHAR, b VARCHAR, c DATE)")
    connection.execute(f"CREATE VIEW t AS SELECT * FROM empty UNION ALL SELECT * FROM {of_file}")
    connection.execute("SET memory_limit = '200MB'")
    write_sorted(connection, TABLE, tmp_path / "t.parquet", range_rows=200_000)
    found = connection.execute(f"SELECT count(*), min(a) FROM {parquet_sql(tmp_path / 't.parquet')}").fetchone()
    assert found == connection.execute(f"SELECT count(*), min(a) FROM {of_file}").fetchone()
