"""A correction of a contact, row by row: what changes gets a version, what is new a row, what is left out is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dueregard.errors import NotThere
from dueregard.store import versions
from dueregard.store.actions.contacts import _part, _pupil_faults, _write_pupil
from dueregard.store.contact_record import UNIDENTIFIED, ContactRecord, Pupil
from dueregard.store.fields import canonical, stored
from dueregard.store.gate import Fault, FormFaults, faults_of
from dueregard.store.log import Act
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, write
from dueregard.terms.missing import NOT_IDENTIFIED

SET_BY_THE_STORE = ("contact_ref", "recorded_at", "pupil_ref")


def write_corrections(
    act: Act, before: ContactRecord, contact: Mapping[str, Any], pupils: Sequence[Pupil], *, today: date,
    state: str = versions.CORRECTED,
) -> list[Row]:  # fmt: skip
    """Write what a correction changes. Raises FormFaults, NotThere; the transaction around it is the caller's."""
    whole = {**before.contact.values, **contact}
    has_moved = str(whole["urn"]) != str(before.contact["urn"])
    if has_moved:
        pupils = [*pupils, *_unnamed(before, pupils)]
    found = faults_of(STORED["contact"], whole, today=today, answers=False)
    found += [Fault("contact", 0, name, "This is set by the store.") for name in SET_BY_THE_STORE if name in contact]
    for n, pupil in enumerate(pupils):
        if not pupil.row_ref:
            found += _pupil_faults(whole, pupil, n, today)
    found += _named_twice(before, pupils)
    found += _named_at_another_school(before, pupils) if has_moved else []
    if found:
        raise FormFaults(found)
    held = _changed(act, before.contact, contact, state) if contact else before.contact
    made = [held] if contact else []
    for n, pupil in enumerate(pupils):
        if not pupil.row_ref:
            made += _write_pupil(act, held, pupil)
        else:
            made += _correct_pupil(act, before, held, pupil, n, today=today, state=state)
    return [row for row in made if row.state != versions.WITHDRAWN]


def _unnamed(before: ContactRecord, pupils: Sequence[Pupil]) -> list[Pupil]:
    """The pupils of whom a correction says nothing: what hangs on them follows the contact to another school."""
    named = {pupil.row_ref for pupil in pupils}
    return [Pupil(row_ref=ref) for p in before.pupils if (ref := p.involvement.row_ref) not in named]


def _named_at_another_school(before: ContactRecord, pupils: Sequence[Pupil]) -> list[Fault]:
    """An admission number means somebody else at another school, so each pupil who was identified is named anew.

    The store cannot tell whether a reference was made of an admission number: it asks for either kind again.
    """
    identified = {p.involvement.row_ref for p in before.pupils if not _is_unidentified(p.involvement["pupil_ref"])}
    return [
        Fault("involvement", n, "pupil_ref", "The school is another one: enter the identifier again, or say that it is not known.")
        for n, pupil in enumerate(pupils) if pupil.row_ref in identified and not pupil.ref and not pupil.is_withdrawn
    ]  # fmt: skip


def _is_unidentified(pupil_ref: object) -> bool:
    return str(pupil_ref).startswith(NOT_IDENTIFIED)


def _named_twice(before: ContactRecord, pupils: Sequence[Pupil]) -> list[Fault]:
    """A pupil stands once in a contact, as it will be: else what was done to one would be shown under both."""
    refs = {p.involvement.row_ref: str(p.involvement["pupil_ref"]) for p in before.pupils}
    for pupil in pupils:
        if pupil.is_withdrawn:
            refs.pop(pupil.row_ref, None)
        elif pupil.row_ref in refs and pupil.ref:
            refs[pupil.row_ref] = pupil.ref
    named = [
        ref for ref in (*refs.values(), *(p.ref for p in pupils if not p.row_ref)) if ref not in ("", NOT_IDENTIFIED)
    ]
    return (
        [Fault("involvement", 0, "pupil_ref", "The same pupil was named twice.")]
        if len(named) > len(set(named))
        else []
    )


def _correct_pupil(
    act: Act, before: ContactRecord, contact: Row, pupil: Pupil, n: int, *, today: date, state: str
) -> list[Row]:
    """contact: as it stands after the correction."""
    meant = next((p for p in before.pupils if p.involvement.row_ref == pupil.row_ref), None)
    if meant is None:
        raise NotThere()
    if pupil.is_withdrawn:
        gone = [meant.involvement, *(row for rows in meant.parts.values() for row in rows)]
        return [write(act, row.table, {}, state=versions.WITHDRAWN, after=row) for row in gone]
    ref = _ref_after(str(meant.involvement["pupil_ref"]), pupil.ref)
    moved = {"pupil_ref": ref} if ref != meant.involvement["pupil_ref"] else {}
    changes = {**pupil.involvement, **moved}
    found = faults_of(STORED["involvement"], {**meant.involvement.values, **changes}, today=today, n=n, answers=False)
    if found:
        raise FormFaults(found)
    made = [_changed(act, meant.involvement, changes, state)] if changes else []
    for table, rows in meant.parts.items():
        made += _correct_parts(act, before, contact, table, rows, pupil, moved, ref, n, today=today, state=state)
    return made


def _ref_after(held: str, told: str) -> str:
    """What stands after the correction: nothing told leaves it, and *not known* makes a pupil nobody can name."""
    if told == NOT_IDENTIFIED:
        return held if _is_unidentified(held) else UNIDENTIFIED + new_ref("n")
    return told or held


def _correct_parts(
    act: Act, before: ContactRecord, contact: Row, table: str, rows: tuple[Row, ...], pupil: Pupil,
    moved: Mapping[str, Any], ref: str, n: int, *, today: date, state: str,
) -> list[Row]:  # fmt: skip
    """The rows of one table of one pupil. Where another pseudonym or school was given, what is kept follows it."""

    def after(row: Row) -> dict[str, Any]:
        is_there = table == "support" and row["urn"] == before.contact["urn"] != contact["urn"]
        return {**moved, **({"urn": contact["urn"]} if is_there else {})}

    if table not in pupil.parts:
        return [_changed(act, row, changes, state) for row in rows if (changes := after(row))]
    there, made, named = {row.row_ref: row for row in rows}, [], set()
    for values in pupil.parts[table]:
        old = there.get(str(values.get("row_ref", "")))
        if values.get("row_ref") and old is None:
            raise NotThere()
        whole = _part(table, {**({**old.values, **after(old)} if old else {}), **values}, contact.values, ref)
        found = faults_of(STORED[table], whole, today=today, n=n, answers=old is None)
        if found:
            raise FormFaults(found)
        if old is None:
            made.append(write(act, table, whole))
        elif _differs(old, whole):  # a row that is named and stays as it is gets no version
            made.append(_changed(act, old, whole, state))
        named.add(old.row_ref if old else "")
    gone = [row for key, row in there.items() if key not in named]
    return made + [write(act, row.table, {}, state=versions.WITHDRAWN, after=row) for row in gone]


def _differs(old: Row, whole: Mapping[str, Any]) -> bool:
    table = STORED[old.table]
    return any(canonical(stored(table.column(name), value)) != canonical(old[name]) for name, value in whole.items())


def _changed(act: Act, row: Row, changes: Mapping[str, Any], state: str) -> Row:
    return write(act, row.table, changes, state=state, after=row)
