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
from dueregard.store.actor import Actor
from dueregard.store.combined import all_refs_of
from dueregard.store.contact_record import WHOLE, ContactRecord, Pupil, read_contact
from dueregard.store.models import MODELS
from dueregard.store.policy import DRAFTS, ERASE, RECTIFY, check_may
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, row_of


@dataclass(frozen=True, slots=True)
class Held:
    """One contact in which a child is or was named. record: as it is, or last was where is_withdrawn, with this child alone.

    earlier: versions of the child's rows that were corrected since; they are kept, so they are held.
    """

    record: ContactRecord
    is_withdrawn: bool
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
        check_may(RECTIFY, by=by)
        if not why.strip():
            raise FaultsFound("A reason is needed.", try_this="the reference of the request.")
        refs = all_refs_of(pupil_ref)
        named = MODELS["involvement"].objects.filter(pupil_ref__in=refs).values_list("contact_ref", flat=True)
        found = [held for ref in sorted(set(named)) if (held := _held(ref, refs))]
        for held in found:
            for row in held.rows:
                act.saw(row.table, row.row_ref, row.version)
    return tuple(found)


def _held(contact_ref: str, refs: Sequence[str]) -> Held | None:
    record = read_contact(contact_ref, withdrawn=True)
    if record is None:
        return None
    mine = _only(record, refs)
    is_withdrawn = versions.WITHDRAWN in (record.contact.state, *(p.involvement.state for p in mine.pupils))
    return Held(mine, is_withdrawn, _earlier(contact_ref, refs, {(row.table, row.row_ref, row.version) for row in mine.rows}))  # fmt: skip


def _only(record: ContactRecord, refs: Sequence[str]) -> ContactRecord:
    mine = tuple(pupil for pupil in record.pupils if pupil.involvement["pupil_ref"] in refs)
    return ContactRecord(record.contact, mine, record.revision)


def _earlier(contact_ref: str, refs: Sequence[str], shown: set[tuple[str, str, int]]) -> tuple[Row, ...]:
    """What was once recorded about the child, and of the contact itself, and is not how it stands."""
    found: list[Row] = []
    for table in WHOLE:
        own = {} if table == "contact" else {"pupil_ref__in": refs}
        rows = MODELS[table].objects.filter(contact_ref=contact_ref, **own).order_by("row_ref", "row_version")
        found += [row_of(STORED[table], one) for one in rows]
    return tuple(row for row in found if (row.table, row.row_ref, row.version) not in shown)


def drafts_about(pupil_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> tuple[datetime, ...]:
    """When were unfinished forms begun that name this child? They are held until they are sent, given up or too old.

    For the subject access clerk alone, who is not shown what another person has not yet said. Raises NotThere, FaultsFound.
    """
    with changing("consultation", "drafts_about", by=by, why=why, now=now) as act:
        check_may(RECTIFY, by=by)
        if not why.strip():
            raise FaultsFound("A reason is needed.", try_this="the reference of the request.")
        found = drafts_naming(all_refs_of(pupil_ref))
        for draft in found:
            act.saw(DRAFTS, draft.draft_ref, draft.version)
    return tuple(draft.begun_at for draft in found)


def erase_drafts_about(pupil_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> int:
    """Erase unfinished forms that name this child, at the request of the child or a parent. Raises NotThere, FaultsFound."""
    with changing("erasure", "erase_drafts_about", by=by, why=why, now=now) as act:
        check_may(ERASE, by=by)
        if not why.strip():
            raise FaultsFound("A reason is needed.", try_this="the reference of the request.")
        found = drafts_naming(all_refs_of(pupil_ref))
        for draft in found:
            act.saw(DRAFTS, draft.draft_ref, draft.version)
            draft.delete()
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
