"""The answer of `standardise`: rates made comparable over strata, with all that a reader needs to judge them."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import LeftOut
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class StandardisedGroup:
    """One group. None: does not apply to the method, or (relative_rate) to this group.

    crude_per_1000: n over the denominator, without any standard; None without a denominator.
    rate_per_1000: direct. relative_rate: direct, against the comparison group, over strata where both have pupils.
    ratio: indirect, observed over expected. expected: indirect.
    n_outside: events that enter neither, because nobody of the group is on the roll of their stratum (or, indirect,
    nobody of the standard). not_covered_share: of the standard population (direct), in strata where the group has
    nobody; of the group's own denominator (indirect), in strata where the standard has nobody.
    relative_not_covered_share: of the standard population, in strata where either of the two groups has nobody.
    widening: how many times as wide repeat contacts make the interval; 1 for pupils; None where it cannot be known.
    most_of_one_pupil: the most of one identified pupil in one stratum; None as widening.
    """

    codes: tuple[str, ...]
    label: str
    is_missing: bool
    is_comparison: bool
    n: int
    denominator: float
    crude_per_1000: float | None
    rate_per_1000: Estimate | None
    relative_rate: Estimate | None
    ratio: Estimate | None
    expected: float | None
    n_outside: int
    not_covered_share: float | None
    relative_not_covered_share: float | None
    widening: float | None
    most_of_one_pupil: int | None

    @property
    def code(self) -> str:
        return ",".join(self.codes)


@dataclass(frozen=True, slots=True)
class StandardisedAnswer:
    """What `standardise` found. measure: the question as it was counted, split by the groups and by `over`.

    standard: what the standard is, in words. standard_denominator: its size. n_strata: strata with somebody in them.
    """

    snapshot: str
    code_version: str
    method: str
    estimand: str
    standard: str
    standard_denominator: float
    n_strata: int
    measure: Measure
    by: tuple[str, ...]
    over: tuple[str, ...]
    comparison: str | None
    period: str
    interval_method: str
    level: float
    schools_used: int
    left_out: tuple[LeftOut, ...]
    missing: Missingness
    missing_over_share: float  # of those counted: their stratum is not known
    not_identified: int
    disagreeing: int
    groups: tuple[StandardisedGroup, ...]
    caveats: tuple[str, ...]
