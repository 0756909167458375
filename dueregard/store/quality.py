"""The quality desk: what is missing, late, without a posting, or said two ways. Of records and schools, never of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dueregard.records.table import Kind
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import QUALITY, check_may, may, reached, visible
from dueregard.store.school_days import LATE_AFTER, SchoolDays
from dueregard.store.tables import STORED
from dueregard.store.versions import current
from dueregard.terms.ethnicity import OBSERVED_LISTS, SELF_DEFINED_LISTS, broad_groups
from dueregard.terms.lists import code_list
from dueregard.terms.missing import is_missing

WAYS = ("unknown", "not_stated", "not_recorded")
WHOLE = "whole"
AT_ONCE = 500  # contacts of one question
SET_BY_RULES = ("not_stated_reason",)  # empty unless ethnicity is not stated: its blank says nothing


@dataclass(frozen=True, slots=True)
class Missing:
    """How much of one question has no answer, in one group. by: whole, ethnicity or school; n: all that were asked."""

    table: str
    column: str
    by: str
    group: str
    n: int
    n_unknown: int
    n_not_stated: int
    n_not_recorded: int


@dataclass(frozen=True, slots=True)
class Work:
    """One record that somebody should look at, and why. n_school_days: how late, where it is late."""

    contact_ref: str
    urn: str
    kind: str  # late, no_posting, ethnicities_differ, unknown
    column: str = ""
    n_school_days: int = 0


def missing(*, by: Actor, since: date | None = None, now: datetime | None = None) -> tuple[Missing, ...]:
    """How much is missing, by question, and by ethnicity and school? Raises NotThere.

    A year of a large force takes seconds to count. That is done before the entry is written, for nobody else can write
    while one is; nothing is given back without it.
    """
    found = _missing(by, since, now) if can_ask(by) else []
    with changing("consultation", "quality_missing", by=by, now=now):
        check_may(QUALITY, by=by)
    return tuple(found)


def _missing(by: Actor, since: date | None, now: datetime | None) -> list[Missing]:
    contacts = _contacts(by, since, now)
    urns = dict(contacts.values_list("contact_ref", "urn"))
    found = list(_missing_of("contact", contacts, urns))
    held = current("involvement").filter(contact_ref__in=contacts.values("contact_ref"))
    return found + list(_missing_of("involvement", held, urns))


def worklist(
    *, by: Actor, since: date | None = None, limit: int = 500, now: datetime | None = None
) -> tuple[Work, ...]:
    """Which records need a second look? By school and day of the contact; no officer is named. Raises NotThere.

    Found before the entry is written, as in `missing`.
    """
    contacts = _seen(by, since, now) if can_ask(by) else []
    involved = list(_involvements(contacts))
    found = [*_late(contacts), *_without_posting(contacts), *_differing(involved), *_unknown(involved)][:limit]
    named = {work.contact_ref for work in found}
    with changing("consultation", "quality_worklist", by=by, now=now) as act:
        check_may(QUALITY, by=by)
        for contact in contacts:
            if contact.contact_ref in named:
                act.saw("contact", contact.row_ref, contact.row_version)
    order = {contact.contact_ref: n for n, contact in enumerate(contacts)}
    return tuple(sorted(found, key=lambda work: (work.urn, order[work.contact_ref], work.kind, work.column)))


def _seen(by: Actor, since: date | None, now: datetime | None) -> list[Any]:
    """The contacts that the desk counts and this person may open, too."""
    seen = visible("contact", by=by, today=day_of(now), showing=frozenset({"officer_ref", "recorded_at"}))
    held = _contacts(by, since, now).filter(pk__in=seen.values("pk"))
    return list(held.order_by("occurred_at", "contact_ref"))


def lateness(contact: Any, days: SchoolDays, la_code: str) -> int:
    """How many school days after the contact was it recorded?"""
    return days.between(
        la_code, date.fromisoformat(contact.occurred_at[:10]), date.fromisoformat(contact.recorded_at[:10])
    )


def _contacts(by: Actor, since: date | None, now: datetime | None) -> Any:
    """The contacts of a year back, unless asked otherwise."""
    today = day_of(now)
    first = since or date(today.year - 1, today.month, min(today.day, 28))
    return reached(QUALITY, "contact", by=by, today=today).filter(occurred_at__gte=first.isoformat())


def _missing_of(table: str, rows: Any, urns: dict[str, str]) -> Iterator[Missing]:
    columns = [c.name for c in STORED[table].columns if c.kind is Kind.CODE and c.name not in SET_BY_RULES]
    groups = broad_groups(SELF_DEFINED_LISTS)
    n: Counter[tuple[str, str]] = Counter()
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows.values("contact_ref", *columns):
        parts = [(WHOLE, ""), ("school", urns.get(row["contact_ref"], ""))]
        if "self_defined_ethnicity" in row:
            parts.append(("ethnicity", groups.get(row["self_defined_ethnicity"], "not_recorded")))
        n.update(parts)
        for column in columns:
            if row[column] in WAYS or _says_unknown(table, column, row[column]):
                way = row[column] if row[column] in WAYS else "unknown"
                counted.update((column, way, *part) for part in parts)
    for column in columns:
        for (by, group), of in sorted(n.items()):
            ways = [counted[column, way, by, group] for way in WAYS]
            yield Missing(table, column, by, group, of, *ways)


def _says_unknown(table: str, column: str, code: str) -> bool:
    return code in _unknown_codes()[table, column]


_UNKNOWN: dict[tuple[str, str], frozenset[str]] = {}


def _unknown_codes() -> dict[tuple[str, str], frozenset[str]]:
    """Codes of a list that mean that it is not known, such as IC9 of the observed ethnicities."""
    if not _UNKNOWN:
        for table in ("contact", "involvement"):
            for column in STORED[table].columns:
                terms = [term for name in column.lists for term in code_list(name)]
                _UNKNOWN[table, column.name] = frozenset(t.code for t in terms if t.group.lower() == "unknown")
    return _UNKNOWN


def _late(contacts: list[Any]) -> Iterator[Work]:
    days, areas = SchoolDays(), dict(current("school").values_list("urn", "la_code"))
    for contact in contacts:
        n = lateness(contact, days, areas.get(contact.urn, ""))
        if n > LATE_AFTER:
            yield Work(contact.contact_ref, contact.urn, "late", n_school_days=n)


def _without_posting(contacts: list[Any]) -> Iterator[Work]:
    posted: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for p in current("posting"):
        posted.setdefault((p.officer_ref, p.urn), []).append((p.from_on, p.to_on or date.max))
    for contact in contacts:
        day = date.fromisoformat(contact.occurred_at[:10])
        if not any(first <= day <= last for first, last in posted.get((contact.officer_ref, contact.urn), ())):
            yield Work(contact.contact_ref, contact.urn, "no_posting")


def _involvements(contacts: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each pupil in these contacts, with the contact. A borough's are not looked for among the whole force's."""
    held = {contact.contact_ref: contact for contact in contacts}
    refs = list(held)
    for first in range(0, len(refs), AT_ONCE):
        for involvement in current("involvement").filter(contact_ref__in=refs[first : first + AT_ONCE]):
            yield held[involvement.contact_ref], involvement


def _differing(involved: list[tuple[Any, Any]]) -> Iterator[Work]:
    """Self-defined and observed ethnicity roll up to different broad groups. Neither is wrong for that.

    Mixed has no code in the observed list, so it cannot agree and is not asked.
    """
    own, seen = broad_groups(SELF_DEFINED_LISTS), broad_groups(OBSERVED_LISTS)
    for contact, one in involved:
        first, second = own.get(one.self_defined_ethnicity, ""), seen.get(one.observed_ethnicity, "")
        known = all(group and not is_missing(group) for group in (first, second))
        if known and first != "M" and first != second:
            yield Work(contact.contact_ref, contact.urn, "ethnicities_differ")


def _unknown(involved: list[tuple[Any, Any]]) -> Iterator[Work]:
    asked = ("sen_provision", "disability", "self_defined_ethnicity", "appropriate_adult")
    found = {
        (contact.contact_ref, contact.urn, column)
        for contact, one in involved
        for column in asked
        if getattr(one, column) in ("unknown", "not_recorded")
    }
    for contact_ref, urn, column in sorted(found):
        yield Work(contact_ref, urn, "unknown", column)


def can_ask(by: Actor) -> bool:
    return may(QUALITY, by=by)
