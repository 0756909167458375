"""The answer of `sensitivity`: what stays true of a ratio, whoever those are whose ethnicity is not known."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.cells import Cells, LeftOut, Repeat
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.evidence.profile import Profile
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class Extra:
    """What an engine answered beside the figure, or why it could not (a sentence). None: the source publishes counts.

    profiles: by the group and its predictors, in the unit of the figure. series: by COLUMNS of `two_series`, in involvements.
    observed: the cells of the same question by the officer's code, where it is taken of a stage. repeats,
    observed_repeats: who came again, in both; None for pupils, and where it is not known.
    """

    profiles: tuple[Profile, ...] | str | None
    series: tuple[Profile, ...] | str | None
    observed: Cells | str | None
    repeats: tuple[Repeat, ...] | None = None
    observed_repeats: tuple[Repeat, ...] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and the highest ratio that an analysis allows; lower and upper: the same with chance."""

    lowest: float
    highest: float
    lower: float
    upper: float
    level: float
    method: str


@dataclass(frozen=True, slots=True)
class AtTheta:
    """The ratio, where an event of the group lacks its group theta times as readily as one of any other group."""

    theta: float
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Imputed:
    """The ratio of many imputations together. missing_information: the share of the variance that the missing make."""

    ratio: Estimate
    missing_information: float
    degrees_of_freedom: float
    n_imputations: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """One bar of a picture of sensitivities: the ratio's lowest and highest by one analysis, and the same with chance.

    An end may be open (0 or infinite), or nan where the analysis has no such number.
    """

    code: str
    label: str
    lowest: float
    highest: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class GroupSensitivity:
    """One group beside the comparison group.

    worst_case: all missing of those counted are the one group's or the other's. worst_case_with_roll: also those on
    the roll whose group is missing; None where there are none, or where both are the same people.
    missing_odds: the curve. tipping_theta: where that ratio is 1; None if nowhere. proportional: the missing spread by
    the known. imputed, observed: None where it was not made. gate: a code of GATES; gate_words: the same as a sentence.
    """

    code: str
    label: str
    n: int
    denominator: float
    complete: Estimate
    complete_verdict: str
    worst_case: Range
    worst_case_with_roll: Range | None
    missing_odds: tuple[AtTheta, ...]
    tipping_theta: float | None
    proportional: float
    imputed: Imputed | None
    observed: Estimate | None
    gate: str
    gate_words: str
    analyses: tuple[Analysis, ...]


@dataclass(frozen=True, slots=True)
class NotMade:
    """An analysis that could not be made, and why."""

    analysis: str
    why: str


@dataclass(frozen=True, slots=True)
class CorrectedCount:
    """One group: counted by their own word, by the officer's eye, and by both (drawn where their own word is missing)."""

    code: str
    label: str
    own_word: int
    observed: int
    corrected: Estimate


@dataclass(frozen=True, slots=True)
class TwoSeries:
    """Self-defined beside officer-observed ethnicity, of the involvements in the figure.

    matrix: rows by self-defined, columns by observed code, missing ones included. agreement_share, kappa: over groups
    that both series have (in_both), of n_in_both; None where there are none.
    """

    self_defined: tuple[tuple[str, str], ...]  # (code, label)
    observed: tuple[tuple[str, str], ...]
    matrix: tuple[tuple[int, ...], ...]
    in_both: tuple[str, ...]
    n_in_both: int
    agreement_share: float | None
    kappa: Estimate | None
    corrected: tuple[CorrectedCount, ...]


@dataclass(frozen=True, slots=True)
class MissingShare:
    """Of n involvements with this code, how many lack a self-defined ethnicity? beside: as a multiple of the comparison's."""

    column: str
    code: str
    label: str
    n: int
    not_stated: int
    not_recorded: int
    other_missing: int
    share: Estimate
    beside: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What `sensitivity` found. whence: where the group of those counted comes from, in words.

    n: all that were counted, with and without a group. roll_missing: of the denominator, in its own unit; roll_total.
    base: the stage of those in `missingness`.
    """

    snapshot: str
    code_version: str
    estimand: str
    sentence: str
    measure: Measure
    period: str
    comparison: str
    comparison_label: str
    comparison_n: int
    comparison_denominator: float
    n: int
    missing: Missingness
    roll_missing: float
    roll_total: float
    whence: str
    groups: tuple[GroupSensitivity, ...]
    two_series: TwoSeries | None
    base: str
    missingness: tuple[MissingShare, ...]
    not_made: tuple[NotMade, ...]
    seed: int
    schools_used: int
    left_out: tuple[LeftOut, ...]
    caveats: tuple[str, ...]
