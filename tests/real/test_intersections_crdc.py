"""Intersections on the real CRDC 2013-14 sample: groups with hundreds counted keep their own rate; few schools differ a lot."""

from __future__ import annotations

import pytest

from dueregard import steps
from dueregard.errors import CannotAnswer
from dueregard.measures.question import question


def test_many_counted_keep_their_own_rate(crdc_2013):
    found = steps.intersections(crdc_2013, question("referred_by_school", by="ethnicity,sex"))
    many = [one for one in found.strata if one.n is not None and one.n > 300]
    assert len(many) == 3 and all(one.own_share > 0.95 for one in many)
    for one in many:  # at most a twentieth is borrowed, and others are at most a factor of 2 away: 3 %
        assert one.rate_per_1000.estimate == pytest.approx(one.own_rate_per_1000.estimate, rel=0.03)
    boys = next(one for one in found.strata if one.codes == ("BL", "M"))
    assert boys.residual.lower < 1 < boys.residual.upper and boys.excess_per_1000.lower > 0
    assert any(caveat.startswith("Schools differ so much") for caveat in found.caveats)


def test_a_roll_that_is_suppressed_is_told(crdc_2013):
    with pytest.raises(CannotAnswer, match="suppressed or not split so"):
        steps.intersections(crdc_2013, question("referred_by_school", by="ethnicity,sex,disability"))
