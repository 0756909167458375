"""The pooled ratio without each stratum: as if the stratum had not been sent."""

from __future__ import annotations

import math

import numpy as np

from dueregard.stats.leave_one_out import leave_one_out_ratios
from dueregard.stats.mantel_haenszel import mantel_haenszel_rate_ratio


def test_equals_the_ratio_of_the_other_strata():
    rng = np.random.default_rng(7)
    t1, t0 = rng.integers(0, 200, 30), rng.integers(0, 400, 30)
    a, b = rng.binomial(t1, 0.1), rng.binomial(t0, 0.05)
    found = leave_one_out_ratios(a, t1, b, t0).ratios
    for n in range(30):
        others = np.arange(30) != n
        again = mantel_haenszel_rate_ratio(a[others], t1[others], b[others], t0[others]).estimate[0]
        if t1[n] and t0[n]:
            assert math.isclose(found[n], again, rel_tol=1e-12)  # sums of 30 terms in another order
        else:
            assert math.isnan(found[n])


def test_one_stratum_that_carries_everything():
    """Without the only stratum with events of the comparison group the ratio has no upper limit."""
    found = leave_one_out_ratios([2, 1, 1], [10, 10, 10], [0, 0, 3], [10, 10, 10])
    assert math.isinf(found.ratios[2]) and found.highest == math.inf


def test_nothing_is_left_without_the_only_stratum():
    found = leave_one_out_ratios([2, 4], [10, 10], [1, 0], [10, 0])
    assert np.isnan(found.ratios).all() and not found.is_known
    assert math.isnan(found.lowest) and math.isnan(found.highest)
