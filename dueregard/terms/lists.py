"""The code lists, read from the CSV files beside this module. A list is a value: name, version, terms."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dueregard.errors import UnknownName

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
OWN = "own"


@dataclass(frozen=True, slots=True)
class Term:
    """One code of a list. `prov`: S seen, S2 second hand, M from memory, own where nobody publishes one."""

    code: str
    label: str
    group: str = ""
    prov: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """Which codes may stand here, and what do they mean?"""

    name: str
    title: str
    version: str
    terms: tuple[Term, ...]

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(term.code for term in self.terms)

    @property
    def labels(self) -> dict[str, str]:
        return {term.code: term.label for term in self.terms}

    @property
    def is_own(self) -> bool:
        return self.name not in OFFICIAL


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


def _year_groups() -> tuple[Term, ...]:
    early = (Term("N1", "Nursery first year"), Term("N2", "Nursery second year"), Term("R", "Reception"))
    return (*early, *(Term(str(n), f"Year {n}") for n in range(1, 15)))


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
        from dueregard.terms.stages import stage_terms

        return CodeList(name, "Stage of the ladder", OWN_VERSION, stage_terms())
    if name == "year_group":
        return CodeList(name, "National curriculum year group", OWN_VERSION, _year_groups())
    if name not in _own_lists():
        raise UnknownName("code list", name, list_names())
    return CodeList(name, name.replace("_", " ").capitalize(), OWN_VERSION, _own_lists()[name])


def list_versions() -> dict[str, str]:
    """Which version of each list (and roll-up) is in use? It is part of a snapshot's id."""
    return {name: code_list(name).version for name in list_names()} | {"to_broad_group": OWN_VERSION}
