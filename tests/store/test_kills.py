"""SIGKILL in the middle of imports, forms and freezes: nothing acknowledged is lost, nothing is half done or doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from dueregard.freeze.freeze import clear_left_behind, faults_of
from dueregard.freeze.load import load
from dueregard.store.checkpoints import newest_note, public_key
from dueregard.store.models import MODELS, Draft
from dueregard.store.verify import verify
from dueregard.store.versions import current

ROOT = Path(__file__).parents[2]


class Killed:
    """Starts workers on a store and kills them; remembers what they acknowledged."""

    def __init__(self, store: Path, people: tuple[str, str], folder: Path) -> None:
        self.store, self.people, self.folder = store, people, folder
        self.process = subprocess.Popen([sys.executable, "-m", "tests.store.killed"], cwd=ROOT, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
        self.acknowledged: list[list[str]] = []

    def kill_one(self, seed: str, lines: int, after: float) -> None:
        """Kill a worker so many seconds after it has acknowledged so many things: a slow machine is killed later."""
        file = self.folder / seed
        self.process.stdin.write("\t".join([str(self.store), seed, str(file), *self.people]) + "\n")
        self.process.stdin.flush()
        worker = int(self.process.stdout.readline())
        until = time.monotonic() + 60
        while (not file.exists() or file.read_bytes().count(b"\n") < lines) and lines and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(after)
        os.kill(worker, signal.SIGKILL)
        assert self.process.stdout.readline() == "gone\n"
        lines = file.read_text().splitlines() if file.exists() else []
        self.acknowledged += [line.split() for line in lines]

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def check_whole(store: Path, acknowledged: list[list[str]], note: str) -> None:
    """What must hold after every kill."""
    assert [a for a in acknowledged if a[0] == "failed"] == []
    assert verify(public_key(store / "keys"), notes=(note,)).faults == ()
    contacts = set(current("contact").values_list("contact_ref", flat=True))
    made = Counter(current("receipt").filter(kind="contact").values_list("made_ref", flat=True))
    involved = Counter(current("involvement").values_list("contact_ref", flat=True))
    assert set(made) == contacts == set(involved) and set(made.values()) <= {1} and set(involved.values()) <= {2}
    assert {a[2] for a in acknowledged if a[0] == "contact"} <= contacts
    rolls = Counter(str(day) for day in current("roll").values_list("census_on", flat=True))
    assert set(rolls.values()) <= {20} and {a[1] for a in acknowledged if a[0] == "roll"} <= set(rolls)
    assert {a[1] for a in acknowledged if a[0] == "draft"} <= set(Draft.objects.values_list("draft_ref", flat=True))


def check_snapshots(store: Path, acknowledged: list[list[str]]) -> int:
    folder = store / "snapshots"
    clear_left_behind(folder)  # as the next freeze does
    found = sorted(folder.iterdir()) if folder.exists() else []
    assert all(faults_of(load(path)) == [] for path in found)
    assert {a[1] for a in acknowledged if a[0] == "freeze"} <= {path.name for path in found}
    return len(found)


def kill_many(store: Path, world, n: int, folder: Path, *, seed: int, check_every: int) -> Counter[str]:
    rng, note = random.Random(seed), newest_note()
    killed = Killed(store, (world.officer.person_ref, world.school.person_ref), folder)
    try:
        for k in range(n):
            killed.kill_one(f"s{seed}k{k}", rng.randrange(8), rng.random() * 0.2)
            if k % check_every == check_every - 1:
                check_whole(store, killed.acknowledged, note)
                note = newest_note()
    finally:
        killed.stop()
    check_whole(store, killed.acknowledged, note)
    check_snapshots(store, killed.acknowledged)
    clear_left_behind(store / "uploads", prefix="roll-")
    assert list((store / "uploads").iterdir()) == []
    return Counter(a[0] for a in killed.acknowledged)


def test_25_kills_on_each_database(store, world, tmp_path):
    done = kill_many(store, world, 25, tmp_path, seed=1, check_every=5)
    assert done["contact"] > 25 and MODELS["contact"].objects.count() >= done["contact"]
    assert done["roll"] > 0 and done["freeze"] > 0


@pytest.mark.deep
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_500_kills_on_each_database(store, world, tmp_path, seed):
    """In four parts, each on a store of its own."""
    done = kill_many(store, world, 125, tmp_path, seed=seed, check_every=25)
    assert done["contact"] > 125 and done["roll"] > 12 and done["freeze"] > 12
