"""Was each claim kept? A sum is held to it strictly; a drawn value by the claim's allowance of standard errors."""

from __future__ import annotations

import math

from dueregard.validate.measured import CaseMeasured, Held
from dueregard.validate.tally import mean_of, standard_error
from dueregard.validate.trial import COVERAGE, Claim, Declared

QUICK_ALLOWANCE = 3.0  # standard errors, where there are few draws
TOO_FAR = 5.0  # standard errors between draws and sum: less than 1 in a million by chance
ROUNDING = 1e-9


def judge(trial: Declared, cases: tuple[CaseMeasured, ...], *, is_full: bool) -> tuple[Held, ...]:
    """Each claim, at each case where it applies or of all of them together.

    Raises ValueError where a claim applies to no case: it would be kept by being nowhere tried.
    """
    held: list[Held] = []
    for claim in trial.claims:
        applying = [one for one in cases if claim.applies(one.case)]
        if not applying:
            raise ValueError(f"{trial.name}: the claim on {claim.measure} applies to no case.")
        allowance = claim.allowance if is_full or claim.is_certain else max(claim.allowance, QUICK_ALLOWANCE)
        if claim.is_pooled:
            held.append(_pooled(claim, applying, allowance))
        else:
            held += [_at(claim, one, allowance) for one in applying]
    return tuple(held)


def _at(claim: Claim, one: CaseMeasured, allowance: float) -> Held:
    if not one.summed:
        value, of = mean_of(one.drawn, claim.measure), one.drawn.get(claim.measure, (0.0, 0.0))[1]
        return _held(claim, one.case.name, value, value, "draws", allowance * standard_error(value, of))
    value = mean_of(one.summed, claim.measure)
    lowest, highest = value, value
    if claim.of_each_point and claim.measure == COVERAGE and not math.isnan(one.least):
        lowest, highest = one.least, one.most
    return _held(claim, one.case.name, lowest, highest, "sum", ROUNDING)


def _pooled(claim: Claim, applying: list[CaseMeasured], allowance: float) -> Held:
    """The mean of the cases; where any of them was drawn, with the standard error of a mean of such shares."""
    values = [one.best(claim.measure) for one in applying]
    drawn = [one for one in applying if not one.summed]
    of = [one.drawn.get(claim.measure, (0.0, 0.0))[1] for one in drawn]
    variance = sum(standard_error(one.best(claim.measure), n) ** 2 for one, n in zip(drawn, of, strict=True))
    mean = sum(values) / len(values)
    slack = allowance * math.sqrt(variance) / len(values)
    return _held(claim, "all cases", mean, mean, "draws" if drawn else "sum", max(slack, ROUNDING))


def _held(claim: Claim, over: str, lowest: float, highest: float, by: str, slack: float) -> Held:
    is_kept = claim.least - slack <= lowest and highest <= claim.most + slack  # nan keeps nothing
    return Held(claim.measure, claim.least, claim.most, claim.where, over, lowest, highest, by, is_kept)


def disagreements(cases: tuple[CaseMeasured, ...]) -> tuple[str, ...]:
    """Where do the draws lie too far from the sum? Both estimate by the same code: the draws or the list are wrong."""
    return tuple(one.case.name for one in cases if one.summed and _is_far(one))


def _is_far(one: CaseMeasured) -> bool:
    for measure in (COVERAGE, "above", "below", "estimable"):
        if measure in one.summed:
            exact, n = mean_of(one.summed, measure), one.drawn[measure][1]
            if abs(mean_of(one.drawn, measure) - exact) > TOO_FAR * standard_error(exact, n):
                return True
    return False
