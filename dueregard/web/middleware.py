"""Headers of every answer, and letters in place of faults. No line of the service's log holds an address or a record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from dueregard.errors import EditConflict, FaultsFound, NotThere, StoreUnavailable
from dueregard.web.notes import note_refused
from dueregard.web.told import carry
from dueregard.web.views import letters as letter

log = logging.getLogger("dueregard.web")
Answer = Callable[[HttpRequest], HttpResponse]
TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def headers(answer: Answer) -> Answer:
    """What keeps pages out of caches, frames and other sites."""

    def with_headers(request: HttpRequest) -> HttpResponse:
        request.get_host()  # a host that is not ours is refused before anything is read
        response = answer(request)
        carry(request, response)
        response.setdefault("Cache-Control", "no-store, private")
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return with_headers


class Letters:
    """Every fault becomes a page that says what to try, and a log line that names the address's name and the fault's kind."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse:
        request.is_letter = True  # type: ignore[attr-defined]
        if isinstance(fault, (NotThere, Http404)):
            return letter.not_there(request)
        if isinstance(fault, EditConflict):
            return letter.conflict(request, fault)
        if isinstance(fault, FaultsFound):
            return letter.faults(request, fault)
        if isinstance(fault, TOO_BIG):
            note_refused(request, "too large")
            return letter.too_big(request)
        if isinstance(fault, SuspiciousOperation):
            note_refused(request, "not readable")
            return letter.bad_request(request)
        if isinstance(fault, IntegrityError):
            note_refused(request, "does not fit what is there")
            return letter.does_not_fit(request)
        name = getattr(getattr(request, "address", None), "name", "unknown")
        log.error("%s: %s", name, _kind(fault))
        if isinstance(fault, (OperationalError, InterfaceError, StoreUnavailable)):
            return letter.unavailable(request)
        return letter.failed(request)


def _kind(fault: Exception) -> str:
    """The kind of a fault, never its message: that may quote a record."""
    kinds: list[Any] = [
        type(fault),
        *([type(fault.__cause__)] if isinstance(fault, DatabaseError) and fault.__cause__ else []),
    ]
    return " from ".join(kind.__name__ for kind in kinds)
