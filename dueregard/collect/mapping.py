"""A declared mapping: how a source's own flat layout is read, written by a person in TOML.

It says which columns there are, which values may stand in them, how days are written, and which rows of the native
tables follow. Nothing is guessed: a value that is not declared is refused. One mapping may serve several layouts.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from dueregard.collect import day_formats
from dueregard.collect.header import LONGEST_NAME, normalised
from dueregard.collect.place import Place, kind_of, shown
from dueregard.errors import SourceError
from dueregard.evidence.intake import Fill, FillColumn, Layout
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.records.tables import table as native_table
from dueregard.terms.lists import code_list, list_names

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
TO_DECIDE = "?"  # a proposal writes it where a person must decide; no mapping is read while one stands in it
LARGEST = 1 << 20  # bytes
REGISTERS = ("school", "calendar")
TOP_KEYS = ("name", "version", "about", "caveats", "registers", "layout")
LAYOUT_KEYS = ("about", "key", "columns", "make")
OF_ALL_KINDS = ("kind", "about", "blank", "optional")
OF_CODES, OF_TEXTS = ("list", "lists", "values", "least", "most"), ("pattern",)
OF_DAYS, OF_NUMBERS = ("formats", "earliest", "future"), ("least", "most")
OF_KIND = {
    Kind.CODE: OF_CODES, Kind.KEY: OF_TEXTS, Kind.TEXT: OF_TEXTS, Kind.DATE: OF_DAYS, Kind.TIME: OF_DAYS,
    Kind.INTEGER: OF_NUMBERS, Kind.DECIMAL: OF_NUMBERS,
}  # fmt: skip
COLUMN_KEYS = tuple(dict.fromkeys([*OF_ALL_KINDS, *(word for words in OF_KIND.values() for word in words)]))
MAKE_KEYS = ("table", "columns", "when", "once_per")
FROM_KEYS = ("from", "values", "value", "join")
MAKE_FORM = "write [[layout.NAME.make]] with two brackets, and its columns under [layout.NAME.make.columns]."


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping as it was declared. version: its own, and the hash of its content. registers: (table, file beside it)."""

    name: str
    version: str
    about: str
    caveats: tuple[str, ...]
    layouts: tuple[Layout, ...]
    registers: tuple[tuple[str, Path], ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The native tables that it can fill."""
        return tuple(dict.fromkeys(fill.table for layout in self.layouts for fill in layout.fills))


def read_mapping(path: Path) -> Mapping:
    """What does this mapping declare?

    Raises SourceError if the file cannot be read as TOML, UsageError if it declares what cannot be.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(f"The mapping {path.name} has more than {LARGEST:,} bytes.", try_this="is this the file?")
        plain = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as fault:
        raise SourceError(
            f"The mapping {path.name} cannot be read ({fault.strerror}).", try_this="check the path."
        ) from fault
    except (ValueError, RecursionError) as fault:
        raise SourceError(
            f"The mapping {path.name} is not TOML{_at(fault)}.", try_this="`dueregard mapping new FILE` proposes one."
        ) from fault
    return parse_mapping(plain, path)


def _at(fault: Exception) -> str:
    """Where the fault is, and what; a file that is no text at all is not quoted."""
    return f": {fault}" if isinstance(fault, tomllib.TOMLDecodeError) else ""


def parse_mapping(plain: dict[str, Any], path: Path) -> Mapping:
    """What does this document declare? path: of its file; registers lie beside it.

    Raises UsageError if it declares what cannot be, SourceError if a register beside it cannot be read.
    """
    top = Place(path.name, "", plain)
    top.only(TOP_KEYS)
    for word in ("name", "version", "layout"):
        if not top.has(word):
            raise top.wrong(f"`{word}` is missing.")
    _check_decided(top)
    if not NAME.fullmatch(top.text("name")):
        raise top.wrong("`name` is not snake_case.", "small letters, figures and _, such as `flat_export`.")
    if not top.text("version"):
        raise top.wrong("`version` is empty.", 'version = "1"')
    layouts = tuple(_layout(name, place) for name, place in _named(top, "layout"))
    _check_told_apart(top, layouts)
    registers = _registers(top, path)
    version = f"{top.text('version')} {_digest(plain, registers, path)}"
    return Mapping(top.text("name"), version, top.text("about"), top.texts("caveats"), layouts, registers)


def _named(top: Place, word: str) -> Iterator[tuple[str, Place]]:
    """The tables under a word, each with its name."""
    inside = top.part(word, f"`{word}`")
    for name, plain in inside.plain.items():
        yield name, top.inner(f"{word} `{shown(name)}`", plain, f"write [{word}.{shown(name)}] as a table.")


def _check_decided(top: Place) -> None:
    """Every point that a proposal left to a person is decided; all open ones are told together."""
    found = sorted(set(_open_points(top.plain, ())))
    if found:
        raise top.wrong(
            f'something is still to decide (`"{TO_DECIDE}"`) in: {"; ".join(found[:40])}.',
            f'write the answer in place of each `"{TO_DECIDE}"`; the comment above it says what is asked.',
        )


def _open_points(plain: Any, at: tuple[str, ...]) -> Iterator[str]:
    if plain == TO_DECIDE:
        yield ".".join(at)
    elif isinstance(plain, dict):
        for name, inside in plain.items():
            yield from [".".join((*at, TO_DECIDE))] if name == TO_DECIDE else _open_points(inside, (*at, shown(name)))
    elif isinstance(plain, list):
        for inside in plain:
            table = inside.get("table") if isinstance(inside, dict) else None
            yield from _open_points(inside, (*at, shown(table)) if isinstance(table, str) else at)


def _check_told_apart(top: Place, layouts: tuple[Layout, ...]) -> None:
    """No two layouts have the same columns: a file of one could be of the other."""
    if not layouts:
        raise top.wrong("it declares no layout.", "write [layout.NAME].")
    seen: dict[frozenset[str], str] = {}
    for layout in layouts:
        other = seen.setdefault(frozenset(layout.table.names), layout.name)
        if other != layout.name:
            raise top.wrong(
                f"layouts `{other}` and `{layout.name}` have the same columns: no file can be told apart.", "keep one."
            )


def _registers(top: Place, path: Path) -> tuple[tuple[str, Path], ...]:
    inside = top.part("registers", "registers")
    found = []
    for table in inside.plain:
        if table not in REGISTERS:
            raise inside.wrong(f"a register of `{shown(table)}` is not possible.", "school, or calendar.")
        file = inside.text(table)
        if not file or Path(file).name != file or file == "..":
            raise inside.wrong(f"`{table}` does not name a file beside the mapping.", "a file's name without a folder.")
        found.append((table, path.parent / file))
    return tuple(found)


def _digest(plain: dict[str, Any], registers: tuple[tuple[str, Path], ...], path: Path) -> str:
    """The hash of what is declared, comments and order of keys aside, and of the registers beside it."""
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode())
    for _, file in registers:
        try:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as fault:
            raise SourceError(f"The mapping {path.name} names {file.name}, which cannot be read ({fault.strerror}).",
                              try_this="put the file beside the mapping.") from fault  # fmt: skip
    return digest.hexdigest()[:16]


def _layout(name: str, place: Place) -> Layout:
    place.only(LAYOUT_KEYS)
    if not NAME.fullmatch(name):
        raise place.wrong("the name is not snake_case.", "small letters, figures and _.")
    columns = tuple(
        _column(column, place.inner(f"column `{shown(column)}`", plain, f'{shown(column)} = {{ kind = "key" }}'))
        for column, plain in place.part("columns", "columns").plain.items()
    )
    table = Table(f"layout_{name}", place.text("about", name), columns, key=place.texts("key"))
    for column in table.key:
        if column not in table.names:
            raise place.none_of(f"`{shown(column)}` of the key is no column.", table.names)
    fills = tuple(_fill(part, table) for part in place.parts("make", "make", MAKE_FORM))
    if not columns or not fills:
        raise place.wrong("it has no columns, or makes no row.", MAKE_FORM)
    table = replace(table, periods=tuple(dict.fromkeys(period for fill in fills for period in _periods(fill))))
    return Layout(name, table, fills)


def _periods(fill: Fill) -> list[tuple[str, str]]:
    """The layout's columns behind a native period, so that a wrong order is told of in the layout's words."""
    own = {c.name: c.source for c in fill.columns}
    return [(own[a], own[b]) for a, b in native_table(fill.table).periods if own.get(a) and own.get(b)]


def name_fault(name: str) -> str:
    """Why can no column of a layout have this name? Empty where it can.

    >>> name_fault("contact_ref"), name_fault("Contact ref")
    ('', 'headers are read in small letters with `_` for blanks')
    """
    if name != normalised(name):
        return "headers are read in small letters with `_` for blanks"
    if not name or not name.isprintable() or '"' in name or name.startswith("_") or len(name) > LONGEST_NAME:
        return f"a name has 1 to {LONGEST_NAME} signs that print, no quotation mark, and no `_` before it"
    return ""


def _column(name: str, place: Place) -> Column:
    fault = name_fault(name)
    if fault:
        raise place.wrong(f"{fault}.", f"`{shown(normalised(name)).strip('_')}`, if that is the column.")
    place.only(COLUMN_KEYS)
    kind = _kind(place)
    formats, earliest = place.texts("formats"), _earliest(place)
    _check_formats(place, formats)
    _check_pattern(place)
    return Column(
        name, kind, place.text("about", name), only=_codes(place) if kind is Kind.CODE else (), blank=place.flag("blank"),
        optional=place.flag("optional"), pattern=place.text("pattern"), formats=formats, earliest=earliest,
        past=not place.flag("future"), least=place.whole("least"), most=place.whole("most"),
    )  # fmt: skip


def _kind(place: Place) -> Kind:
    """The kind of a column, which says what else may be declared of it."""
    written = place.text("kind")
    if written not in tuple(Kind):
        found = f"there is no kind `{shown(written)}`." if written else "`kind` is missing."
        raise place.none_of(found, tuple(str(kind) for kind in Kind))
    kind = Kind(written)
    for word in place.plain:
        if word not in (*OF_ALL_KINDS, *OF_KIND[kind]):
            raise place.wrong(f"`{word}` says nothing of a column of the kind `{kind}`.",
                              "leave it out, or give another kind.")  # fmt: skip
    return kind


def _earliest(place: Place) -> str:
    found = place.plain.get("earliest", "")
    written = found.isoformat()[:10] if isinstance(found, date) else place.text("earliest")
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        raise place.wrong("`earliest` is not a day.", 'earliest = "2024-09-01"') from None


def _check_formats(place: Place, formats: tuple[str, ...]) -> None:
    for written in formats:
        fault = day_formats.fault_of(written)
        if fault:
            raise place.wrong(f"no day can be read as `{shown(written)}`: {fault}.", 'formats = ["%d/%m/%Y"]')
    if day_formats.are_ambiguous(formats):
        raise place.wrong("days and months cannot be told apart in these formats.", "declare one order alone.")


def _check_pattern(place: Place) -> None:
    pattern = place.text("pattern")
    if pattern and not _can_match(pattern):
        raise place.wrong("the pattern is no regular expression.", 'such as "C[0-9]{5}".')


@cache
def _can_match(pattern: str) -> bool:
    """Is this a pattern that the database can match? Its dialect knows no look-around and no back-reference."""
    import duckdb

    try:
        duckdb.connect().execute("SELECT regexp_full_match('', ?)", [pattern]).fetchall()
    except duckdb.Error:
        return False
    return True


def _codes(place: Place) -> tuple[str, ...]:
    """Which codes may stand in a column of codes?"""
    if sum(place.has(word) for word in ("list", "lists", "values")) != 1:
        raise place.wrong("a column of codes names a list, several lists, or its values: one of the three.",
                          'list = "sen_provision", or values = ["N", "K", "E"].')  # fmt: skip
    values = place.texts("values")
    names = place.texts("lists") if place.has("lists") else (place.text("list"),) if place.has("list") else ()
    for name in names:
        if name not in list_names():
            raise place.wrong(f"there is no list `{shown(name)}`.", "`dueregard terms` shows the lists.")
    codes = values or tuple(code for name in names for code in code_list(name).codes)
    if not codes or "" in codes:
        raise place.wrong("no code is named, or an empty one.", "blank = true lets blanks stand; name the codes.")
    return tuple(dict.fromkeys(codes))


def _fill(place: Place, layout: Table) -> Fill:
    place.only(MAKE_KEYS)
    name = place.text("table")
    if name not in TABLE_NAMES:
        found = f"there is no native table `{shown(name)}`." if name else "`table` is missing."
        raise place.none_of(found, TABLE_NAMES)
    target = native_table(name)
    place = replace(place, where=place.where.rpartition(", ")[0] + f", make `{name}`")
    columns = tuple(_fill_column(column, place, layout, target) for column in place.part("columns", "columns").plain)
    given = {c.name for c in columns}
    for column in target.columns:
        if column.name not in given and not (column.blank or column.optional or column.characteristic):
            raise place.wrong(
                f"`{column.name}` is required and is not made.", "name a column of the layout, or a fixed value."
            )
    once_per = place.texts("once_per")
    for column_name in once_per:
        _source(place, layout, column_name)
    return Fill(name, columns, _when(place, layout), once_per)


def _when(place: Place, layout: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The conditions of a make: every code can stand in its column."""
    inside = place.part("when", "when")
    found = []
    for name in inside.plain:
        column, codes = _source(inside, layout, name), inside.texts(name)
        if not codes:
            raise inside.wrong(f"`{shown(name)}` names no code, so no row is made.", f'{shown(name)} = ["..."]')
        _check_known(inside, column, codes)
        found.append((name, codes))
    return tuple(found)


def _check_known(place: Place, column: Column, codes: tuple[str, ...]) -> None:
    """Codes of the source that are spoken of are declared for its column."""
    for code in codes:
        if column.kind is Kind.CODE and code not in column.allowed and not (column.blank and not code):
            raise place.none_of(f"`{shown(code)}` is no declared code of the column `{column.name}`.", column.allowed)


def _source(place: Place, layout: Table, name: str) -> Column:
    if name not in layout.names:
        raise place.none_of(f"`{shown(name)}` is no column of the layout.", layout.names)
    return layout.column(name)


def _fill_column(name: str, make: Place, layout: Table, target: Table) -> FillColumn:
    if name not in target.names:
        raise make.none_of(f"`{shown(name)}` is no column of {target.name}.", target.names)
    place, column = _from_place(name, make), target.column(name)
    place.only(FROM_KEYS)
    if sum(place.has(word) for word in ("from", "value", "join")) != 1:
        raise place.wrong("a native column comes from one of `from`, `value` and `join`.", f'{name} = "a column"')
    if place.has("values") and not place.has("from"):
        raise place.wrong("`values` translates what comes `from` a column, and there is none.", "name the column.")
    if place.has("value"):
        return FillColumn(name, value=_fixed(place, column))
    if place.has("join"):
        return FillColumn(name, joined=_joined(place, layout, column))
    source, values = _source(place, layout, place.text("from")), place.pairs("values")
    _check_kinds(place, source, column, values)
    return FillColumn(name, source.name, values)


def _from_place(name: str, make: Place) -> Place:
    inside = make.part("columns", "columns")
    plain = inside.plain[name]
    where, form = f"`{name}`", f'{name} = "a column", or {{ value = "..." }}.'
    if isinstance(plain, str):
        return make.inner(where, {"from": inside.text(name)})
    if not isinstance(plain, dict):
        raise make.inner(where, {}).wrong(f"this is {kind_of(plain)}, not a column or a table.", form)
    return make.inner(where, plain)


def _fixed(place: Place, column: Column) -> str:
    value = place.text("value")
    _check_codes(place, column, (value,))
    return value


def _joined(place: Place, layout: Table, column: Column) -> tuple[str, ...]:
    names = place.texts("join")
    if column.kind is not Kind.KEY or not names:
        raise place.wrong("only a reference is joined, of at least one column.", 'join = ["urn", "start_date"]')
    for name in names:
        _source(place, layout, name)
    return names


def _check_kinds(place: Place, source: Column, column: Column, values: tuple[tuple[str, str], ...]) -> None:
    """What comes from the source can be what the native column holds."""
    days = {Kind.DATE: (Kind.DATE,), Kind.TIME: (Kind.DATE, Kind.TIME)}
    if column.kind in days and source.kind not in days[column.kind]:
        raise place.wrong(f"`{source.name}` is not a column of days.", 'kind = "date", with its formats.')
    if values and source.kind in days:
        raise place.wrong("days are not translated by `values`.", "declare their formats in the layout's column.")
    _check_known(place, source, tuple(code for code, _ in values))
    if column.kind is Kind.CODE:
        if source.kind is not Kind.CODE:
            raise place.wrong(f"`{source.name}` is not a column of codes.", 'kind = "code", with a list or its values.')
        translated = dict(values)
        _check_codes(place, column, tuple(translated.get(x, x) for x in source.allowed))


def _check_codes(place: Place, column: Column, codes: tuple[str, ...]) -> None:
    """Every code that can arrive is one of the native column's."""
    if column.kind is not Kind.CODE:
        return
    for code in codes:
        if code and code not in column.allowed:
            raise place.none_of(f"`{shown(code)}` is not in the native list.", column.allowed)
