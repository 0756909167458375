"""Estimates with their intervals, and the answer of `compare`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dueregard.evidence.cells import LeftOut
from dueregard.evidence.selection import Selection
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. An end may be open (infinite); nan throughout: not estimable."""

    estimate: float
    lower: float
    upper: float
    level: float
    method: str

    @property
    def is_estimable(self) -> bool:
        return not math.isnan(self.lower)


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Do the strata differ in their ratio? A chi-squared test; `is_sparse`: too few events in most strata."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    is_sparse: bool


@dataclass(frozen=True, slots=True)
class WithoutOne:
    """The lowest and the highest of the pooled ratio when any one stratum is left out. inf: nothing to divide by."""

    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class RepeatAnswer:
    """Pupils and what happened to them, side by side. n: involvements (or events) of the group; n_pupils: those who could be
    told apart. most: of one pupil. top_share: of n, what the n_top pupils with most have (1 % of them, at least one);
    None of nobody. design_effect: the variance of n beside that of independent events; the unidentified count as one each.
    None: of n nobody could be told apart, so how many pupils they are is not known.
    """

    unit: str
    n: int
    n_pupils: int | None
    not_identified: int
    most: int | None
    top_share: float | None
    n_top: int
    design_effect: float | None


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One group of one period beside the comparison group. None: does not apply."""

    code: str
    label: str
    codes: tuple[str, ...]
    period: str
    n: int
    denominator: float | int | None
    state: str
    denominator_at_least: int | None
    denominator_at_most: int | None
    is_comparison: bool
    is_missing: bool
    rate_per_1000: Estimate | None
    relative_rate: Estimate | None = None
    difference_per_1000: Estimate | None = None
    within_relative_rate: Estimate | None = None
    heterogeneity: Heterogeneity | None = None
    left_out_within_share: float | None = None
    minimum_detectable_ratio: float | None = None
    verdict: str | None = None
    within_verdict: str | None = None
    agree: bool | None = None
    rate_at_least_per_1000: float | None = None  # bounds, where the source suppresses the denominator
    rate_at_most_per_1000: float | None = None
    relative_count: float | None = None  # of counts without a rate: times as many as the comparison group
    comparison_left_out_within_share: float | None = None  # of the comparison group, in strata without this group
    without_one: WithoutOne | None = None  # the ratio within, without any one stratum
    repeat: RepeatAnswer | None = None  # None: the source publishes counts, or nobody asked


@dataclass(frozen=True, slots=True)
class Missingness:
    """How many units have no known group? share: of all units of the figure."""

    not_stated: int
    not_recorded: int
    not_collected: int
    suppressed: int
    share: float
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What `compare` found: every figure with all that a reader needs to judge it."""

    snapshot: str
    code_version: str
    estimand: str
    sentence: str  # the first sentence: says so where crude and within do not agree
    measure: Measure
    comparison: str | None
    schools_used: tuple[tuple[str, int], ...]
    left_out: tuple[LeftOut, ...]
    missing: Missingness
    not_identified: int
    disagreeing: int
    groups: tuple[GroupAnswer, ...]
    caveats: tuple[str, ...]
    selection: Selection | None = None  # of a stage over contacts: what if some would not have happened?
