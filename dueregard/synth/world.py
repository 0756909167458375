"""Everything of a made-up force that was there before anything happened: schools, pupils, postings, days."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.synth.days import Days, days_of
from dueregard.synth.postings import Postings, draw_postings
from dueregard.synth.pupils import Pupils, draw_pupils
from dueregard.synth.schools import Schools, draw_schools
from dueregard.synth.shape import Seed, Shape, stream
from dueregard.synth.truth import Truth


@dataclass(frozen=True, slots=True)
class World:
    """One force, and the truth that was set for it."""

    shape: Shape
    truth: Truth
    days: Days
    schools: Schools
    pupils: Pupils
    postings: Postings


def draw_world(shape: Shape, truth: Truth, seed: Seed) -> World:
    """The schools, pupils and postings of a force. The same seed gives the same world."""
    days = days_of(shape)
    schools = draw_schools(stream(seed, "schools"), shape, spread=truth.school_spread)
    pupils = draw_pupils(stream(seed, "pupils"), schools, shape, days)
    return World(
        shape, truth, days, schools, pupils, draw_postings(stream(seed, "postings"), schools, shape, days, truth)
    )
