"""Officers at the schools of a made-up force: who was where on which day, how many were meant, who was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from dueregard.synth.days import Days
from dueregard.synth.draws import Frame, frame_of, refs
from dueregard.synth.schools import Schools
from dueregard.synth.shape import Shape
from dueregard.synth.truth import Truth
from dueregard.terms.ethnicity import BROAD

When = tuple[int, int, int]  # academic year (0 is the first), month, day


@dataclass(frozen=True, slots=True)
class Plan:
    """How is one school served? Each spell has an officer of its own; `is_shared` joins it to the plan before."""

    role: str
    kind: str
    fte: float
    spells: tuple[tuple[When, When | None], ...]
    is_shared: bool = False


# The neediest school takes the first plan. Staggered starts, a gap, a shared officer, a January start. Illustrative.
CLUSTER = Plan("safer_schools_officer", "cluster", 0.33, (((1, 9, 5), None),))
SECONDARY = (
    Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 1), None),)),
    Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 6), (1, 12, 16)), ((1, 4, 17), None))),
    Plan("safer_schools_officer", "ssp_part_time", 0.5, (((0, 1, 4), None),)),
    CLUSTER,
    Plan(CLUSTER.role, CLUSTER.kind, CLUSTER.fte, CLUSTER.spells, is_shared=True),
    Plan(CLUSTER.role, CLUSTER.kind, CLUSTER.fte, CLUSTER.spells, is_shared=True),
    Plan("named_officer", "named_support", 0.1, (((2, 9, 4), (2, 3, 28)),)),
    Plan("", "", 0.0, ()),
)
PRIMARY = (
    Plan("named_officer", "named_support", 0.1, (((0, 11, 1), None),)),
    Plan("pcso", "visiting", 0.2, (((0, 1, 10), (1, 7, 21)),)),
    Plan("named_officer", "named_support", 0.1, (((1, 9, 5), None),)),
    Plan("pcso", "visiting", 0.2, (((1, 1, 9), None),)),
)
PR = (Plan("youth_engagement_diversion_officer", "attached", 0.5, (((0, 9, 1), None),)),)
PLANS = {"SS": SECONDARY, "PS": PRIMARY, "PR": PR}
IS_CYCLED = {
    "SS",
    "PR",
}  # a bigger force goes round these plans again; of its primaries only a quarter is served
# A bigger force: the same with the handover of one officer to the next, and officers who are named for ten primaries.
NAMED = Plan("named_officer", "named_support", 0.1, (((0, 11, 1), None),))
NAMED_TOO = Plan(NAMED.role, NAMED.kind, NAMED.fte, NAMED.spells, is_shared=True)
PART = Plan("safer_schools_officer", "ssp_part_time", 0.5, (((1, 1, 4), None),))
BIG_PLANS = {
    "SS": (
        Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 1), None),)),
        Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 6), (1, 12, 16)), ((1, 4, 17), None))),
        Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 1), (1, 1, 26)), ((1, 1, 8), None))),
        PART, replace(PART, spells=(((2, 9, 4), None),), is_shared=True),
        CLUSTER, replace(CLUSTER, is_shared=True), replace(CLUSTER, is_shared=True),
        Plan("", "", 0.0, ()),
    ),
    "PS": (NAMED, *([NAMED_TOO] * 9)),
    "PR": (*PR, replace(PR[0], is_shared=True)),
}  # fmt: skip
LEAVING_DAYS = 160  # London's officers left over the months before the last day
N_RESPONSE = 12  # officers who come where nobody is posted


@dataclass(frozen=True, slots=True)
class Postings:
    """One entry a posting; days are numbers, `last` is -1 while it goes on.

    holder: shape (n_schools, n_days), the number of the officer posted that day, or -1.
    """

    school: np.ndarray
    officer: np.ndarray
    role: np.ndarray
    kind: np.ndarray
    fte: np.ndarray
    first: np.ndarray
    last: np.ndarray
    holder: np.ndarray

    @property
    def n_officers(self) -> int:
        return int(self.officer.max(initial=-1)) + 1


def draw_postings(rng: np.random.Generator, schools: Schools, shape: Shape, days: Days, truth: Truth) -> Postings:
    """Postings in order of need: schools with more Black pupils and more free meals are served first.

    Runnymede 2023: more officers in schools with more pupils on free meals (domain.md 1.1). The weights are dials.
    """
    need = truth.posting_by_black_share * schools.ethnic_share[:, BROAD.index("B")]
    need = need + truth.posting_by_fsm * schools.fsm_share + truth.posting_by_school_factor * np.log(schools.factor)
    need = need + rng.normal(0, truth.posting_noise, schools.n)
    rows: list[tuple] = []
    for phase, plans in (BIG_PLANS if shape.served else PLANS).items():
        can_have = (schools.phase == phase) & (np.arange(schools.n) != schools.converts) & schools.is_state
        ranked = [int(n) for n in np.argsort(-need, kind="stable") if can_have[n]]
        n_served = _n_served(rng, shape, phase, len(ranked), len(plans))
        for rank, school in enumerate(ranked[:n_served]):
            _add_spells(rows, school, plans[rank % len(plans)], shape, days)
    columns = _columns(_withdrawn(rng, rows, shape, days) if shape.withdrawn_on else rows)
    return Postings(*[*columns, _holder(columns, schools.n, days)])


def _n_served(rng: np.random.Generator, shape: Shape, phase: str, n: int, n_plans: int) -> int:
    """How many schools of a phase have an officer? In a part of a big force a share, with chance for the remainder."""
    if shape.served:
        return min(n, int(shape.served[phase] * n + rng.random()))
    return n if phase in IS_CYCLED else max(n_plans, n // 4)


def _withdrawn(rng: np.random.Generator, rows: list[tuple], shape: Shape, days: Days) -> list[tuple]:
    """Every posting ends by the day on which the scheme ended; what would begin after it never did."""
    end = days.number(shape.withdrawn_on) if shape.withdrawn_on else days.n
    left = end - rng.integers(0, LEAVING_DAYS, len(rows)) * (rng.random(len(rows)) < 0.3)
    ended = [(*row[:-1], int(last) if row[-1] < 0 else min(row[-1], end)) for row, last in zip(rows, left, strict=True)]
    return [row for row in ended if row[-2] <= row[-1]]


def _columns(rows: list[tuple]) -> list[np.ndarray]:
    kinds = (int, int, object, object, float, int, int)
    return [np.array([row[n] for row in rows], dtype=kind) for n, kind in enumerate(kinds)]


def _add_spells(rows: list[tuple], school: int, plan: Plan, shape: Shape, days: Days) -> None:
    """One row a spell: school, officer, role, kind, fte, first day, last day."""
    for from_when, to_when in plan.spells:
        newest = max((row[1] for row in rows), default=-1)
        officer = newest if plan.is_shared else newest + 1
        first = _day(from_when, shape, days)
        last = -1 if to_when is None else _day(to_when, shape, days)
        rows.append((school, officer, plan.role, plan.kind, plan.fte, first, last))


def _day(when: When, shape: Shape, days: Days) -> int:
    year, month, day = when
    return days.number(date(shape.years[year] + (month < 9), month, day))


def _holder(columns: list[np.ndarray], n_schools: int, days: Days) -> np.ndarray:
    holder = np.full((n_schools, days.n), -1)
    school, officer, *_, first, last = columns
    for n in range(len(school)):
        upto = days.n if last[n] < 0 else last[n] + 1
        holder[school[n], first[n] : upto] = officer[n]
    return holder


def officer_refs(numbers: np.ndarray, shape: Shape) -> np.ndarray:
    """Officer numbers as pseudonyms."""
    return refs("OFF", numbers + 1, width=4, part=shape.part)


def posting_frame(postings: Postings, schools: Schools, shape: Shape, days: Days) -> Frame:
    return {
        "posting_ref": refs("PST", np.arange(len(postings.school)) + 1, width=4, part=shape.part),
        "officer_ref": officer_refs(postings.officer, shape),
        "urn": schools.urn[postings.school, 0],
        "role": postings.role,
        "kind": postings.kind,
        "fte": [f"{fte:.2f}" for fte in postings.fte.tolist()],
        "from_on": days.date_text(postings.first),
        "to_on": days.date_text(postings.last),
    }


def establishment_frame(postings: Postings, shape: Shape) -> Frame:
    """How many posts are meant: the target stays above the budget, as it did in London (domain.md 1.1)."""
    rows: list[list[object]] = []
    if shape.force in ESTABLISHED:
        rows = [list(row) for row in ESTABLISHED[shape.force]] if shape.is_first else []
        return frame_of(("from_on", "to_on", "kind", "n_posts"), rows)
    for n, year in enumerate(shape.years):
        span = [date(year, 9, 1).isoformat(), date(year + 1, 8, 31).isoformat()]
        rows.append([*span, "target", postings.n_officers + 2 + n])
        rows.append([*span, "budgeted", postings.n_officers - 1 + n])
    return frame_of(("from_on", "to_on", "kind", "n_posts"), rows)


# London: 292 officers in December 2016 (MQT 2016/4608), 420 in 2019 and a target just under 600 (the issue that this
# generator answers; the month is illustrative), 489 in January 2023 (Runnymede), 371 when the scheme ended, withdrawn
# in May 2025 (domain.md 0 and 1.1). England: 683 in 2021, 979 in January 2023 (the same; 2021 is 23 forces only).
ESTABLISHED: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    "london": (
        ("2016-12-01", "2019-08-31", "budgeted", 292), ("2019-09-01", "2022-12-31", "budgeted", 420),
        ("2019-09-01", "2025-05-23", "target", 596), ("2023-01-01", "2024-11-30", "budgeted", 489),
        ("2024-12-01", "2025-05-23", "budgeted", 371), ("2025-05-24", "", "budgeted", 0), ("2025-05-24", "", "target", 0),
    ),
    "england": (
        ("2021-01-01", "2022-12-31", "budgeted", 683), ("2023-01-01", "2025-05-23", "budgeted", 979),
        ("2025-05-24", "", "budgeted", 608),
    ),
}  # fmt: skip
# decision, who, method, asked, answered, what changed: one line a consultation, in order of postings. Illustrative.
ASKED = (
    ("begin_posting", "governors", "meeting", 12, 11, "The governors asked for a report each term"),
    ("begin_posting", "parents", "letter", 900, 63, "Nothing"),
    ("change_posting", "staff", "meeting", 70, 41, "The officer no longer attends detentions"),
    ("begin_posting", "pupils", "focus_group", 24, 22, "Pupils are told when an officer records a talk"),
    ("review", "community", "meeting", 200, 37, "A panel reads a sample of records twice a year"),
    ("end_posting", "pupils", "survey", 400, 188, "A named contact remains"),
)
WEEKS_BEFORE = (3, 8)


def consultation_frame(rng: np.random.Generator, postings: Postings, shape: Shape, days: Days) -> Frame:
    """Who was asked before some of the postings that began after the first month; most had no consultation."""
    later = np.flatnonzero(postings.first > 30)[: len(ASKED)]
    held = postings.first[later] - 7 * rng.integers(*WEEKS_BEFORE, len(later))
    held = days.date_text(held.clip(min=0))
    posting = refs("PST", later + 1, width=4, part=shape.part)
    rows = [(refs("CNS", np.array([n + 1]), width=4, part=shape.part)[0], posting[n], asked[0], held[n], *asked[1:])
            for n, asked in enumerate(ASKED[: len(later)])]  # fmt: skip
    names = ("consultation_ref", "posting_ref", "decision", "held_on", "who", "method", "n_asked", "n_answered",
             "what_changed")  # fmt: skip
    return frame_of(names, rows)
