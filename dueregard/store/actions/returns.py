"""What schools send: roll counts, and the word that there was nothing to report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dueregard.errors import FaultsFound
from dueregard.store import versions
from dueregard.store.actions.changing import changing, check_within, day_of
from dueregard.store.actor import Actor
from dueregard.store.clock import wall_time
from dueregard.store.fields import canonical, stored
from dueregard.store.gate import Fault, FormFaults, faults_of
from dueregard.store.log import Act, entry
from dueregard.store.policy import RECORD, check_may, visible
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, current, row_of, write
from dueregard.terms.missing import NOT_IDENTIFIED

NIL_SUBJECTS = ("contact", "involvement", "activity", "support")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken. is_repeat: the same bytes had been taken before, and nothing was added."""

    content_hash: str
    n_accepted: int
    n_rejected: int
    is_repeat: bool = False


def take_roll(
    rows: Sequence[Mapping[str, Any]], *, content_hash: str, n_rejected: int, by: Actor, now: datetime | None = None
) -> Receipt:
    """Take the roll counts of a file or form that went through the gate. The same bytes twice add nothing.

    rows: of the table `roll`, as the gate accepted them. A census of a school that was sent before is replaced: its
    rows are withdrawn. Raises FormFaults, NotThere.
    """
    with changing("collection", "take_roll", by=by, now=now) as act:
        check_may(RECORD, "roll", by=by)
        key = f"roll:{content_hash}"[:64]
        before = current("receipt").filter(content_hash=key).first()
        if before is not None:
            check_within(RECORD, [row_of(STORED["receipt"], before)], by=by, today=day_of(now))
            return Receipt(content_hash, before.n_accepted, before.n_rejected, is_repeat=True)
        found = [f for n, row in enumerate(rows) for f in faults_of(STORED["roll"], row, today=day_of(now), n=n, answers=False)]  # fmt: skip
        found += [Fault("roll", n, "pupil_ref", "Send counts: no number of a pupil is kept here.")
                  for n, row in enumerate(rows) if row.get("pupil_ref") not in (None, "", NOT_IDENTIFIED)]  # fmt: skip
        if found:
            raise FormFaults(found)
        is_held = _is_held(rows)
        if not is_held:
            _replace(act, _censuses(rows))
        made = [] if is_held else [write(act, "roll", row) for row in rows]
        urns = {str(row["urn"]) for row in rows}
        made.append(write(act, "receipt", {
            "content_hash": key, "kind": "roll", "urn": urns.pop() if len(urns) == 1 else "", "n_accepted": len(rows),
            "n_rejected": n_rejected, "taken_at": wall_time(act.at),
        }))  # fmt: skip
        check_within(RECORD, made, by=by, today=day_of(now))
    return Receipt(content_hash, len(rows), n_rejected, is_repeat=is_held)


def roll_schools(*, by: Actor, now: datetime | None = None) -> list[tuple[str, ...]]:
    """The schools whose roll this person may send, as native rows. Raises NotThere."""
    with changing("consultation", "roll_schools", by=by, now=now):
        check_may(RECORD, "roll", by=by)
        found = list(visible("school", by=by, today=day_of(now)).order_by("urn"))
    return [tuple(canonical(getattr(one, name)) for name in STORED["school"].names) for one in found]


def _censuses(rows: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(str(row["urn"]), str(row["census_on"])) for row in rows}


def _is_held(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Does the store hold just these rows of these censuses, in whatever order they came?"""
    columns = STORED["roll"].columns
    sent = Counter(tuple(canonical(stored(c, row.get(c.name))) for c in columns) for row in rows)
    held: Counter[tuple[str, ...]] = Counter()
    for urn, census_on in _censuses(rows):
        for one in current("roll").filter(urn=urn, census_on=census_on):
            held[tuple(canonical(getattr(one, c.name)) for c in columns)] += 1
    return sent == held


def _replace(act: Act, censuses: set[tuple[str, str]]) -> None:
    for urn, census_on in sorted(censuses):
        for old in current("roll").filter(urn=urn, census_on=census_on):
            write(act, "roll", {}, state=versions.WITHDRAWN, after=row_of(STORED["roll"], old))


def nothing_to_report(
    urn: str,
    *,
    from_on: date,
    to_on: date,
    by: Actor,
    subjects: Sequence[str] = NIL_SUBJECTS,
    now: datetime | None = None,
) -> tuple[Row, ...]:
    """Say that nothing happened: a zero that is a zero. The time is whole months, and is over.

    A refusal tells that something is held. So it is told of no finer time, and of all subjects alike.
    Raises FaultsFound if the store holds anything of that school and time, FormFaults, NotThere.
    """
    rows = [{"urn": urn, "subject": s, "from_on": from_on, "to_on": to_on, "state": "nil"} for s in subjects]
    try:
        return _say_nothing(rows, urn, from_on, to_on, by=by, now=now)
    except SomethingHeld:
        with entry("collection", "nothing_to_report", by=by, now=now) as refused:  # it tells something: it is an entry
            refused.is_refused = True
        raise


class SomethingHeld(FaultsFound):
    """The store holds something of a time of which nothing was said to be there."""

    def __init__(self) -> None:
        super().__init__("The service holds something of this school in this time.", try_this="ask the sergeant.")


def _say_nothing(
    rows: list[dict[str, Any]], urn: str, from_on: date, to_on: date, *, by: Actor, now: datetime | None
) -> tuple[Row, ...]:
    with changing("collection", "nothing_to_report", by=by, now=now) as act:
        check_may(RECORD, "collection", by=by)
        found: list[Fault] = [f for n, row in enumerate(rows) for f in faults_of(STORED["collection"], row, today=day_of(now), n=n)]  # fmt: skip
        found += _not_whole_months(from_on, to_on, day_of(now))
        if found:
            raise FormFaults(found)
        made = []
        for row in rows:
            old = current("collection").filter(urn=urn, subject=row["subject"], from_on=from_on, to_on=to_on).first()
            after = None if old is None else row_of(STORED["collection"], old)
            made.append(
                write(act, "collection", row, state=versions.CORRECTED if after else versions.RECORDED, after=after)
            )
        check_within(RECORD, made, by=by, today=day_of(now))
        if _is_anything_held(urn, from_on, to_on):
            raise SomethingHeld()
    return tuple(made)


def _not_whole_months(from_on: date, to_on: date, today: date) -> list[Fault]:
    if to_on >= today:
        return [Fault("collection", 0, "to_on", "This time is not over yet: end it with a month that is.")]
    if from_on.day != 1:
        return [Fault("collection", 0, "from_on", "Begin with the first day of a month.")]
    if (to_on + timedelta(days=1)).day != 1:
        return [Fault("collection", 0, "to_on", "End with the last day of a month.")]
    return []


def _is_anything_held(urn: str, from_on: date, to_on: date) -> bool:
    """A contact, an activity or an offer of help. Every question is asked, so that the time tells nothing of which."""
    days: dict[str, dict[str, Any]] = {
        "contact": {"occurred_at__gte": from_on.isoformat(), "occurred_at__lt": f"{to_on.isoformat()}T99"},
        "activity": {"occurred_on__gte": from_on, "occurred_on__lte": to_on},
        "support": {"offered_on__gte": from_on, "offered_on__lte": to_on},
    }
    held = [current(table).filter(urn=urn, **within).exists() for table, within in days.items()]
    return any(held)
