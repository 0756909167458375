"""Changing accounts: by the administrator, each change with its line in the log. An administrator sees no record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django_otp.plugins.otp_totp.models import TOTPDevice

from dueregard.errors import NotThere
from dueregard.store.actor import Actor
from dueregard.store.log import entry
from dueregard.store.models import Person
from dueregard.store.policy import CORRECT, PEOPLE, check_may
from dueregard.web import sessions

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


def one_time_password() -> str:
    """A password to be used once: four groups of five, about 99 bits.

    >>> len(one_time_password())
    23
    """
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def person_of(person_ref: str) -> Person:
    """Raises NotThere."""
    found = Person.objects.filter(person_ref=person_ref).first()
    if found is None:
        raise NotThere()
    return found


def names_told(refs: Iterable[str]) -> dict[str, str]:
    """The names of these people, for a page on which what they did is told to those who must know it."""
    return dict(Person.objects.filter(person_ref__in=set(refs)).values_list("person_ref", "name"))


def new_password(person_ref: str, *, by: Actor, now: datetime | None = None) -> str:
    """Give somebody a one-time password. Every session of theirs ends."""
    password = one_time_password()
    with entry("alteration", "new_password", by=by, now=now) as act:
        check_may(CORRECT, PEOPLE, by=by)
        person = person_of(person_ref)
        person.set_password(password)
        person.must_change_password = True
        person.save()
        act.saw(PEOPLE, person_ref, 1)
    sessions.end_all(person_ref)
    return password


def new_device(person_ref: str, *, by: Actor, now: datetime | None = None) -> None:
    """Forget somebody's device for codes: the next sign-in sets a new one up. Every session of theirs ends."""
    with entry("alteration", "new_device", by=by, now=now) as act:
        check_may(CORRECT, PEOPLE, by=by)
        TOTPDevice.objects.filter(user=person_of(person_ref)).delete()
        act.saw(PEOPLE, person_ref, 1)
    sessions.end_all(person_ref)


def set_active(person_ref: str, *, is_active: bool, by: Actor, now: datetime | None = None) -> None:
    """Let somebody in again, or not any more. Every session of theirs ends."""
    with entry("alteration", "let_in" if is_active else "shut_out", by=by, now=now) as act:
        check_may(CORRECT, PEOPLE, by=by)
        person = person_of(person_ref)
        person.is_active = is_active
        person.save()
        act.saw(PEOPLE, person_ref, 1)
    sessions.end_all(person_ref)
