"""The gate before any parser: are these bytes a whole, readable table of text?

One pass over the file in blocks, so that its size does not matter. What is regular through and through (one line a
record, as many fields as the header, every quotation mark where the format allows one) may go to a fast parser; all
else is read record by record. Nothing here quotes a value.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from dueregard.collect.beside import Beside
from dueregard.collect.signs import WHITE, Lines

BLOCK = 1 << 20  # bytes read at a time: larger ones would have the system give and take back memory for each
PIECE = 1 << 20  # bytes read at a time where lines are taken one by one
LONGEST_HELD = 1 << 24  # bytes without a line's end that are held in memory: beyond them there is no table
LONGEST_LINE = 1 << 12  # a longer line is read by the careful way, which looks at the length of each field
LARGEST_TRANSCODED = 1 << 28  # a UTF-16 file is turned into UTF-8 in memory
DELIMITERS = (",", ";", "\t", "|")
BOM = b"\xef\xbb\xbf"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What a file that is no table begins with: archives, pictures, documents, databases, Parquet, programs.
SIGNATURES = (
    b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"Rar!", b"\x89PNG", b"GIF8",
    b"\xff\xd8\xff", b"%PDF", b"\xd0\xcf\x11\xe0", b"SQLite format 3\x00", b"PAR1", b"\x7fELF", b"MZ\x90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """The whole file is refused. rows: its data lines, where they can be counted as text."""

    code: str
    message: str
    try_this: str
    rows: int
    lines: tuple[int, ...] = ()


@dataclass(slots=True)
class Bytes:
    """What one pass over the bytes found. Counts of lines are of physical lines, from 1."""

    size: int = 0
    sha256: str = ""
    lines: int = 0  # that hold anything but white space
    newlines: int = 0
    returns: int = 0
    pairs: int = 0  # of carriage return and newline
    quotes: int = 0
    first_nul: int = 0  # its line
    first_undecodable: int = 0  # its line
    nul_bytes: int = 0
    end_of_nul: int = 0  # NUL bytes at the very end
    ends_whole: bool = False
    is_regular: bool = True
    width: int = 0  # fields of the first line
    start: bytes = b""
    open_quote: int = 0  # first line whose quotation marks do not balance
    looked: int = 0  # bytes of whole lines so far
    nul_at: int = 0  # where the first NUL byte stands
    undecodable_at: int = 0
    endless: int = 0  # the line that has no end for LONGEST_HELD bytes; what stands after it is hashed alone


@dataclass(frozen=True, slots=True)
class Judged:
    """Bytes that are a text table. n_records: lines after the header, where the table is plain.

    is_plain: every record is one line with as many fields as the header, none is blank, quotes are well formed.
    """

    sha256: str
    is_plain: bool
    n_records: int
    newline: bytes = b"\n"
    encoding: str = "utf-8"
    ends_whole: bool = True
    refused: tuple[Refused, ...] = field(default=())


def judge(path: Path) -> Judged:
    """Are the bytes of this file a whole, readable table of text, and which way of reading is safe?

    `refused` holds why not. Raises OSError if the file cannot be read.
    """
    with path.open("rb") as handle:
        found = look(handle)
        if found.returns and not found.newlines:
            _count_by_return(found, handle)
    encoding = _encoding_of(found.start)
    if encoding != "utf-8" and found.size <= LARGEST_TRANSCODED:
        return _judge_transcoded(path, found, encoding)
    return _judged(found, "utf-8", _refusals(found))


def _count_by_return(found: Bytes, handle: BinaryIO) -> None:
    """Lines that carriage returns alone end are counted by them, up to what is told of."""

    def line_at(place: int) -> int:
        handle.seek(0)
        steps = range(0, place, BLOCK)
        return 1 + sum(handle.read(min(BLOCK, place - at)).count(b"\r") for at in steps)

    found.first_nul = line_at(found.nul_at) if found.first_nul else 0
    found.first_undecodable = line_at(found.undecodable_at) if found.first_undecodable else 0
    found.endless = line_at(found.looked) if found.endless else 0


def _encoding_of(start: bytes) -> str:
    if start.startswith(UTF32_MARKS):
        return "utf-32"
    return "utf-16" if start.startswith(UTF16_MARKS) else "utf-8"


def _judge_transcoded(path: Path, raw: Bytes, encoding: str) -> Judged:
    """A file that says by its first bytes that it is UTF-16: judged as the text that it holds."""
    import io

    try:
        text = path.read_bytes().decode(encoding)
    except UnicodeDecodeError:
        refused = Refused(
            "E_ENCODING", f"the file says that it is {encoding.upper()} and is not.", "save it as CSV UTF-8.", 0
        )
        return Judged(raw.sha256, False, 0, refused=(refused,))
    found = look(io.BytesIO(text.encode("utf-8")))
    found.sha256, found.is_regular = raw.sha256, False
    return _judged(found, encoding, _refusals(found))


def _judged(found: Bytes, encoding: str, refused: tuple[Refused, ...]) -> Judged:
    by_return = not found.newlines and found.returns > 0
    plain = found.is_regular and not refused and not found.nul_bytes and found.returns in (0, found.newlines)
    plain = plain and found.returns == found.pairs
    records = found.newlines + (0 if found.ends_whole else 1) - 1
    return Judged(
        found.sha256, plain, max(records, 0), b"\r" if by_return else b"\n", encoding, found.ends_whole, refused
    )


def _refusals(found: Bytes) -> tuple[Refused, ...]:
    """Why is the whole file refused? Nothing: it is a text table."""
    rows = max(found.lines - 1, 0)
    if not found.size:
        return (Refused("E_EMPTY_FILE", "the file has no bytes.", "send it again; a nil return is a header alone.", 0),)
    if found.start.startswith(SIGNATURES):
        return (Refused("E_ENCODING", "the file is an archive, a picture or a program, not text.",
                        "send the table itself.", 0),)  # fmt: skip
    if found.start.startswith((*UTF16_MARKS, *UTF32_MARKS)) or found.nul_bytes - found.end_of_nul > found.size // 5:
        return (Refused("E_ENCODING", "the file is not UTF-8 text.", "save it as CSV UTF-8.", 0),)
    if found.endless and not found.first_nul:
        return (Refused("E_FIELD_LENGTH", f"a line has no end for {LONGEST_HELD >> 20} MB.", "look for lost ends of lines.", rows,
                        (found.endless,)),)  # fmt: skip
    if found.end_of_nul or found.first_nul == 1 or found.endless:
        nul = Refused("E_NUL", "NUL bytes stand in the header or fill the end of the file.", "export it again.", rows,
                      (found.first_nul,))  # fmt: skip
        cut = Refused("E_TRUNCATED", "the end of the file was reserved and never written.", "send it again.", 0)
        return (nul, cut) if found.end_of_nul else (nul,)
    if found.first_undecodable:
        return (Refused("E_ENCODING", "the file is not UTF-8 throughout.", "save it as CSV UTF-8.", rows,
                        (found.first_undecodable,)),)  # fmt: skip
    if found.quotes % 2:
        return (
            Refused("E_QUOTE", "a quotation mark is opened and never closed.", "close it.", rows, (found.open_quote,)),
        )
    if not found.lines:
        return (Refused("E_EMPTY_FILE", "the file holds nothing but blanks.", "send it again.", 0),)
    return ()


def look(handle: BinaryIO) -> Bytes:
    """One pass over the bytes: what do they hold?

    Hashing, and looking at the lines of one block, run beside the reading of the next; each in order, so that what is found
    does not depend on which is the quicker. Where what was found so far is asked, the looking is waited for.
    """
    found, digest = Bytes(), hashlib.sha256()
    with Beside() as hashing, Beside() as looking:
        last = _read_through(handle, found, partial(hashing.do, digest.update), looking)
    found.ends_whole = not last
    if last and not found.endless:
        _look_at(found, last)
    found.end_of_nul = len(last) - len(last.rstrip(b"\x00"))
    last = last if found.newlines else last.rpartition(b"\r")[2]
    is_end_of_nul = last and not last.strip(b"\x00") and not found.endless
    found.lines -= 1 if is_end_of_nul else 0  # an end of NUL bytes alone is no line
    found.sha256 = digest.hexdigest()
    return found


def _read_through(handle: BinaryIO, found: Bytes, hashed: Callable[[bytes], None], looking: Beside) -> bytes:
    """Read all blocks, have each hashed and its lines looked at. The bytes after the last newline are given back."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest: list[bytes] = []  # of a line whose end is not read yet
    held = 0
    while block := handle.read(BLOCK):
        hashed(block)
        found.start = found.start or block[:16]
        found.size += len(block)
        if found.endless:
            rest = [block]
            continue
        _decode(found, decoder, block, looking)
        cut = block.rfind(b"\n") + 1
        if cut:
            looking.do(_look_at, found, b"".join((*rest, memoryview(block)[:cut])))
            rest, held = [], 0
        rest.append(block[cut:])
        held += len(rest[-1])
        if held > LONGEST_HELD:
            looking.wait()
            rest = [_let_go(found, b"".join(rest))]
            held = len(rest[0])
    looking.wait()
    if not found.endless:
        _end_decoding(found, decoder)
    return b"".join(rest)


def _let_go(found: Bytes, held: bytes) -> bytes:
    """What must still be held of so much without a newline: what follows the last carriage return, which may end a line.

    A line that ends by neither has no end: no parser is given it, and what stands after it is hashed alone.
    """
    cut = 0 if found.newlines else held.rfind(b"\r") + 1
    if cut:
        _look_at(found, held[:cut])
    rest = held[cut:]
    if len(rest) > LONGEST_HELD:
        found.endless, found.is_regular = found.newlines + 1, False
        if not found.first_nul and b"\x00" in rest:
            found.first_nul, found.nul_at = found.endless, found.looked
    return rest


def _decode(found: Bytes, decoder: codecs.IncrementalDecoder, block: bytes, looking: Beside) -> None:
    """Note the first line that is not UTF-8."""
    if found.first_undecodable or (block.isascii() and not decoder.getstate()[0]):
        return
    kept = len(decoder.getstate()[0])
    try:
        decoder.decode(block)
    except UnicodeDecodeError as fault:
        looking.wait()
        in_block = fault.start - kept  # it may begin in the block before, whose last bytes were kept
        found.undecodable_at = found.size - len(block) + in_block
        found.first_undecodable = found.newlines + block[: max(in_block, 0)].count(b"\n") + 1


def _end_decoding(found: Bytes, decoder: codecs.IncrementalDecoder) -> None:
    if found.first_undecodable:
        return
    kept = len(decoder.getstate()[0])
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        found.first_undecodable, found.undecodable_at = found.newlines + 1, found.size - kept


def _look_at(found: Bytes, block: bytes) -> None:
    """Whole lines (the last block may end without a newline)."""
    body = block
    if not found.newlines and not found.width:
        body = block.removeprefix(BOM)
        found.width = _first_width(body)
    if b"\x00" in block:
        if not found.first_nul:
            at = block.index(b"\x00")
            found.first_nul, found.nul_at = found.newlines + block[:at].count(b"\n") + 1, found.looked + at
        found.nul_bytes += block.count(b"\x00")
        found.is_regular = False
    lines = Lines(body)
    if b'"' in body:
        _look_at_quotes(found, lines)
    newlines, returns = len(lines.newlines), body.count(b"\r") if b"\r" in body else 0
    if returns:
        found.returns += returns
        found.pairs += lines.n_pairs()
    # a file of old newlines has no \n at all: its lines are counted by \r
    by_return = returns > 0 and not newlines and not found.newlines
    n_lines, blank = _by_return(body, returns) if by_return else (len(lines.ends), lines.n_blank())
    found.lines += n_lines - blank
    if found.is_regular:
        found.is_regular = not blank and lines.longest() <= LONGEST_LINE and lines.is_even(found.width)
    found.newlines += newlines
    found.looked += len(block)


def _first_width(body: bytes) -> int:
    line = body.split(b"\n", 1)[0]
    return re.sub(rb'"[^"]*"', b"", line).count(b",") + 1


def _by_return(body: bytes, returns: int) -> tuple[int, int]:
    """Lines that carriage returns end, and how many of them are blank."""
    lines = body.split(b"\r")
    ended = len(lines) - (not lines[-1])
    return returns + (0 if body.endswith(b"\r") else 1), sum(1 for line in lines[:ended] if not line.strip(WHITE))


def _look_at_quotes(found: Bytes, lines: Lines) -> None:
    """Count quotation marks, and note the first line that leaves one open."""
    found.quotes += int(lines.quotes[-1])
    if not found.open_quote and (first := lines.first_open()):
        found.open_quote = found.newlines + first


def lines_of(handle: BinaryIO, newline: bytes, longest: int) -> Iterator[tuple[bytes, bool, bool]]:
    """Each physical line without its end, whether its quotation marks are odd in number, and whether it ended.

    A line above `longest` bytes is cut so that it still is, without its mark and its carriage return; the quotes of
    what is cut off are counted all the same, or the records after it would begin in the wrong place.
    """
    rest, n_cut, kept = b"", 0, len(BOM) + longest + len(b"\r") + 1
    while block := handle.read(PIECE):
        first, *others = block.split(newline)
        parts = [rest + first, *others]
        rest = parts.pop()
        for part in parts:
            yield part[:kept], bool((part.count(b'"') + n_cut) % 2), True
            n_cut = 0
        n_cut += rest.count(b'"', kept)
        rest = rest[:kept]
    if rest:
        yield rest, bool((rest.count(b'"') + n_cut) % 2), False
