"""Erasure, and the decision to keep. What is erased is gone from every table; the log stays whole without it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.contact_record import WHOLE
from dueregard.store.erased import note_erased
from dueregard.store.gate import check_row
from dueregard.store.log import Act
from dueregard.store.models import MODELS
from dueregard.store.policy import ERASE, check_may
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, current, newest, row_of, write

REASONS = ("review", "request", "mistake")
ABOUT_CONTACT = ("sample", "review", "break_glass")  # rows that only speak of a contact
NAMING = (("complaint", "contact_ref"), ("receipt", "made_ref"))  # rows that are kept, and name it no more


def erase_contact(contact_ref: str, *, by: Actor, reason: str, why: str, now: datetime | None = None) -> int:
    """Erase a contact and everything that hangs on it, every version. Gives the number of rows (not versions).

    Snapshots that were frozen before keep their rows until their own review date. Raises NotThere, FaultsFound.
    """
    with changing("erasure", "erase_contact", by=by, why=why, now=now) as act:
        check_may(ERASE, by=by)
        if reason not in REASONS or not why.strip():
            raise FaultsFound("A reason is needed.", try_this=f"one of {', '.join(REASONS)}, and a sentence.")
        if not MODELS["contact"].objects.filter(contact_ref=contact_ref).exists():
            raise NotThere()
        held = {name: MODELS[name].objects.filter(contact_ref=contact_ref) for name in (*WHOLE, *ABOUT_CONTACT)}
        pupils = set(held["involvement"].values_list("pupil_ref", flat=True))
        n = sum(_erase(act, name, rows, reason) for name, rows in held.items())
        n += sum(_unname(act, table, column, contact_ref, reason) for table, column in NAMING)
        n += _erase_lonely_combinations(act, pupils, reason)
        note_erased(act, contact_ref)
    clear_journal()
    return n


def _unname(act: Act, table: str, column: str, contact_ref: str, reason: str) -> int:
    """A row that has its own reason to be kept: it is written anew without the reference, and the old one goes."""
    refs = set(MODELS[table].objects.filter(**{column: contact_ref}).values_list("row_ref", flat=True))
    kept = [row_of(STORED[table], one) for one in current(table).filter(row_ref__in=refs)]
    gone = _erase(act, table, MODELS[table].objects.filter(row_ref__in=refs), reason)
    for row in kept:
        write(act, table, {**row.values, column: ""})
    return gone


def clear_journal() -> None:
    """SQLite overwrites what is deleted; its journal still holds the pages as they were, until it is emptied."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase(act: Act, table: str, rows: Any, reason: str) -> int:
    """Say which rows go, then let them go: the guard of the database asks for the saying."""
    refs = sorted(set(rows.values_list("row_ref", flat=True)))
    for ref in refs:
        write(act, "erasure", {"erasure_ref": new_ref("e"), "table_name": table, "erased_ref": ref, "reason": reason})
    MODELS[table].objects.filter(row_ref__in=refs).delete()
    return len(refs)


def _erase_lonely_combinations(act: Act, pupils: set[str], reason: str) -> int:
    """A combination of a pupil of whom nothing else is held."""
    from django.db.models import Q

    gone = [ref for ref in pupils if not MODELS["involvement"].objects.filter(pupil_ref=ref).exists()]
    return _erase(act, "combination", MODELS["combination"].objects.filter(Q(pupil_ref__in=gone) | Q(same_as_ref__in=gone)), reason)  # fmt: skip


def keep_longer(contact_ref: str, *, review_on: date, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Decide that a contact is kept until it is looked at again. Raises FormFaults, NotThere, FaultsFound."""
    values = {
        "review_ref": new_ref("r"),
        "contact_ref": contact_ref,
        "decided_on": day_of(now),
        "review_on": review_on,
        "why": why,
    }
    with changing("alteration", "keep_longer", by=by, why=why, now=now) as act:
        check_may(ERASE, by=by)
        check_row(STORED["review"], values, today=day_of(now))
        if not newest("contact").filter(contact_ref=contact_ref).exists():  # a withdrawn one is held, too
            raise NotThere()
        if review_on <= day_of(now):
            raise FaultsFound("The next review does not lie in the future.", try_this="a later day.")
        made = write(act, "review", values)
    return made
