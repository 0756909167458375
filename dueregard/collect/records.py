"""A table of text record by record: the careful way, for files with blank, ragged, torn or many-line records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from dueregard.collect.gate import BOM, DELIMITERS, lines_of
from dueregard.evidence.finding import KEPT_LINES

LONGEST_FIELD = 4_096  # characters
LONGEST_RECORD = 1 << 20  # bytes; a longer one is refused unread


@dataclass(slots=True)
class Astray:
    """Lines of records that no one may take as rows, by what is wrong with them.

    A record that runs over several lines gives each of them: a quote that nobody closed may have swallowed as many rows.
    runs: first line of such a record and how many lines it has, of which the first ten thousand are listed.
    unended: the line of a row that was taken and that no newline ends.
    """

    blank: list[int] = field(default_factory=list)
    ragged: list[int] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)
    nul: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)
    quoted: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    runs: dict[int, int] = field(default_factory=dict)
    unended: int = 0

    @property
    def refused(self) -> tuple[int, ...]:
        """Every refused line once; blank ones are passed over, not refused."""
        every = [*self.ragged, *self.torn, *self.nul, *self.long, *self.quoted, *self.returned]
        return tuple(sorted(set(every)))

    @property
    def n_refused(self) -> int:
        """How many lines are refused, those that are not listed included?"""
        return len(self.refused) + self.n_unlisted(list(self.runs))

    def n_unlisted(self, lines: list[int]) -> int:
        """How many more lines have the records that begin in these?"""
        return sum(max(self.runs[line] - KEPT_LINES, 0) for line in lines if line in self.runs)


def header_of(handle: BinaryIO, newline: bytes, delimiter: str) -> tuple[str, ...]:
    """The names in the first record. An unreadable one gives no name."""
    for _, _, record, _ in joined(handle, newline):
        return tuple(_fields(record, delimiter) or ()) if len(record) <= LONGEST_RECORD else ()
    return ()


def joined(handle: BinaryIO, newline: bytes) -> Iterator[tuple[int, int, bytes, bool]]:
    """First and last physical line, bytes and whether it ended, for each record: lines joined while a quote is open.

    Of a record above LONGEST_RECORD only so much is kept as shows that it is too long.
    """
    begun, line, held, size, is_open, ended = 1, 1, list[bytes](), 0, False, True
    for line, (part, is_odd, ended) in enumerate(lines_of(handle, newline, LONGEST_RECORD), start=1):
        part = part.removeprefix(BOM) if line == 1 else part
        if not is_open:
            begun, held, size = line, [], 0
        if size <= LONGEST_RECORD + 1:  # a newline more than is held
            held.append(part)
            size += len(part) + 1
        is_open ^= is_odd
        if not is_open:
            yield begun, line, _without_return(newline.join(held), newline, ended), ended
    if is_open:
        yield begun, line, newline.join(held), ended


def first_unclosed(handle: BinaryIO, newline: bytes) -> int:
    """In which line does the record begin that leaves a quotation mark open?

    A record over several lines may be whole. One that is not has joined what does not belong together; where all are, it is
    the one that never ends.
    """
    headers = []
    for sign in DELIMITERS:
        handle.seek(0)
        headers.append((len(header_of(handle, newline, sign)), sign))
    delimiter, begun = max(headers, key=lambda one: one[0])[1], 0
    handle.seek(0)
    for begun, last, record, _ in joined(handle, newline):
        if last > begun and (len(record) > LONGEST_RECORD or _fields(record, delimiter) is None):
            break
    return begun


def _without_return(record: bytes, newline: bytes, ended: bool) -> bytes:
    """A carriage return before a newline belongs to it; one that stands alone does not."""
    return record.removesuffix(b"\r") if newline == b"\n" and ended else record


def records(
    handle: BinaryIO, newline: bytes, delimiter: str, width: int, astray: Astray
) -> Iterator[tuple[int, list[str]]]:
    """Physical line and fields of each record after the header that has the header's width; the others go astray."""
    whole = joined(handle, newline)
    next(whole, None)
    white = delimiter.encode() + b" \t\r\n"
    for line, last, record, ended in whole:
        fields = None
        if len(record) > LONGEST_RECORD:
            kind = astray.long
        elif not record.strip(white):
            kind = astray.blank
        elif b"\x00" in record:
            kind = astray.nul
        elif (fields := _fields(record, delimiter)) is None:
            kind = _misquoted(record, ended, astray)
        elif len(fields) != width:
            kind = astray.ragged if ended else astray.torn
        elif any(len(text) > LONGEST_FIELD for text in fields):
            kind = astray.long
        else:
            astray.unended = 0 if ended else line
            yield line, fields
            continue
        kind.extend(range(line, min(last + 1, line + KEPT_LINES)))
        if last > line:
            astray.runs[line] = last + 1 - line


def _misquoted(record: bytes, ended: bool, astray: Astray) -> list[int]:
    """A record that the format does not allow: a lone carriage return in it, or a quote out of place."""
    if record.endswith(b"\r") and not ended:
        return astray.torn
    return astray.returned if b"\r" in record.replace(b"\r\n", b"") else astray.quoted


def _fields(record: bytes, delimiter: str) -> list[str] | None:
    """The fields of one record, or None where the format does not allow it: a quote out of place, a lone return."""
    text = record.decode("utf-8")
    if '"' not in text:
        return None if "\r" in text else text.split(delimiter)
    found, at = [], 0
    while True:
        end, field = _quoted_field(text, at) if text.startswith('"', at) else _plain_field(text, at, delimiter)
        if end < 0 or text[end : end + 1] not in ("", delimiter):
            return None
        found.append(field)
        if end == len(text):
            return found
        at = end + 1


def _plain_field(text: str, at: int, delimiter: str) -> tuple[int, str]:
    """Where the field that begins here ends, and its text; -1 where it holds what only a quoted one may."""
    end = text.find(delimiter, at)
    end = len(text) if end < 0 else end
    field = text[at:end]
    return (-1, "") if any(sign in field for sign in '"\r\n') else (end, field)


def _quoted_field(text: str, at: int) -> tuple[int, str]:
    """The same for a field in quotes, of which a doubled one stands for one; -1 where none closes it."""
    closing = text.find('"', at + 1)
    while closing >= 0 and text.startswith('"', closing + 1):
        closing = text.find('"', closing + 2)
    return (-1, "") if closing < 0 else (closing + 1, text[at + 1 : closing].replace('""', '"'))
