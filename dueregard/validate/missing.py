"""Trials of `sensitivity`: groups are taken away from events, and the methods are asked for what was there.

Worst-case bounds must hold the true ratio whoever the missing are. Imputation must where missing hangs on what is seen
(the officer's code, the place, the outcome), and the complete cases then do not.
"""

from __future__ import annotations

import math

import numpy as np

from dueregard.stats.imputation import one_hot, pool
from dueregard.stats.missing import worst_case_ratios
from dueregard.stats.ratios import rate_ratios
from dueregard.understand.imputed import Counts, Filled, fill
from dueregard.validate.trial import COVERAGE, LOG, MODEL, MODEL_DRAWS, Case, Claim, Declared, Floats, Found

OVER = (6_000.0, 16_000.0)
RATE, TRUTH, OTHERS = 0.004, 1.6, 30
SHARES, TILTS = (0.05, 0.2, 0.4), (0.25, 1.0, 4.0)
N_IMPUTATIONS = 20
# A world of three groups, four officer's codes, five places; the event, and whether the group is written down.
SEEN_AS = np.array([(0.82, 0.10, 0.03, 0.05), (0.02, 0.86, 0.08, 0.04), (0.15, 0.12, 0.65, 0.08)])
MAKE_UP = np.array([(0.7, 0.2, 0.1), (0.5, 0.4, 0.1), (0.4, 0.2, 0.4), (0.6, 0.3, 0.1), (0.3, 0.5, 0.2)])
WORLD_OVER = np.array([40_000.0, 16_000.0, 9_000.0])
CONTACTS, HIT = 520, np.array([0.30, 0.45, 0.35])
CELLS = np.array([(code, place, hit) for code in range(4) for place in range(5) for hit in range(2)])


def trials() -> tuple[Declared, ...]:
    held = (Claim(COVERAGE, 0.95, 1.0, "whoever the missing are", lambda _: True, allowance=3.0),)
    return (
        Declared("missing_worst_case", "Worst-case bounds of a ratio, with chance", "a group's rate as a multiple of another's, "
                 "some events of unknown group", held, _bound_cases, _draw_bounds, _bounds, form=MODEL, is_exact=True, error=LOG,
                 draws=MODEL_DRAWS, remark="The estimate is the ratio of the known alone, which is off where the groups are missing "
                 "at different rates; the bounds hold the truth all the same."),
        Declared("missing_imputed", "Ratio by multiple imputation, Rubin's limits", "a group's rate as a multiple of another's, "
                 "groups missing by officer's code, place and outcome",
                 (Claim(COVERAGE, 0.935, 0.965, "where missing hangs on what is seen", lambda _: True),), _world_cases,
                 _draw_worlds, _imputed, form=MODEL, error=LOG, draws=MODEL_DRAWS),
        Declared("missing_complete_cases", "Ratio of those whose group is known, the missing left out", "a group's rate as a "
                 "multiple of another's, groups missing by officer's code, place and outcome", (), _world_cases, _draw_worlds,
                 _complete, form=MODEL, error=LOG, draws=MODEL_DRAWS,
                 remark="It claims nothing: it is what a figure is that drops the missing. Shown beside the one before."),
    )  # fmt: skip


def _bound_cases() -> tuple[Case, ...]:
    expected = RATE * OVER[0] * TRUTH
    return tuple(
        Case(f"{share:.0%} missing, {tilt:g} times the odds in the group", TRUTH, expected * (1 - share), {"share": share, "tilt": tilt})
        for share in SHARES for tilt in TILTS
    )  # fmt: skip


def _draw_bounds(rng: np.random.Generator, case: Case, n: int) -> tuple[Floats, Floats, Floats]:
    """Known events of the group and of the comparison group, and missing ones, in each of n tables."""
    odds = case.of["share"] / (1 - case.of["share"])
    of_group = case.of["tilt"] * odds / (1 + case.of["tilt"] * odds)
    all_of = [rng.poisson(mean, n) for mean in (OVER[0] * RATE * TRUTH, OVER[1] * RATE, OTHERS)]
    lost = [rng.binomial(x, q) for x, q in zip(all_of, (of_group, case.of["share"], case.of["share"]), strict=True)]
    known = [x - y for x, y in zip(all_of, lost, strict=True)]
    return known[0].astype(float), known[1].astype(float), np.sum(lost, axis=0).astype(float)


def _bounds(case: Case, drawn: tuple[Floats, Floats, Floats]) -> Found:
    rows = []
    for a, b, missing in zip(*drawn, strict=True):
        found = worst_case_ratios([a], [OVER[0]], b, OVER[1], missing=missing)
        rows.append((a / OVER[0] / (b / OVER[1]) if b else math.inf, found.lower[0], found.upper[0]))
    estimate, lower, upper = np.array(rows).T
    return Found(estimate, lower, upper)


def _world_cases() -> tuple[Case, ...]:
    expected = (CONTACTS * MAKE_UP * HIT).sum(axis=0)
    truth = (expected[1] / WORLD_OVER[1]) / (expected[0] / WORLD_OVER[0])
    return (Case("a third missing, by code, place and outcome", float(truth), float(expected.min()), {}),)


def world(rng: np.random.Generator) -> Counts:
    """One table of contacts, some without their group."""
    base = CONTACTS * MAKE_UP
    mean = np.stack([base * (1 - HIT), base * HIT], axis=2)[:, :, :, None] * SEEN_AS[None, :, None, :]
    whole = rng.poisson(mean)  # place, group, hit, code
    chance = (0.10 + 0.35 * (np.arange(4) == 1))[None, None, None, :] + (0.06 * np.arange(5))[:, None, None, None]
    chance = np.clip(chance + np.array([0.0, 0.12])[None, None, :, None], 0, 0.9) * np.ones_like(mean)
    lost = rng.binomial(whole, chance)
    known = np.array([[whole[p, g, h, c] - lost[p, g, h, c] for g in range(3)] for c, p, h in CELLS], dtype=float)
    missing = np.array([lost[p, :, h, c].sum() for c, p, h in CELLS])
    return Counts(("W", "B", "O"), one_hot(CELLS), known, missing, CELLS[:, 2] == 1)


def _draw_worlds(rng: np.random.Generator, case: Case, n: int) -> list[tuple[Counts, int]]:
    return [(world(rng), int(rng.integers(2**31))) for _ in range(n)]


def _imputed(case: Case, drawn: list[tuple[Counts, int]]) -> Found:
    rows = []
    for counts, seed in drawn:
        filled = fill(counts, seed=seed, n_imputations=N_IMPUTATIONS)
        rows.append(_pooled(filled) if filled is not None else (math.nan,) * 3)
    return Found(*np.array(rows).T)


def _pooled(filled: Filled) -> tuple[float, ...]:
    a, b = filled.events[:, 1], filled.events[:, 0]
    found = pool(np.log(a / WORLD_OVER[1] / (b / WORLD_OVER[0])), 1 / a + 1 / b).interval
    return tuple(float(np.exp(x)) for x in (found.estimate, found.lower, found.upper))


def _complete(case: Case, drawn: list[tuple[Counts, int]]) -> Found:
    known = np.array([counts.known[counts.has_reached].sum(axis=0) for counts, _ in drawn])
    rows = [rate_ratios([a], [WORLD_OVER[1]], b, WORLD_OVER[0]) for b, a, _ in known]
    return Found(*(np.array([getattr(one, end)[0] for one in rows]) for end in ("estimate", "lower", "upper")))
