"""What every page needs to know besides its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from dueregard.web.addresses import places_of
from dueregard.web.asked import NOBODY
from dueregard.web.basis import basis
from dueregard.web.told import just_told


def every_page(request: HttpRequest) -> dict[str, Any]:
    """Who is signed in, where they may go, what was just done, and the basis at the foot."""
    actor = getattr(request, "actor", NOBODY)
    actor = actor if actor.person_ref else None
    held = None if getattr(request, "is_letter", False) else getattr(request, "basis", None) or basis()
    return {
        "static": settings.STATIC_URL,
        "actor": actor,
        "places": [] if actor is None else _places(request, actor.roles),
        "basis": held,
        "force": held.force if held else "",
        "told": just_told(request) if actor is not None else "",
        "service": settings.DUEREGARD_CONFIG,
    }


def _places(request: HttpRequest, roles: tuple[str, ...]) -> list[dict[str, Any]]:
    here = max((p.path for p in places_of(roles) if request.path.startswith(f"/{p.path}")), key=len, default=None)
    return [{"path": reverse(p.name), "label": p.place, "is_here": p.path == here} for p in places_of(roles)]
