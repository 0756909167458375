"""Records taken one by one: what a fuzzer found that another reading of the format would see otherwise."""

from __future__ import annotations

import io
import time

import pytest

from dueregard.collect import gate, records
from dueregard.collect.gate import look
from dueregard.collect.records import Astray, header_of


def taken(data: bytes, width: int, newline: bytes = b"\n"):
    astray = Astray()
    return list(records.records(io.BytesIO(data), newline, ",", width, astray)), astray


def test_a_lone_return_after_a_quoted_field_is_not_dropped_from_its_record():
    rows, astray = taken(b'a,b\r\n"x",1\r\r\n"y",2\r\n', 2)
    assert rows == [(3, ["y", "2"])]
    assert astray.returned == [2]


def test_a_file_cut_off_between_return_and_newline_ends_in_a_torn_row():
    rows, astray = taken(b"a,b\r\n1,2\r\n3,4\r", 2)
    assert rows == [(2, ["1", "2"])]
    assert astray.torn == [3]


def test_a_row_without_an_end_is_told_of_whichever_way_it_is_read():
    rows, astray = taken(b"a,b\n,\n1,2", 2)
    assert (rows, astray.blank, astray.unended) == ([(3, ["1", "2"])], [2], 3)


def test_a_wrong_quote_beside_a_newline_in_quotes_is_no_fault_of_newlines():
    _, astray = taken(b'a,b\r\n"x\r\ny",z"\r\n"\r\n1,2\r\n', 2)
    assert (astray.quoted, astray.returned) == ([2, 3, 4], [])


def test_quotes_in_the_part_of_a_long_line_that_is_cut_off_are_counted(monkeypatch):
    """Or the rows after it would be read as text in quotes, and text in quotes as rows."""
    monkeypatch.setattr(records, "LONGEST_RECORD", 20)
    data = b'a,b\n"' + b"x" * 40 + b'",1\n2,3\n"' + b"x" * 40 + b'\n7,8\n",1\n4,5\n'
    for piece in (8, 1 << 20):
        monkeypatch.setattr(gate, "PIECE", piece)
        rows, astray = taken(data, 2)
        assert rows == [(3, ["2", "3"]), (7, ["4", "5"])]
        assert astray.long == [2, 4, 5, 6]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_line_is_never_cut_to_one_that_is_just_short_enough(monkeypatch, mark):
    monkeypatch.setattr(records, "LONGEST_RECORD", 20)
    rows, astray = taken(b"a,b\n" + b"1," + b"x" * 18 + b"\ry\n" + b"1," + b"x" * 18 + b"\r\n", 2)
    assert (rows, astray.long) == ([(3, ["1", "x" * 18])], [2])
    assert header_of(io.BytesIO(mark + b"a," + b"x" * 18 + "é,c\n".encode()), b"\n", ",") == ()


@pytest.mark.parametrize("header", [b'a,b"b"\n', b'a,"b"c\n', b"a,b\r\r\n", b"a\r,b\n", b'"a" ,b\n'])
def test_a_header_that_the_format_does_not_allow_names_no_column(header):
    assert header_of(io.BytesIO(header), b"\n", ",") == ()


def test_many_lines_in_one_pair_of_quotes_are_each_refused():
    _, astray = taken(b'a,b\n"' + b"\n" * 3_000_000 + b'",1\n', 2)
    assert (astray.long[0], len(astray.long), astray.n_refused) == (2, 10_000, 3_000_001)


@pytest.mark.deep
def test_many_lines_in_one_pair_of_quotes_take_no_long_time():
    """Three times the lines take about three times as long; nine times, while each line was joined to all before it."""

    def took(n: int) -> float:
        data = b'a,b\n"' + b"\n" * n + b'",1\n'
        began = time.process_time()
        taken(data, 2)
        return time.process_time() - began

    assert min(took(3_000_000) for _ in range(3)) < 6 * min(took(1_000_000) for _ in range(3))


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a,b\r1,2\r\r,,\r3,4\r", 3),  # old newlines: blank lines are blank there too
        (b"a\r\r\nb\n", 2),  # a lone return makes no line where there are newlines
        (b"a,b\n1,2\nx\ry", 3),
        (b"a,b\r1,2\r\x00\x00", 2),  # an end that was never written
    ],
)
def test_lines_are_counted_by_the_newline_of_the_file_wherever_blocks_are_cut(monkeypatch, data, lines):
    for block in (2, 5, 1 << 24):
        monkeypatch.setattr(gate, "BLOCK", block)
        assert look(io.BytesIO(data)).lines == lines


def test_every_line_that_an_open_quote_has_swallowed_is_refused(tmp_path):
    """Two quotes that nobody closed make one record of all rows between them: each is a row that was lost."""
    from datetime import date

    from dueregard import steps
    from dueregard.collect.collect import Source

    mark = {5: '"', 35: '"'}
    rows = [f"{n},{mark.get(n, '')}School,North,,SS,," for n in range(1, 41)]
    (tmp_path / "school.csv").write_text("\n".join(["urn,name,borough,la_code,phase,type,opened_on", *rows]) + "\n")
    checked = steps.check([Source(tmp_path)], today=date(2026, 11, 23))
    assert [(r.accepted, r.rejected) for r in checked.reports] == [(9, 31)]
    (finding,) = checked.errors
    assert (finding.code, finding.lines) == ("E_QUOTE", tuple(range(6, 37)))
    assert "31 lines were joined by quotation marks into 1" in finding.message


def judged(tmp_path, data: bytes):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    return [(r.code, r.lines) for r in gate.judge(path).refused]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda rows: rows.__setitem__(9, b"9,\x00"), []),  # a row's fault, told of by its record
        (lambda rows: rows.__setitem__(0, b"a\x00,b"), [("E_NUL", (1,))]),
        (lambda rows: rows.__setitem__(9, b"9,\xe9"), [("E_ENCODING", (10,))]),
        (lambda rows: rows.append(b"\x00" * 9), [("E_NUL", (41,)), ("E_TRUNCATED", ())]),
    ],
)
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_lines_that_returns_end_are_counted_by_them(spoil, told, block, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "BLOCK", block)
    rows = [b"a,b", *(b"%d,x" % n for n in range(2, 41))]
    spoil(rows)
    for newline in (b"\r", b"\n"):
        assert judged(tmp_path, newline.join(rows) + (b"" if rows[-1].startswith(b"\x00") else newline)) == told


@pytest.mark.parametrize("held", [40, 1 << 24])
@pytest.mark.parametrize("newline", [b"\r", b"\n"])
def test_a_file_is_judged_alike_however_much_of_it_is_held(held, newline, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "BLOCK", 16)
    monkeypatch.setattr(gate, "LONGEST_HELD", held)
    data = newline.join([b"a,b", *(b"%d,x" % n for n in range(2, 90))]) + newline
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    found = gate.judge(path)
    assert (found.refused, found.newline) == ((), newline)
    with path.open("rb") as handle:
        assert look(handle).lines == 89


@pytest.mark.parametrize(
    ("start", "sign", "told"),
    [
        (b"a,b\n1,2\n", b"x", [("E_FIELD_LENGTH", (3,))]),
        (b"a,b\r1,2\r", b"x", [("E_FIELD_LENGTH", (3,))]),
        (b"a,b\n1,2\n", b"\x00", [("E_NUL", (3,)), ("E_TRUNCATED", ())]),
        (b"", b"\x00", [("E_NUL", (1,)), ("E_TRUNCATED", ())]),
    ],
)
def test_a_line_without_an_end_is_not_held(start, sign, told, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "BLOCK", 16)
    monkeypatch.setattr(gate, "LONGEST_HELD", 1 << 10)
    assert judged(tmp_path, start + sign * 5_000) == told


@pytest.mark.parametrize(
    ("spoiled", "line"),
    [
        ({3: '"School\nof two lines"', 30: '"School'}, 32),  # a whole record over two lines, before the one that is not
        ({5: '"School', 30: '"School\nof two lines"'}, 6),  # and after it
        ({30: '"School'}, 31),
        ({5: '"School', 9: '"School"'}, 6),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_an_open_quote_is_told_of_where_its_record_begins(spoiled, line, newline, tmp_path):
    from datetime import date

    from dueregard import steps
    from dueregard.collect.collect import Source

    rows = [f"{n},{spoiled.get(n, 'School')},North,,SS,," for n in range(1, 41)]
    text = "\n".join(["urn,name,borough,la_code,phase,type,opened_on", *rows]) + "\n"
    (tmp_path / "school.csv").write_bytes(text.replace("\n", newline).encode())
    checked = steps.check([Source(tmp_path)], today=date(2026, 11, 23))
    assert [(f.code, f.lines) for f in checked.errors] == [("E_QUOTE", (line,))]
