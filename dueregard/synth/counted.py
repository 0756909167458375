"""Tables that come as counts: the schools' own sanctions and the survey; and the few complaints."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dueregard.synth.ages import years
from dueregard.synth.draws import Frame, choose, frame_of, refs, rows_of
from dueregard.synth.events import Happened
from dueregard.synth.ladder import ACTS, Climb
from dueregard.synth.rates import by_code, by_group
from dueregard.synth.recorded import contact_refs
from dueregard.synth.truth import Factors, Truth
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD, broad_groups
from dueregard.terms.missing import ALL

# Sanctions for each 1,000 pupil-years of a White girl, by phase, and what multiplies them. Illustrative.
SANCTIONS = {"PS": 6.0, "SS": 70.0, "AT": 30.0, "SP": 60.0, "PR": 300.0}
SANCTION_KINDS = {"SUSP": 0.55, "PERM": 0.01, "internal": 0.30, "detention": 0.14}
SANCTION_REASONS = ACTS | {"DB": 0.80}
# Agreement by item. Feels safe at school 84 per cent, where they live 74 (MOPAC youth survey 2018, domain.md 5);
# trusts the police 73 overall (ourwatch, survey not named, domain.md 5). By group: dials of the truth.
AGREE = {"feel_safe_at_school": 0.84, "feel_safe_on_journey": 0.74, "trust_police": 0.73, "treated_fairly": 0.66,
         "know_officer": 0.58, "would_ask_for_help": 0.49}  # fmt: skip
SEXES = ("F", "M")
ABOUT_SAFETY = ("feel_safe_at_school", "feel_safe_on_journey")
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
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    coded = [np.unique(column.astype(np.str_), return_inverse=True) for column in columns]
    cells = np.ravel_multi_index([index for _, index in coded], [len(words) for words, _ in coded])
    cells, n = np.unique(cells, return_counts=True)
    at = np.unravel_index(cells, [len(words) for words, _ in coded])
    rows: list[np.ndarray] = [words[one] for (words, _), one in zip(coded, at, strict=True)]
    names = ("urn", "academic_year", "term", "kind", "reason", "ethnicity", "sex")
    whole: Frame = {"sen_provision": np.full(len(n), ALL, dtype=object), "n": n}
    return {**dict(zip(names, rows, strict=True)), **whole}


def _sanctions_of(rng: np.random.Generator, world: World, n_term: int) -> tuple[np.ndarray, ...]:
    pupils, term = world.pupils, world.days.terms[n_term]
    rate = np.array([SANCTIONS[phase] for phase in world.schools.phase.tolist()])[pupils.school] / 1000
    rate = rate * by_group(world.truth.sanction_by_ethnicity)[pupils.group]
    rate = rate * by_code(world.truth.sanction_by_sex, pupils.sex)
    effect = _times(by_group(world.truth.posting_on_sanction), _posted_share(world, term.days))
    rate = rate * effect[pupils.school, pupils.group]
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
        np.array([roll_up[code] for code in pupils.roll_ethnicity[pupil].tolist()]),
        pupils.sex[pupil],
    )


def survey_frame(rng: np.random.Generator, world: World) -> Frame:
    """Answers of pupils by group and sex, and of others in all. One wave an academic year."""
    rows = []
    for year, term in enumerate(world.days.terms[2::3]):
        there = _on_roll(world, 3 * year + 2)
        for item, share in AGREE.items():
            rows += _pupil_answers(rng, world, term.academic_year, year, item, share, there)
            for who, (n_asked, more) in OTHERS.items():
                asked = int(n_asked * rng.uniform(0.8, 1.2))
                agreed = int(rng.binomial(asked, share + more))
                rows.append((term.academic_year, world.shape.borough, item, who, ALL, ALL, ALL, asked, agreed))
    names = ("wave", "area", "item", "respondent", "ethnicity", "sex", "sen_provision", "n_asked", "n_agreed")
    return frame_of(names, rows)


def _pupil_answers(
    rng: np.random.Generator, world: World, wave: str, year: int, item: str, share: float, there: np.ndarray
) -> list[tuple]:
    """About one in ten pupils of each group and sex was asked. there: who is on roll, shape (n_schools, 5, 2)."""
    factors = agrees_by_group(world.truth, item)
    times = _safety(world, year) if item in ABOUT_SAFETY else np.ones(world.schools.n)[:, None]
    rows = []
    for n, group in enumerate(BROAD):
        for m, sex in enumerate(SEXES):
            here = there[:, n, m]
            asked = int(rng.binomial(int(here.sum()), 0.1))
            feels = float((here * times[:, n % times.shape[1]]).sum() / max(here.sum(), 1))
            agreed = int(rng.binomial(asked, min(share * factors[group] * feels, 1.0)))  # 1 and some rounding is 1
            rows.append((wave, world.shape.borough, item, "pupil", group, sex, ALL, asked, agreed))
    return rows


def agrees_by_group(truth: Truth, item: str) -> Factors:
    """What multiplies the share that agrees with an item, by group."""
    return truth.trusts_by_ethnicity if item in ABOUT_POLICE else truth.feels_by_ethnicity


def most_who_agree(truth: Truth, group: str, items: Iterable[str]) -> float:
    """The greatest share of a group that agrees with one of these items where no officer is posted."""
    return max(AGREE[item] * agrees_by_group(truth, item)[group] for item in items)


def _on_roll(world: World, n_term: int) -> np.ndarray:
    """Pupils on roll in a term. Shape (n_schools, 5, 2): by group and sex."""
    pupils = world.pupils
    is_second = pupils.sex == SEXES[1]
    cell = (pupils.school * len(BROAD) + pupils.group) * 2 + is_second
    n = world.schools.n * len(BROAD) * 2
    return np.bincount(cell, weights=pupils.on[:, n_term], minlength=n).reshape(-1, len(BROAD), 2)


def _safety(world: World, year: int) -> np.ndarray:
    """What postings make of feeling safe, by the share of the year's school days with an officer. Shape (n_schools, 5)."""
    days = np.concatenate([term.days for term in world.days.terms if term.year == year])
    return _times(by_group(world.truth.posting_on_safety), _posted_share(world, days))


def _posted_share(world: World, days: np.ndarray) -> np.ndarray:
    return (world.postings.holder[:, days] >= 0).mean(axis=1)


def _times(effect: np.ndarray, posted: np.ndarray) -> np.ndarray:
    """An effect of full posting, by group, where a school has an officer for a share of the days. Shape (n_schools, 5)."""
    return 1 + np.outer(posted, effect - 1)


def complaint_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb) -> Frame:
    """A few complaints; more where a power was used."""
    weight = np.where(np.isin(np.arange(seen.n), seen.contact[up.is_at("power_used")]), 4.0, 1.0)
    n = min(max(1, int(COMPLAINT_SHARE * seen.n)), seen.n)
    about = rng.choice(seen.n, size=n, replace=False, p=weight / weight.sum() if n else None)  # of nothing, nothing
    last = np.array([term.gap[1] for term in world.days.terms[2::3]])
    year = years(world, seen)[about]
    received = np.minimum(seen.day[about] + rng.integers(*RECEIVED_AFTER, n), last[year])
    order = np.argsort(received, kind="stable")
    frame = {
        "contact_ref": contact_refs(about, world.shape),
        "urn": world.schools.urn[seen.school[about], year],
        "received_on": world.days.date_text(received),
        "kind": choose(rng, COMPLAINT_KINDS, n),
        "outcome": choose(rng, COMPLAINT_ENDS, n),
    }
    return {"complaint_ref": refs("CMP", np.arange(n) + 1, chunk=world.shape.chunk, width=4)} | rows_of(frame, order)
