"""Draws every table of a made-up force, or of one chunk of it, each from a stream of random numbers of its own."""

from __future__ import annotations

from typing import Any

from dueregard.records.tables import TABLES
from dueregard.synth.counted import complaint_frame, sanction_frame, survey_frame
from dueregard.synth.days import calendar_frame
from dueregard.synth.draws import Frame
from dueregard.synth.events import draw_events
from dueregard.synth.ladder import climb, outcome_frame, step_frame
from dueregard.synth.postings import consultation_frame, establishment_frame, posting_frame
from dueregard.synth.powers import power_use_frame
from dueregard.synth.pupils import hidden_by_source, roll_frame
from dueregard.synth.recorded import contact_frame, involvement_frame, involvement_names
from dueregard.synth.roll_by_pupil import roll_by_pupil
from dueregard.synth.schools import collection_frame, school_frame
from dueregard.synth.shape import Seed, stream
from dueregard.synth.support import activity_frame, service_offer_frame, support_frame
from dueregard.synth.world import World


def draw_tables(world: World, seed: Seed) -> dict[str, Frame]:
    """Every table, each from a stream of random numbers of its own."""
    found = _standing_tables(world, seed) | _event_tables(world, seed)
    return {declared.name: found[declared.name] for declared in TABLES if declared.name in found}


def _standing_tables(world: World, seed: Seed) -> dict[str, Frame]:
    shape, days, schools, postings = world.shape, world.days, world.schools, world.postings
    return {
        "school": school_frame(shape, schools),
        "calendar": calendar_frame(shape, days),
        "roll": _roll(world),
        "posting": posting_frame(postings, schools, shape, days),
        "establishment": establishment_frame([postings.n_officers] * shape.n_years, shape),
        "service_offer": service_offer_frame(stream(seed, "service_offer"), world),
        "activity": activity_frame(stream(seed, "activity"), world),
        "sanction": sanction_frame(stream(seed, "sanction"), world),
        "survey": survey_frame(stream(seed, "survey"), world),
        "consultation": consultation_frame(stream(seed, "consultation"), postings, shape, days),
        "collection": collection_frame(shape, schools),
    }


def _event_tables(world: World, seed: Seed) -> dict[str, Frame]:
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


def _roll(world: World) -> dict[str, Any]:
    """A source that guards its counts sends counts, at any size."""
    guard = world.truth
    is_guarded = bool(guard.suppress_below or guard.round_to)
    if world.shape.is_pupil_level and not is_guarded:
        return roll_by_pupil(world.pupils, world.schools, world.shape, world.days)
    roll = roll_frame(world.pupils, world.schools, world.days)
    return hidden_by_source(roll, below=guard.suppress_below, to=guard.round_to) if is_guarded else roll
