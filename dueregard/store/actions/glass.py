"""Opening a record outside one's rights, in need: it works at once, for an hour, and others are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dueregard.errors import FaultsFound, NotThere
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor, actor_of
from dueregard.store.clock import utc_time
from dueregard.store.log import Act
from dueregard.store.policy import BREAK, check_may
from dueregard.store.pseudonyms import new_ref
from dueregard.store.versions import Row, current, write

OPEN_FOR = timedelta(hours=1)
SHORTEST_WHY = 10


def break_glass(contact_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Let this person see this contact for an hour. The supervisor and the data protection officer are told.

    Raises NotThere, FaultsFound without a reason of some length.
    """
    at = now or datetime.now(UTC)
    with changing("consultation", "break_glass", by=by, why=why, now=now) as act:
        check_may(BREAK, by=by)
        if len(why.strip()) < SHORTEST_WHY:
            raise FaultsFound("A reason is needed.", try_this="a sentence: who is at risk, and why it cannot wait.")
        if not current("contact").filter(contact_ref=contact_ref).exists():
            raise NotThere()
        made = write(act, "break_glass", {
            "glass_ref": new_ref("b"), "person_ref": by.person_ref, "contact_ref": contact_ref,
            "opened_at": utc_time(at), "until_at": utc_time(at + OPEN_FOR), "why": why.strip(),
        })  # fmt: skip
        _tell(act, by, made, at)
    return made


def _tell(act: Act, by: Actor, glass: Row, at: datetime) -> None:
    """The officer's own supervisor, or every sergeant where none can read it; and the data protection officer."""
    officer = current("officer").filter(officer_ref=by.officer_ref).first() if by.officer_ref else None
    supervisor = officer.supervisor_ref if officer and officer.supervisor_ref != by.officer_ref else ""
    supervisor = supervisor if _reads_notices(supervisor, at) else ""
    for role, officer_ref in (("sergeant", supervisor), ("dpo", "")):
        write(act, "notice", {
            "notice_ref": new_ref("n"), "to_role": role, "officer_ref": officer_ref, "kind": "break_glass",
            "about_ref": glass["glass_ref"], "told_at": utc_time(at),
        })  # fmt: skip


def _reads_notices(officer_ref: str, at: datetime) -> bool:
    """Is there somebody who may sign in, is this officer, and is a sergeant today?"""
    from dueregard.store.models import Person

    people = Person.objects.filter(officer_ref=officer_ref, is_active=True) if officer_ref else ()
    return any("sergeant" in actor_of(person.person_ref, on=day_of(at)).roles for person in people)
