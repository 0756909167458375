"""CSV and Parquet files into raw text tables, with file name and physical line beside each row."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dueregard.collect.database import add_rows, named, quoted
from dueregard.collect.gate import Layout, Refused, judge_bytes, judge_header, lay_out
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file should hold: which columns it must have and which it may have. extra: others are ignored."""

    table: str
    required: tuple[str, ...]
    known: tuple[str, ...]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one file. rejected: lines that no parser was given, with why."""

    file: str
    table: str
    sha256: str
    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    rejected: tuple[int, ...]
    refused_rows: int


def read_file(connection: Any, path: Path, expected: Expected, *, into: str) -> Read:
    """Append one file's rows to the raw table `into` (made if absent), all as text.

    Raises SourceError if the file cannot be opened, or is neither CSV nor Parquet.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError(f"{path.name} is neither CSV nor Parquet.", try_this="one of " + ", ".join(SUFFIXES))
    try:
        digest = _sha256(path)
    except OSError as fault:
        raise SourceError(
            f"{path.name} cannot be read ({fault.strerror}).", try_this="check the name and its rights."
        ) from fault
    reader = _read_parquet if path.suffix.lower() == ".parquet" else _read_csv
    return reader(connection, path, expected, into, digest)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _make_table(connection: Any, into: str, columns: tuple[str, ...]) -> None:
    described = ", ".join(f"{named(c)} VARCHAR" for c in columns)
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {named(into)} (_file VARCHAR, _line VARCHAR, _column VARCHAR, {described})"
    )


def _columns(names: tuple[str, ...], expected: Expected) -> tuple[str, ...]:
    return tuple(n for n in names if n in expected.known) if expected.extra else names


def _refusal(path: Path, table: str, digest: str, refused: Refused) -> Read:
    finding = Finding(refused.code, path.name, table, "", refused.lines, refused.message, refused.try_this)
    return Read(path.name, table, digest, 0, (), (finding,), (), refused.rows)


def _read_csv(connection: Any, path: Path, expected: Expected, into: str, digest: str) -> Read:
    data = path.read_bytes()
    laid = judge_bytes(data) or lay_out(data)
    if isinstance(laid, Refused):
        return _refusal(path, expected.table, digest, laid)
    header, findings, names = _header(path.name, laid.header, expected)
    n_rows = int(len(laid.start) - 1 - laid.is_blank[1:].sum())
    if any(f.is_error for f in findings):
        return Read(path.name, expected.table, digest, 0, (), tuple(findings), (), n_rows)
    _make_table(connection, into, expected.known)
    if laid.is_plain:
        _insert_plain(connection, path, header, _columns(names, expected), into)
        rejected: tuple[int, ...] = ()
    else:
        more, rejected = _insert_by_record(connection, path.name, data, laid, names, expected, into)
        findings += more
    if not n_rows:
        findings.append(Finding("W_NO_ROWS", path.name, expected.table, "", (), "the file has a header and no rows."))
    return Read(path.name, expected.table, digest, n_rows, _columns(names, expected), tuple(findings), rejected, 0)


def _header(
    file: str, header: tuple[str, ...], expected: Expected
) -> tuple[tuple[str, ...], list[Finding], tuple[str, ...]]:
    if not expected.extra:
        findings, names = judge_header(file, expected.table, header, expected.required, expected.known)
        return names, findings, names
    # A wide file keeps its own headers; only the columns that the profile reads are judged.
    relevant = tuple(name for name in header if name in expected.known)
    findings, _ = judge_header(file, expected.table, relevant, (), relevant)
    findings = [f for f in findings if f.code == "E_DUP_HEADER"]
    for name in expected.required:
        if name not in header:
            findings.append(
                Finding("E_MISSING_COLUMN", file, expected.table, name, (1,), "the profile needs this column.")
            )
    return header, findings, header


def _filled(columns: tuple[str, ...]) -> str:
    """A present column that is empty is a blank (''); NULL is kept for a column that the file has not."""
    return ", ".join(f"COALESCE(CAST({named(c)} AS VARCHAR), '')" for c in columns)


def _insert_plain(connection: Any, path: Path, header: tuple[str, ...], columns: tuple[str, ...], into: str) -> None:
    typed = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    names = ", ".join(named(c) for c in columns)
    connection.execute(
        f"INSERT INTO {named(into)} (_file, _line, {names}) "
        f"SELECT {quoted(path.name)}, CAST(row_number() OVER () + 1 AS VARCHAR), {_filled(columns)} "
        f"FROM read_csv({quoted(str(path.resolve()))}, auto_detect=false, header=true, delim=',', quote='\"', "
        f"escape='\"', columns={{{typed}}}, strict_mode=true, max_line_size=10000000)"
    )


def _insert_by_record(
    connection: Any, file: str, data: bytes, laid: Layout, names: tuple[str, ...], expected: Expected, into: str
) -> tuple[list[Finding], tuple[int, ...]]:
    """A file with blank, ragged, quoted or torn records: record by record, so that each keeps its line."""
    body = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    kept, rows = _columns(names, expected), []
    positions = [names.index(c) for c in kept]
    ragged: list[int] = []
    torn: list[int] = []
    for n in range(1, len(laid.start)):
        if laid.is_blank[n]:
            continue
        line = int(laid.line[n])
        if laid.fields[n] != len(names):
            last = n == len(laid.start) - 1 and not laid.ends_whole
            (torn if last else ragged).append(line)
            continue
        record = body[laid.start[n] : laid.end[n]].decode("utf-8").removesuffix("\r")
        fields = next(csv.reader([record], strict=True))
        rows.append([file, str(line), *(fields[p] for p in positions)])
    add_rows(connection, into, ["_file", "_line", *kept], rows)
    return _record_findings(file, expected.table, laid, ragged, torn), tuple(ragged + torn)


def _record_findings(file: str, table: str, laid: Layout, ragged: list[int], torn: list[int]) -> list[Finding]:
    found = []
    if ragged:
        found.append(Finding("E_FIELD_COUNT", file, table, "", tuple(ragged), f"these rows do not have {len(laid.header)} fields.",
                             "look for a missing or an extra comma."))  # fmt: skip
    if torn:
        found.append(
            Finding("E_TRUNCATED", file, table, "", tuple(torn), "the last row is cut off.", "send the file again.")
        )
    blank = tuple(int(x) for x in laid.line[1:][laid.is_blank[1:]])
    if blank:
        found.append(Finding("W_BLANK_ROWS", file, table, "", blank, "these rows are blank and were passed over."))
    return found


def _read_parquet(connection: Any, path: Path, expected: Expected, into: str, digest: str) -> Read:
    import duckdb

    source = f"read_parquet({quoted(str(path.resolve()))})"
    try:
        header = tuple(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall())
    except duckdb.Error:
        refused = Refused("E_ENCODING", "this is not a whole Parquet file.", "send it again.", 0)
        return _refusal(path, expected.table, digest, refused)
    _, findings, names = _header(path.name, header, expected)
    n_rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    if any(f.is_error for f in findings):
        return Read(path.name, expected.table, digest, 0, (), tuple(findings), (), n_rows)
    _make_table(connection, into, expected.known)
    columns = _columns(names, expected)
    original = [header[names.index(c)] for c in columns]
    connection.execute(
        f"INSERT INTO {named(into)} (_file, _line, {', '.join(map(named, columns))}) "
        f"SELECT {quoted(path.name)}, CAST(row_number() OVER () AS VARCHAR), "
        f"{_filled(tuple(original))} FROM {source}"
    )
    return Read(path.name, expected.table, digest, n_rows, columns, tuple(findings), (), 0)
