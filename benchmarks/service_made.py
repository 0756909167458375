"""Makes a store for the load benchmark, or serves one: `service_made.py make|serve|serve-without-log FOLDER [PORT]`.

Run as a process of its own, because the settings of a service are made once a process.
"""

from __future__ import annotations

import json
import secrets
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

N_PEOPLE = 16
CONTACT = {"place_relation": "on_site", "time_relation": "lesson", "route": "school_staff_report", "initiator": "staff", "behaviour": "LD",
           "harm_level": "none", "schools_protocol": "applied", "lowest_response": "advice", "why_not_lower": "not_applicable"}  # fmt: skip
PUPIL = {"subject_category": "subject_of_concern", "age": 13, "year_group": "9", "sex": "F", "self_defined_ethnicity": "B1",
         "observed_ethnicity": "IC3", "sen_provision": "N", "sen_type": "none", "disability": "none", "characteristics_source": "school",
         "was_known_to_officer": "no", "adjustments_made": "not_needed", "appropriate_adult": "not_required",
         "school_later_cleared": "unknown"}  # fmt: skip


def make(folder: Path) -> list[dict[str, str]]:
    """Sixteen officers who are signed in, with a school and a record each. Gives each one's cookie and record."""
    from dueregard.web.serve import prepare

    prepare(folder)
    from dueregard.store import actions
    from dueregard.store.actor import actor_of, operator
    from dueregard.store.contact_record import Pupil

    by, today = operator("benchmark"), date.today()
    boss = actions.add_person("boss", name="boss", password=secrets.token_hex(8), by=by)
    actions.give_role(boss, "sergeant", from_on=date(2020, 1, 1), by=by)
    actions.record(
        "basis",
        {"basis_ref": "basis", "force": "F", "lawful_basis": "L", "policy_document": "P", "impact_assessment": "I"},
        by=by,
    )
    found = []
    for n in range(N_PEOPLE):
        urn, officer = f"{100000 + n}", f"o{n}"
        actions.record(
            "school",
            {"urn": urn, "name": f"School {n}", "borough": "B", "phase": "PS", "opened_on": "2000-09-01"},
            by=by,
        )
        actions.record("officer", {"officer_ref": officer, "name": officer}, by=by)
        ref = actions.add_person(
            f"officer{n}",
            name=officer,
            password=secrets.token_hex(8),
            by=by,
            officer_ref=officer,
            must_change_password=False,
        )
        actions.give_role(ref, "officer", from_on=date(2020, 1, 1), by=by)
        actions.record("posting", {"officer_ref": officer, "urn": urn, "role": "safer_schools_officer", "kind": "based_full_time", "from_on": "2024-09-01"},
                       by=actor_of(boss, on=today))  # fmt: skip
        happened = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
        made = actions.record_contact(
            {**CONTACT, "urn": urn, "occurred_at": happened[:11] + "00:01"},
            [Pupil("", PUPIL)],
            by=actor_of(ref, on=today),
        )
        found.append({"session": _session(ref, made.contact_ref), "urn": urn, "contact_ref": made.contact_ref})
    return found


def _session(person_ref: str, contact_ref: str) -> str:
    """The key of a session that is signed in wholly, and in which a reason was given for one record."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from dueregard.store.models import Person
    from dueregard.web.models import SignIn

    person, session, now = Person.objects.get(person_ref=person_ref), SessionStore(), datetime.now(UTC)
    device = TOTPDevice.objects.create(user=person, name="phone", confirmed=True)
    session.update({SESSION_KEY: str(person.pk), BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
                    HASH_SESSION_KEY: person.get_session_auth_hash(), DEVICE_ID_SESSION_KEY: device.persistent_id})  # fmt: skip
    session["why"] = {contact_ref: ["Finishing or looking over my own record", (now + timedelta(hours=2)).isoformat()]}
    session.create()
    SignIn.objects.create(person_ref=person_ref, session_key=session.session_key, began_at=now, seen_at=now)
    return str(session.session_key)


def without_log() -> None:
    """Take the log out, for comparison alone: no lock on its head, no entry, no signature, no wait for the disk."""
    from contextlib import contextmanager

    from dueregard.store import log, looks

    @contextmanager
    def no_entry(verb, act, *, by, why="", to_whom="", now=None):  # type: ignore[no-untyped-def]
        yield log.Act(0, datetime.now(UTC), verb, act, by)

    log.entry = looks.entry = no_entry


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        print(json.dumps(make(place)))
    else:
        from dueregard.web.serve import prepare, serve

        prepare(place)
        if what == "serve-without-log":
            without_log()
        serve(place, port=int(sys.argv[3]))
