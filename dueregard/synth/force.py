"""Writes a made-up force: one CSV file a table, and the truth beside them."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dueregard.errors import TargetError, UsageError
from dueregard.records.tables import TABLES, table
from dueregard.synth.counted import complaint_frame, sanction_frame, survey_frame
from dueregard.synth.days import calendar_frame
from dueregard.synth.draws import Frame
from dueregard.synth.events import draw_events
from dueregard.synth.expected import expected_within_school
from dueregard.synth.ladder import climb, outcome_frame, step_frame
from dueregard.synth.postings import consultation_frame, establishment_frame, posting_frame
from dueregard.synth.powers import power_use_frame
from dueregard.synth.pupils import roll_frame
from dueregard.synth.recorded import contact_frame, involvement_frame, involvement_names
from dueregard.synth.schools import collection_frame, school_frame
from dueregard.synth.shape import SIZES, Shape, shape_of, stream
from dueregard.synth.support import activity_frame, service_offer_frame, support_frame
from dueregard.synth.truth import Truth, as_toml
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
) -> Path:
    """What would the records of a police force look like, if its truth were known?

    Writes the native layout (one CSV a table) and `truth.toml` into `folder`, and returns it. The same size, seed
    and truth give the same bytes. The folder appears whole or not at all.
    progress: called with the number of tables written, how many there are, and the name of the next one.
    truth: the rates and relative rates to set; the illustrative ones unless given.
    Raises UnknownName if there is no such size, UsageError if the seed is negative, TargetError if `folder` is a
    file, is not empty, or cannot be written.
    """
    folder = Path(folder)
    shape = shape_of(size)
    if seed < 0:
        raise UsageError("A seed is a whole number, 0 or more.", try_this="--seed 1.")
    try:
        check_target(folder)
        world = draw_world(shape, truth or Truth(), seed)
        text = as_toml(world.truth, size=size, seed=seed, expected=expected_within_school(world))
        _write_whole(folder.resolve(), draw_tables(world, seed), text, progress)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise TargetError(f"{folder} cannot be written: {why}.", try_this="another folder.") from fault
    return folder


def sizes() -> tuple[str, ...]:
    """Which sizes of force can be made?"""
    return tuple(SIZES)


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


def draw_tables(world: World, seed: int) -> dict[str, Frame]:
    """Every table, each from a stream of random numbers of its own."""
    found = _standing_tables(world, seed) | _event_tables(world, seed)
    return {declared.name: found[declared.name] for declared in TABLES if declared.name in found}


def _standing_tables(world: World, seed: int) -> dict[str, Frame]:
    shape, days, schools, postings = world.shape, world.days, world.schools, world.postings
    return {
        "school": school_frame(shape, schools),
        "calendar": calendar_frame(shape, days),
        "roll": roll_frame(world.pupils, schools, days),
        "posting": posting_frame(postings, schools, days),
        "establishment": establishment_frame(postings, shape),
        "service_offer": service_offer_frame(stream(seed, "service_offer"), world),
        "activity": activity_frame(stream(seed, "activity"), world),
        "sanction": sanction_frame(stream(seed, "sanction"), world),
        "survey": survey_frame(stream(seed, "survey"), world),
        "consultation": consultation_frame(stream(seed, "consultation"), postings, days),
        "collection": collection_frame(shape, schools),
    }


def _event_tables(world: World, seed: int) -> dict[str, Frame]:
    seen = draw_events(stream(seed, "events"), world)
    up = climb(stream(seed, "ladder"), world, seen)
    names = involvement_names(world, seen)
    return {
        "contact": contact_frame(stream(seed, "contact"), world, seen, up),
        "involvement": involvement_frame(stream(seed, "involvement"), world, seen, up),
        "power_use": power_use_frame(stream(seed, "power_use"), up, names),
        "step": step_frame(stream(seed, "step"), world, seen, up, names),
        "outcome": outcome_frame(world, up, names),
        "support": support_frame(stream(seed, "support"), world, seen, up, names),
        "complaint": complaint_frame(stream(seed, "complaint"), world, seen, up),
    }


def _write_whole(folder: Path, tables: dict[str, Frame], truth: str, progress: Progress | None) -> None:
    """Writes into a temporary folder beside the target, then renames it: an interrupt leaves nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    near = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        whole = near / "whole"
        whole.mkdir()
        for n, (name, frame) in enumerate(tables.items()):
            if progress:
                progress(n, len(tables), name)
            _write_table(whole / f"{name}.csv", name, frame)
        (whole / TRUTH_FILE).write_text(truth, encoding="utf-8", newline="\n")
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
