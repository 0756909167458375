"""Makes a force that no memory holds whole: chunk by chunk, in several processes, the same bytes however many they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dueregard.records.tables import TABLES
from dueregard.synth.expected import ByYear, added, expected_by_year
from dueregard.synth.pieces import database, join_pieces, write_piece
from dueregard.synth.postings import establishment_frame
from dueregard.synth.shape import Shape
from dueregard.synth.tables import draw_tables
from dueregard.synth.truth import Truth
from dueregard.synth.world import World, draw_world
from dueregard.workers import start_worker

ONCE = ("establishment",)  # tables of the whole force
SUMMED = {"survey": ("n_asked", "n_agreed")}  # the answers of an area of several chunks are one line
MOST_WORKERS = 2  # each holds a chunk, an interpreter and a database: two stay below 1 GiB
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One chunk to make: its shape, and where its pieces go."""

    shape: Shape
    truth: Truth
    seed: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Made:
    """What a chunk leaves beside its pieces."""

    expected: ByYear
    n_officers: tuple[int, ...]  # of the scheme, on a day in each year


def make_chunk(job: Job) -> Made:
    """Draw one chunk and write its pieces. Nothing of it depends on another chunk."""
    seed = (job.seed, job.shape.chunk)
    world = draw_world(job.shape, job.truth, seed)
    connection = database(job.folder)
    for name, frame in draw_tables(world, seed).items():
        if name in ONCE or _is_told(name, job.shape) or (job.shape.chunk and not len(next(iter(frame.values())))):
            continue
        write_piece(connection, _piece(job.folder, name, job.shape.chunk), name, frame)
    return Made(expected_by_year(world), tuple(world.postings.n_of_scheme(day) for day in _march(world)))


def _march(world: World) -> Iterator[int]:
    """The first of March of each year: most officers who come in a year have come by then."""
    return (world.days.number(date(year + 1, 3, 1)) for year in world.shape.years)


def _is_told(name: str, shape: Shape) -> bool:
    """Has another part of this area written it already?"""
    return name == "calendar" and shape.part > 0


def _piece(folder: Path, name: str, chunk: int) -> Path:
    return folder / f"{name}-{chunk:05d}.parquet"


def write_chunks(
    folder: Path, shapes: tuple[Shape, ...], *, truth: Truth, seed: int, workers: int | None = None,
    progress: Told | None = None,
) -> ByYear:  # fmt: skip
    """Write every table of a big force into `folder`, one Parquet file each; gives what is expected of it.

    workers: how many processes; as many as there are cores, at most two. progress: called before each piece of work.
    """
    total = len(shapes) + len(TABLES)
    jobs = [Job(shape, truth, seed, folder) for shape in shapes]
    made = []
    workers = workers or _cores()
    for n, one in enumerate(_work(jobs, workers)):
        made.append(one)
        if progress:
            progress(n, total, shapes[n].area)
    connection = database(folder, threads=workers)  # the workers are gone: theirs is the parent's now
    officers = [sum(of_year) for of_year in zip(*(one.n_officers for one in made), strict=True)]
    posts = establishment_frame(officers, shapes[0], is_london=all(shape.withdrawn for shape in shapes))
    write_piece(connection, _piece(folder, "establishment", 0), "establishment", posts)
    for n, declared in enumerate(TABLES):
        if progress:
            progress(len(shapes) + n, total, declared.name)
        _join(connection, folder, declared.name)
    return added([one.expected for one in made])


def _join(connection: Any, folder: Path, name: str) -> None:
    pieces = sorted(folder.glob(f"{name}-*.parquet"))
    if pieces:
        join_pieces(connection, pieces, folder / f"{name}.parquet", sums=SUMMED.get(name, ()))


def _cores() -> int:
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _work(jobs: list[Job], workers: int) -> Iterator[Made]:
    """The chunks in order. With one worker in this process; with more in fresh ones, which share nothing."""
    if workers == 1:
        yield from map(make_chunk, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start_worker)
    try:
        yield from pool.map(make_chunk, jobs)
    finally:
        pool.shutdown(cancel_futures=True)  # after an interrupt the chunks at work end first: they write no more after
