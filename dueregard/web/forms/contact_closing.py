"""Closing a contact: the answers that were still to come, and what they change."""

from __future__ import annotations

from datetime import date
from typing import Any

from dueregard.store.contact_record import ContactRecord, Pupil, PupilRecord
from dueregard.store.versions import Row
from dueregard.web.clock import today
from dueregard.web.forms.contact import Part, accepted_field
from dueregard.web.forms.contact_held import parent_answer
from dueregard.web.forms.contact_questions import AT_ANOTHER_TIME, AT_ONCE, NOT_YET, PARENT_TOLD, UNKNOWN, accepted
from dueregard.web.forms.fields import choice, field_of
from dueregard.web.wording import label_of

Forms = list[tuple[int, Part]]


def still_open(record: ContactRecord, data: Any = None) -> Forms:
    """For each pupil who has any: (place among the pupils, the form of the answers that are open)."""
    found = []
    for n, pupil in enumerate(record.pupils):
        form = _open_of(pupil, record.contact.values.get("occurred_at", ""), data, prefix=f"p{n}")
        if form.fields:
            found.append((n, form))
    return found


def n_open(record: ContactRecord) -> int:
    """How many answers are still to come?"""
    return sum(len([name for name in form.fields if name != "parent_informed_at"]) for _, form in still_open(record))


def _open_of(pupil: PupilRecord, occurred_at: str, data: Any, *, prefix: str) -> Part:
    held, on = pupil.involvement.values, today()
    form = Part(data, prefix=prefix)
    if held.get("school_later_cleared") == UNKNOWN:
        form.fields["school_later_cleared"] = field_of("involvement", "school_later_cleared", on=on, initial=UNKNOWN)
    if "parent_informed_at" in held and (said := parent_answer(pupil, occurred_at)) in (NOT_YET, UNKNOWN):
        form.fields["parent_told"] = choice(list(PARENT_TOLD), required=True, label="Was a parent or carer told?", initial=said)  # fmt: skip
        form.fields["parent_informed_at"] = field_of("involvement", "parent_informed_at", on=on, label="When was a parent told?",
                                                     asked_when=f"parent_told={AT_ANOTHER_TIME}")  # fmt: skip
    for row in _offers(pupil):
        if row["is_accepted"] == UNKNOWN:
            form.fields[accepted(row.row_ref)] = _accepted(row, on)
    return form


def _offers(pupil: PupilRecord) -> list[Row]:
    return [row for row in pupil.parts.get("support", ()) if "is_accepted" in row.values]


def _accepted(row: Row, on: date) -> Any:
    one = accepted_field(label_of("support", "service", row["service"]), on=on)
    one.initial = row["is_accepted"]
    return one


def closing(record: ContactRecord, forms: Forms) -> list[Pupil]:
    """What these answers change. An answer that stays as it was changes nothing."""
    found = []
    for n, form in forms:
        pupil, told = record.pupils[n], form.plain
        involvement = {}
        if told.get("school_later_cleared", UNKNOWN) != UNKNOWN:
            involvement["school_later_cleared"] = told["school_later_cleared"]
        if told.get("parent_told") in (AT_ONCE, AT_ANOTHER_TIME):
            is_at_once = told["parent_told"] == AT_ONCE
            involvement["parent_informed_at"] = (
                record.contact["occurred_at"] if is_at_once else told["parent_informed_at"]
            )
        parts = {**_parent(pupil, record, told.get("parent_told", "")), **_supports(pupil, told)}
        if involvement or parts:
            found.append(Pupil(involvement=involvement, parts=parts, row_ref=pupil.involvement.row_ref))
    return found


def _parent(pupil: PupilRecord, record: ContactRecord, answer: str) -> dict[str, Any]:
    if answer in ("", parent_answer(pupil, record.contact["occurred_at"])):
        return {}
    row = next((row.row_ref for row in pupil.parts.get("parent_told", ())), "")
    return {"parent_told": ({"answer": answer, **({"row_ref": row} if row else {})},)}


def _supports(pupil: PupilRecord, told: dict[str, Any]) -> dict[str, Any]:
    """Every offer is named, for one that is not would be withdrawn; those that got another answer get it."""
    rows = [{"row_ref": row.row_ref, **_changed(row, told)} for row in pupil.parts.get("support", ())]
    return {"support": tuple(rows)} if any(len(row) > 1 for row in rows) else {}


def _changed(row: Row, told: dict[str, Any]) -> dict[str, Any]:
    """What was answered of this offer, where it differs from what is held."""
    asked = {"is_accepted": accepted(row.row_ref), "completed_on": f"completed_{row.row_ref}"}
    answers = {column: told[name] for column, name in asked.items() if name in told}
    return {column: "" if value is None else value for column, value in answers.items() if value != row[column]}


def what_became(record: ContactRecord, data: Any = None) -> Forms:
    """For each pupil who was offered help: of each offer, whether it was accepted and when it was completed."""
    found = []
    for n, pupil in enumerate(record.pupils):
        form, on = Part(data, prefix=f"p{n}"), today()
        for row in _offers(pupil):
            form.fields[accepted(row.row_ref)] = _accepted(row, on)
            label = f"{label_of('support', 'service', row['service'])}: on which day was it completed?"
            form.fields[f"completed_{row.row_ref}"] = field_of("support", "completed_on", on=on, required=False, label=label,
                                                               hint="Leave empty while it goes on, or if that is not known.",
                                                               initial=row["completed_on"])  # fmt: skip
        if form.fields:
            found.append((n, form))
    return found
