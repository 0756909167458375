"""Recording, correcting and withdrawing one row of a register: postings, activities, support, schools, terms, offers ..."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere, UsageError
from dueregard.store import versions
from dueregard.store.actions.changing import changing, check_within, day_of
from dueregard.store.actor import Actor
from dueregard.store.gate import check_row
from dueregard.store.policy import CORRECT, RECORD, WITHDRAW, check_may, find
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import NAMED_BY, STORED
from dueregard.store.versions import Row, current, row_of, write

# Tables that one answer alone makes whole go this way; contacts and what hangs on them have actions of their own.
WAYS = (
    "school", "calendar", "posting", "establishment", "partnership", "officer", "service_offer", "activity", "support",
    "consultation", "complaint", "collection", "confirmation", "sanction", "survey", "basis", "review",
)  # fmt: skip


def record(table: str, values: Mapping[str, Any], *, by: Actor, why: str = "", now: datetime | None = None) -> Row:
    """Add a row. A reference that is left out is made. Raises FormFaults, NotThere."""
    _check_way(table)
    with changing("collection", f"record_{table}", by=by, why=why, now=now) as act:
        check_may(RECORD, table, by=by)
        whole = with_reference(table, values)
        check_row(STORED[table], whole, today=day_of(now))
        check_new(table, whole)
        made = write(act, table, whole)
        check_within(RECORD, [made], by=by, today=day_of(now))
    return made


def correct(
    table: str, row_ref: str, changes: Mapping[str, Any], *, seen: int, by: Actor, why: str = "",
    now: datetime | None = None,
) -> Row:  # fmt: skip
    """Add a version. seen: the version that the editor saw. Raises FormFaults, NotThere, EditConflict."""
    _check_way(table)
    with changing("alteration", f"correct_{table}", by=by, why=why, now=now) as act:
        before = held(table, row_ref, CORRECT, by=by, now=now)
        versions.check_seen(before, seen)
        whole = {**before.values, **changes}
        _check_key(table, before, whole)
        check_row(STORED[table], whole, today=day_of(now), answers=False)
        check_new(table, whole, but=row_ref)
        made = write(act, table, changes, state=versions.CORRECTED, after=before)
        check_within(CORRECT, [made], by=by, today=day_of(now))
    return made


def withdraw(table: str, row_ref: str, *, seen: int, by: Actor, why: str = "", now: datetime | None = None) -> Row:
    """Say that a row should not have been recorded: it stays, as withdrawn. Raises NotThere, EditConflict."""
    _check_way(table)
    with changing("alteration", f"withdraw_{table}", by=by, why=why, now=now) as act:
        before = held(table, row_ref, WITHDRAW, by=by, now=now)
        versions.check_seen(before, seen)
        made = write(act, table, {}, state=versions.WITHDRAWN, after=before)
    return made


def held(table: str, row_ref: str, verb: str, *, by: Actor, now: datetime | None) -> Row:
    """The row as it is, if this person may do this to it. Raises NotThere."""
    found = find(table, "row_ref", row_ref, by=by, verb=verb, today=day_of(now))
    if found is None:
        raise NotThere()
    return row_of(STORED[table], found)


def with_reference(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with a reference made where the table has one and none was given."""
    key = STORED[table].key
    if len(key) == 1 and key[0].endswith("_ref") and not values.get(key[0]):
        return {**values, key[0]: new_ref(table[0])}
    return dict(values)


def _check_key(table: str, before: Row, after: Mapping[str, Any]) -> None:
    """Raises FaultsFound for a change of what other records name this one by: they would name something that is not there."""
    for name in NAMED_BY.get(table, ()):
        if str(before[name]) != str(after[name]):
            raise FaultsFound("Other records name it by this number, so it is not changed.",
                              try_this="record it anew, and close this one.")  # fmt: skip


def check_new(table: str, values: Mapping[str, Any], *, but: str = "") -> None:
    """Raises FaultsFound if another row bears this key already."""
    key = STORED[table].key
    if key and current(table).filter(**{name: values.get(name) or _empty(table, name) for name in key}).exclude(row_ref=but).exists():  # fmt: skip
        raise FaultsFound("There is such a record already.", try_this="correct that one.")


def _empty(table: str, name: str) -> Any:
    from dueregard.store.fields import stored

    return stored(STORED[table].column(name), None)


def _check_way(table: str) -> None:
    if table not in WAYS:
        raise UsageError(f"`{table}` is not changed in this way.", try_this="the action made for it.")
