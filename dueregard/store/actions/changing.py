"""What every action shares: one transaction with its line in the log; a refusal is written down too, and so is a conflict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from dueregard.errors import EditConflict, NotThere
from dueregard.store.actor import Actor
from dueregard.store.clock import WALL
from dueregard.store.contact_record import ContactRecord
from dueregard.store.log import Act, entry
from dueregard.store.policy import find
from dueregard.store.versions import Row


class ContactChanged(EditConflict):
    """Somebody else changed the contact. now: how it is; a face shows it beside what was sent."""

    def __init__(self, now: ContactRecord) -> None:
        self.now = now
        super().__init__("Somebody else changed this record since you opened it. Nothing of yours was saved.",
                         try_this="look at both versions, and make your change to the newer one.")  # fmt: skip


@contextmanager
def changing(
    verb: str, act: str, *, by: Actor, why: str = "", to_whom: str = "", now: datetime | None = None
) -> Iterator[Act]:
    """A change and its line in the log. Where the policy refuses, nothing is changed and the refusal is logged."""
    try:
        with entry(verb, act, by=by, why=why, to_whom=to_whom, now=now) as doing:
            yield doing
    except NotThere:
        with entry(verb, act, by=by, why=why, to_whom=to_whom, now=now) as refused:
            refused.is_refused = True
        raise
    except ContactChanged as fault:
        with entry("consultation", f"{act}_conflict", by=by, why=why, to_whom=to_whom, now=now) as shown:
            for row in fault.now.rows:  # the editor is shown the newer version, and that is a look
                shown.saw(row.table, row.row_ref, row.version)
        raise


def day_of(now: datetime | None) -> date:
    """The day on the wall, as every record gives it: in summer it begins an hour before the one of UTC."""
    return (now or datetime.now(UTC)).astimezone(WALL).date()


def check_within(verb: str, rows: list[Row], *, by: Actor, today: date) -> None:
    """Do these rows, as they stand in this transaction, lie within what this person may do? Raises NotThere.

    Asked of written rows, so that the rule for rows that come and rows that are there is one.
    """
    for row in rows:
        if find(row.table, "row_ref", row.row_ref, by=by, verb=verb, today=today) is None:
            raise NotThere()
