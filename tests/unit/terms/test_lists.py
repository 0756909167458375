"""Every published list is here whole, every coded column has a list, and no list says one code twice."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from dueregard.records.table import Kind
from dueregard.records.tables import TABLES, table
from dueregard.terms.crosswalks import list_versions
from dueregard.terms.lists import FOLDER, OFFICIAL, code_list, list_names
from dueregard.terms.missing import Missing

# The columns of the design that hold a code, table by table.
CODED = {
    "school": ("phase", "type"),
    "calendar": ("term",),
    "roll": ("enrolment_status", "year_group", "sex", "ethnicity", "sen_provision", "sen_type", "disability", "is_fsm"),
    "posting": ("role", "kind"),
    "establishment": ("kind",),
    "contact": ("place_relation", "time_relation", "route", "initiator", "behaviour", "harm_level", "schools_protocol",
                "lowest_response", "why_not_lower"),
    "involvement": ("subject_category", "year_group", "sex", "self_defined_ethnicity", "not_stated_reason",
                    "observed_ethnicity", "sen_provision", "sen_type", "disability", "characteristics_source",
                    "was_known_to_officer", "adjustments_made", "appropriate_adult", "school_later_cleared"),
    "power_use": ("power", "legislation", "search_object", "clothing_removal", "tactic", "item_found", "is_injured"),
    "step": ("stage", "offence_group", "decided_by", "reason"),
    "outcome": ("outcome",),
    "support": ("service", "is_accepted"),
    "service_offer": ("service",),
    "activity": ("kind",),
    "sanction": ("term", "kind", "reason", "ethnicity", "sex", "sen_provision"),
    "survey": ("item", "respondent", "ethnicity", "sex", "sen_provision"),
    "consultation": ("decision", "who", "method"),
    "complaint": ("kind", "outcome"),
    "stage_count": ("stage", "unit", "ethnicity", "sex", "sen_provision", "disability", "state"),
    "collection": ("state",),
}  # fmt: skip
PROVENANCE = {"S", "S2", "M", "own", "S code+label", "S label, M number"}


def rows_of(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_row_of_every_published_list_is_here(shared):
    """Not a code, a label, a group or a provenance of the shared lists is lost or changed."""
    files = sorted((shared / "standards").glob("*.csv"))
    assert len(files) >= 17
    assert {file.stem for file in files} <= set(OFFICIAL)
    for file in files:
        assert rows_of(file) == rows_of(FOLDER / file.name), file.name
        assert [row["code"] for row in rows_of(file)] == list(code_list(file.stem).codes)


@pytest.mark.parametrize("name", CODED)
def test_every_coded_column_of_the_design_has_a_list(name):
    assert [column for column in CODED[name] if not table(name).column(column).lists] == []


def test_no_coded_column_is_without_a_list():
    assert [f"{t.name}.{c.name}" for t in TABLES for c in t.columns if c.kind is Kind.CODE and not c.lists] == []


@pytest.mark.parametrize("name", list_names())
def test_a_list_says_each_code_once_and_where_it_was_seen(name):
    found = code_list(name)
    assert len(set(found.codes)) == len(found.codes) > 0
    assert all(term.code.strip() == term.code and term.label for term in found)
    assert {term.prov for term in found} <= PROVENANCE
    assert found.title and found.version == list_versions()[name]


def test_the_same_act_has_one_list():
    """A school's sanction and a contact can be compared because the act has the same words."""
    assert table("sanction").column("reason").lists == table("contact").column("behaviour").lists
    assert set(code_list("exclusion_type").codes) <= set(code_list("sanction_kind").codes)


def test_no_column_takes_one_code_from_two_lists_with_two_meanings():
    """`sex` and the like have one list; those of ethnicity share codes only where they mean the same broad group."""
    for declared in TABLES:
        for column in declared.columns:
            labels: dict[str, set[str]] = {}
            for name in column.lists:
                for term in code_list(name):
                    labels.setdefault(term.code, set()).add(term.label.casefold())
            if "ethnicity" not in column.name:
                assert {code: said for code, said in labels.items() if len(said) > 1} == {}, column.name


def test_every_dated_row_names_a_term():
    for row in rows_of(FOLDER / "dated.csv"):
        assert row["code"] in code_list(row["list"]).codes
        assert row["note"]


def test_a_term_is_in_use_between_its_dates():
    """Outcome 22 came on 1 April 2019, and outcome 21 in January 2016."""
    terms = {term.code: term for term in code_list("ho_outcome")}
    assert not terms["22"].is_in_use(date(2019, 3, 31))
    assert terms["22"].is_in_use(date(2019, 4, 1))
    assert not terms["21"].is_in_use(date(2015, 12, 31))
    assert terms["8"].is_in_use(date(1990, 1, 1))


def test_the_ways_of_missing_are_a_list():
    assert set(code_list("missing").codes) == set(map(str, Missing))
