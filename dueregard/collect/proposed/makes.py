"""Which native rows do the rows of a file make? By the names in its header; what they leave open is for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dueregard.collect.mapping import TO_DECIDE
from dueregard.collect.proposed import headers, toml
from dueregard.collect.proposed.columns import Proposed
from dueregard.collect.proposed.seen import n_alike
from dueregard.collect.proposed.toml import several
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.records.tables import table as native_table
from dueregard.terms.lists import code_list

# What tells the rows of a table apart where its own reference is missing, or where its native key is wider.
KEYS = {"roll": ("census_on", "urn", "pupil_ref"), "posting": ("officer_ref", "urn", "from_on"),
        "activity": ("officer_ref", "urn", "occurred_on", "kind"), "support": ("pupil_ref", "service", "offered_on")}  # fmt: skip
PUPILS = "involvement"  # where a file has pupils, its rows are told apart by them: a contact may have several
SHOWN_CODES = 12  # in a comment


@dataclass(frozen=True, slots=True)
class Claim:
    """A native table that a file makes rows of. sources: (native column, column of the file)."""

    table: Table
    sources: tuple[tuple[str, str], ...]

    def source(self, column: str) -> str:
        return dict(self.sources).get(column, "")

    def sources_of(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The file's columns behind native ones, where all are there; else none."""
        found = tuple(self.source(column) for column in columns)
        return found if all(found) else ()


def claims_of(names: tuple[str, ...]) -> list[Claim]:
    """Which native tables does a header speak of, the main one first?"""
    found = []
    for table, groups in headers.MARKS.items():
        sources = _sources(table, names)
        has_all = all(any(column in sources for column in group) for group in groups)
        if has_all and not any(_is_there(column, names) for column in headers.WITHOUT.get(table, ())):
            found.append(Claim(native_table(table), tuple(sources.items())))
    return found


def _is_there(column: str, names: tuple[str, ...]) -> bool:
    known = headers.names_of("", column) if column != "census_on" else headers.names_of("roll", column)[:4]
    return any(headers.plain(name) in known for name in names)


def _sources(table: str, names: tuple[str, ...]) -> dict[str, str]:
    """Native column -> column of the file: its own name first, then the other names, each column once."""
    found: dict[str, str] = {}
    plain = {headers.plain(name): name for name in reversed(names)}
    native = native_table(table).names
    for column in native:
        if column in plain:
            found[column] = plain[column]
    for column in native:
        free = (name for name in headers.names_of(table, column) if plain.get(name, "") not in ("", *found.values()))
        name = "" if column in found else next(free, "")
        if name:
            found[column] = plain[name]
    return found


def native_of(claims: list[Claim], name: str) -> Column | None:
    """The native column that a column of the file means first, if any."""
    for claim in claims:
        for column, source in claim.sources:
            if source == name:
                return claim.table.column(column)
    return None


def key_of(connection: Any, source: str, claims: list[Claim]) -> tuple[tuple[str, ...], str]:
    """The columns that tell every row of the file apart, and a note: with none, which come nearest."""
    n_rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    tried: list[tuple[int, bool, int, tuple[str, ...]]] = []
    for claim in claims:
        for columns in (KEYS.get(claim.table.name, ()), claim.table.key):
            found = claim.sources_of(tuple(c for c in columns if claim.source(c) or not claim.table.column(c).blank))
            if found:
                alike = n_alike(connection, source, found) if n_rows else 0
                tried.append((alike, claim.table.name != PUPILS, len(found), found))
    if not tried:
        return (), ""
    alike, _, _, best = min(tried, key=lambda one: one[:3])
    if not alike:
        return best, ""
    return (), f"no key: of {', '.join(best)}, which come nearest, {several(alike, 'row')} repeat those of another."


def make_of(connection: Any, source: str, claim: Claim, columns: Mapping[str, Proposed], layout: str,
            claims: list[Claim]) -> list[str]:  # fmt: skip
    """The lines that say which row of one native table is made."""
    name = claim.table.name
    lines = [f"[[layout.{layout}.make]]", f"table = {toml.text(name)}"]
    key = claim.sources_of(claim.table.key)
    if name in ("contact", "school") and key and (len(claims) > 1 or n_alike(connection, source, key)):
        lines.append(f"once_per = {toml.texts(key)}  # rows that share it make one {name}, and must agree on it")
    lines += ["", f"[layout.{layout}.make.columns]"]
    for column in claim.table.columns:
        lines += _column(connection, source, claim, column, columns)
    return [*lines, ""]


def unknown_make(layout: str) -> list[str]:
    """A file whose header speaks of no native table."""
    return [f"# to decide: which rows these rows make: one of {', '.join(TABLE_NAMES)}.",
            f"[[layout.{layout}.make]]", f"table = {toml.text(TO_DECIDE)}", "",
            f"[layout.{layout}.make.columns]", ""]  # fmt: skip


def _column(connection: Any, source: str, claim: Claim, column: Column, columns: Mapping[str, Proposed]) -> list[str]:
    """The lines for one native column, or none where it may stay away."""
    name = claim.source(column.name)
    found = columns.get(name)
    is_required = not (column.blank or column.optional or column.characteristic)
    if found is not None and not found.removed:
        why_not = _cannot_be(found, column)
        if not why_not:
            return _from(found, column)
        if not is_required:
            return [f"# `{column.name}` is not made: `{name}` {why_not}."]
    if claim.table.name == "roll" and column.name == "n_pupils" and claim.source("pupil_ref"):
        return ["# One row is one pupil.", 'n_pupils = { value = "1" }']
    if not is_required:
        return []
    return _joined(connection, source, claim, column) or _to_decide(claim, column, columns)


def _cannot_be(found: Proposed, column: Column) -> str:
    """Why can this column of the file not be the native one? Empty where it can."""
    if column.kind is Kind.CODE and found.kind is not Kind.CODE:
        return "is not a column of codes"
    if column.kind is Kind.DATE and found.kind is not Kind.DATE:
        return "is not a column of days"
    if column.kind is Kind.TIME and found.kind not in (Kind.DATE, Kind.TIME):
        return "is not a column of days"
    return ""


def _from(found: Proposed, column: Column) -> list[str]:
    """The line for a column that has a source, its codes translated where they are not native ones."""
    strange = {code: _translated(code, column) for code in found.codes if code not in column.allowed}
    if column.kind is not Kind.CODE or (found.codes and not strange):
        return [f"{column.name} = {toml.text(found.name)}"]
    open_codes = strange if found.codes else {TO_DECIDE: TO_DECIDE}
    values = toml.table((code, toml.text(target)) for code, target in open_codes.items())
    line = f"{column.name} = {toml.table((('from', toml.text(found.name)), ('values', values)))}"
    return [*_asked(found, column, TO_DECIDE in open_codes.values()), line]


def _asked(found: Proposed, column: Column, is_open: bool) -> list[str]:
    """The comment above a translation."""
    if not is_open:
        return ["# Translated by what our lists call the same: look whether it is meant."]
    lines = [f"# to decide: each code of `{found.name}` as a native one: {_choice(column)}"]
    if not column.blank:
        lines += ["#   Rows with a code that is none make no row: name the other codes above, before the columns, as",
                  f"#   when = {{ {toml.name(found.name)} = [...] }}, and write \"\" here for those left out."]  # fmt: skip
    return lines


def _translated(code: str, column: Column) -> str:
    """The native code that is written or called like this, but for capitals; else it is to decide."""
    by_name = {own.lower(): own for own in reversed(column.allowed)}
    by_label = {term.label.lower(): term.code for name in column.lists for term in code_list(name)}
    return by_name.get(code.lower()) or by_label.get(code.lower()) or TO_DECIDE


def _choice(column: Column) -> str:
    """What may stand in a native column of codes, for a comment."""
    codes = column.allowed
    if len(codes) <= SHOWN_CODES:
        return f"one of {', '.join(codes)}."
    return f"a code that `dueregard terms {column.lists[0]}` lists" + (
        f" (or {', '.join(column.lists[1:])})." if column.lists[1:] else "."
    )


def _joined(connection: Any, source: str, claim: Claim, column: Column) -> list[str]:
    """A reference of our own making, where columns tell the rows apart."""
    if claim.table.key != (column.name,) or column.kind is not Kind.KEY:
        return []
    found = claim.sources_of(KEYS.get(claim.table.name, ()))
    if not found or n_alike(connection, source, found):
        return []
    return ["# The file has no reference of its own: these columns tell its rows apart.",
            f"{column.name} = {toml.table((('join', toml.texts(found)),))}"]  # fmt: skip


def _to_decide(claim: Claim, column: Column, columns: Mapping[str, Proposed]) -> list[str]:
    """A required native column without a source."""
    asked = f"# to decide: {claim.table.name}.{column.name} ({column.about}) is required"
    if column.kind is Kind.CODE:
        return [f"{asked}: a column of codes, or one value for all rows, {_choice(column)}",
                f"{column.name} = {toml.table((('value', toml.text(TO_DECIDE)),))}"]  # fmt: skip
    days = [name for name, found in columns.items() if found.kind in (Kind.DATE, Kind.TIME) and not found.removed]
    hint = f" Columns of days: {', '.join(days)}." if days and column.kind in (Kind.DATE, Kind.TIME) else ""
    return [f"{asked}: a column of the layout.{hint}", f"{column.name} = {toml.text(TO_DECIDE)}"]
