"""The answer of `decompose`: the ratio of two groups' rates as a chain of factors, with all that a reader needs to judge it."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import LeftOut
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class Factor:
    """One part of the chain. name: placement, sorting, contact_within, then of each step STAGE_mix and STAGE_within.

    ratio: what the total ratio is multiplied by here, in the order of the chain. log_share: the part's share of the
    logarithm of the total ratio, whatever the order (shares add up to 1, and one may be negative); None where no share is
    told. per_1000: its part of the difference of the rates. off_support_share: of what the part is taken over, the group's
    share in cells where the comparison group has nobody; None for placement. beside: the ratio by the other methods.
    """

    name: str
    label: str
    ratio: Estimate
    log_share: float | None
    per_1000: Estimate
    verdict: str
    off_support_share: float | None
    comparison_off_support_share: float | None
    beside: tuple[Estimate, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One rung of the ladder as both groups reached it. rates: per 1,000 of the exposure."""

    stage: str
    label: str
    n: int
    comparison_n: int
    rate_per_1000: float
    comparison_rate_per_1000: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """What `decompose` found. exposure, comparison_exposure: in units of the denominator (pupil-years, or pupils on roll).

    why_no_shares: why no log_share is told; None where they are. off_support_share: of the group's exposure, in cells
    without the comparison group. caption: goes with every picture of the chain.
    """

    snapshot: str
    code_version: str
    estimand: str
    sentence: str
    measure: Measure
    period: str
    is_counted: bool
    group: str
    group_label: str
    comparison: str
    comparison_label: str
    exposure: float
    comparison_exposure: float
    steps: tuple[ChainStep, ...]
    total_ratio: Estimate
    total_per_1000: Estimate
    verdict: str
    factors: tuple[Factor, ...]
    why_no_shares: str | None
    off_support_share: float
    comparison_off_support_share: float
    method: str
    why_method: str
    replicates: int
    level: float
    schools_used: int
    left_out: tuple[LeftOut, ...]
    missing: Missingness
    not_identified: int
    disagreeing: int
    caption: str
    caveats: tuple[str, ...]
