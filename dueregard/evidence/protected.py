"""Counts after protection: what may be shown of each, and between which limits the true count lies."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState


@dataclass(frozen=True, slots=True, order=True)
class ShownCount:
    """What does a reader learn of one true count?

    shown: the number that is printed; None where the count is low or hidden. at_least, at_most: the limits, both
    included, between which the true count lies by the rules that every reader knows (at_most None: no limit).
    An exact number has equal limits.
    """

    state: CellState
    shown: int | None
    at_least: int
    at_most: int | None

    @property
    def is_exact(self) -> bool:
        return self.at_least == self.at_most

    @property
    def is_shown(self) -> bool:
        return self.shown is not None


def exact(n: int) -> ShownCount:
    """A count that is printed as it is.

    >>> exact(3).is_exact
    True
    """
    return ShownCount(CellState.COUNTED, n, n, n)


@dataclass(frozen=True, slots=True, order=True)
class ProtectedCell:
    """One cell of a split; codes and stratum as in `Cell`. denominator None: there is none."""

    period: str
    stratum: tuple[str, ...]
    codes: tuple[str, ...]
    n: ShownCount
    denominator: ShownCount | None


@dataclass(frozen=True, slots=True, order=True)
class ProtectedLeftOut:
    """Schools that stay out of a figure for one reason; their pupils by codes, protected like any roll."""

    period: str
    state: str
    schools: int
    pupils: tuple[tuple[tuple[str, ...], ShownCount], ...] | None
    roll_unknown_schools: int


@dataclass(frozen=True, slots=True)
class ProtectedCells:
    """The answer to one Measure, as a policy lets it out. Every direct figure of a release is computed from it alone."""

    measure: Measure
    policy: str
    periods: tuple[str, ...]
    whole: tuple[ProtectedCell, ...]
    strata: tuple[ProtectedCell, ...]
    schools_used: tuple[tuple[str, int], ...]
    left_out: tuple[ProtectedLeftOut, ...]
    not_identified: ShownCount
    disagreeing: ShownCount
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtectedEstimate:
    """A figure from protected counts. lower, upper cover both chance and protection. estimate None: the count is not shown,
    and only the limits are told. upper may be infinite.
    """

    estimate: float | None
    lower: float
    upper: float
    level: float
    method: str
