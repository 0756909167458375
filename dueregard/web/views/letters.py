"""Letters in place of faults: what happened, what to try. They read nothing from the store, so they come when it cannot."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from dueregard.errors import DueRegardError
from dueregard.web.asked import NOBODY, Request


def letter(request: Request, status: int, title: str, *paragraphs: str) -> HttpResponse:
    request.is_letter = True
    request.actor = NOBODY
    return render(request, "web/letter.html", {"title": title, "paragraphs": paragraphs}, status=status)


def not_there(request: Request, exception: Exception | None = None) -> HttpResponse:
    """The one page for what does not exist and what is not for this person."""
    return letter(request, 404, "Page not found", "There is no such page or record, or none that you may see.",
                  "Check the address, or go back to the start.")  # fmt: skip


def conflict(request: Request, fault: DueRegardError) -> HttpResponse:
    return letter(request, 409, "Somebody else changed this", fault.found, f"Try: {fault.try_this}")


def faults(request: Request, fault: DueRegardError) -> HttpResponse:
    return letter(
        request, 422, "This could not be done", fault.found, f"Try: {fault.try_this}" if fault.try_this else ""
    )


def does_not_fit(request: Request) -> HttpResponse:
    """The database itself refused: the last guard, where a page did not ask before."""
    return letter(request, 422, "This does not fit what is there", "Nothing was saved. What was sent refers to something that is not there, or is there already.",
                  "Try: go back, and check numbers and references.")  # fmt: skip


def too_big(request: Request) -> HttpResponse:
    return letter(request, 413, "This is too large", "Nothing was saved. What was sent is larger than the service takes.",
                  "Try: a smaller file, or fewer rows at a time.")  # fmt: skip


def bad_request(request: Request, exception: Exception | None = None) -> HttpResponse:
    return letter(request, 400, "This could not be read", "Nothing was saved. The service could not read what was sent.",
                  "Try: open the page again, and send the form from there.")  # fmt: skip


def forged(request: Request, reason: str = "", exception: Exception | None = None) -> HttpResponse:
    from dueregard.web.notes import note_refused

    note_refused(request, "a form of another session, or of none")
    return letter(request, 403, "This form is out of date", "Nothing was saved. The form was not sent from a page of this session.",
                  "Try: open the page again. Your browser must accept cookies of this service.")  # fmt: skip


def unavailable(request: Request) -> HttpResponse:
    return letter(request, 503, "The service cannot reach its records", "Nothing of what you sent was saved by this request.",
                  "Try: again in a minute. If it goes on, tell the administrator.")  # fmt: skip


def failed(request: Request) -> HttpResponse:
    return letter(request, 500, "Something went wrong", "The page could not be shown, and nothing was saved by this request.",
                  "Try: again in a minute. If it goes on, tell the administrator.")  # fmt: skip
