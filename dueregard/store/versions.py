"""Versions of rows: writing one, and reading those that hold now or held at a time."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from dueregard.errors import EditConflict
from dueregard.records.table import Table
from dueregard.store.fields import canonical, stored
from dueregard.store.log import Act
from dueregard.store.models import MODELS, LogEntry
from dueregard.store.prepared import Mark, prepared
from dueregard.store.tables import STORED

RECORDED, CORRECTED, RECTIFIED, WITHDRAWN = "recorded", "corrected", "rectified", "withdrawn"


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one row, as it may be shown. values: column -> value; columns that may not be seen are absent."""

    table: str
    row_ref: str
    version: int
    entry: int
    state: str
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


def row_of(table: Table, found: Any, *, hidden: frozenset[str] = frozenset()) -> Row:
    values = {name: getattr(found, name) for name in table.names if name not in hidden}
    return Row(
        table.name, found.row_ref, found.row_version, found.row_entry_id, found.row_state, MappingProxyType(values)
    )


def digest_of(table: Table, found: Any) -> str:
    """The hash of a version, as the log keeps it: every column, the version's own, and a salt that goes with the row."""
    own = [table.name, found.row_ref, found.row_version, found.row_state, found.row_entry_id, found.row_salt]
    columns = [[name, canonical(getattr(found, name))] for name in table.names]
    plain = json.dumps([own, columns], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def write(
    act: Act, table_name: str, values: Mapping[str, Any], *, state: str = RECORDED, after: Row | None = None
) -> Row:
    """Add a version: the first of a new row, or the next of the row `after`. The log will hold its hash.

    values: of the columns that change; the others keep what `after` had.
    """
    table = STORED[table_name]
    whole = {**(after.values if after else {}), **values}
    plain = {column.name: stored(column, whole.get(column.name)) for column in table.columns}
    made = MODELS[table_name](
        **plain, row_ref=after.row_ref if after else secrets.token_hex(12), row_version=after.version + 1 if after else 1,
        row_state=state, row_salt=secrets.token_hex(16), row_entry_id=act.index,
    )  # fmt: skip
    made.save(force_insert=True)
    act.wrote(table_name, made.row_ref, made.row_version, digest_of(table, made))
    return row_of(table, made)


def newest(table_name: str) -> Any:
    """The newest version of every row, withdrawn ones too: a queryset."""
    return _newest(table_name).all()


def current(table_name: str) -> Any:
    """What holds now: the newest version of every row that was not withdrawn: a queryset, for this room alone."""
    return _current(table_name).all()


def holding(table_name: str, **equal: str) -> list[Any]:
    """Which rows hold now and have these texts in these columns? The oldest first."""
    marks = {name: Mark(name) for name in sorted(equal)}
    question = prepared(("holding", table_name, *marks), lambda: _current(table_name).filter(**marks).order_by("row_entry_id", "row_ref"))  # fmt: skip
    return question.ask(**equal)


@cache
def _newest(table_name: str) -> Any:
    """A question made once: a page asks it a dozen times, and making it costs more than the database's answer."""
    from django.db.models import Exists, OuterRef

    model = MODELS[table_name]
    later = model.objects.filter(row_ref=OuterRef("row_ref"), row_version__gt=OuterRef("row_version"))
    return model.objects.filter(~Exists(later))


@cache
def _current(table_name: str) -> Any:
    return _newest(table_name).exclude(row_state=WITHDRAWN)


def entries_until(as_of: datetime) -> int:
    """How many entries had the log at this time?"""
    last = LogEntry.objects.filter(at__lte=as_of).order_by("-index").first()
    return 0 if last is None else last.index + 1


def as_of(table_name: str, size: int) -> Any:
    """What held when the log had so many entries: a queryset.

    A row that was rectified since is given as rectified: what was wrong about a person is not told again.
    """
    from django.db.models import Exists, OuterRef, Q

    model = MODELS[table_name]
    told = Q(row_entry_id__lt=size) | Q(row_state=RECTIFIED)
    later = model.objects.filter(told, row_ref=OuterRef("row_ref"), row_version__gt=OuterRef("row_version"))
    then = model.objects.filter(row_ref=OuterRef("row_ref"), row_version=1, row_entry_id__lt=size)
    return model.objects.filter(told, Exists(then)).filter(~Exists(later)).exclude(row_state=WITHDRAWN)


def check_seen(now: Row, seen: int) -> None:
    """Raises EditConflict if the row has a newer version than the one that the editor saw."""
    if now.version != seen:
        raise EditConflict(
            f"Somebody else changed this record: you saw version {seen}, and it has version {now.version}.",
            try_this="look at both versions, and make your change to the newer one.",
        )
