"""Two references that are one pupil: joined by a sergeant, and parted again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import versions
from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.combined import all_refs_of
from dueregard.store.gate import check_row
from dueregard.store.policy import COMBINE, NEVER_SHOWN, check_may, visible
from dueregard.store.pseudonyms import new_ref
from dueregard.store.tables import STORED
from dueregard.store.versions import Row, current, row_of, write

COMBINATIONS_SHOWN = 200  # the newest, in one look


def combine(pupil_ref: str, same_as_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Say that two references are one pupil. Both must occur in records that the sergeant may see.

    Raises FormFaults, FaultsFound, NotThere.
    """
    values = {"combination_ref": new_ref("j"), "pupil_ref": pupil_ref, "same_as_ref": same_as_ref, "why": why}
    with changing("combination", "combine_pupils", by=by, why=why, now=now) as act:
        check_may(COMBINE, by=by)
        check_row(STORED["combination"], values, today=day_of(now))
        for ref in (pupil_ref, same_as_ref):
            if not visible("involvement", by=by, today=day_of(now)).filter(pupil_ref=ref).exists():
                raise NotThere()
        if same_as_ref in all_refs_of(pupil_ref):  # asked after it: whether two out of reach are joined is not told
            raise FaultsFound("The two are known to be one pupil.", try_this="nothing: it is done.")
        made = write(act, "combination", values)
    return made


def combinations(*, by: Actor, now: datetime | None = None) -> tuple[Row, ...]:
    """Which combinations can this person take back? Those of pupils in records that the person may see.

    The references themselves are shown to nobody. Raises NotThere.
    """
    with changing("consultation", "list_combination", by=by, now=now) as act:
        check_may(COMBINE, by=by)
        found = _within_reach(by, now).order_by("-row_entry_id")[:COMBINATIONS_SHOWN]
        rows = tuple(row_of(STORED["combination"], one, hidden=NEVER_SHOWN) for one in found)
        for row in rows:
            act.saw(row.table, row.row_ref, row.version)
    return rows


def _within_reach(by: Actor, now: datetime | None) -> Any:
    refs = visible("involvement", by=by, today=day_of(now)).values("pupil_ref")
    return current("combination").filter(pupil_ref__in=refs, same_as_ref__in=refs)


def part_again(combination_ref: str, *, by: Actor, why: str, now: datetime | None = None) -> Row:
    """Take a combination back. Raises NotThere."""
    with changing("alteration", "part_pupils", by=by, why=why, now=now) as act:
        check_may(COMBINE, by=by)
        found = _within_reach(by, now).filter(combination_ref=combination_ref).first()
        if found is None:
            raise NotThere()
        made = write(act, "combination", {}, state=versions.WITHDRAWN, after=row_of(STORED["combination"], found))
    return made
