"""Officers at the schools of a made-up force: who was where on which day, how many were meant, who was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """How is one school served? Each spell has an officer of its own; a cluster's serves up to three schools of a row."""

    role: str
    kind: str
    fte: float
    spells: tuple[tuple[When, When | None], ...]


# The neediest school takes the first plan. Staggered starts, a gap, an overlap, a shared officer, a January start. Illustrative.
CLUSTER = Plan("safer_schools_officer", "cluster", 0.33, (((1, 9, 5), None),))
SECONDARY = (
    Plan(
        "safer_schools_officer", "based_full_time", 1.0, (((0, 9, 1), None), ((1, 2, 20), (1, 5, 26)))
    ),  # two for a time
    Plan("safer_schools_officer", "based_full_time", 1.0, (((0, 9, 6), (1, 12, 16)), ((1, 4, 17), None))),
    Plan("safer_schools_officer", "ssp_part_time", 0.5, (((0, 1, 4), None),)),
    CLUSTER,
    CLUSTER,
    CLUSTER,
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
SP = (Plan("named_officer", "named_support", 0.1, (((0, 10, 3), None),)),)
AT = (Plan("pcso", "visiting", 0.1, (((1, 9, 5), None),)),)
PLANS = {"SS": SECONDARY, "PS": PRIMARY, "PR": PR, "SP": SP, "AT": AT}
IS_CYCLED = {
    "SS",
    "PR",
}  # a bigger force goes round these plans again; of its other schools only a quarter is served
ROW_TYPES = (int, int, object, object, float, int, int)
WITHDRAWN_ROLE = "safer_schools_officer"
NEED_NOISE = 0.05
FEWEST_SERVED = {"PS": len(PRIMARY)}  # of a small force, whose special schools have nobody
SCHOOLS_A_CLUSTER = 3  # at a third of a full-time officer each
N_RESPONSE = 12  # officers who come where nobody is posted


@dataclass(frozen=True, slots=True)
class Postings:
    """One entry a posting; days are numbers, `last` is -1 while it goes on.

    holder: shape (n_schools, n_days), the number of the officer posted that day, the later of two, or -1.
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

    def n_of_scheme(self, day: int) -> int:
        """Officers in post on a day of the scheme that London withdrew; the others are named, visiting or attached."""
        is_there = (self.first <= day) & ((self.last < 0) | (self.last >= day))
        return len(np.unique(self.officer[is_there & (self.role == WITHDRAWN_ROLE)]))


def draw_postings(rng: np.random.Generator, schools: Schools, shape: Shape, days: Days, truth: Truth) -> Postings:
    """Postings in order of need: schools with more Black pupils and more free meals are served first.

    Runnymede 2023: more officers in schools with more pupils on free meals (domain.md 1.1).
    """
    need = truth.placement * (schools.ethnic_share[:, BROAD.index("B")] + schools.fsm_share)
    need = need + rng.normal(0, NEED_NOISE, schools.n) + truth.selection * np.log(schools.factor)
    rows: list[tuple] = []
    for phase, plans in PLANS.items():
        can_have = (schools.phase == phase) & (np.arange(schools.n) != schools.converts)
        ranked = [int(n) for n in np.argsort(-need, kind="stable") if can_have[n]]
        n_served = len(ranked) if phase in IS_CYCLED else max(FEWEST_SERVED.get(phase, 0), len(ranked) // 4)
        for rank, school in enumerate(ranked[:n_served]):
            _add_spells(rows, school, plans[rank * len(plans) // n_served], shape, days)
    columns: list[np.ndarray] = [np.array([row[n] for row in rows], dtype=kind) for n, kind in enumerate(ROW_TYPES)]
    return Postings(*[*columns, _holder(columns, schools.n, days)])


def _add_spells(rows: list[tuple], school: int, plan: Plan, shape: Shape, days: Days) -> None:
    """One row a spell: school, officer, role, kind, fte, first day, last day."""
    for from_when, to_when in plan.spells:
        officer = _officer(rows, plan)
        first = _day(from_when, shape, days)
        last = -1 if to_when is None else _day(to_when, shape, days)
        if shape.withdrawn and plan.role == WITHDRAWN_ROLE:
            last = min(days.n if last < 0 else last, days.number(shape.withdrawn))
        rows.append((school, officer, plan.role, plan.kind, plan.fte, first, last))


def _officer(rows: list[tuple], plan: Plan) -> int:
    """A new one, or the newest of a cluster that has room for one more school."""
    newest = max((row[1] for row in rows), default=-1)
    theirs = [row[3] for row in rows if row[1] == newest]
    has_room = plan.kind == CLUSTER.kind and 0 < theirs.count(CLUSTER.kind) < SCHOOLS_A_CLUSTER
    return newest if has_room else newest + 1


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
    return refs("OFF", numbers + 1, chunk=shape.chunk, width=4)


def posting_frame(postings: Postings, schools: Schools, shape: Shape, days: Days) -> Frame:
    return {
        "posting_ref": refs("PST", np.arange(len(postings.school)) + 1, chunk=shape.chunk, width=4),
        "officer_ref": officer_refs(postings.officer, shape),
        "urn": schools.urn[postings.school, 0],
        "role": postings.role,
        "kind": postings.kind,
        "fte": [f"{fte:.2f}" for fte in postings.fte.tolist()],
        "from_on": days.date_text(postings.first),
        "to_on": days.date_text(postings.last),
    }


# London: 292 officers in December 2016 (MQT 2016/4608, domain.md 1.1); 420 in 2019 and a target just under 600 (as the
# brief of this project has them; the documents themselves are still to be seen).
LONDON_POSTS = (("2016-12-01", "2017-11-30", "budgeted", 292), ("2019-01-01", "2019-12-31", "budgeted", 420),
                ("2019-01-01", "2019-12-31", "target", 599))  # fmt: skip


def establishment_frame(n_officers: Sequence[int], shape: Shape, *, is_london: bool = False) -> Frame:
    """How many posts are meant: the target stays above the budget, as it did in London (domain.md 1.1).

    n_officers: in each year. is_london: the whole force is London's, whose posts are known, and end with the scheme; of
    England London is a part.
    """
    rows: list[tuple] = list(LONDON_POSTS) if is_london else []
    for n, year in enumerate(shape.years):
        ends = date(year + 1, 8, 31)
        if is_london and shape.withdrawn:
            ends = min(ends, shape.withdrawn)
        span = (date(year, 9, 1).isoformat(), ends.isoformat())
        target = LONDON_POSTS[-1][-1] if is_london else n_officers[n] + 2 + n
        rows += [(*span, "target", target), (*span, "budgeted", n_officers[n] - 1 + n)]
    return frame_of(("from_on", "to_on", "kind", "n_posts"), rows)


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
    """Who was asked about some of the postings that began after the first month; most had no consultation.

    Before a posting began or ended; of a change or a review while it went on.
    """
    later = np.flatnonzero(postings.first > 30)
    ended = postings.last >= 0
    of_each = [
        (asked, later[ended[later]] if asked[0] == "end_posting" else later[n:]) for n, asked in enumerate(ASKED)
    ]
    told = [(asked, int(about[0])) for asked, about in of_each if len(about)]
    weeks = 7 * rng.integers(*WEEKS_BEFORE, len(told))
    held = np.array(
        [_held(asked[0], postings, at, int(w), days.n) for (asked, at), w in zip(told, weeks, strict=True)], dtype=int
    )
    on = days.date_text(held)
    posting = refs("PST", np.array([at for _, at in told], dtype=int) + 1, chunk=shape.chunk, width=4)
    own = refs("CNS", np.arange(len(told)) + 1, chunk=shape.chunk, width=4)
    rows = [(own[n], posting[n], asked[0], on[n], *asked[1:]) for n, (asked, _) in enumerate(told)]
    names = ("consultation_ref", "posting_ref", "decision", "held_on", "who", "method", "n_asked", "n_answered",
             "what_changed")  # fmt: skip
    return frame_of(names, rows)


def _held(decision: str, postings: Postings, at: int, before: int, n_days: int) -> int:
    """The day of a consultation, so many days before what was decided."""
    first, last = int(postings.first[at]), int(postings.last[at])
    if decision == "begin_posting":
        return max(first - before, 0)
    if decision == "end_posting":
        return max(last - before, first)
    return (first + (n_days - 1 if last < 0 else last)) // 2
