"""Sessions: each is listed, ends when it is idle, and can be ended by the person or the administrator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from dueregard.store.prepared import Mark, prepared
from dueregard.store.turns import turn
from dueregard.web.models import SignIn

REFRESHED_AFTER = timedelta(seconds=60)  # the time of the last page is written down once a minute at most


def begin(request: HttpRequest, person_ref: str) -> None:
    """List the session that was just signed in."""
    now = datetime.now(UTC)
    browser = _browser(request.headers.get("User-Agent", ""))
    with turn():
        SignIn.objects.create(
            person_ref=person_ref, session_key=request.session.session_key, began_at=now, seen_at=now, browser=browser
        )


def still_signed_in(request: HttpRequest) -> bool:
    """Is this session listed, not too old, and was a page asked for within the idle time? If not, it ends here."""
    now = datetime.now(UTC)
    asked = prepared(("sign_in",), lambda: SignIn.objects.filter(session_key=Mark("key")))
    found = next(iter(asked.ask(key=request.session.session_key or "")), None)
    idle = timedelta(minutes=settings.DUEREGARD_CONFIG.idle_minutes)
    longest = timedelta(
        hours=settings.DUEREGARD_CONFIG.session_hours
    )  # what the session keeps renews its cookie, never this
    if found is None or now - found.seen_at > idle or now - found.began_at > longest:
        if found is not None:
            found.delete()
        logout(request)
        return False
    if now - found.seen_at > REFRESHED_AFTER:
        with turn():
            SignIn.objects.filter(pk=found.pk).update(seen_at=now)
    return True


def of_person(person_ref: str) -> list[SignIn]:
    return list(SignIn.objects.filter(person_ref=person_ref))


def end(listed: Any) -> None:
    """End sessions: a queryset of SignIn."""
    with turn():
        Session.objects.filter(session_key__in=[s.session_key for s in listed]).delete()
        listed.delete()


def end_all(person_ref: str, *, but: str = "") -> None:
    end(SignIn.objects.filter(person_ref=person_ref).exclude(session_key=but))


def _browser(agent: str) -> str:
    """A word for the browser, not its whole signature."""
    systems = [name for name in ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux") if name in agent]
    makers = [name for name in ("Edg", "Firefox", "Chrome", "Safari") if name in agent]
    words = {"Edg": "Edge", "Macintosh": "Mac"}
    told = [words.get(name, name) for name in (*makers[:1], *systems[:1])]
    return " on ".join(told) or "Unknown browser"
