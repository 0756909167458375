"""Random histories: as many entries in the log as looks and changes, and a failing log gives an error and no data."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from dueregard.errors import DueRegardError, FaultsFound, NotThere
from dueregard.store import actions, figures, looks, quality, register, retention
from dueregard.store.actions.changing import ContactChanged
from dueregard.store.actions.returns import SomethingHeld
from dueregard.store.checkpoints import newest_note, public_key
from dueregard.store.contact_record import Pupil
from dueregard.store.log import LogFailure
from dueregard.store.log_reading import read_log
from dueregard.store.looks import ReasonNeeded
from dueregard.store.models import MODELS, LogEntry, LogHead
from dueregard.store.tables import STORED
from dueregard.store.verify import verify
from dueregard.store.versions import current

from .world import CONTACT, INVOLVEMENT, NOW, ROLES, SCHOOLS, SEARCH, World, build, people_of_store, pupil

TODAY = NOW.date()


class History:
    """One person after another does something, allowed or not. Each doing should be one entry."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.by = world.people[self.rng.choice((*ROLES, "officer", "sergeant", "other_officer"))]

    def ref(self) -> str:
        refs = list(MODELS["contact"].objects.order_by("-pk").values_list("contact_ref", flat=True)[:6])
        return self.rng.choice([*refs, "c0"])

    def row(self, table: str) -> tuple[str, int]:
        held = list(current(table).order_by("-pk").values_list("row_ref", "row_version")[:6])
        return self.rng.choice([*held, ("0", 1)])

    def record(self) -> object:
        urn = self.rng.choice(SCHOOLS)
        parts = {"power_use": (SEARCH,)} if self.rng.random() < 0.3 else {}
        some = [Pupil(pupil(f"A{self.rng.randrange(5)}", urn).ref, INVOLVEMENT, parts)]
        key = self.rng.choice(("", f"k{self.rng.randrange(4)}"))
        return actions.record_contact({**CONTACT, "urn": urn}, some, by=self.by, key=key, now=NOW)

    def correct(self) -> object:
        from dueregard.store.contact_record import revision_of

        ref = self.ref()
        seen = revision_of(ref) - (self.rng.random() < 0.2)
        return actions.correct_contact(ref, seen=seen, by=self.by, contact={"harm_level": "low"}, now=NOW)

    def withdraw(self) -> object:
        from dueregard.store.contact_record import revision_of

        ref = self.ref()
        return actions.withdraw_contact(ref, seen=revision_of(ref), by=self.by, why="a mistake", now=NOW)

    def look(self) -> object:
        return looks.contact(self.ref(), by=self.by, why=self.rng.choice(("", "a reason")), now=NOW)

    def list(self) -> object:
        return looks.rows(self.rng.choice(list(STORED)), by=self.by, now=NOW)

    def count(self) -> object:
        return looks.count(self.rng.choice(list(STORED)), by=self.by, now=NOW)

    def open(self) -> object:
        table = self.rng.choice(("posting", "school", "activity", "involvement", "grant"))
        return looks.one(table, self.row(table)[0], by=self.by, now=NOW)

    def activity(self) -> object:
        values = {"officer_ref": self.rng.choice(("o1", "o2")), "urn": self.rng.choice(SCHOOLS), "occurred_on": "2026-11-20",
                  "kind": "assembly", "minutes": 40, "n_pupils": 120}  # fmt: skip
        return actions.record("activity", values, by=self.by, now=NOW)

    def posting(self) -> object:
        ref, version = self.row("posting")
        return actions.correct("posting", ref, {"fte": "0.5"}, seen=version, by=self.by, now=NOW)

    def draft(self) -> object:
        return actions.save_draft({"urn": "100001"}, by=self.by, now=NOW)

    def drafts(self) -> object:
        return actions.drafts_of(by=self.by, now=NOW)

    def nothing(self) -> object:
        first = date(2025, self.rng.randrange(1, 12), 1)
        last = first.replace(month=first.month + 1) - timedelta(days=1)
        return actions.nothing_to_report(self.rng.choice(SCHOOLS), from_on=first, to_on=last, by=self.by, now=NOW)

    def desk(self) -> object:
        ask = self.rng.choice((quality.missing, quality.worklist, register.misfits, retention.queue))
        return ask(by=self.by, now=NOW)

    def figures(self) -> object:
        return figures.figures(date(2026, 9, 1), TODAY, by=self.by, now=NOW)

    def about(self) -> object:
        return actions.held_about(pupil("A1").ref, by=self.by, why="a request", now=NOW)

    def request(self) -> object:
        told = {"by": self.by, "now": NOW}
        return self.rng.choice((
            lambda: actions.drafts_about(pupil("A1").ref, why="a request", **told),
            lambda: actions.erase_drafts_about(pupil("A1").ref, why="a request", **told),
            lambda: actions.check_is_held(self.ref(), **told),
        ))()  # fmt: skip

    def log(self) -> object:
        return read_log(by=self.by, why="review", limit=5, now=NOW)

    def erase(self) -> object:
        if self.rng.random() < 0.7:  # seldom, so that something is left
            return self.log()
        return actions.erase_contact(self.ref(), by=self.by, reason="review", why="its day", now=NOW)

    def glass(self) -> object:
        return actions.break_glass(self.ref(), by=self.by, why="a child is at risk today", now=NOW)


DEEDS = ("record", "record", "correct", "withdraw", "look", "look", "list", "count", "open", "activity", "posting", "draft",
         "drafts", "nothing", "desk", "figures", "about", "request", "log", "erase", "glass")  # fmt: skip


def play(world: World, seed: int, n_deeds: int, monkeypatch: pytest.MonkeyPatch, tally: Counter[str]) -> None:
    """One history. What is found wrong in what was sent is no look and no change, and has no entry."""
    history = History(world, seed)
    for _ in range(n_deeds):
        before, versions = LogEntry.objects.count(), _n_versions()
        deed = history.rng.choice(DEEDS)
        if history.rng.random() < 0.1:
            with monkeypatch.context() as broken:
                broken.setattr(history.rng.choice((LogEntry, LogHead)), "save", _full)
                with pytest.raises((LogFailure, FaultsFound, DueRegardError)):
                    getattr(history, deed)()
            assert (LogEntry.objects.count(), _n_versions()) == (before, versions), (seed, deed)
            tally["log failed"] += 1
            continue
        expected = 1
        try:
            getattr(history, deed)()
            tally[f"{deed} done"] += 1
        except (NotThere, ReasonNeeded, ContactChanged, SomethingHeld):
            tally[f"{deed} refused"] += 1
        except DueRegardError:
            expected = 0
            tally["faulty"] += 1
        assert LogEntry.objects.count() == before + expected, (seed, deed)


def _n_versions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT count(*) FROM store_{name}" for name in STORED))
        return sum(n for (n,) in cursor.fetchall())


def _full(*_: object, **__: object) -> None:
    raise DatabaseError("disk full")


def _histories(store: Path, world: World, seeds: range, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    tally: Counter[str] = Counter()
    begun = newest_note()
    for seed in seeds:
        play(world, seed, 4, monkeypatch, tally)
    found = verify(public_key(store / "keys"), notes=(begun,))
    assert found.faults == () and found.size == LogEntry.objects.count()
    return tally


def test_as_many_entries_as_looks_and_changes(store, world, monkeypatch):
    tally = _histories(store, world, range(250), monkeypatch)  # on two databases: 500
    assert tally["log failed"] > 50
    assert {name for name in tally if name.endswith("done")} >= {f"{deed} done" for deed in DEEDS}


@pytest.mark.deep
@pytest.mark.parametrize("part", range(8))
def test_as_many_entries_as_looks_and_changes_ten_thousand_times(places, monkeypatch, part):
    """In parts of 625 on two databases: 10,000. A new store every 125 histories: lists grow, and each look with them."""
    tally: Counter[str] = Counter()
    for first in range(part * 625, (part + 1) * 625, 125):
        store = places.fresh(build)
        tally += _histories(store, people_of_store(), range(first, first + 125), monkeypatch)
    assert {name for name in tally if name.endswith("done")} >= {f"{deed} done" for deed in DEEDS}
    assert tally["log failed"] > 125
