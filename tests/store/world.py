"""A small force in a store: made through the same actions as the product's."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dueregard.store import actions
from dueregard.store.actor import Actor, actor_of, operator
from dueregard.store.contact_record import Pupil
from dueregard.store.pseudonyms import pupil_ref

OP = operator("tester")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROLES = ("officer", "sergeant", "analyst", "equality_lead", "school", "panel", "oversight", "release_checker", "dpo",
         "access_clerk", "administrator")  # fmt: skip
SCHOOLS = ("100001", "100002", "100003")
PASSWORD = "correct horse battery staple"

CONTACT = {
    "urn": "100001", "occurred_at": "2026-11-20T10:30", "place_relation": "on_site", "time_relation": "lesson",
    "route": "school_staff_report", "initiator": "staff", "behaviour": "other", "harm_level": "none",
    "schools_protocol": "applied", "lowest_response": "advice", "why_not_lower": "not_applicable",
}  # fmt: skip
INVOLVEMENT = {
    "subject_category": "subject_of_concern", "age": 13, "year_group": "9", "sex": "F", "self_defined_ethnicity": "B1",
    "observed_ethnicity": "IC3", "sen_provision": "K", "sen_type": "ASD", "disability": "unknown",
    "characteristics_source": "school", "was_known_to_officer": "no", "adjustments_made": "not_needed",
    "appropriate_adult": "not_required", "school_later_cleared": "unknown",
}  # fmt: skip
SEARCH = {
    "power": "stop_and_search", "legislation": "pace_s1", "search_object": "unknown", "clothing_removal": "none",
    "tactic": "unknown", "item_found": "no", "is_injured": "no",
}  # fmt: skip
ROLL_HEADER = "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils"


@dataclass(frozen=True)
class World:
    """Who is there: role -> the person acting in it; `other_officer` and `other_school` besides."""

    people: dict[str, Actor]

    def __getattr__(self, role: str) -> Actor:
        return self.people[role]


def build(*, now: datetime = NOW) -> World:
    """Three schools in two boroughs, two officers with a posting each, and a person for every role."""
    for urn, borough in zip(SCHOOLS, ("Ham", "Ham", "Other"), strict=True):
        actions.record("school", {"urn": urn, "name": f"School {urn}", "borough": borough, "la_code": "999", "phase": "PS",
                                  "type": "Community school", "opened_on": "2000-09-01"}, by=OP, now=now)  # fmt: skip
    for ref, supervisor in (("o1", "o9"), ("o2", "o9"), ("o9", "")):
        actions.record("officer", {"officer_ref": ref, "name": f"Officer {ref}", "team": "", "supervisor_ref": supervisor},
                       by=OP, now=now)  # fmt: skip
    people = {}
    for role in (*ROLES, "other_officer", "other_school"):
        officer = {"officer": "o1", "other_officer": "o2", "sergeant": "o9"}.get(role, "")
        urn = {"school": "100001", "other_school": "100003"}.get(role, "")
        ref = actions.add_person(role, name=role, password=PASSWORD, by=OP, officer_ref=officer, now=now)
        actions.give_role(ref, role.removeprefix("other_"), from_on=date(2020, 1, 1), urn=urn, by=OP, now=now)
        people[role] = actor_of(ref, on=now.date())
    for n, (officer, urn) in enumerate((("o1", "100001"), ("o2", "100003"))):
        actions.record("posting", {"posting_ref": f"post{n}", "officer_ref": officer, "urn": urn, "role": "safer_schools_officer",
                                   "kind": "based_full_time", "fte": "1", "from_on": "2024-09-01"},
                       by=people["sergeant"], now=now)  # fmt: skip
    return World(people)


def people_of_store() -> World:
    """The people of the store that is open, with the roles that they have."""
    from dueregard.store.models import Person

    return World({p.login: actor_of(p.person_ref, on=NOW.date()) for p in Person.objects.all()})


def pupil(identifier: str = "A1", urn: str = "100001", **answers: object) -> Pupil:
    ref = pupil_ref(identifier, kind="admission_number", urn=urn) if identifier else ""
    return Pupil(ref, {**INVOLVEMENT, **answers}, {})


def contact(by: Actor, *pupils: Pupil, now: datetime = NOW, key: str = "", **answers: object):
    return actions.record_contact({**CONTACT, **answers}, list(pupils) or [pupil()], by=by, now=now, key=key)


def some_contacts(world: World, n: int, *, seed: int = 1, now: datetime = NOW) -> list[str]:
    """n contacts of both officers, some with powers, steps and offers of help."""
    rng, found = random.Random(seed), []
    for k in range(n):
        who, urn = rng.choice((("officer", "100001"), ("other_officer", "100003")))
        happened = (now - timedelta(days=rng.randrange(1, 20))).strftime("%Y-%m-%dT%H:%M")
        parts = {"power_use": (SEARCH,)} if rng.random() < 0.3 else {}
        if rng.random() < 0.3:
            parts["step"] = (
                {"stage": "arrested", "occurred_on": happened[:10], "decided_by": "officer", "reason": "evidence"},
            )
        if rng.random() < 0.3:
            parts["support"] = ({"service": "mentoring", "offered_on": happened[:10], "is_accepted": "yes"},)
        some = [Pupil(pupil(f"A{rng.randrange(9)}", urn).ref, INVOLVEMENT, parts)] + (
            [pupil("", urn)] if k % 3 == 0 else []
        )
        found.append(contact(world.people[who], *some, urn=urn, occurred_at=happened, now=now).contact_ref)
    return found


def roll_csv(urn: str = "100001", n: int = 100, *, census_on: str = "2026-10-01") -> bytes:
    rows = [f"{urn},{census_on},{year},{sex},{e},N,none,none,no,{n}" for year in (7, 8, 9, 10, 11)
            for sex in "FM" for e in ("WBRI", "BCRB")]  # fmt: skip
    return "\n".join([ROLL_HEADER, *rows, ""]).encode()
