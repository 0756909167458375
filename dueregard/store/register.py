"""The posting register, read: who is where on a day, how many against how many meant, and what does not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import SEE, check_may, hidden_in, visible
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, row_of
from dueregard.terms.lists import code_list

# Permanently based, told apart from who comes: the kinds of `posting_kind`, in the words of the register.
BASED = ("based_full_time",)
NO_OFFICER = tuple(term.code for term in code_list("posting_kind") if term.group == "none")
OTHERS = {"attached": ("attached", "ssp_part_time"), "shared": ("cluster",), "visiting": ("visiting", "named_support")}


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many officers on a day. An officer counts once in n_officers, and once in each way in which he is posted.

    fte: full-time equivalents that are known; n_without_fte: postings whose share is not known, which is not zero.
    n_target, n_budgeted: None where none is set for the day.
    """

    on: date
    n_officers: int
    n_based: int
    n_attached: int
    n_shared: int
    n_visiting: int
    n_other: int
    n_schools: int
    fte: Decimal
    n_without_fte: int
    n_target: int | None
    n_budgeted: int | None


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something in the register that does not fit: of a posting or a school, and from when to when."""

    kind: str  # overlap, fte_above_one, gap, not_consulted, school_says_no
    urn: str
    posting_ref: str
    from_on: date
    to_on: date | None


def posted_on(day: date, *, by: Actor, urn: str = "", now: datetime | None = None) -> tuple[Row, ...]:
    """Who is posted where on this day? Raises NotThere."""
    with changing("consultation", "posted_on", by=by, now=now) as act:
        found = [p for p in _postings(by, now) if _holds(p, day) and urn in ("", p.urn)]
        hidden = hidden_in(by, "posting", found, today=day_of(now))
        rows = [row_of(STORED["posting"], p, hidden=hidden[p.pk]) for p in found]
        for row in rows:
            act.saw("posting", row.row_ref, row.version)
    return tuple(rows)


def headcount(days: Iterable[date], *, by: Actor, now: datetime | None = None) -> tuple[Headcount, ...]:
    """How many officers were posted, against how many meant, on each of these days? Raises NotThere."""
    with changing("consultation", "headcount", by=by, now=now):
        postings = _postings(by, now)
        meant = list(visible("establishment", by=by, today=day_of(now)))
        found = tuple(_count(day, postings, meant) for day in days)
    return found


def misfits(*, by: Actor, now: datetime | None = None) -> tuple[Misfit, ...]:
    """Where do postings overlap, add up to more than one officer, leave a gap, or lack a consultation? Raises NotThere."""
    with changing("consultation", "misfits", by=by, now=now):
        postings = _postings(by, now)
        asked = visible("consultation", by=by, today=day_of(now))
        consulted = set(asked.values_list("posting_ref", "decision"))
        denied = set(visible("confirmation", by=by, today=day_of(now)).filter(is_right="no").values_list("posting_ref", flat=True))  # fmt: skip
        partnerships = list(visible("partnership", by=by, today=day_of(now)))
        found = [*_overlaps(postings), *_too_much(postings), *_gaps(partnerships, postings, day_of(now))]
        found += _unasked(postings, consulted, day_of(now))
        found += [Misfit("school_says_no", p.urn, p.posting_ref, p.from_on, p.to_on) for p in postings if p.posting_ref in denied]  # fmt: skip
    return tuple(sorted(found, key=lambda m: (m.urn, m.from_on, m.kind, m.posting_ref)))


def _postings(by: Actor, now: datetime | None) -> list[Any]:
    check_may(SEE, "posting", by=by)
    return list(visible("posting", by=by, today=day_of(now)).order_by("urn", "from_on", "posting_ref"))


def _holds(row: Any, day: date) -> bool:
    return row.from_on <= day and (row.to_on is None or day <= row.to_on)


def _count(day: date, postings: list[Any], meant: list[Any]) -> Headcount:
    held = [p for p in postings if _holds(p, day) and p.kind not in NO_OFFICER]
    ways = {"based": BASED, **OTHERS}
    n = {way: len({p.officer_ref for p in held if p.kind in kinds}) for way, kinds in ways.items()}
    named = {kind for kinds in ways.values() for kind in kinds}
    sums = {kind: [m.n_posts for m in meant if m.kind == kind and _holds(m, day)] for kind in ("target", "budgeted")}
    return Headcount(
        day, len({p.officer_ref for p in held}), n["based"], n["attached"], n["shared"], n["visiting"],
        len({p.officer_ref for p in held if p.kind not in named}), len({p.urn for p in held}),
        sum((p.fte for p in held if p.fte is not None), Decimal(0)), sum(p.fte is None for p in held),
        sum(sums["target"]) if sums["target"] else None, sum(sums["budgeted"]) if sums["budgeted"] else None,
    )  # fmt: skip


def _meets(one: Any, other: Any) -> bool:
    return one.from_on <= (other.to_on or date.max) and other.from_on <= (one.to_on or date.max)


def _overlaps(postings: list[Any]) -> Iterator[Misfit]:
    """The same officer twice at the same school at a time."""
    held = defaultdict(list)
    for p in postings:
        held[p.officer_ref, p.urn].append(p)
    for same in held.values():
        for n, one in enumerate(same):
            for other in same[n + 1 :]:
                if _meets(one, other):
                    yield Misfit("overlap", other.urn, other.posting_ref, max(one.from_on, other.from_on), other.to_on)


def _too_much(postings: list[Any]) -> Iterator[Misfit]:
    """An officer's shares add up to more than one on some day: told at the posting that makes it so."""
    held = defaultdict(list)
    for p in postings:
        if p.fte is not None:
            held[p.officer_ref].append(p)
    for own in held.values():
        for p in sorted(own, key=lambda one: (one.from_on, one.posting_ref)):
            if sum(other.fte for other in own if _holds(other, p.from_on)) > 1:
                yield Misfit("fte_above_one", p.urn, p.posting_ref, p.from_on, p.to_on)


def _gaps(partnerships: list[Any], postings: list[Any], today: date) -> Iterator[Misfit]:
    """Days of a partnership, up to today, on which nobody is posted at its school."""
    for agreed in partnerships:
        here, end = agreed.from_on, min(agreed.to_on or today, today)
        at_school = [p for p in postings if p.urn == agreed.urn and p.kind not in NO_OFFICER]
        for p in sorted(at_school, key=lambda one: one.from_on):
            if p.from_on > end:
                break
            if p.from_on > here:
                yield Misfit("gap", agreed.urn, "", here, p.from_on - timedelta(days=1))
            here = max(here, (p.to_on or end) + timedelta(days=1))
        if here <= end:
            yield Misfit("gap", agreed.urn, "", here, None if agreed.to_on is None else end)


def _unasked(postings: list[Any], consulted: set[tuple[str, str]], today: date) -> Iterator[Misfit]:
    """Nobody is known to have been asked before a posting began or ended."""
    for p in postings:
        if (p.posting_ref, "begin_posting") not in consulted:
            yield Misfit("not_consulted", p.urn, p.posting_ref, p.from_on, p.to_on)
        if p.to_on is not None and p.to_on <= today and (p.posting_ref, "end_posting") not in consulted:
            yield Misfit("not_consulted", p.urn, p.posting_ref, p.to_on, p.to_on)
