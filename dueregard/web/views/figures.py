"""Plain counts of a term, harms and benefits on the same footing. Not for publication: that goes through releases."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.records.calendar import england_calendar
from dueregard.store.figures import CONTRADICTED, NO_WORD
from dueregard.store.figures import figures as counted
from dueregard.store.policy import may_ask_of_one_school
from dueregard.terms.stages import STAGES
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.picking import schools
from dueregard.web.tables_out import csv_answer

LABELS = {"contact": "Contacts", "involvement": "Pupils in contacts (involvements)", "power_use": "Uses of a power", "outcome": "Outcomes",
          "support": "Offers of support", "activity": "Activities", "activity_minutes": "Minutes of activities"}  # fmt: skip
STATES = {"complete": "Said to be complete", "nil": "Said to be nothing", "partial": "Partial", "not_collected": "Not collected",
          "suppressed": "Suppressed", CONTRADICTED: "Said to be nothing, and something is held", NO_WORD: "Nobody said that it is complete: a zero is not known to be one"}  # fmt: skip
STEPS = {f"step:{stage.code}": stage.label for stage in STAGES}


@require_http_methods(["GET", "HEAD"])
def figures(request: Request) -> HttpResponse:
    by, (name, first, last), urn = request.actor, _term(request), _urn(request)
    rows = [
        (LABELS.get(f.name) or STEPS.get(f.name, f.name), f.n, STATES.get(f.state, f.state))
        for f in counted(first, last, by=by, urn=urn)
    ]
    can_ask = may_ask_of_one_school(by=by)
    own = schools(by=by, on=today()) if can_ask else []
    shown = {
        "rows": rows,
        "term": name,
        "terms": [t[0] for t in terms()],
        "first": first,
        "last": last,
        "schools": (own or [])[1:],
        "is_typed": own is None,
        "urn": urn,
    }
    return render(request, "web/figures.html", shown)


@require_http_methods(["GET", "HEAD"])
def figures_csv(request: Request) -> HttpResponse:
    name, first, last = _term(request)
    rows = [(name, f.name, f.n, f.state) for f in counted(first, last, by=request.actor, urn=_urn(request))]
    return csv_answer("figures", ("term", "count", "n", "state"), rows)


def terms() -> list[tuple[str, date, date]]:
    """The terms of the last two academic years and this one, the newest first: no finer time is counted."""
    day = today()
    year = day.year if day.month >= 9 else day.year - 1
    found = [
        (f"{y}/{(y + 1) % 100:02d} {term}", a, b)
        for y in (year, year - 1, year - 2)
        for term, a, b, _ in england_calendar(y)
        if a <= day
    ]
    return sorted(found, key=lambda t: t[1], reverse=True)


def _term(request: Request) -> tuple[str, date, date]:
    held = terms()
    return next((t for t in held if t[0] == request.GET.get("term", "")), held[0])


def _urn(request: Request) -> str:
    return request.GET.get("school", "")[:64]
