"""What happened: which pupil had a contact on which day, who shared it, and who was victim or witness."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from dueregard.synth.days import Days, Term
from dueregard.synth.draws import choose, happens, where
from dueregard.synth.pupils import Pupils
from dueregard.synth.rates import own_factors, rates
from dueregard.synth.truth import Truth
from dueregard.synth.world import World
from dueregard.terms.missing import CollectionState
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

PAIRED = 0.25  # of every second of two involvements that could be one contact. Illustrative, as all below.
WITH_VICTIM = 0.22
WITH_WITNESS = 0.10
VICTIM_ONLY = 0.14  # contacts with a victim and nobody else, for each contact on the ladder
KEPT_IF_PARTIAL = 0.30
# Kinds of hour and the minutes of the day they hold: most between 15:00 and 17:00 (domain.md 3.3, article 51).
HOURS = {"before": (8 * 60, 8 * 60 + 39), "lesson": (8 * 60 + 40, 10 * 60 + 44), "short_break": (10 * 60 + 45, 11 * 60),
         "late_lesson": (11 * 60 + 1, 12 * 60 + 29), "lunch": (12 * 60 + 30, 13 * 60 + 14),
         "afternoon": (13 * 60 + 15, 14 * 60 + 59), "after": (15 * 60, 17 * 60 - 1),
         "evening": (17 * 60, 21 * 60)}  # fmt: skip
HOUR_WEIGHTS = {"before": 0.06, "lesson": 0.09, "short_break": 0.05, "late_lesson": 0.07, "lunch": 0.12,
                "afternoon": 0.12, "after": 0.44, "evening": 0.05}  # fmt: skip
HOUR_WORDS = {"before": "before_or_after_school", "after": "before_or_after_school",
              "evening": "before_or_after_school", "lesson": "lesson", "late_lesson": "lesson", "afternoon": "lesson",
              "short_break": "break", "lunch": "break"}  # fmt: skip
PER_CONTACT = ("school", "term", "day", "minute", "time_relation", "is_referred")


@dataclass(frozen=True, slots=True)
class Happened:
    """Contacts, shape (n_contacts,), in order of time, and the pupils in them, shape (n_involvements,).

    contact: index of the contact of each involvement. is_ladder: subject of concern or suspect, not victim or
    witness. is_referred: reported by school staff. is_known: the pupil could be identified.
    """

    school: np.ndarray
    term: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    time_relation: np.ndarray
    is_referred: np.ndarray
    contact: np.ndarray
    pupil: np.ndarray
    is_ladder: np.ndarray
    is_victim: np.ndarray
    is_known: np.ndarray

    @property
    def n(self) -> int:
        return len(self.school)


def draw_events(rng: np.random.Generator, world: World) -> Happened:
    """Everything that happened in the force, and was recorded where the school's collection lets it."""
    pupils, truth = world.pupils, world.truth
    frailty = rng.gamma(truth.pupil_shape, 1 / truth.pupil_shape, pupils.n)
    own = own_factors(world)
    parts = [_of_term(rng, world, n, frailty, own) for n in range(len(world.days.terms))]
    pupil, term, day, posted = (np.concatenate(column) for column in zip(*parts, strict=True))
    away = happens(rng, truth.in_holiday, len(pupil))
    day = np.where(away, _holiday(rng, world.days, term), day)
    referred = happens(rng, truth.gate("referred_by_school").shares()[pupils.group[pupil]], len(pupil))
    contact, first = _pair(rng, pupils, pupil, np.stack([term, posted, away, referred]))
    ladder = _ladder_contacts(rng, pupils.school[pupil], contact, first, (pupil, term, day, away, referred))
    return _in_order(_unknown(rng, _add_others(rng, pupils, ladder), truth))


def _of_term(
    rng: np.random.Generator, world: World, n_term: int, frailty: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Involvements of one term: pupil, term, day, was an officer posted. A contact falls on a school day."""
    term, school_of = world.days.terms[n_term], world.pupils.school
    is_posted = world.postings.holder[:, term.days] >= 0
    n_posted = is_posted.sum(axis=1)
    order = np.argsort(~is_posted, axis=1, kind="stable")  # days with an officer first
    present = frailty * world.pupils.on[:, n_term] * world.pupils.is_counted * _is_recorded(rng, world, term)
    found = []
    for with_officer in (True, False):
        n_days, start = (n_posted, 0 * n_posted) if with_officer else (len(term.days) - n_posted, n_posted)
        mean = rates(world, term, own, with_officer=with_officer) * present * n_days[school_of] / SCHOOL_DAYS_A_YEAR
        pupil = np.repeat(np.arange(world.pupils.n), rng.poisson(mean))
        school = school_of[pupil]
        position = start[school] + (rng.random(len(pupil)) * n_days[school]).astype(int)
        found.append((pupil, np.full(len(pupil), n_term), term.days[order[school, position]],
                      np.full(len(pupil), with_officer)))  # fmt: skip
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _is_recorded(rng: np.random.Generator, world: World, term: Term) -> np.ndarray:
    """May this pupil's contacts be seen? None where the school reports nothing, some where it reports in part."""
    share = {CollectionState.COMPLETE: 1.0, CollectionState.PARTIAL: KEPT_IF_PARTIAL}
    by_school = np.array([share.get(state, 0.0) for state in world.schools.state[:, term.year]])
    return happens(rng, by_school[world.pupils.school], world.pupils.n)


def _holiday(rng: np.random.Generator, days: Days, term: np.ndarray) -> np.ndarray:
    gaps = np.array([one.gap for one in days.terms])
    return rng.integers(gaps[term, 0], gaps[term, 1] + 1)


def _pair(
    rng: np.random.Generator, pupils: Pupils, pupil: np.ndarray, same: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Joins some involvements two by two into one contact: same school, and the same in every row of `same`.

    Returns the contact of each involvement and the first involvement of each contact.
    """
    keys = np.vstack([pupils.school[pupil], same])
    order = np.lexsort((rng.random(len(pupil)), *keys[::-1]))
    keys, sorted_pupil = keys[:, order], pupil[order]
    joins = np.zeros(len(pupil), dtype=bool)
    alike = (keys[:, 1:] == keys[:, :-1]).all(axis=0) & (sorted_pupil[1:] != sorted_pupil[:-1])
    if len(pupil) > 1:  # a small chunk may have nobody
        joins[1:] = alike & (np.arange(1, len(pupil)) % 2 == 1) & happens(rng, PAIRED, len(pupil) - 1)
    contact = np.empty(len(pupil), dtype=int)
    contact[order] = np.cumsum(~joins) - 1
    return contact, order[~joins]


def _ladder_contacts(
    rng: np.random.Generator, school: np.ndarray, contact: np.ndarray, first: np.ndarray, drawn: tuple
) -> Happened:
    """The contacts of the ladder, each with its day and minute: those of its first involvement."""
    pupil, term, day, away, referred = drawn
    minute, relation = _times(rng, away[first])
    n = len(pupil)
    return Happened(
        school[first], term[first], day[first], minute, relation, referred[first],
        contact, pupil, np.ones(n, bool), np.zeros(n, bool), np.ones(n, bool),
    )  # fmt: skip


def _times(rng: np.random.Generator, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A minute of the day, and its time relation. away: is it in a holiday? Shape (n,)."""
    hour = choose(rng, HOUR_WEIGHTS, len(away)).tolist()
    spans = np.array([HOURS[one] for one in hour]).reshape(-1, 2)
    words = np.array([HOUR_WORDS[one] for one in hour], dtype=object)
    return rng.integers(spans[:, 0], spans[:, 1] + 1), where(away, "holiday", words)


def draw_bystanders(rng: np.random.Generator, pupils: Pupils, school: np.ndarray, term: np.ndarray) -> np.ndarray:
    """A pupil drawn evenly from the roll of that school in that term. school, term: shape (n,); -1 if nobody is."""
    found = np.full(len(school), -1)
    for one in np.unique(term).tolist():
        here = np.flatnonzero(term == one)
        on = np.flatnonzero(pupils.on[:, one] & pupils.is_counted)
        on = on[np.argsort(pupils.school[on], kind="stable")]
        low = np.searchsorted(pupils.school[on], school[here])
        size = np.searchsorted(pupils.school[on], school[here], side="right") - low
        at = low + (rng.random(len(here)) * size).astype(int)
        found[here] = np.where(size > 0, on[at.clip(max=len(on) - 1)], -1)
    return found


def _add_others(rng: np.random.Generator, pupils: Pupils, ladder: Happened) -> Happened:
    """Victims and witnesses: beside a pupil on the ladder, or alone."""
    n = ladder.n
    alone = rng.choice(n, size=int(rng.poisson(VICTIM_ONLY * n)))
    minute, relation = _times(rng, ladder.time_relation[alone] == "holiday")
    longer = [np.concatenate([column, column[alone]]) for column in (ladder.school, ladder.term, ladder.day)]
    victim, witness = (np.flatnonzero(happens(rng, share, n)) for share in (WITH_VICTIM, WITH_WITNESS))
    contact = np.concatenate([victim, n + np.arange(len(alone)), witness])
    is_victim = np.arange(len(contact)) < len(victim) + len(alone)
    pupil = draw_bystanders(rng, pupils, longer[0][contact], longer[1][contact])
    rows = ((ladder.contact, contact), (ladder.pupil, pupil),
            (ladder.is_ladder, np.zeros(len(contact), bool)), (ladder.is_victim, is_victim))  # fmt: skip
    columns = (
        *longer,
        np.concatenate([ladder.minute, minute]),
        np.concatenate([ladder.time_relation, relation]),
        np.concatenate([ladder.is_referred, ladder.is_referred[alone]]),
        *_without_twice(*(np.concatenate(pair) for pair in rows)),
    )
    return Happened(*columns)


def _without_twice(contact: np.ndarray, pupil: np.ndarray, is_ladder: np.ndarray, is_victim: np.ndarray) -> tuple:
    """Keeps the first involvement of a pupil in a contact, and drops whom nobody could be drawn for."""
    _, first = np.unique(contact * (pupil.max(initial=0) + 2) + pupil + 1, return_index=True)
    keep = np.sort(first[pupil[first] >= 0])
    return contact[keep], pupil[keep], is_ladder[keep], is_victim[keep], np.ones(len(keep), bool)


def _unknown(rng: np.random.Generator, all_: Happened, truth: Truth) -> Happened:
    """Some pupils could not be identified: at most one a contact, so that the key of a row stays a key."""
    known = ~happens(rng, truth.not_identified, len(all_.contact))
    # A known pupil stands for itself; the unknown ones of a contact share its number, and the first is kept.
    _, first = np.unique(np.where(known, -1 - np.arange(len(known)), all_.contact), return_index=True)
    is_known = np.ones(len(known), bool)
    is_known[first] = known[first]
    return replace(all_, is_known=is_known)


def _in_order(all_: Happened) -> Happened:
    """Numbers the contacts in order of time, and sorts the involvements by contact."""
    order = np.lexsort((all_.school, all_.minute, all_.day))
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    contact = rank[all_.contact]
    rows = np.argsort(contact, kind="stable")
    found = {}
    for field in fields(all_):
        values = getattr(all_, field.name)
        found[field.name] = values[order] if field.name in PER_CONTACT else values[rows]
    return Happened(**found | {"contact": contact[rows]})
