"""Into which chunks is a big force cut, and how many schools and pupils has each? Areas and counts are England's."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files

from dueregard.errors import UnknownName
from dueregard.synth.shape import SIZES, SchoolKind, Shape
from dueregard.terms.ethnicity import BROAD

SCHOOLS_A_CHUNK = 100  # so that two chunks at work stay far below 1 GiB
# 371 Safer Schools officers of the Metropolitan Police moved to ward teams in May 2025 (domain.md 0, finding 3).
WITHDRAWN = date(2025, 5, 30)
# Name in england.csv, the kind, and how many year groups a school's roll is spread over (sixth forms in part).
KINDS = (
    ("primary", "PS", 0, 6, 7.0, "Primary School", ("Community school", "Academy converter"), 0.0),
    ("secondary", "SS", 7, 11, 5.8, "School", ("Academy converter", "Academy sponsor led", "Free school"), 0.6),
    ("special", "SP", 1, 11, 11.0, "Special School", ("Community special school",), 0.0),
    ("pru", "PR", 8, 11, 4.0, "Centre", ("Pupil referral unit",), 0.0),
    ("independent", "AT", 0, 11, 12.6, "Independent School", ("Other independent school",), 0.4),
)  # fmt: skip
COHORT_SPREAD = 0.5  # a year group has from half to one and a half times the mean of its area


@dataclass(frozen=True, slots=True)
class Plan:
    """A big force: which areas of england.csv, from which September, for how many years."""

    only_london: bool
    first_year: int
    n_years: int


PLANS = {"london": Plan(True, 2022, 3), "england": Plan(False, 2020, 5)}


def chunks_of(size: str) -> tuple[Shape, ...]:
    """The chunks of a big force, in order.

    Raises UnknownName if there is no such size.

    >>> shapes = chunks_of("london")
    >>> sum(shape.n_schools for shape in shapes), len({shape.la_code for shape in shapes})
    (2982, 33)
    """
    if size not in PLANS:
        raise UnknownName("size", size, (*SIZES, *PLANS))
    plan = PLANS[size]
    areas = [row for row in _england() if row["is_london"] == "yes" or not plan.only_london]
    parts = [(row, n, kinds) for row in areas for n, kinds in enumerate(_parts(_kinds(row)))]
    return tuple(
        Shape(
            row["name"], row["la_code"], kinds, plan.first_year, plan.n_years,
            ethnic_shares=tuple(float(row[group]) for group in BROAD),
            chunk=chunk, part=part, is_pupil_level=True,
            withdrawn=WITHDRAWN if row["is_london"] == "yes" else None,
        )
        for chunk, (row, part, kinds) in enumerate(parts)
    )  # fmt: skip


def _england() -> list[dict[str, str]]:
    """Schools and their pupils by kind: January 2019. Shares of residents aged 5 to 15: census of 2021.

    Department for Education, school performance tables: school census 2019; Office for National Statistics, Census
    2021. Open Government Licence v3. An area that is no district or unitary authority of 2021 takes the shares of all
    districts of counties together (`ethnicity_of`).
    """
    text = files("dueregard.synth").joinpath("england.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _kinds(row: Mapping[str, str]) -> tuple[SchoolKind, ...]:
    found = []
    for name, phase, low, high, n_groups, word, types, sixth in KINDS:
        n_schools = int(row[name])
        if not n_schools:
            continue
        mean = int(row[f"{name}_pupils"]) / n_schools / n_groups
        cohort = (max(1, round(mean * (1 - COHORT_SPREAD))), max(1, round(mean * (1 + COHORT_SPREAD))))
        found.append(SchoolKind(phase, n_schools, low, high, cohort, word, types, sixth_form_share=sixth))
    return tuple(found)


def _parts(kinds: tuple[SchoolKind, ...]) -> Iterator[tuple[SchoolKind, ...]]:
    """An area in parts of about SCHOOLS_A_CHUNK schools, each with its share of every kind."""
    n_parts = -(-sum(kind.n_schools for kind in kinds) // SCHOOLS_A_CHUNK)
    for part in range(n_parts):
        here = [(kind, kind.n_schools * (part + 1) // n_parts - kind.n_schools * part // n_parts) for kind in kinds]
        yield tuple(replace(kind, n_schools=n) for kind, n in here if n)
