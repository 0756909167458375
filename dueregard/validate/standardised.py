"""Trials of standardised rates and ratios, with events that are independent."""

from __future__ import annotations

from functools import partial

import numpy as np

from dueregard.stats.standardise import (
    directly_standardised,
    directly_standardised_ratios,
    indirectly_standardised,
)
from dueregard.synth.truth import Truth
from dueregard.validate.cells import LABELS, RATES, ROLLS, SHARES, SHOWN
from dueregard.validate.one_group import found_of
from dueregard.validate.trial import COVERAGE, LOG, Case, Claim, Declared, Floats, Found, from_, never_below

# Rate by year group 7 to 11 and sex (girls, boys) as a multiple of the mean: ages 14 to 16 and boys most, as in the truth.
BY_STRATUM = np.outer([0.43, 0.72, 1.15, 1.44, 1.25], [0.625, 1.375]).ravel()
STANDARD = np.full(10, 0.1)  # the whole roll: strata alike in size
OLDER = np.repeat([0.14, 0.17, 0.20, 0.23, 0.26], 2) / 2  # the group's make-up: more older pupils than the standard


def trials() -> tuple[Declared, ...]:
    each, later = (
        (Claim(COVERAGE, 0.935, 0.965, f"at each truth, from {n} expected events in each group", from_(n)),)
        for n in (20, 50)
    )
    return (
        Declared("direct_rate", "Directly standardised rate, Dobson", "the rate that a group would have with the make-up "
                 "of the whole roll", later, partial(_cases, kind="direct"), _draw, _direct,
                 remark="It rests on Byar's limits: with fewer events it covers more than it need, where it is printed at "
                        "all (from 10 events)."),
        Declared("direct_ratio", "Ratio of two directly standardised rates, log-normal", "that rate as a multiple of the "
                 "White group's", each, partial(_cases, kind="ratio"), _draw_two, _direct_ratio, error=LOG),
        Declared("indirect_ratio", "Indirectly standardised ratio, exact or Byar", "events counted for each that the "
                 "group would have at standard rates", never_below(), partial(_cases, kind="indirect"), _draw, _indirect,
                 is_exact=True,
                 remark="The standard's rates are taken as known: their own uncertainty is not in the interval."),
    )  # fmt: skip


def _cases(*, kind: str) -> tuple[Case, ...]:
    found = []
    for size, roll in ROLLS.items():
        for stage, rate in RATES.items():
            for group in SHOWN:
                ratio = Truth().relative_rates(stage)[group]
                name = f"{size}, {stage}, {LABELS[group]}"
                found.append(
                    _case(name, kind, roll * SHARES[group] * OLDER, roll * SHARES["W"] * STANDARD, rate, ratio)
                )
    return tuple(found)


def _case(name: str, kind: str, ones: Floats, others: Floats, rate: float, ratio: float) -> Case:
    rates = rate * BY_STRATUM
    expected = float(ones @ rates) * ratio
    if kind == "ratio":
        expected = min(expected, float(others @ rates))
    truth = {"direct": ratio * float(STANDARD @ rates), "ratio": ratio, "indirect": ratio}[kind]
    return Case(name, truth, expected, {"n1": ones, "n0": others, "rate1": rates * ratio, "rate0": rates})


def _draw(rng: np.random.Generator, case: Case, n: int) -> Floats:
    return rng.poisson(case.of["n1"] * case.of["rate1"], (n, STANDARD.size)).astype(float)


def _draw_two(rng: np.random.Generator, case: Case, n: int) -> tuple[Floats, Floats]:
    ones = _draw(rng, case, n)
    return ones, rng.poisson(case.of["n0"] * case.of["rate0"], ones.shape).astype(float)


def _direct(case: Case, events: Floats) -> Found:
    over = np.broadcast_to(case.of["n1"], events.shape)
    return found_of(directly_standardised(events, over, STANDARD).rates)


def _direct_ratio(case: Case, drawn: tuple[Floats, Floats]) -> Found:
    over = np.broadcast_to(case.of["n1"], drawn[0].shape)
    return found_of(directly_standardised_ratios(drawn[0], over, drawn[1], case.of["n0"], STANDARD).rates)


def _indirect(case: Case, events: Floats) -> Found:
    over = np.broadcast_to(case.of["n1"], events.shape)
    return found_of(indirectly_standardised(events, over, case.of["rate0"], np.ones(STANDARD.size)).ratios)
