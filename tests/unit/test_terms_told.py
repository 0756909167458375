"""`dueregard terms`: lists, crosswalks, one of either; the same as text and as JSON."""

from __future__ import annotations

import json

import pytest

from dueregard.cli import main


def told(capsys, *tokens):
    assert main(["terms", *tokens]) == 0
    return capsys.readouterr().out


def test_lists_say_where_they_lead(capsys):
    document = json.loads(told(capsys, "--json"))
    census = next(x for x in document if x["name"] == "dfe_ethnicity_main")
    assert census["crosswalks_to"] == ["ons_2021_19", "sde_16plus1", "sde_18plus1", "broad_group"]
    assert census["codes"] == 20
    assert "us_federal" in told(capsys)


def test_a_list_shows_its_codes_where_they_go_and_what_is_lost(capsys):
    text = told(capsys, "sde_18plus1")
    row = next(line for line in text.splitlines() if line.startswith("W3 "))
    assert "WIRT or WROM !" in row and "3 or 4 !" in row and "W9 !" in row
    assert "What can no longer be told:" in text
    assert "Chinese is in Asian under 18+1 and in Other under 16+1" in text
    steps = next(x for x in json.loads(told(capsys, "sde_18plus1", "--json")) if x["code"] == "A4")["steps"]
    assert {(s["to_list"], s["to_code"], bool(s["loss"])) for s in steps} == {
        ("dfe_ethnicity_main", "CHNE", False), ("ons_2021_19", "13", False), ("sde_16plus1", "O1", True),
        ("broad_group", "A", False),
    }  # fmt: skip


def test_a_dated_list_shows_its_dates(capsys):
    assert "2019-04-01" in told(capsys, "ho_outcome")
    role = {x["code"]: x for x in json.loads(told(capsys, "role", "--json"))}
    assert role["cyp_specialist"]["from_on"] == "2025-05-01"
    assert role["response_officer"]["from_on"] is None
    assert "London" in role["safer_schools_officer"]["note"]


def test_crosswalks_are_listed(capsys):
    text = told(capsys, "--crosswalks")
    assert "sde_16plus1_to_sde_18plus1" in text
    document = json.loads(told(capsys, "us_federal", "--crosswalks", "--json"))
    assert document == []
    document = json.loads(told(capsys, "sde_not_stated_reason", "--crosswalks", "--json"))
    assert [(x["to_list"], x["ambiguous"], x["lossy"]) for x in document] == [("missing", [], [])]


def test_one_crosswalk_is_shown(capsys):
    text = told(capsys, "sde_16plus1_to_sde_18plus1")
    assert "W9 Any other White background or W3 White - Gypsy or Irish Traveller" in text
    steps = json.loads(told(capsys, "sde_16plus1_to_sde_18plus1", "--json"))
    assert [s["to_code"] for s in steps if s["from_code"] == "O9"] == ["O9", "O2"]


def test_a_crosswalk_says_how_many_of_a_snapshot_it_touches(capsys, borough_snapshot):
    touched = json.loads(told(capsys, "sde_18plus1_to_sde_16plus1", "--snapshot", str(borough_snapshot), "--json"))
    of_list = json.loads(told(capsys, "sde_18plus1", "--snapshot", str(borough_snapshot), "--json"))
    assert {x["code"] for x in touched} == {"A4", "O2", "W3"}
    assert touched == [x for x in of_list if (x["from_list"], x["to_list"]) == ("sde_18plus1", "sde_16plus1")]


@pytest.mark.parametrize("tokens", [["colours"], ["colours", "--crosswalks"]])
def test_an_unknown_list_is_refused(tokens, capsys):
    assert main(["terms", *tokens]) == 2
    assert "There is no code list `colours`" in capsys.readouterr().err
