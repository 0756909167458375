"""Several editors at once: no change is lost, and no form is taken twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from dueregard import steps
from dueregard.errors import EditConflict
from dueregard.store import actions, looks
from dueregard.store.actions.changing import ContactChanged
from dueregard.store.checkpoints import public_key
from dueregard.store.contact_record import Pupil
from dueregard.store.models import MODELS
from dueregard.store.verify import verify
from dueregard.store.versions import current

from .world import NOW, contact, pupil, roll_csv

EDITORS = 4


def together(edit: Callable[[], bool], n_edits: int) -> int:
    """Every editor makes so many edits, each until it is taken; how often had one to look again?"""

    def work(seed: int) -> int:
        conflicts, rng = 0, random.Random(seed)
        try:
            for _ in range(n_edits):
                while not edit():
                    conflicts += 1
                    time.sleep(rng.random() * 0.02)
        finally:
            connections.close_all()
        return conflicts

    with ThreadPoolExecutor(EDITORS) as pool:
        return sum(pool.map(work, range(EDITORS)))


def test_no_edit_of_400_is_lost(store, world):
    """Each edit adds one post to what is meant, which only works on the newest version."""
    values = {"from_on": "2024-09-01", "kind": "target", "n_posts": 0}
    ref = actions.record("establishment", values, by=world.sergeant, now=NOW).row_ref

    def edit() -> bool:
        seen = looks.one("establishment", ref, by=world.sergeant, now=NOW)
        change = {"n_posts": seen["n_posts"] + 1}
        try:
            actions.correct("establishment", ref, change, seen=seen.version, by=world.sergeant, now=NOW)
        except EditConflict:
            return False
        return True

    conflicts = together(edit, 100)
    assert current("establishment").get().n_posts == 400
    assert MODELS["establishment"].objects.count() == 401
    assert conflicts > 0  # they did meet
    assert verify(public_key(store / "keys")).faults == ()


def test_no_edit_of_a_contact_is_lost(store, world):
    """Pupils and contact are one record: editors of different parts meet as well."""
    ref = contact(world.officer, pupil("A1", age=10), seconds_to_record=0).contact_ref

    def edit() -> bool:
        seen = looks.contact(ref, by=world.officer, why="my own record", now=NOW)
        one = seen.pupils[0].involvement
        n = seen.contact["seconds_to_record"] + one["age"]
        changes = ({"contact": {"seconds_to_record": seen.contact["seconds_to_record"] + 1}} if n % 2 else
                   {"pupils": [Pupil(row_ref=one.row_ref, involvement={"age": one["age"] + 1})]})  # fmt: skip
        try:
            actions.correct_contact(ref, seen=seen.revision, by=world.officer, now=NOW, **changes)
        except ContactChanged:
            return False
        return True

    together(edit, 5)
    done = looks.contact(ref, by=world.officer, why="my own record", now=NOW)
    assert (done.contact["seconds_to_record"], done.pupils[0].involvement["age"]) == (10, 20)


def test_the_same_form_and_file_eight_times_at_once_are_taken_once(store, world):
    def send(n: int) -> bool:
        try:
            if n % 2:
                return contact(world.officer, key="f1").is_repeat
            return steps.take_roll_file(roll_csv(), by=world.school, now=NOW)[0].is_repeat
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        repeats = list(pool.map(send, range(16)))
    assert repeats.count(False) == 2
    assert (current("contact").count(), current("roll").count()) == (1, 20)
