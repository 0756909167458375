"""The files of a made-up force: parts drawn in several processes, written each on its own, then joined in order."""

from __future__ import annotations

import csv
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dueregard.records.tables import TABLES, table
from dueregard.synth.dirt import Planting
from dueregard.synth.draws import Frame
from dueregard.synth.expected import Expected

MEMORY = "400MB"  # of the process that joins the parts
ROW_GROUP = 122_880


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a force. tables: its rows, empty once they are written. n_rows: how many each table has."""

    name: str
    tables: dict[str, Frame]
    expected: Expected
    planted: list[Planting]
    n_rows: dict[str, int] = field(default_factory=dict)


def is_database_fault(fault: Exception) -> bool:
    """Is it the database that could not write?"""
    import duckdb

    return isinstance(fault, duckdb.Error)


def in_processes(
    draw: Callable[..., Part], jobs: Sequence[tuple], n_workers: int | None, tell: Callable[[int], None]
) -> list[Part]:
    """Every part, in order, drawn by as many processes as there are cores. An interrupt ends them all."""
    jobs[0][0].mkdir()
    workers = ProcessPoolExecutor(
        n_workers or os.cpu_count(), mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts
    )
    try:
        tell(0)
        waiting = [workers.submit(draw, *job) for job in jobs]
        found = []
        for n, one in enumerate(waiting):
            found.append(one.result())
            tell(n + 1)
        return found
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    """The parent hears an interrupt, and stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def write_part(
    folder: Path, part: Part, *, as_parquet: bool = False, progress: Callable[[int, int, str], None] = lambda *_: None
) -> Part:
    """Every table of a part as a file; returns the part without its rows."""
    n_rows = {name: len(next(iter(frame.values()))) for name, frame in part.tables.items()}
    if as_parquet:
        _write_parquet(folder, part, n_rows)
    else:
        for n, (name, frame) in enumerate(part.tables.items()):
            progress(n, len(part.tables), name)
            _write_csv(folder / f"{name}.csv", name, frame)
    return replace(part, tables={}, n_rows=n_rows)


def _header(name: str, frame: Frame) -> list[str]:
    """The columns of a frame in the order in which they are declared."""
    return [column for column in table(name).names if column in frame]


def _write_csv(path: Path, name: str, frame: Frame) -> None:
    header = _header(name, frame)
    columns = [np.asarray(frame[column], dtype=object).tolist() for column in header]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(zip(*columns, strict=True))


def _write_parquet(folder: Path, part: Part, n_rows: dict[str, int]) -> None:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        for name, frame in part.tables.items():
            if n_rows[name]:
                file = folder / f"{name}.{part.name}.parquet"
                connection.register("rows", {column: _plain(frame[column]) for column in _header(name, frame)})
                connection.execute(f"COPY (SELECT * FROM rows) TO '{_quoted(file)}' (FORMAT parquet)")
                connection.unregister("rows")


def _plain(column: Any) -> np.ndarray:
    """A column as numbers, or as texts and nothing else."""
    values = np.asarray(column)
    if values.dtype.kind in "iuf":
        return values
    entries = values.tolist()
    if values.dtype == object and set(map(type, entries)) <= {str}:
        return values
    return np.array([str(entry) for entry in entries], dtype=object)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def join_parts(
    pieces: Path, folder: Path, parts: Sequence[Part], tell: Callable[[int, str], None]
) -> list[dict[str, int]]:
    """One file a table from those of the parts, in their order. Returns where the rows of each part begin, by table."""
    import duckdb

    for n, declared in enumerate(TABLES):
        tell(n, declared.name)
        files = [pieces / f"{declared.name}.{part.name}.parquet" for part in parts if part.n_rows.get(declared.name)]
        if not files:
            continue
        listed = ", ".join(f"'{_quoted(file)}'" for file in files)
        with duckdb.connect(config={"threads": 1, "memory_limit": MEMORY, "temp_directory": ""}) as connection:
            connection.execute(
                f"COPY (SELECT * FROM read_parquet([{listed}])) TO '{_quoted(folder / declared.name)}.parquet' "
                f"(FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"
            )
        for file in files:
            file.unlink()
    return _offsets(parts)


def _offsets(parts: Sequence[Part]) -> list[dict[str, int]]:
    found, before = [], dict.fromkeys((declared.name for declared in TABLES), 0)
    for part in parts:
        found.append(dict(before))
        for name, n in part.n_rows.items():
            before[name] += n
    return found
