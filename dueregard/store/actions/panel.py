"""Which contacts does the scrutiny panel read? Drawn by a seed, so that everybody can see that nobody chose."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from dueregard.errors import FaultsFound
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import DRAW, check_may, reached
from dueregard.store.pseudonyms import new_ref
from dueregard.store.versions import Row, write

MOST = 200


def draw_sample(
    seed: str, *, n: int, from_on: date, to_on: date, by: Actor, now: datetime | None = None
) -> tuple[Row, ...]:
    """Draw n contacts of a time for the panel. The same seed over the same records draws the same.

    Raises FaultsFound, NotThere.
    """
    with changing("disclosure", "draw_sample", by=by, to_whom="scrutiny panel", now=now) as act:
        check_may(DRAW, by=by)
        if not 0 < n <= MOST or not seed.isalnum():
            raise FaultsFound(f"A draw needs a seed of letters and digits, and 1 to {MOST} contacts.", try_this="both.")
        held = reached(DRAW, "contact", by=by, today=day_of(now)).filter(
            occurred_at__gte=from_on.isoformat(), occurred_at__lt=f"{to_on.isoformat()}T99"
        )
        refs = sorted(held.values_list("contact_ref", flat=True), key=lambda ref: hashlib.sha256(f"{seed}\x1f{ref}".encode()).digest())  # fmt: skip
        made = [
            write(
                act,
                "sample",
                {"sample_ref": new_ref("m"), "contact_ref": ref, "drawn_by": seed, "drawn_on": day_of(now)},
            )
            for ref in refs[:n]
        ]
    return tuple(made)
