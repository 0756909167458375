"""The gate before any parser: is this a whole, readable table, and where do its records begin?

A first gate. It reads the bytes once with array operations and never quotes a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dueregard.evidence.finding import Finding

QUOTE, COMMA, NEWLINE, RETURN = 0x22, 0x2C, 0x0A, 0x0D
OTHER_DELIMITERS = (";", "\t", "|")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the records of a CSV file lie. line: physical line of each record. fields: how many it has.

    is_plain: every record is one line, has as many fields as the header, and none is blank.
    """

    header: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray
    line: np.ndarray
    fields: np.ndarray
    is_blank: np.ndarray
    ends_whole: bool
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The whole file is refused. rows: its data lines, where they can be counted as text."""

    code: str
    message: str
    try_this: str
    rows: int
    lines: tuple[int, ...] = ()


def judge_bytes(data: bytes) -> Refused | None:
    """Are these bytes a text table at all? The first fault after which going on would mislead."""
    if not data:
        return Refused("E_EMPTY_FILE", "the file has no bytes.", "send it again; a nil return is a header alone.", 0)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Refused("E_ENCODING", "the file is UTF-16.", "save it as CSV UTF-8.", 0)
    if data[:2] in (b"\x1f\x8b", b"PK") or data[:4] in (b"\x89PNG", b"%PDF", b"\xd0\xcf\x11\xe0"):
        return Refused("E_ENCODING", "the file is an archive or a picture, not text.", "send the table itself.", 0)
    if b"\x00" in data:
        where = data[: data.index(b"\x00")].count(b"\n") + 1
        return Refused("E_NUL", "a NUL byte stands in the file.", "export it again.", _data_lines(data), (where,))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        where = data[: fault.start].count(b"\n") + 1
        return Refused("E_ENCODING", "the file is not UTF-8.", "save it as CSV UTF-8.", _data_lines(data), (where,))
    if b"\n" not in data and b"\r" in data:
        rows = max(len([x for x in data.split(b"\r") if x.strip()]) - 1, 0)
        return Refused("E_NEWLINE", "lines end with a carriage return alone.", "save it with LF or CRLF.", rows)
    return None


def _data_lines(data: bytes) -> int:
    return max(sum(1 for line in data.split(b"\n") if line.strip()) - 1, 0)


def _records(data: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Start, end, physical line and comma count of each record; a newline inside quotes ends none."""
    raw = np.frombuffer(data, dtype=np.uint8)
    inside = np.cumsum(raw == QUOTE) % 2 == 1
    newline = np.flatnonzero(raw == NEWLINE)
    ends = newline[~inside[newline]]
    if not data.endswith(b"\n") or (len(newline) and inside[newline[-1]]):
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    lines = np.searchsorted(newline, starts) + 1
    commas = np.flatnonzero((raw == COMMA) & ~inside)
    counts = np.searchsorted(commas, ends) - np.searchsorted(commas, starts)
    return starts, ends, lines, counts


def _blank_records(data: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which records hold nothing but commas and white space?"""
    raw = np.frombuffer(data, dtype=np.uint8)
    filled = np.flatnonzero(~np.isin(raw, (COMMA, NEWLINE, RETURN, 0x20, 0x09)))
    return np.searchsorted(filled, ends) == np.searchsorted(filled, starts)


def lay_out(data: bytes) -> Layout | Refused:
    """Where do the records lie? Refuses a file whose quotes do not balance."""
    body = data[3:] if data.startswith(BOM) else data
    if body.count(b'"') % 2:
        line = _open_quote_line(body)
        return Refused(
            "E_QUOTE", "a quotation mark is opened and never closed.", "close it.", _data_lines(data), (line,)
        )
    starts, ends, lines, commas = _records(body)
    blank = _blank_records(body, starts, ends)
    header = tuple(_fields(body[starts[0] : ends[0]].decode("utf-8")))
    whole = body.endswith(b"\n")
    returns = body.count(b"\r\n")
    is_mixed = returns not in (0, body.count(b"\n"))  # both kinds of newline: read record by record
    plain = not is_mixed and bool(
        np.all(commas == len(header) - 1) and not blank.any() and lines[-1] == len(lines) and not data.startswith(BOM)
    )
    return Layout(header, starts, ends, lines, commas + 1, blank, whole, plain)


def _fields(line: str) -> list[str]:
    import csv

    return next(csv.reader([line.rstrip("\r\n")]), [])


def _open_quote_line(data: bytes) -> int:
    """On which physical line does the first quotation mark stand that leaves its line unbalanced?"""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.count(b'"') % 2:
            return number
    return 1


def normalised(name: str) -> str:
    """A header name as it is declared: lower case, inner blanks as `_`. Look-alike letters stay as they are.

    >>> normalised(" Contact Ref ")
    'contact_ref'
    """
    return re.sub(r"[ \t]+", "_", name.strip().lower())


def judge_header(
    file: str, table: str, header: tuple[str, ...], required: tuple[str, ...], known: tuple[str, ...]
) -> tuple[list[Finding], tuple[str, ...]]:
    """Does the header name the table's columns, each once, all that are required, and no other?

    Returns the findings and the normalised header. An unexpected column is named, its values never.
    """
    names = tuple(normalised(name) for name in header)
    if len(header) == 1 and any(sign in header[0] for sign in OTHER_DELIMITERS):
        return [
            Finding(
                "E_DELIMITER", file, table, "", (1,), "the columns are not apart by commas.", "save it with commas."
            )
        ], names
    found = []
    if names != header:
        found.append(
            Finding("W_HEADER_NORMALISED", file, table, "", (1,), "the header was read in lower case without blanks.")
        )
    for name in sorted({n for n in names if names.count(n) > 1}):
        found.append(
            Finding("E_DUP_HEADER", file, table, _safe(name), (1,), "two columns have this name.", "keep one.")
        )
    for name in required:
        if name not in names:
            found.append(Finding("E_MISSING_COLUMN", file, table, name, (1,), "this column is required.",
                                 "add it: blank where the source has nothing, or `not_collected` in a column of codes."))  # fmt: skip
    for name in dict.fromkeys(names):
        if name not in known:
            found.append(Finding("E_UNEXPECTED_COLUMN", file, table, _safe(name), (1,), "this column is not in the layout.",
                                 "remove it: names, addresses, dates of birth and UPNs never enter."))  # fmt: skip
    return found, names


def _safe(name: str) -> str:
    """A column's name, short and printable."""
    return "".join(c if c.isprintable() else "?" for c in name)[:60]
