"""Who may do what: rights as data, and the one function that turns them into rows.

A right is: a role may do these verbs, on these tables, within this scope, without these columns. What no right allows
is refused, and what is refused looks like what is not there. Every channel (pages, downloads, counts) asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dueregard.errors import NotThere
from dueregard.store.actor import OPERATOR, Actor, Grant
from dueregard.store.tables import STORED
from dueregard.store.versions import current

SEE, RECORD, CORRECT, WITHDRAW = "see", "record", "correct", "withdraw"
# Done to the store as a whole; the table of such a right is `store`.
LOG, FREEZE, COMBINE, ERASE, RECTIFY, DRAW, QUALITY, FIGURES, BREAK = (
    "log", "freeze", "combine", "erase", "rectify", "draw", "quality", "figures", "break_glass",
)  # fmt: skip
STORE, PEOPLE, DRAFTS = "store", "person", "draft"
FORCE = "force"  # the scope of figures of everybody together, never of one school
OWN_DAYS = 28  # how long an officer sees a record of his own

CONTACT = ("contact", "involvement", "power_use", "step", "outcome", "support")
REGISTER = ("school", "posting", "establishment", "partnership", "calendar", "service_offer", "consultation", "basis")
NEVER_SHOWN = frozenset({"pupil_ref", "same_as_ref"})  # made and kept by the server, shown to nobody
REDACTED = frozenset({"officer_ref", "source_record_ref", "seconds_to_record", "recorded_at", "age"})
NAMES = frozenset({"name", "what_changed", "remark", "why", "supervisor_ref", "officer_ref"})


@dataclass(frozen=True, slots=True)
class Right:
    """One line of the policy."""

    role: str
    tables: tuple[str, ...]
    verbs: tuple[str, ...] = (SEE,)
    scope: str = "all"
    hidden: frozenset[str] = frozenset()
    needs_why: bool = False  # a reason must be given before one child's record is opened


ALL_OF_IT = (SEE, RECORD, CORRECT, WITHDRAW)

RIGHTS: tuple[Right, ...] = (
    Right("officer", CONTACT, ALL_OF_IT, "own"),
    Right("officer", CONTACT, (SEE,), "glass", needs_why=True),
    Right("officer", ("posting", "activity"), (SEE,), "own"),
    Right("officer", ("activity",), (RECORD, CORRECT, WITHDRAW), "own"),
    Right("officer", ("school", "service_offer", "calendar", "partnership", "basis")),
    Right("officer", (DRAFTS,), ALL_OF_IT),
    Right("officer", (STORE,), (BREAK,)),
    Right("sergeant", CONTACT, ALL_OF_IT, "borough", needs_why=True),
    Right("sergeant", (*REGISTER, "activity", "officer", "confirmation", "collection", "roll", "receipt", "complaint"),
          scope="borough"),
    Right("sergeant", ("posting", "partnership", "service_offer", "consultation", "activity", "officer", "complaint", "collection"),
          (RECORD, CORRECT, WITHDRAW), "borough"),
    Right("sergeant", (DRAFTS,), ALL_OF_IT),
    Right("sergeant", ("school", "establishment", "calendar"), (RECORD, CORRECT, WITHDRAW)),
    Right("sergeant", ("notice",), scope="notice"),
    Right("sergeant", (STORE,), (COMBINE, QUALITY, FIGURES, DRAW), "borough"),
    Right("analyst", ("school", "posting", "establishment", "calendar", "service_offer", "roll", "activity", "collection",
                      "sanction", "survey", "stage_count"), hidden=NAMES),
    Right("analyst", (STORE,), (FREEZE, FIGURES, QUALITY)),
    Right("equality_lead", ("school", "posting", "establishment", "calendar", "service_offer", "consultation", "collection"),
          hidden=frozenset({"officer_ref"})),
    Right("equality_lead", ("consultation",), (RECORD, CORRECT, WITHDRAW)),
    Right("equality_lead", (STORE,), (FIGURES, DRAW, QUALITY)),
    Right("school", ("school", "posting", "roll", "collection", "confirmation", "receipt", "service_offer", "activity",
                     "sanction", "partnership"), scope="school"),
    Right("school", ("roll", "collection", "confirmation", "receipt", "sanction", "service_offer"),
          (RECORD, CORRECT, WITHDRAW), "school"),
    Right("school", ("basis", "calendar")),
    Right("school", (STORE,), (FIGURES,), "school"),
    Right("panel", ("contact", "involvement", "power_use", "step", "outcome"), scope="sample", hidden=REDACTED),
    Right("panel", ("basis",)),
    Right("oversight", ("school", "posting", "establishment", "basis", "collection"), hidden=frozenset({"officer_ref"})),
    Right("oversight", (STORE,), (FIGURES,), FORCE),
    Right("release_checker", ("school", "basis")),
    Right("release_checker", (STORE,), (FIGURES,), FORCE),
    Right("dpo", ("notice",), scope="notice"),
    Right("dpo", ("basis", "erasure", "break_glass", "combination", "grant")),
    Right("dpo", ("review",), ALL_OF_IT),
    Right("dpo", ("contact",), (SEE,), "glass", needs_why=True),
    Right("dpo", ("basis",), (RECORD, CORRECT)),
    Right("dpo", (STORE,), (LOG, ERASE)),
    Right("access_clerk", (*CONTACT, "complaint"), (SEE,), "all", needs_why=True),
    Right("access_clerk", ("basis",)),
    Right("access_clerk", (STORE,), (RECTIFY, ERASE)),
    Right("administrator", ("grant", "officer", "school", "basis"), ALL_OF_IT),
    Right("administrator", (PEOPLE,), ALL_OF_IT),
    Right(OPERATOR, (STORE,), (LOG, FREEZE, ERASE)),
    Right(OPERATOR, ("grant", "basis", "school", "officer", "calendar", "establishment", "partnership", "service_offer"), ALL_OF_IT),
    Right(OPERATOR, (PEOPLE,), ALL_OF_IT),
)  # fmt: skip


def visible(table: str, *, by: Actor, verb: str = SEE, today: date) -> Any:
    """Which current rows of this table may this person do this to? A queryset, for this room alone.

    A table that no right names gives no row.
    """
    from django.db.models import Q

    within = Q(pk__in=())
    for right, grant in rights_of(by, table, verb):
        within |= SCOPES[right.scope](table, by, grant, today)
    return current(table).filter(within)


def reached(verb: str, table: str, *, by: Actor, today: date) -> Any:
    """Which rows of this table count for this person's quality desk or figures? Counted, never shown. A queryset."""
    from django.db.models import Q

    within = Q(pk__in=())
    for right, grant in rights_of(by, STORE, verb):
        within |= _school_of(table, grant) if right.scope == "school" else SCOPES[right.scope](table, by, grant, today)
    return current(table).filter(within)


def rights_of(by: Actor, table: str, verb: str) -> list[tuple[Right, Grant]]:
    """Which rights has this person for this verb on this table, by which grant?"""
    return [
        (right, grant)
        for grant in by.grants
        for right in RIGHTS
        if right.role == grant.role and table in right.tables and verb in right.verbs
    ]


def may(verb: str, table: str = STORE, *, by: Actor, row_ref: str | None = None, today: date | None = None) -> bool:
    """May this person do this, to this row if one is named?"""
    try:
        check_may(verb, table, by=by, row_ref=row_ref, today=today)
    except NotThere:
        return False
    return True


def check_may(
    verb: str, table: str = STORE, *, by: Actor, row_ref: str | None = None, today: date | None = None
) -> None:
    """Raises NotThere if not: what is refused looks like what is not there."""
    if not rights_of(by, table, verb):
        raise NotThere()
    if row_ref is not None and not visible(table, by=by, verb=verb, today=today or date.today()).filter(row_ref=row_ref).exists():  # fmt: skip
        raise NotThere()


def may_ask_of_one_school(*, by: Actor) -> bool:
    """May this person ask for the figures of one school? Not who sees those of the whole force alone: they are small."""
    return any(right.scope != FORCE for right, _ in rights_of(by, STORE, FIGURES))


def hidden_from(by: Actor, table: str) -> frozenset[str]:
    """Which columns of this table may this person not see? With several rights, those that every one hides."""
    found = [right.hidden for right, _ in rights_of(by, table, SEE)]
    return NEVER_SHOWN | (frozenset.intersection(*found) if found else frozenset(STORED[table].names))


def needs_why(by: Actor, table: str, row_ref: str, *, today: date) -> bool:
    """Must a reason be given before this one row is opened? Not where some right without that demand covers it."""
    for right, grant in rights_of(by, table, SEE):
        if not right.needs_why and current(table).filter(SCOPES[right.scope](table, by, grant, today), row_ref=row_ref).exists():  # fmt: skip
            return False
    return True


def _nothing() -> Any:
    from django.db.models import Q

    return Q(pk__in=())


def _everything() -> Any:
    from django.db.models import Q

    return Q(pk__gt=0)  # an empty Q would vanish beside another one, and leave nothing


def _all(table: str, by: Actor, grant: Grant, today: date) -> Any:
    return _everything()


def _through_contact(table: str, held: Any) -> Any:
    """The rows of this table whose contact is one of those held."""
    from django.db.models import Q

    if table == "contact":
        return Q(pk__in=held.values("pk"))
    return Q(contact_ref__in=held.values("contact_ref"))


def _own(table: str, by: Actor, grant: Grant, today: date) -> Any:
    """Rows about the officer himself; contacts for as long as an officer sees a record of his own."""
    from django.db.models import Q

    if not by.officer_ref:
        return _nothing()
    if table not in CONTACT:
        return Q(officer_ref=by.officer_ref)
    since = (today - timedelta(days=OWN_DAYS)).isoformat()
    return _through_contact(table, current("contact").filter(officer_ref=by.officer_ref, recorded_at__gte=since))


def _school(table: str, by: Actor, grant: Grant, today: date) -> Any:
    from django.db.models import Q

    return Q(urn=grant.urn) if grant.urn else _nothing()


def _school_of(table: str, grant: Grant) -> Any:
    """Rows that belong to one school, those of its contacts too."""
    from django.db.models import Q

    if not grant.urn:
        return _nothing()
    if "urn" in STORED[table].names:
        return Q(urn=grant.urn)
    return _through_contact(table, current("contact").filter(urn=grant.urn))


def _borough(table: str, by: Actor, grant: Grant, today: date) -> Any:
    """Rows of schools of the borough; the whole force where the grant names none."""
    from django.db.models import Q

    if not grant.borough:
        return _everything()
    names = STORED[table].names
    if table == "school":
        return Q(borough=grant.borough)
    urns = current("school").filter(borough=grant.borough).values("urn")
    if "urn" in names:
        return Q(urn__in=urns)
    if table in CONTACT:
        return _through_contact(table, current("contact").filter(urn__in=urns))
    if table == "consultation":
        return Q(posting_ref="") | Q(posting_ref__in=current("posting").filter(urn__in=urns).values("posting_ref"))
    return _everything()  # tables that belong to no school: officers, establishment, terms


def _sample(table: str, by: Actor, grant: Grant, today: date) -> Any:
    drawn = current("sample").values("contact_ref")
    return _through_contact(table, current("contact").filter(contact_ref__in=drawn))


def _glass(table: str, by: Actor, grant: Grant, today: date) -> Any:
    from datetime import UTC, datetime

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    opened = current("break_glass").filter(person_ref=by.person_ref, until_at__gte=now).values("contact_ref")
    return _through_contact(table, current("contact").filter(contact_ref__in=opened))


def _notice(table: str, by: Actor, grant: Grant, today: date) -> Any:
    from django.db.models import Q

    return Q(to_role=grant.role) & (Q(officer_ref="") | Q(officer_ref=by.officer_ref or "-"))


SCOPES: dict[str, Callable[[str, Actor, Grant, date], Any]] = {
    "all": _all, FORCE: _all, "own": _own, "school": _school, "borough": _borough, "sample": _sample, "glass": _glass, "notice": _notice,
}  # fmt: skip
