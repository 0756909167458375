"""A table packed with gzip and named so (`.csv.gz`): opened in memory, within limits, into a raw text table.

The reader of plain files refuses gzip that pretends to be CSV. Here it is asked for by name, by a profile whose
publisher sends it so. No name inside the archive is used and nothing is unpacked to a disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zlib
from pathlib import Path
from typing import Any

from dueregard.collect.database import add_rows
from dueregard.collect.readers import Expected, Read, read_file
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding
from dueregard.evidence.raw import label_of, named

PACKED = ".csv.gz"
MOST_BYTES = 256 * 2**20  # of the text; the largest table that a profile reads so has 3 MB
MOST_TIMES = 200  # the text is at most so many times the file; gzip of honest tables stays under 40
BLOCK = 2**16
EXTENDED_HEADER = 31  # zlib: a gzip header is expected, and no other form


class PackedFault(SourceError):
    """What is packed cannot be unpacked whole. code: of the finding."""

    def __init__(self, code: str, message: str, try_this: str) -> None:
        super().__init__(message, try_this=try_this)
        self.code = code


def is_packed(path: Path) -> bool:
    return path.name.lower().endswith(PACKED)


def read_table(connection: Any, path: Path, expected: Expected, *, into: str) -> Read:
    """Append a file's rows to the raw table `into`: `.csv.gz` here, `.csv` and `.parquet` by the reader of plain files.

    Raises SourceError if the file cannot be opened. One that cannot be unpacked, or not within limits, is a finding.
    """
    if not is_packed(path):
        return read_file(connection, path, expected, into=into)
    try:
        packed = path.read_bytes()
    except OSError as fault:
        raise SourceError(f"{path.name} cannot be read ({fault.strerror}).", try_this="check the name.") from fault
    label, digest = label_of(connection, path), hashlib.sha256(packed).hexdigest()
    try:
        text = unpacked(packed, path.name)
    except PackedFault as fault:
        said = fault.found.removeprefix(f"{path.name} ")  # a finding names its file itself
        found = Finding(fault.code, label, expected.table, "", (), said, fault.try_this, is_whole=True)
        return Read(label, expected.table, digest, 0, (), (found,), (), 0)
    return _read_text(connection, label, text, digest, expected, into)


def unpacked(packed: bytes, name: str, *, most_bytes: int = MOST_BYTES, most_times: int = MOST_TIMES) -> bytes:
    """The bytes inside one gzip stream.

    Raises PackedFault if it is no gzip, is torn, holds something behind its end, or grows beyond the limits; it
    stops at the limit and never holds more than that in memory.

    >>> import gzip
    >>> unpacked(gzip.compress(b"a,b\\n1,2\\n"), "x.csv.gz")
    b'a,b\\n1,2\\n'
    """
    limit = min(most_bytes, most_times * max(len(packed), BLOCK))
    stream, parts, size = zlib.decompressobj(EXTENDED_HEADER), [], 0
    try:
        rest = packed
        while rest and not stream.eof:
            part = stream.decompress(rest, BLOCK)
            size += len(part)
            if size > limit:
                raise PackedFault(
                    "E_ARCHIVE_RATIO", f"{name} unpacks to more than {limit:,} bytes.", "send the table itself."
                )
            parts.append(part)
            rest = stream.unconsumed_tail
    except zlib.error as fault:
        raise PackedFault("E_ENCODING", f"{name} is not a gzip file, or it is damaged.", "send it again.") from fault
    if not stream.eof or stream.unused_data:
        raise PackedFault("E_TRUNCATED", f"{name} is torn, or something stands behind its end.", "send it again.")
    return b"".join(parts)


def _read_text(connection: Any, file: str, data: bytes, digest: str, expected: Expected, into: str) -> Read:
    rows, fault = _rows(file, data, expected.table)
    if fault is not None:
        return Read(file, expected.table, digest, 0, (), (fault,), (), 0)
    header, findings = rows[0][1], []
    findings += _header_faults(file, header, expected)
    n_rows = len(rows) - 1
    if findings:
        return Read(file, expected.table, digest, 0, (), tuple(findings), (), n_rows)
    kept = [name for name in header if name in expected.known]
    places = [header.index(name) for name in kept]
    _make_table(connection, into, expected.known)
    good = [(line, row) for line, row in rows[1:] if len(row) == len(header)]
    ragged = tuple(line for line, row in rows[1:] if len(row) != len(header))
    add_rows(connection, into, ["_file", "_line", *kept], [[file, str(n), *(r[p] for p in places)] for n, r in good])
    if ragged:
        findings.append(Finding("E_FIELD_COUNT", file, expected.table, "", ragged,
                                f"these rows do not have {len(header)} fields.", "look for a missing or an extra comma."))  # fmt: skip
    return Read(file, expected.table, digest, n_rows, tuple(kept), tuple(findings), ragged, 0)


def _rows(file: str, data: bytes, table: str) -> tuple[list[tuple[int, list[str]]], Finding | None]:
    """(physical line, fields) of each record that is not blank, the header first; or why there is none."""

    def refused(code: str, message: str, *, line: tuple[int, ...] = ()) -> tuple[list, Finding]:
        return [], Finding(code, file, table, "", line, message, "export it again as CSV UTF-8.")

    if b"\x00" in data:
        return refused("E_NUL", "a NUL byte stands in the file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        return refused("E_ENCODING", "the file is not UTF-8.", line=(data[: fault.start].count(b"\n") + 1,))
    reader, found, line = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error:
        return refused("E_QUOTE", "the quotation marks of a row do not balance.", line=(line,))
    return (found, None) if found else refused("E_EMPTY_FILE", "the file has no rows and no header.")


def _header_faults(file: str, header: list[str], expected: Expected) -> list[Finding]:
    found = [
        Finding("E_MISSING_COLUMN", file, expected.table, name, (1,), "the profile needs this column.")
        for name in expected.required
        if name not in header
    ]
    twice = sorted({name for name in header if header.count(name) > 1 and name in expected.known})
    return found + [
        Finding("E_DUP_HEADER", file, expected.table, name, (1,), "two columns have this name.", "keep one.")
        for name in twice
    ]


def _make_table(connection: Any, into: str, columns: tuple[str, ...]) -> None:
    described = ", ".join(f"{named(c)} VARCHAR" for c in ("_file", "_line", "_column", *columns))
    connection.execute(f"CREATE TABLE IF NOT EXISTS {named(into)} ({described})")
