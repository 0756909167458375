"""Trials of one group's rate or share: Garwood, Byar, mid-P, the rule of the two, Wilson."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dueregard.stats.intervals import Intervals
from dueregard.stats.proportions import proportions
from dueregard.stats.rates import byar_rates, exact_rates, mid_p_rates, rates
from dueregard.validate.cells import binomial_counts, cells, evenly, poisson_counts, ranges
from dueregard.validate.trial import Case, Claim, Declared, Floats, Found, about_95, never_below

N_POINTS = 25
PER_BAND = (4, 20)  # the roll as a multiple of the most events of a range: shares up to a quarter


def trials() -> tuple[Declared, ...]:
    return (
        _rate("rate_exact", "Rate, exact (Garwood)", exact_rates, never_below(), is_exact=True),
        _rate("rate_byar", "Rate, Byar", byar_rates, never_below(), is_exact=True,
              remark="An approximation whose sums nevertheless never fall below 95 %."),
        _rate("rate_rule", "Rate as printed: exact below 10 events, Byar from 10", rates, never_below(), is_exact=True),
        _rate("rate_mid_p", "Rate, mid-P", mid_p_rates, about_95(mean_from=5),
              remark="Below 5 expected events it covers more than it need."),
        Declared("share_wilson", "Share, Wilson", "the share of pupils, one group", about_95(), _share_cases, _draw_share,
                 _estimate_share, outcomes=_share_outcomes),
    )  # fmt: skip


def _rate(
    name: str, title: str, method: Callable[..., Intervals], claims: tuple[Claim, ...], *, is_exact: bool = False,
    remark: str = "",
) -> Declared:  # fmt: skip
    def estimate(case: Case, counts: Floats) -> Found:
        return found_of(method(counts, case.of["exposure"]))

    return Declared(name, title, "events per pupil-year, one group", claims, _rate_cases, _draw_rate, estimate,
                    is_exact=is_exact, outcomes=_rate_outcomes, remark=remark)  # fmt: skip


def found_of(intervals: Intervals) -> Found:
    return Found(intervals.estimate, intervals.lower, intervals.upper)


def _rate_cases() -> tuple[Case, ...]:
    at_cells = [_rate_case(c.name, c.rate1 * c.n1, c.n1) for c in cells()]
    return (*ranges(_rate_points), *at_cells)


def _rate_case(name: str, mean: float, exposure: float) -> Case:
    return Case(name, mean / exposure, mean, {"mean": mean, "exposure": exposure})


def _rate_points(low: float, high: float) -> Iterator[Case]:
    for mean in evenly(low, high, N_POINTS):
        yield _rate_case(f"{mean:.3g}", mean, 1.0)


def _draw_rate(rng: np.random.Generator, case: Case, n: int) -> Floats:
    return rng.poisson(case.of["mean"], n).astype(float)


def _rate_outcomes(case: Case, most: int) -> tuple[Floats, Floats]:
    return poisson_counts(case.of["mean"])


def _share_cases() -> tuple[Case, ...]:
    at_cells = [_share_case(c.name, c.rate1, c.n1) for c in cells()]
    return (*ranges(_share_points), *at_cells)


def _share_case(name: str, share: float, total: int) -> Case:
    return Case(name, share, total * min(share, 1 - share), {"share": share, "total": total})


def _share_points(low: float, high: float) -> Iterator[Case]:
    for times in PER_BAND:
        total = max(round(times * high), times)
        for mean in evenly(low, high, N_POINTS):
            yield _share_case(f"{mean:.3g} of {total}", mean / total, total)


def _draw_share(rng: np.random.Generator, case: Case, n: int) -> Floats:
    return rng.binomial(case.of["total"], case.of["share"], n).astype(float)


def _share_outcomes(case: Case, most: int) -> tuple[Floats, Floats]:
    return binomial_counts(case.of["total"], case.of["share"])


def _estimate_share(case: Case, counts: Floats) -> Found:
    return found_of(proportions(counts, case.of["total"]))
