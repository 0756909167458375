"""Reading the log: for the data protection officer and the operator, in parts, and written down itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dueregard.store.actions.changing import changing
from dueregard.store.actor import Actor
from dueregard.store.models import LogEntry
from dueregard.store.policy import LOG, check_may

MOST = 500  # entries of one look


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as it may be shown. rows: (table, row, version, whether it was written)."""

    index: int
    at: datetime
    verb: str
    act: str
    by_ref: str
    role: str
    why: str
    to_whom: str
    is_refused: bool
    rows: tuple[tuple[str, str, int, bool], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "index": self.index, "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"), "verb": self.verb,
            "act": self.act, "by": self.by_ref, "role": self.role, "why": self.why, "to_whom": self.to_whom,
            "is_refused": self.is_refused,
            "rows": [{"table": t, "row": r, "version": v, "is_written": w} for t, r, v, w in self.rows],
        }  # fmt: skip


def read_log(
    *, by: Actor, why: str, person_ref: str = "", row_ref: str = "", verb: str = "", since: datetime | None = None,
    until: datetime | None = None, before: int | None = None, limit: int = 100, now: datetime | None = None,
) -> tuple[Entry, ...]:  # fmt: skip
    """Which entries are there, the newest first? before: only entries with a smaller index, for the next page.

    row_ref: entries that touched this row. Raises NotThere.
    """
    asked: dict[str, Any] = {
        "by_ref": person_ref, "verb": verb, "rows__contains": f'"{row_ref}"' if row_ref else "", "at__gte": since,
        "at__lte": until, "index__lt": before,
    }  # fmt: skip
    with changing("consultation", "read_log", by=by, why=why, now=now):
        check_may(LOG, by=by)
        found = LogEntry.objects.filter(**_given(asked)).order_by("-index")[: min(limit, MOST)]
        entries = tuple(_shown(entry) for entry in found)
    return entries


def export_log(*, by: Actor, why: str, to_whom: str, now: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every entry from the first, up to the one that says that they were handed on. Raises NotThere."""
    with changing("disclosure", "export_log", by=by, why=why, to_whom=to_whom, now=now) as act:
        check_may(LOG, by=by)
    return _exported(act.index)


def _exported(last: int) -> Iterator[dict[str, Any]]:
    for entry in LogEntry.objects.filter(index__lte=last).order_by("index").iterator(chunk_size=MOST):
        yield _shown(entry).as_json()


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value not in ("", None)}


def _shown(entry: Any) -> Entry:
    rows = tuple((t, r, v, bool(digest)) for t, r, v, digest in json.loads(entry.rows))
    return Entry(entry.index, entry.at, entry.verb, entry.act, entry.by_ref, entry.role, entry.why, entry.to_whom,
                 entry.is_refused, rows)  # fmt: skip
