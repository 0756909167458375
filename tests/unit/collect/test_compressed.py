"""gzip, asked for by name: within limits, whole, and judged like any other text."""

from __future__ import annotations

import gzip

import pytest

from dueregard.collect.compressed import read_table, unpacked
from dueregard.collect.database import open_database
from dueregard.collect.readers import Expected
from dueregard.errors import SourceError

EXPECTED = Expected("roll", ("a", "b"), ("a", "b", "c"), extra=True)


def read(tmp_path, data: bytes, name: str = "x.csv.gz"):
    (tmp_path / name).write_bytes(data)
    connection = open_database([tmp_path])
    return read_table(connection, tmp_path / name, EXPECTED, into="_x"), connection


def test_rows_keep_their_lines_and_absent_columns_are_null(tmp_path):
    text = '\ufeffb,other,a\n1,2,"x\ny"\n\n3,4,5\n'
    found, connection = read(tmp_path, gzip.compress(text.encode(), mtime=0))
    assert (found.rows, found.columns, found.findings) == (2, ("b", "a"), ())
    assert connection.execute("SELECT _line, a, b, c FROM _x").fetchall() == [
        ("2", "x\ny", "1", None),
        ("5", "5", "3", None),
    ]


def test_a_bomb_stops_at_the_limit():
    bomb = gzip.compress(b"0" * 2**26, mtime=0)
    with pytest.raises(SourceError, match="more than"):
        unpacked(bomb, "x.csv.gz")
    assert len(unpacked(bomb, "x.csv.gz", most_times=2**20)) == 2**26
    with pytest.raises(SourceError, match="more than 1,000 bytes"):
        unpacked(bomb, "x.csv.gz", most_bytes=1_000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,2\n", "not a gzip"),
        (b"", "torn"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "torn"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0) + b"more", "behind its end"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0) * 2, "behind its end"),
    ],
)
def test_what_is_no_single_whole_stream_is_refused(tmp_path, data, words):
    with pytest.raises(SourceError, match=words):
        unpacked(data, "x.csv.gz")
    found, _ = read(tmp_path, data)
    assert found.columns == () and words in found.findings[0].words()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"a\n1\n", "E_MISSING_COLUMN"),
        (b"a,b,a\n1,2,3\n", "E_DUP_HEADER"),
        (b"a,b\n1,\xff\n", "E_ENCODING"),
        (b"a,b\n1,\x00\n", "E_NUL"),
        (b'a,b\n1,"2\n', "E_QUOTE"),
        (b"\n", "E_EMPTY_FILE"),
        (b"a,b\n1,2,3\n", "E_FIELD_COUNT"),
    ],
)
def test_the_text_inside_is_judged(tmp_path, text, code):
    found, _ = read(tmp_path, gzip.compress(text, mtime=0))
    assert [f.code for f in found.findings] == [code]


def test_gzip_that_pretends_to_be_csv_is_still_refused(tmp_path):
    found, _ = read(tmp_path, gzip.compress(b"a,b\n1,2\n", mtime=0), "x.csv")
    assert found.findings[0].is_error


@pytest.mark.parametrize(
    ("packed", "code"),
    [
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "E_TRUNCATED"),
        (gzip.compress(b"0" * 2**28, mtime=0), "E_ARCHIVE_RATIO"),
        (b"a,b\n1,2\n", "E_ENCODING"),
    ],
)
def test_what_cannot_be_unpacked_is_a_finding(packed, code, tmp_path):
    found, _ = read(tmp_path, packed)
    assert [(f.code, f.is_whole) for f in found.findings] == [(code, True)] and found.columns == ()
