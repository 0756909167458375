"""Tables that come as counts: the schools' own sanctions and the survey; and the few complaints."""

from __future__ import annotations

import numpy as np

from dueregard.synth.draws import Frame, choose, frame_of, numbers_of, refs, rows_of, words_of
from dueregard.synth.events import Happened
from dueregard.synth.ladder import ACTS, Climb
from dueregard.synth.recorded import contact_refs
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD, broad_groups
from dueregard.terms.missing import ALL

# Sanctions for each 1,000 pupil-years of a White girl, by phase, and what multiplies them. Illustrative.
SANCTIONS = {"PS": 6.0, "SS": 70.0, "SP": 60.0, "PR": 300.0}
SANCTION_BY_GROUP = {"W": 1.0, "M": 1.25, "A": 0.6, "B": 1.2, "O": 0.9}
SANCTION_BY_SEX = {"F": 1.0, "M": 1.6}
SANCTION_KINDS = {"SUSP": 0.55, "PERM": 0.01, "internal": 0.30, "detention": 0.14}
SANCTION_REASONS = ACTS | {"DB": 0.80}
# Agreement by item, then by group. Feels safe at school 84 per cent, where they live 74 (MOPAC youth survey 2018,
# domain.md 5); trusts the police 73 overall, 36 of Black children (ourwatch, survey not named, domain.md 5).
AGREE = {"feel_safe_at_school": 0.84, "feel_safe_on_journey": 0.74, "trust_police": 0.73, "treated_fairly": 0.66,
         "know_officer": 0.58, "would_ask_for_help": 0.49}  # fmt: skip
AGREE_BY_GROUP = {"W": 1.03, "M": 0.92, "A": 1.02, "B": 0.88, "O": 0.98}
TRUST_BY_GROUP = {"W": 1.10, "M": 0.80, "A": 1.05, "B": 0.50, "O": 0.95}
SAFETY = ("feel_safe_at_school", "feel_safe_on_journey")
ASKED = 0.1  # share of pupils
ABOUT_POLICE = ("trust_police", "treated_fairly", "would_ask_for_help")
OTHERS = {
    "parent": (420, 0.05),
    "staff": (310, 0.12),
    "resident": (650, -0.02),
}  # asked, and how much more agree
COMPLAINT_SHARE = 0.02  # of contacts
COMPLAINT_KINDS = {"conduct": 0.45, "use_of_force": 0.15, "search": 0.20, "discrimination_alleged": 0.15,
                   "other": 0.05}  # fmt: skip
COMPLAINT_ENDS = {"upheld": 0.12, "not_upheld": 0.45, "resolved": 0.25, "withdrawn": 0.08, "open": 0.10}
RECEIVED_AFTER = (1, 40)


def sanction_frame(rng: np.random.Generator, world: World) -> Frame:
    """What the schools did themselves, counted by term, kind, reason, broad group (of the roll) and sex."""
    parts = [_sanctions_of(rng, world, n) for n in range(len(world.days.terms))]
    found = [
        np.unique(np.concatenate(column).astype(np.str_), return_inverse=True) for column in zip(*parts, strict=True)
    ]
    sizes = tuple(len(words) for words, _ in found)
    cells, n = np.unique(np.ravel_multi_index(tuple(at for _, at in found), sizes), return_counts=True)
    columns = [
        words_of(words.tolist(), at) for (words, _), at in zip(found, np.unravel_index(cells, sizes), strict=True)
    ]
    names = ("urn", "academic_year", "term", "kind", "reason", "ethnicity", "sex")
    whole = {"sen_provision": np.full(len(n), ALL, dtype=object), "n": n}
    return {**dict(zip(names, columns, strict=True)), **whole}


def _sanctions_of(rng: np.random.Generator, world: World, n_term: int) -> tuple[np.ndarray, ...]:
    pupils, term = world.pupils, world.days.terms[n_term]
    rate = numbers_of(SANCTIONS, world.schools.phase)[pupils.school] / 1000
    rate = rate * np.array([SANCTION_BY_GROUP[group] for group in BROAD])[pupils.group]
    rate = rate * numbers_of(SANCTION_BY_SEX, pupils.sex)
    posted = (world.postings.holder[:, term.days] >= 0).mean(axis=1)[pupils.school]
    effect = np.array([world.truth.posting_sanction[group] for group in BROAD])[pupils.group]
    rate = rate * (1 + (effect - 1) * posted)
    on = pupils.on[:, n_term] & pupils.is_counted
    pupil = np.repeat(np.arange(pupils.n), rng.poisson(rate * on * term.share_of_year))
    roll_up = broad_groups(("dfe_ethnicity_main",))
    n = len(pupil)
    return (
        world.schools.urn[pupils.school[pupil], term.year],
        np.full(n, term.academic_year),
        np.full(n, term.term),
        choose(rng, SANCTION_KINDS, n),
        choose(rng, SANCTION_REASONS, n),
        np.array([roll_up[code] for code in pupils.roll_ethnicity[pupil].tolist()], dtype=np.str_),
        pupils.sex[pupil],
    )


def survey_frame(rng: np.random.Generator, world: World) -> Frame:
    """Answers of pupils by group and sex, and of others in all. One wave an academic year.

    In a big force what pupils say of safety is by school too, so that schools with and without an officer can be compared.
    """
    rows: list[tuple] = []
    for year, term in enumerate(world.days.terms[2::3]):
        there = _there(world, 3 * year + 2)
        for item, share in AGREE.items() if world.shape.is_first_of_area else ():
            rows += _pupil_answers(rng, world, term.academic_year, item, there)
            for who, (n_asked, more) in OTHERS.items():
                asked = int(n_asked * rng.uniform(0.8, 1.2))
                agreed = int(rng.binomial(asked, share + more))
                rows.append((term.academic_year, world.shape.borough, item, who, ALL, ALL, ALL, asked, agreed))
        if world.shape.is_pupil_level:
            rows += _answers_by_school(rng, world, term.year, term.academic_year, there.sum(axis=2))
    names = ("wave", "area", "item", "respondent", "ethnicity", "sex", "sen_provision", "n_asked", "n_agreed")
    return frame_of(names, rows)


def _there(world: World, n_term: int) -> np.ndarray:
    """Pupils on roll. Shape (n_schools, 5, 2): by school, broad group, and sex in the order of SANCTION_BY_SEX."""
    pupils = world.pupils
    on = np.flatnonzero(pupils.on[:, n_term])
    cell = (pupils.school[on] * len(BROAD) + pupils.group[on]) * 2 + (pupils.sex[on] == "M")
    return np.bincount(cell, minlength=world.schools.n * len(BROAD) * 2).reshape(world.schools.n, len(BROAD), 2)


def _posted(world: World, n_term: int) -> np.ndarray:
    """On which share of a term's days had each school an officer? Shape (n_schools,)."""
    return (world.postings.holder[:, world.days.terms[n_term].days] >= 0).mean(axis=1)


def agreeing(world: World, item: str, group: str) -> float:
    """Which share of the pupils of a group agrees with an item, at a school without an officer?"""
    by_group = TRUST_BY_GROUP if item in ABOUT_POLICE else AGREE_BY_GROUP
    return min(AGREE[item] * by_group[group], 0.98)


def _pupil_answers(rng: np.random.Generator, world: World, wave: str, item: str, there: np.ndarray) -> list[tuple]:
    """About one in ten pupils of each group and sex was asked."""
    posted = _posted(world, [term.academic_year for term in world.days.terms].index(wave) + 2)
    rows = []
    for n, group in enumerate(BROAD):
        effect = world.truth.posting_safe[group] if item in SAFETY else 0.0
        for m, sex in enumerate(SANCTION_BY_SEX):
            here = there[:, n, m]
            share = agreeing(world, item, group) + effect * float((posted * here).sum()) / max(int(here.sum()), 1)
            asked = int(rng.binomial(int(here.sum()), ASKED))
            agreed = int(rng.binomial(asked, min(max(share, 0.0), 1.0)))
            rows.append((wave, world.shape.borough, item, "pupil", group, sex, ALL, asked, agreed))
    return rows


def _answers_by_school(rng: np.random.Generator, world: World, year: int, wave: str, there: np.ndarray) -> list[tuple]:
    """What pupils say of safety, school by school, by group. there: shape (n_schools, 5)."""
    posted = _posted(world, 3 * year + 2)
    rows: list[tuple] = []
    for item in SAFETY:
        share = np.array([agreeing(world, item, group) for group in BROAD])
        share = share + posted[:, None] * np.array([world.truth.posting_safe[group] for group in BROAD])
        asked = rng.binomial(there, ASKED)
        agreed = rng.binomial(asked, share.clip(0, 1))
        rows += [(wave, world.schools.urn[n, year], item, "pupil", BROAD[m], ALL, ALL, int(asked[n, m]), int(agreed[n, m]))
                 for n, m in zip(*np.nonzero(asked), strict=True)]  # fmt: skip
    return rows


def complaint_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb) -> Frame:
    """A few complaints; more where a power was used."""
    weight = np.where(np.isin(np.arange(seen.n), seen.contact[up.is_at("power_used")]), 4.0, 1.0)
    n = min(seen.n, max(1, int(COMPLAINT_SHARE * seen.n)))
    about = rng.choice(seen.n, size=n, replace=False, p=weight / weight.sum())
    last = np.array([term.gap[1] for term in world.days.terms[2::3]])
    year = np.array([term.year for term in world.days.terms])[seen.term[about]]
    received = np.minimum(seen.day[about] + rng.integers(*RECEIVED_AFTER, n), last[year])
    order = np.argsort(received, kind="stable")
    frame = {
        "contact_ref": contact_refs(about, world),
        "urn": world.schools.urn[seen.school[about], year],
        "received_on": world.days.date_text(received),
        "kind": choose(rng, COMPLAINT_KINDS, n),
        "outcome": choose(rng, COMPLAINT_ENDS, n),
    }
    return {"complaint_ref": refs("CMP", np.arange(n) + 1, width=4, part=world.shape.part)} | rows_of(frame, order)
