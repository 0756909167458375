"""What was just done, told on the next page. It travels in a signed cookie: a row of the session would be one more write.

The words never hold a reference of a pupil, an officer or a record.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TOLD, SALT = "told", "dueregard.told"
HOLDS = 120  # seconds


def tell(request: HttpRequest, words: str) -> None:
    """Say on the next page that something was done."""
    request.told_next = words  # type: ignore[attr-defined]


def just_told(request: HttpRequest) -> str:
    """What the page before had to say; it is said once."""
    words = str(request.get_signed_cookie(TOLD, "", salt=SALT, max_age=HOLDS)) if TOLD in request.COOKIES else ""
    request.told_now = TOLD in request.COOKIES  # type: ignore[attr-defined]
    return words


def carry(request: HttpRequest, response: HttpResponse) -> None:
    """Send along what the next page is to say; take away what this one said."""
    if words := getattr(request, "told_next", ""):
        response.set_signed_cookie(TOLD, words, salt=SALT, max_age=HOLDS, httponly=True, samesite="Strict",
                                   secure=settings.SESSION_COOKIE_SECURE)  # fmt: skip
    elif getattr(request, "told_now", False):
        response.delete_cookie(TOLD, samesite="Strict")
