"""CSV and Parquet files and workbooks into raw text tables, with file name and physical line beside each row."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from dueregard.collect import workbook
from dueregard.collect.database import add_rows
from dueregard.collect.gate import DELIMITERS, Judged, Refused, judge
from dueregard.collect.header import judge_header, normalised
from dueregard.collect.records import LONGEST_FIELD, LONGEST_RECORD, Astray, first_unclosed, header_of, records
from dueregard.collect.workbook import Sheet
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding, counted
from dueregard.evidence.paths import parquet_sql, path_sql
from dueregard.evidence.raw import add_view, label_of, make_table, named, quoted

SUFFIXES = (".csv", ".parquet")
WORKBOOKS = (*workbook.SUFFIXES, *workbook.ALSO_JUDGED)
AS_TEXT = 8  # bytes of a value as text, about: a packed file is as big as it will be when it is read
BIG = 1 << 26  # bytes of a file from which on rows stay in the file while they are checked
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file should hold: which columns it must have and which it may have. extra: others are ignored."""

    table: str
    required: tuple[str, ...]
    known: tuple[str, ...]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one file. rejected: lines that no parser was given, with why.

    unended: the line of a last row that no newline ends; if it breaks a rule, the file may be cut off.
    """

    file: str
    table: str
    sha256: str
    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    rejected: tuple[int, ...]
    refused_rows: int
    unended: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that the gate let pass, with the names in its header as they are written."""

    path: Path
    label: str  # the name by which it is told of
    judged: Judged
    delimiter: str
    header: tuple[str, ...]
    sheet: Sheet | None = None  # of a workbook

    def handle(self) -> BinaryIO:
        """The text as UTF-8 bytes."""
        if self.judged.encoding == "utf-8":
            return self.path.open("rb")
        return io.BytesIO(self.path.read_bytes().decode(self.judged.encoding).encode("utf-8"))


def read_file(connection: Any, path: Path, expected: Expected, *, into: str, may_stay: bool = False) -> Read:
    """Append one file's rows to the raw table `into` (made if absent), all as text.

    may_stay: the rows of a big file may stay in it and be read through a view (`evidence.raw`).
    Raises SourceError if the file cannot be opened, or is neither CSV nor Parquet.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError(f"{path.name} is neither CSV nor Parquet.", try_this="one of " + ", ".join(SUFFIXES))
    return read_opened(connection, open_table(connection, path, expected.known), expected, into=into, may_stay=may_stay)


def open_table(connection: Any, path: Path, known: tuple[str, ...]) -> Opened | Read:
    """Let a file through the gate and read its header; the refusal as a Read without a table where it does not pass.

    known: columns that may be meant, to tell by which sign fields are apart. Raises SourceError if it cannot be read.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return _open_parquet(connection, path)
        if path.suffix.lower() in WORKBOOKS:
            return _open_workbook(connection, path)
        return _open_text(connection, path, known)
    except OSError as fault:
        raise SourceError(
            f"{path.name} cannot be read ({fault.strerror}).", try_this="check the name and its rights."
        ) from fault


def header_names(opened: Opened | Read) -> tuple[str, ...]:
    """The names in the header of an opened file; none where it was refused."""
    return opened.header if isinstance(opened, Opened) else ()


def read_opened(
    connection: Any, opened: Opened | Read, expected: Expected, *, into: str, may_stay: bool = False
) -> Read:
    """Append the rows of an opened file to the raw table `into`; a refusal comes back as one of that table."""
    if isinstance(opened, Read):
        findings = tuple(replace(f, table=expected.table) for f in opened.findings)
        return replace(opened, table=expected.table, findings=findings)
    if opened.path.suffix.lower() == ".parquet":
        return _read_parquet(connection, opened, expected, into, may_stay)
    if opened.sheet is not None:
        return _read_sheet(connection, opened, opened.sheet, expected, into)
    return _read_text(connection, opened, expected, into, may_stay)


def _open_text(connection: Any, path: Path, known: tuple[str, ...]) -> Opened | Read:
    judged, label = judge(path), label_of(connection, path)
    plain = Opened(path, label, judged, DELIMITERS[0], ())
    if judged.refused:
        return refusal(label, "", judged.sha256, [_at_its_line(plain, one) for one in judged.refused])
    headers = []
    for delimiter in DELIMITERS:
        with plain.handle() as handle:
            headers.append((delimiter, header_of(handle, judged.newline, delimiter)))
    delimiter, header = max(headers, key=lambda one: _fit(one[1], known))
    return Opened(path, label, judged, delimiter, header)


def _at_its_line(opened: Opened, refused: Refused) -> Refused:
    """A quotation mark that nothing closes, told of where its record begins. In a big file the gate's own guess stands."""
    if refused.code != "E_QUOTE" or opened.path.stat().st_size >= BIG:
        return refused
    with opened.handle() as handle:
        return replace(refused, lines=(first_unclosed(handle, opened.judged.newline),))


def _open_parquet(connection: Any, path: Path) -> Opened | Read:
    import duckdb

    digest, label = _sha256(path), label_of(connection, path)
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {parquet_sql(path)}").fetchall()
    except duckdb.Error:
        return refusal(label, "", digest, (broken_parquet(),))
    return Opened(path, label, Judged(digest, False, 0), "", tuple(row[0] for row in rows))


def _open_workbook(connection: Any, path: Path) -> Opened | Read:
    """The one sheet of a workbook, read in a process of its own with little memory and time."""
    sheet, label = workbook.read_sheet(path), label_of(connection, path)
    if isinstance(sheet, Refused):
        return refusal(label, "", _sha256(path), (sheet,))
    return Opened(path, label, Judged(sheet.sha256, False, sheet.n_rows), "", sheet.header, sheet)


def _read_sheet(connection: Any, opened: Opened, sheet: Sheet, expected: Expected, into: str) -> Read:
    file = opened.label
    findings, names = _header(file, sheet.header, expected)
    findings = [replace(f, lines=(sheet.header_row,)) for f in findings]
    if any(f.is_error for f in findings):
        return Read(file, expected.table, sheet.sha256, 0, (), tuple(findings), (), sheet.n_rows)
    make_table(connection, into, expected.known)
    columns = _columns(names, expected)
    positions = [names.index(c) for c in columns]
    for first in range(0, len(sheet.rows), BATCH):
        batch = [[file, str(n), *(texts[p] for p in positions)] for n, texts in sheet.rows[first : first + BATCH]]
        add_rows(connection, into, ["_file", "_line", *columns], batch)
    findings += workbook.findings_of(file, expected.table, sheet, expected.known)
    if not sheet.n_rows:
        findings.append(Finding("W_NO_ROWS", file, expected.table, "", (), "the file has a header and no rows."))
    return Read(file, expected.table, sheet.sha256, sheet.n_rows, columns, tuple(findings), (), sheet.n_rejected)


def _fit(header: tuple[str, ...], known: tuple[str, ...]) -> int:
    """How many of the declared columns does a header name?"""
    return len({normalised(name) for name in header} & {normalised(name) for name in known})


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def refusal(file: str, table: str, digest: str, refused: Iterable[Refused]) -> Read:
    """A file that is refused whole."""
    found = tuple(Finding(r.code, file, table, "", r.lines, r.message, r.try_this) for r in refused)
    return Read(file, table, digest, 0, (), found, (), sum(r.rows for r in refused))


def _columns(names: tuple[str, ...], expected: Expected) -> tuple[str, ...]:
    return tuple(n for n in names if n in expected.known) if expected.extra else names


def _read_text(connection: Any, opened: Opened, expected: Expected, into: str, may_stay: bool) -> Read:
    """Append the rows of an opened text file to the raw table `into`."""
    file, judged = opened.label, opened.judged
    names: tuple[str, ...]
    if unreadable := _unreadable(opened, expected):
        findings, names = [unreadable], opened.header
    else:
        findings, names = _header(file, opened.header, expected)
    findings = [*_noted(file, expected.table, opened), *findings]
    if any(f.is_error for f in findings):
        n_rows = _n_rows(opened)
        return Read(file, expected.table, judged.sha256, 0, (), tuple(findings), (), n_rows)
    make_table(connection, into, expected.known)
    columns = _columns(names, expected)
    astray = Astray()
    if judged.is_plain and opened.delimiter == DELIMITERS[0]:
        n_rows = judged.n_records
        astray.unended = 0 if judged.ends_whole else n_rows + 1
        _take_plain(connection, opened, names, columns, into, may_stay)
    else:
        n_rows = _take_records(connection, opened, names, columns, into, astray)
        findings += astray_findings(file, expected.table, astray, len(names))
    if not n_rows:
        findings.append(Finding("W_NO_ROWS", file, expected.table, "", (), "the file has a header and no rows."))
    refused = astray.refused
    more = astray.n_refused - len(refused)
    return Read(file, expected.table, judged.sha256, n_rows, columns, tuple(findings), refused, more, astray.unended)


def _unreadable(opened: Opened, expected: Expected) -> Finding | None:
    """Why does the first line name no columns at all?"""

    def told(code: str, message: str, try_this: str) -> Finding:
        return Finding(code, opened.label, expected.table, "", (1,), message, try_this)

    if not opened.header:
        with opened.handle() as handle:
            first = handle.readline(LONGEST_RECORD)
        if b"\r" in first.rstrip(b"\n").removesuffix(b"\r"):
            return told("E_NEWLINE", "the header holds a carriage return without a newline.", "save the file with LF or CRLF throughout.")  # fmt: skip
        return told("E_QUOTE", "the header holds a quotation mark where the format allows none, or is too long.", "export the file again.")  # fmt: skip
    if not any(name.strip() for name in opened.header):
        return told("E_MISSING_COLUMN", "the first line is blank, and the header must stand there.", "delete the blank lines above the header.")  # fmt: skip
    if len(opened.header) == 1 and len(expected.required) > 1:
        return told("E_DELIMITER", "the columns are not apart by commas, semicolons, tabs or bars.", "save it with commas; leave out lines above the header.")  # fmt: skip
    return None


def _noted(file: str, table: str, opened: Opened) -> list[Finding]:
    """What was read in another way than the plain one. Nothing is mended silently."""
    found = []
    if opened.judged.encoding != "utf-8":
        found.append(Finding("W_TRANSCODED", file, table, "", (), f"the file is {opened.judged.encoding.upper()} and was read as such.",
                             "save it as CSV UTF-8."))  # fmt: skip
    if opened.judged.newline == b"\r":
        found.append(Finding("W_NEWLINE", file, table, "", (), "lines end with a carriage return alone, and were read so.",
                             "save it with LF or CRLF."))  # fmt: skip
    if opened.delimiter != DELIMITERS[0]:
        found.append(Finding("W_DELIMITER", file, table, "", (), "the columns are not apart by commas; the sign that is used was read as such.",
                             "save it with commas."))  # fmt: skip
    return found


def _n_rows(opened: Opened) -> int:
    """How many records stand after the header, whatever is wrong with them?"""
    if opened.judged.is_plain and opened.delimiter == DELIMITERS[0]:
        return opened.judged.n_records
    astray = Astray()
    with opened.handle() as handle:
        good = sum(1 for _ in records(handle, opened.judged.newline, opened.delimiter, len(opened.header), astray))
    return good + astray.n_refused


def _header(file: str, header: tuple[str, ...], expected: Expected) -> tuple[list[Finding], tuple[str, ...]]:
    if not expected.extra:
        return judge_header(file, expected.table, header, expected.required, expected.known)
    # A wide file keeps its own headers; only the columns that the profile reads are judged.
    relevant = tuple(name for name in header if name in expected.known)
    findings, _ = judge_header(file, expected.table, relevant, (), relevant)
    findings = [f for f in findings if f.code == "E_DUP_HEADER"]
    for name in expected.required:
        if name not in header:
            findings.append(
                Finding("E_MISSING_COLUMN", file, expected.table, name, (1,), "the profile needs this column.")
            )
    return findings, header


def _filled(sources: Iterable[str], columns: tuple[str, ...]) -> str:
    """A present column that is empty is a blank (''); NULL is kept for a column that the file has not."""
    pairs = zip(sources, columns, strict=True)
    return ", ".join(f"COALESCE(CAST({named(source)} AS VARCHAR), '') AS {named(column)}" for source, column in pairs)


def _take_plain(
    connection: Any, opened: Opened, names: tuple[str, ...], columns: tuple[str, ...], into: str, may_stay: bool
) -> None:
    """A regular file: the strict parser of the database. A big one is not copied: its rows are read where they are.

    Its columns are known to the database by their place: in a wide file names may repeat, be absent, or differ only in
    their case, where no profile reads them.
    """
    typed = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(names)))
    sources = [f"c{names.index(column)}" for column in columns]
    selected = (
        f"SELECT {quoted(opened.label)} AS _file, row_number() OVER () + 1 AS _line, {_filled(sources, columns)} "
        f"FROM read_csv({path_sql(opened.path)}, hive_partitioning=false, auto_detect=false, header=true, delim=',', "
        f"quote='\"', escape='\"', columns={{{typed}}}, strict_mode=true, max_line_size=1000000)"
    )
    if may_stay and opened.path.stat().st_size >= BIG:
        add_view(connection, into, selected)
    else:
        connection.execute(f"INSERT INTO {named(into)} BY NAME {selected}")


def _take_records(
    connection: Any, opened: Opened, names: tuple[str, ...], columns: tuple[str, ...], into: str, astray: Astray
) -> int:
    """A file with blank, ragged, quoted or torn records: record by record, so that each keeps its line."""
    positions = [names.index(c) for c in columns]
    file, n_rows = opened.label, 0
    with opened.handle() as handle:
        taken = records(handle, opened.judged.newline, opened.delimiter, len(names), astray)
        while batch := [[file, str(line), *(fields[p] for p in positions)] for line, fields in islice(taken, BATCH)]:
            add_rows(connection, into, ["_file", "_line", *columns], batch)
            n_rows += len(batch)
    return n_rows + astray.n_refused


def astray_findings(file: str, table: str, astray: Astray, width: int) -> list[Finding]:
    """What is wrong with records that no one may take as rows?"""
    kinds = (
        ("E_FIELD_COUNT", astray.ragged, f"rows do not have {width} fields.", "look for a missing or an extra comma."),
        ("E_TRUNCATED", astray.torn, "rows are cut off at the end of the file.", "send the file again."),
        ("E_NUL", astray.nul, "rows hold a NUL byte.", "export the file again."),
        ("E_FIELD_LENGTH", astray.long, f"rows hold a field of more than {LONGEST_FIELD:,} characters.", "look for a quote that was never closed."),
        ("E_QUOTE", astray.quoted, "rows hold a quotation mark where the format allows none.", "export the file again."),
        ("E_NEWLINE", astray.returned, "rows hold a carriage return without a newline.", "save the file with LF or CRLF throughout."),
        ("W_BLANK_ROWS", astray.blank, "rows are blank: passed over.", ""),
    )  # fmt: skip
    return [
        Finding(code, file, table, "", tuple(lines), counted(n, message) + _runs(astray, lines), try_this, n)
        for code, lines, message, try_this in kinds
        if (n := len(lines) + astray.n_unlisted(lines))
    ]


def _runs(astray: Astray, lines: list[int]) -> str:
    """How many of these lines a quotation mark has joined: each may be a row that was lost."""
    runs = [astray.runs[line] for line in lines if line in astray.runs]
    return f" {sum(runs):,} lines were joined by quotation marks into {len(runs):,}." if runs else ""


def _read_parquet(connection: Any, opened: Opened, expected: Expected, into: str, may_stay: bool) -> Read:
    import duckdb

    path, file, header, digest = opened.path, opened.label, opened.header, opened.judged.sha256
    source = parquet_sql(path)
    findings, names = _header(file, header, expected)
    try:
        n_rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    except duckdb.Error:
        return refusal(file, expected.table, digest, (broken_parquet(),))
    if any(f.is_error for f in findings):
        return Read(file, expected.table, digest, 0, (), tuple(findings), (), n_rows)
    make_table(connection, into, expected.known)
    columns = _columns(names, expected)
    texts = _filled((header[names.index(column)] for column in columns), columns)
    selected = f"SELECT {quoted(file)} AS _file, row_number() OVER () AS _line, {texts} FROM {source}"
    try:
        if may_stay and max(path.stat().st_size, n_rows * len(header) * AS_TEXT) >= BIG:
            connection.execute(_read_through(columns, selected))
            add_view(connection, into, selected)
        else:
            connection.execute(f"INSERT INTO {named(into)} BY NAME {selected}")
    except duckdb.Error:  # a page that the footer promises and the file does not hold
        return refusal(file, expected.table, digest, (broken_parquet(),))
    if not n_rows:
        findings.append(Finding("W_NO_ROWS", file, expected.table, "", (), "the file has a header and no rows."))
    return Read(file, expected.table, digest, n_rows, columns, tuple(findings), (), 0)


def _read_through(columns: tuple[str, ...], selected: str) -> str:
    """SQL that unpacks every page once: a page that is broken is found before the rows are checked."""
    return f"SELECT bit_xor(hash({', '.join(named(c) for c in columns)})) FROM ({selected})"


def broken_parquet() -> Refused:
    return Refused("E_ENCODING", "this is not a whole Parquet file.", "send it again.", 0)
