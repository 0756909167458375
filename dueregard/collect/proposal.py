"""A mapping that is proposed from files: their headers and values are looked at, and a person corrects what is written.

No value of a file is written but the codes of a column that many rows share. What only a person can know is left open
as `"?"` under a comment `to decide`, and a mapping with an open point is not read.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dueregard.collect.database import open_database
from dueregard.collect.header import normalised, safe
from dueregard.collect.mapped import SUFFIXES
from dueregard.collect.mapping import NAME, TO_DECIDE
from dueregard.collect.proposed import headers, toml
from dueregard.collect.proposed.columns import Proposed, propose_column
from dueregard.collect.proposed.makes import Claim, claims_of, key_of, make_of, native_of, unknown_make
from dueregard.collect.proposed.seen import LOOKED_AT, Seen, look_at
from dueregard.collect.proposed.toml import several
from dueregard.collect.readers import Expected, Opened, header_names, open_table, read_opened
from dueregard.errors import SourceError, TargetError, UsageError
from dueregard.evidence.raw import big_parts, named, raw_rows
from dueregard.records.table import Kind

MOST_COLUMNS = 250
OLDER_BY = 4 * 365  # days: a column of days so long before all others may be of births
OUR_COLUMNS = ("_file", "_line", "_column")  # of every raw table
SIGNS = (",", ";", "\t", "|")
EARLY_DAYS = "days years before all others, perhaps of birth"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as TOML. open_points: what a person must decide before it is read. removed: columns that hold people."""

    text: str
    open_points: int
    removed: int


@dataclass(frozen=True, slots=True)
class Looked:
    """Files of one layout in a table of texts. n_unread: rows that no one can take as rows."""

    files: tuple[str, ...]
    source: str
    names: tuple[str, ...]
    n_rows: int
    n_unread: int


def propose(files: list[Path], *, name: str, today: date) -> Proposal:
    """Which mapping would read these files? Files with the same columns are of one layout.

    Raises SourceError if a file is no table, UsageError if the name is not snake_case.
    """
    if not NAME.fullmatch(name):
        raise UsageError("The name of a mapping is snake_case.", try_this="small letters, figures and _.")
    for file in files:
        _check_file(file)
    connection = open_database([file.resolve().parent for file in files])
    lines: list[str] = []
    used: list[str] = []
    n_removed = 0
    for number, looked in enumerate(_look(connection, files), start=1):
        claims = claims_of(looked.names)
        columns = _columns(connection, looked, claims, today)
        used.append(_layout_name(claims, used, number))
        lines += _layout(connection, looked, claims, columns, used[-1])
        n_removed += sum(bool(column.removed) for column in columns.values())
    text = "\n".join([*_top(name, used), *lines]).rstrip() + "\n"
    return Proposal(text, sum(line.startswith("# to decide:") for line in lines), n_removed)


def _check_file(file: Path) -> None:
    if not file.exists():
        raise SourceError(f"`{file.name}` does not exist.", try_this="check the path.")
    if not file.is_file() or file.suffix.lower() not in SUFFIXES:
        raise SourceError(
            f"`{file.name}` is not a file of a kind that is read.", try_this=f"one of {', '.join(SUFFIXES)}."
        )


def _look(connection: Any, files: list[Path]) -> list[Looked]:
    """The rows of the files, those of one layout together."""
    by_columns: dict[frozenset[str], list[tuple[Path, Opened]]] = {}
    for file in files:
        opened = _open(connection, file)
        by_columns.setdefault(frozenset(normalised(x) for x in opened.header), []).append((file, opened))
    return [_read(connection, f"seen_{n}", together) for n, together in enumerate(by_columns.values(), start=1)]


def _open(connection: Any, file: Path) -> Opened:
    """A file that may be looked at. Raises SourceError with what is wrong with it."""
    opened = open_table(connection, file, _words())
    names = header_names(opened)
    if len(names) == 1:  # none of the names is known: the sign that parts most of them parts the columns
        sign = max(SIGNS, key=names[0].count)
        opened = open_table(connection, file, tuple(names[0].split(sign)))
    if not isinstance(opened, Opened):
        raise SourceError(opened.findings[0].words())
    _check_header(file, tuple(normalised(x) for x in opened.header))
    return opened


def _words() -> tuple[str, ...]:
    """Names that a header may be expected to hold, to tell by which sign its fields are apart."""
    words = [name for table in headers.MARKS for name in _names(table)]
    return tuple(dict.fromkeys(words))


def _names(table: str) -> list[str]:
    from dueregard.records.tables import table as native_table

    return [name for column in native_table(table).names for name in headers.names_of(table, column)]


def _check_header(file: Path, names: tuple[str, ...]) -> None:
    if len(names) > MOST_COLUMNS:
        raise SourceError(
            f"{file.name} has {len(names):,} columns; a mapping is proposed for at most {MOST_COLUMNS}.",
            try_this="export the columns that are needed.",
        )
    for one in sorted(set(names)):
        if names.count(one) > 1:
            raise SourceError(f"{file.name}, column `{safe(one)}`: two columns have this name.", try_this="keep one.")
    unnamed = sum(one in ("", *OUR_COLUMNS) for one in names)
    if unnamed and unnamed < len(names):
        raise SourceError(
            f"{file.name}: {several(unnamed, 'column')} without a name of its own.", try_this="name it, or remove it."
        )
    figures = sum(_is_value_like(one) for one in names)
    if not names or 3 * figures >= len(names):
        raise _no_header(file)


def _no_header(file: Path) -> SourceError:
    return SourceError(
        f"{file.name}: the first line is not a header: it is empty, or holds values.",
        try_this="add a first line that names the columns.",
    )


def _is_value_like(header: str) -> bool:
    letters = sum(x.isalpha() for x in header)
    return safe(header) != header or sum(x.isdigit() for x in header) > letters


def _read(connection: Any, table: str, together: list[tuple[Path, Opened]]) -> Looked:
    """The first rows of files with the same columns, as texts."""
    names = tuple(normalised(x) for x in together[0][1].header)
    expected, n_unread = Expected("", (), names), 0
    for _, opened in together:
        read = read_opened(connection, opened, expected, into=f"raw_{table}", may_stay=True)
        if not read.columns:
            raise SourceError(next(finding.words() for finding in read.findings if finding.is_error))
        n_unread += len(read.rejected)
    columns = ", ".join(named(x) for x in names)
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {columns} FROM ({raw_rows(connection, f'raw_{table}')}) LIMIT {LOOKED_AT}"
    )
    if not big_parts(connection, f"raw_{table}"):
        connection.execute(f"DROP TABLE raw_{table}")
    n_rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    if not n_rows:
        raise SourceError(f"{together[0][0].name} has no rows that can be read: nothing is seen of its values.",
                          try_this="a file with rows.")  # fmt: skip
    return Looked(tuple(file.name for file, _ in together), table, names, n_rows, n_unread)


def _columns(connection: Any, looked: Looked, claims: list[Claim], today: date) -> dict[str, Proposed]:
    seen = [look_at(connection, looked.source, name) for name in looked.names]
    _check_is_header(looked, seen)
    found = {
        one.name: propose_column(connection, looked.source, one, native_of(claims, one.name), today) for one in seen
    }
    births = _births(connection, looked.source, claims, found)
    return found | {name: Proposed(name, removed=EARLY_DAYS) for name in births}


def _check_is_header(looked: Looked, seen: list[Seen]) -> None:
    """Names that also stand as values below themselves are no names."""
    if sum(one.like_header > 0 for one in seen) > max(1, len(seen) / 3):
        raise _no_header(Path(looked.files[0]))


def _births(connection: Any, source: str, claims: list[Claim], found: Mapping[str, Proposed]) -> list[str]:
    """Columns of days that mean nothing native and lie years before all others: they may be days of birth."""
    days = {name: one for name, one in found.items() if one.kind in (Kind.DATE, Kind.TIME) and not one.removed}
    strange = [name for name in days if native_of(claims, name) is None]
    if not strange or len(strange) == len(days):
        return []
    spans = {name: _span(connection, source, one) for name, one in days.items()}
    others = [spans[name][0] for name in days if name not in strange and spans[name][0] is not None]
    return [
        name for name in strange
        if spans[name][1] is not None and others and (min(others) - spans[name][1]).days > OLDER_BY
    ]  # fmt: skip


def _span(connection: Any, source: str, column: Proposed) -> tuple[Any, Any]:
    """The first day of a column and the last of nine tenths of its rows."""
    formats = tomllib.loads(column.line)[column.name].get("formats") or ["%Y-%m-%d"]
    tried = ", ".join(f"try_strptime(v, '{written}')" for written in formats)
    day = f"CAST(coalesce(try_cast(left(v, 10) AS TIMESTAMP), {tried}) AS DATE)"
    asked = f"SELECT quantile_disc(d, 0.1), quantile_disc(d, 0.9) FROM (SELECT {day} AS d FROM (SELECT {named(column.name)} AS v FROM {source}))"
    found: tuple[Any, Any] = connection.execute(asked).fetchone()
    return found


def _layout_name(claims: list[Claim], used: list[str], number: int) -> str:
    wanted = claims[0].table.name if claims else f"file_{number}"
    same = sum(one == wanted or one.startswith(f"{wanted}_") for one in used)
    return wanted if not same else f"{wanted}_{same + 1}"


def _top(name: str, used: list[str]) -> list[str]:
    lines = [
        "# Proposed from headers and values, to be corrected by a person: no value is guessed, and nothing is read",
        f"# while a {toml.text(TO_DECIDE)} is left. Look at every line: what a column means stands in no file.",
        f"name = {toml.text(name)}",
        'version = "1"',
        f"about = {toml.text('Proposed by dueregard: say here whose export it is')}",
        "",
    ]
    if "school" in used:
        return lines
    return [
        *lines,
        "# Schools are looked up. Freeze with a folder that has the table school, or put a file of schools beside this one:",
        "# [registers]",
        '# school = "schools.csv"',
        "",
    ]


def _layout(
    connection: Any, looked: Looked, claims: list[Claim], columns: Mapping[str, Proposed], name: str
) -> list[str]:
    rows = several(looked.n_rows, "row") if looked.n_rows < LOOKED_AT else f"the first {LOOKED_AT:,} rows"
    about = claims[0].table.about if claims else "say what one row is"
    usable = [claim for claim in claims if claim.sources]
    declared = {one: column for one, column in columns.items() if not column.removed}
    key, note = key_of(connection, looked.source, [_without_removed(claim, columns) for claim in usable])
    makes = [line for claim in usable for line in make_of(connection, looked.source, _without_removed(claim, columns),
                                                          columns, name, usable)]  # fmt: skip
    return [
        f"# {'-' * 110}",
        f"# From {several(len(looked.files), 'file')}, {rows}.",
        *(
            [f"# {several(looked.n_unread, 'row')} cannot be read: `dueregard check` says which."]
            if looked.n_unread
            else []
        ),
        f"[layout.{name}]",
        f"about = {toml.text(about)}",
        *([f"key = {toml.texts(key)}"] if key else [f"# {note}"] if note else []),
        "",
        *_removed(columns),
        f"[layout.{name}.columns]",
        *(line for column in declared.values() for line in (*(f"# {told}" for told in column.notes), column.line)),
        "",
        *(makes or unknown_make(name)),
        *_unused(usable, declared),
    ]


def _without_removed(claim: Claim, columns: Mapping[str, Proposed]) -> Claim:
    """Without the columns that may not come in, so that no key or reference is made of them."""
    return Claim(claim.table, tuple((a, b) for a, b in claim.sources if not columns[b].removed))


def _unused(claims: list[Claim], declared: Mapping[str, Proposed]) -> list[str]:
    """Columns that may stand in the file and that no native row is made of: perhaps they were not understood."""
    used = {source for claim in claims for _, source in claim.sources}
    found = [name for name in declared if name not in used]
    return [f"# No native row is made of: {', '.join(found)}.", ""] if found and claims else []


def _removed(columns: Mapping[str, Proposed]) -> list[str]:
    """Columns that may not come in: they are not mapped, and a file that has one is refused."""
    found = [one for one in columns.values() if one.removed]
    if not found:
        return []
    told = [f"#   {safe(one.name)}: {one.removed}" for one in found]
    return ["# Remove these columns from the file before it is sent: they are not mapped, and a file with one is refused.",
            *told, ""]  # fmt: skip


def write_proposal(proposal: Proposal, out: Path) -> None:
    """Write a proposal, for its owner alone (0600). Raises TargetError if the file exists or cannot be made."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise TargetError(f"`{out.name}` cannot be written ({fault.strerror}).",
                          try_this="another name, in a folder that exists.") from fault  # fmt: skip
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(proposal.text)
