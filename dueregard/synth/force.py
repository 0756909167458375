"""Writes a made-up force: one file a table, and the truth beside them. A big force is drawn part by part."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dueregard.errors import TargetError, UnknownName, UsageError
from dueregard.records.tables import TABLES
from dueregard.synth.areas import FIRST_YEAR, parts_of
from dueregard.synth.counted import complaint_frame, sanction_frame, survey_frame
from dueregard.synth.counts_only import as_published
from dueregard.synth.days import calendar_frame
from dueregard.synth.dirt import Planting, plant
from dueregard.synth.draws import Frame
from dueregard.synth.events import draw_events
from dueregard.synth.expected import Expected, expected_of, joined
from dueregard.synth.ladder import climb, outcome_frame, step_frame
from dueregard.synth.postings import consultation_frame, establishment_frame, posting_frame
from dueregard.synth.powers import power_use_frame
from dueregard.synth.pupils import roll_frame
from dueregard.synth.recorded import contact_frame, involvement_frame, involvement_names
from dueregard.synth.schools import collection_frame, school_frame
from dueregard.synth.shape import BOROUGH, Shape, stream
from dueregard.synth.support import activity_frame, service_offer_frame, support_frame
from dueregard.synth.told import Planted, as_toml
from dueregard.synth.truth import Truth
from dueregard.synth.world import World, draw_world, part_of
from dueregard.synth.written import Part, in_processes, is_database_fault, join_parts, write_part

TRUTH_FILE = "truth.toml"
SIZES = ("borough", *FIRST_YEAR)
Progress = Callable[[int, int, str], None]


def write_force(
    folder: Path, *, size: str = "borough", seed: int = 1, progress: Progress | None = None, truth: Truth | None = None,
    with_dirt: bool = False, n_workers: int | None = None,
) -> Path:  # fmt: skip
    """What would the records of a police force look like, if its truth were known?

    Writes the native layout and `truth.toml` into `folder`, and returns it: CSV for a borough, Parquet for a big
    force. The same size, seed and truth give the same bytes, however many processes draw it. The folder appears whole
    or not at all.
    progress: called with the number of steps done, how many there are, and the name of the next one.
    truth: what is set; by size, `Truth.of_size`, unless given. with_dirt: faults are planted, and listed in the truth.
    n_workers: processes that draw the parts of a big force; as many as there are cores unless given.
    Raises UnknownName if there is no such size, UsageError if the seed is negative, TargetError if `folder` is a
    file, is not empty, or cannot be written.
    """
    folder = Path(folder)
    if size not in SIZES:
        raise UnknownName("size", size, SIZES)
    if seed < 0:
        raise UsageError("A seed is a whole number, 0 or more.", try_this="--seed 1.")
    truth = truth or Truth.of_size(size)
    try:
        check_target(folder)
        with _whole(folder.resolve()) as whole:
            expected, planted = _fill(whole, size, seed, truth, progress or _quiet, with_dirt, n_workers)
            text = as_toml(truth, size=size, seed=seed, expected=expected, planted=planted)
            (whole / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")
    except Exception as fault:
        if not isinstance(fault, OSError) and not is_database_fault(fault):
            raise
        why = getattr(fault, "strerror", None) or str(fault).splitlines()[0]
        raise TargetError(f"{folder} cannot be written: {why}.", try_this="another folder.") from fault
    return folder


def _quiet(n: int, total: int, name: str) -> None: ...


def sizes() -> tuple[str, ...]:
    """Which sizes of force can be made?"""
    return SIZES


def n_steps(size: str, seed: int) -> int:
    """How many steps does `progress` tell of?"""
    return len(parts_of(size, seed)) + len(TABLES) if size in FIRST_YEAR and seed >= 0 else len(TABLES) - 1


def check_target(folder: Path) -> None:
    """Raises TargetError unless the folder is absent or empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise TargetError(f"{folder} {what}; nothing in it was changed.", try_this="a folder that does not exist yet.")


def _fill(
    folder: Path, size: str, seed: int, truth: Truth, progress: Progress, with_dirt: bool, n_workers: int | None
) -> tuple[Expected, list[Planted]]:
    """Writes every table into a folder. Returns what an endless run would show, and where faults were planted."""
    if size == "borough":
        part = draw_part(BOROUGH, seed, truth, with_dirt=with_dirt)
        write_part(folder, part, progress=progress)
        return part.expected, [(f"{table}.csv", row + 2, code) for table, row, code in part.planted]
    shapes = parts_of(size, seed)
    total = len(shapes) + len(TABLES)
    pieces = folder.parent / "parts"
    jobs = [(pieces, shape, seed, truth, with_dirt) for shape in shapes]
    done = in_processes(draw_piece, jobs, n_workers, lambda n: progress(n, total, f"{n} of {len(shapes)} parts"))
    offsets = join_parts(pieces, folder, done, lambda n, name: progress(len(shapes) + n, total, name))
    planted = [(f"{table}.parquet", offsets[n][table] + row + 1, code)
               for n, part in enumerate(done) for table, row, code in part.planted]  # fmt: skip
    return joined([part.expected for part in done]), planted


def draw_part(shape: Shape, seed: int, truth: Truth, *, with_dirt: bool = False) -> Part:
    """One part of a force, in memory, with faults where they are asked for."""
    world = draw_world(shape, truth, seed)
    tables = draw_tables(world, seed)
    planted: list[Planting] = []
    if with_dirt:
        tables, planted = plant(stream(seed, part_of(shape, "dirt")), tables)
    return Part(shape.part, tables, expected_of(world), planted)


def draw_piece(pieces: Path, shape: Shape, seed: int, truth: Truth, with_dirt: bool) -> Part:
    """Draws one part of a big force and writes it as files of its own; what comes back holds no rows."""
    return write_part(pieces, draw_part(shape, seed, truth, with_dirt=with_dirt), as_parquet=True)


def make_force(shape: Shape, *, seed: int = 1, truth: Truth | None = None) -> dict[str, Frame]:
    """The tables of a made-up force, in memory: table name -> frame, in the order of `records.tables`."""
    return draw_tables(draw_world(shape, truth or Truth(), seed), seed)


def draw_tables(world: World, seed: int) -> dict[str, Frame]:
    """Every table, each from a stream of random numbers of its own."""

    def own(name: str) -> np.random.Generator:
        return stream(seed, part_of(world.shape, name))

    found = _standing_tables(world, own) | _event_tables(world, own)
    return {declared.name: found[declared.name] for declared in TABLES if declared.name in found}


def _standing_tables(world: World, own: Callable[[str], np.random.Generator]) -> dict[str, Frame]:
    shape, days, schools, postings = world.shape, world.days, world.schools, world.postings
    return {
        "school": school_frame(shape, schools),
        "calendar": calendar_frame(shape, days),
        "roll": roll_frame(world.pupils, schools, shape, days),
        "posting": posting_frame(postings, schools, shape, days),
        "establishment": establishment_frame(postings, shape),
        "service_offer": service_offer_frame(own("service_offer"), world),
        "activity": activity_frame(own("activity"), world),
        "sanction": sanction_frame(own("sanction"), world),
        "survey": survey_frame(own("survey"), world),
        "consultation": consultation_frame(own("consultation"), postings, shape, days),
        "collection": collection_frame(shape, schools),
    }


def _event_tables(world: World, own: Callable[[str], np.random.Generator]) -> dict[str, Frame]:
    seen = draw_events(own("events"), world)
    up = climb(own("ladder"), world, seen)
    names = involvement_names(world, seen)
    found = {
        "contact": contact_frame(own("contact"), world, seen, up),
        "involvement": involvement_frame(own("involvement"), world, seen, up),
        "power_use": power_use_frame(own("power_use"), up, names),
        "step": step_frame(own("step"), world, seen, up, names),
        "outcome": outcome_frame(world, up, names),
        "support": support_frame(own("support"), world, seen, up, names),
        "complaint": complaint_frame(own("complaint"), world, seen, up),
    }
    return as_published(found, world, seen, up) if world.truth.as_counts else found


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, beside the target, that becomes it at the end: an interrupt or a full disk leaves nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    near = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        whole = near / "whole"
        whole.mkdir()
        yield whole
        if folder.is_dir():
            folder.rmdir()  # empty, or this fails and nothing is lost
        whole.rename(folder)
    finally:
        shutil.rmtree(near, ignore_errors=True)
