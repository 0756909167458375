import itertools
import math

import pytest

from dueregard.stats.intervals import Interval
from dueregard.stats.verdicts import Verdict, agree, verdict, words

CASES = [
    (1.6, 2.0, Verdict.HIGHER),
    (1.3, math.inf, Verdict.HIGHER),
    (1.05, 1.3, Verdict.HIGHER),
    (1.05, 1.2, Verdict.HIGHER_BY_LESS_THAN_A_QUARTER),
    (1.05, 1.25, Verdict.HIGHER),
    (0.0, 0.7, Verdict.LOWER),
    (0.7, 0.95, Verdict.LOWER),
    (0.81, 0.95, Verdict.LOWER_BY_LESS_THAN_A_QUARTER),
    (0.8, 0.95, Verdict.LOWER),
    (0.9, 1.1, Verdict.SMALLER_THAN_A_QUARTER),
    (1.0, 1.2, Verdict.SMALLER_THAN_A_QUARTER),
    (0.8, 1.1, Verdict.TOO_LITTLE),
    (0.9, 1.25, Verdict.TOO_LITTLE),
    (0.0, math.inf, Verdict.TOO_LITTLE),
    (0.4, 3.0, Verdict.TOO_LITTLE),
    (math.nan, math.nan, Verdict.NOT_ESTIMABLE),
]


@pytest.mark.parametrize(("lower", "upper", "expected"), CASES)
def test_order_of_verdicts(lower, upper, expected):
    assert verdict(lower, upper) is expected


NEVER = ["no disparity", "significant", "bias", "discrimination", "compliant"]


@pytest.mark.parametrize(("lower", "upper", "expected"), CASES)
def test_wording_never_claims(lower, upper, expected):
    sentence = words(expected, lower, upper)
    assert not any(word in sentence.lower() for word in NEVER)
    assert not {"nan", "inf"} & set(sentence.replace(",", "").split())


def test_sentences():
    assert words(Verdict.SMALLER_THAN_A_QUARTER, 0.9, 1.1) == (
        "any difference is smaller than a quarter either way; this does not show that there is none"
    )
    assert words(Verdict.TOO_LITTLE, 0.0, math.inf) == (
        "too little information to tell: the data are compatible with anything from 0 times, with no upper "
        "limit; this is not evidence that there is no difference"
    )
    assert words(Verdict.LOWER, 0.0, 0.7) == "lower: the data are compatible with anything from 0 to 0.70 times"


def test_a_printed_limit_never_belies_the_verdict():
    assert "1.0004 to 1.50" in words(Verdict.HIGHER, 1.0004, 1.5)
    assert "1.00 to 1.50" in words(Verdict.TOO_LITTLE, 1.0, 1.5)
    assert "0.003 to 0.50" in words(Verdict.LOWER, 0.003, 0.5)


HIGH, UNSURE_HIGH, UNSURE_LOW = Interval(1.8, 1.6, 2.0), Interval(1.2, 0.9, 1.6), Interval(0.9, 0.7, 1.2)
LOW, NONE = Interval(0.5, 0.4, 0.6), Interval(math.nan, math.nan, math.nan)
AGREE = {(HIGH, HIGH), (LOW, LOW), (UNSURE_HIGH, UNSURE_HIGH), (UNSURE_LOW, UNSURE_LOW), (NONE, NONE)}
AGREE |= {(UNSURE_HIGH, NONE), (UNSURE_LOW, NONE)}


PAIRS = list(itertools.combinations_with_replacement((HIGH, UNSURE_HIGH, UNSURE_LOW, LOW, NONE), 2))


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_agreement(one, two):
    assert agree(one, two) is agree(two, one) is ((one, two) in AGREE or (two, one) in AGREE)
