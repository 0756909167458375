"""The store's rows as native rows, as they were at a time, under references that belong to that time alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dueregard.errors import UsageError
from dueregard.records.table import Kind, Table
from dueregard.records.tables import TABLES
from dueregard.store.actions.changing import changing
from dueregard.store.actor import Actor
from dueregard.store.combined import combined
from dueregard.store.contact_record import UNIDENTIFIED
from dueregard.store.fields import canonical
from dueregard.store.keys import keys
from dueregard.store.models import MODELS, LogEntry
from dueregard.store.policy import FREEZE, check_may
from dueregard.store.versions import RECTIFIED, as_of, entries_until
from dueregard.terms.missing import NOT_IDENTIFIED

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of the store as it was. n_entries: how long the log was; erased, rectified: rows that changed since."""

    as_of: datetime
    n_entries: int
    n_erased_since: int
    n_rectified_since: int


def begin_reading(when: datetime | None, *, by: Actor, to_whom: str, now: datetime | None = None) -> Reading:
    """Say in the log that the rows of this time are handed on. Without a time: now.

    Raises UsageError for a time to come, NotThere.
    """
    at = now or datetime.now(UTC)
    told = (when or at).astimezone(UTC).replace(microsecond=0)
    if told > at:
        raise UsageError("The time lies in the future.", try_this="a time that has passed.")
    with changing("disclosure", "freeze", by=by, why=f"as of {told.isoformat()}", to_whom=to_whom, now=now):
        check_may(FREEZE, by=by)
        size = entries_until(told)
        since = {
            "erased": _erased_since(size),
            "rectified": sum(_rectified_since(name, size) for name in (t.name for t in TABLES)),
        }
    return Reading(told, size, since["erased"], since["rectified"])


def rows_of(table: Table, reading: Reading) -> Iterator[tuple[str, ...]]:
    """The rows of one native table, each value as the text that a file would hold."""
    rename = _Renamed(reading)
    found = as_of(table.name, reading.n_entries).order_by("row_ref").values_list(*table.names)
    refs = [column.kind is Kind.KEY and column.name.endswith("_ref") for column in table.columns]
    pupils = [column.name == "pupil_ref" for column in table.columns]
    for row in found.iterator(chunk_size=CHUNK):
        yield tuple(
            rename(canonical(value), is_pupil) if is_ref else canonical(value)
            for value, is_ref, is_pupil in zip(row, refs, pupils, strict=True)
        )


class _Renamed:
    """Every reference gets a name that only this as-of time has, so that two snapshots do not link."""

    def __init__(self, reading: Reading) -> None:
        self._purpose = f"snapshot {reading.as_of.isoformat()}"
        self._keys = keys()
        self._one = combined(as_of("combination", reading.n_entries))

    def __call__(self, ref: str, is_pupil: bool) -> str:
        if not ref:
            return ""
        if is_pupil and ref.startswith(UNIDENTIFIED):
            return NOT_IDENTIFIED
        return self._keys.mac(self._purpose, self._one.get(ref, ref) if is_pupil else ref)


def _erased_since(size: int) -> int:
    """Rows that the log had written by then and that were erased after."""
    gone = set(MODELS["erasure"].objects.filter(row_entry_id__gte=size).values_list("table_name", "erased_ref"))
    if not gone:
        return 0
    native, found = {table.name for table in TABLES}, set()
    for text in LogEntry.objects.filter(index__lt=size).values_list("rows", flat=True).iterator(chunk_size=CHUNK):
        found |= {(t, r) for t, r, _, digest in json.loads(text) if digest and t in native and (t, r) in gone}
    return len(found)


def _rectified_since(name: str, size: int) -> int:
    model = MODELS[name]
    then = model.objects.filter(row_version=1, row_entry_id__lt=size).values("row_ref")
    late = model.objects.filter(row_state=RECTIFIED, row_entry_id__gte=size, row_ref__in=then)
    return late.values("row_ref").distinct().count()


def has_rows(table: Table, reading: Reading) -> bool:
    """Did the store hold a row of this table at that time?"""
    return bool(as_of(table.name, reading.n_entries).exists())
