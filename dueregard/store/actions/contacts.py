"""Recording, correcting and withdrawing a contact with its pupils, as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dueregard.errors import NotThere
from dueregard.store import versions
from dueregard.store.actions.changing import ContactChanged, changing, check_within, day_of
from dueregard.store.actor import Actor
from dueregard.store.clock import wall_time
from dueregard.store.contact_record import PARTS, UNIDENTIFIED, ContactRecord, Pupil, read_contact, revision_of
from dueregard.store.gate import Fault, FormFaults, faults_of
from dueregard.store.log import Act
from dueregard.store.policy import CORRECT, RECORD, WITHDRAW, check_may, find
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, holding, write
from dueregard.terms.missing import NOT_IDENTIFIED


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it. is_repeat: it stood there already (the same form sent before, a correction of nothing): nothing was added."""

    contact_ref: str
    revision: int
    is_repeat: bool = False


def record_contact(
    contact: Mapping[str, Any], pupils: Sequence[Pupil], *, by: Actor, key: str = "", draft_ref: str = "",
    now: datetime | None = None,
) -> Recorded:  # fmt: skip
    """Record a contact with its pupils.

    contact: without contact_ref and recorded_at, which the store sets; officer_ref is the person's own unless given.
    key: the form's own number; the same form sent twice is one contact. draft_ref: the draft that this finishes.
    Raises FormFaults with every fault, NotThere.
    """
    with changing("collection", "record_contact", by=by, now=now) as act:
        check_may(RECORD, "contact", by=by)
        before = holding("receipt", content_hash=f"form:{by.person_ref}:{key}") if key else []
        if before:
            return _repeat(act, before[0].made_ref)
        whole = {
            "officer_ref": by.officer_ref,
            **contact,
            "contact_ref": new_ref("c"),
            "recorded_at": wall_time(act.at),
        }
        _check(whole, pupils, today=day_of(act.at))
        made = [write(act, "contact", whole)]
        for pupil in pupils:
            made += _write_pupil(act, made[0], pupil)
        check_within(RECORD, made, by=by, today=day_of(now))
        _finish(act, whole, by=by, key=key, draft_ref=draft_ref)
    return Recorded(str(whole["contact_ref"]), act.index)


def _repeat(act: Act, contact_ref: str) -> Recorded:
    record = read_contact(contact_ref)
    if record is None:
        raise NotThere()
    act.act = "record_contact_again"
    act.saw("contact", record.contact.row_ref, record.contact.version)
    return Recorded(contact_ref, record.revision, is_repeat=True)


def _finish(act: Act, whole: Mapping[str, Any], *, by: Actor, key: str, draft_ref: str) -> None:
    from dueregard.store.models import Draft

    if key:
        write(act, "receipt", {"content_hash": f"form:{by.person_ref}:{key}", "kind": "contact", "urn": whole["urn"],
                               "made_ref": whole["contact_ref"], "n_accepted": 1, "n_rejected": 0,
                               "taken_at": wall_time(act.at)})  # fmt: skip
    if draft_ref:
        Draft.objects.filter(draft_ref=draft_ref, person_ref=by.person_ref).delete()


def _check(contact: Mapping[str, Any], pupils: Sequence[Pupil], *, today: date) -> None:
    """Every fault of the whole form at once. Raises FormFaults."""
    found = faults_of(STORED["contact"], contact, today=today)
    if not pupils:
        found.append(Fault("involvement", 0, "pupil_ref", "At least one pupil."))
    for n, pupil in enumerate(pupils):
        found += _pupil_faults(contact, pupil, n, today)
    refs = [pupil.ref for pupil in pupils if pupil.ref not in ("", NOT_IDENTIFIED)]
    if len(refs) != len(set(refs)):
        found.append(Fault("involvement", 0, "pupil_ref", "The same pupil was named twice."))
    if found:
        raise FormFaults(found)


def _pupil_faults(contact: Mapping[str, Any], pupil: Pupil, n: int, today: date) -> list[Fault]:
    own = {"contact_ref": contact["contact_ref"], "pupil_ref": pupil.ref or NOT_IDENTIFIED}
    found = faults_of(STORED["involvement"], {**pupil.involvement, **own}, today=today, n=n)
    for table, rows in pupil.parts.items():
        for values in rows:
            plain = _part(table, values, contact, own["pupil_ref"])
            found += [Fault(f.table, n, f.column, f.message) for f in faults_of(STORED[table], plain, today=today)]
    return found


def _part(table: str, values: Mapping[str, Any], contact: Mapping[str, Any], pupil_ref: str) -> dict[str, Any]:
    """A row of a part, with what it takes from its contact."""
    whole = {name: value for name, value in values.items() if name != "row_ref"}
    whole |= {"contact_ref": contact["contact_ref"], "pupil_ref": pupil_ref}
    if table == "support":
        whole = {"support_ref": new_ref("s"), "urn": contact["urn"], **whole}
    return whole


def _write_pupil(act: Act, contact: Row, pupil: Pupil) -> list[Row]:
    ref = pupil.ref if pupil.ref not in ("", NOT_IDENTIFIED) else UNIDENTIFIED + new_ref("n")
    own = {"contact_ref": contact["contact_ref"], "pupil_ref": ref}
    made = [write(act, "involvement", {**pupil.involvement, **own})]
    for table in PARTS:
        for values in pupil.parts.get(table, ()):
            made.append(write(act, table, _part(table, values, contact.values, ref)))
    return made


def correct_contact(
    contact_ref: str, *, seen: int, by: Actor, contact: Mapping[str, Any] | None = None, pupils: Sequence[Pupil] = (),
    why: str = "", now: datetime | None = None,
) -> Recorded:  # fmt: skip
    """Correct a contact: new versions of what changes, nothing else.

    seen: the revision that the editor saw. contact: the columns that change. pupils: those that change, see `Pupil`.
    Raises FormFaults, NotThere, ContactChanged.
    """
    from dueregard.store.actions.correcting import write_corrections

    with changing("alteration", "correct_contact", by=by, why=why, now=now) as act:
        before = _held(contact_ref, CORRECT, seen=seen, by=by, now=now)
        made = write_corrections(act, before, contact or {}, pupils, today=day_of(now))
        check_within(CORRECT, made, by=by, today=day_of(now))
        done = after_correction(before)
    return done


def after_correction(before: ContactRecord) -> Recorded:
    """What came of it: a correction that says what stands there already changes nothing."""
    ref = str(before.contact["contact_ref"])
    revision = revision_of(ref)
    return Recorded(ref, revision, is_repeat=revision == before.revision)


def withdraw_contact(contact_ref: str, *, seen: int, by: Actor, why: str, now: datetime | None = None) -> Recorded:
    """Say that a contact should not have been recorded. It stays, as withdrawn. Raises NotThere, ContactChanged."""
    with changing("alteration", "withdraw_contact", by=by, why=why, now=now) as act:
        before = _held(contact_ref, WITHDRAW, seen=seen, by=by, now=now)
        for row in before.rows:
            write(act, row.table, {}, state=versions.WITHDRAWN, after=row)
    return Recorded(contact_ref, act.index)


def _held(contact_ref: str, verb: str, *, seen: int, by: Actor, now: datetime | None) -> ContactRecord:
    """The contact, if this person may do this to it and has seen its newest state. Raises NotThere, ContactChanged."""
    if find("contact", "contact_ref", contact_ref, by=by, verb=verb, today=day_of(now)) is None:
        raise NotThere()
    record = read_contact(contact_ref)
    if record is None:
        raise NotThere()
    if record.revision != seen:
        raise ContactChanged(record)
    return record
