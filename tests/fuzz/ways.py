"""What must hold for every input: the fast way (gate, header, records) and the whole way (collect and check).

Small limits stand in for large ones, so that inputs of a few hundred bytes meet the ends of blocks and long records.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dueregard.check.run import check
from dueregard.collect import gate, readers, records
from dueregard.collect.collect import Source, collect
from dueregard.collect.database import open_database
from dueregard.collect.header import normalised
from dueregard.collect.mapping import read_mapping
from dueregard.collect.profiles.native import expected
from dueregard.collect.readers import Expected, Opened, Read, open_table, read_file
from dueregard.collect.records import Astray
from dueregard.errors import DueRegardError
from dueregard.evidence.intake import Checked, Intake
from dueregard.evidence.raw import raw_rows
from dueregard.records.tables import table
from tests.fuzz import reference

TODAY = date(2026, 11, 23)
MAPPING = Path(__file__).parents[2] / "examples" / "flat_export" / "mapping.toml"
CANARY = "zq77310984"  # a value; five figures or more, so that it is hidden where a header should stand
SMALL = {"BLOCK": 64, "PIECE": 64, "LONGEST_LINE": 128}  # as in the gate, no longer than the longest field
LONGEST_FIELD, LONGEST_RECORD = 128, 600
MEMORY = Path("/dev/shm")  # a folder in memory, where there is one
SCHOOL = expected(table("school"))
WIDE = Expected("wide", ("urn", "name"), ("urn", "name"), extra=True)


class AtOnce:
    """In place of `Beside`: the blocks are so small here that handing one to a thread costs more than its work."""

    def __enter__(self) -> AtOnce:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def do(self, work: Callable[..., None], *about: Any) -> None:
        work(*about)

    def wait(self) -> None:
        pass


class Disagreement(AssertionError):
    """The gate gives what the format does not, or two ways of reading differ. It quotes only the file that was made up."""


def demand(holds: bool, what: str, *seen: object) -> None:
    if not holds:
        raise Disagreement(what + "".join(f"\n  {one!r}" for one in seen))


@contextmanager
def small_limits() -> Iterator[None]:
    with (
        patch.multiple(gate, **SMALL, Beside=AtOnce),
        patch.multiple(records, LONGEST_FIELD=LONGEST_FIELD, LONGEST_RECORD=LONGEST_RECORD),
    ):
        yield


def folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="fuzz-")


def known_of_mapping() -> tuple[str, ...]:
    layouts = read_mapping(MAPPING).layouts
    return tuple(dict.fromkeys(name for layout in layouts for name in layout.table.names))


# ---------------------------------------------------------------------------------------------------------- fast


def judge_gate(data: bytes, path: Path, known: tuple[str, ...] = SCHOOL.known) -> None:
    """Gate, header and records over these bytes, against the reference. path: a file that may be written."""
    path.write_bytes(data)
    try:
        opened = open_table(None, path, known)
    except DueRegardError as refused:
        demand(CANARY not in str(refused), "an error quotes a value")
        return
    demand_one_judgement_a_block_size(data)
    if isinstance(opened, Read):
        _demand_reasons(data, opened)
        return
    text = reference.text_of(data)
    demand(text is not None, "bytes that are no text were let in")
    assert text is not None
    _demand_header(text, opened, known)
    _demand_records(text, opened)


def demand_one_judgement_a_block_size(data: bytes) -> None:
    """Where blocks are cut changes nothing."""
    whole = gate.look(io.BytesIO(data))
    with patch.object(gate, "BLOCK", gate.BLOCK + 37):
        again = gate.look(io.BytesIO(data))
    demand(whole == again, "two sizes of blocks give two judgements", whole, again)


def _demand_reasons(data: bytes, refused: Read) -> None:
    """A file refused whole: for a reason that the bytes show, with its lines counted."""
    demand(not any(CANARY in f.words() for f in refused.findings), "a finding quotes a value")
    codes = {f.code for f in refused.findings}
    text = reference.text_of(data)
    is_marked = data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    shown = {
        "E_EMPTY_FILE": text is not None and not text.strip(", \t\r\n"),
        "E_QUOTE": text is None or text.count('"') % 2 == 1,
        "E_NUL": b"\x00" in data,
        "E_TRUNCATED": b"\x00" in data,
        "E_ENCODING": text is None or data.startswith(gate.SIGNATURES) or b"\x00" in data,
    }
    demand(bool(codes) and all(shown[code] for code in codes), "a file is refused without that reason", codes)
    if refused.refused_rows and not is_marked:
        demand(refused.refused_rows == reference.data_lines(data), "the lines of a refused file are counted wrongly",
               refused.refused_rows, reference.data_lines(data))  # fmt: skip


def _demand_header(text: str, opened: Opened, known: tuple[str, ...]) -> None:
    """A header that names declared columns is the first record of the format, and no other sign names more of them."""

    def fit(delimiter: str) -> int:
        first = next(reference.parse(text, delimiter), None)
        return len({normalised(f) for f in first.fields} & set(known)) if first and is_whole(first) else 0

    best = max(fit(delimiter) for delimiter in reference.DELIMITERS)
    named = {normalised(name) for name in opened.header} & set(known)
    demand(len(named) == best, "the header names other columns than its record does", opened.header)
    if named:
        first = next(reference.parse(text, opened.delimiter))
        demand(opened.header == first.fields, "the header is not the first record", opened.header, first.fields)


def _demand_records(text: str, opened: Opened) -> None:
    """Each record is taken with its fields and its line, or has gone astray; none is lost, none is made."""
    _, *every = reference.parse(text, opened.delimiter)
    width = len(opened.header)
    blank = [r.line for r in every if is_blank(r, opened.delimiter)]
    good = [(r.line, list(r.fields)) for r in every if is_row(r, width, opened.delimiter)]
    astray = Astray()
    with opened.handle() as handle:
        taken = list(records.records(handle, opened.judged.newline, opened.delimiter, width, astray))
    demand(taken == good, "other rows are taken than the format gives", taken, good)
    demand(astray.blank == blank, "other rows are blank", astray.blank, blank)
    refused = refused_lines(text, every, width, opened.delimiter)
    demand(list(astray.refused) == refused, "records are lost", astray.refused, refused)
    n_rows = readers._n_rows(opened)
    demand(n_rows == len(good) + len(refused), "the rows under a refused header are counted wrongly", n_rows)
    if opened.judged.is_plain and opened.delimiter == ",":
        lines = list(range(2, len(every) + 2))
        demand([r.line for r in every] == lines and len(every) == opened.judged.n_records, "a plain file is not plain")
        demand(len(good) == len(every) or not width, "a plain file holds a row that is none")


def is_row(record: reference.Record, width: int, delimiter: str) -> bool:
    """May this record be taken as a row of that many fields?"""
    return (
        is_whole(record)
        and not is_blank(record, delimiter)
        and len(record.fields) == width
        and "\x00" not in record.text
        and all(len(field) <= records.LONGEST_FIELD for field in record.fields)
    )


def refused_lines(text: str, every: list[reference.Record], width: int, delimiter: str) -> list[int]:
    """Every physical line of the records that are neither rows nor blank: a quote that is left open may join as many rows."""
    newline = reference.newline_of(text)
    astray = [r for r in every if not is_row(r, width, delimiter) and not is_blank(r, delimiter)]
    return [line for r in astray for line in range(r.line, r.line + r.text.count(newline) + 1)]


def is_whole(record: reference.Record) -> bool:
    """Formed, and no longer than a record may be."""
    return record.is_formed and not _is_long(record)


def is_blank(record: reference.Record, delimiter: str) -> bool:
    return not _is_long(record) and not record.text.strip(delimiter + " \t\r\n")


def _is_long(record: reference.Record) -> bool:
    # A carriage return belongs to the newline that follows it; where none follows, it belongs to the record.
    text = record.text.removesuffix("\r") if record.is_ended else record.text
    return len(text.encode()) > records.LONGEST_RECORD


# --------------------------------------------------------------------------------------------------------- whole


def judge_bytes(data: bytes, *, thoroughly: bool = True) -> None:
    """Collect and check these bytes as every kind of file; only a DueRegardError may be raised.

    Not thoroughly: as the kind of file that its beginning looks like, which takes a tenth of the time.
    """
    os.environ["DUEREGARD_THREADS"] = "1"
    with folder() as name:
        path = Path(name)
        is_parquet, is_flat = data.startswith(b"PAR1"), _looks_flat(data)
        if thoroughly or not (is_parquet or is_flat):
            _judge_native(data, path / "school.csv")
        if thoroughly:
            _judge_wide(data, path / "wide.csv")
        if thoroughly or is_flat:
            _judge_mapped(data, path / "export.csv", thoroughly)
        if thoroughly or is_parquet:
            _judge_parquet(data, path / "school.parquet")


def _looks_flat(data: bytes) -> bool:
    return any(word in data[:300].replace(b"\x00", b"") for word in (b"pupil_ref", b"officer_ref"))


def _judge_native(data: bytes, path: Path) -> None:
    """Copied rows, rows that stay in the file, and rows read one by one: three ways, one judgement."""
    path.write_bytes(data)
    copied = _told(Source(path), "school", data)
    if gate.judge(path).is_plain:  # another file is read one by one in any case
        with patch.object(readers, "BIG", 1):
            stayed = _told(Source(path), "school", data)
        demand(copied == stayed, "rows that stay in their file are judged otherwise", copied, stayed)
        with patch.object(readers, "judge", _careful):
            careful = _told(Source(path), "school", data)
        demand(copied == careful, "rows read one by one are judged otherwise", copied, careful)
    path.unlink()


def _careful(path: Path) -> gate.Judged:
    return replace(gate.judge(path), is_plain=False)


def _judge_wide(data: bytes, path: Path) -> None:
    """A profile reads two columns of a file and leaves the others, whatever their names."""
    path.write_bytes(data)
    connection = open_database([path.parent])
    try:
        read = read_file(connection, path, WIDE, into="raw_wide")
        demand(not any(CANARY in f.words() for f in read.findings), "a finding quotes a value")
        rows = connection.execute("SELECT _line, urn, name FROM raw_wide").fetchall() if read.columns else []
        if rows:
            demand(sorted(rows) == _wide_rows(reference.text_of(data) or ""), "other rows are taken of a wide file")
    except DueRegardError as refused:
        demand(CANARY not in str(refused), "an error quotes a value")
    finally:
        connection.close()


def _wide_rows(text: str) -> list[tuple[int, str, str]]:
    """What the format gives for the two columns, with their lines."""
    for delimiter in reference.DELIMITERS:
        header, *every = reference.parse(text, delimiter)
        if {"urn", "name"} <= set(header.fields):
            urn, name = header.fields.index("urn"), header.fields.index("name")
            width = len(header.fields)
            return [(r.line, r.fields[urn], r.fields[name]) for r in every if is_row(r, width, delimiter)]
    return []


def _judge_mapped(data: bytes, path: Path, thoroughly: bool) -> None:
    path.write_bytes(data)
    _told(Source(path, mapping=MAPPING), "", data, thoroughly=thoroughly)
    path.unlink()


def _judge_parquet(data: bytes, path: Path) -> None:
    """The same bytes with the other name: a Parquet file or none, never a crash."""
    path.write_bytes(data)
    copied = _told(Source(path), "school", None)
    with patch.object(readers, "BIG", 1):
        stayed = _told(Source(path), "school", None)
    demand(copied == stayed, "a Parquet file that is not copied is judged otherwise", copied, stayed)
    path.unlink()


def _told(source: Source, name: str, data: bytes | None, *, thoroughly: bool = True) -> object:
    """What is told of a source: rows accepted, counts, findings. The rows are those of the format (data: its bytes)."""
    intake = None
    try:
        intake = collect([source])
        read = next((one for one in intake.files if one.file == source.path.name), None)
        raw = f"raw_{name}" if name else f"raw_{_layout_table(intake)}"
        rows = _raw(intake, raw, source.path.name)
        if data is not None and read is not None:
            _demand_rows(data, intake, source.path.name, rows)
        if not thoroughly:
            return None
        checked = check(intake, today=TODAY)
        return _summary(checked, _accepted(intake, raw.removeprefix("raw_"), rows), source)
    except DueRegardError as refused:
        demand(CANARY not in str(refused), "an error quotes a value")
        return str(refused)
    finally:
        if intake is not None:
            intake.connection.close()


def _layout_table(intake: Intake) -> str:
    return intake.layouts[0].table.name


def _raw(intake: Intake, raw: str, file: str) -> dict[int, dict[str, str]]:
    """The text rows of a file, by physical line."""
    exists = intake.connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [raw]).fetchone()
    if not exists:
        return {}
    found = intake.connection.execute(f"SELECT * FROM ({raw_rows(intake.connection, raw)}) WHERE _file = ?", [file])
    names = [one[0] for one in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    lines = {row["_line"]: {k: v for k, v in row.items() if not k.startswith("_") and v is not None} for row in rows}
    demand(len(lines) == len(rows), "two rows stand on one line")
    return lines


def _demand_rows(data: bytes, intake: Intake, file: str, rows: dict[int, dict[str, str]]) -> None:
    """Each row that was taken is one that the reference gives; every line of the others is refused."""
    astray = [line for name, _, line in intake.rejected if name == file]
    if not rows:
        return
    text = reference.text_of(data)
    demand(text is not None, "bytes that are no text gave rows")
    assert text is not None
    delimiter = _delimiter_of(text, set(next(iter(rows.values()))))
    header, *every = reference.parse(text, delimiter)
    names = [normalised(name) for name in header.fields]
    given = {r.line: dict(zip(names, r.fields, strict=True)) for r in every if is_row(r, len(names), delimiter)}
    demand(rows == given, "other rows are taken than the format gives", rows, given)
    refused = refused_lines(text, every, len(names), delimiter)
    demand(len(astray) == len(refused), "records are lost", astray, refused)


def _delimiter_of(text: str, names: set[str]) -> str:
    """The sign that makes the columns of the first record those that were read."""
    for delimiter in reference.DELIMITERS:
        if {normalised(field) for field in next(reference.parse(text, delimiter)).fields} == names:
            return delimiter
    raise Disagreement("no sign gives the header that was read")


def _accepted(intake: Intake, name: str, rows: dict[int, dict[str, str]]) -> list[tuple[Any, ...]]:
    """Rows that were accepted; each is one of the rows that were read."""
    connection = intake.connection
    if not rows:
        return []
    found = connection.execute(
        f"SELECT _line FROM work_{name} WHERE _row NOT IN (SELECT _row FROM refused_{name}) ORDER BY _line"
    ).fetchall()
    demand({line for (line,) in found} <= set(rows), "a row is accepted that no one read")
    n_typed = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
    demand(n_typed == len(found), "the typed table holds other rows than are accepted", n_typed, len(found))
    return [(line, *sorted(rows[line].items())) for (line,) in found]


def _summary(checked: Checked, accepted: list[tuple[Any, ...]], source: Source) -> object:
    for report in checked.reports:
        said = json.dumps(report.as_json()) + "".join(f.words() for f in report.findings)
        demand(CANARY not in said, "a finding quotes a value", [f.code for f in report.findings if CANARY in f.words()])
    of_file = [one for one in checked.reports if one.file == source.path.name]
    n_accepted, n_rejected = sum(one.accepted for one in of_file), sum(one.rejected for one in of_file)
    demand(n_accepted == len(accepted), "other rows are counted than are accepted", n_accepted, len(accepted))
    findings = sorted((f.code, f.table, f.column, f.lines, f.message, f.rows) for f in checked.findings)
    return accepted, n_accepted, n_rejected, findings
