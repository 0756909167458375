"""Who may do what: rights as data, and the one function that turns them into rows.

A right is: a role may do these verbs, on these tables, within this scope, without these columns. What no right allows
is refused, and what is refused looks like what is not there. Every channel (pages, downloads, counts) asks here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from dueregard.errors import NotThere
from dueregard.store.actor import OPERATOR, Actor, Grant
from dueregard.store.prepared import Mark, prepared
from dueregard.store.scopes import CONTACT, FORCE, SCOPES, Asking, asking, school_of
from dueregard.store.tables import STORED
from dueregard.store.versions import current

SEE, RECORD, CORRECT, WITHDRAW = "see", "record", "correct", "withdraw"
# Done to the store as a whole; the table of such a right is `store`.
LOG, FREEZE, COMBINE, ERASE, RECTIFY, DRAW, QUALITY, FIGURES, BREAK = (
    "log", "freeze", "combine", "erase", "rectify", "draw", "quality", "figures", "break_glass",
)  # fmt: skip
STORE, PEOPLE, DRAFTS = "store", "person", "draft"

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
    Right("officer", CONTACT, ALL_OF_IT, "own", needs_why=True),
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
    Right("sergeant", ("break_glass",), scope="notice"),
    Right("sergeant", (STORE,), (COMBINE, QUALITY, FIGURES, DRAW), "borough"),
    Right("analyst", ("school", "posting", "establishment", "calendar", "service_offer", "roll", "activity", "collection",
                      "sanction", "survey", "stage_count"), hidden=NAMES),
    Right("analyst", (STORE,), (FREEZE, FIGURES, QUALITY)),
    Right("equality_lead", ("school", "posting", "establishment", "calendar", "service_offer", "consultation", "collection"),
          hidden=frozenset({"officer_ref"})),
    Right("equality_lead", ("consultation",), (RECORD, CORRECT, WITHDRAW)),
    Right("equality_lead", ("survey",), ALL_OF_IT),
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
    Right("dpo", ("basis",), (RECORD, CORRECT)),
    Right("dpo", (STORE,), (LOG, ERASE)),
    Right("access_clerk", (*CONTACT, "complaint"), (SEE,), "all", needs_why=True),
    Right("access_clerk", ("basis", "school")),
    Right("access_clerk", (STORE,), (RECTIFY, ERASE)),
    Right("administrator", ("grant", "officer", "school", "basis"), ALL_OF_IT),
    Right("administrator", (PEOPLE,), ALL_OF_IT),
    Right(OPERATOR, (STORE,), (LOG, FREEZE, ERASE)),
    Right(OPERATOR, ("grant", "basis", "school", "officer", "calendar", "establishment", "partnership", "service_offer"), ALL_OF_IT),
    Right(OPERATOR, (PEOPLE,), ALL_OF_IT),
)  # fmt: skip


def visible(table: str, *, by: Actor, verb: str = SEE, today: date, showing: frozenset[str] = frozenset()) -> Any:
    """Which current rows of this table may this person do this to? A queryset, for this room alone.

    A table that no right names gives no row. showing: columns that are asked for or sorted by, so that only rows whose
    right shows them are given.
    """
    held = [(right, grant) for right, grant in rights_of(by, table, verb) if not right.hidden & showing]
    return current(table).filter(_within(table, ((right, asking(by, grant, today)) for right, grant in held)))


def _within(table: str, asked: Iterable[tuple[Right, Asking]]) -> Any:
    """What lies in the scope of one of these rights at least."""
    from django.db.models import Q

    within = Q(pk__in=())
    for right, who in asked:
        within |= SCOPES[right.scope](table, who)
    return within


def find(
    table: str, column: str, value: str, *, by: Actor, verb: str = SEE, today: date, without_why: bool = False
) -> Any:
    """The current row with this value, if this person may do this to it; None if there is none for this person.

    The same rows as `visible`, by a question that is made once for all who have such rights. without_why: only by
    rights that ask for no reason.
    """
    held = [(right, asking(by, grant, today)) for right, grant in rights_of(by, table, verb)]
    held = [(right, who) for right, who in held if not (without_why and right.needs_why)]
    told: dict[str, str] = {"value": value}
    marked = []
    for n, (right, who) in enumerate(held):
        names = {f: getattr(who, f) for f in ("person_ref", "officer_ref", "urn", "borough", "since", "until")}
        told |= {f"{f}{n}": text for f, text in names.items()}
        # a scope asks whether there is an officer, a school, a borough at all: what is empty stays so, and has no mark
        marked.append((right, Asking(who.role, **{f: Mark(f"{f}{n}") if text else "" for f, text in names.items()})))
    return next(iter(_question(table, column, marked).ask(**told)), None)


def _question(table: str, column: str, marked: list[tuple[Right, Asking]]) -> Any:
    name = ("find", table, column, *((right.scope, who) for right, who in marked))
    return prepared(name, lambda: current(table).filter(_within(table, marked), **{column: Mark("value")})[:1])


def reached(verb: str, table: str, *, by: Actor, today: date) -> Any:
    """Which rows of this table count for this person's quality desk or figures? Counted, never shown. A queryset."""
    from django.db.models import Q

    within = Q(pk__in=())
    for right, grant in rights_of(by, STORE, verb):
        who = asking(by, grant, today)
        within |= school_of(table, who) if right.scope == "school" else SCOPES[right.scope](table, who)
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
    if row_ref is not None and find(table, "row_ref", row_ref, by=by, verb=verb, today=today or date.today()) is None:
        raise NotThere()


def may_ask_of_one_school(*, by: Actor) -> bool:
    """May this person ask for the figures of one school? Not who sees those of the whole force alone: they are small."""
    return any(right.scope != FORCE for right, _ in rights_of(by, STORE, FIGURES))


def hidden_from(by: Actor, table: str) -> frozenset[str]:
    """Which columns of this table does this person see in no row? Of one row: `hidden_in`."""
    return _hidden(table, [right for right, _ in rights_of(by, table, SEE)])


def hidden_in(by: Actor, table: str, found: Iterable[Any], *, today: date) -> dict[int, frozenset[str]]:
    """Which columns of each of these rows may this person not see? By its primary key.

    Of several rights those count whose scope holds the row: one that shows a name in one borough shows none elsewhere.
    """
    rows, held = [row.pk for row in found], rights_of(by, table, SEE)
    if len({right.hidden for right, _ in held}) <= 1:  # as for nearly everybody: no question is asked of the rows
        return dict.fromkeys(rows, hidden_from(by, table))
    return {pk: _hidden(table, rights) for pk, rights in _holding(table, rows, by, today).items()}


def hidden_in_contact(by: Actor, pk: int, *, today: date) -> dict[str, frozenset[str]]:
    """Which columns may this person not see in each table of this one contact? What holds a contact holds its parts."""
    rights = [right for right, _ in rights_of(by, "contact", SEE)]
    if len({tuple(_of_ways(by, "contact", [right]).values()) for right in rights}) > 1:
        rights = _holding("contact", [pk], by, today)[pk]
    return _of_ways(by, "contact", rights)


def _of_ways(by: Actor, table: str, rights: list[Right]) -> dict[str, frozenset[str]]:
    """By table, of a contact every one: what the rights of the same roles and scopes hide."""
    ways = {(right.role, right.scope) for right in rights}
    return {name: _hidden(name, [right for right, _ in rights_of(by, name, SEE) if (right.role, right.scope) in ways])
            for name in (CONTACT if table == "contact" else (table,))}  # fmt: skip


def _holding(table: str, rows: list[int], by: Actor, today: date) -> dict[int, list[Right]]:
    """The rights whose scope holds each of these rows."""
    found: dict[int, list[Right]] = {pk: [] for pk in rows}
    for right, grant in rights_of(by, table, SEE):
        within = SCOPES[right.scope](table, asking(by, grant, today))
        for pk in current(table).filter(within, pk__in=rows).values_list("pk", flat=True):
            found[pk].append(right)
    return found


def _hidden(table: str, rights: list[Right]) -> frozenset[str]:
    found = [right.hidden for right in rights]
    return NEVER_SHOWN | (frozenset.intersection(*found) if found else frozenset(STORED[table].names))


def needs_why(by: Actor, table: str, row_ref: str, *, today: date) -> bool:
    """Must a reason be given before this one row is opened? Not where rights without that demand cover it, and others show no more."""
    found = find(table, "row_ref", row_ref, by=by, today=today, without_why=True)
    if found is None:
        return True
    rights = [right for right, _ in rights_of(by, table, SEE)]
    if not any(right.needs_why for right in rights):
        return False
    holding = _holding(table, [found.pk], by, today)[found.pk]
    shown, plainly = (_of_ways(by, table, rights) for rights in (holding, [r for r in holding if not r.needs_why]))
    return any(plainly[name] - hidden for name, hidden in shown.items())
