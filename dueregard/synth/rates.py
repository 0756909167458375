"""At which rate does each pupil come into contact, with an officer posted and without? Everything that the truth sets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dueregard.synth.days import Term
from dueregard.synth.pupils import Pupils, year_group_text
from dueregard.synth.truth import Truth
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD

YEAR_GROUPS = year_group_text(np.arange(14)).tolist()


def rates(world: World, term: Term, own: np.ndarray, *, with_officer: bool) -> np.ndarray:
    """The rate of involvements set for each pupil in a term, per pupil-year, before the pupil's own chance factor.

    own: `own_factors(world)`.
    """
    pupils, truth = world.pupils, world.truth
    per_1000 = truth.with_officer if with_officer else truth.without_officer
    base = by_code(per_1000, world.schools.phase) * truth.load
    groups = (pupils.first_group + term.year).clip(0, 13)
    found = (base * world.schools.factor)[pupils.school] / 1000 * (own * _of_year_groups(truth)[groups])
    if with_officer:
        found = found * by_group(truth.posting_by_ethnicity)[pupils.group]
    return found * _of_intersection(truth, pupils, groups)


def own_factors(world: World) -> np.ndarray:
    """What multiplies the rate of each pupil whatever the term. Shape (n_pupils,)."""
    pupils, truth = world.pupils, world.truth
    own = by_group(truth.by_ethnicity)[pupils.group]
    return own * by_code(truth.by_sex, pupils.sex) * by_code(truth.by_sen_provision, pupils.sen_provision)


def by_code(values: Mapping[str, float], codes: np.ndarray) -> np.ndarray:
    """The value of each code. Shape of `codes`."""
    return np.array([values[code] for code in codes.tolist()], dtype=float)


def by_group(values: Mapping[str, float]) -> np.ndarray:
    """One value for each broad group, 1 where none is set. Shape (5,), in the order of BROAD."""
    return np.array([values.get(group, 1.0) for group in BROAD])


def _of_year_groups(truth: Truth) -> np.ndarray:
    return np.array([truth.by_year_group[group] for group in YEAR_GROUPS])


def _of_intersection(truth: Truth, pupils: Pupils, groups: np.ndarray) -> np.ndarray | float:
    """The factor of the pupils in whom the characteristics meet; 1 for all others."""
    meeting = truth.intersection
    if meeting.factor == 1:
        return 1.0
    is_in = pupils.group == BROAD.index(meeting.ethnicity)
    is_in &= (pupils.sex == meeting.sex) & (pupils.sen_type == meeting.sen_type)
    return np.where(is_in & (groups == YEAR_GROUPS.index(meeting.year_group)), meeting.factor, 1.0)
