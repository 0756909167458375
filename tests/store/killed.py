"""A process that works on a store until it is killed, and says what was acknowledged.

One process has everything imported and forks the workers: a worker begins in a moment, and no thread is copied.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dueregard.store.open import set_up

set_up()

from dueregard import steps  # noqa: E402
from dueregard.store import actions  # noqa: E402
from dueregard.store.actor import actor_of  # noqa: E402
from dueregard.store.open import open_store  # noqa: E402

from .world import NOW, contact, pupil, roll_csv  # noqa: E402


def work(folder: Path, seed: str, acknowledged: int, people: dict[str, str]) -> None:
    """Forms, rolls and freezes in turn; each is acknowledged by a line when the action has come back."""
    open_store(folder)
    officer, school = (actor_of(people[role], on=NOW.date()) for role in ("officer", "school"))
    n = 0
    while True:
        n += 1
        done = contact(officer, pupil("A1"), pupil(""), key=f"{seed}x{n}", now=NOW)
        os.write(acknowledged, f"contact {seed}x{n} {done.contact_ref}\n".encode())
        draft = actions.save_draft({"n": n}, by=officer, now=NOW)
        os.write(acknowledged, f"draft {draft.draft_ref} -\n".encode())
        if n % 3 == 1:
            day = f"20{10 + hash_of(seed + str(n)) % 15}-{1 + hash_of(str(n) + seed) % 12:02}-01"
            steps.take_roll_file(roll_csv(n=1 + hash_of(seed) % 90, census_on=day), by=school, now=NOW)
            os.write(acknowledged, f"roll {day} -\n".encode())
        if n % 3 == 2:
            made = steps.freeze_store(folder, folder / "snapshots", now=NOW)[0]
            os.write(acknowledged, f"freeze {made.id} -\n".encode())


def hash_of(text: str) -> int:
    import hashlib

    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def main() -> None:
    """Lines on standard input: folder, seed, file of acknowledgements, officer, school. Answers with the worker's number."""
    for line in sys.stdin:
        folder, seed, file, officer, school = line.rstrip("\n").split("\t")
        worker = os.fork()
        if worker == 0:
            out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                work(Path(folder), seed, out, {"officer": officer, "school": school})
            except BaseException as fault:
                os.write(out, f"failed {type(fault).__name__} -\n".encode())
            os._exit(1)
        print(worker, flush=True)
        os.waitpid(worker, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main()
