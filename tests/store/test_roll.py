"""A school's roll, through the same gate as the command line."""

from __future__ import annotations

import pytest

from dueregard import steps
from dueregard.check.rejects import refused_rows
from dueregard.errors import NotThere
from dueregard.records.roll import ROLL
from dueregard.store import looks
from dueregard.store.gate import FormFaults
from dueregard.store.models import MODELS
from dueregard.store.versions import current

from .world import NOW, roll_csv


def test_a_roll_is_taken(world):
    receipt, checked = steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    assert (receipt.n_accepted, receipt.n_rejected, checked.errors) == (20, 0, ())
    assert len(looks.rows("roll", by=world.school, now=NOW)) == 20


def test_the_same_bytes_twice_add_nothing(world):
    steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    receipt, _ = steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    assert receipt.is_repeat and MODELS["roll"].objects.count() == 20


def test_the_same_rows_in_another_order_add_nothing(world):
    steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    head, *lines = roll_csv().decode().splitlines()
    receipt, _ = steps.take_roll_file("\n".join([head, *reversed(lines), ""]).encode(), by=world.school, now=NOW)
    assert receipt.is_repeat and MODELS["roll"].objects.count() == 20


def test_a_census_that_is_sent_again_replaces_the_first(world):
    steps.take_roll_file(roll_csv(), by=world.school, now=NOW)
    steps.take_roll_file(roll_csv(n=90), by=world.school, now=NOW)
    assert {row.n_pupils for row in current("roll")} == {90} and current("roll").count() == 20


def test_refused_rows_come_back_with_their_codes(world):
    bad = roll_csv().replace(b"100001,2026-10-01,7,F,WBRI", b"100001,2026-10-01,seven,F,WBRI")
    receipt, checked = steps.take_roll_file(bad, by=world.school, now=NOW)
    header, rows = refused_rows(checked, ROLL)
    assert (receipt.n_accepted, receipt.n_rejected) == (19, 1)
    assert header[:3] == ["file", "line", "codes"] and [row[:3] for row in rows] == [("roll.csv", 2, "E_CODELIST")]


def test_another_schools_roll_is_refused_whole(world):
    for urn in ("100003", "999999"):  # another's school looks like one that is not there
        receipt, checked = steps.take_roll_file(roll_csv(urn=urn), by=world.school, now=NOW)
        assert receipt is None and {finding.code for finding in checked.errors} == {"E_UNKNOWN_URN"}
    with pytest.raises(NotThere):
        steps.take_roll_file(roll_csv(), by=world.officer, now=NOW)
    assert MODELS["roll"].objects.count() == 0


def test_a_file_without_a_readable_row_gives_no_receipt(world, store):
    for content in (b"", b"\x00\x01", roll_csv().replace(b"urn,", b"school,")):
        receipt, checked = steps.take_roll_file(content, by=world.school, now=NOW)
        assert receipt is None and checked.errors
    assert list((store / "uploads").iterdir()) == []


def test_no_number_of_a_pupil_enters_by_a_roll(world):
    """A file by pupil is in order for `check`; the service keeps no identifier, so it takes none."""
    head = "urn,census_on,pupil_ref,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils"
    sent = f"{head}\n100001,2026-10-01,A123456789012,7,F,WBRI,N,none,none,no,1\n"
    with pytest.raises(FormFaults) as told:
        steps.take_roll_file(sent.encode(), by=world.school, now=NOW)
    assert [(f.table, f.column) for f in told.value.faults] == [("roll", "pupil_ref")]
    assert "A123456789012" not in str(told.value) and not MODELS["roll"].objects.exists()
