"""From the store to the analysis: the same kind of snapshot as files give, and no two that link."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest

from dueregard import steps
from dueregard.errors import UsageError
from dueregard.freeze.freeze import faults_of
from dueregard.store import actions
from dueregard.store.contact_record import Pupil
from dueregard.store.models import LogEntry
from dueregard.store.versions import current

from .world import NOW, contact, pupil, roll_csv, some_contacts

LATER = NOW + timedelta(days=1)


def rows(snapshot, table: str, columns: str = "*") -> list[tuple]:
    return duckdb.sql(f"SELECT {columns} FROM read_parquet('{snapshot.file(table)}') ORDER BY ALL").fetchall()


@pytest.fixture
def filled(store, world):
    some_contacts(world, 20)
    steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    return store


def freeze(store, into, **more):
    return steps.freeze_store(store, into, now=more.pop("now", LATER), **more)[0]


def test_a_snapshot_holds_what_the_store_holds(filled, tmp_path):
    snapshot = freeze(filled, tmp_path / "snapshots")
    assert faults_of(snapshot) == []
    assert snapshot.manifest.rows["contact"] == current("contact").count() == 20
    assert snapshot.manifest.rows["involvement"] == current("involvement").count()
    assert snapshot.manifest.profiles == ["store 1"]
    told = rows(snapshot, "involvement", "sex, sen_type, age, self_defined_ethnicity")
    assert set(told) == {("F", "ASD", 13, "B1")}
    assert snapshot.manifest.left_out == []


def test_the_folder_is_for_its_owner_and_has_a_day_of_review(filled, tmp_path):
    snapshot = freeze(filled, tmp_path / "snapshots")
    assert (tmp_path / "snapshots").stat().st_mode & 0o777 == 0o700
    assert snapshot.manifest.store["review_on"] == "2027-11-24"
    assert json.loads((snapshot.path / "manifest.json").read_text())["store"]["erased_since"] == 0


def test_the_same_time_gives_the_same_id_and_another_time_links_with_nothing(filled, tmp_path):
    first = freeze(filled, tmp_path / "a", as_of=NOW)
    again = freeze(filled, tmp_path / "b", as_of=NOW)
    other = freeze(filled, tmp_path / "c", as_of=NOW + timedelta(seconds=1))
    assert first.id == again.id != other.id
    for table, column in (
        ("involvement", "pupil_ref"),
        ("contact", "contact_ref"),
        ("contact", "officer_ref"),
        ("posting", "posting_ref"),
    ):
        mine = {r for (r,) in rows(first, table, column)} - {"not_identified"}
        theirs = {r for (r,) in rows(other, table, column)} - {"not_identified"}
        assert len(mine) == len(theirs) > 0 and not mine & theirs


def test_no_reference_of_the_store_is_in_a_snapshot(filled, tmp_path):
    snapshot = freeze(filled, tmp_path / "snapshots")
    held = set(current("involvement").values_list("pupil_ref", flat=True)) | set(current("contact").values_list("contact_ref", flat=True))  # fmt: skip
    found = {r for row in rows(snapshot, "involvement", "pupil_ref, contact_ref") for r in row}
    assert len(held) > 20 and not held & found


def test_as_of_gives_what_held_then(filled, world, tmp_path):
    before = freeze(filled, tmp_path / "a", as_of=NOW)
    contact(world.officer, now=LATER)
    assert freeze(filled, tmp_path / "b", as_of=NOW).id == before.id
    assert freeze(filled, tmp_path / "c", now=LATER + timedelta(hours=1)).manifest.rows["contact"] == 21


def test_an_erasure_since_is_told(filled, world, tmp_path):
    first = freeze(filled, tmp_path / "a", as_of=NOW)
    gone = current("contact").first().contact_ref
    n = actions.erase_contact(gone, by=world.dpo, reason="request", why="request 3", now=LATER)
    again = freeze(filled, tmp_path / "b", as_of=NOW, now=LATER + timedelta(hours=1))
    assert again.id != first.id and again.manifest.store["erased_since"] == n >= 2


def test_a_rectification_since_is_told_and_holds_for_the_earlier_day(filled, world, tmp_path):
    one = current("involvement").first()
    record = current("contact").get(contact_ref=one.contact_ref)
    revision = max(record.row_entry_id, one.row_entry_id)
    actions.rectify_contact(one.contact_ref, seen=revision, by=world.access_clerk, why="request 4", now=LATER,
                            pupils=[Pupil(row_ref=one.row_ref, involvement={"sex": "M"})])  # fmt: skip
    again = freeze(filled, tmp_path / "b", as_of=NOW, now=LATER + timedelta(hours=1))
    assert again.manifest.store["rectified_since"] == 1
    assert [s for (s,) in rows(again, "involvement", "sex")].count("M") == 1


def test_combined_references_are_one_pupil(store, world, tmp_path):
    contact(world.officer, pupil("A1"))
    contact(world.officer, pupil("A2"))
    actions.combine(pupil("A1").ref, pupil("A2").ref, by=world.sergeant, why="moved house", now=NOW)
    snapshot = freeze(store, tmp_path / "a")
    assert len({r for (r,) in rows(snapshot, "involvement", "pupil_ref")}) == 1
    entry = LogEntry.objects.filter(verb="combination").get()
    assert (entry.act, entry.role, entry.why) == ("combine_pupils", "sergeant", "moved house")


def test_two_unidentified_pupils_of_one_contact_stay_not_identified(store, world, tmp_path):
    contact(world.officer, pupil(""), pupil(""))
    assert rows(freeze(store, tmp_path / "a"), "involvement", "pupil_ref") == [("not_identified",), ("not_identified",)]


def test_a_time_to_come_is_refused_and_freezing_is_in_the_log(store, world, tmp_path):
    contact(world.officer)
    with pytest.raises(UsageError):
        freeze(store, tmp_path / "a", as_of=LATER + timedelta(days=1))
    freeze(store, tmp_path / "a")
    last = LogEntry.objects.order_by("-index").first()
    assert (last.verb, last.act, last.role, last.to_whom) == ("disclosure", "freeze", "operator", "snapshot")


def test_what_the_store_took_needs_no_second_asking(store, world, tmp_path):
    """Whatever the gate of the store lets pass, the rules for files let pass too: no error refuses a freeze."""
    some_contacts(world, 60, seed=5)
    checked = steps.freeze_store(store, tmp_path / "a", now=LATER)[1]
    assert checked.errors == ()


def test_a_question_is_answered_from_it(filled, world, tmp_path):
    snapshot = freeze(filled, tmp_path / "a")
    assert set(snapshot.manifest.tables) >= {
        "school",
        "roll",
        "contact",
        "involvement",
        "posting",
        "support",
        "activity",
    }
    assert snapshot.manifest.rows["roll"] == 20
