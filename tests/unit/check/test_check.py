"""The rules: each refuses what it should and nothing else, in one pass; accepted + rejected = read."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.check.rules import row_rules
from dueregard.collect import readers
from dueregard.collect.collect import Source
from dueregard.records.tables import TABLES

TODAY = date(2026, 11, 23)
TABLES_TEXT = {
    "school": "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n",
    "contact": (
        "contact_ref,urn,occurred_at,recorded_at,officer_ref,place_relation,time_relation,route,initiator,behaviour,"
        "harm_level,schools_protocol,lowest_response,why_not_lower\n"
        "C1,1,2023-10-02T10:15,2023-10-02T12:00,O1,on_site,lesson,school_staff_report,staff,VA,low,applied,advice,unknown\n"
    ),
    "involvement": (
        "contact_ref,pupil_ref,subject_category,age,year_group,sex,self_defined_ethnicity,observed_ethnicity,sen_provision,"
        "sen_type,disability,characteristics_source,was_known_to_officer,adjustments_made,appropriate_adult,school_later_cleared\n"
        "C1,P1,suspect,14,9,M,B1,IC3,K,ASD,disabled,school,no,not_needed,present,unknown\n"
    ),
    "step": "contact_ref,pupil_ref,stage,occurred_on,decided_by,reason\nC1,P1,arrested,2023-10-02,officer,evidence\n",
    "roll": (
        "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils\n"
        "1,2024-01-18,9,M,BCRB,K,ASD,disabled,no,20\n"
    ),
}


def judge(tmp_path: Path, **changed: str):
    for name, text in {**TABLES_TEXT, **changed}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return steps.check([Source(tmp_path)], today=TODAY)


def edited(table: str, old: str, new: str) -> dict[str, str]:
    assert old in TABLES_TEXT[table]
    return {table: TABLES_TEXT[table].replace(old, new)}


def test_the_clean_folder_is_clean(tmp_path):
    checked = judge(tmp_path)
    assert checked.findings == ()
    assert all((r.accepted, r.rejected) == (1, 0) for r in checked.reports)


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        (edited("involvement", "suspect", "villain"), "E_CODELIST", "subject_category"),
        (edited("involvement", ",K,ASD", ",K,autism diagnosed 2019"), "E_CODELIST", "sen_type"),
        (edited("involvement", ",14,", ",fourteen,"), "E_TYPE", "age"),
        (edited("involvement", ",14,", ",140,"), "E_RANGE", "age"),
        (edited("involvement", ",P1,", ",P\u200b1,"), "E_PATTERN", "pupil_ref"),
        (edited("involvement", ",P1,", ",,"), "E_BLANK", "pupil_ref"),
        (edited("contact", "2023-10-02T10:15", "2023-13-02T10:15"), "E_DATE_FORMAT", "occurred_at"),
        (edited("contact", "2023-10-02T10:15", "02/10/2023"), "E_DATE_FORMAT", "occurred_at"),
        (edited("contact", "2023-10-02T10:15", "2027-01-01T10:15"), "E_DATE_RANGE", "occurred_at"),
        (edited("contact", "C1,1,", "C1,9,"), "E_UNKNOWN_URN", "urn"),
        (edited("step", "C1,", "C9,"), "E_UNKNOWN_KEY", "contact_ref"),
        (edited("step", ",P1,", ",P9,"), "E_UNKNOWN_KEY", "pupil_ref"),
        (edited("step", "arrested", "charged"), "E_CODELIST", "stage"),
        (edited("roll", ",20\n", ",-9\n"), "E_RANGE", "n_pupils"),
        (edited("roll", ",20\n", ",\n"), "E_CONFLICT", "n_pupils"),
        ({"involvement": TABLES_TEXT["involvement"] + TABLES_TEXT["involvement"].splitlines()[1] + "\n"}, "E_DUPLICATE_KEY", "contact_ref"),
        ({"involvement": TABLES_TEXT["involvement"] + TABLES_TEXT["involvement"].splitlines()[1].replace(",M,", ",F,") + "\n"},
         "E_CONFLICT", "contact_ref"),
        ({"posting": "posting_ref,officer_ref,urn,role,kind,from_on,to_on\nQ,O,1,other,cluster,2023-09-01,2023-08-01\n"}, "E_DATE_RANGE", "to_on"),
        ({"collection": "urn,subject,from_on,to_on,state\n1,colour,2023-09-01,2024-08-31,complete\n"}, "E_CODELIST", "subject"),
        ({"collection": "urn,subject,from_on,to_on,state\n9,contact,2023-09-01,2024-08-31,complete\n"}, "E_UNKNOWN_URN", "urn"),
        ({"stage_count": "urn,period,stage,unit,ethnicity,sex,sen_provision,disability,tabulation,n,state\n"
                         "1,2023/24,arrested,pupils,W,all,all,all,all,3,counted\n"}, "E_CONFLICT", "stage"),
        ({"stage_count": "urn,period,stage,unit,ethnicity,sex,sen_provision,disability,tabulation,n,state\n"
                         "1,2023/25,detained,pupils,W,all,all,all,all,3,counted\n"}, "E_PATTERN", "period"),
    ],
)  # fmt: skip
def test_one_fault_one_code(changed, code, column, tmp_path):
    checked = judge(tmp_path, **changed)
    assert (code, column) in {(f.code, f.column) for f in checked.errors}


def test_the_same_row_again_is_refused_once_and_a_conflict_twice(tmp_path):
    row = TABLES_TEXT["involvement"].splitlines()[1]
    again = judge(tmp_path, involvement=TABLES_TEXT["involvement"] + f"{row}\n")
    assert [(r.accepted, r.rejected) for r in again.reports if r.table == "involvement"] == [(1, 1)]


def test_a_conflict_takes_neither_and_never_the_last(tmp_path):
    row = TABLES_TEXT["involvement"].splitlines()[1].replace(",M,", ",F,")
    both = judge(tmp_path, involvement=TABLES_TEXT["involvement"] + f"{row}\n")
    assert [(r.accepted, r.rejected) for r in both.reports if r.table == "involvement"] == [(0, 2)]


def test_unidentified_pupils_may_share_a_contact(tmp_path):
    row = TABLES_TEXT["involvement"].splitlines()[1].replace(",P1,", ",not_identified,")
    checked = judge(tmp_path, involvement=TABLES_TEXT["involvement"] + f"{row}\n{row}\n")
    assert checked.errors == ()


def test_every_fault_is_found_in_one_pass(tmp_path):
    changed = {
        **edited("involvement", "suspect", "villain"),
        **edited("roll", "2024-01-18", "January"),
        **edited("contact", "on_site", "behind the bins"),
    }
    found = {(f.table, f.code, f.column) for f in judge(tmp_path, **changed).errors}
    assert found == {
        ("involvement", "E_CODELIST", "subject_category"), ("roll", "E_DATE_FORMAT", "census_on"),
        ("contact", "E_CODELIST", "place_relation"), ("involvement", "E_UNKNOWN_KEY", "contact_ref"),
        ("step", "E_UNKNOWN_KEY", "contact_ref"), ("step", "E_UNKNOWN_KEY", "pupil_ref"),
    }  # fmt: skip


def test_a_nil_return_beside_contacts_is_told(tmp_path):
    nil = "urn,subject,from_on,to_on,state\n1,contact,2023-09-01,2024-08-31,nil\n"
    assert [(f.code, f.lines) for f in judge(tmp_path, collection=nil).findings] == [("W_NIL_WITH_ROWS", (2,))]


def test_the_same_step_twice_is_one_step(tmp_path):
    row = TABLES_TEXT["step"].splitlines()[1]
    checked = judge(tmp_path, step=TABLES_TEXT["step"] + f"{row}\n")
    assert [(r.accepted, r.rejected) for r in checked.reports if r.table == "step"] == [(1, 1)]


def test_no_return_is_a_warning_and_no_zero(tmp_path):
    checked = judge(tmp_path, school=TABLES_TEXT["school"] + "2,Two,South,,SS,,\n")
    assert [(f.code, f.lines) for f in checked.findings] == [("W_NO_RETURN", (3,))]
    assert checked.errors == ()


@pytest.mark.parametrize("seed", range(8))
def test_accepted_and_rejected_make_what_was_read(seed, borough, tmp_path):
    """Random bytes of random tables are overwritten; every data line is still accounted for."""
    draw = random.Random(seed)
    n_lines = {}
    for file in sorted(borough.glob("*.csv")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for _ in range(5):
            at = draw.randrange(1, len(lines))
            fields = lines[at].split(",")
            fields[draw.randrange(len(fields))] = draw.choice(["", "???", "-1", "2031-01-01", "x" * 300, "=1+1"])
            lines[at] = ",".join(fields)
        (tmp_path / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        n_lines[file.name] = len(lines) - 1
    checked = steps.check([Source(tmp_path)], today=TODAY)
    assert {r.file: r.read for r in checked.reports if r.file in n_lines} == n_lines


def test_every_column_of_every_table_has_a_rule():
    for table in TABLES:
        ruled = {rule.column for rule in row_rules(table, TODAY)}
        assert ruled >= {c.name for c in table.columns}


def supported(contact_ref: str) -> str:
    return (
        "support_ref,pupil_ref,urn,contact_ref,service,offered_on,is_accepted\n"
        f"S1,P1,1,{contact_ref},mentoring,2023-10-03,yes\n"
    )


@pytest.mark.parametrize(("named", "told"), [("C1", []), ("", []), ("C9", ["W_UNKNOWN_LINK"])])
def test_help_that_names_an_unknown_contact_is_told_and_kept(named, told, tmp_path):
    checked = judge(tmp_path, support=supported(named))
    assert [f.code for f in checked.findings if f.table == "support"] == told
    assert [(r.read, r.accepted) for r in checked.reports if r.table == "support"] == [(1, 1)]


ROLL_ROWS = "urn,census_on,pupil_ref,enrolment_status,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,tabulation,n_pupils\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1,2024-01-18,,C,9,M,BCRB,K,ASD,disabled,yes,all,20", "1,2024-01-18,,C,9,M,BCRB,K,ASD,disabled,Y,all,20"),
        ("1,2024-01-18,,C,9,M,BCRB,K,ASD,yes,1,all,20", "1,2024-01-18,,C,9,M,BCRB,K,ASD,disabled,Y,,020"),
        ("1,2024-01-18,,C,9,M,,K,ASD,disabled,no,,20", "1,2024-01-18,,C,9,M,not_recorded,K,ASD,disabled,0,all,20"),
    ],
)
@pytest.mark.parametrize("big", [1, 1 << 26])
def test_keys_are_compared_by_what_they_mean(first, second, big, tmp_path, monkeypatch):
    """Y and yes are stored alike: rows that differ in them alone would be one cell, counted twice."""
    monkeypatch.setattr(readers, "BIG", big)
    again = judge(tmp_path, roll=f"{ROLL_ROWS}{first}\n{second}\n")
    assert [(f.code, f.lines) for f in again.errors] == [("E_DUPLICATE_KEY", (3,))]
    differs = judge(tmp_path, roll=f"{ROLL_ROWS}{first}\n{second[:-2]}77\n")
    assert [(f.code, f.lines) for f in differs.errors] == [("E_CONFLICT", (2, 3))]


def test_a_pupil_stands_once_on_a_roll_whatever_the_spelling(tmp_path):
    rows = "1,2024-01-18,P1,C,9,M,BCRB,K,ASD,disabled,no,all,1\n1,2024-01-18,P1,C,9,M,WBRI,K,ASD,disabled,no,,1\n"
    checked = judge(tmp_path, roll=ROLL_ROWS + rows)
    assert [(f.code, f.lines) for f in checked.errors] == [("E_CONFLICT", (2, 3))]


@pytest.mark.parametrize("day", ["20240-01-18", "2024-01-18 (BC)", "2024-1-18", "2024-01-18T00:00", "+2024-01-18"])
def test_a_day_has_four_figures_two_and_two(day, tmp_path):
    checked = judge(tmp_path, **edited("roll", "2024-01-18", day))
    assert {(f.code, f.column) for f in checked.errors if f.table == "roll"} == {("E_DATE_FORMAT", "census_on")}


TWO_SCHOOLS = "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,South,,SS,,\n"


def on_roll(urn: int, *, ethnicity: str = "BCRB", year: int = 9) -> str:
    return f"{urn},2024-01-18,P1,C,{year},M,{ethnicity},K,ASD,disabled,no,all,1\n"


def statuses(checked) -> list[tuple]:
    return checked.intake.connection.execute("SELECT urn, enrolment_status FROM roll ORDER BY urn").fetchall()


@pytest.mark.parametrize(
    "refused",
    [
        on_roll(1, ethnicity="villain"),  # by a rule of its column
        on_roll(1) + on_roll(1, year=8),  # by what it shares with another row
    ],
)
@pytest.mark.parametrize("big", [1, 1 << 26])
def test_a_refused_row_makes_no_registration_subsidiary(refused, big, tmp_path, monkeypatch):
    """It counts nowhere: where it took the place of the main one, the pupil was on no roll at all."""
    monkeypatch.setattr(readers, "BIG", big)
    checked = judge(tmp_path, school=TWO_SCHOOLS, roll=ROLL_ROWS + refused + on_roll(2))
    assert statuses(checked) == [("2", "C")]
    assert "W_DUAL_ROLL" not in {f.code for f in checked.findings}


def test_the_same_registration_twice_stays_once(tmp_path):
    checked = judge(tmp_path, school=TWO_SCHOOLS, roll=ROLL_ROWS + on_roll(1) * 2)
    assert [(f.code, f.lines) for f in checked.errors] == [("E_DUPLICATE_KEY", (3,))]
    assert statuses(checked) == [("1", "C")]


@pytest.mark.parametrize("time", ["2023-10-02T24:00", "2023-10-02T24:00:00", "2023-10-02T10:60"])
def test_no_time_is_moved_to_another(time, tmp_path):
    """24:00 would be stored as the day after, which may be another year, or another census."""
    checked = judge(tmp_path, **edited("contact", "2023-10-02T10:15", time))
    assert ("E_DATE_FORMAT", "occurred_at") in {(f.code, f.column) for f in checked.errors}


@pytest.mark.parametrize(("fte", "is_held"), [("0.5", True), ("0.25", True), ("1.000", True), ("0.004", False), ("0.333", False)])  # fmt: skip
def test_no_number_is_rounded(fte, is_held, tmp_path):
    header = "posting_ref,officer_ref,urn,role,kind,fte,from_on,to_on\n"
    checked = judge(tmp_path, posting=f"{header}Q,O1,1,other,cluster,{fte},2023-09-01,\n")
    assert [(f.code, f.column) for f in checked.errors] == ([] if is_held else [("E_TYPE", "fte")])


@pytest.mark.parametrize(
    ("pupil", "n", "code"),
    [("P1", "1", None), ("P1", "01", None), ("P1", "30", "E_CONFLICT"), ("P1", "0", "E_CONFLICT"), ("", "30", None),
     ("not_identified", "30", None)],
)  # fmt: skip
def test_a_row_of_one_pupil_counts_one(pupil, n, code, tmp_path):
    checked = judge(tmp_path, roll=f"{ROLL_ROWS}1,2024-01-18,{pupil},C,9,M,BCRB,K,ASD,disabled,no,all,{n}\n")
    assert [(f.code, f.column) for f in checked.errors] == ([(code, "n_pupils")] if code else [])


@pytest.mark.parametrize(
    ("least", "most", "is_right"), [("2", "9", True), ("9", "9", True), ("9", "2", False), ("9", "", True)]
)
def test_the_least_is_not_above_the_most(least, most, is_right, tmp_path):
    header = "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils,state,at_least,at_most\n"
    checked = judge(tmp_path, roll=f"{header}1,2024-01-18,9,M,BCRB,K,ASD,disabled,no,,suppressed,{least},{most}\n")
    assert [(f.code, f.column) for f in checked.errors] == ([] if is_right else [("E_RANGE", "at_least")])
