"""Groups that we took away: do bounds, imputation and corrected counts hold what was there?

- Worst-case bounds (trust B49): 0 to 60 % missing, not at random, in ways that favour either group. With chance they hold
  the true rate ratio in at least 95 % of 1,000 tables (200 in CI) at each share; the realised ratio lies between the bounds always.
- Rubin's limits hold the true ratio in about 95 % where missing hangs on what is observed (the officer's code, the
  place, the outcome), and those of the complete cases do not.
- Corrected counts hold the number that was there in about 95 %.
"""

from __future__ import annotations

import numpy as np
import pytest

from dueregard.stats.confusion import corrected_counts
from dueregard.stats.imputation import pool
from dueregard.stats.missing import worst_case_ratios
from dueregard.stats.ratios import rate_ratios, risk_ratios
from dueregard.stats.selection import effect_among_group, effect_bounds, selection_curve
from dueregard.understand.imputed import Counts, Filled, fill
from dueregard.validate import missing

SHARES, TILTS = (0.0, 0.05, 0.2, 0.4, 0.6), (0.25, 1.0, 4.0)


def coverage_of_bounds(share: float, tilt: float, n_tables: int) -> float:
    """tilt: how many times as readily an event of the group lacks its group as one of another group."""
    rng = np.random.default_rng(11)
    truth, over = 1.6, (6_000.0, 16_000.0)
    a, b, other = (rng.poisson(mean, n_tables) for mean in (over[0] * 0.004 * truth, over[1] * 0.004, 30))
    lost_a, lost_b, lost_other = (rng.binomial(x, q) for x, q in zip((a, b, other), _lost(share, tilt), strict=True))
    held = 0
    for k in range(n_tables):
        n_lost = int(lost_a[k] + lost_b[k] + lost_other[k])
        found = worst_case_ratios([a[k] - lost_a[k]], [over[0]], b[k] - lost_b[k], over[1], missing=n_lost)
        held += bool(found.lower[0] <= truth <= found.upper[0])
        realised = (a[k] / over[0]) / (b[k] / over[1])
        assert found.lowest[0] * (1 - 1e-12) <= realised <= found.highest[0] * (1 + 1e-12)
    return held / n_tables


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("tilt", TILTS)
def test_bounds_hold_the_truth(share, tilt):
    # With nothing missing they are the plain limits, which hold it in 95 %, give or take 1.5 % by chance of 200 tables
    assert coverage_of_bounds(share, tilt, 200) >= (0.95 if share else 0.92)


@pytest.mark.deep
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("tilt", TILTS)
def test_bounds_hold_the_truth_in_a_thousand(share, tilt):
    # with nothing missing: 95 %, give or take 0.7 % by chance of 1,000 tables
    assert coverage_of_bounds(share, tilt, 1000) >= (0.95 if share else 0.93)


def _lost(share: float, tilt: float) -> tuple[float, float, float]:
    odds = share / (1 - share)
    return tilt * odds / (1 + tilt * odds), share, share


@pytest.mark.parametrize("n_tables", (200, pytest.param(1000, marks=pytest.mark.deep)))
def test_bounds_of_both_sides_hold_a_roll_that_lacks_groups(n_tables):
    """Pupils of a roll lack their group too, the group's more often; those with the event are among them, or are not."""
    rng = np.random.default_rng(12)
    held = {True: 0, False: 0}
    for _ in range(n_tables):
        people, risk = np.array([900, 2_500, 700]), np.array([0.06, 0.03, 0.03])
        events = rng.binomial(people, risk)
        lost = rng.binomial(events, (0.3, 0.1, 0.2))
        lost_people = rng.binomial(people - events, (0.2, 0.05, 0.1))
        for is_part in held:
            over = people - lost_people - (lost if is_part else 0)
            unknown = lost_people.sum() + (lost.sum() if is_part else 0)
            a, b = events[0] - lost[0], events[1] - lost[1]
            found = worst_case_ratios([a], [over[0]], b, over[1], missing=int(lost.sum()), missing_exposure=int(unknown),
                                      is_part=is_part, as_risk=True)  # fmt: skip
            held[is_part] += bool(found.lower[0] <= 2.0 <= found.upper[0])
            realised = (events[0] / people[0]) / (events[1] / people[1])
            assert found.lowest[0] - 1e-9 <= realised <= found.highest[0] + 1e-9
    assert min(held.values()) / n_tables >= 0.95


OVER = missing.WORLD_OVER
SEEN_AS = missing.SEEN_AS


def world(rng: np.random.Generator) -> tuple[Counts, np.ndarray]:
    """One table of contacts, some without their group; and the expected events by group (the truth)."""
    return missing.world(rng), (missing.CONTACTS * missing.MAKE_UP * missing.HIT).sum(axis=0)


def pooled(filled: Filled):
    a, b = filled.events[:, 1], filled.events[:, 0]
    return pool(np.log(a / OVER[1] / (b / OVER[0])), 1 / a + 1 / b).interval


def coverage_of_imputation(n_tables: int, seed: int) -> tuple[float, float, float]:
    """(coverage of Rubin's limits, of the complete cases, mean error of the imputed log ratio)."""
    rng = np.random.default_rng(seed)
    held = held_by_known = 0
    errors = []
    for k in range(n_tables):
        counts, expected = world(rng)
        truth = np.log(expected[1] / OVER[1] / (expected[0] / OVER[0]))
        filled = fill(counts, seed=k, n_imputations=20)
        assert filled is not None
        found = pooled(filled)
        held += bool(found.lower <= truth <= found.upper)
        errors.append(found.estimate - truth)
        a, b = counts.known[counts.has_reached][:, 1].sum(), counts.known[counts.has_reached][:, 0].sum()
        plain = rate_ratios([a], [OVER[1]], b, OVER[0])
        held_by_known += bool(np.log(plain.lower[0]) <= truth <= np.log(plain.upper[0]))
    return held / n_tables, held_by_known / n_tables, float(np.mean(errors))


def test_rubins_limits_hold_the_truth():
    held, by_known, error = coverage_of_imputation(200, seed=21)
    # 200 tables know a coverage of 95 % to 1.5 %; three of them
    assert 0.905 <= held <= 0.995
    assert by_known < 0.5  # else missing would not have hung on what is observed, and the test would show nothing
    assert abs(error) < 0.03  # a standard deviation of about 0.07 over the root of 200 is 0.005


@pytest.mark.deep
def test_rubins_limits_hold_the_truth_in_many_tables():
    held, by_known, error = coverage_of_imputation(2000, seed=22)
    assert 0.935 <= held <= 0.97  # 2,000 tables know 95 % to 0.5 %
    assert by_known < 0.5
    assert abs(error) < 0.02


def coverage_of_corrected(n_tables: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    held = []
    for _ in range(n_tables):
        whole = rng.poisson(
            np.array([300, 180, 60])[:, None] * SEEN_AS[:, :3] / SEEN_AS[:, :3].sum(axis=1, keepdims=True)
        )
        lost = rng.binomial(whole, np.array([0.1, 0.4, 0.25])[None, :])
        found = corrected_counts(whole - lost, lost.sum(axis=0), rng=rng, n_draws=1000)
        truth = whole.sum(axis=1)
        held.append((found.lower <= truth) & (truth <= found.upper))
    return float(np.mean(held))


def test_corrected_counts_hold_what_was_there():
    # whole numbers between whole limits hold a little more than 95 %; 200 tables of three groups know it to about 1 %
    assert 0.93 <= coverage_of_corrected(200, seed=31) <= 0.995


def strata(rng: np.random.Generator, n: int, rho: float) -> tuple[np.ndarray, float]:
    """Contacts of both groups drawn from principal strata: (events, contacts of the group; of the other), mean effect."""
    severe = rng.random(n) < 0.5
    met_only_as_group = rng.random(n) < rho
    one = np.where(met_only_as_group, rng.random(n) < 0.15, rng.random(n) < 0.20 + 0.2 * severe)
    other = np.where(met_only_as_group, False, rng.random(n) < 0.10 + 0.2 * severe)
    everybody = n
    comparison = rng.random(n) < 0.10 + 0.2 * (rng.random(n) < 0.5)  # met in either case, alike situations
    return np.array([one.sum(), everybody, comparison.sum(), n]), float(one.mean() - other.mean())


def test_the_effect_among_the_groups_contacts_is_recovered():
    """Half a million contacts in each group, of which 30 % would not have been met as comparison pupils."""
    (a, n1, b, n0), truth = strata(np.random.default_rng(41), 500_000, rho=0.3)
    rho = 0.3
    # a share of 500,000 is known to 0.0007, and rho itself is drawn: five standard deviations of the sum
    assert float(effect_among_group(a / n1, b / n0, rho)) == pytest.approx(truth, abs=0.006)
    low, high = effect_bounds(a / n1, b / n0, rho, 0.5)
    assert low < high
    assert float(effect_among_group(a / n1, b / n0, 0.0)) < truth - 0.03  # without rho the effect is understated


def test_limits_of_the_selection_curve_hold_the_truth():
    rng = np.random.default_rng(42)
    y1, y0, rho = 0.24, 0.22, 0.32
    a, b = rng.binomial(120, y1, 1000), rng.binomial(300, y0, 1000)
    truth, held = float(effect_among_group(y1, y0, rho)), 0
    low, high = (float(end) for end in effect_bounds(y1, y0, rho, 120 / 420))
    both = 0
    for k in range(1000):
        found = selection_curve(a[k], 120, b[k], 300, rhos=[rho])
        held += bool(found.among_group_lower[0] <= truth <= found.among_group_upper[0])
        both += bool(found.lower[0] <= low and high <= found.upper[0])
    assert 0.93 <= held / 1000 <= 0.975  # 1,000 tables know 95 % to 0.7 %; MOVER is a little wide
    assert both / 1000 >= 0.93  # the whole of the identified range lies inside


def test_a_risk_has_no_more_events_than_people():
    """All 40 missing cannot be of a group of 50 that has 30 already; what is left of it is all that it can have."""
    found = worst_case_ratios([30], [50], 100, 1_000, missing=40, as_risk=True)
    assert found.highest[0] == pytest.approx((50 / 50) / (100 / 1_000))
    plain = risk_ratios([50], [50], 100, 1_000)
    assert found.upper[0] == pytest.approx(plain.upper[0])
