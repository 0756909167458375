"""A recorded contact as the content of a form, and what a correction of it changes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from dueregard.store.contact_record import ContactRecord, Pupil, PupilRecord
from dueregard.store.fields import canonical, stored
from dueregard.store.tables import STORED
from dueregard.store.versions import Row
from dueregard.web.forms.contact_content import Content
from dueregard.web.forms.contact_questions import (
    AT_ANOTHER_TIME,
    AT_ONCE,
    CONTACT,
    LATER,
    NO_SUPPORT,
    PARTS,
    PUPIL,
    UNKNOWN,
    Question,
    accepted,
    is_asked,
)  # fmt: skip


def content_of(record: ContactRecord) -> Content:
    """The form as it stood when the record was last changed."""
    held = record.contact
    contact = {"urn": held["urn"], "occurred_at": held["occurred_at"], **_shown(CONTACT, held)}
    return {
        "key": secrets.token_hex(16), "seconds": 0, "contact": contact, "faults": [], "contact_ref": held["contact_ref"],
        "seen": record.revision, "pupils": [_pupil(p, contact["occurred_at"]) for p in record.pupils],
    }  # fmt: skip


def _pupil(held: PupilRecord, occurred_at: str) -> Content:
    row = held.involvement
    answers: dict[str, Any] = _shown((*PUPIL, *LATER), row)
    answers["age"] = answers["age"] or "unknown"
    told_at = canonical(row["parent_informed_at"])
    answers["parent_told"] = parent_answer(held, occurred_at)
    answers["parent_informed_at"] = told_at if answers["parent_told"] == AT_ANOTHER_TIME else ""
    support = held.parts.get("support", ())
    answers["services"] = [r["service"] for r in support] or [NO_SUPPORT]
    answers |= {accepted(r["service"]): r["is_accepted"] for r in support}
    answers["identifier_kind"] = "admission_number"
    parts = {t: [{"row_ref": r.row_ref, **_shown(qs, r)} for r in held.parts.get(t, ())] for t, qs in PARTS.items()}
    parent = next((r.row_ref for r in held.parts.get("parent_told", ())), "")
    return {"ref": "", "ref_urn": "", "row_ref": row.row_ref, "parent_row": parent, "answers": answers,
            "support": {r["service"]: r.row_ref for r in support}, **parts}  # fmt: skip


def parent_answer(held: PupilRecord, occurred_at: str) -> str:
    """What was answered; of a record without that answer, what the time tells."""
    said = next((r["answer"] for r in held.parts.get("parent_told", ()) if "answer" in r.values), "")
    told_at = canonical(held.involvement.values.get("parent_informed_at", ""))
    if told_at:
        return AT_ONCE if told_at == occurred_at else AT_ANOTHER_TIME
    return said or UNKNOWN


def changes_of(
    record: ContactRecord, contact: Mapping[str, Any], pupils: list[Pupil], withdrawn: list[str]
) -> tuple[dict[str, Any], list[Pupil]]:
    """Of what was sent, only what differs from the record: columns of the contact, and pupils."""
    held = {p.involvement.row_ref: p for p in record.pupils}
    columns = _differing(record.contact, _asked_of(CONTACT, contact, record.contact.values))
    changed = [_pupil_change(held[p.row_ref], p) if p.row_ref in held else p for p in pupils]
    if "urn" in columns:  # another school is a change of every pupil: the store asks who each of them is there
        changed = [change or Pupil(row_ref=p.row_ref) for p, change in zip(pupils, changed, strict=True)]
    gone = [Pupil(row_ref=ref, is_withdrawn=True) for ref in withdrawn if ref in held]
    return columns, [p for p in changed if p is not None] + gone


def places_of(pupils: Sequence[Pupil], changes: Sequence[Pupil]) -> list[int]:
    """Which pupil of the form is each change about? The store counts the changes alone. Of a withdrawn one: the first."""
    rows = {p.row_ref: n for n, p in enumerate(pupils) if p.row_ref}
    added = iter([n for n, p in enumerate(pupils) if not p.row_ref])
    return [rows.get(c.row_ref, 0) if c.row_ref else next(added, 0) for c in changes]


def _pupil_change(held: PupilRecord, told: Pupil) -> Pupil | None:
    involvement = _differing(held.involvement, _asked_of(PUPIL, told.involvement, held.involvement.values))
    parts = {table: rows for table, rows in told.parts.items() if _parts_differ(held.parts.get(table, ()), rows, table)}
    if not involvement and not parts and not told.ref:
        return None
    return Pupil(ref=told.ref, involvement=involvement, parts=parts, row_ref=told.row_ref)


def _asked_of(questions: tuple[Question, ...], told: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """Without the answers to questions that were asked neither then nor now: those stay as they are."""
    kept = {q.name for q in questions if not is_asked(q.asked_when, told) and not is_asked(q.asked_when, held)}
    return {name: value for name, value in told.items() if name not in kept}


def _shown(questions: tuple[Question, ...], row: Row) -> dict[str, Any]:
    """The answers as the form shows them: a question that is not asked is empty."""
    held = {q.name: canonical(row[q.name]) for q in questions}
    return {q.name: held[q.name] if is_asked(q.asked_when, held) else "" for q in questions}


def _differing(row: Row, told: Mapping[str, Any]) -> dict[str, Any]:
    table = STORED[row.table]
    return {name: value for name, value in told.items() if _plain(table.column(name), value) != canonical(row[name])}


def _plain(column: Any, value: Any) -> str:
    """What was sent as it would be stored; what cannot be stored differs from all that is."""
    try:
        return canonical(stored(column, value))
    except (ValueError, ArithmeticError):
        return f"\x00{value}"


def _parts_differ(held: tuple[Row, ...], told: tuple[Mapping[str, Any], ...], table: str) -> bool:
    rows = {row.row_ref: row for row in held}
    if len(rows) != len(told):
        return True
    own = {q.name for q in PARTS.get(table, ())} or {"service", "is_accepted", "answer"}
    for values in told:
        row = rows.get(str(values.get("row_ref", "")))
        if row is None or _differing(row, {name: v for name, v in values.items() if name in own}):
            return True
    return False
