"""The log of section 62: every look and every change, written in the same transaction, or neither happens.

    with entry("collection", "record_contact", by=actor, now=now) as act:
        ... act.wrote(...)          # or act.saw(...)

The lock on the head makes writers wait for each other, so what is checked inside the block stays true until it ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dueregard.errors import StoreUnavailable
from dueregard.seal.checkpoint import Checkpoint, signed
from dueregard.seal.merkle import leaf_hash
from dueregard.seal.peaks import Peaks
from dueregard.store.actor import Actor
from dueregard.store.keys import keys
from dueregard.store.prepared import prepared
from dueregard.store.turns import turn

# The six operations that the Data Protection Act 2018, section 62(1), names.
VERBS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
KEY_NAME = "dueregard"
LONGEST_WHY = 200
Touched = tuple[str, str, int, str]  # table, row, version, hash of the version (empty: it was only seen)


class LogFailure(StoreUnavailable):
    """The log could not be written, so nothing was shown and nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The log cannot be written, so nothing was shown and nothing was changed.",
                         try_this="again in a while; if it stays so, tell the administrator.")  # fmt: skip


@dataclass(slots=True)
class Act:
    """What happens in one transaction, and what the log will say of it."""

    index: int
    at: datetime
    verb: str
    act: str
    by: Actor
    why: str = ""
    to_whom: str = ""
    is_refused: bool = False
    touched: list[Touched] = field(default_factory=list)

    def saw(self, table: str, row: str, version: int) -> None:
        self.touched.append((table, row, version, ""))

    def wrote(self, table: str, row: str, version: int, digest: str) -> None:
        self.touched.append((table, row, version, digest))


def leaf_text(entry: Any) -> str:
    """One entry as the text whose hash stands in the tree: every column, so that none can be changed unseen."""
    return json.dumps(
        [entry.index, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.verb, entry.act, entry.by_ref,
         entry.role, entry.why, entry.to_whom, bool(entry.is_refused), entry.rows],
        ensure_ascii=True, separators=(",", ":"),
    )  # fmt: skip


@contextmanager
def entry(
    verb: str, act: str, *, by: Actor, why: str = "", to_whom: str = "", now: datetime | None = None
) -> Iterator[Act]:
    """One look or change and its line in the log. If either fails, neither happened.

    now: the clock, for tests. A clock that was set back does not set the log back.
    """
    from django.db import DatabaseError, transaction

    if verb not in VERBS:
        raise ValueError(f"{verb} is none of the six operations")
    # durable: what is given back after this block is on the disk, and no outer transaction can take the entry away
    with turn(), transaction.atomic(durable=True):
        head = _locked_head()
        at = max(now or datetime.now(UTC), head.at)
        doing = Act(head.size, at, verb, act, by, why[:LONGEST_WHY], to_whom[:LONGEST_WHY])
        yield doing
        try:
            _append(head, doing)
        except DatabaseError as fault:
            raise LogFailure() from fault


def _locked_head() -> Any:
    from dueregard.store.models import LogHead

    held = prepared(("head",), lambda: LogHead.objects.select_for_update().filter(id=1)).ask()
    if not held:
        raise LogFailure()
    return held[0]


def _append(head: Any, doing: Act) -> None:
    from dueregard.store.models import LogEntry

    entry = LogEntry(
        index=doing.index, at=doing.at, verb=doing.verb, act=doing.act, by_ref=doing.by.person_ref,
        role=" ".join(doing.by.roles), why=doing.why, to_whom=doing.to_whom, is_refused=doing.is_refused,
        rows=json.dumps(doing.touched, ensure_ascii=True, separators=(",", ":")),
    )  # fmt: skip
    entry.save(force_insert=True)
    grown = Peaks(head.size, tuple(bytes.fromhex(h) for h in head.peaks.split())).grown(
        leaf_hash(leaf_text(entry).encode())
    )
    head.size, head.at = grown.size, doing.at
    head.peaks = " ".join(h.hex() for h in grown.hashes)
    head.note = signed(Checkpoint(head.origin, grown.size, grown.root()), keys().log, name=KEY_NAME)
    head.save(force_update=True)


def begin_log(origin: str, *, now: datetime) -> None:
    """The head of a log that has no entry yet."""
    from dueregard.store.models import LogHead

    note = signed(Checkpoint(origin, 0, Peaks().root()), keys().log, name=KEY_NAME)
    LogHead.objects.create(id=1, origin=origin, size=0, peaks="", at=now, note=note)
