"""Requests of a pupil or a parent: what is held is told, put right where it is wrong, and drafts are erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import versions
from dueregard.store.actions.changing import ContactChanged, changing, day_of
from dueregard.store.actions.contacts import Recorded, after_correction
from dueregard.store.actions.correcting import write_corrections
from dueregard.store.actions.drafts import drafts_naming
from dueregard.store.actions.erasing import clear_journal
from dueregard.store.actor import Actor
from dueregard.store.combined import all_refs_of
from dueregard.store.contact_record import WHOLE, ContactRecord, Pupil, read_contact, read_withdrawn
from dueregard.store.log import Act
from dueregard.store.models import MODELS
from dueregard.store.policy import DRAFTS, ERASE, RECTIFY, check_may
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, newest, row_of


@dataclass(frozen=True, slots=True)
class Held:
    """One contact in which a child is or was named, with this child alone.

    record: how it stands, or stood when it was withdrawn. was_named: by mistake, and no more; then it holds no pupil.
    earlier: what was recorded of the child and of the contact, and was corrected or taken out; it is kept, so it is held.
    """

    record: ContactRecord
    is_withdrawn: bool
    was_named: bool
    earlier: tuple[Row, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.record.rows, *self.earlier)


def held_about(
    pupil_ref: str, *, by: Actor, why: str, to_whom: str = "", now: datetime | None = None
) -> tuple[Held, ...]:
    """What is held about this child? For the subject access clerk alone. What was withdrawn or corrected is held, too.

    Other pupils of the same contacts are left out. to_whom: who is given it; then it is a disclosure.
    Raises NotThere, FaultsFound without a reason.
    """
    with changing("disclosure" if to_whom else "consultation", "held_about", by=by, why=why, to_whom=to_whom, now=now) as act:  # fmt: skip
        _check_request(RECTIFY, why, by=by)
        refs = all_refs_of(pupil_ref)
        named = MODELS["involvement"].objects.filter(pupil_ref__in=refs).values_list("contact_ref", flat=True)
        found = [held for ref in sorted(set(named)) if (held := _held(ref, refs))]
        for held in found:
            for row in held.rows:
                act.saw(row.table, row.row_ref, row.version)
    return tuple(found)


def _held(contact_ref: str, refs: Sequence[str]) -> Held | None:
    standing = read_contact(contact_ref)
    record = standing or read_withdrawn(contact_ref)
    if record is None:
        return None
    mine = _only(record, refs)
    was_named = not mine.pupils
    # Who was named by mistake is told of the mistake, and nothing of the child whose contact it is.
    earlier = () if was_named else _earlier(mine, refs)
    return Held(mine, standing is None, was_named, earlier)


def _only(record: ContactRecord, refs: Sequence[str]) -> ContactRecord:
    mine = tuple(pupil for pupil in record.pupils if pupil.involvement["pupil_ref"] in refs)
    return ContactRecord(record.contact, mine, record.revision)


def _earlier(mine: ContactRecord, refs: Sequence[str]) -> tuple[Row, ...]:
    """Other versions of the rows that stand, under whatever name they were, and rows of this child that were taken out."""
    from django.db.models import Q

    shown = {(row.table, row.row_ref, row.version) for row in mine.rows}
    found: list[Row] = []
    for table in WHOLE:
        standing = Q(row_ref__in=[row.row_ref for row in mine.rows if row.table == table])
        taken_out = Q(pk__in=()) if table == "contact" else Q(pupil_ref__in=refs)
        rows = MODELS[table].objects.filter(standing | taken_out, contact_ref=mine.contact["contact_ref"])
        found += [row_of(STORED[table], one) for one in rows.order_by("row_ref", "row_version")]
    return tuple(row for row in found if (row.table, row.row_ref, row.version) not in shown)


def check_is_held(contact_ref: str, *, by: Actor, now: datetime | None = None) -> None:
    """Is there such a contact, withdrawn ones too, for one who may erase it? That is a look. Raises NotThere."""
    with changing("consultation", "ask_erase_contact", by=by, now=now) as act:
        check_may(ERASE, by=by)
        found = newest("contact").filter(contact_ref=contact_ref).first()
        if found is None:
            raise NotThere()
        act.saw("contact", found.row_ref, found.row_version)


def drafts_about(
    pupil_ref: str, *, by: Actor, why: str, to_whom: str = "", now: datetime | None = None
) -> tuple[datetime, ...]:
    """When were unfinished forms begun that name this child? They are held until they are sent, given up or too old.

    For the subject access clerk alone, who is not shown what another person has not yet said. Raises NotThere, FaultsFound.
    """
    with changing("disclosure" if to_whom else "consultation", "drafts_about", by=by, why=why, to_whom=to_whom, now=now) as act:  # fmt: skip
        _check_request(RECTIFY, why, by=by)
        found = _drafts_seen(act, pupil_ref)
    return tuple(draft.begun_at for draft in found)


def _check_request(verb: str, why: str, *, by: Actor) -> None:
    """Raises NotThere, FaultsFound without a reason."""
    check_may(verb, by=by)
    if not why.strip():
        raise FaultsFound("A reason is needed.", try_this="the reference of the request.")


def _drafts_seen(act: Act, pupil_ref: str) -> list[Any]:
    found = drafts_naming(all_refs_of(pupil_ref))
    for draft in found:
        act.saw(DRAFTS, draft.draft_ref, draft.version)
    return found


def erase_drafts_about(pupil_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> int:
    """Erase unfinished forms that name this child, at the request of the child or a parent. Raises NotThere, FaultsFound."""
    with changing("erasure", "erase_drafts_about", by=by, why=why, now=now) as act:
        _check_request(ERASE, why, by=by)
        found = _drafts_seen(act, pupil_ref)
        for draft in found:
            draft.delete()
    clear_journal()
    return len(found)


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
        done = after_correction(before)
    return done
