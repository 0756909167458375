"""An officer's own drafts and records, and one record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.records.calendar import EVERY_AREA
from dueregard.store import actions, looks
from dueregard.store.contact_record import ContactRecord, PupilRecord
from dueregard.store.policy import CORRECT, may
from dueregard.store.school_days import LATE_AFTER, SchoolDays
from dueregard.store.versions import Row
from dueregard.web.addresses import RECORDS
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.contact_closing import n_open
from dueregard.web.forms.contact_held import parent_answer
from dueregard.web.forms.contact_questions import PARENT_TOLD, PART_WORDS
from dueregard.web.picking import names_of
from dueregard.web.reasons import looked_at
from dueregard.web.wording import label_of, question_of

SHOWN = ("urn", "occurred_at", "recorded_at", "place_relation", "time_relation", "route", "initiator", "behaviour", "harm_level", "schools_protocol",
         "lowest_response", "why_not_lower", "source_record_ref", "seconds_to_record")  # fmt: skip
NOT_SHOWN = {"contact_ref", "pupil_ref", "support_ref", "urn"}


@require_http_methods(["GET", "HEAD"])
def mine(request: Request) -> HttpResponse:
    """Open drafts first, then what the officer recorded in the last 28 days."""
    by = request.actor
    kept = actions.drafts_of(by=by)
    rows = (
        looks.rows("contact", by=by, where={"officer_ref": by.officer_ref}, order=("-recorded_at",), limit=200)
        if by.officer_ref
        else ()
    )
    names = names_of([*(r["urn"] for r in rows), *(d.content.get("contact", {}).get("urn", "") for d in kept)])
    drafts = [_draft(d, names) for d in kept]
    terms = SchoolDays()
    return render(request, "web/contacts.html", {"drafts": drafts, "contacts": [_line(r, names, terms) for r in rows]})


def _draft(drafted: Any, names: dict[str, str]) -> dict[str, Any]:
    told = drafted.content.get("contact", {})
    return {"ref": drafted.draft_ref, "begun_at": drafted.begun_at, "school": names.get(told.get("urn", ""), told.get("urn") or "School not entered"),
            "occurred_at": label_of("contact", "occurred_at", told.get("occurred_at", "")) if _is_time(told.get("occurred_at", "")) else "No time entered",
            "n_pupils": len(drafted.content.get("pupils", ()))}  # fmt: skip


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _line(row: Row, names: dict[str, str], terms: SchoolDays) -> dict[str, Any]:
    return {"ref": row["contact_ref"], "school": names.get(row["urn"], row["urn"]), "occurred_at": label_of("contact", "occurred_at", row["occurred_at"]),
            "behaviour": label_of("contact", "behaviour", row["behaviour"]), "late": days_late(row, terms)}  # fmt: skip


def days_late(row: Row, terms: SchoolDays | None = None) -> int:
    """By how many school days was the limit passed? 0: it was not."""
    if "recorded_at" not in row.values or not row["recorded_at"]:
        return 0
    first, last = (date.fromisoformat(row[name][:10]) for name in ("occurred_at", "recorded_at"))
    if (last - first).days <= LATE_AFTER:  # no terms need to be read: there are no more school days than days
        return 0
    days = (terms or SchoolDays()).between(EVERY_AREA, first, last)
    return max(0, days - LATE_AFTER)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: Request, contact_ref: str) -> HttpResponse:
    """One record, once a reason was given where one is needed."""
    record = looked_at(request, contact_ref)
    if isinstance(record, HttpResponse):
        return record
    by = request.actor
    can_correct = bool(set(RECORDS) & set(by.roles)) and may(
        CORRECT, "contact", by=by, row_ref=record.contact.row_ref, today=today()
    )
    shown = {"record": record, "pairs": pairs("contact", record.contact, SHOWN, names_of([record.contact["urn"]])), "pupils": pupils_told(record),
             "can_correct": can_correct, "late": days_late(record.contact), "n_open": n_open(record), "ref": contact_ref,
             "has_support": any(p.parts.get("support") for p in record.pupils)}  # fmt: skip
    return render(request, "web/contact.html", shown)


def pairs(table: str, row: Row, columns: Any, names: dict[str, str] | None = None) -> list[tuple[str, str]]:
    from dueregard.store.tables import STORED

    told = []
    for name in columns:
        if name in row.values:
            words = (names or {}).get(row[name]) if name == "urn" else None
            told.append((question_of(table, STORED[table].column(name))[0], words or label_of(table, name, row[name])))
    return told


def parent_told(pupil: PupilRecord, occurred_at: str) -> list[tuple[str, str]]:
    """Whether a parent was told, for those who see when and what was answered: not yet and unknown are two answers."""
    is_hidden = any("answer" not in row.values for row in pupil.parts.get("parent_told", ()))
    if "parent_informed_at" not in pupil.involvement.values or is_hidden:
        return []
    return [("Was a parent or carer told?", dict(PARENT_TOLD)[parent_answer(pupil, occurred_at)])]


def pupils_told(record: ContactRecord) -> list[dict[str, Any]]:
    """Each pupil's answers. A pupil has a number here, never a reference."""
    found = []
    for n, pupil in enumerate(record.pupils, start=1):
        columns = [c for c in pupil.involvement.values if c not in NOT_SHOWN]
        parent = parent_told(pupil, record.contact.values.get("occurred_at", ""))
        parts = [(PART_WORDS.get(t, "support").capitalize(), pairs(t, row, [c for c in row.values if c not in NOT_SHOWN]))
                 for t, rows in pupil.parts.items() if t != "parent_told" for row in rows]  # fmt: skip
        found.append({"n": n, "pairs": [*pairs("involvement", pupil.involvement, columns), *parent], "parts": parts})
    return found
