"""A correction of who the pupil is, or of which school: nothing is left under a name that is wrong."""

from __future__ import annotations

import pytest

from dueregard.errors import FaultsFound
from dueregard.store import actions, looks
from dueregard.store.contact_record import UNIDENTIFIED, Pupil
from dueregard.store.gate import FormFaults
from dueregard.store.versions import current
from dueregard.terms.missing import NOT_IDENTIFIED

from .world import INVOLVEMENT, NOW, OP, SEARCH, contact, pupil

HELP = {"service": "mentoring", "offered_on": "2026-11-20", "is_accepted": "yes"}


def seen_by(by, ref):
    return looks.contact(ref, by=by, why="my own record", now=NOW)


def corrected(by, ref, *pupils, **columns):
    return actions.correct_contact(
        ref, seen=seen_by(by, ref).revision, by=by, now=NOW, contact=columns, pupils=list(pupils)
    )


def refs_of(table):
    return {row.pupil_ref for row in current(table)}


def test_a_wrong_identification_is_taken_back(world):
    done = contact(world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH,), "support": (HELP,)}))
    row_ref = seen_by(world.officer, done.contact_ref).pupils[0].involvement.row_ref
    corrected(world.officer, done.contact_ref, Pupil(ref=NOT_IDENTIFIED, row_ref=row_ref))
    (after,) = refs_of("involvement")
    assert after.startswith(UNIDENTIFIED) and len(after) > len(UNIDENTIFIED) + 10
    assert refs_of("power_use") == refs_of("support") == {after}
    corrected(world.officer, done.contact_ref, Pupil(ref=NOT_IDENTIFIED, row_ref=row_ref))
    assert refs_of("involvement") == {after}  # nobody who can be named stays nobody, and is the same one


def test_two_who_cannot_be_named_are_two(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    rows = [p.involvement.row_ref for p in seen_by(world.officer, done.contact_ref).pupils]
    corrected(world.officer, done.contact_ref, *(Pupil(ref=NOT_IDENTIFIED, row_ref=row) for row in rows))
    assert len(refs_of("involvement")) == 2


def test_another_school_asks_for_every_identifier_again(world):
    parts = {"power_use": (SEARCH,), "support": (HELP,)}
    done = contact(world.sergeant, Pupil(pupil("A1").ref, INVOLVEMENT, parts), pupil("A2"), pupil(""))
    before = refs_of("involvement")
    one, other, nobody = (p.involvement.row_ref for p in seen_by(world.sergeant, done.contact_ref).pupils)
    for told in (
        (),
        (Pupil(row_ref=one, involvement={"age": 14}),),
        (Pupil(ref=pupil("A1", "100003").ref, row_ref=one),),
    ):
        with pytest.raises(FormFaults, match="The school is another one"):
            corrected(world.sergeant, done.contact_ref, *told, urn="100003")
        assert refs_of("involvement") == before and current("contact").get().urn == "100001"
    named = pupil("A1", "100003").ref
    corrected(world.sergeant, done.contact_ref, Pupil(ref=named, row_ref=one), Pupil(ref=NOT_IDENTIFIED, row_ref=other), urn="100003")  # fmt: skip
    after = {p.involvement.row_ref for p in seen_by(world.sergeant, done.contact_ref).pupils}
    assert after == {one, other, nobody}
    assert not refs_of("involvement") & {pupil("A1").ref, pupil("A2").ref} and named in refs_of("involvement")
    assert refs_of("power_use") == {named}
    assert {(row.urn, row.pupil_ref) for row in current("support")} == {("100003", named)}


def test_a_pupil_who_is_added_with_another_school_has_its_help_there(world):
    done = contact(world.sergeant, pupil(""))
    more = Pupil(pupil("B2", "100003").ref, INVOLVEMENT, {"support": (HELP,)})
    corrected(world.sergeant, done.contact_ref, more, urn="100003")
    assert [row.urn for row in current("support")] == ["100003"]


def test_help_that_was_given_elsewhere_stays_there(world):
    done = contact(world.sergeant, Pupil("", INVOLVEMENT, {"support": ({**HELP, "urn": "100002"},)}))
    corrected(world.sergeant, done.contact_ref, urn="100003")
    assert [row.urn for row in current("support")] == ["100002"]


@pytest.mark.parametrize(("table", "name", "value"), [("school", "urn", "100009"), ("officer", "officer_ref", "o8")])
def test_what_other_records_name_is_not_renamed(world, table, name, value):
    row = current(table).order_by(name).first()
    with pytest.raises(FaultsFound, match="name it by this number"):
        actions.correct(table, row.row_ref, {name: value}, seen=row.row_version, by=OP, now=NOW)
    actions.correct(table, row.row_ref, {"name": "Another name"}, seen=row.row_version, by=OP, now=NOW)
