"""Writes a made-up force: one CSV file a table, and the truth beside them."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dueregard.errors import TargetError, UsageError
from dueregard.records.tables import TABLES, table
from dueregard.synth.bigger import write_chunks
from dueregard.synth.chunks import PLANS, chunks_of
from dueregard.synth.dirt import plant, to_csv
from dueregard.synth.draws import Frame
from dueregard.synth.expected import ByYear, all_sections, expected_by_year
from dueregard.synth.score import planted_as_toml
from dueregard.synth.shape import SIZES, Shape, shape_of, stream
from dueregard.synth.tables import draw_tables
from dueregard.synth.truth import Truth
from dueregard.synth.truth_file import check_truth
from dueregard.synth.truth_text import as_toml
from dueregard.synth.world import World, draw_world

TRUTH_FILE = "truth.toml"
Progress = Callable[[int, int, str], None]


def write_force(
    folder: Path,
    *,
    size: str = "borough",
    seed: int = 1,
    progress: Progress | None = None,
    truth: Truth | None = None,
    workers: int | None = None,
    dirt: bool = False,
) -> Path:
    """What would the records of a police force look like, if its truth were known?

    Writes the native layout (one file a table: CSV for a borough, Parquet beyond) and `truth.toml` into `folder`, and returns it. The same size, seed
    and truth give the same bytes. The folder appears whole or not at all.
    progress: called with the number of pieces of work done, how many there are, and the name of the next one.
    workers: processes that make the chunks of a big force; as many as there are cores, at most two.
    truth: the rates and relative rates to set; the illustrative ones unless given.
    dirt: plants faults such as real exports have, lists them in `truth.toml`, and writes every table as CSV.
    Raises UnknownName if there is no such size, UsageError if the seed is negative or the truth cannot be, TargetError if `folder` is a
    file, is not empty, or cannot be written.
    """
    folder = Path(folder)
    shapes = chunks_of(size) if size in PLANS else (shape_of(size),)
    truth = truth or Truth()
    check_truth(truth)
    if seed < 0:
        raise UsageError("A seed is a whole number, 0 or more.", try_this="--seed 1.")
    try:
        check_target(folder)
        with _whole(folder.resolve()) as whole:
            if size in PLANS:
                told = write_chunks(whole, shapes, truth=truth, seed=seed, workers=workers, progress=progress)
            else:
                told = _write_small(whole, draw_world(shapes[0], truth, seed), seed, progress)
            text = as_toml(truth, size=size, seed=seed, expected=all_sections(told, truth))
            text += _planted(whole, seed) if dirt else ""
            (whole / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise TargetError(f"{folder} cannot be written: {why}.", try_this="another folder.") from fault
    return folder


def sizes() -> tuple[str, ...]:
    """Which sizes of force can be made?"""
    return (*SIZES, *PLANS)


def pieces_of_work(size: str) -> int | None:
    """How often is `progress` called for a big force? None for a small one, whose end is near."""
    return len(chunks_of(size)) + len(TABLES) if size in PLANS else None


def check_target(folder: Path) -> None:
    """Raises TargetError unless the folder is absent or empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise TargetError(f"{folder} {what}; nothing in it was changed.", try_this="a folder that does not exist yet.")


def make_force(shape: Shape, *, seed: int = 1, truth: Truth | None = None) -> dict[str, Frame]:
    """The tables of a made-up force, in memory: table name -> frame, in the order of `records.tables`."""
    return draw_tables(draw_world(shape, truth or Truth(), seed), seed)


def _write_small(whole: Path, world: World, seed: int, progress: Progress | None) -> ByYear:
    """Every table of a force that fits in memory, as CSV."""
    tables = draw_tables(world, seed)
    for n, (name, frame) in enumerate(tables.items()):
        if progress:
            progress(n, len(tables), name)
        _write_table(whole / f"{name}.csv", name, frame)
    return expected_by_year(world)


def _planted(whole: Path, seed: int) -> str:
    """Faults in the tables, and what the truth says of them."""
    to_csv(whole)
    planted = plant(whole, rng=stream(seed, "dirt"))
    return (
        "\n# Faults that were planted: `dueregard check FOLDER --planted truth.toml` tells which are found.\n\n"
        + planted_as_toml(planted)
    )


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, beside the target, which is renamed once it is whole: an interrupt leaves nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    near = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        whole = near / "whole"
        whole.mkdir()
        yield whole
        shutil.rmtree(whole / "spill", ignore_errors=True)
        if folder.is_dir():
            folder.rmdir()  # empty, or this fails and nothing is lost
        whole.rename(folder)
    finally:
        shutil.rmtree(near, ignore_errors=True)


def _write_table(path: Path, name: str, frame: Frame) -> None:
    """One table as CSV, its columns in the order in which they are declared."""
    header = [column for column in table(name).names if column in frame]
    columns = [np.asarray(frame[column], dtype=object).tolist() for column in header]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(zip(*columns, strict=True))
