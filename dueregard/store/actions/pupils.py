"""Pupils: two references joined, what is held told to the pupil, and put right where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import versions
from dueregard.store.actions.changing import ContactChanged, changing, day_of
from dueregard.store.actions.contacts import Recorded
from dueregard.store.actions.correcting import write_corrections
from dueregard.store.actor import Actor
from dueregard.store.combined import all_refs_of
from dueregard.store.contact_record import ContactRecord, Pupil, read_contact
from dueregard.store.gate import check_row
from dueregard.store.policy import COMBINE, NEVER_SHOWN, RECTIFY, check_may, visible
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, current, row_of, write

COMBINATIONS_SHOWN = 200  # the newest, in one look


def combine(pupil_ref: str, same_as_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Say that two references are one pupil. Both must occur in records that the sergeant may see.

    Raises FormFaults, FaultsFound, NotThere.
    """
    values = {"combination_ref": new_ref("j"), "pupil_ref": pupil_ref, "same_as_ref": same_as_ref, "why": why}
    with changing("combination", "combine_pupils", by=by, why=why, now=now) as act:
        check_may(COMBINE, by=by)
        check_row(STORED["combination"], values, today=day_of(now))
        if same_as_ref in all_refs_of(pupil_ref):
            raise FaultsFound("The two are known to be one pupil.", try_this="nothing: it is done.")
        for ref in (pupil_ref, same_as_ref):
            if not visible("involvement", by=by, today=day_of(now)).filter(pupil_ref=ref).exists():
                raise NotThere()
        made = write(act, "combination", values)
    return made


def combinations(*, by: Actor, now: datetime | None = None) -> tuple[Row, ...]:
    """Which combinations can this person take back? Those of pupils in records that the person may see.

    The references themselves are shown to nobody. Raises NotThere.
    """
    with changing("consultation", "list_combination", by=by, now=now) as act:
        check_may(COMBINE, by=by)
        found = _within_reach(by, now).order_by("-row_entry_id")[:COMBINATIONS_SHOWN]
        rows = tuple(row_of(STORED["combination"], one, hidden=NEVER_SHOWN) for one in found)
        for row in rows:
            act.saw(row.table, row.row_ref, row.version)
    return rows


def _within_reach(by: Actor, now: datetime | None) -> Any:
    refs = visible("involvement", by=by, today=day_of(now)).values("pupil_ref")
    return current("combination").filter(pupil_ref__in=refs, same_as_ref__in=refs)


def part_again(combination_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Take a combination back. Raises NotThere."""
    with changing("alteration", "part_pupils", by=by, why=why, now=now) as act:
        check_may(COMBINE, by=by)
        found = _within_reach(by, now).filter(combination_ref=combination_ref).first()
        if found is None:
            raise NotThere()
        made = write(act, "combination", {}, state=versions.WITHDRAWN, after=row_of(STORED["combination"], found))
    return made


def held_about(
    pupil_ref: str, *, by: Actor, why: str, to_whom: str = "", now: datetime | None = None
) -> tuple[ContactRecord, ...]:
    """What is held about this child? For the subject access clerk alone.

    Other pupils of the same contacts are left out. to_whom: who is given it; then it is a disclosure.
    Raises NotThere, FaultsFound without a reason.
    """
    with changing("disclosure" if to_whom else "consultation", "held_about", by=by, why=why, to_whom=to_whom, now=now) as act:  # fmt: skip
        check_may(RECTIFY, by=by)
        if not why.strip():
            raise FaultsFound("A reason is needed.", try_this="the reference of the request.")
        refs = all_refs_of(pupil_ref)
        named = current("involvement").filter(pupil_ref__in=refs).values_list("contact_ref", flat=True)
        found = [_only(record, refs) for ref in sorted(set(named)) if (record := read_contact(ref))]
        for record in found:
            for row in record.rows:
                act.saw(row.table, row.row_ref, row.version)
    return tuple(found)


def _only(record: ContactRecord, refs: Sequence[str]) -> ContactRecord:
    mine = tuple(pupil for pupil in record.pupils if pupil.involvement["pupil_ref"] in refs)
    return ContactRecord(record.contact, mine, record.revision)


def rectify_contact(
    contact_ref: str, *, seen: int, by: Actor, why: str, contact: Mapping[str, Any] | None = None,
    pupils: Sequence[Pupil] = (), now: datetime | None = None,
) -> Recorded:  # fmt: skip
    """Put right what is wrong about a person, at the person's request. Readings of earlier days give it as put right.

    Raises FormFaults, FaultsFound, NotThere, ContactChanged.
    """
    with changing("alteration", "rectify_contact", by=by, why=why, now=now) as act:
        check_may(RECTIFY, by=by)
        before = read_contact(contact_ref)
        if before is None:
            raise NotThere()
        if before.revision != seen:
            raise ContactChanged(before)
        if not why.strip():
            raise FaultsFound("A reason is needed.", try_this="the reference of the request.")
        write_corrections(act, before, contact or {}, pupils, today=day_of(now), state=versions.RECTIFIED)
    return Recorded(contact_ref, act.index)
