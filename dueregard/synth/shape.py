"""How big is a made-up force, and what is its borough called? Names, numbers and places are invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

FIRST_URN = 900_001  # far above the numbers that GIAS gives to schools (below 200,000; from memory)


@dataclass(frozen=True, slots=True)
class SchoolKind:
    """One kind of school: its phase, its year groups (0 is Reception), pupils a year group, and words for names."""

    phase: str
    n_schools: int
    low: int
    high: int
    cohort: tuple[int, int]
    word: str
    types: tuple[str, ...]
    sixth_form_share: float = 0.0  # of these schools


@dataclass(frozen=True, slots=True)
class Shape:
    """One force, or one part of a big one. `first_year`: the first academic year begins in its September.

    part: stands in every reference, so that no two parts share one; empty where there is one part. force: the whole
    that it belongs to. is_first, is_first_of_area: writes what stands once in a force, or once in an area. served: share
    of schools with an officer, by phase; None: by the plans of a borough. withdrawn_on: the day on which postings end.
    is_pupil_level: the roll has one row a pupil, of the January census alone; else rows with counts, every term.
    """

    borough: str
    la_code: str
    kinds: tuple[SchoolKind, ...]
    first_year: int = 2021
    n_years: int = 3
    ethnic_shares: tuple[float, ...] = (0.37, 0.13, 0.22, 0.21, 0.07)  # W, M, A, B, O; London-like, illustrative
    fsm_share: float | None = None
    first_urn: int = FIRST_URN
    part: str = ""
    is_first: bool = True
    is_first_of_area: bool = True
    served: Mapping[str, float] | None = None
    force: str = "borough"
    withdrawn_on: date | None = None
    is_pupil_level: bool = False

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first_year, self.first_year + self.n_years))

    @property
    def n_schools(self) -> int:
        return sum(kind.n_schools for kind in self.kinds)

    def school_kinds(self) -> Iterator[SchoolKind]:
        """The kind of each school, in order."""
        for kind in self.kinds:
            yield from (kind for _ in range(kind.n_schools))


BOROUGH = Shape(
    "Exampleham",
    "999",
    (
        SchoolKind("PS", 14, 0, 6, (42, 70), "Primary School", ("Community school", "Academy converter")),
        SchoolKind("SS", 8, 7, 11, (165, 235), "School", ("Academy converter", "Academy sponsor led", "Free school"),
                   sixth_form_share=0.4),
        SchoolKind("SP", 1, 1, 11, (11, 13), "Special School", ("Community special school",)),
        SchoolKind("PR", 1, 8, 11, (18, 24), "Centre", ("Pupil referral unit",)),
    ),
)  # fmt: skip

# Invented.
FIRST_WORDS = ("Alderfold", "Bramblewick", "Cindermoor", "Dunnockdale", "Elmhollow", "Fernquarry", "Gorsebeck",
               "Hazelwharf", "Inkwellby", "Juniperton", "Kestrelholt", "Larkstead", "Mallowmere", "Nettlerise",
               "Otterlow", "Pippinfield", "Quillbrook", "Rookvale", "Sorrelgate", "Thimbleford", "Umbercross",
               "Vetchworth", "Wrenhythe", "Yarrowdene")  # fmt: skip
SECOND_WORDS = ("", "Park", "Green", "Hill", "Common", "Bridge", "Meadow", "Lane")


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of a force. Parts do not share a stream: a new table moves no other.

    >>> bool(stream(1, "roll").random() == stream(1, "roll").random())
    True
    """
    return np.random.default_rng([seed, *name.encode()])
