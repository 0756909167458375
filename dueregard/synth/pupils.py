"""The pupils of a made-up force, and the census of each term as counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dueregard.synth.days import Days, Term
from dueregard.synth.draws import Frame, choose, choose_rows, happens, refs, where
from dueregard.synth.schools import Schools
from dueregard.synth.shape import Shape
from dueregard.terms.crosswalks import crosswalk
from dueregard.terms.ethnicity import BROAD, broad_groups

# Weights of the school census codes within their broad group. Illustrative.
CODE_WEIGHTS = {
    "WBRI": 56, "WIRI": 1, "WIRT": 0.5, "WROM": 0.5, "WOTH": 30,
    "MWBC": 30, "MWBA": 18, "MWAS": 16, "MOTH": 36,
    "AIND": 18, "APKN": 22, "ABAN": 36, "AOTH": 20, "CHNE": 4,
    "BCRB": 26, "BAFR": 62, "BOTH": 12, "OOTH": 100,
}  # fmt: skip
CODE_SPREAD = 6.0
HIDDEN = {"": 0.97, "REFU": 0.012, "NOBT": 0.018}  # the roll's own missing values; the same in every group
BOYS = 0.51
# Share with SEN support and with a plan, by sex; drawn apart from ethnicity, so that neither confounds the other.
# Near England's 13.6 and 4.8 per cent of 2023/24 (from memory, to be checked).
SEN_SHARES = {"F": (0.875, 0.100, 0.025), "M": (0.765, 0.170, 0.065)}
SEN_OF_PHASE = {"SP": (0.0, 0.02, 0.98), "PR": (0.2, 0.52, 0.28)}
SEN_TYPES = {
    "K": {"SEMH": 0.26, "SLCN": 0.26, "MLD": 0.18, "SPLD": 0.16, "ASD": 0.09, "NSA": 0.05},
    "E": {"ASD": 0.40, "SLCN": 0.22, "SEMH": 0.18, "MLD": 0.12, "SLD": 0.05, "PD": 0.03},
}
DISABLED = {"N": 0.015, "K": 0.10, "E": 0.60}
FSM_BY_GROUP = {"W": 0.85, "M": 1.15, "A": 0.90, "B": 1.25, "O": 1.20}
MOVES = {"PS": 0.04, "SS": 0.03, "AT": 0.03, "SP": 0.02, "PR": 0.45}  # share that joins late, and that leaves early
STATUSES = {"C": 0.994, "M": 0.004, "S": 0.002}
STATUSES_PR = {
    "C": 0.45,
    "M": 0.25,
    "S": 0.30,
}  # many pupils of a referral unit stay registered at their school
ON_ROLL = ("C", "M")
STAYS_AFTER_11 = 0.45


@cache
def self_defined_of() -> dict[str, tuple[str, ...]]:
    """School census code -> the 18+1 codes that it may mean."""
    to_police = crosswalk("dfe_ethnicity_main", "sde_18plus1")
    return {code: to_police.targets(code) for code in to_police.codes if code in CODE_WEIGHTS}


@dataclass(frozen=True, slots=True)
class Pupils:
    """Everybody who was ever on roll. Arrays of shape (n_pupils,) unless said otherwise.

    first_group: the year group in the first academic year (0 is Reception, below: not yet at this school).
    ethnicity: the true census code; roll_ethnicity: what the school holds. group: index into BROAD, of the true one.
    on: shape (n_pupils, n_terms), is the pupil at the school? S (subsidiary) registrations too.
    """

    ref: np.ndarray
    number: np.ndarray
    school: np.ndarray
    first_group: np.ndarray
    sex: np.ndarray
    ethnicity: np.ndarray
    roll_ethnicity: np.ndarray
    group: np.ndarray
    self_defined: np.ndarray
    sen_provision: np.ndarray
    sen_type: np.ndarray
    disability: np.ndarray
    is_fsm: np.ndarray
    status: np.ndarray
    birthday: np.ndarray  # days after 1 September
    on: np.ndarray

    @property
    def n(self) -> int:
        return len(self.school)

    @property
    def is_counted(self) -> np.ndarray:
        """Is the registration one that the roll counts (C, M)?"""
        return np.isin(self.status, ON_ROLL)


def draw_pupils(rng: np.random.Generator, schools: Schools, shape: Shape, days: Days) -> Pupils:
    """Everybody who is on roll at some time."""
    school, first_group = _cohorts(rng, schools, shape)
    n, phase = len(school), schools.phase[school]
    sex = where(happens(rng, BOYS, n), "M", "F")
    ethnicity = _ethnicity(rng, schools, school)
    group = np.array([BROAD.index(broad_groups(("dfe_ethnicity_main",))[code]) for code in ethnicity.tolist()])
    hidden = choose(rng, HIDDEN, n)
    sen = _sen_provision(rng, sex, phase)
    fsm = schools.fsm_share[school] * np.array([FSM_BY_GROUP[one] for one in BROAD])[group]
    status = np.where(phase == "PR", choose(rng, STATUSES_PR, n), choose(rng, STATUSES, n))
    number = rng.permutation(n) + 1
    return Pupils(
        refs("P", number, chunk=shape.chunk), number, school, first_group, sex, ethnicity,
        roll_ethnicity=where(hidden == "", ethnicity, hidden),
        group=group,
        self_defined=_self_defined(rng, ethnicity),
        sen_provision=sen,
        sen_type=_sen_type(rng, sen),
        disability=where(happens(rng, _by_code(DISABLED, sen), n), "disabled", "none"),
        is_fsm=where(happens(rng, fsm, n), "yes", "no"),
        status=status,
        birthday=rng.integers(1, 365, n),
        on=_on_roll(rng, schools, school, first_group, days),
    )  # fmt: skip


def _by_code(values: dict[str, float], codes: np.ndarray) -> np.ndarray:
    return np.array([values[code] for code in codes.tolist()])


def top_group(schools: Schools) -> np.ndarray:
    """The highest year group of each school, a sixth form included. Shape (n_schools,)."""
    return np.array([kind.high for kind in schools.kinds]) + 2 * schools.has_sixth_form


def _cohorts(rng: np.random.Generator, schools: Schools, shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    school, first_group = [], []
    for n, (kind, top) in enumerate(zip(schools.kinds, top_group(schools).tolist(), strict=True)):
        for group in range(kind.low - shape.n_years + 1, top + 1):
            size = int(rng.integers(kind.cohort[0], kind.cohort[1] + 1))
            school.append(np.full(size, n))
            first_group.append(np.full(size, group))
    return np.concatenate(school), np.concatenate(first_group)


def _on_roll(
    rng: np.random.Generator, schools: Schools, school: np.ndarray, first_group: np.ndarray, days: Days
) -> np.ndarray:
    """Who is there in which term? Shape (n_pupils, n_terms)."""
    n, n_terms = len(school), len(days.terms)
    group = first_group[:, None] + np.array([term.year for term in days.terms])
    low = np.array([kind.low for kind in schools.kinds])[school]
    high = np.array([kind.high for kind in schools.kinds])[school]
    last = np.where(happens(rng, STAYS_AFTER_11, n), top_group(schools)[school], high)
    moves = _by_code(MOVES, schools.phase[school])
    joins = np.where(happens(rng, moves, n), rng.integers(0, n_terms, n), 0)
    leaves = np.where(happens(rng, moves, n), rng.integers(0, n_terms, n), n_terms)
    term = np.arange(n_terms)
    inside = (group >= low[:, None]) & (group <= last[:, None])
    return inside & (term >= joins[:, None]) & (term <= leaves[:, None])


def _ethnicity(rng: np.random.Generator, schools: Schools, school: np.ndarray) -> np.ndarray:
    """A true census code for each pupil: each school has its own mix of broad groups and of codes in each."""
    codes = np.array(list(CODE_WEIGHTS), dtype=object)
    weights = np.array(list(CODE_WEIGHTS.values()), dtype=float)
    group = np.array([BROAD.index(broad_groups(("dfe_ethnicity_main",))[code]) for code in codes.tolist()])
    own = rng.gamma(np.broadcast_to(weights * CODE_SPREAD / 100, (schools.n, len(codes)))) + weights / 1000
    within = np.stack([own[:, group == g].sum(axis=1) for g in range(len(BROAD))], axis=1)
    return codes[choose_rows(rng, schools.ethnic_share[:, group] * own / within[:, group], school)]


def _self_defined(rng: np.random.Generator, ethnicity: np.ndarray) -> np.ndarray:
    """The pupil's own 18+1 code: one for life. A census code that means two is drawn evenly."""
    pick = rng.random(len(ethnicity))
    means = self_defined_of()
    return np.array([means[code][int(u * len(means[code]))] for code, u in zip(ethnicity, pick, strict=True)],
                    dtype=object)  # fmt: skip


def _sen_provision(rng: np.random.Generator, sex: np.ndarray, phase: np.ndarray) -> np.ndarray:
    rows = np.array([*SEN_SHARES.values(), *SEN_OF_PHASE.values()])
    row = (sex == list(SEN_SHARES)[1]).astype(int)
    for n, special in enumerate(SEN_OF_PHASE):
        row = np.where(phase == special, len(SEN_SHARES) + n, row)
    return np.array(list(DISABLED), dtype=object)[choose_rows(rng, rows, row)]


def _sen_type(rng: np.random.Generator, sen: np.ndarray) -> np.ndarray:
    found = np.full(len(sen), "none", dtype=object)
    for provision, weights in SEN_TYPES.items():
        found = where(sen == provision, choose(rng, weights, len(sen)), found)
    return found


def year_group_text(groups: np.ndarray) -> np.ndarray:
    """Year groups as codes: 0 is R."""
    return where(groups == 0, "R", groups.astype(np.str_))


def roll_frame(pupils: Pupils, schools: Schools, days: Days) -> Frame:
    """Every term's census: pupils who share all characteristics are one row with their number."""
    censuses = [_census(pupils, schools, days, n, term) for n, term in enumerate(days.terms)]
    return {name: np.concatenate([census[name] for census in censuses]) for name in censuses[0]}


# How a source that guards its counts tells its roll, as the school census is published: one characteristic at a time.
TABULATED = {"all:by_ethnicity": "ethnicity", "all:by_sex": "sex", "all:by_sen": "sen_provision", "all:by_fsm": "is_fsm",
             "all:by_year_group": "year_group"}  # fmt: skip
ALSO_ALL = ("sen_type", "disability")
ON_ROLL = ("C", "M")


def hidden_by_source(roll: Frame, *, below: int, to: int) -> Frame:
    """What a source that guards its counts would send: a table of each characteristic, small counts hidden between bounds, others rounded.

    Of groups crossed as finely as a roll by pupil has them, nearly all would be hidden.
    """
    parts = [_tabulated(roll, name, column) for name, column in TABULATED.items()]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    n = table["n_pupils"].astype(int)
    hidden = n < below
    rounded = (n + to // 2) // to * to if to else n
    return {
        **table,
        "n_pupils": where(hidden, "", rounded.astype(np.str_)),
        "state": where(hidden, "suppressed", "counted"),
        "at_least": where(hidden, "1", ""),
        "at_most": where(hidden, str(below - 1), ""),
    }


def _tabulated(roll: Frame, tabulation: str, column: str) -> dict[str, np.ndarray]:
    """Pupils on roll of each school and census by one characteristic."""
    on = np.isin(np.asarray(roll["enrolment_status"]).astype(np.str_), ON_ROLL)
    keys = [
        np.unique(np.asarray(roll[name]).astype(np.str_)[on], return_inverse=True)
        for name in ("urn", "census_on", column)
    ]
    sizes = [len(values) for values, _ in keys]
    cell = np.ravel_multi_index([index for _, index in keys], sizes)
    counts = np.bincount(cell, np.asarray(roll["n_pupils"])[on].astype(float)).astype(int)
    cells = np.flatnonzero(counts)
    urn, census, value = (
        values[index] for (values, _), index in zip(keys, np.unravel_index(cells, sizes), strict=True)
    )
    others = {name: np.full(len(cells), "all") for name in (*TABULATED.values(), *ALSO_ALL)}
    return {"urn": urn, "census_on": census, **others, column: value, "tabulation": np.full(len(cells), tabulation), "n_pupils": counts[cells]}  # fmt: skip


def _census(pupils: Pupils, schools: Schools, days: Days, n_term: int, term: Term) -> Frame:
    on = np.flatnonzero(pupils.on[:, n_term])
    group = pupils.first_group[on] + term.year
    shared = {
        "enrolment_status": pupils.status[on], "sex": pupils.sex[on], "ethnicity": pupils.roll_ethnicity[on],
        "sen_provision": pupils.sen_provision[on], "sen_type": pupils.sen_type[on],
        "disability": pupils.disability[on], "is_fsm": pupils.is_fsm[on],
    }  # fmt: skip
    parts = [np.unique(column.astype(np.str_), return_inverse=True) for column in shared.values()]
    sizes = (schools.n, 14, *(len(values) for values, _ in parts))
    cell = np.ravel_multi_index((pupils.school[on], group, *(index for _, index in parts)), sizes)
    cells, n_pupils = np.unique(cell, return_counts=True)
    school, group, *indices = np.unravel_index(cells, sizes)
    named = zip(shared, parts, indices, strict=True)
    return {
        "urn": schools.urn[school, term.year],
        "census_on": days.date_text(np.full(len(cells), term.census)),
        "year_group": year_group_text(group),
        "age_on_31_august": group + 4,
        **{name: values[index] for name, (values, _), index in named},
        "n_pupils": n_pupils,
    }
