"""Printed estimates: ends rounded outwards, and still explained by the shown counts alone."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dueregard.evidence.protected import ProtectedEstimate
from dueregard.publish.printing import DIFFERENCE, RATE, RATIO, printed_of, read_back
from dueregard.stats.verdicts import verdict

SHARES = st.floats(0, 1)
RATIOS = st.floats(0, 200)


def texts(kind: str, lower: float, upper: float) -> tuple[float, float]:
    found = ProtectedEstimate(None, lower, upper, 0.95, "made up")
    back = read_back(kind, printed_of(kind, found, as_risk=True, per=1))
    assert back is not None
    return back.lower, back.upper


@given(SHARES, SHARES)
def test_a_printed_rate_covers_the_computed_one(one, other):
    lower, upper = sorted((one, other))
    least, most = texts(RATE, lower, upper)
    assert least <= lower * 1000 and most >= upper * 1000


@given(RATIOS, RATIOS)
def test_a_printed_ratio_covers_and_says_the_same(one, other):
    lower, upper = sorted((one, other))
    least, most = texts(RATIO, lower, upper)
    assert least <= lower and most >= upper
    if not any(0 < abs(end - mark) < 1e-7 for end in (lower, upper) for mark in (0.8, 1.0, 1.25)):
        assert verdict(least, most) == verdict(lower, upper)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_a_printed_difference_covers_the_computed_one(one, other):
    lower, upper = sorted((one, other))
    least, most = texts(DIFFERENCE, lower, upper)
    assert least <= lower * 1000 and most >= upper * 1000


def test_by_hand():
    """21.049 of 1,000 down to one decimal, 21.01 up; no upper end stays open."""
    assert texts(RATE, 0.021049, 0.02101 + 0.001) == (21.0, 22.1)
    assert texts(RATIO, 1.0061, math.inf) == (1.006, math.inf)
    assert texts(RATIO, 0.5, 0.7999) == (0.5, 0.7999)
    assert texts(DIFFERENCE, -0.0012341, -0.0012341) == (-1.24, -1.23)
