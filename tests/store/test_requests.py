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

from .world import INVOLVEMENT, NOW, SEARCH, contact, pupil

WHY = "request 7"


def about(world, identifier="A1"):
    return actions.held_about(pupil(identifier).ref, by=world.access_clerk, why=WHY, now=NOW)


def corrected(by, ref, *pupils, **columns):
    seen = looks.contact(ref, by=by, why="my own", now=NOW)
    return actions.correct_contact(ref, seen=seen.revision, by=by, now=NOW, contact=columns, pupils=list(pupils))


def row_of_pupil(world, ref, n=0):
    return looks.contact(ref, by=world.officer, why="my own", now=NOW).pupils[n].involvement.row_ref


def test_what_was_withdrawn_is_still_held(world):
    done = contact(world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH, SEARCH)}), pupil("A2"))
    kept = looks.contact(done.contact_ref, by=world.officer, why="my own", now=NOW).pupils[0]
    parts = {"power_use": ({"row_ref": kept.parts["power_use"][0].row_ref},)}
    done = corrected(world.officer, done.contact_ref, Pupil(row_ref=kept.involvement.row_ref, parts=parts))
    actions.withdraw_contact(done.contact_ref, seen=done.revision, by=world.officer, why="a mistake", now=NOW)
    (held,) = about(world)
    assert held.is_withdrawn and not held.was_named and held.record.contact["contact_ref"] == done.contact_ref
    (mine,) = held.record.pupils
    assert [row.row_ref for row in mine.parts["power_use"]] == [kept.parts["power_use"][0].row_ref]
    assert kept.parts["power_use"][1].row_ref in {row.row_ref for row in held.earlier}  # it was taken out before
    assert not about(world, "A9")
    actions.keep_longer(done.contact_ref, review_on=date(2033, 1, 1), by=world.dpo, why="a claim", now=NOW)
    actions.check_is_held(done.contact_ref, by=world.access_clerk, now=NOW)
    with pytest.raises(NotThere):
        actions.check_is_held(done.contact_ref, by=world.officer, now=NOW)


def test_what_was_taken_out_is_not_told_as_what_stands(world):
    parts = {
        "power_use": (SEARCH,),
        "support": ({"service": "mentoring", "offered_on": "2026-11-20", "is_accepted": "yes"},),
    }
    done = contact(world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, parts))
    corrected(
        world.officer,
        done.contact_ref,
        Pupil(row_ref=row_of_pupil(world, done.contact_ref), parts={"power_use": (), "support": ()}),
    )
    (held,) = about(world)
    assert not held.is_withdrawn and not any(held.record.pupils[0].parts.values())
    assert {(row.table, row.state) for row in held.earlier} >= {("power_use", "withdrawn"), ("support", "withdrawn")}


def test_a_pupil_who_was_named_twice_is_told_once(world):
    done = contact(world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH,)}))
    gone = Pupil(row_ref=row_of_pupil(world, done.contact_ref), is_withdrawn=True)
    corrected(world.officer, done.contact_ref, gone, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH,)}))
    (held,) = about(world)
    assert not held.is_withdrawn and len(held.record.pupils) == 1
    assert len(held.record.pupils[0].parts["power_use"]) == 1
    told = [(row.table, row.row_ref, row.version) for row in held.rows]
    assert len(told) == len(set(told))


def test_what_was_corrected_is_still_held(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    row_ref = row_of_pupil(world, done.contact_ref)
    corrected(
        world.officer, done.contact_ref, Pupil(row_ref=row_ref, involvement={"age": 14}), urn="100001", harm_level="low"
    )
    (held,) = about(world)
    assert not held.is_withdrawn and held.record.pupils[0].involvement["age"] == 14
    assert {(row.table, row.version) for row in held.earlier} == {("contact", 1), ("involvement", 1)}
    entry = LogEntry.objects.order_by("-index").first()
    assert {tuple(told[:3]) for told in json.loads(entry.rows)} == {(r.table, r.row_ref, r.version) for r in held.rows}


def test_who_was_named_by_mistake_is_told_of_the_mistake_alone(world):
    done = contact(world.officer, pupil("A6", age=13))
    row_ref = row_of_pupil(world, done.contact_ref)
    corrected(world.officer, done.contact_ref, Pupil(ref=pupil("A7").ref, row_ref=row_ref, involvement={"age": 14}))
    (wrong,) = about(world, "A6")
    assert wrong.was_named and wrong.record.pupils == wrong.earlier == ()
    (right,) = about(world, "A7")  # the earlier version was of this child, whatever its name
    assert not right.was_named and [row["age"] for row in right.earlier if row.table == "involvement"] == [13]


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
    kept = actions.save_draft({"c": 1}, by=world.other_officer, now=later - 2 * KEPT_FOR)
    ask(by=world.other_officer, now=later)
    told = {e.act: (e.verb, e.by_ref, json.loads(e.rows)) for e in LogEntry.objects.order_by("-index")[:2]}
    verb, by_ref, rows = told["drop_old_drafts"]
    assert (verb, by_ref) == ("erasure", "operator:service")
    assert {row[1] for row in rows} == {old.draft_ref, kept.draft_ref}
    assert all(old.draft_ref != row[1] for row in next(v for act, v in told.items() if act != "drop_old_drafts")[2])
    assert young_refs <= set(Draft.objects.values_list("draft_ref", flat=True))
    assert not Draft.objects.filter(draft_ref=old.draft_ref).exists()


def test_what_is_typed_into_an_old_draft_is_kept(world):
    old = draft_of(world.officer, pupil("A1").ref)
    saved = actions.save_draft({"b": 2}, draft_ref=old.draft_ref, seen=1, by=world.officer, now=NOW + 2 * KEPT_FOR)
    assert json.loads(Draft.objects.get(draft_ref=old.draft_ref).content) == {"b": 2} == saved.content


def test_after_an_erasure_nothing_names_the_contact(world):
    done, other = contact(world.officer, key="f1"), contact(world.officer, key="f2")
    for n, ref in enumerate((done.contact_ref, other.contact_ref)):
        actions.record("complaint", {"complaint_ref": f"k{n}", "contact_ref": ref, "urn": "100001", "received_on": "2026-11-21",
                                     "kind": "other", "outcome": "unknown"}, by=world.sergeant, now=NOW)  # fmt: skip
    actions.erase_contact(done.contact_ref, by=world.access_clerk, reason="request", why=WHY, now=NOW)
    for table, model in MODELS.items():
        for row in model.objects.all():
            assert done.contact_ref not in [str(getattr(row, f.name)) for f in model._meta.fields], table
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
