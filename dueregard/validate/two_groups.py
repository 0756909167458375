"""Trials of two groups side by side: ratios and differences of shares, and of rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from dueregard.stats.intervals import Intervals
from dueregard.stats.ratios import (
    miettinen_nurminen_risk_ratios,
    rate_differences,
    rate_ratios,
    risk_differences,
    risk_ratios,
)
from dueregard.validate.cells import Cell, binomial_counts, cells, evenly, pairs, poisson_counts, ranges
from dueregard.validate.one_group import PER_BAND, found_of
from dueregard.validate.trial import LOG, PLAIN, Case, Claim, Declared, Floats, Found, about_95, never_below

N_POINTS = 6
MULTIPLES = (1, 5)  # the comparison group is as large, or five times as large
RATIOS = (1.0, 1.6)
Pair = tuple[Floats, Floats]
Method = Callable[..., Intervals]


def trials() -> tuple[Declared, ...]:
    shares = partial(_declared, draw=draw_shares, outcomes=share_outcomes, is_rate=False)
    rates = partial(_declared, draw=draw_rates, outcomes=rate_outcomes, is_rate=True)
    return (
        shares("share_ratio_koopman", "Ratio of two shares, Koopman", risk_ratios, about_95()),
        shares("share_ratio_mn", "Ratio of two shares, Miettinen-Nurminen", miettinen_nurminen_risk_ratios, about_95()),
        shares("share_difference_mn", "Difference of two shares, Miettinen-Nurminen", risk_differences, about_95()),
        rates(
            "rate_ratio_mid_p",
            "Ratio of two rates, mid-P",
            rate_ratios,
            about_95(mean_from=5),
            remark="Below 5 expected events it covers more than it need.",
        ),
        rates("rate_ratio_exact", "Ratio of two rates, exact", partial(rate_ratios, method="exact"), never_below()),
        rates("rate_ratio_score", "Ratio of two rates, score", partial(rate_ratios, method="score"), about_95()),
        rates("rate_difference_mn", "Difference of two rates, Miettinen-Nurminen", rate_differences, about_95()),
    )


def _declared(
    name: str, title: str, method: Method, claims: tuple[Claim, ...], *, draw: Any, outcomes: Any, is_rate: bool,
    remark: str = "",
) -> Declared:  # fmt: skip
    is_difference = "difference" in name
    what = "events per pupil-year" if is_rate else "the shares of pupils"
    words = f"by how much {what} of a group exceed those of the comparison group" if is_difference else (
        f"{what} of a group as a multiple of the comparison group's")  # fmt: skip
    return Declared(
        name, title, words, claims, partial(_cases, is_rate=is_rate, is_difference=is_difference), draw,
        partial(_estimate, method=method, is_rate=is_rate), is_exact=claims[0].least >= 0.95, outcomes=outcomes,
        error=PLAIN if is_difference else LOG, remark=remark,
    )  # fmt: skip


def _estimate(case: Case, drawn: Pair, *, method: Method, is_rate: bool) -> Found:
    return found_of(method(drawn[0], case.of["n1"], drawn[1], case.of["n0"]))


def _cases(*, is_rate: bool, is_difference: bool) -> tuple[Case, ...]:
    case = partial(case_of, is_difference=is_difference)
    return (*ranges(partial(_points, case=case, rolls=(1,) if is_rate else PER_BAND)), *(case(c) for c in cells()))


def case_of(cell: Cell, *, is_difference: bool = False) -> Case:
    """A cell as a case of two groups."""
    truth = cell.rate1 - cell.rate0 if is_difference else cell.ratio
    of = {"n1": cell.n1, "n0": cell.n0, "rate1": cell.rate1, "rate0": cell.rate0}
    return Case(cell.name, truth, cell.expected, of)


def _points(low: float, high: float, *, case: Callable[[Cell], Case], rolls: tuple[int, ...]) -> Iterator[Case]:
    """The smaller of the two groups expects from low to high; the group is as large as the other or a fifth of it."""
    for roll in rolls:
        for multiple in MULTIPLES:
            for ratio in RATIOS:
                for least in evenly(low, high, N_POINTS):
                    n1 = max(round(roll * high), roll)
                    e1 = least * max(1.0, ratio / multiple)
                    yield case(
                        Cell(f"{least:.3g} x{multiple} at {ratio:g}", n1, n1 * multiple, e1 / n1, e1 / n1 / ratio)
                    )


def draw_shares(rng: np.random.Generator, case: Case, n: int) -> Pair:
    of = case.of
    return (
        rng.binomial(of["n1"], of["rate1"], n).astype(float),
        rng.binomial(of["n0"], of["rate0"], n).astype(float),
    )


def draw_rates(rng: np.random.Generator, case: Case, n: int) -> Pair:
    of = case.of
    means = of["n1"] * of["rate1"], of["n0"] * of["rate0"]
    return rng.poisson(means[0], n).astype(float), rng.poisson(means[1], n).astype(float)


def share_outcomes(case: Case, most: int) -> tuple[Pair, Floats] | None:
    of = case.of
    return pairs(binomial_counts(of["n1"], of["rate1"]), binomial_counts(of["n0"], of["rate0"]), most=most)


def rate_outcomes(case: Case, most: int) -> tuple[Pair, Floats] | None:
    of = case.of
    return pairs(poisson_counts(of["n1"] * of["rate1"]), poisson_counts(of["n0"] * of["rate0"]), most=most)
