"""What would an endless run of one made-up force show, school by school, with nothing else held equal?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dueregard.synth.events import rates
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

Sums = dict[tuple[str, str], tuple[float, float]]  # column, code -> above and below the line of its ratio


def expected_within_school(world: World) -> dict[str, dict[str, float]]:
    """The relative rate of contact within schools, of involvements per pupil-year, by column and group.

    Stratified by school over all terms, with the person-time weights of Rothman and Greenland (Mantel-Haenszel).
    Sex and need are drawn together (more boys have a plan), so that their ratios here exceed what was set.
    """
    return ratios(sums_within_school(world))


def ratios(sums: Sums) -> dict[str, dict[str, float]]:
    """The relative rates that sums stand for: column -> code -> ratio."""
    found: dict[str, dict[str, float]] = {}
    for (column, code), (above, below) in sums.items():
        found.setdefault(column, {})[code] = above / below
    return found


def added(parts: Sequence[Sums]) -> Sums:
    """The sums of a force from those of its chunks, in their order: schools of two chunks are not compared."""
    total: Sums = {}
    for part in parts:
        for key, (above, below) in part.items():
            before = total.get(key, (0.0, 0.0))
            total[key] = (before[0] + above, before[1] + below)
    return total


def sums_within_school(world: World) -> Sums:
    """What a school adds above and below the line of each relative rate, summed over the schools of a chunk."""
    mean, exposure = _per_pupil(world)
    groups = np.array(BROAD, dtype=object)[world.pupils.group]
    columns = {"ethnicity": (groups, BROAD), "sex": (world.pupils.sex, tuple(world.truth.by_sex)),
               "sen_provision": (world.pupils.sen_provision, tuple(world.truth.by_sen_provision))}  # fmt: skip
    return {(name, code): _sums(world, mean, exposure, values == code, values == codes[0])
            for name, (values, codes) in columns.items() for code in codes}  # fmt: skip


def _per_pupil(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Expected involvements and pupil-years of each pupil. Shape (n_pupils,) each."""
    mean, exposure = np.zeros(world.pupils.n), np.zeros(world.pupils.n)
    for n, term in enumerate(world.days.terms):
        on = world.pupils.on[:, n] & world.pupils.is_counted
        n_posted = (world.postings.holder[:, term.days] >= 0).sum(axis=1)[world.pupils.school]
        with_officer = rates(world, term, with_officer=True) * n_posted
        without = rates(world, term, with_officer=False) * (len(term.days) - n_posted)
        mean += on * (with_officer + without) / SCHOOL_DAYS_A_YEAR
        exposure += on * term.share_of_year
    return mean, exposure


def _sums(
    world: World, mean: np.ndarray, exposure: np.ndarray, is_group: np.ndarray, is_other: np.ndarray
) -> tuple[float, float]:
    def by_school(values: np.ndarray, is_in: np.ndarray) -> np.ndarray:
        return np.bincount(world.pupils.school, weights=values * is_in, minlength=world.schools.n)

    events, years = by_school(mean, is_group), by_school(exposure, is_group)
    other_events, other_years = by_school(mean, is_other), by_school(exposure, is_other)
    total = np.maximum(years + other_years, 1e-12)
    return float((events * other_years / total).sum()), float((other_events * years / total).sum())
