"""Every role at every address, with an own, another's and an absent row: what is refused looks like what is not there."""

from __future__ import annotations

from datetime import date

import pytest
from store.world import OP, SEARCH, contact, pupil

from dueregard.store.contact_record import Pupil
from dueregard.store.versions import current
from dueregard.web.addresses import ADDRESSES, ANYONE, EVERY_ROLE, HALF

BY_NAME = {a.name: a for a in ADDRESSES}
OWN, OTHER, ABSENT = "own", "other", "absent"
BOTH, NEITHER = {OWN, OTHER}, set()
ABSENT_REF = "0" * 24

# What the roles reach at each address that names a row: written by hand from the issue, not from the policy.
# A role that is not named reaches nothing there. A reason that is asked for first counts as reached.
REACHED: dict[str, dict[str, set[str]]] = {
    "public_school": {},
    "end_session": {role: {OWN} for role in EVERY_ROLE},
    "draft": {"officer": {OWN}},
    "draft_discard": {"officer": {OWN}},
    "contact": {"officer": {OWN}, "sergeant": BOTH, "access_clerk": BOTH, "panel": NEITHER, "dpo": NEITHER},
    "contact_correct": {"officer": {OWN}, "sergeant": BOTH},
    "contact_close": {"officer": {OWN}, "sergeant": BOTH},
    "contact_withdraw": {"officer": {OWN}, "sergeant": BOTH},
    "contact_support": {"officer": {OWN}, "sergeant": BOTH},
    "complaint": {"sergeant": BOTH}, "complaint_withdraw": {"sergeant": BOTH},
    "survey": {"equality_lead": BOTH}, "survey_withdraw": {"equality_lead": BOTH},
    "term": {"sergeant": BOTH}, "term_withdraw": {"sergeant": BOTH},
    "sanction": {"school": {OWN}}, "sanction_withdraw": {"school": {OWN}},
    "activity": {"officer": {OWN}, "sergeant": BOTH},
    "activity_withdraw": {"officer": {OWN}, "sergeant": BOTH},
    "posting": {"sergeant": BOTH}, "posting_withdraw": {"sergeant": BOTH},
    "establishment": {"sergeant": BOTH}, "establishment_withdraw": {"sergeant": BOTH},
    "consultation": {"sergeant": BOTH, "equality_lead": BOTH}, "consultation_withdraw": {"sergeant": BOTH, "equality_lead": BOTH},
    "partnership": {"sergeant": BOTH}, "partnership_withdraw": {"sergeant": BOTH},
    "officer": {"sergeant": BOTH, "administrator": BOTH},
    "school": {"sergeant": BOTH, "administrator": BOTH},
    "offer": {"sergeant": BOTH, "school": {OWN}}, "offer_withdraw": {"sergeant": BOTH, "school": {OWN}},
    "school_posting": {"school": {OWN}},
    "review_one": {"dpo": NEITHER},
    "request_erase": {"access_clerk": BOTH}, "rectify": {"access_clerk": BOTH},
    "person": {"administrator": BOTH},
}  # fmt: skip
POSTED = ("end_session", "draft_discard")  # asked for by a button alone


def register_row(table: str, by, **values) -> str:
    from dueregard.store import actions

    return actions.record(table, values, by=by).row_ref


@pytest.fixture
def rows(service) -> dict[str, dict[str, object]]:
    """For each kind of row: one of the officer or school that asks, and one of another."""
    from dueregard.store import actions

    act = {name: service.actor(name) for name in ("officer", "other_officer", "sergeant")}
    made: dict[str, dict[str, object]] = {}
    some = Pupil(pupil().ref, pupil().involvement, {"power_use": (SEARCH,)})
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    made["contact_ref"] = {
        OWN: contact(act["officer"], some, now=now).contact_ref,
        OTHER: contact(act["other_officer"], pupil("B2", "100003"), urn="100003", now=now).contact_ref,
    }
    made["draft_ref"] = {which: actions.save_draft({"key": which, "contact": {}, "pupils": []}, by=by).draft_ref
                         for which, by in ((OWN, act["officer"]), (OTHER, act["other_officer"]))}  # fmt: skip
    boss, each = act["sergeant"], ((OWN, "100001", "o1"), (OTHER, "100003", "o2"))
    by_table = {
        "activity": lambda urn, o: register_row("activity", act["officer" if o == "o1" else "other_officer"], urn=urn, officer_ref=o, occurred_on="2026-11-20",
                                                kind="sweep", minutes=30, n_pupils=0),
        "posting": lambda urn, o: held("posting", urn=urn),
        "establishment": lambda urn, o: register_row("establishment", boss, from_on="2024-01-01" if o == "o1" else "2025-01-01", kind="target", n_posts=420),
        "consultation": lambda urn, o: register_row("consultation", boss, decision="begin_posting", held_on="2024-05-01", who="pupils", method="survey"),
        "partnership": lambda urn, o: register_row("partnership", boss, urn=urn, name="", from_on="2024-01-01"),
        "officer": lambda urn, o: held("officer", officer_ref=o),
        "school": lambda urn, o: held("school", urn=urn),
        "complaint": lambda urn, o: register_row("complaint", boss, urn=urn, received_on="2026-10-01", kind="unknown", outcome="unknown"),
        "survey": lambda urn, o: register_row("survey", service.actor("equality_lead"), wave="2025/26", area=urn, item="trust_police", respondent="pupil",
                                              ethnicity="B", sex="F", sen_provision="N", n_asked=20, n_agreed=9),
        "term": lambda urn, o: register_row("calendar", boss, la_code=urn, academic_year="2026/27", term="autumn", from_on="2026-09-01", to_on="2026-12-18", school_days=70),
        "sanction": lambda urn, o: register_row("sanction", service.actor("school" if o == "o1" else "other_school"), urn=urn, academic_year="2025/26", term="autumn",
                                                kind="SUSP", reason="PP", ethnicity="B", sex="F", sen_provision="N", sen_type="all", n=3),
        "offer": lambda urn, o: register_row("service_offer", boss, urn=urn, service="mentoring", from_on="2024-01-01"),
    }  # fmt: skip
    for name, make in by_table.items():
        made[name] = {which: make(urn, o) for which, urn, o in each}
    made["person_ref"] = {OWN: act["officer"].person_ref, OTHER: act["other_officer"].person_ref}
    return made


def held(table: str, **where: str) -> str:
    from dueregard.store.versions import current

    return current(table).get(**where).row_ref


def path_of(address, which: str, rows, service, role: str) -> str:
    """The address with a row of this kind in it."""
    if "<" not in address.path:
        return f"/{address.path}"
    before, _, after = address.path.partition("<")
    slot, _, rest = after.partition(">")
    name = slot.partition(":")[2]
    if name == "number":
        return f"/{before}{session_number(service, role, which)}{rest}"
    kind = address.name.removesuffix("_withdraw").removeprefix("school_") if name == "row_ref" else name
    return f"/{before}{ABSENT_REF if which == ABSENT else rows[kind][which]}{rest}"


def session_number(service, role: str, which: str) -> int:
    from dueregard.web.models import SignIn

    if which == ABSENT:
        return 999_999
    ref = service.actor(role).person_ref
    return (
        SignIn.objects.filter(person_ref=ref).first().pk
        if which == OWN
        else SignIn.objects.exclude(person_ref=ref).first().pk
    )


def asked(browser, address, path: str):
    return browser.post(path) if address.name in POSTED else browser.get(path)


def test_every_address_has_a_line_and_every_line_an_address():
    from django.urls import get_resolver

    assert sorted(p.name for p in get_resolver().url_patterns) == sorted(BY_NAME)
    for address in ADDRESSES:
        assert address.roles in (ANYONE, HALF) or (address.roles and set(address.roles) <= set(EVERY_ROLE)), (
            address.name
        )
    assert sorted(REACHED) == sorted(a.name for a in ADDRESSES if "<" in a.path)


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_role_reaches_what_is_declared_and_nothing_else(service, rows, role):
    """Asked by the page's own way; the page of what is refused is byte for byte that of an address nobody gave out."""
    service.browser("other_officer").get("/home/")
    browser = service.browser(role)
    not_there = browser.get("/nowhere/at/all/").content
    wrong, looked = [], 0
    for address in sorted(ADDRESSES, key=lambda a: a.name == "end_session"):  # the last: it ends this session
        if address.is_open:
            continue
        is_row = "<" in address.path
        for which in (ABSENT, OTHER, OWN) if is_row else (OWN,):
            answer = asked(browser, address, path_of(address, which, rows, service, role))
            looked += 1
            reached = which in REACHED[address.name].get(role, NEITHER) if is_row else is_open_to(role, address)
            if reached and answer.status_code not in (200, 302):
                wrong.append((address.name, which, "refused", answer.status_code))
            if not reached and (answer.status_code, answer.content) != (404, not_there):
                wrong.append((address.name, which, "reached, or told apart", answer.status_code))
    assert wrong == []
    assert looked > 100


def is_open_to(role: str, address) -> bool:
    return role in address.roles or address.roles == EVERY_ROLE


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_form_that_is_sent_to_what_is_refused_changes_nothing(service, rows, role):
    """The same matrix for what changes: every refused row answers 404, and the log alone has grown."""
    from dueregard.store.models import MODELS

    browser = service.browser(role)
    before = {name: model.objects.count() for name, model in MODELS.items()}
    for address in ADDRESSES:
        if address.is_open or address.name == "end_session":
            continue
        is_row = "<" in address.path
        for which in (OWN, OTHER) if is_row else (OWN,):
            reached = which in REACHED[address.name].get(role, NEITHER) if is_row else is_open_to(role, address)
            if not reached:
                path = path_of(address, which, rows, service, role)
                answer = browser.post(
                    path, {"seen": "0", "do": "record", "why": "Another reason", "more": "to try", "what": "password"}
                )
                assert answer.status_code == 404, (address.name, which, answer.status_code)
    assert {name: model.objects.count() for name, model in MODELS.items()} == before


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.roles not in (ANYONE,)], ids=lambda a: a.name)
def test_nobody_reaches_a_page_without_signing_in(service, address):
    from django.test import Client

    path = f"/{address.path}".replace("<int:number>", "1")
    while "<" in path:
        path = path[: path.index("<")] + ABSENT_REF + path[path.index(">") + 1 :]
    for answer in (Client().get(path), Client().post(path)):
        assert (answer.status_code, answer["Location"]) == (302, "/")


def two_roles(service, *roles):
    """A person with these roles at once, in a browser; a sergeant's is of one borough, a school's of one school."""
    from dueregard.store import actions
    from dueregard.store.models import Person

    ref = Person.objects.get(login=roles[0]).person_ref
    for grant in current("grant").filter(person_ref=ref):
        actions.end_grant(grant.grant_ref, to_on=date(2020, 2, 1), by=OP)
    for role in roles:
        more = {"sergeant": {"borough": "Ham"}, "school": {"urn": "100001"}}.get(role, {})
        actions.give_role(ref, role, from_on=date(2020, 3, 1), by=OP, **more)
    return service.browser(roles[0])


@pytest.mark.parametrize(
    "roles", [("sergeant", "analyst"), ("school", "analyst"), ("sergeant", "equality_lead", "panel")]
)
def test_no_page_breaks_for_somebody_with_several_roles(service, roles):
    browser, n = two_roles(service, *roles), 0
    rows = {
        table: list(current(table).values_list("row_ref", flat=True))
        for table in ("school", "posting", "officer", "calendar")
    }
    for address in ADDRESSES:
        path = address.path
        paths = (
            ["/" + path]
            if "<" not in path
            else [
                "/" + path.replace("<str:row_ref>", ref)
                for refs in rows.values()
                for ref in refs
                if path.count("<") == 1 and "<str:row_ref>" in path
            ]
        )
        for one in paths:
            assert browser.get(one).status_code < 500, one
            n += 1
    assert n > 40
