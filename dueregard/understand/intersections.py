"""Intersections: a rate for each crossed group that borrows from similar groups, and says how much (MAIHDA).

Poisson counts over exposure, with schools and strata as crossed random effects, with and without the main effects of
the characteristics. Source: Evans, Leckie, Subramanian, Bell and Merlo, SSM Population Health 26 (2024) 101664.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dueregard.errors import CannotAnswer
from dueregard.evidence.cells import Cells
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.evidence.intersections import (
    FEW,
    IntersectionsAnswer,
    MainEffect,
    SamplingCheck,
    StratumAnswer,
    StratumQuestion,
    Variation,
)
from dueregard.measures.columns import code_label
from dueregard.stats.interaction import additive_interaction, variance_partition
from dueregard.stats.intervals import Floats
from dueregard.stats.multilevel_fit import Fit, fit_laplace
from dueregard.stats.multilevel_posterior import (
    Draws,
    Posterior,
    Summaries,
    draws,
    level_effects,
    level_rates,
    posterior,
)
from dueregard.stats.multilevel_table import Factor, crossed_table
from dueregard.stats.rates import exact_rates
from dueregard.terms.missing import Missing
from dueregard.understand.intersection_words import (
    MODEL,
    caveats_of,
    estimand_of,
    first_sentence,
    sampling_words,
    stratum_words,
)
from dueregard.understand.strata import (
    Codes,
    Design,
    Strata,
    chosen,
    design_of,
    is_missing_stratum,
    label_of,
    singles_of,
    strata_of,
)

PER = 1000
N_DRAWS = 4000  # the ends of an interval then move by about a fiftieth of its length from seed to seed
LAPLACE, EXACT = "shrunken (Laplace, standard deviations integrated out)", "exact Poisson (Garwood), unshrunken"
INTERCEPT_SD, EFFECT_SD = 5.0, 1.0  # of the normal priors: 95 % within a factor of 7 of the reference
NO_VARIATION = 0.02  # a standard deviation of log rates below it is none: a factor of 1.02
Asked = tuple[tuple[str, tuple[str, ...]], ...]
Sampler = Callable[[Strata, Floats, Floats, Floats], "Sampled"]


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a sampler gives back. own_sd, other_sd: draws. log_rate: (n_draws, n_strata)."""

    r_hat: float
    effective_size: float
    divergences: int
    own_sd: Floats
    other_sd: Floats
    log_rate: Floats


@dataclass(frozen=True, slots=True)
class Modelled:
    """One model of the strata: its fit, what is known, and draws of it."""

    fit: Fit
    posterior: Posterior
    draws: Draws


def intersections(
    cells: Cells, *, snapshot: str, code_version: str, rng: np.random.Generator, stratum: Asked | None = None,
    sampler: Sampler | None = None, source_caveats: tuple[str, ...] = (), level: float = 0.95,
) -> IntersectionsAnswer:  # fmt: skip
    """For which crossed groups is the rate how high, how sure is that, and is it more than its characteristics add up to?

    cells: the answer to `intersections_question`. sampler: the same model by sampling, to check. A stratum of missing
    characteristics is a stratum of its own. Raises CannotAnswer where the model has too little, or does not converge.
    """
    strata = strata_of(cells)
    picked = None if stratum is None else chosen(strata, stratum)
    design = design_of(strata)
    main, null = (
        _modelled(strata, design.rows(strata.codes), rng),
        _modelled(strata, np.ones((len(strata.codes), 1)), rng),
    )
    answers = _answers(strata, design, main, rng, level)
    missing = _missingness(cells)
    variation = _variation(strata, main, null, level)
    return IntersectionsAnswer(
        snapshot=snapshot, code_version=code_version, estimand=estimand_of(cells.measure, cells.periods[0]),
        sentence=first_sentence(answers), model=MODEL, measure=cells.measure, period=cells.periods[0],
        schools_used=sum(used for _, used in cells.schools_used), left_out=cells.left_out, missing=missing,
        not_identified=cells.not_identified, disagreeing=cells.disagreeing, n=int(strata.events.sum()),
        n_outside=strata.n_outside, strata=answers, apart=_apart(strata, cells.measure.per),
        main_effects=_main_effects(design, main.draws, level), variation=variation,
        question=None if picked is None or stratum is None else _question(cells, strata, main, answers, picked, stratum, level),
        sampling=None if sampler is None else _checked(strata, design, answers, sampler, level),
        caveats=caveats_of(cells, strata, answers, variation, missing, source_caveats),
    )  # fmt: skip


def priors(strata: Strata, n_fixed: int) -> tuple[Floats, Floats]:
    """Mean and sd of the fixed effects' normal priors: the intercept about the overall rate, each effect about none."""
    mean = np.zeros(n_fixed)
    mean[0] = math.log(strata.overall_rate)
    return mean, np.array([INTERCEPT_SD, *([EFFECT_SD] * (n_fixed - 1))])


def _modelled(strata: Strata, design: Floats, rng: np.random.Generator) -> Modelled:
    table = crossed_table(
        strata.events, strata.size, strata.school, strata.stratum,
        factors=(Factor(strata.n_schools), Factor(len(strata.codes), design=design)),
    )  # fmt: skip
    mean, sd = priors(strata, design.shape[1])
    fit = fit_laplace(table, prior_mean=mean, prior_sd=sd)
    found = posterior(table, fit, of=1, prior_mean=mean, prior_sd=sd) if fit.is_converged else None
    if found is None or not found.is_converged:
        raise CannotAnswer("The model of intersections did not converge, so no figure of it is given.",
                           try_this="fewer columns in --by, or a longer time; `dueregard compare` needs no model.")  # fmt: skip
    return Modelled(fit, found, draws(found, N_DRAWS, rng))


def _answers(
    strata: Strata, design: Design, main: Modelled, rng: np.random.Generator, level: float
) -> tuple[StratumAnswer, ...]:
    rates, effects = level_rates(main.posterior, level=level), level_effects(main.posterior, level=level)
    own = exact_rates(strata.n, strata.over, level=level)
    log_rate = _LogRates(strata, design, main.draws, rng)
    found = []
    for k, codes in enumerate(strata.codes):
        is_few = strata.n[k] <= FEW
        reri, excess = _beyond(design, codes, log_rate, level)
        found.append(StratumAnswer(
            codes, label_of(strata.columns, codes), is_missing_stratum(codes), bool(is_few), None if is_few else int(strata.n[k]),
            float(strata.over[k]), _estimate(rates, k, PER), None if is_few else _exact(own, k), _estimate(effects, k),
            float(rates.own_share[k]), reri, excess,
        ))  # fmt: skip
    return tuple(found)


class _LogRates:
    """Draws of the log rate of a combination over the schools of all pupils; one that no pupil has gets an effect of its own."""

    def __init__(self, strata: Strata, design: Design, found: Draws, rng: np.random.Generator) -> None:
        self.place = {codes: k for k, codes in enumerate(strata.codes)}
        self.design, self.found, self.rng = design, found, rng
        self.made: dict[Codes, Floats] = {}

    def of(self, codes: Codes) -> Floats:
        if codes not in self.made:
            known = self.place.get(codes)
            noise = self.found.own_sd * self.rng.standard_normal(self.found.own_sd.size) if known is None else None
            effect = self.found.effect[:, known] if noise is None else noise
            level = self.found.fixed @ self.design.rows([codes])[0] + effect
            self.made[codes] = level + np.log(self.found.other_mean)
        return self.made[codes]


def _beyond(design: Design, codes: Codes, log_rate: _LogRates, level: float) -> tuple[Estimate | None, Estimate | None]:
    """More than the sum of its characteristics? As a multiple of the reference's rate, and per 1,000."""
    parts = singles_of(design, codes)
    if parts is None:
        return None, None
    base, singles = parts
    found = additive_interaction(
        log_rate.of(codes), np.column_stack([log_rate.of(one) for one in singles]), log_rate.of(base), level=level
    )
    return _triple(found.reri, level), _triple(found.excess, level, PER)


def _estimate(found: Summaries, k: int, times: float = 1.0) -> Estimate:
    return Estimate(
        times * float(found.median[k]),
        times * float(found.lower[k]),
        times * float(found.upper[k]),
        found.level,
        LAPLACE,
    )


def _triple(found: tuple[float, float, float], level: float, times: float = 1.0) -> Estimate:
    return Estimate(times * found[0], times * found[1], times * found[2], level, LAPLACE)


def _exact(own, k: int) -> Estimate:  # type: ignore[no-untyped-def]
    return Estimate(
        PER * float(own.estimate[k]), PER * float(own.lower[k]), PER * float(own.upper[k]), own.level, EXACT
    )


def _of_draws(values: Floats, level: float) -> Estimate:
    middle, lower, upper = (float(x) for x in np.quantile(values, (0.5, (1 - level) / 2, (1 + level) / 2)))
    return Estimate(middle, lower, upper, level, LAPLACE)


def _main_effects(design: Design, found: Draws, level: float) -> tuple[MainEffect, ...]:
    reference = dict(zip(design.columns, design.references, strict=True))
    return tuple(
        MainEffect(column, code, code_label(column, code), code_label(column, reference[column]),
                   _of_draws(np.exp(found.fixed[:, k + 1]), level))
        for k, (column, code) in enumerate(design.named)
    )  # fmt: skip


def _variation(strata: Strata, main: Modelled, null: Modelled, level: float) -> Variation:
    shares = [variance_partition(m.draws.own_sd, m.draws.other_sd, strata.overall_rate) for m in (main, null)]
    return Variation(
        _of_draws(main.draws.own_sd, level), _of_draws(null.draws.own_sd, level), _of_draws(main.draws.other_sd, level),
        _of_draws(shares[0], level), _of_draws(shares[1], level), _change(main, null, level),
    )  # fmt: skip


def _change(main: Modelled, null: Modelled, level: float) -> Estimate | None:
    """PCV at the most likely values; its range from draws of the two models, taken as independent."""
    before, after = (_own_sd(m) for m in (null, main))
    if before < NO_VARIATION:
        return None
    _, lower, upper = np.quantile(
        1 - (main.draws.own_sd / null.draws.own_sd) ** 2, (0.5, (1 - level) / 2, (1 + level) / 2)
    )
    found = 1 - (after / before) ** 2
    return Estimate(found, min(float(lower), found), max(float(upper), found), level, LAPLACE)


def _own_sd(found: Modelled) -> float:
    """The most likely standard deviation between strata."""
    return found.fit.row_sd if found.posterior.is_row else found.fit.column_sd


def _apart(strata: Strata, per: int) -> tuple[StratumAnswer, ...]:
    return tuple(
        StratumAnswer(c.codes, label_of(strata.columns, c.codes), True, c.n <= FEW, None if c.n <= FEW else c.n,
                      (c.denominator or 0) / per, None, None, None, None)
        for c in strata.apart
    )  # fmt: skip


def _question(
    cells: Cells, strata: Strata, main: Modelled, answers: tuple[StratumAnswer, ...], picked: Floats, asked: Asked, level: float
) -> StratumQuestion:  # fmt: skip
    """The strata asked for, together."""
    at = np.flatnonzero(picked)
    if at.size == 1:
        one = answers[at[0]]
    else:
        rate = level_rates(main.posterior, sets=picked[None, :], level=level)
        n, over = float(strata.n @ picked), float(strata.over @ picked)
        codes = tuple(",".join(dict.fromkeys(strata.codes[k][j] for k in at)) for j in range(len(strata.columns)))
        label = "; ".join(" or ".join(code_label(c, code) for code in codes) for c, codes in asked)
        one = StratumAnswer(
            codes, label, any(answers[k].is_missing for k in at), n <= FEW, None if n <= FEW else int(n), over,
            _estimate(rate, 0, PER), None if n <= FEW else _exact(exact_rates([n], [over], level=level), 0), None,
            float(rate.own_share[0]),
        )  # fmt: skip
    widest = exact_rates([FEW], [one.denominator], level=level).upper[0] * PER if one.is_few else None
    return stratum_words(cells.measure, cells.periods[0], one, asked, None if widest is None else float(widest))


def _missingness(cells: Cells) -> Missingness:
    """How many of those counted have a characteristic that is not known? One that misses several counts once, by the first."""
    by: dict[str, int] = {}
    for cell in cells.whole:
        why = next((code for code in cell.codes if is_missing_stratum((code,))), "")
        by[why] = by.get(why, 0) + cell.n
    total = sum(by.values())
    ways = (Missing.NOT_STATED, Missing.NOT_RECORDED, Missing.NOT_COLLECTED, Missing.SUPPRESSED)
    stated, recorded, collected, suppressed = (by.get(str(way), 0) for way in ways)
    unknown = by.get("unknown", 0)
    share = (total - by.get("", 0)) / total if total else 0.0
    return Missingness(stated, recorded, collected, suppressed, share, unknown)


def _checked(
    strata: Strata, design: Design, answers: tuple[StratumAnswer, ...], sampler: Sampler, level: float
) -> SamplingCheck:
    """Does sampling say the same? Its figures are given only where every gate holds."""
    found = sampler(strata, design.rows(strata.codes), *priors(strata, design.n))
    passed = bool(found.r_hat < 1.01 and found.effective_size > 400 and found.divergences == 0)
    largest = None
    if passed:
        medians = np.exp(np.median(found.log_rate, axis=0)) * PER
        pairs = [
            (m, a.rate_per_1000.estimate)
            for m, a in zip(medians, answers, strict=True)
            if not a.is_few and a.rate_per_1000
        ]
        largest = max((max(m / r, r / m) for m, r in pairs), default=None)
    return SamplingCheck(
        passed, sampling_words(found.r_hat, found.effective_size, found.divergences, passed, largest), found.r_hat,
        found.effective_size, found.divergences, _of_draws(found.own_sd, level) if passed else None,
        _of_draws(found.other_sd, level) if passed else None, None if largest is None else float(largest),
    )  # fmt: skip
