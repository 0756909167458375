"""Reading by a declared mapping: each file is judged against the layout that its header fits best."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from dueregard.collect.header import normalised, skeleton
from dueregard.collect.mapping import Mapping
from dueregard.collect.profiles.native import expected
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import (
    WORKBOOKS,
    Expected,
    Opened,
    Read,
    header_names,
    open_table,
    read_file,
    read_opened,
)
from dueregard.errors import SourceError
from dueregard.evidence.intake import Layout
from dueregard.evidence.raw import make_table
from dueregard.records.tables import table as native_table

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet", *WORKBOOKS)


def profile_of(mapping: Mapping, *, with_registers: bool = True) -> Profile:
    """A mapping as a profile: its content is part of a snapshot's id. with_registers: read what stands beside it."""
    reader = partial(gather, mapping, with_registers=with_registers)
    return Profile(mapping.name, mapping.about, "files of its layouts", mapping.version, mapping.caveats, reader)


def gather(mapping: Mapping, connection: Any, path: Path, *, with_registers: bool = True) -> Gathered:
    """Read every file of a folder (or one file) by the layouts of a mapping. Files that fit none are listed.

    A file that cannot be read at all is never among those: it may be the one that was meant.
    Raises SourceError if no file fits, or a register beside the mapping is faulty.
    """
    for one in mapping.layouts:
        make_table(connection, f"raw_{one.table.name}", one.table.names)
    reads: list[Read] = []
    used: list[Layout] = []
    ignored: list[str] = []
    for file in _files(path):
        opened = open_table(connection, file, _every_column(mapping))
        fitting = _fitting(mapping, opened)
        if fitting is None and path.is_dir() and _names_columns(opened):
            ignored.append(file.name)
            continue
        layout = fitting or mapping.layouts[0]
        reads.append(read_opened(connection, opened, _expected(layout), into=f"raw_{layout.table.name}"))
        used.append(layout)
    if not reads:
        raise SourceError(f"`{path.name}` holds no file that fits a layout of the mapping.",
                          try_this="layouts: " + ", ".join(x.name for x in mapping.layouts) + ".")  # fmt: skip
    layouts = tuple(dict.fromkeys(used))
    beside = mapping.registers if with_registers else ()
    registers = [_register(connection, table, file) for table, file in beside]
    present = _present(layouts) + [(read.table, read.columns) for read in registers]
    return Gathered(tuple(reads), tuple(present), tuple(ignored), layouts, tuple(read.file for read in registers))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [f for f in sorted(path.iterdir()) if f.is_file() and f.suffix.lower() in SUFFIXES]


def _every_column(mapping: Mapping) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for layout in mapping.layouts for name in layout.table.names))


def _expected(layout: Layout) -> Expected:
    required = tuple(c.name for c in layout.table.columns if not c.optional)
    return Expected(layout.name, required, layout.table.names)


def _fitting(mapping: Mapping, opened: Opened | Read) -> Layout | None:
    """The layout whose declared header fits best: most of its columns, then fewest that are strange to it.

    A file whose header cannot be read fits none.
    """
    looks = {skeleton(normalised(name)) for name in header_names(opened)}

    def fit(layout: Layout) -> tuple[int, int]:
        common = looks & set(layout.table.names)
        return len(common), -len(set(layout.table.names) - looks) - len(looks - common)

    best = max(mapping.layouts, key=fit)
    return best if fit(best)[0] else None


def _names_columns(opened: Opened | Read) -> bool:
    """Did the gate let the file pass, and does its first line say what it holds?"""
    return any(name.strip() for name in header_names(opened))


def _register(connection: Any, table: str, file: Path) -> Read:
    """A table that stands beside the mapping."""
    read = read_file(connection, file, expected(native_table(table)), into=f"raw_{table}")
    faults = [f for f in read.findings if f.is_error]
    if faults:
        raise SourceError(
            f"The register {file.name} beside the mapping is faulty: {faults[0].words()}", try_this="mend it."
        )
    return read


def _present(layouts: tuple[Layout, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Native tables and columns that these layouts bring."""
    found: dict[str, list[str]] = {}
    for fill in (fill for layout in layouts for fill in layout.fills):
        columns = found.setdefault(fill.table, [])
        columns += [c.name for c in fill.columns if c.name not in columns]
    return [(table, tuple(columns)) for table, columns in found.items()]
