"""One contact as a whole: the contact, and each pupil with what belongs to him."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dueregard.store.models import MODELS
from dueregard.store.tables import STORED
from dueregard.store.versions import WITHDRAWN, Row, holding, newest, row_of

PARTS = ("power_use", "step", "outcome", "support", "parent_told")  # what one pupil may have several of
WHOLE = ("contact", "involvement", *PARTS)
UNIDENTIFIED = "not_identified:"  # in the store two unidentified pupils of one contact are told apart; no snapshot does


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """One pupil in one contact. parts: table -> its rows."""

    involvement: Row
    parts: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """revision: the log entry that last touched any part of it; an editor sends it back."""

    contact: Row
    pupils: tuple[PupilRecord, ...]
    revision: int

    @property
    def rows(self) -> tuple[Row, ...]:
        found = [self.contact]
        for pupil in self.pupils:
            found += [pupil.involvement, *(row for rows in pupil.parts.values() for row in rows)]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Pupil:
    """What a form says of one pupil. ref: the pseudonym; parts: table -> rows, each column -> answer.

    involvement, parts: without contact_ref and pupil_ref, which the store sets. In a correction, row_ref names the
    involvement that is meant (none: a pupil more), a part's `row_ref` the row that it corrects, rows of a table in
    `parts` that are not named are withdrawn, and a table that is not named stays as it is.
    """

    ref: str = ""
    involvement: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    row_ref: str = ""
    is_withdrawn: bool = False


def revision_of(contact_ref: str) -> int:
    """Which log entry last touched any part of this contact? Withdrawing counts."""
    from django.db import connection

    parts = " UNION ALL ".join(f"SELECT max(row_entry) AS last FROM store_{name} WHERE contact_ref = %s" for name in WHOLE)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(last) FROM ({parts}) AS parts", [contact_ref] * len(WHOLE))
        (last,) = cursor.fetchone()
    return -1 if last is None else int(last)


def read_contact(contact_ref: str, *, hidden: Mapping[str, frozenset[str]] | None = None) -> ContactRecord | None:
    """The contact as it is now; None if there is none. For this room alone: it asks nobody's rights."""
    found = next(iter(holding("contact", contact_ref=contact_ref)), None)
    if found is None:
        return None
    return _record(found, {name: holding(name, contact_ref=contact_ref) for name in WHOLE[1:]}, hidden or {})


def read_withdrawn(contact_ref: str) -> ContactRecord | None:
    """A withdrawn contact as it stood when it was withdrawn: the rows that went with it, not those taken out before."""
    found = newest("contact").filter(contact_ref=contact_ref, row_state=WITHDRAWN).first()
    if found is None:
        return None
    gone = {"contact_ref": contact_ref, "row_entry_id": found.row_entry_id, "row_state": WITHDRAWN}
    return _record(found, {name: list(newest(name).filter(**gone).order_by("row_ref")) for name in WHOLE[1:]}, {})


def _record(found: Any, held: Mapping[str, list[Any]], hide: Mapping[str, frozenset[str]]) -> ContactRecord:
    involved = _in_order(held["involvement"])
    pupils = tuple(
        PupilRecord(
            row_of(STORED["involvement"], one, hidden=hide.get("involvement", frozenset())),
            {
                name: tuple(row_of(STORED[name], part, hidden=hide.get(name, frozenset()))
                            for part in held[name] if part.pupil_ref == one.pupil_ref)
                for name in PARTS
            },
        )
        for one in involved
    )  # fmt: skip
    contact = row_of(STORED["contact"], found, hidden=hide.get("contact", frozenset()))
    return ContactRecord(contact, pupils, revision_of(found.contact_ref))


def _in_order(involved: list[Any]) -> list[Any]:
    """As they were first recorded: a correction does not change which pupil is the first."""
    if len(involved) < 2:
        return involved
    refs = [one.row_ref for one in involved]
    first = MODELS["involvement"].objects.filter(row_ref__in=refs, row_version=1)
    place = {ref: (entry, pk) for ref, entry, pk in first.values_list("row_ref", "row_entry_id", "pk")}
    return sorted(involved, key=lambda one: place.get(one.row_ref, (0, 0)))
