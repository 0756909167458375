"""Plants faults in a made-up force, and lists each with its file, line and code, so that `check` can be scored.

Works on the written files, line by line, so that a roll of millions takes little memory. What follows from a fault is
listed too: a row that refers to a contact which `check` must refuse has lost it (E_UNKNOWN_KEY).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from dueregard.evidence.paths import parquet_sql
from dueregard.synth.faults import (
    DIFFERING,
    END_LOST,
    OPEN_QUOTE,
    ROW_FORMS,
    SAME_NAME_TWICE,
    TWICE,
    TWO_ENCODINGS,
    VALUES,
    Fault,
    Row,
)
from dueregard.synth.pieces import copy_out, database

EACH = 3  # of every kind of fault
MORE_TRIED = 12  # lines that are looked at for each one planted: not every row can have every fault
LINKED = (
    "involvement",
    "power_use",
    "step",
    "outcome",
)  # what refers to a contact; help that was offered stays without it
BY_PUPIL = ("power_use", "step", "outcome")
OVERLAP_DAYS = 7


@dataclass(frozen=True, slots=True, order=True)
class Planted:
    """One fault that `check` must find. line: physical, the header being line 1; 0 where the whole file is meant."""

    file: str
    line: int
    code: str


@dataclass(slots=True)
class Lost:
    """Contacts and involvements that `check` must refuse: rows that refer to them have lost them."""

    contacts: set[str] = field(default_factory=set)
    involvements: set[tuple[str, str]] = field(default_factory=set)


Edit = tuple[
    str, Callable[[str, list[str]], str | None], bool
]  # code, the line's new text (None: it cannot be), refuses?


def plant(folder: Path, *, rng: np.random.Generator, each: int = EACH) -> tuple[Planted, ...]:
    """Which faults were planted in the tables of this folder, and where?

    folder: CSV tables of the native layout; it is changed in place, so let it be one that nobody reads yet. Raises
    nothing of its own: a table that is absent, or too small for a fault, has none of it.
    """
    planted: list[Planted] = []
    lost = Lost()
    for table in ("contact", *LINKED, "support", "activity", "sanction", "survey", "roll"):
        path = folder / f"{table}.csv"
        if path.is_file():
            planted += _plant_in(path, table, rng, each, lost)
    orphans = list(_orphans(folder, lost, {(p.file, p.line) for p in planted if p.code.startswith("E_")}))
    planted = _but_warnings_of(planted, orphans) + orphans
    planted += _plant_postings(folder / "posting.csv", rng, each)
    planted += _plant_nil(folder, each)
    planted += _plant_two_rolls(folder / "roll.csv", rng, each)
    return tuple(sorted(set(planted + _spoil_whole(folder))))


def _but_warnings_of(planted: list[Planted], orphans: list[Planted]) -> list[Planted]:
    """A row that is refused because its contact is lost is not warned of as well."""
    refused = {(p.file, p.line) for p in orphans}
    return [p for p in planted if p.code.startswith("E_") or (p.file, p.line) not in refused]


# One table.
def _plant_in(path: Path, table: str, rng: np.random.Generator, each: int, lost: Lost) -> list[Planted]:
    edits = [edit for edit in _edits(table) for _ in range(each)]
    n = _n_rows(path)
    if not edits or n < MORE_TRIED * len(edits) / 4:  # a small table keeps most of its rows whole
        edits = edits[:: each * 2] if n >= len(edits) else []
    tried = rng.choice(n, size=min(n, MORE_TRIED * max(len(edits), each)), replace=False) + 2
    queue = (
        {int(line): edits[i % len(edits)] for i, line in enumerate(tried[: len(tried) - len(tried) // 4])}
        if edits
        else {}
    )
    spare = sorted(int(line) for line in tried if int(line) not in queue)
    return _rewrite(path, table, queue, _copies(table, spare, each), Counter({id(e[1]): each for e in edits}), lost)


def _edits(table: str) -> list[Edit]:
    found = [(f.code, _value_edit(f), f.refuses) for f in VALUES if f.table == table]
    return found + [(code, _form_edit(form), code.startswith("E_")) for code, name, form in ROW_FORMS if name == table]


def _value_edit(fault: Fault) -> Callable[[str, list[str]], str | None]:
    def edit(line: str, header: list[str]) -> str | None:
        row = _row(line, header)
        return _line({**fault.change(row)}, header) if fault.only(row) else None

    return edit


def _form_edit(form: Callable[[str], str]) -> Callable[[str, list[str]], str | None]:
    return lambda line, header: form(line)


Copies = dict[int, Callable[[Row], Row] | None]  # line -> how its copy at the end differs (None: not at all)


def _copies(table: str, spare: list[int], each: int) -> Copies:
    wanted: list[Callable[[Row], Row] | None] = [None] * each if table in TWICE else []
    for name, change in DIFFERING:
        wanted += [change] * each if name == table else []
    return dict(zip(spare, wanted, strict=False))


def _rewrite(
    path: Path, table: str, queue: dict[int, Edit], copies: Copies, quota: Counter[int], lost: Lost
) -> list[Planted]:
    """The file again, with its faults. Lines are counted as they are written: a blank one moves the rest."""
    planted: list[Planted] = []
    near, appended, written = path.with_suffix(".part"), [], 1
    with path.open(encoding="utf-8", newline="") as old, near.open("w", encoding="utf-8", newline="") as new:
        header = next(csv.reader([old.readline()]))
        new.write(_line(dict(zip(header, header, strict=True)), header) + "\n")
        for number, raw in enumerate(old, start=2):
            text, written = raw.rstrip("\n"), written + 1
            edit = queue.get(number)
            changed = edit[1](text, header) if edit and quota[id(edit[1])] > 0 else None
            if edit and changed is not None:
                quota[id(edit[1])] -= 1
                planted.append(Planted(path.name, written, edit[0]))
                if edit[2]:
                    _lose(table, _row(text, header), lost)
                written += changed.count("\n")
            elif number in copies:
                appended.append((written, text, copies[number]))
            new.write((changed if changed is not None else text) + "\n")
        for at, text, change in appended:
            written += 1
            new.write((text if change is None else _line(change(_row(text, header)), header)) + "\n")
            code = "E_DUPLICATE_KEY" if change is None else "E_CONFLICT"
            planted += [Planted(path.name, written, code)] + ([Planted(path.name, at, code)] if change else [])
    near.replace(path)
    return planted


def _lose(table: str, row: Row, lost: Lost) -> None:
    if table == "contact":
        lost.contacts.add(row["contact_ref"])
    if table == "involvement":
        lost.involvements.add((row["contact_ref"], row["pupil_ref"]))


# What follows.
def _orphans(folder: Path, lost: Lost, refused: set[tuple[str, int]]) -> Iterator[Planted]:
    """Rows whose contact, or whose pupil's part in it, is lost. Involvements come first: they are lost with it."""
    for table in LINKED:
        path = folder / f"{table}.csv"
        for line, row in _rows(path) if path.is_file() else ():
            pair = (row.get("contact_ref", ""), row.get("pupil_ref", ""))
            is_orphan = pair[0] in lost.contacts or (table in BY_PUPIL and pair in lost.involvements)
            if is_orphan and (path.name, line) not in refused:
                if table == "involvement":
                    lost.involvements.add(pair)
                yield Planted(path.name, line, "E_UNKNOWN_KEY")


def to_csv(folder: Path) -> None:
    """Every Parquet table as CSV, in the same order of rows: faults of a line need lines. Raises OSError for a full disk."""
    connection = database(folder)
    for path in sorted(folder.glob("*.parquet")):
        copy_out(connection, f"FROM {parquet_sql(path)}", path.with_suffix(".csv"), "FORMAT csv, HEADER")
        path.unlink()
    connection.close()


# Faults over several rows.
def _plant_postings(path: Path, rng: np.random.Generator, each: int) -> list[Planted]:
    """A renewal that was added without ending the first: two postings at once, and more than one full-time officer."""
    if not path.is_file():
        return []
    rows = list(_rows(path))
    officers = Counter(row["officer_ref"] for _, row in rows)
    alone = [row for _, row in rows if officers[row["officer_ref"]] == 1 and float(row["fte"] or 0) > 0 and _lasts(row)]
    picked = (
        [alone[i] for i in sorted(rng.choice(len(alone), size=min(each, len(alone)), replace=False))] if alone else []
    )
    header, last = list(rows[0][1]), rows[-1][0]
    copies = [row | {"posting_ref": f"{row['posting_ref']}9", "from_on": _later(row), "fte": "1.00"} for row in picked]
    _append(path, [_line(copy, header) for copy in copies])
    at = range(last + 1, last + 1 + len(copies))
    return [Planted(path.name, line, code) for line in at for code in ("W_POSTING_OVERLAP", "W_FTE_SUM")]


def _later(row: Row) -> str:
    return (date.fromisoformat(row["from_on"]) + timedelta(OVERLAP_DAYS)).isoformat()


def _lasts(row: Row) -> bool:
    return row["to_on"] == "" or row["to_on"] > _later(row)


def _plant_nil(folder: Path, each: int) -> list[Planted]:
    """Schools that say *nothing to report* while contacts were recorded there."""
    path, contacts = folder / "collection.csv", folder / "contact.csv"
    if not path.is_file() or not contacts.is_file():
        return []
    seen = Counter((row["urn"], row["occurred_at"][:10]) for _, row in _rows(contacts))
    busy: dict[str, list[str]] = {}
    for (urn, day), _ in seen.items():
        busy.setdefault(urn, []).append(day)
    planted: list[Planted] = []
    lines: list[str] = []
    header: list[str] = []
    for line, row in _rows(path):
        header = list(row)
        days = [d for d in busy.get(row["urn"], ()) if row["from_on"] <= d <= row["to_on"]]
        if row["subject"] == "contact" and row["state"] == "complete" and len(days) > EACH and len(planted) < each:
            row = row | {"state": "nil"}
            planted.append(Planted(path.name, line, "W_NIL_WITH_ROWS"))
        lines.append(_line(row, header))
    path.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="utf-8", newline="\n")
    return planted


def _plant_two_rolls(path: Path, rng: np.random.Generator, each: int) -> list[Planted]:
    """Pupils who stand on the rolls of two schools at one census; rolls of counts cannot show it."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader([file.readline()]))
    if "pupil_ref" not in header:
        return []
    n = _n_rows(path)
    wanted = set((rng.choice(n, size=min(n, 20 * each), replace=False) + 2).tolist())
    found = [(line, row) for line, row in _rows(path, wanted) if row.get("enrolment_status") == "C"]
    elsewhere = max((row["urn"] for _, row in found), default="")
    picked = [(line, row) for line, row in found if row["urn"] < elsewhere and row["pupil_ref"]][:each]
    _append(path, [_line(row | {"urn": elsewhere}, header) for _, row in picked])
    return [Planted(path.name, n + 2 + i, "W_DUAL_ROLL") for i in range(len(picked))]


def _spoil_whole(folder: Path) -> list[Planted]:
    """Small tables to which no other refers: a header with one name twice, a last line that was cut, two encodings, an open quote."""
    planted, path = [], folder / f"{SAME_NAME_TWICE}.csv"
    if path.is_file():
        header, _, rest = path.read_text(encoding="utf-8").partition("\n")
        first, _, others = header.partition(",")
        path.write_text(f"{first},{first},{others.partition(',')[2]}\n{rest}", encoding="utf-8", newline="\n")
        planted.append(Planted(path.name, 1, "E_DUP_HEADER"))
    path = folder / f"{END_LOST}.csv"
    if path.is_file() and (n := _n_rows(path)) > 1:
        text = path.read_bytes().rstrip(b"\n")
        path.write_bytes(text[: text.rindex(b",") - 4])
        planted.append(Planted(path.name, n + 1, "E_TRUNCATED"))
    for name, code, spoil in (
        (TWO_ENCODINGS, "E_ENCODING", lambda line: line + "é".encode("cp1252")),
        (OPEN_QUOTE, "E_QUOTE", lambda line: line.replace(b",", b',"', 1)),
    ):
        path = folder / f"{name}.csv"
        if path.is_file() and (n := _n_rows(path)) > 1:
            lines = path.read_bytes().split(b"\n")
            lines[n // 2] = spoil(lines[n // 2])
            path.write_bytes(b"\n".join(lines))
            planted.append(Planted(path.name, n // 2 + 1, code))
    return planted


# Lines and rows.
def _n_rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1


def _rows(path: Path, wanted: set[int] | None = None) -> Iterator[tuple[int, Row]]:
    """(physical line, row) of the rows that are whole."""
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader([file.readline()]))
        for line, raw in enumerate(file, start=2):
            if wanted is None or line in wanted:
                fields = next(csv.reader([raw]), [])
                if len(fields) == len(header):
                    yield line, dict(zip(header, fields, strict=True))


def _row(line: str, header: list[str]) -> Row:
    return dict(zip(header, next(csv.reader([line])), strict=True))


def _line(row: Row, header: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([row[name] for name in header])
    return text.getvalue()


def _append(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in lines)
