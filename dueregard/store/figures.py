"""What the store counts for a school, a sergeant or an oversight body: plain counts, with what was said to be complete.

Counts of a school's own are for that school. Nothing here is for publication: that goes through snapshots and releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dueregard.errors import NotThere
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import FIGURES, check_may, may_ask_of_one_school, reached
from dueregard.store.versions import current
from dueregard.terms.stages import STAGES
from dueregard.terms.term import Term

CONTRADICTED = "contradicted"  # nothing was said to be there, and something is held
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
        words = rows["collection"] | current("collection").filter(urn=EVERY_SCHOOL)
        said = {
            name: _state(name, words, rows["school"], from_on, to_on) for name in ("contact", "support", "activity")
        }
        state = said["contact"]
        found = [_figure("contact", contacts.count(), state)]
        found += [
            _figure(name, rows[name].filter(**within).count(), state)
            for name in ("involvement", "power_use", "outcome")
        ]
        steps = rows["step"].filter(**within)
        found += [
            _figure(f"step:{stage.code}", n, state) for stage in STAGES if (n := steps.filter(stage=stage.code).count())
        ]
        days = {"offered_on__gte": from_on, "offered_on__lte": to_on}
        found.append(_figure("support", rows["support"].filter(**days).count(), said["support"]))
        held = rows["activity"].filter(occurred_on__gte=from_on, occurred_on__lte=to_on)
        found.append(_figure("activity", held.count(), said["activity"]))
        found.append(
            _figure("activity_minutes", sum(m or 0 for m in held.values_list("minutes", flat=True)), said["activity"])
        )
    return tuple(found)


def _figure(name: str, n: int, state: str) -> Figure:
    """A word of nothing beside something that is held, such as a late record, is told as what it is."""
    return Figure(name, n, CONTRADICTED if n and state == "nil" else state)


def _state(subject: str, words: Any, schools: Any, from_on: date, to_on: date) -> str:
    """What was said of this subject, for the whole of the time and by every school that was open then.

    One school's word is its own: where another said nothing, the count of both is partial.
    """
    from django.db.models import Q

    began = Q(opened_on__isnull=True) | Q(opened_on__lte=to_on)
    open_then = schools.filter(began, Q(closed_on__isnull=True) | Q(closed_on__gte=from_on))
    told: dict[str, list[tuple[date, date, str]]] = {}
    for urn, *word in words.filter(subject=subject, from_on__lte=to_on, to_on__gte=from_on).values_list(
        "urn", "from_on", "to_on", "state"
    ):
        told.setdefault(urn, []).append(tuple(word))  # type: ignore[arg-type]
    of_all = told.get(EVERY_SCHOOL, [])
    said = [_word(told.get(urn) or of_all, from_on, to_on) for urn in open_then.values_list("urn", flat=True)]
    if set(said) <= {NO_WORD}:
        return NO_WORD
    if len(set(said)) == 1:
        return said[0]
    return "complete" if set(said) == {"complete", "nil"} else "partial"


def _word(words: list[tuple[date, date, str]], from_on: date, to_on: date) -> str:
    """One school's word for the whole time, which may be of several times one after the other."""
    day, said = from_on, set()
    for first, last, state in sorted(words):
        if first <= day:
            said.add(state)
            day = max(day, last + timedelta(days=1))
    if day <= to_on:
        return NO_WORD
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
