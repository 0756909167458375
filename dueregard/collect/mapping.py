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
from pathlib import Path
from typing import Any

from dueregard.collect.mapping_columns import column_of
from dueregard.collect.mapping_makes import MAKE_FORM, fill_of
from dueregard.collect.place import Place, shown
from dueregard.errors import SourceError
from dueregard.evidence.intake import Fill, Layout
from dueregard.records.table import Table
from dueregard.records.tables import table as native_table

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
TO_DECIDE = "?"  # a proposal writes it where a person must decide; no mapping is read while one stands in it
LARGEST = 1 << 20  # bytes
REGISTERS = ("school", "calendar")
TOP_KEYS = ("name", "version", "about", "caveats", "registers", "layout")
LAYOUT_KEYS = ("about", "key", "columns", "make")


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
        column_of(column, place.inner(f"column `{shown(column)}`", plain, f'{shown(column)} = {{ kind = "key" }}'))
        for column, plain in place.part("columns", "columns").plain.items()
    )
    table = Table(f"layout_{name}", place.text("about", name), columns, key=place.texts("key"))
    for column in table.key:
        if column not in table.names:
            raise place.none_of(f"`{shown(column)}` of the key is no column.", table.names)
    fills = tuple(fill_of(part, table) for part in place.parts("make", "make", MAKE_FORM))
    if not columns or not fills:
        raise place.wrong("it has no columns, or makes no row.", MAKE_FORM)
    table = replace(table, periods=tuple(dict.fromkeys(period for fill in fills for period in _periods(fill))))
    return Layout(name, table, fills)


def _periods(fill: Fill) -> list[tuple[str, str]]:
    """The layout's columns behind a native period, so that a wrong order is told of in the layout's words."""
    own = {c.name: c.source for c in fill.columns}
    return [(own[a], own[b]) for a, b in native_table(fill.table).periods if own.get(a) and own.get(b)]
