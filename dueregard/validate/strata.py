"""Trials of `intersections`: shrunken rates of crossed groups, and what an outlier makes of them.

Tables of schools by strata are drawn from the model. Strata of one table are not independent, and a table has no pupils
in some: such a stratum has no rate. A planted outlier has few pupils, and four times the rate that its characteristics say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dueregard.stats.multilevel_fit import fit_laplace
from dueregard.stats.multilevel_posterior import level_effects, level_rates, posterior
from dueregard.stats.multilevel_table import Factor, crossed_table
from dueregard.stats.rates import exact_rates
from dueregard.validate.trial import COVERAGE, MODEL, MODEL_DRAWS, Case, Claim, Declared, Found, never_below

N_SCHOOLS, SHAPE = 24, (4, 3, 2)
SCHOOL_SD, STRATUM_SD, BASE = 0.5, 0.3, 0.02
PUPILS = 30  # of a stratum in a school, on average
OUTLIER = 4.0  # times what its characteristics say


def design(shape: tuple[int, ...]) -> np.ndarray:
    """An intercept, and a column for each level but the first of each characteristic."""
    levels = np.unravel_index(np.arange(math.prod(shape)), shape)
    columns = [(level == j).astype(float) for level, n in zip(levels, shape, strict=True) for j in range(1, n)]
    return np.column_stack([np.ones(math.prod(shape)), *columns])


@dataclass(frozen=True)
class Held:
    """By stratum: the truth's rate, the shrunken and the exact estimate and limits; n counted; is the residual held?"""

    truth: np.ndarray
    shrunken: np.ndarray
    shrunken_lower: np.ndarray
    shrunken_upper: np.ndarray
    exact: np.ndarray
    exact_lower: np.ndarray
    exact_upper: np.ndarray
    residual_holds: np.ndarray
    own_share: np.ndarray
    n: np.ndarray

    @property
    def shrunken_holds(self) -> np.ndarray:
        return (self.shrunken_lower <= self.truth) & (self.truth <= self.shrunken_upper)

    @property
    def exact_holds(self) -> np.ndarray:
        return (self.exact_lower <= self.truth) & (self.truth <= self.exact_upper)


def one_table(rng: np.random.Generator, *, planted: int | None = None, planted_pupils: float = PUPILS) -> Held:
    """Draw a table from the model (with one outlier, if planted), fit it as `intersections` does, and look.

    Strata are of unequal size, some schools have nobody of a stratum. planted: the stratum whose residual is OUTLIER.
    """
    fixed = design(SHAPE)
    n_strata, n_fixed = fixed.shape
    main = np.array([math.log(BASE), *rng.normal(0, 0.4, n_fixed - 1)])
    popular = np.asarray(rng.gamma(0.8, 1 / 0.8, n_strata)) * PUPILS
    effect = np.asarray(rng.normal(0, STRATUM_SD, n_strata))
    if planted is not None:
        popular[planted], effect[planted] = planted_pupils, math.log(OUTLIER)
    size = rng.poisson(popular * rng.gamma(3, 1 / 3, (N_SCHOOLS, 1))) * (rng.random((N_SCHOOLS, n_strata)) < 0.7)
    mean = size * np.exp(rng.normal(0, SCHOOL_SD, (N_SCHOOLS, 1)) + fixed @ main + effect)
    events = rng.poisson(mean)
    school, stratum = np.nonzero(size)
    table = crossed_table(
        events[school, stratum], size[school, stratum], school, stratum,
        factors=(Factor(N_SCHOOLS), Factor(n_strata, design=fixed)),
    )  # fmt: skip
    prior_mean = np.array([math.log(max(events.sum(), 1) / size.sum()), *([0.0] * (n_fixed - 1))])
    prior_sd = np.array([5.0, *([1.0] * (n_fixed - 1))])
    fit = fit_laplace(table, prior_mean=prior_mean, prior_sd=prior_sd)
    found = posterior(table, fit, of=1, prior_mean=prior_mean, prior_sd=prior_sd)
    assert fit.is_converged and found.is_converged
    return _held(mean.sum(0), size.sum(0), events.sum(0), np.exp(effect), level_rates(found), level_effects(found))


def _held(mean, size, events, effect, rates, effects) -> Held:  # type: ignore[no-untyped-def]
    with np.errstate(invalid="ignore"):
        truth = mean / size
    own = exact_rates(events, size)
    return Held(
        truth, rates.median, rates.lower, rates.upper, own.estimate, own.lower, own.upper, (effects.lower <= effect) & (effect <= effects.upper),
        rates.own_share, events,
    )  # fmt: skip


OUTLIER_AT = SHAPE[1] * SHAPE[2] + 1  # a stratum that differs from the first in two characteristics
FEW_PUPILS = 2  # of the outlier in a school, on average: about two are counted
SHRUNKEN, EXACT = "shrunken", "exact"


def trials() -> tuple[Declared, ...]:
    rate = "the rate of a crossed group, in the schools of its pupils"
    return (
        Declared("intersections_rates", "Rates of crossed groups, shrunken", rate,
                 (Claim(COVERAGE, 0.935, 0.965, "on average over groups drawn from the model", lambda _: True),),
                 _cases, draw_strata, _estimate, form=MODEL, draws=MODEL_DRAWS),
        Declared("intersections_outlier", "Rate of a planted outlier, shrunken", f"{rate}, four times what its characteristics say",
                 (), lambda: (_outlier(SHRUNKEN),), draw_strata, _estimate, form=MODEL, draws=MODEL_DRAWS,
                 remark="It claims nothing: a small group that really stands out is drawn in. The exact range of its own "
                        "counts stands beside it, and is the next trial."),
        Declared("intersections_outlier_exact", "Rate of a planted outlier, exact range of its own counts",
                 f"{rate}, four times what its characteristics say", never_below(), lambda: (_outlier(EXACT),), draw_strata,
                 _estimate, form=MODEL, is_exact=True, draws=MODEL_DRAWS),
    )  # fmt: skip


def _cases() -> tuple[Case, ...]:
    expected = BASE * PUPILS * N_SCHOOLS * 0.7
    return (Case("24 groups in 24 schools", math.nan, expected, {"planted": None, "of": SHRUNKEN}),)


def _outlier(of: str) -> Case:
    expected = BASE * OUTLIER * FEW_PUPILS * N_SCHOOLS * 0.7
    return Case("about two counted", math.nan, expected, {"planted": OUTLIER_AT, "of": of})


def draw_strata(rng: np.random.Generator, case: Case, n: int) -> list[Held]:
    """n tables, each fitted as `intersections` does."""
    if case.of["planted"] is None:
        return [one_table(rng) for _ in range(n)]
    return [one_table(rng, planted=case.of["planted"], planted_pupils=FEW_PUPILS) for _ in range(n)]


def _estimate(case: Case, drawn: list[Held]) -> Found:
    """Groups without a pupil have no rate, and no range of one."""
    of, at = case.of["of"], slice(None) if case.of["planted"] is None else slice(OUTLIER_AT, OUTLIER_AT + 1)
    truth = np.array([one.truth[at] for one in drawn])
    columns = [np.array([getattr(one, f"{of}{end}")[at] for one in drawn]) for end in ("", "_lower", "_upper")]
    estimate, lower, upper = (np.where(np.isnan(truth), np.nan, column) for column in columns)
    return Found(estimate, lower, upper, np.where(np.isnan(truth), 1.0, truth))
