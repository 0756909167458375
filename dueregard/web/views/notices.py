"""Notices: what somebody must be told, such as a record that was opened in need: by whom, which one, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.store import looks
from dueregard.store.versions import Row
from dueregard.web.accounts import names_told
from dueregard.web.asked import Request
from dueregard.web.wording import label_of

GONE = "The record was erased since."


@require_http_methods(["GET", "HEAD"])
def listing(request: Request) -> HttpResponse:
    found = looks.rows("notice", by=request.actor, order=("-told_at",))
    opened = _opened(request, [n["about_ref"] for n in found if n["kind"] == "break_glass"])
    names = names_told(row["person_ref"] for row in opened.values())
    told = [_line(n, opened.get(n["about_ref"]), names) for n in found]
    return render(request, "web/notices.html", {"notices": told})


def _opened(request: Request, refs: list[str]) -> dict[str, Row]:
    found = looks.rows("break_glass", by=request.actor, where={"glass_ref__in": refs}, limit=looks.MOST) if refs else ()
    return {row["glass_ref"]: row for row in found}


def _line(notice: Row, glass: Row | None, names: dict[str, str]) -> dict[str, Any]:
    line = {"at": label_of("notice", "told_at", notice["told_at"]), "kind": label_of("notice", "kind", notice["kind"]),
            "ref": notice["about_ref"]}  # fmt: skip
    if notice["kind"] != "break_glass":
        return line
    if glass is None:
        return {**line, "why": GONE}
    return {**line, "who": names.get(glass["person_ref"], glass["person_ref"]), "contact": glass["contact_ref"],
            "until": label_of("break_glass", "until_at", glass["until_at"]), "why": glass["why"]}  # fmt: skip
