"""A request with what the gate found out about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dueregard.store.actor import Actor
from dueregard.web.addresses import Address

NOBODY = Actor("")  # on pages that are open to anyone, and on letters


class Request(HttpRequest):
    """Who asks, and for which address."""

    actor: Actor
    address: Address
    basis: Any
    is_letter: bool
    user: Any
    session: Any
