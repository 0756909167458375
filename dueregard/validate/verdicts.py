"""Trials of verdicts: how often *higher* or *lower* where all is equal, and how often *higher* where it is not."""

from __future__ import annotations

from functools import partial

from dueregard.stats.power import minimum_detectable_ratio
from dueregard.stats.ratios import rate_ratios, risk_ratios
from dueregard.validate.cells import RATES, ROLLS, SHARES, Cell, cells
from dueregard.validate.one_group import found_of
from dueregard.validate.trial import ALARMS, HIGHER, LOG, Case, Claim, Declared, Found
from dueregard.validate.two_groups import Pair, case_of, draw_rates, draw_shares, rate_outcomes, share_outcomes
from dueregard.validate.within import draw_within, estimate_within, within_cases

AT_MOST = 0.06
GROUPS = ("M", "A", "B", "O")
RATIOS = (1.25, 1.5, 2.0, 3.0)
PROMISED = 0.8


def trials() -> tuple[Declared, ...]:
    rarely = (Claim(ALARMS, 0.0, AT_MOST, "of all comparisons together, where every factor of the truth is 1", lambda _: True,
                    is_pooled=True),)  # fmt: skip
    kept = (Claim(HIGHER, 0.78, 0.82, "at the ratio that `minimum_detectable_ratio` promises to find four times in five",
                  lambda case: bool(case.of["is_promised"])),)  # fmt: skip
    neutral = "a ratio that is 1 in truth"
    return (
        Declared("neutral_shares", "Verdict on two shares, all equal", neutral, rarely, _neutral_cases, draw_shares,
                 _shares, error=LOG, outcomes=share_outcomes),
        Declared("neutral_rates", "Verdict on two rates, all equal", neutral, rarely, _neutral_cases, draw_rates, _rates,
                 error=LOG, outcomes=rate_outcomes),
        Declared("neutral_within", "Verdict within schools, all equal", neutral, rarely, partial(within_cases, ratio=1.0),
                 draw_within, estimate_within, error=LOG),
        Declared("power_rates", "Power: verdict *higher* on two rates", "a ratio of rates that is above 1 in truth", kept,
                 _power_cases, draw_rates, _rates, error=LOG, outcomes=rate_outcomes,
                 remark="The Black group beside the White one. Below its promised ratio a figure will mostly be *too "
                        "little information to tell*."),
    )  # fmt: skip


def _neutral_cases() -> tuple[Case, ...]:
    return tuple(case_of(Cell(c.name, c.n1, c.n0, c.rate0, c.rate0)) for c in cells(GROUPS))


def _shares(case: Case, drawn: Pair) -> Found:
    return found_of(risk_ratios(drawn[0], case.of["n1"], drawn[1], case.of["n0"]))


def _rates(case: Case, drawn: Pair) -> Found:
    return found_of(rate_ratios(drawn[0], case.of["n1"], drawn[1], case.of["n0"]))


def _power_cases() -> tuple[Case, ...]:
    found = []
    for size, roll in ROLLS.items():
        for stage, rate in RATES.items():
            n1, n0 = round(roll * SHARES["B"]), round(roll * SHARES["W"])
            promised = float(minimum_detectable_ratio(rate, n1, n0, power=PROMISED)[0])
            found += [_power_case(f"{size}, {stage}", n1, n0, rate, ratio) for ratio in RATIOS]
            found.append(_power_case(f"{size}, {stage}", n1, n0, rate, promised, is_promised=True))
    return tuple(found)


def _power_case(name: str, n1: int, n0: int, rate: float, ratio: float, *, is_promised: bool = False) -> Case:
    words = f"{name}, {'promised: ' if is_promised else ''}{ratio:.4g} times"
    case = case_of(Cell(words, n1, n0, rate * ratio, rate))
    return Case(case.name, case.truth, case.expected, {**case.of, "is_promised": is_promised})
