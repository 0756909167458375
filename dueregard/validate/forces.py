"""Trials end to end: forces written as files, checked, frozen, counted and compared by the same steps as real ones.

One draw is one force. Its figures (four groups, three years) are pooled over forces.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dueregard.validate import truths
from dueregard.validate.trial import ALARMS, COVERAGE, LOG, THROUGH_FILES, Case, Claim, Declared, Draws, Found

if TYPE_CHECKING:
    from dueregard.measures.measure import Measure
    from dueregard.synth.truth import Truth

YEARS = ("2021/22", "2022/23", "2023/24")
GROUPS = ("M", "A", "B", "O")
STAGES = ("contact", "recorded_as_suspect", "referred_by_school")
CHECKED_ON = date(2026, 11, 23)  # any day after the made-up years: it only bounds dates in the files
FORCES = Draws(quick=1, full=30, block=1)
LARGEST_SEED = 2**31


@dataclass(frozen=True, slots=True)
class Asked:
    """What is set, and what is asked of each force."""

    truth: Callable[[], Truth]
    unit: str
    denominator: str
    stages: tuple[str, ...]
    is_neutral: bool = False


def trials() -> tuple[Declared, ...]:
    covers = Claim(COVERAGE, 0.935, 0.965, "of all figures together, when no pupil comes back more than chance would have it",
                   lambda _: True, is_pooled=True, allowance=3.0)  # fmt: skip
    rarely = Claim(ALARMS, 0.0, 0.06, "of all figures together, where every factor of the truth is 1", lambda _: True,
                   is_pooled=True, allowance=3.0)  # fmt: skip
    contacts = partial(Asked, unit="involvements", denominator="pupil_years", stages=("contact",))
    pupils = Asked(truths.neutral, "pupils", "pupils_on_roll", STAGES, is_neutral=True)
    estimates = "within schools, a group's rate as a multiple of the White group's, from a force's files"
    return (
        _declared("files_contacts", "Contacts within schools, nobody comes back, from files to figure", estimates,
                  (covers,), contacts(truths.without_repeats)),
        _declared("files_contacts_repeats", "Contacts within schools, pupils come back, from files to figure", estimates, (),
                  contacts(truths.as_it_comes),
                  remark="It claims nothing: the range takes each contact as another pupil's, and is too narrow."),
        _declared("files_neutral", "Pupils within schools, all equal, from files to verdict", estimates, (rarely,), pupils),
    )  # fmt: skip


def _declared(
    name: str, title: str, estimates: str, claims: tuple[Claim, ...], asked: Asked, *, remark: str = ""
) -> Declared:
    cases = tuple(Case(f"borough, {stage}", np.nan, np.nan, {"asked": asked, "stage": stage}) for stage in asked.stages)
    whole = (Case("borough, three years", np.nan, np.nan, {"asked": asked}),)
    return Declared(name, title, estimates, claims, lambda: whole if len(cases) > 1 else cases, draw_seeds, through_files,
                    form=THROUGH_FILES, error=LOG, draws=FORCES, remark=remark)  # fmt: skip


def draw_seeds(rng: np.random.Generator, case: Case, n: int) -> list[int]:
    """The seeds of the forces: all that chance does in them follows from these."""
    return rng.integers(LARGEST_SEED, size=n).tolist()


def through_files(case: Case, seeds: list[int]) -> Found:
    """The figures of each force and what was set. Shape (n_forces, stages x years x groups)."""
    rows = [_figures(case.of["asked"], seed) for seed in seeds]
    estimate, lower, upper, truth = np.array(rows, dtype=float).transpose(2, 0, 1)
    return Found(estimate, lower, upper, truth)


def _figures(asked: Asked, seed: int) -> list[tuple[float, float, float, float]]:
    """(estimate, lower, upper, truth) of each stage, year and group of one force."""
    from dueregard import steps
    from dueregard.collect.collect import Source
    from dueregard.synth.force import write_force

    folder = Path(tempfile.mkdtemp(prefix="dueregard-validate-"))
    try:
        source = write_force(folder / "force", size="borough", seed=seed, truth=asked.truth())
        snapshot, _ = steps.freeze([Source(source)], folder / "snapshots", today=CHECKED_ON)
        expected = _expected(source, asked)
        return [row for measure in _measures(asked) for row in _compared(snapshot.path, measure, expected)]
    finally:
        _clear(folder)


def _measures(asked: Asked) -> list[Measure]:
    from dueregard.measures.measure import Measure

    return [Measure(stage, unit=asked.unit, denominator=asked.denominator, within=("school",), period=year)
            for stage in asked.stages for year in YEARS]  # fmt: skip


def _expected(source: Path, asked: Asked) -> dict[str, float]:
    """What the force says an endless run of it would show; of a neutral one, equality."""
    if asked.is_neutral:
        return dict.fromkeys(GROUPS, 1.0)
    told = tomllib.loads((source / "truth.toml").read_text(encoding="utf-8"))
    return told["expected_within_school"]["contact"]["ethnicity"]


def _compared(path: Path, measure: Measure, expected: dict[str, float]) -> list[tuple[float, float, float, float]]:
    from dueregard import steps

    found = {g.code: g.within_relative_rate for g in steps.compare(path, measure).groups}
    rows = []
    for group in GROUPS:
        one = found.get(group)
        limits = (np.nan,) * 3 if one is None else (one.estimate, one.lower, one.upper)
        rows.append((*limits, expected[group]))
    return rows


def _clear(folder: Path) -> None:
    """Snapshots are read-only: give the rights back, then away with them."""
    for inner in folder.rglob("*"):
        if inner.is_dir() and not inner.is_symlink():
            inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
