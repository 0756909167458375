"""How many pupils and involvements each code bears, and what is lost: small tables and their arithmetic, on every engine."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.evidence.loss import losses, touched
from dueregard.measures.question import question
from dueregard.records.tables import table

TODAY = date(2026, 11, 23)
ENGINES = ("duckdb", "reference")

PUPILS = {
    "school": [{"urn": "1", "name": "One"}, {"urn": "2", "name": "Two"}],
    # School 1 has an older census too, which is not its latest. S is a second registration: not on roll.
    "roll": [
        {"urn": "1", "census_on": "2023-01-19", "ethnicity": "OOTH", "n_pupils": "500", "enrolment_status": "C"},
        {"urn": "1", "census_on": "2024-01-18", "ethnicity": "OOTH", "n_pupils": "7", "sex": "F", "enrolment_status": "C"},
        {"urn": "1", "census_on": "2024-01-18", "ethnicity": "OOTH", "n_pupils": "5", "sex": "M", "enrolment_status": "M"},
        {"urn": "1", "census_on": "2024-01-18", "ethnicity": "OOTH", "n_pupils": "40", "enrolment_status": "S"},
        {"urn": "1", "census_on": "2024-01-18", "ethnicity": "WBRI", "n_pupils": "90", "enrolment_status": "C"},
        {"urn": "2", "census_on": "2023-01-19", "ethnicity": "CHNE", "n_pupils": "3", "enrolment_status": "C"},
        {"urn": "2", "census_on": "2023-01-19", "ethnicity": "OOTH", "n_pupils": "2", "enrolment_status": "C"},
        {"urn": "2", "census_on": "2023-01-19", "ethnicity": "", "n_pupils": "4", "enrolment_status": "C"},
    ],
    "contact": [{"contact_ref": f"c{n}", "urn": "1", "occurred_at": "2024-01-15T10:00"} for n in range(5)],
    "involvement": [
        {"contact_ref": "c0", "pupil_ref": "a", "self_defined_ethnicity": "W3", "observed_ethnicity": "IC1"},
        {"contact_ref": "c1", "pupil_ref": "a", "self_defined_ethnicity": "W3", "observed_ethnicity": "IC5"},
        {"contact_ref": "c2", "pupil_ref": "b", "self_defined_ethnicity": "NS", "observed_ethnicity": "IC9"},
        {"contact_ref": "c3", "pupil_ref": "b", "self_defined_ethnicity": "NS", "not_stated_reason": "N4"},
        {"contact_ref": "c3", "pupil_ref": "c", "self_defined_ethnicity": "NS", "not_stated_reason": "N1"},
        {"contact_ref": "c4", "pupil_ref": "not_identified", "self_defined_ethnicity": "W3"},
        {"contact_ref": "c4", "pupil_ref": "d", "self_defined_ethnicity": "W1", "subject_category": "victim"},
    ],
    "collection": [{"urn": "*", "subject": "contact", "from_on": "2023-09-01", "to_on": "2024-08-31", "state": "complete"}],
}  # fmt: skip

COUNTED = {
    "school": [{"urn": "1", "name": "One"}, {"urn": "2", "name": "Two"}],
    # `all:a` splits ethnicity alone, `all:b` ethnicity and sex: the one with fewest columns is read.
    "roll": [
        {"urn": "1", "census_on": "2024-01-18", "tabulation": "all:a", "ethnicity": "OOTH", "n_pupils": "11", "state": "counted"},
        {"urn": "2", "census_on": "2024-01-18", "tabulation": "all:a", "ethnicity": "OOTH", "n_pupils": "", "state": "suppressed"},
        {"urn": "1", "census_on": "2024-01-18", "tabulation": "all:a", "ethnicity": "CHNE", "n_pupils": "", "state": "suppressed"},
        {"urn": "2", "census_on": "2024-01-18", "tabulation": "all:a", "ethnicity": "CHNE", "n_pupils": "", "state": "not_collected"},
        {"urn": "2", "census_on": "2024-01-18", "tabulation": "all:a", "ethnicity": "WROM", "n_pupils": "", "state": "not_applicable"},
        {"urn": "1", "census_on": "2024-01-18", "tabulation": "all:b", "ethnicity": "OOTH", "sex": "F", "n_pupils": "999", "state": "counted"},
        {"urn": "1", "census_on": "2024-01-18", "tabulation": "504", "ethnicity": "OOTH", "n_pupils": "888", "state": "counted"},
    ],
    "stage_count": [
        {"urn": "1", "period": "2023/24", "stage": "arrested", "unit": "pupils", "ethnicity": "OOTH", "n": "2", "state": "counted"},
        {"urn": "2", "period": "2023/24", "stage": "arrested", "unit": "pupils", "ethnicity": "OOTH", "n": "", "state": "suppressed"},
        {"urn": "1", "period": "2022/23", "stage": "arrested", "unit": "pupils", "ethnicity": "OOTH", "n": "6", "state": "counted"},
        {"urn": "1", "period": "2023/24", "stage": "arrested", "unit": "involvements", "ethnicity": "OOTH", "n": "5", "state": "counted"},
        {"urn": "1", "period": "2023/24", "stage": "arrested", "unit": "events", "ethnicity": "OOTH", "n": "9", "state": "counted"},
    ],
}  # fmt: skip
DEFAULTS = {"involvement": {"subject_category": "subject_of_concern"}}


def write(tables, folder):
    folder.mkdir()
    for name, rows in tables.items():
        given = {column for row in rows for column in row}
        columns = [c for c in table(name).columns if c.name in given or not c.optional]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(c.name for c in columns)
            for row in rows:
                has = (
                    {c.name: "all" for c in columns if c.tabulated and "tabulation" in given}
                    | DEFAULTS.get(name, {})
                    | row
                )
                if name == "stage_count":
                    has = {c.name: "all" for c in columns if c.tabulated} | row
                writer.writerow(has.get(c.name, "") for c in columns)
    return Source(folder)


def freeze(tables, folder):
    return steps.freeze([write(tables, folder / "native")], folder / "snapshots", today=TODAY)[0]


def counts(snapshot, engine):
    return {c.place: (c.n_pupils, c.n_involvements, c.n_cells_unknown) for c in steps.open_engine(snapshot, engine).completeness().codes}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_codes_of_pupils_and_involvements(engine, tmp_path):
    found = counts(freeze(PUPILS, tmp_path), engine)
    assert found == {
        ("roll", "ethnicity", "", "OOTH", ""): (7 + 5 + 2, None, 0),
        ("roll", "ethnicity", "", "WBRI", ""): (90, None, 0),
        ("roll", "ethnicity", "", "CHNE", ""): (3, None, 0),
        # a twice, and one who could not be told apart: one pupil, three involvements
        ("involvement", "self_defined_ethnicity", "", "W3", ""): (1, 2 + 1, 0),
        ("involvement", "self_defined_ethnicity", "", "NS", ""): (1, 1, 0),
        ("involvement", "self_defined_ethnicity", "", "NS", "N1"): (1, 1, 0),
        ("involvement", "self_defined_ethnicity", "", "NS", "N4"): (1, 1, 0),
        ("involvement", "self_defined_ethnicity", "", "W1", ""): (1, 1, 0),
        ("involvement", "observed_ethnicity", "", "IC1", ""): (1, 1, 0),
        ("involvement", "observed_ethnicity", "", "IC5", ""): (1, 1, 0),
        ("involvement", "observed_ethnicity", "", "IC9", ""): (1, 1, 0),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_a_registration_that_is_unknown_is_on_roll(engine, tmp_path):
    """A blank is, so an answer *unknown* is too: in the codes and in a figure's denominator alike."""
    roll = [row | {"enrolment_status": "unknown"} if row["enrolment_status"] == "S" else row for row in PUPILS["roll"]]
    snapshot = freeze(PUPILS | {"roll": roll}, tmp_path)
    assert counts(snapshot, engine)["roll", "ethnicity", "", "OOTH", ""] == (7 + 5 + 40 + 2, None, 0)
    cells = steps.open_engine(snapshot, engine).count(question("contact", unit="involvements")).whole
    assert {c.codes: c.denominator for c in cells}["O",] == 7 + 5 + 40  # school 2 returned no census of this year


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cell_that_is_not_known_is_not_zero(engine, tmp_path):
    found = counts(freeze(COUNTED, tmp_path), engine)
    assert found == {
        ("roll", "ethnicity", "", "OOTH", ""): (11, None, 1),
        ("roll", "ethnicity", "", "CHNE", ""): (None, None, 2),
        ("roll", "ethnicity", "", "WROM", ""): (0, None, 0),  # nobody could be there: that is known
        ("stage_count", "ethnicity", "arrested 2023/24 pupils", "OOTH", ""): (2, None, 1),
        ("stage_count", "ethnicity", "arrested 2022/23 pupils", "OOTH", ""): (6, None, 0),
        ("stage_count", "ethnicity", "arrested 2023/24 involvements", "OOTH", ""): (None, 5, 0),
    }


def lost(snapshot, engine="duckdb"):
    found = losses(steps.open_engine(snapshot, engine).completeness().codes)
    return {(x.counted.table, x.counted.part, x.code, x.to_list): (x.targets, *touched(x)) for x in found}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_lost_of_a_small_snapshot(engine, tmp_path):
    found = lost(freeze(PUPILS, tmp_path), engine)
    assert found["roll", "", "OOTH", "sde_18plus1"] == (("O9", "O2"), "14", "-")
    assert found["roll", "", "OOTH", "broad_group"] == (("O",), "14", "-")
    assert found["roll", "", "CHNE", "sde_16plus1"] == (("O1",), "3", "-")
    assert found["involvement", "", "W3", "dfe_ethnicity_main"] == (("WIRT", "WROM"), "1", "3")
    # NS with a reason loses nothing: of three rows one is left
    assert found["involvement", "", "NS", "broad_group"] == (("not_stated",), "1", "1")
    assert found["involvement", "", "IC5", "police_uk_observed"] == (("Other", "Asian"), "1", "1")
    assert {code for _, _, code, _ in found} == {"OOTH", "CHNE", "W3", "NS", "IC1", "IC5"}


def test_the_lists_are_those_that_hold_every_code_of_the_column(tmp_path):
    """W3 is in 18+1 alone, so no step of 16+1 is told, though the two share W1 and NS."""
    snapshot = freeze(PUPILS, tmp_path)
    found = losses(steps.open_engine(snapshot).completeness().codes)
    assert {x.from_list for x in found if x.counted.column == "self_defined_ethnicity"} == {"sde_18plus1"}


def test_a_loss_of_cells_not_known_says_so(tmp_path):
    found = lost(freeze(COUNTED, tmp_path))
    assert found["roll", "", "OOTH", "broad_group"][1:] == ("11, and 1 cell not known", "-")
    assert found["roll", "", "CHNE", "broad_group"][1:] == ("not known (2 cells)", "-")
    assert found["stage_count", "arrested 2023/24 pupils", "OOTH", "broad_group"][1:] == ("2, and 1 cell not known", "-")  # fmt: skip
    assert found["stage_count", "arrested 2023/24 involvements", "OOTH", "broad_group"][1:] == ("-", "5")


def test_what_the_command_says_is_the_same(tmp_path, capsys):
    snapshot = freeze(PUPILS, tmp_path)
    assert main(["terms", "sde_18plus1", "--snapshot", str(snapshot.path)]) == 0
    text = capsys.readouterr().out
    assert "Travellers of Irish heritage cannot be told from Gypsy/Roma" in text
    for engine in ENGINES:
        assert main(["terms", "--snapshot", str(snapshot.path), "--engine", engine, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        row = next(r for r in document if (r["code"], r["to_list"]) == ("W3", "sde_16plus1"))
        assert (row["n_pupils"], row["n_involvements"], row["to_codes"]) == (1, 3, ["W9"])
        assert [r["code"] for r in document if r["is_in_figures"]] == ["NS", "CHNE", "OOTH"]


def test_a_snapshot_without_ethnicity_loses_nothing_and_says_so(tmp_path, capsys):
    snapshot = freeze({"school": PUPILS["school"]}, tmp_path)
    assert main(["terms", "--snapshot", str(snapshot.path)]) == 0
    assert "No lossy step is touched" in capsys.readouterr().out


def test_the_us_files_lose_nothing(crdc_2013):
    """Their categories are the groups of the figures."""
    assert losses(steps.open_engine(steps.open_snapshot(crdc_2013)).completeness().codes) == ()
