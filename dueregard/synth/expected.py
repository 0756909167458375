"""What would an endless run of a made-up force show? Computed from what was set, never from what was drawn.

Schools, pupils and postings are those of the force; contacts are expectations. Ethnicity is the true broad group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dueregard.synth.draws import numbers_of
from dueregard.synth.events import rates
from dueregard.synth.truth import Truth
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.missing import CollectionState
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

ENTERING = (CollectionState.COMPLETE, CollectionState.NIL)
CHAIN = ("recorded_as_suspect", "sent_to_cps", "charged")  # the conditional steps of `decompose` (design.md 3)


@dataclass(frozen=True, slots=True)
class Expected:
    """Pupil-years and expected involvements of one force, or of one part of it.

    years, mean: shape (n_years, n_schools, 2, n_groups); the third axis is without and with an officer posted that day;
    the groups are those of ethnicity (5), sex (2) and need (3), one after another. mean counts schools that report
    nothing as if they did. state: shape (n_years, n_schools). crossed: shape (n_intersections, 2, 2): pupil-years and
    involvements inside and outside of each intersection, in every school and year.
    """

    academic_years: tuple[str, ...]
    years: np.ndarray
    mean: np.ndarray
    state: np.ndarray
    crossed: np.ndarray


COLUMNS = {"ethnicity": BROAD, "sex": ("F", "M"), "sen_provision": ("N", "K", "E")}


def expected_of(world: World) -> Expected:
    """The expectations of one part of a force."""
    n_years, n, k = world.shape.n_years, world.schools.n, sum(map(len, COLUMNS.values()))
    years, mean = np.zeros((n_years, n, 2, k)), np.zeros((n_years, n, 2, k))
    crossed = np.zeros((len(world.crossed), 2, 2))
    cells = _cells(world)
    for n_term, term in enumerate(world.days.terms):
        on = world.pupils.on[:, n_term] & world.pupils.is_counted
        with_days = (world.postings.holder[:, term.days] >= 0).sum(axis=1)[world.pupils.school]
        for z, days in enumerate((len(term.days) - with_days, with_days)):
            exposure = on * days / SCHOOL_DAYS_A_YEAR
            contacts = rates(world, term, with_officer=bool(z)) * exposure
            years[term.year, :, z] += _summed(exposure, cells, n, k)
            mean[term.year, :, z] += _summed(contacts, cells, n, k)
            crossed += _of_crossed(world, term.year, exposure, contacts)
    names = tuple(term.academic_year for term in world.days.terms[::3])
    return Expected(names, years, mean, world.schools.state.T, crossed)


def joined(parts: Sequence[Expected]) -> Expected:
    """The expectations of a whole force from those of its parts."""
    years, mean, state = (
        np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("years", "mean", "state")
    )
    return Expected(parts[0].academic_years, years, mean, state, np.sum([part.crossed for part in parts], axis=0))


def _cells(world: World) -> list[np.ndarray]:
    """For each characteristic, the position of each pupil's school and group in the flat table."""
    k = sum(map(len, COLUMNS.values()))
    sen = numbers_of({"N": 0, "K": 1, "E": 2}, world.pupils.sen_provision).astype(int)
    codes = (world.pupils.group, 5 + (world.pupils.sex == "M"), 7 + sen)
    return [world.pupils.school * k + code for code in codes]


def _summed(values: np.ndarray, cells: list[np.ndarray], n: int, k: int) -> np.ndarray:
    return sum(np.bincount(cell, weights=values, minlength=n * k) for cell in cells).reshape(n, k)  # type: ignore[union-attr]


def _of_crossed(world: World, year: int, exposure: np.ndarray, contacts: np.ndarray) -> np.ndarray:
    groups = (world.pupils.first_group + year).clip(0, 13)
    found = np.zeros((len(world.crossed), 2, 2))
    for n, (one, is_in) in enumerate(zip(world.truth.intersections, world.crossed, strict=True)):
        inside = is_in & one.is_of_year()[groups]
        found[n] = [[(values * inside).sum(), (values * ~inside).sum()] for values in (exposure, contacts)]
    return found


def expected_within_school(world: World) -> dict[str, dict[str, float]]:
    """The relative rate of contact within schools, of involvements per pupil-year, by column and group.

    Stratified by school over all terms, with the person-time weights of Rothman and Greenland (Mantel-Haenszel).
    Sex and need are drawn together (more boys have a plan), so that their ratios here exceed what was set.
    """
    return within_school(expected_of(world))


def within_school(expected: Expected, *, year: int | None = None) -> dict[str, dict[str, float]]:
    """The same from expectations; of one academic year, with the schools that enter its figures, where it is given."""
    years, mean = _entering(expected, year)
    return {
        name: {code: mantel_haenszel(mean[:, at], years[:, at], mean[:, first], years[:, first])
               for at, code in enumerate(codes, first)}
        for name, first, codes in zip(COLUMNS, (0, 5, 7), COLUMNS.values(), strict=True)
    }  # fmt: skip


def crude(expected: Expected, *, year: int | None = None) -> dict[str, dict[str, float]]:
    """The relative rate of contact over all schools together, by column and group."""
    years, mean = (part.sum(axis=0) for part in _entering(expected, year))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = mean / years
        return {name: {code: float(rate[at] / rate[first]) for at, code in enumerate(codes, first)}
                for name, first, codes in zip(COLUMNS, (0, 5, 7), COLUMNS.values(), strict=True)}  # fmt: skip


def rates_per_1000(expected: Expected, *, year: int) -> dict[str, float]:
    """Expected involvements per 1,000 pupil-years of each broad group, in the schools that enter."""
    years, mean = (part.sum(axis=0) for part in _entering(expected, year))
    return {group: float(1000 * mean[n] / years[n]) for n, group in enumerate(BROAD) if years[n]}


def _entering(expected: Expected, year: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Pupil-years and involvements of the schools that enter, officer or not together. Shape (n_schools, n_groups)."""
    if year is None:
        return expected.years.sum(axis=(0, 2)), expected.mean.sum(axis=(0, 2))
    years, mean = entering_by_posting(expected, year)
    return years.sum(axis=1), mean.sum(axis=1)


def entering_by_posting(expected: Expected, year: int) -> tuple[np.ndarray, np.ndarray]:
    """The same apart for days without and with an officer. A school that says *nothing to report* has no contacts."""
    state = expected.state[year]
    keep = np.isin(state.astype(np.str_), [str(one) for one in ENTERING])
    is_nil = (state == CollectionState.NIL)[keep]
    return expected.years[year][keep], expected.mean[year][keep] * ~is_nil[:, None, None]


def mantel_haenszel(events: np.ndarray, years: np.ndarray, other_events: np.ndarray, other_years: np.ndarray) -> float:
    """The ratio of two rates within strata, from expected counts. nan where nothing can be compared."""
    total = np.maximum(years + other_years, 1e-12)
    above, below = (events * other_years / total).sum(), (other_events * years / total).sum()
    return float(above / below) if below > 0 else float("nan")


def chain(expected: Expected, truth: Truth, group: str, *, year: int) -> dict[str, float]:
    """The factors of a group's relative rate of charge: their product is the crude ratio, exactly.

    placement x sorting x contact_within, by whether an officer was posted that day (methods.md section 3), then each
    conditional step as mix x within. Gates are the same in every school, so each mix is 1. A cell without pupils of
    the comparison group takes the rate that such pupils have in the other schools, by posting; its share of the
    group's pupil-days is `off_support`.
    """
    years, mean = entering_by_posting(expected, year)
    at, cell_w = BROAD.index(group), (years[..., 0], mean[..., 0])
    x_g, c_g = years[..., at], mean[..., at]
    total_z = cell_w[1].sum(axis=0) / np.maximum(cell_w[0].sum(axis=0), 1e-300)
    rate_w = np.where(cell_w[0] > 0, cell_w[1] / np.where(cell_w[0] > 0, cell_w[0], 1), total_z)
    p_g, p_w = x_g.sum(axis=0) / x_g.sum(), cell_w[0].sum(axis=0) / cell_w[0].sum()
    standardised = (x_g * rate_w).sum() / x_g.sum()
    found = {
        "placement": (p_g * total_z).sum() / (p_w * total_z).sum(),
        "sorting": standardised / (p_g * total_z).sum(),
        "contact_within": c_g.sum() / x_g.sum() / standardised,
    }
    for stage in CHAIN:
        shares = truth.gate(stage).shares()
        found |= {f"{stage}_mix": 1.0, f"{stage}_within": shares[at] / shares[0]}
    found["total"] = float(np.prod(list(found.values())))
    found["off_support"] = x_g[cell_w[0] <= 0].sum() / x_g.sum()
    return {name: float(value) for name, value in found.items()}
