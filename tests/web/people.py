"""People of the small force at their browsers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from django.test import Client

from dueregard.store.actor import Actor, actor_of

NAMES = ("officer", "sergeant", "analyst", "equality_lead", "school", "panel", "oversight", "release_checker", "dpo",
         "access_clerk", "administrator", "other_officer", "other_school")  # fmt: skip


class Service:
    """The service over one store. `browser` gives a client that is signed in wholly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def actor(self, name: str) -> Actor:
        from dueregard.store.models import Person

        return actor_of(Person.objects.get(login=name).person_ref, on=date.today())

    def browser(self, name: str, **more: object) -> Client:
        from django_otp import DEVICE_ID_SESSION_KEY
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from dueregard.store.models import Person
        from dueregard.web.models import SignIn

        person = Person.objects.get(login=name)
        if person.must_change_password:
            Person.objects.filter(pk=person.pk).update(must_change_password=False)
        client = Client(raise_request_exception=False, **more)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        device, _ = TOTPDevice.objects.get_or_create(user=person, confirmed=True, defaults={"name": "phone"})
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
        now = datetime.now(UTC)
        SignIn.objects.get_or_create(
            session_key=session.session_key, defaults={"person_ref": person.person_ref, "began_at": now, "seen_at": now}
        )
        return client


MY_OWN = "Finishing or looking over my own record"


def opened(browser: Client, path: str) -> str:
    """The page of one record, once a reason was given for it."""
    page = browser.get(path).content.decode()
    return browser.post(path, {"why": MY_OWN}).content.decode() if "Before you open this record" in page else page


def filled(page: str, **changes: object) -> dict[str, object]:
    """What the form with `do` or the first form of this page would send, as a browser would; changes: other answers."""
    found: dict[str, object] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        name, kind, value = _attribute(tag, "name"), _attribute(tag, "type"), _attribute(tag, "value")
        if not name or kind in ("submit", "file") or (kind in ("radio", "checkbox") and "checked" not in tag):
            continue
        if kind == "checkbox":
            found.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        else:
            found[name] = value
    for select in re.findall(r"<select\b.*?</select>", page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', select)
        found[_attribute(select, "name")] = chosen[1] if chosen else ""
    return {**found, **changes}


def _attribute(tag: str, name: str) -> str:
    from html import unescape

    held = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(held[1]) if held else ""


CONTACT = {"place_relation": "on_site", "time_relation": "lesson", "route": "school_staff_report", "initiator": "staff", "behaviour": "LD",
           "harm_level": "none", "schools_protocol": "applied", "lowest_response": "advice"}  # fmt: skip
PUPIL = {"identifier": "A-17", "self_defined_ethnicity": "B1", "observed_ethnicity": "IC3", "subject_category": "subject_of_concern", "sex": "M",
         "year_group": "9", "age": "14", "sen_provision": "N", "disability": "none", "characteristics_source": "school",
         "parent_told": "at_once", "services": ["none"]}  # fmt: skip


def answers(n: int = 0, **changes: object) -> dict[str, object]:
    """The answers for pupil n, as the form names them."""
    return {f"p{n}-{name}": value for name, value in {**PUPIL, **changes}.items()}
