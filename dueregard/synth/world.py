"""Everything of a made-up force that was there before anything happened: schools, pupils, postings, days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.synth.days import Days, days_of
from dueregard.synth.draws import numbers_of
from dueregard.synth.postings import Postings, draw_postings
from dueregard.synth.pupils import Pupils, draw_pupils
from dueregard.synth.schools import Schools, draw_schools
from dueregard.synth.shape import Shape, stream
from dueregard.synth.truth import Intersection, Truth
from dueregard.terms.ethnicity import BROAD


@dataclass(frozen=True, slots=True)
class World:
    """One force, and the truth that was set for it."""

    shape: Shape
    truth: Truth
    days: Days
    schools: Schools
    pupils: Pupils
    postings: Postings
    own: np.ndarray  # what multiplies each pupil's rate: ethnicity, sex and need. Shape (n_pupils,)
    crossed: np.ndarray  # is the pupil in each intersection, its year groups aside? Shape (n_intersections, n_pupils)


def draw_world(shape: Shape, truth: Truth, seed: int) -> World:
    """The schools, pupils and postings of a force. The same seed gives the same world."""
    days = days_of(shape)
    schools = draw_schools(stream(seed, part_of(shape, "schools")), shape, spread=truth.school_spread)
    pupils = draw_pupils(stream(seed, part_of(shape, "pupils")), schools, shape, days, truth)
    postings = draw_postings(stream(seed, part_of(shape, "postings")), schools, shape, days, truth)
    crossed = np.array([_is_in(pupils, one) for one in truth.intersections]).reshape(-1, pupils.n)
    return World(shape, truth, days, schools, pupils, postings, _own(pupils, truth), crossed)


def part_of(shape: Shape, name: str) -> str:
    """The name of a stream of random numbers: each part of a force has its own, whoever draws it."""
    return f"{name}/{shape.part}" if shape.part else name


def _own(pupils: Pupils, truth: Truth) -> np.ndarray:
    own = np.array([truth.by_ethnicity[group] for group in BROAD])[pupils.group]
    return own * numbers_of(truth.by_sex, pupils.sex) * numbers_of(truth.by_sen_provision, pupils.sen_provision)


def _is_in(pupils: Pupils, one: Intersection) -> np.ndarray:
    found = np.ones(pupils.n, dtype=bool)
    if one.ethnicity:
        found &= pupils.group == BROAD.index(one.ethnicity)
    for name in ("sex", "sen_provision", "sen_type"):
        if getattr(one, name):
            found &= getattr(pupils, name) == getattr(one, name)
    return found
