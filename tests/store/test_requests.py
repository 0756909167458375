"""Requests of a pupil or a parent: everything that is held is told, and what is erased is named nowhere."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import actions, looks
from dueregard.store.actions.drafts import KEPT_FOR
from dueregard.store.contact_record import Pupil
from dueregard.store.models import MODELS, Draft, LogEntry
from dueregard.store.versions import current

from .world import NOW, contact, pupil

WHY = "request 7"


def about(world, identifier="A1"):
    return actions.held_about(pupil(identifier).ref, by=world.access_clerk, why=WHY, now=NOW)


def test_what_was_withdrawn_is_still_held(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    actions.withdraw_contact(done.contact_ref, seen=done.revision, by=world.officer, why="a mistake", now=NOW)
    (held,) = about(world)
    assert held.is_withdrawn and held.record.contact["contact_ref"] == done.contact_ref
    assert len(held.record.pupils) == 1 and not about(world, "A9")
    actions.keep_longer(done.contact_ref, review_on=date(2033, 1, 1), by=world.dpo, why="a claim", now=NOW)


def test_what_was_corrected_is_still_held(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own", now=NOW)
    row_ref = seen.pupils[0].involvement.row_ref
    done = actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW,
                                   pupils=[Pupil(row_ref=row_ref, involvement={"age": 14})])  # fmt: skip
    (held,) = about(world)
    assert not held.is_withdrawn and held.record.pupils[0].involvement["age"] == 14
    assert [(row.table, row["age"]) for row in held.earlier] == [("involvement", 13)]
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own", now=NOW)
    actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW,
                            pupils=[Pupil(ref=pupil("A7").ref, row_ref=row_ref)])  # fmt: skip
    (held,) = about(world)  # it was somebody else, and the old versions still say that it was this child
    assert held.record.pupils == () and {row["age"] for row in held.earlier} == {13, 14}
    assert {row["pupil_ref"] for row in held.earlier} == {pupil("A1").ref}
    entry = LogEntry.objects.order_by("-index").first()
    assert {tuple(told[:3]) for told in json.loads(entry.rows)} == {(r.table, r.row_ref, r.version) for r in held.rows}


def draft_of(by, ref, *, now=NOW, **more):
    return actions.save_draft({"pupils": [{"ref": ref}], **more}, by=by, now=now)


def test_unfinished_forms_are_told_and_erased_at_a_request(world):
    draft_of(world.officer, pupil("A1").ref)
    draft_of(world.other_officer, pupil("A2").ref)
    told = {"by": world.access_clerk, "why": WHY, "now": NOW}
    assert actions.drafts_about(pupil("A1").ref, **told) == (NOW,)
    assert actions.drafts_about(pupil("A3").ref, **told) == ()
    for by, why, fault in ((world.officer, WHY, NotThere), (world.access_clerk, " ", FaultsFound)):
        for ask in (actions.drafts_about, actions.erase_drafts_about):
            with pytest.raises(fault):
                ask(pupil("A1").ref, by=by, why=why, now=NOW)
    assert actions.erase_drafts_about(pupil("A1").ref, **told) == 1
    assert [json.loads(d.content)["pupils"][0]["ref"] for d in Draft.objects.all()] == [pupil("A2").ref]


@pytest.mark.parametrize("ask", [actions.drafts_of, lambda **by: actions.save_draft({"b": 1}, **by)])
def test_no_draft_is_kept_for_ever(world, ask):
    old = draft_of(world.officer, pupil("A1").ref)
    later = NOW + KEPT_FOR + timedelta(minutes=1)
    young = draft_of(world.officer, pupil("A1").ref, now=later - timedelta(days=1))
    young_refs = {young.draft_ref}
    ask(by=world.other_officer, now=later)
    assert young_refs <= set(Draft.objects.values_list("draft_ref", flat=True))
    assert not Draft.objects.filter(draft_ref=old.draft_ref).exists()
    assert any(["draft", old.draft_ref] == told[:2] for e in LogEntry.objects.all() for told in json.loads(e.rows))


def test_after_an_erasure_nothing_names_the_contact(world):
    done, other = contact(world.officer, key="f1"), contact(world.officer, key="f2")
    for n, ref in enumerate((done.contact_ref, other.contact_ref)):
        actions.record("complaint", {"complaint_ref": f"k{n}", "contact_ref": ref, "urn": "100001", "received_on": "2026-11-21",
                                     "kind": "other", "outcome": "unknown"}, by=world.sergeant, now=NOW)  # fmt: skip
    draft_of(world.officer, "", contact_ref=done.contact_ref)
    kept = draft_of(world.officer, "", contact_ref=other.contact_ref)
    actions.erase_contact(done.contact_ref, by=world.access_clerk, reason="request", why=WHY, now=NOW)
    for table, model in MODELS.items():
        for row in model.objects.all():
            assert done.contact_ref not in [str(getattr(row, f.name)) for f in model._meta.fields], table
    assert list(Draft.objects.values_list("draft_ref", flat=True)) == [kept.draft_ref]
    assert {c.complaint_ref: c.contact_ref for c in current("complaint")} == {"k0": "", "k1": other.contact_ref}
    with pytest.raises(NotThere):  # the form, sent once more, makes it not anew
        contact(world.officer, key="f1")
    assert current("contact").count() == 1


def test_a_joining_out_of_reach_is_not_told_from_none(world):
    contact(world.officer, pupil("A1"))
    contact(world.other_officer, pupil("B1", "100003"), pupil("B2", "100003"), urn="100003")
    from dueregard.store.actor import Actor, Grant

    one, other = pupil("B1", "100003").ref, pupil("B2", "100003").ref
    actions.combine(one, other, by=world.sergeant, why="one child", now=NOW)
    ham = Actor("u1", (Grant("sergeant", borough="Ham"),), "o9")
    for same_as in (other, pupil("B3", "100003").ref, pupil("A1").ref):
        with pytest.raises(NotThere):
            actions.combine(one, same_as, by=ham, why="one child?", now=NOW)
