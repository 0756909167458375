"""The good ladder, and what officers did at schools when nothing happened. Shares are illustrative."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dueregard.synth.days import Days
from dueregard.synth.draws import Frame, choose, frame_of, happens, refs, rows_of, where
from dueregard.synth.events import Happened, draw_bystanders
from dueregard.synth.ladder import Climb
from dueregard.synth.postings import officer_refs
from dueregard.synth.world import World

SERVICES = {"mentoring": 0.26, "youth_work": 0.16, "early_help": 0.16, "mental_health": 0.10, "speech_language": 0.04,
            "restorative": 0.10, "diversion_programme": 0.10, "drug_alcohol": 0.05, "exploitation": 0.03}  # fmt: skip
WITHOUT_CONTACT = 0.30  # offers that no contact led to, for each that one did
OFFER_DAYS, COURSE_DAYS = (0, 15), (28, 120)
N_SERVICES = {"PS": 2, "SS": 5, "SP": 3, "PR": 6}
ACTIVITIES = {"assembly": 0.10, "lesson": 0.14, "drop_in": 0.26, "patrol": 0.24, "meeting": 0.14, "safeguarding": 0.07,
              "sweep": 0.05}  # fmt: skip
REACHED = {
    "assembly": 180,
    "lesson": 28,
    "drop_in": 6,
    "patrol": 0,
    "meeting": 0,
    "safeguarding": 0,
    "sweep": 60,
}
MINUTES = {
    "assembly": 30,
    "lesson": 60,
    "drop_in": 60,
    "patrol": 90,
    "meeting": 45,
    "safeguarding": 30,
    "sweep": 75,
}
ACTIVITY_A_DAY = 0.45  # for each full-time officer


def support_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb, names: Mapping) -> Frame:
    """One row an offer: most follow a contact, some do not."""
    rows = np.flatnonzero(up.is_at("support_offered"))
    contact = seen.contact[rows]
    n_more = rng.poisson(WITHOUT_CONTACT * len(rows))
    like = rng.integers(0, max(len(rows), 1), n_more)
    school, term = seen.school[contact], seen.term[contact]
    extra = draw_bystanders(rng, world.pupils, school[like], term[like])
    pupil = np.concatenate([seen.pupil[rows], extra])
    day = seen.day[contact] + rng.integers(*OFFER_DAYS, len(rows))
    year = np.array([one.year for one in world.days.terms])[np.concatenate([term, term[like]])]
    frame = {
        "pupil_ref": world.pupils.ref[pupil],
        "urn": world.schools.urn[np.concatenate([school, school[like]]), year],
        "contact_ref": np.concatenate([names["contact_ref"][rows], np.full(n_more, "", dtype=object)]),
        "service": choose(rng, SERVICES, len(pupil)),
        **_taken_up(rng, world, pupil, np.concatenate([day, day[like]]), year),
    }
    frame = rows_of(frame, np.argsort(frame["offered_on"], kind="stable"))
    return {"support_ref": refs("SUP", np.arange(len(pupil)) + 1, part=world.shape.part)} | frame


def _taken_up(rng: np.random.Generator, world: World, pupil: np.ndarray, day: np.ndarray, year: np.ndarray) -> Frame:
    """Was it accepted and completed? An offer is made in the academic year of the contact."""
    last = np.array([gap[1] for gap in (term.gap for term in world.days.terms[2::3])])
    day = np.minimum(day, last[year])
    group = world.pupils.group[pupil]
    accepted = happens(rng, world.truth.gate("accepted").shares()[group], len(pupil))
    completed = accepted & happens(rng, world.truth.gate("completed").shares()[group], len(pupil))
    done = day + rng.integers(*COURSE_DAYS, len(pupil))
    return {
        "offered_on": world.days.date_text(day),
        "is_accepted": where(accepted, "yes", "no"),
        "completed_on": world.days.date_text(np.where(completed & (done < world.days.n), done, -1)),
    }


def service_offer_frame(rng: np.random.Generator, world: World) -> Frame:
    """Which help was available at each school. A school that becomes an academy is left out, to keep one number."""
    rows = []
    starts = world.days.date_text(np.array([0, world.days.terms[3].days[0], world.days.terms[6].days[0]])).tolist()
    ends = [world.days.date_text(np.array([world.days.terms[-2].days[-1]]))[0], "", ""]
    for n, phase in enumerate(world.schools.phase.tolist()):
        if n == world.schools.converts:
            continue
        for service in rng.permutation(list(SERVICES))[: N_SERVICES[phase]].tolist():
            rows.append((world.schools.urn[n, 0], service, starts[rng.integers(3)], ends[rng.integers(3)]))
    return frame_of(("urn", "service", "from_on", "to_on"), rows)


def activity_frame(rng: np.random.Generator, world: World) -> Frame:
    """One row a thing that a posted officer did on a school day; a sweep that found nothing is a row like any."""
    school, officer, day = _busy_days(rng, world.days, world)
    kind = choose(rng, ACTIVITIES, len(day))
    per_kind = (np.array([table[one] for one in kind.tolist()]) for table in (MINUTES, REACHED))
    minutes, reached = (values * rng.uniform(0.6, 1.4, len(day)) for values in per_kind)
    order = np.lexsort((school, day))
    year = np.array([term.year for term in world.days.terms for _ in term.days])
    days = np.concatenate([term.days for term in world.days.terms])
    frame = {
        "officer_ref": officer_refs(officer, world.shape),
        "urn": world.schools.urn[school, year[np.searchsorted(days, day)]],
        "occurred_on": world.days.date_text(day),
        "kind": kind,
        "minutes": (minutes // 5 * 5).astype(int),
        "n_pupils": reached.astype(int),
    }
    return {"activity_ref": refs("ACT", np.arange(len(day)) + 1, part=world.shape.part)} | rows_of(frame, order)


def _busy_days(rng: np.random.Generator, days: Days, world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """School, officer and day of each activity."""
    term_days = np.concatenate([term.days for term in days.terms])
    fte = np.zeros(world.postings.holder.shape)
    for n in range(len(world.postings.school)):
        upto = days.n if world.postings.last[n] < 0 else world.postings.last[n] + 1
        fte[world.postings.school[n], world.postings.first[n] : upto] = world.postings.fte[n]
    school, at = np.nonzero(rng.random((world.schools.n, len(term_days))) < ACTIVITY_A_DAY * fte[:, term_days])
    return school, world.postings.holder[school, term_days[at]], term_days[at]
