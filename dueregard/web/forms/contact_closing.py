"""Closing a contact: the answers that were still to come, and what they change."""

from __future__ import annotations

from typing import Any

from dueregard.store.contact_record import ContactRecord, Pupil, PupilRecord
from dueregard.web.clock import today
from dueregard.web.forms.contact import Part
from dueregard.web.forms.contact_questions import AT_ANOTHER_TIME, AT_ONCE, PARENT_TOLD, UNKNOWN
from dueregard.web.forms.fields import choice, field_of

Forms = list[tuple[int, Part]]


def still_open(record: ContactRecord, data: Any = None) -> Forms:
    """For each pupil who has any: (place among the pupils, the form of the answers that are open)."""
    found = []
    for n, pupil in enumerate(record.pupils):
        form = _open_of(pupil, data, prefix=f"p{n}")
        if form.fields:
            found.append((n, form))
    return found


def n_open(record: ContactRecord) -> int:
    """How many answers are still to come?"""
    return sum(len([name for name in form.fields if name != "parent_informed_at"]) for _, form in still_open(record))


def _open_of(pupil: PupilRecord, data: Any, *, prefix: str) -> Part:
    held, on = pupil.involvement.values, today()
    form = Part(data, prefix=prefix, initial={"school_later_cleared": UNKNOWN, "is_accepted": UNKNOWN})
    if held.get("school_later_cleared") == UNKNOWN:
        form.fields["school_later_cleared"] = field_of("involvement", "school_later_cleared", on=on)
    if "parent_informed_at" in held and not held["parent_informed_at"]:
        form.fields["parent_told"] = choice(list(PARENT_TOLD), required=True, label="Was a parent or carer told?")
        form.fields["parent_informed_at"] = field_of("involvement", "parent_informed_at", on=on, label="When was a parent told?",
                                                     asked_when=f"parent_told={AT_ANOTHER_TIME}")  # fmt: skip
    if any(row.values.get("is_accepted") == UNKNOWN for row in pupil.parts.get("support", ())):
        form.fields["is_accepted"] = field_of("support", "is_accepted", on=on, label="Was the support accepted?")
    return form


def closing(record: ContactRecord, forms: Forms) -> list[Pupil]:
    """What these answers change. An answer that is still unknown changes nothing."""
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
        parts = _supports(pupil, told.get("is_accepted", UNKNOWN))
        if involvement or parts:
            found.append(Pupil(involvement=involvement, parts=parts, row_ref=pupil.involvement.row_ref))
    return found


def _supports(pupil: PupilRecord, is_accepted: str) -> dict[str, Any]:
    """Every offer is named, for one that is not would be withdrawn; those that were open get the answer."""
    if is_accepted == UNKNOWN:
        return {}
    return {"support": tuple({"row_ref": row.row_ref, **({"is_accepted": is_accepted} if row["is_accepted"] == UNKNOWN else {})}
                             for row in pupil.parts.get("support", ()))}  # fmt: skip
