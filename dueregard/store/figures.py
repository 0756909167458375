"""What the store counts for a school, a sergeant or an oversight body: plain counts, with what was said to be complete.

Counts of a school's own are for that school. Nothing here is for publication: that goes through snapshots and releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dueregard.errors import NotThere
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import FIGURES, check_may, may_ask_of_one_school, reached
from dueregard.terms.stages import STAGES
from dueregard.terms.term import Term

EVERY_SCHOOL = "*"  # in `collection`: a word for all schools at once
NO_WORD = "no_word"  # nobody said that the records of the time are complete: a zero is not known to be one


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of a time. state: complete, nil, partial or not_collected as was said; `no_word` where nothing was."""

    name: str
    n: int
    state: str


def figures(from_on: date, to_on: date, *, by: Actor, urn: str = "", now: datetime | None = None) -> tuple[Figure, ...]:
    """How many contacts, pupils' involvements, powers, steps, offers of help and activities, harms and benefits alike?

    urn: one school of those that the person may ask about. Raises NotThere.
    """
    with changing("consultation", "figures", by=by, now=now):
        check_may(FIGURES, by=by)
        if urn and not may_ask_of_one_school(by=by):
            raise NotThere()
        first, last, today = from_on.isoformat(), f"{to_on.isoformat()}T99", day_of(now)
        rows = {name: reached(FIGURES, name, by=by, today=today) for name in
                ("contact", "involvement", "power_use", "step", "outcome", "support", "activity", "collection", "school")}  # fmt: skip
        if urn:
            rows |= {name: rows[name].filter(urn=urn) for name in ("contact", "support", "activity", "school")}
        contacts = rows["contact"].filter(occurred_at__gte=first, occurred_at__lt=last)
        within = {"contact_ref__in": contacts.values("contact_ref")}
        said = {name: _state(name, rows["collection"], rows["school"], from_on, to_on) for name in ("contact", "support", "activity")}  # fmt: skip
        state = said["contact"]
        found = [Figure("contact", contacts.count(), state)]
        found += [
            Figure(name, rows[name].filter(**within).count(), state) for name in ("involvement", "power_use", "outcome")
        ]
        steps = rows["step"].filter(**within)
        found += [
            Figure(f"step:{stage.code}", n, state) for stage in STAGES if (n := steps.filter(stage=stage.code).count())
        ]
        days = {"offered_on__gte": from_on, "offered_on__lte": to_on}
        found.append(Figure("support", rows["support"].filter(**days).count(), said["support"]))
        held = rows["activity"].filter(occurred_on__gte=from_on, occurred_on__lte=to_on)
        found.append(Figure("activity", held.count(), said["activity"]))
        found.append(
            Figure("activity_minutes", sum(m or 0 for m in held.values_list("minutes", flat=True)), said["activity"])
        )
    return tuple(found)


def _state(subject: str, collection: Any, schools: Any, from_on: date, to_on: date) -> str:
    """What was said of this subject, for the whole of the time and by every school that was open then.

    One school's word is its own: where another said nothing, the count of both is partial.
    """
    from django.db.models import Q

    open_then = schools.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=from_on), opened_on__lte=to_on)
    urns = set(open_then.values_list("urn", flat=True))
    rows = collection.filter(subject=subject, from_on__lte=from_on, to_on__gte=to_on)
    words = [(urn, state) for urn, state in rows.values_list("urn", "state") if urn in urns or urn == EVERY_SCHOOL]
    said = {state for _, state in words}
    if not said:
        return NO_WORD
    if urns - {urn for urn, _ in words} and EVERY_SCHOOL not in {urn for urn, _ in words}:
        return "partial"
    return said.pop() if len(said) == 1 else "complete" if said == {"complete", "nil"} else "partial"


def services_at(urn: str, on: date) -> tuple[Term, ...]:
    """Which help is on offer at this school on this day? No child's data; nothing is logged."""
    from django.db.models import Q

    from dueregard.store.versions import current
    from dueregard.terms.lists import code_list

    held = current("service_offer").filter(Q(to_on__isnull=True) | Q(to_on__gte=on), urn=urn, from_on__lte=on)
    codes = set(held.values_list("service", flat=True))
    return tuple(term for term in code_list("service") if term.code in codes)


def has_officer(urn: str, on: date) -> bool | None:
    """Has this school an officer on this day? For the public page: yes or no; None for a school that is not known."""
    from django.db.models import Q

    from dueregard.store.register import NO_OFFICER
    from dueregard.store.versions import current

    if not current("school").filter(urn=urn).exists():
        return None
    posted = current("posting").filter(Q(to_on__isnull=True) | Q(to_on__gte=on), urn=urn, from_on__lte=on)
    return bool(posted.exclude(kind__in=NO_OFFICER).exists())
