"""How far a right reaches: for each scope, which rows of a table lie in it for the person who asks. For `policy` alone.

A scope compares with texts alone, so that its question can be made once and asked of anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dueregard.store.actor import Actor, Grant
from dueregard.store.clock import utc_time
from dueregard.store.tables import STORED
from dueregard.store.versions import current

CONTACT = ("contact", "involvement", "power_use", "step", "outcome", "support", "parent_told")
FORCE = "force"  # the scope of figures of everybody together, never of one school
OWN_DAYS = 28  # how long an officer sees a record of his own


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks by which grant, and when. since: the first day of an officer's own records; until: this minute, in UTC."""

    role: str
    person_ref: str
    officer_ref: str
    urn: str
    borough: str
    since: str
    until: str


def asking(by: Actor, grant: Grant, today: date) -> Asking:
    since = (today - timedelta(days=OWN_DAYS)).isoformat()
    return Asking(grant.role, by.person_ref, by.officer_ref, grant.urn, grant.borough, since, utc_time(datetime.now(UTC)))  # fmt: skip


def _nothing() -> Any:
    from django.db.models import Q

    return Q(pk__in=())


def _everything() -> Any:
    from django.db.models import Q

    return Q(pk__gt=0)  # an empty Q would vanish beside another one, and leave nothing


def _all(table: str, who: Asking) -> Any:
    return _everything()


def _through_contact(table: str, held: Any) -> Any:
    """The rows of this table whose contact is one of those held."""
    from django.db.models import Q

    if table == "contact":
        return Q(pk__in=held.values("pk"))
    return Q(contact_ref__in=held.values("contact_ref"))


def _own(table: str, who: Asking) -> Any:
    """Rows about the officer himself; contacts for as long as an officer sees a record of his own."""
    from django.db.models import Q

    if not who.officer_ref:
        return _nothing()
    if table not in CONTACT:
        return Q(officer_ref=who.officer_ref)
    return _through_contact(table, current("contact").filter(officer_ref=who.officer_ref, recorded_at__gte=who.since))


def _school(table: str, who: Asking) -> Any:
    from django.db.models import Q

    return Q(urn=who.urn) if who.urn else _nothing()


def school_of(table: str, who: Asking) -> Any:
    """Rows that belong to one school, those of its contacts too."""
    from django.db.models import Q

    if not who.urn:
        return _nothing()
    if "urn" in STORED[table].names:
        return Q(urn=who.urn)
    return _through_contact(table, current("contact").filter(urn=who.urn))


def _borough(table: str, who: Asking) -> Any:
    """Rows of schools of the borough; the whole force where the grant names none."""
    from django.db.models import Q

    if not who.borough:
        return _everything()
    names = STORED[table].names
    if table == "school":
        return Q(borough=who.borough)
    urns = current("school").filter(borough=who.borough).values("urn")
    if "urn" in names:
        return Q(urn__in=urns)
    if table in CONTACT:
        return _through_contact(table, current("contact").filter(urn__in=urns))
    if table == "consultation":
        return Q(posting_ref="") | Q(posting_ref__in=current("posting").filter(urn__in=urns).values("posting_ref"))
    return _everything()  # tables that belong to no school: officers, establishment, terms


def _sample(table: str, who: Asking) -> Any:
    drawn = current("sample").values("contact_ref")
    return _through_contact(table, current("contact").filter(contact_ref__in=drawn))


def _glass(table: str, who: Asking) -> Any:
    opened = current("break_glass").filter(person_ref=who.person_ref, until_at__gte=who.until).values("contact_ref")
    return _through_contact(table, current("contact").filter(contact_ref__in=opened))


def _notice(table: str, who: Asking) -> Any:
    """Notices to this person, and the openings in need that they are about."""
    from django.db.models import Q

    named = Q(officer_ref="") | Q(officer_ref=who.officer_ref) if who.officer_ref else Q(officer_ref="")
    told = Q(to_role=who.role) & named
    return told if table == "notice" else Q(glass_ref__in=current("notice").filter(told, kind="break_glass").values("about_ref"))  # fmt: skip


SCOPES: dict[str, Callable[[str, Asking], Any]] = {
    "all": _all, FORCE: _all, "own": _own, "school": _school, "borough": _borough, "sample": _sample, "glass": _glass, "notice": _notice,
}  # fmt: skip
