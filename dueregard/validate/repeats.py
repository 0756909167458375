"""Trials with pupils who come back: what too few limits cover, and what is fine.

A pupil's yearly number is Poisson with a factor of the pupil's own, gamma with mean 1: negative binomial. The truth
sets the shape 0.4; 0.1 is harsher.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.stats import nbinom

from dueregard.stats.proportions import proportions
from dueregard.stats.rates import rates
from dueregard.stats.standardise import directly_standardised
from dueregard.validate.cells import TAIL, binomial_counts
from dueregard.validate.one_group import found_of
from dueregard.validate.standardised import BY_STRATUM, STANDARD
from dueregard.validate.trial import COVERAGE, Case, Claim, Declared, Draws, Floats, Found, about_95

SHAPES = (0.4, 0.1)
MEANS = (0.02, 0.1, 0.4)  # contacts a pupil and year: a school with few, with many, a referral unit
PUPILS = (200, 2_000)
SQUARES_FROM = 40


def trials() -> tuple[Declared, ...]:
    wide = (Claim(COVERAGE, 0.935, 1.0, f"at each truth, from {SQUARES_FROM} pupils expected to be counted, at the "
                  "truth's concentration (shape 0.4)",
                  lambda case: case.expected >= SQUARES_FROM and case.of["shape"] >= 0.4),)  # fmt: skip
    few = Draws(quick=300, full=10_000, block=500)
    return (
        Declared("repeats_taken_as_independent", "Rate of contacts, each taken as another pupil's",
                 "contacts per pupil-year, when pupils come back", (), _cases, _draw_total, _naive,
                 outcomes=_total_outcomes,
                 remark="It claims nothing: the range is too narrow, the more so the more the contacts lie with few. "
                        "This is what `compare` prints for involvements and events; read it by pupils."),
        Declared("repeats_pupils", "Share of pupils with any contact, Wilson, when pupils come back",
                 "the share of pupils with at least one contact", about_95()[1:], partial(_cases, of_pupils=True),
                 _draw_pupils, _pupils, outcomes=_pupil_outcomes),
        Declared("repeats_direct_naive", "Directly standardised rate of contacts, each taken as another pupil's",
                 "contacts per pupil-year at the make-up of the whole roll, when pupils come back", (), _cases,
                 _draw_squares, partial(_direct, is_widened=False), draws=few,
                 remark="It claims nothing: shown beside the next."),
        Declared("repeats_direct_widened", "Directly standardised rate of contacts, widened for repeat contacts",
                 "contacts per pupil-year at the make-up of the whole roll, when pupils come back", wide, _cases,
                 _draw_squares, partial(_direct, is_widened=True), draws=few),
    )  # fmt: skip


def _cases(*, of_pupils: bool = False) -> tuple[Case, ...]:
    return tuple(_case(n, mean, shape, of_pupils) for n in PUPILS for mean in MEANS for shape in SHAPES)


def _case(n: int, mean: float, shape: float, of_pupils: bool) -> Case:
    """expected: the pupils expected to be counted, for a pupil's contacts are one piece of information."""
    share = 1 - (1 + mean / shape) ** -shape
    name = f"{n:,} pupils, {mean:g} contacts each, shape {shape:g}"
    of = {"n": n, "mean": mean, "shape": shape, "share": share}
    return Case(name, share if of_pupils else mean, n * min(share, 1 - share), of)


def _chance(mean: Floats | float, shape: float) -> Floats | float:
    return shape / (shape + mean)


def _draw_total(rng: np.random.Generator, case: Case, n: int) -> Floats:
    """The sum over alike pupils is negative binomial with their number times the shape."""
    of = case.of
    return rng.negative_binomial(of["n"] * of["shape"], _chance(of["mean"], of["shape"]), n).astype(float)


def _total_outcomes(case: Case, most: int) -> tuple[Floats, Floats]:
    of = case.of
    total = nbinom(of["n"] * of["shape"], _chance(of["mean"], of["shape"]))
    counts = np.arange(total.ppf(TAIL), total.isf(TAIL) + 1)
    return counts, total.pmf(counts)


def _naive(case: Case, counts: Floats) -> Found:
    return found_of(rates(counts, case.of["n"]))


def _draw_pupils(rng: np.random.Generator, case: Case, n: int) -> Floats:
    return rng.binomial(case.of["n"], case.of["share"], n).astype(float)


def _pupil_outcomes(case: Case, most: int) -> tuple[Floats, Floats]:
    return binomial_counts(case.of["n"], case.of["share"])


def _pupils(case: Case, counts: Floats) -> Found:
    return found_of(proportions(counts, case.of["n"]))


def _draw_squares(rng: np.random.Generator, case: Case, n: int) -> tuple[Floats, Floats]:
    """Each stratum's contacts, and the sum of squares of its pupils' contacts. Shape (n, n_strata) both."""
    of = case.of
    mean = np.repeat(of["mean"] * BY_STRATUM, of["n"] // BY_STRATUM.size)
    seen = rng.negative_binomial(of["shape"], _chance(mean, of["shape"]), (n, mean.size))
    by_stratum = seen.reshape(n, BY_STRATUM.size, -1)
    return by_stratum.sum(axis=2).astype(float), (by_stratum**2).sum(axis=2).astype(float)


def _direct(case: Case, drawn: tuple[Floats, Floats], *, is_widened: bool) -> Found:
    over = np.full(drawn[0].shape, case.of["n"] // BY_STRATUM.size, dtype=float)
    squares = drawn[1] if is_widened else None
    return found_of(directly_standardised(drawn[0], over, STANDARD, squares=squares).rates)
