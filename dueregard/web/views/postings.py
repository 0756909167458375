"""The posting register: who is posted where on any day, headcount against what is meant, and what does not fit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.store import register
from dueregard.store.policy import CORRECT, RECORD, may
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.picking import names_of, officers_named, urns_named
from dueregard.web.wording import label_of

MISFITS = {
    "overlap": "The same officer is posted twice at this school at a time", "fte_above_one": "The officer's shares add up to more than one",
    "gap": "The partnership has nobody posted", "not_consulted": "Nobody is known to have been asked before",
    "school_says_no": "The school says that this is not right",
}  # fmt: skip
COLUMNS = ("urn", "officer_ref", "role", "kind", "fte", "from_on", "to_on")
SHOWN_AT_ONCE = 200


@require_http_methods(["GET", "HEAD"])
def register_page(request: Request) -> HttpResponse:
    by, on = request.actor, day_asked(request.GET.get("on", ""))
    find = request.GET.get("find", "").strip()[:80]
    asked = set(urns_named(find)) if find else None
    can_correct = may(CORRECT, "posting", by=by)
    found = [row for row in register.posted_on(on, by=by) if asked is None or row.values.get("urn") in asked]
    misfits = [m for m in register.misfits(by=by) if asked is None or m.urn in asked]
    people = officers_named((row.values.get("officer_ref", "") for row in found[:SHOWN_AT_ONCE]), by=by)
    names = names_of([*(row["urn"] for row in found), *(m.urn for m in misfits)])
    rows = [_cells(row, names, people, can_correct) for row in found[:SHOWN_AT_ONCE]]
    told = [(MISFITS[m.kind], names.get(m.urn, m.urn), m.from_on, m.to_on) for m in misfits[:SHOWN_AT_ONCE]]
    shown = {"on": on, "rows": rows, "n": len(found), "counts": register.headcount(days_before(on), by=by), "misfits": told, "find": find,
             "n_misfits": len(misfits), "can_record": may(RECORD, "posting", by=by), "shown": SHOWN_AT_ONCE}  # fmt: skip
    return render(request, "web/postings.html", shown)


def _cells(row: Any, names: dict[str, str], people: dict[str, str], can_correct: bool) -> dict[str, Any]:
    words = {"urn": names, "officer_ref": people}
    cells = []
    for column in COLUMNS:
        if column not in row.values:
            cells.append("Not shown to you")
        else:
            told = words.get(column, {}).get(row[column], "")
            cells.append(told or label_of("posting", column, row[column]))
    ask = f"{reverse('consultation_new')}?posting={row['posting_ref']}" if can_correct else ""
    return {"cells": cells, "link": reverse("posting", args=[row.row_ref]) if can_correct else "", "ask": ask}


def day_asked(text: str) -> date:
    """The day in the address; today where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today()


def days_before(on: date, n: int = 8) -> list[date]:
    """The day itself and the first days of the months before: headcount over time."""
    found, day = [on], on
    while len(found) < n:
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=1) if day.day == 1 else day.replace(day=1)
        if day < on and day not in found:
            found.append(day)
    return found
