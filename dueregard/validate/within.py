"""Trials of the ratio within schools: Mantel-Haenszel with the limits of Greenland and Robins."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from dueregard.stats.mantel_haenszel import mantel_haenszel_rate_ratio
from dueregard.synth.truth import Truth
from dueregard.validate.cells import LABELS, RATES, SHARES, SHOWN
from dueregard.validate.trial import COVERAGE, LOG, Case, Claim, Declared, Floats, Found, from_

SCHOOLS = {"6 schools": 6, "borough, 24 schools": 24, "5 boroughs, 120 schools": 120}
ROLL = 700
ETHNIC_SPREAD = 14.0  # Dirichlet concentration, as in the made-up borough
SCHOOL_SPREAD = 0.25  # standard deviation of the log of a school's own factor, as in the truth
FIXED = 20_21  # the schools are the same in every draw and every run: only what happens in them is drawn
EACH_FROM = 20
Strata = tuple[Floats, Floats]


def trials() -> tuple[Declared, ...]:
    claims = (Claim(COVERAGE, 0.935, 0.965, f"at each truth, from {EACH_FROM} expected events in each group",
                    from_(EACH_FROM)),)  # fmt: skip
    estimates = "within the same school, a group's rate as a multiple of the White group's"
    return (
        Declared("within_rates", "Ratio of rates within schools, Mantel-Haenszel", estimates, claims, within_cases,
                 draw_within, estimate_within, error=LOG),
        Declared("within_shares", "Ratio of shares within schools, by the form for rates", estimates,
                 (Claim(COVERAGE, 0.935, 1.0, "at each truth, from 20 expected events in each group: wide by design",
                        from_(EACH_FROM)),),
                 partial(within_cases, more=(5.0,)), _draw_shares, estimate_within, error=LOG,
                 remark="Pupils are drawn, and the form for person-time is used, which is wider: by how much grows with "
                        "the share (the cells at 5 times the rate)."),
    )  # fmt: skip


@cache
def schools(n: int) -> tuple[Floats, Floats]:
    """(each school's pupils by group, its factor): shapes (n, 5) and (n,)."""
    rng = np.random.default_rng([FIXED, n])
    mix = rng.dirichlet(np.array(list(SHARES.values())) * ETHNIC_SPREAD, n)
    return np.rint(ROLL * mix), np.exp(rng.normal(0, SCHOOL_SPREAD, n) - SCHOOL_SPREAD**2 / 2)


def within_cases(*, more: tuple[float, ...] = (), ratio: float | None = None) -> tuple[Case, ...]:
    """Sizes, stages and groups; more: also at so many times the rate. ratio: this one instead of the truth's."""
    found = []
    for size, n in SCHOOLS.items():
        for stage, rate in RATES.items():
            for group in SHOWN:
                true = Truth().relative_rates(stage)[group] if ratio is None else ratio
                for times in (1.0, *(more if stage == "contact" else ())):
                    name = f"{size}, {stage}, {LABELS[group]}" + ("" if times == 1 else f", {times:g} times the rate")
                    found.append(_case(name, n, rate * times, group, true))
    return tuple(found)


def _case(name: str, n: int, rate: float, group: str, ratio: float) -> Case:
    rolls, factor = schools(n)
    ones, others = rolls[:, list(SHARES).index(group)], rolls[:, 0]
    p1, p0 = factor * rate * ratio, factor * rate
    expected = min(float(ones @ p1), float(others @ p0))
    return Case(name, ratio, expected, {"n1": ones, "n0": others, "rate1": p1, "rate0": p0})


def draw_within(rng: np.random.Generator, case: Case, n: int) -> Strata:
    of = case.of
    means = of["n1"] * of["rate1"], of["n0"] * of["rate0"]
    return _floats(rng.poisson(means[0], (n, means[0].size)), rng.poisson(means[1], (n, means[1].size)))


def _draw_shares(rng: np.random.Generator, case: Case, n: int) -> Strata:
    of = case.of
    size = (n, of["n1"].size)
    return _floats(
        rng.binomial(of["n1"].astype(int), of["rate1"], size),
        rng.binomial(of["n0"].astype(int), of["rate0"], size),
    )


def _floats(first: np.ndarray, second: np.ndarray) -> Strata:
    return first.astype(float), second.astype(float)


def estimate_within(case: Case, drawn: Strata) -> Found:
    found = mantel_haenszel_rate_ratio(drawn[0], case.of["n1"], drawn[1], case.of["n0"])
    return Found(found.estimate, found.lower, found.upper)
