"""How big is a made-up force, and what is its borough called? Names, numbers and places are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from dueregard.errors import UnknownName

# A London-like borough, in the order of BROAD (W, M, A, B, O). Illustrative.
BOROUGH_SHARES = (0.37, 0.13, 0.22, 0.21, 0.07)
URNS_A_CHUNK = 200
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
    """A force, or one chunk of a bigger one. `first_year`: the first academic year begins in its September.

    ethnic_shares: of the area's pupils, in the order of BROAD. chunk: its number, which keeps its keys apart.
    part: of an area of several chunks. is_pupil_level: a roll row is a pupil in January, not a count in each term.
    withdrawn: the last day of Safer Schools officers.
    """

    borough: str
    la_code: str
    kinds: tuple[SchoolKind, ...]
    first_year: int = 2021
    n_years: int = 3
    ethnic_shares: tuple[float, ...] = BOROUGH_SHARES
    chunk: int = 0
    part: int = 0
    is_pupil_level: bool = False
    withdrawn: date | None = None

    @property
    def area(self) -> str:
        """The name of the area; of each of its parts but the first, with a number."""
        return f"{self.borough} {self.part + 1}" if self.part else self.borough

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

# Invented, like their endings in a bigger force.
FIRST_WORDS = ("Alderfold", "Bramblewick", "Cindermoor", "Dunnockdale", "Elmhollow", "Fernquarry", "Gorsebeck",
               "Hazelwharf", "Inkwellby", "Juniperton", "Kestrelholt", "Larkstead", "Mallowmere", "Nettlerise",
               "Otterlow", "Pippinfield", "Quillbrook", "Rookvale", "Sorrelgate", "Thimbleford", "Umbercross",
               "Vetchworth", "Wrenhythe", "Yarrowdene")  # fmt: skip

ENDINGS = ("Green", "Park", "Hill", "Bridge", "Road", "Common", "Lane", "Field", "Grove", "Cross", "Mead")

BIG_SIZES = ("london", "england")  # see chunks.py
SIZES: dict[str, Shape] = {"borough": BOROUGH}


def shape_of(size: str) -> Shape:
    """The shape of a size.

    Raises UnknownName if there is no such size.
    """
    if size not in SIZES:
        raise UnknownName("size", size, (*SIZES, *BIG_SIZES))
    return SIZES[size]


CHUNKS_FROM = 1_000_000  # no letter of a name has such a number: no two streams are alike
Seed = int | tuple[int, int]  # of a force; of a force and a chunk of it


def stream(seed: Seed, name: str) -> np.random.Generator:
    """The random numbers of one part of a force. Parts do not share a stream: a new table moves no other.

    >>> bool(stream(1, "roll").random() == stream(1, "roll").random())
    True
    """
    if isinstance(seed, tuple):
        return np.random.default_rng([seed[0], CHUNKS_FROM + seed[1], *name.encode()])
    return np.random.default_rng([seed, *name.encode()])
