"""Collect from rows that are in memory already, such as a store's: the same intake as files give, and no file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from dueregard.collect.database import add_rows, open_database
from dueregard.evidence.intake import Intake, SourceFile
from dueregard.evidence.raw import make_table
from dueregard.records.tables import table

CHUNK = 5_000


def collect_rows(
    tables: Mapping[str, Iterable[tuple[str, ...]]], *, source: str, profile: str, writes_to: tuple[Path, ...] = ()
) -> Intake:
    """What do these rows hold, as text tables?

    tables: name of a native table -> its rows, every declared column in order, as text. source: what stands in findings
    where a file's name would; profile: name and version of how the rows were read, which enter the snapshot's id.
    """
    connection = open_database(list(writes_to))
    files = tuple(_take(connection, name, rows, source) for name, rows in tables.items())
    present = tuple((name, table(name).names) for name in tables)
    return Intake(connection, files, present, (), (), (profile,), (), ())


def _take(connection: Any, name: str, rows: Iterable[tuple[str, ...]], source: str) -> SourceFile:
    names = table(name).names
    make_table(connection, f"raw_{name}", names)
    digest, n = hashlib.sha256(), 0
    for chunk in _chunks(rows):
        digest.update("".join("\x1f".join(row) + "\n" for row in chunk).encode())
        lines = [[source, str(n + k), *row] for k, row in enumerate(chunk, start=1)]
        add_rows(connection, f"raw_{name}", ["_file", "_line", *names], lines)
        n += len(chunk)
    return SourceFile(source, name, digest.hexdigest(), n)


def _chunks(rows: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    flow = iter(rows)
    while chunk := list(islice(flow, CHUNK)):
        yield chunk
