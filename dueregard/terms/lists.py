"""The code lists, read from the CSV files beside this module. A list is a value: name, version, terms."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from dueregard.errors import UnknownName
from dueregard.terms.missing import MISSING_LABELS
from dueregard.terms.stages import stage_terms
from dueregard.terms.term import OWN, CodeList, Term

FOLDER = Path(__file__).parent / "lists"

# Official lists: the file's name is the list's name. The version is the edition that was read.
OFFICIAL = {
    "dfe_ethnicity_main": ("School census ethnicity (main codes)", "2026-05"),
    "enrolment_status": ("School census enrolment status", "2026-05"),
    "exclusion_reason": ("School census exclusion reason", "2026-05"),
    "exclusion_type": ("School census exclusion type", "2026-05"),
    "force_tactic": ("Home Office use of force tactics", "2017-18"),
    "ho_outcome": ("Home Office crime outcomes", "2019-04"),
    "hocr_group": ("Home Office counting rules offence groups", "2022"),
    "observed_6plus1": ("Officer-observed ethnicity (6+1)", "1"),
    "ons_2021_19": ("ONS Census 2021 ethnic groups (19)", "2021"),
    "school_phase_census": ("School phase", "2026-05"),
    "sde_16plus1": ("Self-defined ethnicity (16+1)", "2001"),
    "sde_18plus1": ("Self-defined ethnicity (18+1)", "2011"),
    "sde_not_stated_reason": ("Reason why ethnicity is not stated", "1"),
    "sen_provision": ("Special educational needs: provision", "2026-05"),
    "sen_type": ("Special educational needs: type of need", "2026-05"),
    "stop_object": ("Object of search", "2023"),
    "stop_outcome": ("Outcome of a stop and search", "2023"),
}
OWN_VERSION = "1"
OWN_VERSIONS = {"role": "2", "posting_kind": "2"}  # 2: with dates
# Lists that nobody publishes, and short ones that were seen in a publication without a list of its own.
OWN_TITLES = {
    "child_gravity_score": "Child gravity matrix: score",
    "cps_decision": "Decision of the prosecutor",
    "ho_offence_class": "Home Office offence classes of school premises",
    "ho_outcome_group": "Home Office crime outcomes, grouped as in answers to information requests",
    "npcc_type": "Types of incident in `When to call the police` (2020)",
    "police_uk_age_range": "Age range in the open stop and search data",
    "police_uk_gender": "Gender in the open stop and search data",
    "police_uk_observed": "Officer-defined ethnicity in the open stop and search data",
    "school_type": "Type of establishment: usual names, others are allowed",
    "stop_type": "Type of stop and search",
    "us_federal": "United States federal categories",
    "yes_no": "Yes, no or unknown",
}
GROUP_COLUMNS = ("group", "outcome_group")


def _rows(file_name: str) -> list[dict[str, str]]:
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def _dated() -> dict[tuple[str, str], dict[str, str]]:
    """What `dated.csv` says of the days on which a term came into use and went out of it."""
    return {(row["list"], row["code"]): row for row in _rows("dated.csv")}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _term(name: str, row: dict[str, str]) -> Term:
    group = next((row[column] for column in GROUP_COLUMNS if row.get(column)), "")
    dated = _dated().get((name, row["code"]), {})
    days = (_day(dated.get("from_on", "")), _day(dated.get("to_on", "")))
    return Term(row["code"], row["label"], group, row["prov"], *days, dated.get("note", ""))


@cache
def _own_lists() -> dict[str, tuple[Term, ...]]:
    found: dict[str, list[Term]] = {}
    for row in _rows("own.csv"):
        found.setdefault(row["list"], []).append(_term(row["list"], row))
    return {name: tuple(terms) for name, terms in found.items()}


@cache
def list_names() -> tuple[str, ...]:
    """Which code lists are there? Official ones first."""
    return (*OFFICIAL, *_own_lists(), *FROM_CODE)


def _year(code: str, label: str) -> Term:
    return Term(code, label, "", "M")


def _year_groups() -> tuple[Term, ...]:
    early = (_year("N1", "Nursery first year"), _year("N2", "Nursery second year"), _year("R", "Reception"))
    return (*early, *(_year(str(n), f"Year {n}") for n in range(1, 15)))


def _missing_terms() -> tuple[Term, ...]:
    return tuple(Term(str(way), label, "", OWN) for way, label in MISSING_LABELS.items())


FROM_CODE = {
    "stage": ("Stage of the ladder", stage_terms),
    "year_group": ("National curriculum year group", _year_groups),
    "missing": ("Why a characteristic is not known", _missing_terms),
}


@cache
def code_list(name: str) -> CodeList:
    """What does this list hold?

    Raises UnknownName if there is no such list.

    >>> code_list("sen_provision").labels["K"]
    'SEN support'
    """
    if name in OFFICIAL:
        title, version = OFFICIAL[name]
        return CodeList(name, title, version, tuple(_term(name, row) for row in _rows(f"{name}.csv")))
    if name in FROM_CODE:
        title, terms = FROM_CODE[name]
        return CodeList(name, title, OWN_VERSION, terms())
    if name not in _own_lists():
        raise UnknownName("code list", name, list_names())
    title = OWN_TITLES.get(name, name.replace("_", " ").capitalize())
    return CodeList(name, title, OWN_VERSIONS.get(name, OWN_VERSION), _own_lists()[name])
