"""Pages for pupils and parents: no sign-in, nothing about a person, no number of records."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.errors import NotThere
from dueregard.store.versions import current
from dueregard.terms.lists import code_list
from dueregard.web.asked import Request
from dueregard.web.clock import today

IN_FORCE = "in_force"
FEW = 20  # schools found at a time


@require_http_methods(["GET", "HEAD"])
def schools(request: Request) -> HttpResponse:
    """Does this school have an officer? Asked by the school's name."""
    asked = request.GET.get("school", "").strip()[:80]
    found = (
        list(
            current("school")
            .filter(Q(name__icontains=asked) | Q(urn=asked), closed_on__isnull=True)
            .order_by("name")[: FEW + 1]
        )
        if asked
        else []
    )
    return render(request, "web/public.html", {"asked": asked, "found": found[:FEW], "has_more": len(found) > FEW})


@require_http_methods(["GET", "HEAD"])
def school(request: Request, urn: str) -> HttpResponse:
    """One school: whether an officer is posted there today, of which kind, and what help is on offer."""
    held = current("school").filter(urn=urn).first()
    if held is None:
        raise NotThere()
    posted = _in_force("posting", urn)
    kinds = sorted({_label("posting_kind", p.kind) for p in posted if _group("posting_kind", p.kind) == IN_FORCE})
    help_there = sorted({_label("service", offer.service) for offer in _in_force("service_offer", urn)})
    return render(
        request, "web/public_school.html", {"school": held, "kinds": kinds, "help": help_there, "is_told": bool(posted)}
    )


@require_http_methods(["GET", "HEAD"])
def accessibility(request: Request) -> HttpResponse:
    return render(request, "web/accessibility.html")


def _in_force(table: str, urn: str) -> list[Any]:
    on = today()
    return list(current(table).filter(Q(to_on__isnull=True) | Q(to_on__gte=on), urn=urn, from_on__lte=on))


def _label(name: str, code: str) -> str:
    return code_list(name).labels.get(code, code)


def _group(name: str, code: str) -> str:
    return next((term.group for term in code_list(name) if term.code == code), "")
