"""Made-up forces, released and attacked from the published text alone; the truth is set, and stays in the test.

Every true count of 1 to 7 must keep limits at least 5 apart (or as far as its roll allows), in one release with all its
tables, charts and intervals, and in a series of twelve termly releases. What is lost for that is measured too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from dueregard.disclose.attack import attack, names_of
from dueregard.disclose.bands import shown_count, shown_roll
from dueregard.disclose.bounds import bounds_of
from dueregard.disclose.build import joined
from dueregard.disclose.estimates import protected_rate, protected_ratio
from dueregard.disclose.plan import plan
from dueregard.disclose.policy import policy_named
from dueregard.disclose.rules_told import link_rules
from dueregard.evidence.protected import ProtectedEstimate
from dueregard.evidence.published import ROLL, Coordinates, Published, roll_under
from dueregard.evidence.published_json import published_as_json, published_from_json
from dueregard.publish.printing import RATE, RATIO, printed_of, read_back
from tests.unit.disclose.forces import TERMS, Force, cells_of, figures_of, made_force, published, questions, truth_of

PUBLIC = policy_named("public")
YEARS = ("2020/21", "2021/22", "2022/23", "2023/24")
SEEDS = [pytest.param(seed, marks=() if seed < 5 else pytest.mark.deep) for seed in range(200)]
SERIES = [pytest.param(seed, marks=() if seed < 1 else pytest.mark.deep) for seed in range(10)]


@dataclass(frozen=True)
class Series:
    releases: list[Published]
    truth: dict[Coordinates, int]
    lower: float  # the share of questions that are shown less fine than by school


def released(force: Force, periods: list[list[str]], by: tuple[str, ...], *, with_pooled: bool = False) -> Series:
    """One release after another, each planned with all before it as `dueregard publish` does, and read back from its text."""
    releases: list[Published] = []
    truth: dict[Coordinates, int] = {}
    n_lower, n_questions = 0, 0
    for number, wanted in enumerate(periods):
        figures = figures_of(force, wanted, by, PUBLIC, f"r{number}", with_pooled=with_pooled)
        made = plan(figures.wishes(), figures, PUBLIC, earlier=releases)
        assert made.attack.is_safe, made.attack.narrowed[:3]
        releases.append(published_from_json(json.loads(json.dumps(published_as_json(made.published)))))
        truth |= truth_of(cells for of_place in figures.answers.values() for cells in of_place.values())
        n_questions += len(figures.answers)
        n_lower += sum(place != "school" for place in made.choice.places.values())
    return Series(releases, truth, n_lower / n_questions)


def check_small_counts(series: Series) -> None:
    """The attacker's bounds beside the truth: of every count that is published, low or hidden."""
    made = joined(series.releases)
    link_rules(made, PUBLIC)
    small = {name for name, n in series.truth.items() if 1 <= n <= 7 and dict(name)["stage"] != ROLL}
    wanted = np.array([name in small for name in made.system.names])
    assert wanted.sum() > 50
    rolls = np.array([series.truth.get(roll_under(name), 0) for name in made.system.names])
    need = np.where(rolls > 0, np.minimum(5, rolls), 5).astype(float)
    found = bounds_of(made.system, wanted, need, is_exact=False)
    truth = np.array([series.truth.get(name, -1) for name in made.system.names])
    width = found.at_most - found.at_least
    known = wanted & ~found.is_wide
    assert ((found.at_least <= truth) & (truth <= found.at_most))[known].all()  # it says nothing untrue
    assert (width >= need)[wanted].all()
    assert not ((found.at_least >= 1) & (found.at_most <= 5) & (rolls > 5))[known].any()


def utility(series: Series) -> tuple[int, int, list[float], list[float]]:
    """Cells of the force and its areas with a true count from 8: how many, how many published, and their relative errors."""
    counts = {row.of: row.n for release in series.releases for table in release.tables for row in table.rows}
    n_cells, n_shown, large, medium = 0, 0, [], []
    for name, n in series.truth.items():
        if n < 8 or "school" in dict(name) or dict(name)["stage"] == ROLL:
            continue
        n_cells += 1
        if name in counts and (shown := counts[name].shown) is not None:
            n_shown += 1
            (large if n >= 25 else medium).append(abs(shown - n) / n)
    return n_cells, n_shown, large, medium


@pytest.mark.parametrize("seed", SEEDS)
def test_a_release_of_a_force(seed):
    """Every twentieth force with its ratios within schools: they make an attack several times as long."""
    series = released(
        made_force(seed), [["2023/24-summer"]], ("ethnicity", "sex"), with_pooled=seed % 20 == 19
    )  # minutes each
    check_small_counts(series)
    assert attack(series.releases, PUBLIC, is_exact=False).is_safe
    n_cells, n_shown, large, medium = utility(series)
    assert n_cells >= 20 and n_shown >= 0.9 * n_cells
    assert np.median(large) <= 0.05 and np.median(medium) <= 0.12


@pytest.mark.parametrize("seed", SERIES)
def test_twelve_termly_releases(seed):
    """Each summer's release also gives the whole year."""
    force = made_force(1000 + seed, years=YEARS)
    periods = [[f"{year}-{term}"] + ([year] if term == "summer" else []) for year in YEARS for term in TERMS]
    series = released(force, periods, ("ethnicity",))
    assert len(series.releases) == 12
    check_small_counts(series)
    n_cells, n_shown, large, medium = utility(series)
    assert n_shown >= 0.9 * n_cells
    assert np.median(large) <= 0.05 and np.median(medium) <= 0.12


def test_the_check_can_fail():
    """The same release with its counts shown as they are: small counts are found, each with its truth."""
    force = made_force(0)
    answers = [cells_of(force, measure) for measure in questions(["2023/24-summer"], by=("ethnicity",))]
    naive = published(answers, policy_named("internal"), force, release="naive")
    found = attack([naive], PUBLIC, is_exact=False, with_reasons=False)
    truth = truth_of(answers)
    given_away = {one.of: one.at_least for one in found.narrowed if not one.whole_group and one.at_least == one.at_most}
    assert len(given_away) > 100
    assert all(truth[name] == n for name, n in given_away.items() if name in truth)
    assert set(given_away) <= {*names_of(naive), *given_away}


@pytest.mark.parametrize("n_simulations", [200, pytest.param(2_000, marks=pytest.mark.deep)])
def test_published_intervals_cover_the_truth(n_simulations):
    """Rates and ratios as they are printed, over many true rates and rolls: at least as often as they claim."""
    rng = np.random.default_rng(7)
    covered, n_rates, ratios, n_ratios = 0, 0, 0, 0
    for _ in range(n_simulations):
        roll, roll0 = int(rng.integers(100, 3_000)), int(rng.integers(100, 3_000))
        rate, rate0 = rng.uniform(0.005, 0.2, 2)
        n, n0 = int(rng.binomial(roll, rate)), int(rng.binomial(roll0, rate0))
        pair = shown_count(n, PUBLIC), shown_roll(roll, PUBLIC)
        pair0 = shown_count(n0, PUBLIC), shown_roll(roll0, PUBLIC)
        found, ratio = protected_rate(*pair, as_risk=True), protected_ratio(pair, pair0, as_risk=True)
        n_rates, covered = n_rates + 1, covered + holds(RATE, found, 1000 * rate)
        if ratio is not None:
            n_ratios, ratios = n_ratios + 1, ratios + holds(RATIO, ratio, rate / rate0)
    assert n_ratios > 0.8 * n_simulations
    assert covered >= 0.95 * n_rates and ratios >= 0.95 * n_ratios


def holds(kind: str, found: ProtectedEstimate | None, truth: float) -> bool:
    """Does the printed interval hold the truth?"""
    printed = read_back(kind, printed_of(kind, found, as_risk=True, per=1))
    assert printed is not None
    return printed.lower <= truth <= printed.upper
