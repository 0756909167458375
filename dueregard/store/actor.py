"""Who acts: a person with the roles that are in force, or the operator at the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in force. urn: its one school; borough: its one borough, empty for the whole force."""

    role: str
    urn: str = ""
    borough: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who looks or changes. The log names the reference and the roles, never a name."""

    person_ref: str
    grants: tuple[Grant, ...] = ()
    officer_ref: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(sorted({grant.role for grant in self.grants}))


def operator(name: str) -> Actor:
    """Whoever runs a command on the machine itself: known by the name of the account there."""
    plain = "".join(c for c in name if c.isalnum() or c in "._-")[:40]
    return Actor(f"{OPERATOR}:{plain or 'unknown'}", (Grant(OPERATOR),))


def actor_of(person_ref: str, *, on: date) -> Actor:
    """What may this person do on this day? Raises NotThere if nobody has the reference, or is active no more."""
    from dueregard.errors import NotThere
    from dueregard.store.models import Person

    person = Person.objects.filter(person_ref=person_ref, is_active=True).first()
    if person is None:
        raise NotThere()
    return acting(person, on=on)


def acting(person: Any, *, on: date) -> Actor:
    """The same for an account that was read already."""
    from dueregard.store.versions import holding

    held = [g for g in holding("grant", person_ref=person.person_ref) if g.from_on <= on and (g.to_on is None or g.to_on >= on)]  # fmt: skip
    grants = tuple(Grant(g.role, g.urn, g.borough) for g in sorted(held, key=lambda g: str(g.grant_ref)))
    return Actor(person.person_ref, grants, person.officer_ref)
