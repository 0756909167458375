"""The gate before every page: who asks, are they signed in wholly, is the address theirs. What is refused looks absent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dueregard.errors import NotThere
from dueregard.store.actor import Actor, acting
from dueregard.store.clock import wall_time
from dueregard.store.log import entry
from dueregard.web.addresses import ADMIN, ANYONE, EVERY_ROLE, HALF, Address
from dueregard.web.asked import NOBODY, Request
from dueregard.web.basis import basis
from dueregard.web.sessions import still_signed_in

View = Callable[..., HttpResponse]


def behind_the_gate(address: Address, view: View) -> View:
    """The view, asked only when this person may ask for this address."""

    @wraps(view)
    def gated(request: Request, **named: Any) -> HttpResponse:
        request.address = address
        request.actor = NOBODY
        if address.roles == ANYONE:
            return view(request, **named)
        elsewhere = _wanting(request, address)
        if elsewhere:
            return HttpResponseRedirect(reverse(elsewhere))
        if address.roles == HALF:
            return view(request, **named)
        actor = who_asks(request)
        request.actor = actor
        if address.roles != EVERY_ROLE and not set(address.roles) & set(actor.roles):
            refuse(actor, address.name)
        request.basis = basis()
        if address.name not in ("first_start", "account", "end_session") and request.basis is None:
            if ADMIN in actor.roles:
                return HttpResponseRedirect(reverse("first_start"))
            if address.name != "home":
                refuse(actor, address.name)
        return view(request, **named)

    return gated


def who_asks(request: Request) -> Actor:
    """The person with the roles of today. Whether the account is active was asked before: `_wanting`."""
    today = datetime.fromisoformat(wall_time(datetime.now(UTC))).date()
    return acting(request.user, on=today)


def refuse(actor: Actor, name: str) -> None:
    """Write the refusal down; then it looks like what is not there. Raises NotThere."""
    with entry("consultation", f"page_{name}"[:64], by=actor) as act:
        act.is_refused = True
    raise NotThere()


def _wanting(request: Request, address: Address) -> str:
    """Which page comes first: sign-in, a password of one's own, the second factor; empty: none."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_active or not still_signed_in(request):
        return "sign_in"
    if address.name == "sign_out":
        return ""
    if user.must_change_password:
        return "" if address.name == "password" else "password"
    if not user.is_verified():
        return "" if address.name == "second_factor" else "second_factor"
    return ""


def just_now(at: datetime, *, minutes: int) -> bool:
    return datetime.now(UTC) - at < timedelta(minutes=minutes)
