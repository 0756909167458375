"""What was sent and could not be taken stands in the log, too: who sent it, to which page, and why it was refused.

Where the log itself cannot be written, the page is still a letter: nothing was shown and nothing was changed.
"""

from __future__ import annotations

import contextlib
import logging

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from dueregard.errors import StoreUnavailable
from dueregard.store.actor import Actor
from dueregard.store.log import entry
from dueregard.web.asked import NOBODY

log = logging.getLogger("dueregard.web")


def note_refused(request: HttpRequest, why: str) -> None:
    """Write down that something was refused, and by a line of the service's own log as well."""
    name = str(getattr(getattr(request, "address", None), "name", "unknown"))
    log.warning("%s: refused, %s", name, why)
    actor = getattr(request, "actor", NOBODY)
    actor = actor if actor.person_ref else _of_session(request)
    if actor.person_ref:
        with (
            contextlib.suppress(DatabaseError, InterfaceError, StoreUnavailable),
            entry("consultation", f"page_{name}"[:64], by=actor, why=why) as act,
        ):
            act.is_refused = True


def _of_session(request: HttpRequest) -> Actor:
    """Who is signed in, where the gate was not reached: a form that does not fit its session is turned away before it."""
    with contextlib.suppress(DatabaseError, InterfaceError):
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            return Actor(user.person_ref)
    return NOBODY
