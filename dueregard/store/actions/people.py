"""People and their roles. A role is a dated row: what somebody could see on a day can be told later."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import versions
from dueregard.store.actions.changing import changing, check_within, day_of
from dueregard.store.actor import Actor
from dueregard.store.gate import check_row
from dueregard.store.log import Act
from dueregard.store.policy import CORRECT, PEOPLE, RECORD, check_may
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, current, row_of, write


def add_person(
    login: str, *, name: str, password: str, by: Actor, officer_ref: str = "", email: str = "",
    must_change_password: bool = True, now: datetime | None = None,
) -> str:  # fmt: skip
    """Let somebody sign in; gives the person's reference. Raises FaultsFound if the name to sign in with is taken."""
    with changing("collection", "add_person", by=by, now=now) as act:
        check_may(RECORD, PEOPLE, by=by)
        ref = _account(act, login, password, name=name, email=email, officer_ref=officer_ref,
                       must_change_password=must_change_password)  # fmt: skip
    return ref


def add_first_administrator(login: str, *, name: str, password: str, by: Actor, now: datetime | None = None) -> str:
    """The account and its role in one transaction: none is ever there without the other.

    Gives the person's reference; empty where the service has an account already, and nothing is added.
    """
    from dueregard.store.models import Person

    with changing("collection", "first_administrator", by=by, now=now) as act:
        check_may(RECORD, PEOPLE, by=by)
        if Person.objects.exists():
            return ""
        ref = _account(act, login, password, name=name, email="", officer_ref="", must_change_password=True)
        write(act, "grant", {"grant_ref": new_ref("g"), "person_ref": ref, "role": "administrator", "from_on": day_of(now)})  # fmt: skip
    return ref


def _account(act: Act, login: str, password: str, **told: Any) -> str:
    from dueregard.store.models import Person

    if not login.strip() or Person.objects.filter(login=login.strip()).exists():
        raise FaultsFound("This name to sign in with is empty or taken.", try_this="another one.")
    person = Person(person_ref=new_ref("u"), login=login.strip(), **told)
    person.set_password(password)
    person.save()
    act.saw(PEOPLE, person.person_ref, 1)
    return str(person.person_ref)


def give_role(
    person_ref: str, role: str, *, from_on: date, by: Actor, urn: str = "", borough: str = "", to_on: date | None = None,
    now: datetime | None = None,
) -> Row:  # fmt: skip
    """Give a person a role from a day on. Raises FormFaults, NotThere."""
    values = {"grant_ref": new_ref("g"), "person_ref": person_ref, "role": role, "urn": urn, "borough": borough,
              "from_on": from_on, "to_on": to_on}  # fmt: skip
    with changing("collection", "give_role", by=by, now=now) as act:
        check_may(RECORD, "grant", by=by)
        check_row(STORED["grant"], values, today=day_of(now))
        _check_person(person_ref)
        if role == "school" and not urn:
            raise FaultsFound("A school's role needs its school.", try_this="name the school's URN.")
        made = write(act, "grant", values)
        check_within(RECORD, [made], by=by, today=day_of(now))
    return made


def end_grant(grant_ref: str, *, to_on: date, by: Actor, now: datetime | None = None) -> Row:
    """End a role: the last day on which it holds. Raises NotThere."""
    with changing("alteration", "end_grant", by=by, now=now) as act:
        check_may(CORRECT, "grant", by=by)
        found = current("grant").filter(grant_ref=grant_ref).first()
        if found is None:
            raise NotThere()
        made = write(act, "grant", {"to_on": to_on}, state=versions.CORRECTED, after=row_of(STORED["grant"], found))
    return made


def _check_person(person_ref: str) -> None:
    from dueregard.store.models import Person

    if not Person.objects.filter(person_ref=person_ref).exists():
        raise NotThere()
