"""The reference parser itself, against the seven points of RFC 4180, section 2, and what the gate adds to them."""

from __future__ import annotations

import pytest

from tests.fuzz.reference import data_lines, parse, text_of


def rows(text: str, delimiter: str = ",") -> list[tuple[int, tuple[str, ...], bool]]:
    return [(r.line, r.fields, r.is_formed) for r in parse(text, delimiter)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", [(1, ("aaa", "bbb", "ccc"), True), (2, ("zzz", "yyy", "xxx"), True)]),
        ("aaa,bbb,ccc\r\nzzz,yyy,xxx", [(1, ("aaa", "bbb", "ccc"), True), (2, ("zzz", "yyy", "xxx"), True)]),
        ('"aaa","bbb","ccc"\r\nzzz,yyy,xxx', [(1, ("aaa", "bbb", "ccc"), True), (2, ("zzz", "yyy", "xxx"), True)]),
        ('"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx', [(1, ("aaa", "b\r\nbb", "ccc"), True), (3, ("zzz", "yyy", "xxx"), True)]),
        ('"aaa","b""bb","ccc"', [(1, ("aaa", 'b"bb', "ccc"), True)]),
    ],
)  # fmt: skip
def test_the_examples_of_rfc_4180(text, expected):
    assert rows(text) == expected


@pytest.mark.parametrize("text", ['a"b', '"a"b', ' "a"', '"a" ', "a\rb\nc", "a\n\rb", '"a"\r,b\n', 'a,"b', '"a"\r\r\n'])
def test_what_the_format_does_not_allow(text):
    assert not all(is_formed for _, _, is_formed in rows(text))


def test_a_broken_record_ends_where_its_quotes_balance():
    assert [line for line, _, _ in rows('h,i\na"b\nc"d,e\n1,2\n')] == [1, 2, 4]


def test_old_newlines_other_signs_and_blank_lines():
    assert rows("a;b\r1;2\r", ";") == [(1, ("a", "b"), True), (2, ("1", "2"), True)]
    assert rows("a\n\n,\n") == [(1, ("a",), True), (2, ("",), True), (3, ("", ""), True)]


def test_text_is_utf_8_or_what_its_mark_says():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert text_of("ä,b\n".encode(encoding)) == "ä,b\n"
    assert text_of("ä,b\n".encode("latin-1")) is None


def test_lines_of_a_refused_file():
    assert data_lines(b"a,b\r\n1,2\r\n,,\r\n\r\n3,4") == 2
    assert data_lines(b"a,b\r1,2\r\r3") == 2
    assert data_lines(b"a\n1\n\x00\x00") == 1
    assert data_lines(b"") == 0
