"""Notices: what somebody must be told, such as a record that was opened in need."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.store import looks
from dueregard.web.asked import Request
from dueregard.web.wording import label_of


@require_http_methods(["GET", "HEAD"])
def listing(request: Request) -> HttpResponse:
    found = looks.rows("notice", by=request.actor, order=("-told_at",))
    told = [
        (label_of("notice", "told_at", n["told_at"]), label_of("notice", "kind", n["kind"]), n["about_ref"])
        for n in found
    ]
    return render(request, "web/notices.html", {"notices": told})
