"""What does an interval of a ratio let one say, in words? Asked in a fixed order; the wording is fixed too.

A quarter (0.8 to 1.25) is a band for display, never a legal test. No wording says that there is no
difference.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Protocol

NEARER_THAN_A_QUARTER = (0.8, 1.25)
LANDMARKS = (0.0, 0.8, 1.0, 1.25)


class Verdict(StrEnum):
    """What may be said of a ratio."""

    HIGHER = "higher"
    LOWER = "lower"
    HIGHER_BY_LESS_THAN_A_QUARTER = "higher_by_less_than_a_quarter"
    LOWER_BY_LESS_THAN_A_QUARTER = "lower_by_less_than_a_quarter"
    SMALLER_THAN_A_QUARTER = "smaller_than_a_quarter"
    TOO_LITTLE = "too_little"
    NOT_ESTIMABLE = "not_estimable"


class Ratio(Protocol):
    """Anything with an estimate and its two limits."""

    @property
    def estimate(self) -> float: ...
    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...


def verdict(lower: float, upper: float) -> Verdict:
    """What may be said of a ratio with these limits?

    First, whether the interval leaves out equality (and then whether all of it is nearer than a quarter);
    then, whether it lies between 0.8 and 1.25; else there is too little information. nan: not estimable.

    >>> verdict(1.6, 2.0), verdict(1.02, 1.2), verdict(0.9, 1.1), verdict(0.4, 3.0)  # doctest: +ELLIPSIS
    (<Verdict.HIGHER: ...>, <Verdict.HIGHER_BY_LESS...>, <Verdict.SMALLER_THAN...>, <Verdict.TOO_LITTLE: ...>)
    """
    if math.isnan(lower) or math.isnan(upper):
        return Verdict.NOT_ESTIMABLE
    least, most = NEARER_THAN_A_QUARTER
    is_near = least < lower and upper < most
    if lower > 1:
        return Verdict.HIGHER_BY_LESS_THAN_A_QUARTER if is_near else Verdict.HIGHER
    if upper < 1:
        return Verdict.LOWER_BY_LESS_THAN_A_QUARTER if is_near else Verdict.LOWER
    return Verdict.SMALLER_THAN_A_QUARTER if is_near else Verdict.TOO_LITTLE


def words(found: Verdict, lower: float, upper: float) -> str:
    """The verdict as the end of an English sentence, with the limits in it.

    >>> print(words(Verdict.TOO_LITTLE, 0.4, 3.0))  # doctest: +NORMALIZE_WHITESPACE
    too little information to tell: the data are compatible with anything from 0.40 to 3.00 times;
    this is not evidence that there is no difference
    >>> print(words(Verdict.HIGHER, 1.6, math.inf))
    higher: the data are compatible with anything from 1.60 times, with no upper limit
    """
    compatible = f"the data are compatible with anything from {_range(lower, upper)}"
    return {
        Verdict.HIGHER: f"higher: {compatible}",
        Verdict.LOWER: f"lower: {compatible}",
        Verdict.HIGHER_BY_LESS_THAN_A_QUARTER: f"higher by less than a quarter: {compatible}",
        Verdict.LOWER_BY_LESS_THAN_A_QUARTER: f"lower by less than a quarter: {compatible}",
        Verdict.SMALLER_THAN_A_QUARTER: (
            "any difference is smaller than a quarter either way; this does not show that there is none"
        ),
        Verdict.TOO_LITTLE: (
            f"too little information to tell: {compatible}; this is not evidence that there is no difference"
        ),
        Verdict.NOT_ESTIMABLE: "not estimable: there is nothing to compare",
    }[found]


def agree(crude: Ratio, within: Ratio) -> bool:
    """Do the ratio over all and the ratio within strata say the same?

    Not so where the estimates lie on different sides of 1, or only one of the intervals leaves out 1. A ratio
    that is not estimable leaves nothing out and lies on no side.

    >>> from dueregard.stats.intervals import Interval
    >>> agree(Interval(1.8, 1.6, 2.0), Interval(1.1, 0.9, 1.3))
    False
    """
    is_opposite = (crude.estimate - 1) * (within.estimate - 1) < 0
    return not is_opposite and _leaves_out_1(crude) == _leaves_out_1(within)


def _leaves_out_1(ratio: Ratio) -> bool:
    return ratio.lower > 1 or ratio.upper < 1


def _range(lower: float, upper: float) -> str:
    if math.isinf(upper):
        return f"{shown_limit(lower)} times, with no upper limit"
    return f"{shown_limit(lower)} to {shown_limit(upper)} times"


def shown_limit(limit: float) -> str:
    """Two decimals, more where rounding would move a limit onto a landmark and so belie the verdict."""
    if limit == 0:
        return "0"
    printed = (f"{limit:.{decimals}f}" for decimals in range(2, 9))
    return next((t for t in printed if limit in LANDMARKS or float(t) not in LANDMARKS), f"{limit:.2g}")
