"""The code lists, read from the CSV files beside this module. A list is a value: name, version, terms."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from dueregard.errors import UnknownName
from dueregard.terms.stages import stage_terms
from dueregard.terms.term import CodeList, Term

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
OWN_TITLES = {"us_federal": "United States federal categories", "yes_no": "Yes, no or unknown"}


def _rows(file_name: str) -> list[dict[str, str]]:
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _term(row: dict[str, str]) -> Term:
    group = row.get("group") or row.get("outcome_group") or ""
    return Term(row["code"], row["label"], group, row["prov"])


@cache
def _own_lists() -> dict[str, tuple[Term, ...]]:
    found: dict[str, list[Term]] = {}
    for row in _rows("own.csv"):
        found.setdefault(row["list"], []).append(_term(row))
    return {name: tuple(terms) for name, terms in found.items()}


@cache
def list_names() -> tuple[str, ...]:
    """Which code lists are there? Official ones first."""
    return (*OFFICIAL, *_own_lists(), "stage", "year_group")


def _year(code: str, label: str) -> Term:
    return Term(code, label, "", "M")


def _year_groups() -> tuple[Term, ...]:
    early = (_year("N1", "Nursery first year"), _year("N2", "Nursery second year"), _year("R", "Reception"))
    return (*early, *(_year(str(n), f"Year {n}") for n in range(1, 15)))


@cache
def code_list(name: str) -> CodeList:
    """What does this list hold?

    Raises UnknownName if there is no such list.

    >>> code_list("sen_provision").labels["K"]
    'SEN support'
    """
    if name in OFFICIAL:
        title, version = OFFICIAL[name]
        return CodeList(name, title, version, tuple(_term(row) for row in _rows(f"{name}.csv")))
    if name == "stage":
        return CodeList(name, "Stage of the ladder", OWN_VERSION, stage_terms())
    if name == "year_group":
        return CodeList(name, "National curriculum year group", OWN_VERSION, _year_groups())
    if name not in _own_lists():
        raise UnknownName("code list", name, list_names())
    return CodeList(name, OWN_TITLES.get(name, name.replace("_", " ").capitalize()), OWN_VERSION, _own_lists()[name])


def list_versions() -> dict[str, str]:
    """Which version of each list (and roll-up) is in use? It is part of a snapshot's id."""
    return {name: code_list(name).version for name in list_names()} | {"to_broad_group": OWN_VERSION}
