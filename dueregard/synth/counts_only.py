"""A source that publishes counts: stages by school, year, group and sex, rounded and suppressed by the source."""

from __future__ import annotations

import numpy as np

from dueregard.synth.draws import Frame, words_of
from dueregard.synth.events import Happened
from dueregard.synth.ladder import Climb
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.missing import ALL

ROWS = ("contact", "involvement", "power_use", "step", "outcome", "support", "complaint")
STAGES = ("contact", "referred_by_school", "arrested", "charged")
SEXES = ("F", "M")


def as_published(tables: dict[str, Frame], world: World, seen: Happened, up: Climb) -> dict[str, Frame]:
    """The tables without rows about anybody: their stages are counted in `stage_count`, by the pupil's true group."""
    kept = {name: frame for name, frame in tables.items() if name not in ROWS}
    return kept | {"stage_count": stage_count_frame(world, seen, up)}


def stage_count_frame(world: World, seen: Happened, up: Climb) -> Frame:
    """One row a school, academic year, stage, broad group and sex, zero too. Events are involvements."""
    years = [term.academic_year for term in world.days.terms[::3]]
    shape = (len(STAGES), world.schools.n, len(years), len(BROAD), len(SEXES))
    counts = np.stack([_counted(world, seen, is_at, shape[1:]) for is_at in _reached(seen, up)])
    stage, school, year, group, sex = (at.ravel() for at in np.indices(shape))
    shown, state = published(counts.ravel(), round_to=world.truth.round_to, suppress_below=world.truth.suppress_below)
    n = len(stage)
    return {
        "urn": world.schools.urn[school, year], "period": words_of(years, year), "stage": words_of(STAGES, stage),
        "unit": np.full(n, "involvements", dtype=object), "ethnicity": words_of(BROAD, group),
        "sex": words_of(SEXES, sex), "sen_provision": np.full(n, ALL, dtype=object),
        "disability": np.full(n, ALL, dtype=object), "tabulation": np.full(n, "all", dtype=object),
        "n": shown, "state": state,
    }  # fmt: skip


def _reached(seen: Happened, up: Climb) -> tuple[np.ndarray, ...]:
    referred = seen.is_ladder & seen.is_referred[seen.contact]
    return seen.is_ladder, referred, up.is_at("arrested"), up.is_at("charged")


def _counted(world: World, seen: Happened, is_at: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    pupil, contact = seen.pupil[is_at], seen.contact[is_at]
    year = seen.term[contact] // 3
    cell = np.ravel_multi_index(
        (seen.school[contact], year, world.pupils.group[pupil], (world.pupils.sex[pupil] == "M").astype(int)), shape
    )
    return np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)


def published(counts: np.ndarray, *, round_to: int, suppress_below: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts as a source prints them, and the state of each cell. A true zero is printed; blank where suppressed.

    >>> [values.tolist() for values in published(np.array([0, 2, 12]), round_to=5, suppress_below=3)]
    [['0', '', '10'], ['counted', 'suppressed', 'counted']]
    """
    is_hidden = (counts > 0) & (counts < suppress_below)
    rounded = (counts + round_to // 2) // round_to * round_to if round_to else counts
    return np.where(is_hidden, "", rounded.astype(str)).astype(object), words_of(
        ("counted", "suppressed"), is_hidden.astype(int)
    )
