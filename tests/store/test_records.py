"""Recording, correcting, withdrawing: nothing is updated in place, nothing is half done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dueregard.errors import EditConflict, FaultsFound, NotThere
from dueregard.store import actions, looks
from dueregard.store.actions.changing import ContactChanged
from dueregard.store.contact_record import Pupil
from dueregard.store.gate import FormFaults
from dueregard.store.models import MODELS, LogEntry, LogHead
from dueregard.store.versions import Row, as_of, current, entries_until

from .world import CONTACT, INVOLVEMENT, NOW, SEARCH, contact, pupil


def test_a_contact_of_two_pupils_is_one_entry(world):
    before = LogEntry.objects.count()
    done = contact(world.officer, pupil("A1"), pupil(""))
    assert LogEntry.objects.count() == before + 1 == LogHead.objects.get().size
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    assert [p.involvement["age"] for p in seen.pupils] == [13, 13]
    assert "pupil_ref" not in seen.pupils[0].involvement.values


def test_the_store_sets_reference_and_time(world):
    done = contact(world.officer)
    row = current("contact").get(contact_ref=done.contact_ref)
    assert (row.officer_ref, row.recorded_at) == ("o1", "2026-11-23T12:00")


def test_the_same_form_twice_is_one_contact(world):
    first, again = (contact(world.officer, key="f1") for _ in range(2))
    assert (again.contact_ref, again.is_repeat, first.is_repeat) == (first.contact_ref, True, False)
    assert current("contact").count() == 1


def test_the_same_key_of_another_person_is_another_form(world):
    first = contact(world.officer, key="f1")
    assert contact(world.other_officer, pupil("A1", "100003"), urn="100003", key="f1").contact_ref != first.contact_ref


@pytest.mark.parametrize("column", ["place_relation", "time_relation", "route", "initiator", "harm_level"])
def test_a_silent_blank_is_refused_and_unknown_is_an_answer(world, column):
    with pytest.raises(FormFaults) as told:
        contact(world.officer, **{column: ""})
    assert [(f.table, f.column) for f in told.value.faults] == [("contact", column)]
    assert current("contact").count() == 0
    assert contact(world.officer, **{column: "unknown"}).contact_ref


def test_every_fault_is_told_at_once(world):
    with pytest.raises(FormFaults) as told:
        contact(
            world.officer,
            pupil("A1", age="old", sex=""),
            pupil("A1"),
            route="carrier pigeon",
            occurred_at="2030-01-01T10:00",
        )
    found = {(f.table, f.n, f.column) for f in told.value.faults}
    assert found >= {("contact", 0, "route"), ("contact", 0, "occurred_at"), ("involvement", 0, "age"),
                     ("involvement", 0, "sex"), ("involvement", 0, "pupil_ref")}  # fmt: skip
    assert "old" not in str(told.value) and "pigeon" not in str(told.value)


def test_a_correction_adds_versions_of_what_changes_only(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW, contact={"harm_level": "low"},
                            pupils=[Pupil(row_ref=seen.pupils[1].involvement.row_ref, involvement={"age": 14})])  # fmt: skip
    after = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    assert (after.contact["harm_level"], [p.involvement["age"] for p in after.pupils]) == ("low", [13, 14])
    assert [p.involvement.version for p in after.pupils] == [1, 2]
    assert MODELS["contact"].objects.count() == 2 and MODELS["involvement"].objects.count() == 3


def test_parts_are_added_corrected_and_left_out(world):
    done = contact(
        world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH, {**SEARCH, "power": "seizure"})})
    )
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    kept = seen.pupils[0].parts["power_use"][0]
    parts = {"power_use": ({"row_ref": kept.row_ref, "item_found": "yes"}, {**SEARCH, "power": "handcuffs"})}
    change = Pupil(row_ref=seen.pupils[0].involvement.row_ref, parts=parts)
    actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW, pupils=[change])
    after = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW).pupils[0].parts["power_use"]
    assert {(row["power"], row["item_found"]) for row in after} == {(kept["power"], "yes"), ("handcuffs", "no")}


def test_another_pseudonym_moves_what_belongs_to_the_pupil(world):
    done = contact(world.officer, Pupil(pupil("A1").ref, INVOLVEMENT, {"power_use": (SEARCH,)}))
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    change = Pupil(ref=pupil("A7").ref, row_ref=seen.pupils[0].involvement.row_ref)
    actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW, pupils=[change])
    after = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    assert len(after.pupils[0].parts["power_use"]) == 1
    assert current("involvement").get().pupil_ref == pupil("A7").ref == current("power_use").get().pupil_ref


def test_a_correction_names_no_pupil_twice(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    seen = looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    second = seen.pupils[1].involvement.row_ref
    for change in (pupil("A1"), Pupil(ref=pupil("A1").ref, row_ref=second)):
        with pytest.raises(FormFaults, match="named twice"):
            actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW, pupils=[change])
    gone = Pupil(row_ref=second, is_withdrawn=True)  # its place may be taken in the same correction
    actions.correct_contact(done.contact_ref, seen=seen.revision, by=world.officer, now=NOW, pupils=[gone, pupil("A2")])


def test_a_contact_after_midnight_in_summer_is_of_that_day(world):
    """23:20 of UTC is twenty past midnight on the wall: the record is of today, not of the future."""
    night = datetime(2027, 6, 9, 23, 20, tzinfo=UTC)
    assert contact(world.officer, now=night, occurred_at="2027-06-09T15:30").contact_ref


def test_the_second_editor_sees_both_versions(world):
    done = contact(world.officer)
    actions.correct_contact(
        done.contact_ref, seen=done.revision, by=world.officer, now=NOW, contact={"harm_level": "low"}
    )
    with pytest.raises(ContactChanged) as told:
        actions.correct_contact(
            done.contact_ref, seen=done.revision, by=world.officer, now=NOW, contact={"harm_level": "high"}
        )
    assert isinstance(told.value, EditConflict) and told.value.now.contact["harm_level"] == "low"
    assert current("contact").get().harm_level == "low"


def test_what_was_withdrawn_is_kept_and_not_shown(world):
    done = contact(world.officer)
    actions.withdraw_contact(done.contact_ref, seen=done.revision, by=world.officer, why="the wrong school", now=NOW)
    with pytest.raises(NotThere):
        looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    assert current("involvement").count() == 0 and MODELS["contact"].objects.count() == 2


def test_reading_as_of_gives_what_held_then(world):
    early, late = NOW, NOW + timedelta(hours=2)
    done = contact(world.officer, now=early)
    actions.correct_contact(
        done.contact_ref, seen=done.revision, by=world.officer, now=late, contact={"harm_level": "high"}
    )
    contact(world.officer, now=late)
    then = entries_until(early + timedelta(hours=1))
    assert [c.harm_level for c in as_of("contact", then)] == ["none"]
    assert sorted(c.harm_level for c in as_of("contact", entries_until(late))) == ["high", "none"]
    assert list(as_of("contact", entries_until(early - timedelta(days=1)))) == []


def test_a_rectified_row_is_rectified_for_earlier_days_too(world):
    done = contact(world.officer, now=NOW)
    row = current("involvement").get().row_ref
    change = [Pupil(row_ref=row, involvement={"self_defined_ethnicity": "M1"})]
    actions.rectify_contact(done.contact_ref, seen=done.revision, by=world.access_clerk, why="request 7", pupils=change,
                            now=NOW + timedelta(days=1))  # fmt: skip
    assert as_of("involvement", entries_until(NOW)).get().self_defined_ethnicity == "M1"


def test_a_clock_set_back_does_not_set_the_log_back(world):
    contact(world.officer, now=NOW)
    contact(world.officer, now=NOW - timedelta(hours=3))
    times = list(LogEntry.objects.order_by("index").values_list("at", flat=True))
    assert times == sorted(times)


def test_postings_are_corrected_with_the_version_that_was_seen(world):
    posting = looks.rows("posting", by=world.sergeant, now=NOW)[0]
    actions.correct("posting", posting.row_ref, {"to_on": date(2026, 12, 1)}, seen=1, by=world.sergeant, now=NOW)
    with pytest.raises(EditConflict):
        actions.correct("posting", posting.row_ref, {"fte": "0.5"}, seen=1, by=world.sergeant, now=NOW)
    assert looks.one("posting", posting.row_ref, by=world.sergeant, now=NOW)["to_on"] == date(2026, 12, 1)


def test_a_reference_is_given_once(world):
    with pytest.raises(FaultsFound, match="such a record already"):
        actions.record("school", {"urn": "100001", "name": "Again", "borough": "Ham", "la_code": "1", "phase": "PS",
                                  "type": "x", "opened_on": "2001-01-01"}, by=world.sergeant, now=NOW)  # fmt: skip


def test_a_draft_is_its_authors_alone_and_goes_when_it_is_sent(world):
    draft = actions.save_draft({"urn": "100001"}, by=world.officer, now=NOW)
    with pytest.raises(NotThere):
        actions.read_draft(draft.draft_ref, by=world.other_officer, now=NOW)
    with pytest.raises(NotThere):
        actions.save_draft({}, draft_ref=draft.draft_ref, seen=1, by=world.other_officer, now=NOW)
    actions.record_contact(CONTACT, [pupil()], by=world.officer, draft_ref=draft.draft_ref, now=NOW)
    assert actions.drafts_of(by=world.officer, now=NOW) == ()


def test_two_windows_do_not_overwrite_a_draft(world):
    draft = actions.save_draft({"a": 1}, by=world.officer, now=NOW)
    actions.save_draft({"a": 2}, draft_ref=draft.draft_ref, seen=draft.version, by=world.officer, now=NOW)
    with pytest.raises(EditConflict):
        actions.save_draft({"a": 3}, draft_ref=draft.draft_ref, seen=draft.version, by=world.officer, now=NOW)


def test_nothing_to_report_is_a_zero_that_is_a_zero(world):
    term = {"from_on": date(2026, 9, 1), "to_on": date(2026, 10, 31)}
    said = actions.nothing_to_report("100001", by=world.school, now=NOW, **term)
    assert {row["state"] for row in said} == {"nil"}
    with pytest.raises(NotThere):
        actions.nothing_to_report("100003", by=world.school, now=NOW, **term)


def test_nothing_cannot_be_said_where_something_is_held(world):
    october = {"from_on": date(2026, 10, 1), "to_on": date(2026, 10, 31)}
    ways = (
        lambda: contact(world.officer, occurred_at="2026-10-31T23:59"),
        lambda: actions.record("activity", {"officer_ref": "o1", "urn": "100001", "occurred_on": "2026-10-01", "kind": "sweep",
                                            "minutes": 9, "n_pupils": 0}, by=world.officer, now=NOW),
    )  # fmt: skip
    told = set()
    for way in ways:
        made = way()
        with pytest.raises(FaultsFound, match="holds something") as fault:
            actions.nothing_to_report("100001", by=world.school, now=NOW, **october)
        told.add(str(fault.value))
        last = LogEntry.objects.order_by("-index").first()
        assert (last.act, last.is_refused) == ("nothing_to_report", True)
        if not isinstance(made, Row):
            actions.withdraw_contact(made.contact_ref, seen=made.revision, by=world.officer, why="a mistake", now=NOW)
    assert current("collection").count() == 0 and len(told) == 1  # what is held is not told apart


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [((2026, 10, 2), (2026, 10, 31), "first day"), ((2026, 10, 1), (2026, 10, 30), "last day"),
     ((2026, 11, 1), (2026, 11, 30), "not over"), ((2027, 1, 1), (2027, 1, 31), "not over"), ((2026, 10, 7), (2026, 10, 7), "first day")],
)  # fmt: skip
def test_nothing_is_said_of_whole_months_that_are_over(world, first, last, words):
    """A refusal tells that something is held: asked day by day it would tell on which."""
    contact(world.officer, occurred_at="2026-10-07T10:00")
    with pytest.raises(FormFaults, match=words):
        actions.nothing_to_report("100001", by=world.school, now=NOW, from_on=date(*first), to_on=date(*last))


def test_times_may_be_days_alone(world):
    done = contact(world.officer, occurred_at="2026-11-20")
    assert (
        looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW).contact["occurred_at"]
        == "2026-11-20"
    )


def test_a_datetime_is_kept_as_the_clock_showed_it(world):
    contact(world.officer, occurred_at=datetime(2026, 11, 20, 9, 5, tzinfo=UTC).replace(tzinfo=None))
    assert current("contact").get().occurred_at == "2026-11-20T09:05"
