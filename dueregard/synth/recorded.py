"""How contacts and involvements were written down: by whom, how late, with which gaps and disagreements."""

from __future__ import annotations

import numpy as np

from dueregard.synth.ages import ages, year_groups, years
from dueregard.synth.draws import Frame, choose, choose_rows, happens, refs, where
from dueregard.synth.events import Happened
from dueregard.synth.ladder import Climb
from dueregard.synth.postings import N_RESPONSE, officer_refs
from dueregard.synth.pupils import year_group_text
from dueregard.synth.rates import by_group
from dueregard.synth.shape import Shape
from dueregard.synth.truth import OBSERVED
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.lists import code_list
from dueregard.terms.missing import NOT_IDENTIFIED

# All weights are illustrative.
PLACES = {
    "lesson": {"on_site": 0.93, "off_site_school_activity": 0.02, "online": 0.02, "unknown": 0.03},
    "break": {"on_site": 0.90, "at_gate": 0.05, "online": 0.02, "unknown": 0.03},
    "before_or_after_school": {"on_site": 0.22, "at_gate": 0.26, "within_200m": 0.22, "journey": 0.20,
                               "elsewhere": 0.05, "online": 0.02, "unknown": 0.03},
    "holiday": {"within_200m": 0.15, "elsewhere": 0.55, "online": 0.20, "unknown": 0.10},
}  # fmt: skip
REFERRED = "school_staff_report"
ROUTES = {"pupil_report": 0.12, "parent_report": 0.15, "officer_observed": 0.34, "officer_search": 0.07,
          "emergency_or_101_call": 0.15, "intelligence": 0.07, "social_care": 0.03, "other": 0.03,
          "unknown": 0.04}  # fmt: skip
INITIATORS = {"pupil_report": "pupil", "parent_report": "parent", "officer_observed": "officer",
              "officer_search": "officer", "intelligence": "officer", "unknown": "unknown"}  # fmt: skip
HARM = {True: {"none": 0.08, "low": 0.42, "medium": 0.36, "high": 0.10, "unknown": 0.04},
        False: {"none": 0.46, "low": 0.40, "medium": 0.08, "high": 0.01, "unknown": 0.05}}  # fmt: skip
PROTOCOL = {True: {"not_applied_serious": 0.42, "not_applied_victim_wish": 0.48, "unknown": 0.10},
            False: {"applied": 0.52, "not_applicable": 0.40, "unknown": 0.08}}  # fmt: skip
LOWEST = {True: {"advice": 0.05, "restorative": 0.15, "referral": 0.18, "community_resolution": 0.30,
                 "voluntary_interview": 0.18, "arrest": 0.06, "unknown": 0.08},
          False: {"advice": 0.40, "school_sanction": 0.28, "restorative": 0.10, "referral": 0.12, "none": 0.05,
                  "unknown": 0.05}}  # fmt: skip
WHY_NOT = {True: {"serious_harm": 0.26, "victim_wish": 0.22, "repeat": 0.14, "not_available": 0.08,
                  "not_applicable": 0.18, "unknown": 0.12},
           False: {"not_applicable": 0.90, "unknown": 0.10}}  # fmt: skip
NOT_STATED = "NS"
NOT_STATED_WHY = {"N1": 0.20, "N2": 0.10, "N3": 0.10, "N4": 0.48, "": 0.12}
SOURCES = {"school": 0.40, "self": 0.30, "parent": 0.06, "officer_perceived": 0.16, "unknown": 0.08}
KNOWN_NEED = {"yes": 0.42, "no": 0.40, "unknown": 0.18}
ADJUSTMENTS = {"made": 0.35, "needed_not_made": 0.22, "not_needed": 0.23, "unknown": 0.20}
ADULT = {
    True: {"present": 0.86, "not_present": 0.05, "unknown": 0.09},
    False: {"not_required": 0.92, "unknown": 0.08},
}
PARENT_TOLD = 0.72
CLEARED = {"yes": 0.08, "no": 0.80, "unknown": 0.12}
LATE_DAYS = (8, 26)  # Connecticut's rule is five school days (domain.md 1.4); eight days are more than those
SECONDS = (4.6, 0.5)  # mean and standard deviation of the log: about 100 seconds


def _by(rng: np.random.Generator, weights: dict[bool, dict[str, float]], condition: np.ndarray) -> np.ndarray:
    """Codes drawn with one set of weights where the condition holds, with another where it does not."""
    yes, no = (choose(rng, weights[answer], len(condition)) for answer in (True, False))
    return where(condition, yes, no)


def contact_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb) -> Frame:
    """One row a contact."""
    n, days = seen.n, world.days
    suspect = np.isin(np.arange(n), seen.contact[up.is_at("recorded_as_suspect")])
    route = where(seen.is_referred, REFERRED, choose(rng, ROUTES, n))
    recorded_day, recorded_minute = _recorded(rng, world, seen)
    return {
        "contact_ref": contact_refs(np.arange(n), world.shape),
        "urn": world.schools.urn[seen.school, years(world, seen)],
        "occurred_at": days.time_text(seen.day, seen.minute),
        "recorded_at": days.time_text(recorded_day, recorded_minute),
        "officer_ref": _officers(rng, world, seen),
        "place_relation": _places(rng, seen, world.truth.place_not_recorded),
        "time_relation": seen.time_relation,
        "route": route,
        "initiator": np.array([INITIATORS.get(code, "staff" if code == REFERRED else "other") for code in route]),
        "behaviour": up.behaviour,
        "harm_level": _by(rng, HARM, suspect),
        "schools_protocol": _by(rng, PROTOCOL, suspect),
        "lowest_response": _by(rng, LOWEST, suspect),
        "why_not_lower": _by(rng, WHY_NOT, suspect),
        "source_record_ref": where(suspect, refs("CR", rng.permutation(n) + 1, chunk=world.shape.chunk), ""),
        "seconds_to_record": np.exp(rng.normal(*SECONDS, n)).astype(int) + 15,
    }


def contact_refs(numbers: np.ndarray, shape: Shape) -> np.ndarray:
    return refs("CON", numbers + 1, chunk=shape.chunk)


def _places(rng: np.random.Generator, seen: Happened, gap: float) -> np.ndarray:
    place = np.full(seen.n, "", dtype=object)
    for relation, weights in PLACES.items():
        place = where(seen.time_relation == relation, choose(rng, weights, seen.n), place)
    return where(happens(rng, gap, seen.n), "", place) if gap else place


def _recorded(rng: np.random.Generator, world: World, seen: Happened) -> tuple[np.ndarray, np.ndarray]:
    """Day and minute of recording: minutes after, the next day, or late; never after the last day."""
    late = happens(rng, world.truth.late, seen.n)
    soon = (seen.minute + 5 + rng.exponential(90, seen.n).astype(int)).clip(max=24 * 60 - 1)
    next_day = happens(rng, 0.25, seen.n)
    day = seen.day + np.where(late, rng.integers(*LATE_DAYS, seen.n), next_day)
    minute = np.where(late | next_day, rng.integers(8 * 60, 18 * 60, seen.n), soon)
    after_end = day >= world.days.n
    return np.where(after_end, world.days.n - 1, day), np.where(after_end, 24 * 60 - 1, minute)


def _officers(rng: np.random.Generator, world: World, seen: Happened) -> np.ndarray:
    """The officer posted that day, mostly; else one who answers calls."""
    posted = world.postings.holder[seen.school, seen.day]
    response = world.postings.n_officers + rng.integers(0, N_RESPONSE, seen.n)
    own = (posted >= 0) & happens(rng, 0.9, seen.n)
    return officer_refs(np.where(own, posted, response), world.shape)


def involvement_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb) -> Frame:
    """One row a pupil in a contact. Whom nobody could identify has no school year, age or need on record."""
    pupils, pupil, known = world.pupils, seen.pupil, seen.is_known
    stated, why = _self_defined(rng, world, seen)
    group = year_groups(world, seen)
    suspect = up.is_at("recorded_as_suspect")
    category = where(suspect, "suspect", where(seen.is_ladder, "subject_of_concern", "witness"))
    return {
        **involvement_names(world, seen),
        "subject_category": where(seen.is_victim, "victim", category),
        "age": where(known, ages(world, seen), ""),
        "year_group": where(known, year_group_text(group), ""),
        "sex": pupils.sex[pupil],
        "self_defined_ethnicity": stated,
        "not_stated_reason": why,
        "observed_ethnicity": np.array(OBSERVED)[choose_rows(rng, _seen_as(world), pupils.group[pupil])],
        **_needs(rng, world, seen),
        "characteristics_source": choose(rng, SOURCES, len(pupil)),
        "appropriate_adult": _by(rng, ADULT, up.is_at("interviewed") | up.is_at("arrested")),
        "parent_informed_at": _parents(rng, world, seen),
        "school_later_cleared": where(seen.is_ladder & ~suspect, choose(rng, CLEARED, len(pupil)), "no"),
    }


def _seen_as(world: World) -> np.ndarray:
    """Shares of what officers see, by true group. Shape (5, n_observed)."""
    return np.array([world.truth.seen_as[group] for group in BROAD])


def involvement_names(world: World, seen: Happened) -> dict[str, np.ndarray]:
    """contact_ref and pupil_ref of each involvement: `step`, `outcome` and `power_use` name it so too."""
    pupil_ref = where(seen.is_known, world.pupils.ref[seen.pupil], NOT_IDENTIFIED)
    return {"contact_ref": contact_refs(seen.contact, world.shape), "pupil_ref": pupil_ref}


def _self_defined(rng: np.random.Generator, world: World, seen: Happened) -> tuple[np.ndarray, np.ndarray]:
    """The pupil's own code, sometimes another, sometimes not stated with or without a reason; blank if unknown."""
    n, truth = len(seen.pupil), world.truth
    codes = np.array(sorted(code for code in code_list("sde_18plus1").codes if code != NOT_STATED), dtype=object)
    own = world.pupils.self_defined[seen.pupil]
    other = codes[(np.searchsorted(codes, own) + rng.integers(1, len(codes), n)) % len(codes)]
    stated = where(happens(rng, truth.discordant, n), other, own)
    group = world.pupils.group[seen.pupil]
    asked = rng.random(n)
    not_stated = truth.not_stated * by_group(truth.not_stated_by_ethnicity)[group]
    blank = truth.not_recorded * by_group(truth.not_recorded_by_ethnicity)[group]
    refused = (asked < not_stated) & seen.is_known
    is_blank = ~seen.is_known | ((asked >= not_stated) & (asked < not_stated + blank))
    stated = where(is_blank, "", where(refused, NOT_STATED, stated))
    return stated, where(refused, choose(rng, NOT_STATED_WHY, n), "")


def _needs(rng: np.random.Generator, world: World, seen: Happened) -> Frame:
    """Special needs and disability as the officer wrote them down: sometimes blank, sometimes `unknown`."""
    pupils, pupil, n, truth = world.pupils, seen.pupil, len(seen.pupil), world.truth
    told = rng.random(n)
    blank = (told < truth.sen_blank) | ~seen.is_known
    gap = where(blank, "", "unknown")
    missing = blank | (told < truth.sen_blank + truth.sen_unknown)
    has_need = (pupils.sen_provision[pupil] != "N") & seen.is_known
    return {
        "sen_provision": where(missing, gap, pupils.sen_provision[pupil]),
        "sen_type": where(missing, gap, pupils.sen_type[pupil]),
        "disability": where(missing, gap, pupils.disability[pupil]),
        "was_known_to_officer": where(has_need, choose(rng, KNOWN_NEED, n), ""),
        "adjustments_made": where(has_need, choose(rng, ADJUSTMENTS, n), "not_needed"),
    }


def _parents(rng: np.random.Generator, world: World, seen: Happened) -> np.ndarray:
    """When a parent was told: some hours after, where it was written down at all."""
    day, minute = seen.day[seen.contact], seen.minute[seen.contact]
    told = (minute + 10 + rng.exponential(150, len(day)).astype(int)).clip(max=24 * 60 - 1)
    is_told = happens(rng, PARENT_TOLD, len(day)) & seen.is_known
    return world.days.time_text(np.where(is_told, day, -1), told)
