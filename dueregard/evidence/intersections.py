"""The answer of `intersections`: shrunken rates of crossed groups, with how much each borrows."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import LeftOut
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.measures.measure import Measure

FEW = 5  # events up to which a stratum has no figure of its own


@dataclass(frozen=True, slots=True)
class StratumAnswer:
    """One stratum, or several together. n: None where 5 or fewer were counted (`is_few`), so that no page shows it.

    rate_per_1000: shrunken, in the schools of its pupils. own_rate_per_1000: exact and unshrunken; None for few.
    residual: times what the main effects alone say. own_share: how far the estimate follows its own counts, 0 to 1.
    reri, excess_per_1000: beyond the sum of its characteristics one at a time, over the schools of all pupils; None where fewer than two
    of its characteristics differ from the comparison groups. is_missing: a characteristic is not known, so these are not
    pupils like each other.
    """

    codes: tuple[str, ...]
    label: str
    is_missing: bool
    is_few: bool
    n: int | None
    denominator: float
    rate_per_1000: Estimate | None
    own_rate_per_1000: Estimate | None
    residual: Estimate | None
    own_share: float | None
    reri: Estimate | None = None
    excess_per_1000: Estimate | None = None


@dataclass(frozen=True, slots=True)
class MainEffect:
    """One characteristic's level as a multiple of its reference, the other characteristics and the school held."""

    column: str
    code: str
    label: str
    reference: str
    ratio: Estimate


@dataclass(frozen=True, slots=True)
class Variation:
    """Where do log rates vary? Standard deviations between strata (null model: without main effects) and schools.

    stratum_share, null_stratum_share: of one unit's latent variance (VPC). pcv: how much of the null model's variance
    between strata the main effects take up; None where there was none. Descriptive; it depends on the model.
    """

    stratum_sd: Estimate
    null_stratum_sd: Estimate
    school_sd: Estimate
    stratum_share: Estimate
    null_stratum_share: Estimate
    pcv: Estimate | None


@dataclass(frozen=True, slots=True)
class StratumQuestion:
    """The answer to `--stratum`: in words. own_range_if_few: from 0 to the upper limit of 5, where few were counted."""

    asked: tuple[tuple[str, tuple[str, ...]], ...]
    stratum: StratumAnswer
    own_range_if_few: tuple[float, float] | None
    counted: str
    estimate: str
    borrowed: str
    own: str
    cannot_be_said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SamplingCheck:
    """The same model by NUTS. passed: all gates hold; if not, its figures are not given (None)."""

    passed: bool
    words: str
    r_hat: float
    effective_size: float
    divergences: int
    stratum_sd: Estimate | None
    school_sd: Estimate | None
    largest_ratio: float | None  # between a stratum's rate by NUTS and by Laplace, among strata with more than 5


@dataclass(frozen=True, slots=True)
class IntersectionsAnswer:
    """What `intersections` found. strata: those in the model, missing ones among them. apart: missing strata of two
    sources, counted without a rate. n_outside: counted where nobody of the stratum is on the roll of the school.
    """

    snapshot: str
    code_version: str
    estimand: str
    sentence: str
    model: str
    measure: Measure
    period: str
    schools_used: int
    left_out: tuple[LeftOut, ...]
    missing: Missingness
    not_identified: int
    disagreeing: int
    n: int
    n_outside: int
    strata: tuple[StratumAnswer, ...]
    apart: tuple[StratumAnswer, ...]
    main_effects: tuple[MainEffect, ...]
    variation: Variation
    question: StratumQuestion | None
    sampling: SamplingCheck | None
    caveats: tuple[str, ...]
