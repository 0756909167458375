"""A store as large as London's, and what is slow in one: the quality desk, the worklist, `audit verify`, a page of a register.

3,000 schools, 420 officers with fifty contacts each in a year. `python -m benchmarks.service_london [N_CONTACTS]`, on SQLite.
"""

from __future__ import annotations

import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.service_made import CONTACT, PUPIL

N_SCHOOLS, N_OFFICERS, N_CONTACTS, A_TIME = 3_000, 420, 21_000, 1_000


def measure(n_contacts: int = N_CONTACTS) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        from dueregard.web.serve import prepare

        place = Path(folder) / "data"
        prepare(place)
        fill(n_contacts)
        return [_timed(what, ask) for what, ask in asked(place)]


def asked(place: Path) -> list[tuple[str, Callable[[], Any]]]:
    from dueregard.store import looks, quality, register
    from dueregard.store.actor import Actor, Grant
    from dueregard.store.checkpoints import public_key
    from dueregard.store.verify import verify

    force, borough = (Actor("u1", (Grant("sergeant", borough=b),)) for b in ("", "Borough 3"))
    return [
        ("quality desk, whole force", lambda: quality.missing(by=force)),
        ("quality desk, one borough", lambda: quality.missing(by=borough)),
        ("worklist, whole force", lambda: quality.worklist(by=force)),
        ("worklist, one borough", lambda: quality.worklist(by=borough)),
        ("register of schools, one page", lambda: looks.rows("school", by=force, order=("urn",), limit=101)),
        ("posting register, what does not fit", lambda: register.misfits(by=force)),
        ("audit verify", lambda: _whole(verify(public_key(place / "keys")))),
    ]


def _whole(found: Any) -> None:
    assert found.is_whole, found.faults[:3]


def _timed(what: str, ask: Callable[[], Any]) -> dict[str, object]:
    began, processor = time.perf_counter(), time.process_time()
    ask()
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    return {"name": f"service of London's size: {what} ({processor:.1f} s of a processor)", "seconds": seconds}


def fill(n_contacts: int) -> None:
    from dueregard.store.actor import operator
    from dueregard.store.log import entry

    rng, by = random.Random(1), operator("benchmark")
    with entry("collection", "made_up", by=by) as act:
        _write(act, "school", [{"urn": f"{200000 + n}", "name": f"Academy {n:04}", "borough": f"Borough {n % 32}", "la_code": "999", "phase": "PS",
                                "type": "Academy", "opened_on": "2010-09-01"} for n in range(N_SCHOOLS)])  # fmt: skip
        _write(act, "officer", [{"officer_ref": f"o{n}", "name": f"Constable {n:03}"} for n in range(N_OFFICERS)])
        _write(act, "posting", [{"posting_ref": f"p{n}", "officer_ref": f"o{n}", "urn": f"{200000 + 7 * n}", "role": "safer_schools_officer",
                                 "kind": "based_full_time", "from_on": "2024-09-01"} for n in range(N_OFFICERS)])  # fmt: skip
    for first in range(0, n_contacts, A_TIME):
        with entry("collection", "made_up", by=by) as act:
            made = [_contact(rng) for _ in range(min(A_TIME, n_contacts - first))]
            _write(act, "contact", [contact for contact, _ in made])
            _write(act, "involvement", [involvement for _, involvement in made])
            _write(
                act,
                "parent_told",
                [{"contact_ref": i["contact_ref"], "pupil_ref": i["pupil_ref"], "answer": "at_once"} for _, i in made],
            )


def _contact(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    officer, ref = rng.randrange(N_OFFICERS), f"c{secrets.token_hex(10)}"
    happened = datetime.now(UTC) - timedelta(days=rng.randrange(1, 360))
    late = happened + timedelta(days=rng.choice((0, 0, 0, 1, 2, 20)))
    contact = {**CONTACT, "contact_ref": ref, "urn": f"{200000 + 7 * officer + rng.choice((0, 0, 0, 0, 1))}", "officer_ref": f"o{officer}",
               "occurred_at": f"{happened:%Y-%m-%dT%H:%M}", "recorded_at": f"{min(late.date(), date.today())}T18:00"}  # fmt: skip
    answers = {
        "sen_provision": rng.choice(("N", "N", "K", "unknown")),
        "observed_ethnicity": rng.choice(("IC1", "IC3", "IC4", "IC9")),
    }
    return contact, {**PUPIL, **answers, "contact_ref": ref, "pupil_ref": f"p{secrets.token_hex(16)}"}


def _write(act: Any, name: str, rows: list[dict[str, Any]]) -> None:
    """As `versions.write` does it, many rows at a time."""
    from dueregard.store.fields import stored
    from dueregard.store.models import MODELS
    from dueregard.store.tables import STORED
    from dueregard.store.versions import RECORDED, digest_of

    table, made = STORED[name], []
    for values in rows:
        plain = {column.name: stored(column, values.get(column.name)) for column in table.columns}
        made.append(MODELS[name](**plain, row_ref=secrets.token_hex(12), row_version=1, row_state=RECORDED, row_salt=secrets.token_hex(16),
                                 row_entry_id=act.index))  # fmt: skip
    MODELS[name].objects.bulk_create(made, batch_size=A_TIME)
    for one in made:
        act.wrote(name, one.row_ref, 1, digest_of(table, one))


if __name__ == "__main__":
    for row in measure(*(int(n) for n in sys.argv[1:2])):
        print(f"{row['name']}: {row['seconds']:.1f} s", flush=True)
