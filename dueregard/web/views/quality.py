"""The quality desk: what is missing, by question, group and school; and a worklist of records, never of people."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.store import quality
from dueregard.store.tables import STORED
from dueregard.terms.missing import MISSING_LABELS
from dueregard.web.asked import Request
from dueregard.web.picking import names_of
from dueregard.web.tables_out import csv_answer
from dueregard.web.wording import question_of

KINDS = {"late": "Recorded late", "no_posting": "No posting of the officer at this school on that day",
         "ethnicities_differ": "Self-defined and observed ethnicity differ (neither is wrong for that)", "unknown": "An answer is unknown"}  # fmt: skip
BY = {"whole": "All", "ethnicity": "By ethnicity", "school": "By school"}
GROUPS = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "O": "Other"}
SHOWN_AT_ONCE = 300


@require_http_methods(["GET", "HEAD"])
def desk(request: Request) -> HttpResponse:
    """How much is missing. Unknown, declined and not recorded are three things, and none of them is zero."""
    by, asked = request.actor, request.GET.get("by", "whole")
    how = asked if asked in BY else "whole"
    found = quality.missing(by=by)
    names = names_of(m.group for m in found) if how == "school" else {}
    rows = [_cells(m, names) for m in found if m.by == how and (how == "whole" or _n_missing(m))]
    shown = {
        "by": how,
        "ways": BY,
        "rows": rows[:SHOWN_AT_ONCE],
        "n": len(rows),
        "shown": SHOWN_AT_ONCE,
        "can_work": "sergeant" in by.roles,
    }
    return render(request, "web/quality.html", shown)


def _n_missing(m: quality.Missing) -> int:
    return m.n_unknown + m.n_not_stated + m.n_not_recorded


def _cells(m: quality.Missing, names: dict[str, str]) -> list[Any]:
    group = (
        names.get(m.group)
        or GROUPS.get(m.group)
        or {str(k): v for k, v in MISSING_LABELS.items()}.get(m.group)
        or m.group
        or "All"
    )
    question = question_of(m.table, STORED[m.table].column(m.column))[0]
    return [
        question,
        group,
        m.n,
        m.n_unknown,
        m.n_not_stated,
        m.n_not_recorded,
        f"{_n_missing(m) / m.n:.0%}" if m.n else "nothing asked",
    ]


@require_http_methods(["GET", "HEAD"])
def worklist(request: Request) -> HttpResponse:
    by = request.actor
    found = quality.worklist(by=by)
    names = names_of(w.urn for w in found)
    return render(request, "web/worklist.html", {"work": [_work(w, names) for w in found]})


def _work(w: quality.Work, names: dict[str, str]) -> dict[str, Any]:
    why = KINDS[w.kind]
    if w.column:
        why = f"Unknown: {question_of('involvement', STORED['involvement'].column(w.column))[0]}"
    if w.n_school_days:
        why = f"{why}: {w.n_school_days} school days after the contact"
    return {"ref": w.contact_ref, "school": names.get(w.urn, w.urn), "why": why}


@require_http_methods(["GET", "HEAD"])
def worklist_csv(request: Request) -> HttpResponse:
    by = request.actor
    rows = [(w.contact_ref, w.urn, w.kind, w.column, w.n_school_days or "") for w in quality.worklist(by=by)]
    return csv_answer("worklist", ("contact_ref", "urn", "kind", "column", "school_days"), rows)


@require_http_methods(["GET", "HEAD"])
def missing_csv(request: Request) -> HttpResponse:
    rows = [
        (m.table, m.column, m.by, m.group, m.n, m.n_unknown, m.n_not_stated, m.n_not_recorded)
        for m in quality.missing(by=request.actor)
    ]
    return csv_answer("missing", ("table", "column", "by", "group", "n", "unknown", "not_stated", "not_recorded"), rows)
