"""Trials of `decompose`: the total ratio and every part of a chain, by each method that makes ranges.

By the bootstrap schools are drawn anew in each table, and the truth is that of the population of schools. By the delta
method and by Bayesian draws the schools are fixed, counts alone are drawn, and the truth is that of their rates. Truths
are worked out here from the rates, by their own few lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from dueregard.stats.decompose import ChainCounts
from dueregard.stats.decompose import decompose as parts_of
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, limits_of
from dueregard.stats.intervals import Floats
from dueregard.validate.trial import COVERAGE, MODEL, MODEL_DRAWS, Case, Claim, Declared, Found

GROUPS = np.array(
    [[0.030, 0.045], [0.012, 0.017]]
)  # contacts per pupil-day and state (posted, not), comparison and group
ON = np.array([[0.40, 0.48], [0.45, 0.42], [0.5, 0.5]])  # who goes on from step to step
FIXED, POPULATION = 7, 8  # seeds: of the schools that stay, and of the population
MANY = 300_000
N_SCHOOLS, REPLICATES = 150, 1_000
Drawn = list[tuple[ChainCounts, np.random.Generator]]


@dataclass(frozen=True)
class Schools:
    """exposure, rates: (schools, states, groups); on: (steps, schools, states, groups), shares that go on."""

    exposure: Floats
    rates: Floats
    on: Floats


def trials() -> tuple[Declared, ...]:
    estimates = "a group's rate as a multiple of another's, and every part of the chain that leads to it"
    drawn = "on average over the total and nine parts, 150 schools"
    two = (Claim(COVERAGE, 0.935, 0.965, drawn, lambda _: True),)
    return (
        Declared("decompose_bootstrap", "Parts of a chain, schools drawn anew", estimates,
                 two, partial(_cases, BOOTSTRAP), draw_tables, _estimate,
                 form=MODEL, draws=MODEL_DRAWS, remark="Percentiles of few clusters are a little short, more so than the delta method here."),
        Declared("decompose_delta", "Parts of a chain, delta method", estimates, two, partial(_cases, DELTA), draw_tables,
                 _estimate, form=MODEL, draws=MODEL_DRAWS),
        Declared("decompose_bayes", "Parts of a chain, Bayesian draws", estimates, two, partial(_cases, BAYES), draw_tables,
                 _estimate, form=MODEL, draws=MODEL_DRAWS),
    )  # fmt: skip


def _cases(method: str) -> tuple[Case, ...]:
    fixed = schools(N_SCHOOLS, np.random.default_rng(FIXED))
    expected = float((fixed.exposure * fixed.rates * fixed.on.prod(axis=0)).sum(axis=(0, 1)).min())
    return (Case(f"{N_SCHOOLS} schools", float("nan"), expected, {"method": method}),)


def schools(n: int, rng: np.random.Generator) -> Schools:
    """Schools that differ in size, make-up, posting, how many contacts they have, and how often these go on.

    Officers are likelier where the group is, contacts likelier at some schools, and the second step where the group is less.
    """
    roll = rng.lognormal(6.6, 0.35, n)
    share = rng.beta(2, 4, n)
    posted = np.clip(0.2 + 0.9 * share + rng.normal(0, 0.12, n), 0.05, 0.95)
    state = np.stack([posted, 1 - posted], axis=1)
    exposure = roll[:, None, None] * state[:, :, None] * np.stack([1 - share, share], axis=1)[:, None, :]
    busy = rng.gamma(5, 1 / 5, n) * (0.8 + 0.6 * share)
    lean = np.stack([0.9 + 0.3 * share, 1.1 - 0.3 * share, np.ones(n)])
    on = np.clip(ON[:, None, None, :] * lean[:, :, None, None] * rng.uniform(0.9, 1.1, (1, n, 1, 1)), 0, 1)
    return Schools(exposure, GROUPS * busy[:, None, None], np.broadcast_to(on, (3, n, 2, 2)))


def truth(of: Schools) -> Floats:
    """The total ratio and the nine factors, from the rates: group 1 over group 0."""
    x, r = of.exposure, of.rates
    p = x.sum(axis=0) / x.sum(axis=(0, 1))
    by_state = (x * r).sum(axis=0) / x.sum(axis=0)
    own = [(p[:, g] * by_state[:, g]).sum() for g in (0, 1)]
    placed = (p[:, 1] * by_state[:, 0]).sum()
    at_others = (x[:, :, 1] * r[:, :, 0]).sum() / x[:, :, 1].sum()
    found = [placed / own[0], at_others / placed, own[1] / at_others]
    reached = x * r
    for on in of.on:
        rate = [(reached[:, :, g] * on[:, :, g]).sum() / reached[:, :, g].sum() for g in (0, 1)]
        crossed = (reached[:, :, 1] * on[:, :, 0]).sum() / reached[:, :, 1].sum()
        found += [crossed / rate[0], rate[1] / crossed]
        reached = reached * on
    return np.array([np.prod(found), *found])


@cache
def truth_for(method: str, n_schools: int = N_SCHOOLS) -> Floats:
    """Of the population for the bootstrap, else of the schools that stay."""
    if method == BOOTSTRAP:
        return truth(schools(MANY, np.random.default_rng(POPULATION)))
    return truth(schools(n_schools, np.random.default_rng(FIXED)))


def counts_of(of: Schools, rng: np.random.Generator) -> ChainCounts:
    """One table of counts from these rates."""
    reached = [rng.poisson(of.exposure * of.rates)]
    for on in of.on:
        reached.append(rng.binomial(reached[-1], on))
    return ChainCounts(of.exposure, np.stack(reached).astype(float))


def draw_tables(rng: np.random.Generator, case: Case, n: int) -> Drawn:
    """n tables, each with random numbers for its own ranges."""
    fixed = schools(N_SCHOOLS, np.random.default_rng(FIXED))
    is_anew = case.of["method"] == BOOTSTRAP
    return [(counts_of(schools(N_SCHOOLS, rng) if is_anew else fixed, rng), one) for one in rng.spawn(n)]


def _estimate(case: Case, drawn: Drawn) -> Found:
    method = case.of["method"]
    estimate, lower, upper = [], [], []
    for counts, rng in drawn:
        parts, found = parts_of(counts), limits_of(counts, method, rng=rng, replicates=REPLICATES)
        estimate.append(np.concatenate([parts.total_ratio, parts.ratio[:, 0]]))
        lower.append(np.concatenate([found.lower.total_ratio, found.lower.ratio[:, 0]]))
        upper.append(np.concatenate([found.upper.total_ratio, found.upper.ratio[:, 0]]))
    return Found(np.array(estimate), np.array(lower), np.array(upper), truth_for(method)[None, :])
