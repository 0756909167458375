"""Looking: every reading for a person goes through here, is asked of the policy, and stands in the log, or shows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store.actor import Actor
from dueregard.store.clock import WALL
from dueregard.store.contact_record import ContactRecord, read_contact
from dueregard.store.log import Act, entry
from dueregard.store.policy import SEE, find, hidden_from, hidden_in, hidden_in_contact, needs_why, rights_of, visible
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, row_of

LOOKUPS = ("exact", "gte", "lte", "gt", "lt", "in", "isnull", "icontains")
MOST = 500  # rows of one look


class ReasonNeeded(FaultsFound):
    """A reason must be given before this record is opened."""

    def __init__(self) -> None:
        super().__init__("A reason is needed before this record is opened.", try_this="say why you need to see it.")


def rows(
    table: str, *, by: Actor, where: Mapping[str, Any] | None = None, order: Iterable[str] = (), limit: int = 100,
    offset: int = 0, why: str = "", now: datetime | None = None, act: str = "list",
) -> tuple[Row, ...]:  # fmt: skip
    """Which current rows of this table may this person see? One look, whatever their number.

    where: column -> value, or column__gte, __lte, __in ... -> value; a column that is hidden from the person cannot be
    asked for. order: columns, `-` before one to turn it round.
    """
    today, named, sorted_by, seen = _day(now), dict(where or {}), list(order), []
    with entry("consultation", f"{act}_{table}", by=by, why=why, now=now) as doing:
        doing.is_refused = not (rights_of(by, table, SEE) and _may_ask(table, named, sorted_by, by))
        if not doing.is_refused:
            found = visible(table, by=by, today=today, showing=_columns(named, sorted_by)).filter(**named)
            ordered = found.order_by(*sorted_by, "row_ref")
            seen = _shown(table, list(ordered[offset : offset + min(limit, MOST)]), by=by, today=today)
        _saw(doing, seen)
    if doing.is_refused:
        raise NotThere()
    return tuple(seen)


def one(table: str, row_ref: str, *, by: Actor, why: str = "", now: datetime | None = None, act: str = "open") -> Row:
    """One row, by its row reference. Raises NotThere, alike whether it is not there or not for this person."""
    seen = None
    with entry("consultation", f"{act}_{table}", by=by, why=why, now=now) as doing:
        found = find(table, "row_ref", row_ref, by=by, today=_day(now))
        seen = None if found is None else _shown(table, [found], by=by, today=_day(now))[0]
        doing.is_refused = seen is None
        _saw(doing, [seen] if seen else [])
    if seen is None:
        raise NotThere()
    return seen


def count(table: str, *, by: Actor, where: Mapping[str, Any] | None = None, now: datetime | None = None) -> int:
    """How many current rows of this table may this person see? That is a look, too."""
    named, n = dict(where or {}), 0
    with entry("consultation", f"count_{table}", by=by, now=now) as doing:
        doing.is_refused = not (rights_of(by, table, SEE) and _may_ask(table, named, (), by))
        if not doing.is_refused:
            n = visible(table, by=by, today=_day(now), showing=_columns(named)).filter(**named).count()
    if doing.is_refused:
        raise NotThere()
    return n


def contact(
    contact_ref: str, *, by: Actor, why: str = "", now: datetime | None = None, act: str = "open"
) -> ContactRecord:
    """One contact with its pupils. Raises NotThere, or ReasonNeeded where this person must say why first."""
    today, seen, wanting = _day(now), None, False
    with entry("consultation", f"{act}_contact", by=by, why=why, now=now) as doing:
        found = find("contact", "contact_ref", contact_ref, by=by, today=today)
        if found is not None:
            wanting = not why.strip() and needs_why(by, "contact", found.row_ref, today=today)
            seen = read_contact(contact_ref, hidden=hidden_in_contact(by, found.pk, today=today))
        doing.is_refused = seen is None or wanting
        _saw(doing, [] if seen is None else [seen.contact] if wanting else list(seen.rows))
    if seen is None:
        raise NotThere()
    if wanting:
        raise ReasonNeeded()
    return seen


def _shown(table: str, found: list[Any], *, by: Actor, today: date) -> list[Row]:
    hidden = hidden_in(by, table, found, today=today)
    return [row_of(STORED[table], one, hidden=hidden[one.pk]) for one in found]


def _columns(asked: Mapping[str, Any], sorted_by: Iterable[str] = ()) -> frozenset[str]:
    return frozenset(name.lstrip("-").partition("__")[0] for name in (*asked, *sorted_by))


def _day(now: datetime | None) -> date:
    return (now or datetime.now(UTC)).astimezone(WALL).date()


def _saw(doing: Act, seen: Iterable[Row]) -> None:
    for row in seen:
        doing.saw(row.table, row.row_ref, row.version)


def _may_ask(table: str, where: Mapping[str, Any], order: Iterable[str], by: Actor) -> bool:
    """May this person filter and sort by these? Only by columns of the table that some right shows."""
    lookups = [name.partition("__")[2] or "exact" for name in where]
    shown = frozenset(STORED[table].names) - hidden_from(by, table)
    return _columns(where, order) <= shown and set(lookups) <= set(LOOKUPS)
