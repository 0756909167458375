"""What does the format itself say of these bytes? RFC 4180 as one plain, slow state machine; nothing of the gate is used.

Text is UTF-8, or UTF-16 or UTF-32 where a mark says so. Records end with LF or CRLF, or with CR alone in a file that
has no LF. A quote stands around a whole field, doubled inside one. Where a record breaks this, it reaches to the first
end of a line at which its quotes balance: so it can be counted, and none of its fields is believed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
START, PLAIN, QUOTED, CLOSED = range(4)  # where in a field


@dataclass(frozen=True, slots=True)
class Record:
    """One record. line: the physical line on which it begins, from 1. is_formed: the format allows it."""

    line: int
    text: str
    fields: tuple[str, ...]
    is_formed: bool
    is_ended: bool


def text_of(data: bytes) -> str | None:
    """The text of these bytes without a byte-order mark, or None where they are none."""
    encoding = next((encoding for mark, encoding in MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def newline_of(text: str) -> str:
    return "\r" if "\r" in text and "\n" not in text else "\n"


def parse(text: str, delimiter: str) -> Iterator[Record]:
    """Every record, blank and broken ones included."""
    newline = newline_of(text)
    line = begun = 1
    first = 0  # where the record begins
    fields: list[str] = []
    field: list[str] = []
    state, is_formed = START, True
    for n, sign in enumerate(text):
        if state == QUOTED:
            if sign == '"':
                state = CLOSED
            else:
                field.append(sign)
        elif sign == '"':
            if state == CLOSED:
                field.append(sign)
            is_formed = is_formed and state != PLAIN
            state = QUOTED
        elif sign == newline:
            fields.append("".join(field))
            yield Record(begun, text[first:n], tuple(fields), is_formed, True)
            fields, field, state, is_formed = [], [], START, True
            begun, first = line + 1, n + 1
        elif sign == delimiter:
            fields.append("".join(field))
            field, state = [], START
        elif sign == "\r" and text[n + 1 : n + 2] == "\n":
            pass  # it belongs to the end of the line
        else:
            is_formed = is_formed and state != CLOSED and sign != "\r"
            field.append(sign)
            state = PLAIN
        if sign == newline:
            line += 1
    if first < len(text):
        fields.append("".join(field))
        yield Record(begun, text[first:], tuple(fields), is_formed and state != QUOTED, False)


def data_lines(data: bytes) -> int:
    """How many physical lines after the first hold more than commas and white space? For a file refused whole."""
    body = data.removeprefix(codecs.BOM_UTF8)
    lines = body.split(b"\n" if b"\n" in body or b"\r" not in body else b"\r")
    if lines and not lines[-1].strip(b"\x00"):  # an end that was reserved and never written is no line
        lines.pop()
    return max(sum(1 for line in lines if line.strip(b", \t\r")) - 1, 0)
