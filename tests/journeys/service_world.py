"""Fill a folder for the journeys: the small force of the store's tests, with what each page has to show."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def fill(folder: Path) -> None:
    from dueregard.store.open import make_folder, make_tables
    from dueregard.web.serve import set_up

    os.umask(0o077)
    make_folder(folder)
    set_up(folder.resolve())
    make_tables()
    from store.world import OP, build, contact, pupil, some_contacts

    from dueregard.store import actions
    from dueregard.store.models import Person

    world, now = build(now=datetime.now(UTC)), datetime.now(UTC)
    Person.objects.update(must_change_password=False)
    actions.record("basis", {"basis_ref": "basis", "force": "Testshire Police", "lawful_basis": "Data Protection Act 2018, section 35(5)",
                             "policy_document": "Appropriate policy document, version 3", "impact_assessment": "DPIA 2026-7"}, by=OP)  # fmt: skip
    some_contacts(world, 12, now=now)
    late = now - timedelta(days=30)
    contact(world.officer, pupil("Z9"), now=now, occurred_at=late.strftime("%Y-%m-%dT%H:%M"), behaviour="LD")
    actions.record(
        "service_offer", {"urn": "100001", "service": "mentoring", "from_on": "2024-01-01"}, by=world.sergeant
    )
    actions.record(
        "service_offer", {"urn": "100001", "service": "youth_work", "from_on": "2024-01-01"}, by=world.sergeant
    )
    actions.record("activity", {"urn": "100001", "officer_ref": "o1", "occurred_on": now.date(), "kind": "sweep", "minutes": 45, "n_pupils": 0},
                   by=world.officer)  # fmt: skip
    actions.record("establishment", {"kind": "target", "n_posts": 600, "from_on": "2020-01-01"}, by=world.sergeant)
    actions.record("partnership", {"urn": "100002", "name": "", "from_on": "2024-09-01"}, by=world.sergeant)
    actions.draw_sample("lot7", n=3, from_on=late.date(), to_on=now.date(), by=world.sergeant)


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
