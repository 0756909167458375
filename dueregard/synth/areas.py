"""The areas of England as a made-up force needs them: how many schools and pupils of each kind, who lives there.

`areas.csv` holds one row a local authority: schools and pupils by kind and the share of pupils ever eligible for free
school meals in primary and secondary schools (Department for Education, school census and performance tables,
January 2019), and the broad ethnic groups of residents aged 5 to 17 (Office for National Statistics, Census 2021; by
borough in London, where the City and Westminster are one unit, by region elsewhere). Both: Open Government Licence
v3.0. The real authorities give the numbers; every school in them is invented.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from dueregard.synth.schools import INDEPENDENT
from dueregard.synth.shape import FIRST_URN, SchoolKind, Shape, stream
from dueregard.terms.ethnicity import BROAD

TABLE = Path(__file__).with_name("areas.csv")
LONDON = "London"
MOST_SCHOOLS = 120  # in one part of a force, so that a part fits in a few hundred MiB
# The scheme ended in May 2025 (domain.md 1.1); three years before it are enough to see postings begin and end.
FIRST_YEAR, N_YEARS = {"london": 2022, "england": 2020}, {"london": 3, "england": 5}
WITHDRAWN_ON = date(2025, 5, 23)
# Which share of schools has an officer, by phase. London: 622 partnerships and 329 schools with a named officer of
# about 2,400 state schools (January 2022, domain.md 1.1). Elsewhere: 979 - 489 officers (Runnymede, January 2023).
SERVED = {True: {"SS": 1.0, "PS": 0.18, "PR": 0.6}, False: {"SS": 0.22, "PS": 0.02, "PR": 0.15}}
TYPES = {
    "PS": ("Community school", "Academy converter"),
    "SS": ("Academy converter", "Academy sponsor led", "Free school", "Community school"),
    "SP": ("Community special school",),
    "PR": ("Pupil referral unit",),
}
WORDS = {"PS": "Primary School", "SS": "School", "SP": "Special School", "PR": "Centre"}
GROUPS = {"PS": (0, 6), "SS": (7, 11), "SP": (1, 11), "PR": (8, 11)}
SIXTH_FORM = {"PS": 0.0, "SS": 0.55, "SP": 0.0, "PR": 0.0}
STAYERS = 0.5  # pupils of a sixth form, in year groups of the main school: two groups of which about half stay
SIZE_SPREAD = 0.38  # log scale: half of London's secondaries lie between 749 and 1,324 pupils (school census 2019)
GROUP_SPREAD = 0.06
FEWEST = 2  # pupils in a year group


@dataclass(frozen=True, slots=True)
class Area:
    """One local authority. n, pupils: by kind (ps, ss, sp, pr, in). shares: of the broad groups."""

    la_code: str
    name: str
    region: str
    n: dict[str, int]
    pupils: dict[str, int]
    fsm_share: float
    shares: tuple[float, ...]


@cache
def areas() -> tuple[Area, ...]:
    """Every local authority of England, in order of its code."""
    kinds = ("ps", "ss", "sp", "pr", "in")
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return tuple(
            Area(row["la_code"], row["name"], row["region"], {kind: int(row[f"n_{kind}"]) for kind in kinds},
                 {kind: int(row[f"pupils_{kind}"]) for kind in kinds}, float(row["fsm_share"]),
                 tuple(float(row[group]) for group in BROAD))
            for row in csv.DictReader(handle)
        )  # fmt: skip


def parts_of(size: str, seed: int) -> tuple[Shape, ...]:
    """The parts that a big force is drawn in: a local authority each, or a slice of a large one."""
    chosen = [area for area in areas() if size == "england" or area.region == LONDON]
    parts: list[Shape] = []
    urn = FIRST_URN
    for area in chosen:
        for nth, kinds in enumerate(_slices(_kinds(area, stream(seed, f"area {area.la_code}")))):
            parts.append(_part(size, area, kinds, n_before=len(parts), nth=nth, first_urn=urn))
            urn += len(kinds) + 1  # one more, for the school that becomes an academy
    return tuple(parts)


def _part(size: str, area: Area, kinds: tuple[SchoolKind, ...], *, n_before: int, nth: int, first_urn: int) -> Shape:
    is_london = area.region == LONDON
    return Shape(
        area.name, area.la_code, kinds, FIRST_YEAR[size], N_YEARS[size],
        ethnic_shares=area.shares, fsm_share=area.fsm_share, first_urn=first_urn, part=f"{n_before:03d}",
        is_first=n_before == 0, is_first_of_area=nth == 0, served=SERVED[is_london], force=size,
        withdrawn_on=WITHDRAWN_ON if is_london else None, is_pupil_level=True,
    )  # fmt: skip


def _slices(kinds: list[SchoolKind]) -> Iterator[tuple[SchoolKind, ...]]:
    """Slices of nearly equal size that all have schools of every phase."""
    n = max(1, -(-len(kinds) // MOST_SCHOOLS))
    for nth in range(n):
        yield tuple(sorted(kinds[nth::n], key=lambda kind: list(GROUPS).index(kind.phase)))


def _kinds(area: Area, rng: np.random.Generator) -> list[SchoolKind]:
    """Each school of an area as a kind of its own: its phase, type and pupils a year group."""
    found: list[SchoolKind] = []
    for phase in GROUPS:
        n = area.n[phase.lower()]
        if n:
            found += _sized(rng, phase, n, area.pupils[phase.lower()] / n, TYPES[phase])
    independent = area.n["in"]
    for phase, n in (("PS", independent // 2), ("SS", independent - independent // 2)):
        if n:
            found += _sized(rng, phase, n, area.pupils["in"] / independent, (INDEPENDENT,))
    return found


def _sized(rng: np.random.Generator, phase: str, n: int, pupils: float, types: tuple[str, ...]) -> Iterator[SchoolKind]:
    low, high = GROUPS[phase]
    n_groups = high - low + 1 + SIXTH_FORM[phase] * 2 * STAYERS
    size = np.exp(rng.normal(-(SIZE_SPREAD**2) / 2, SIZE_SPREAD, n)) * pupils / n_groups
    for nth, one in enumerate(size.tolist()):
        least, most = max(FEWEST, round(one * (1 - GROUP_SPREAD))), max(FEWEST, round(one * (1 + GROUP_SPREAD)))
        yield SchoolKind(
            phase, 1, low, high, (least, most), WORDS[phase], (types[nth % len(types)],), SIXTH_FORM[phase]
        )
