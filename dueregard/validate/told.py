"""What a validation found, as rows of words: the same for the terminal and the page."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dueregard.validate.measured import CaseMeasured, TrialMeasured, Validation, has_intervals
from dueregard.validate.tally import mean_of
from dueregard.validate.trial import ALARMS, COVERAGE, HIGHER, LOG, PLAIN, Tally

OF_AN_INTERVAL = {COVERAGE, "above", "below", "estimable", "error", ALARMS, HIGHER}
SUMMARY = ("method", "coverage where claimed", "lowest elsewhere", "mean error", "false alarms", "power", "claim")
SUMMARY_MEANS = (
    "Coverage: the share of printed 95 % ranges that hold the truth, in per cent; exact where all outcomes could be summed; in "
    "brackets the lowest and highest point of the ranges of truths. Elsewhere: the lowest outside of what the method claims, of "
    "cells in which it prints a range in one draw of twenty or more. Mean error: the largest, from 20 expected events, relative to "
    "the truth (of differences: per 1,000). False alarms: *higher* or *lower* where the ratio is 1 in truth, on average. Power: "
    "*higher* in a borough, contact, Black, which is 1.6 times in truth; of the trial of power itself, at the ratio that is promised "
    "to be found by 80 %."
)
DETAIL = ("cell or range", "expected", "truth", "draws", "coverage, draws", "coverage, exact", "missed above", "missed below",
          "mean error", "printed", "higher or lower", "claimed")  # fmt: skip
OWN_DETAIL = ("cell", "measure", "found", "of", "claimed")
FEW = 20  # expected events from which the mean error is told in the summary
SELDOM = 0.05  # of draws


def about(found: Validation) -> str:
    """Which run this is."""
    kind = "Full" if found.is_full else "Quick"
    kept = sum(one.is_kept for one in found.trials)
    return (
        f"{kind} validation of dueregard {found.version}, seed {found.seed}, {found.made_on}: {len(found.trials)} trials, "
        f"{kept} as claimed."
    )


def summary_rows(found: Validation) -> list[list[str]]:
    """One row a method."""
    return [_summary_row(one) for one in found.trials]


def _summary_row(one: TrialMeasured) -> list[str]:
    claimed = [case for case in one.cases if claims_coverage(one, case)]
    others = [case for case in one.cases if not claims_coverage(one, case) and is_often_printed(case)]
    return [
        one.trial.title, _between(claimed), _lowest(others), _largest_error(one), _false_alarms(one), _power(one),
        claim_told(one),
    ]  # fmt: skip


def claims_coverage(one: TrialMeasured, case: CaseMeasured) -> bool:
    return any(claim.measure == COVERAGE and claim.applies(case.case) for claim in one.trial.claims)


def is_often_printed(case: CaseMeasured) -> bool:
    """Is a range printed often enough to say how often it holds? A method that nearly always cannot tell says little."""
    return case.best("estimable") >= SELDOM


def claim_told(one: TrialMeasured) -> str:
    if not one.trial.claims:
        return "none"
    return "kept" if one.is_kept else "NOT KEPT"


def share(value: float) -> str:
    """As a percentage with one decimal, never rounded onto 100.

    >>> share(0.95), share(0.99996), share(float("nan"))
    ('95.0', '99.99', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{100 * value:.1f}" if value == 1 or value < 0.9995 else f"{math.floor(1e4 * value) / 100:.2f}"


def _between(cases: list[CaseMeasured]) -> str:
    found = [case.best(COVERAGE) for case in cases if not math.isnan(case.best(COVERAGE))]
    if not found:
        return "-"
    points = [x for case in cases for x in (case.least, case.most) if not math.isnan(x)]
    range_ = f"{share(min(found))} to {share(max(found))}"
    return range_ + (f" [{share(min(points))} to {share(max(points))}]" if points else "")


def _lowest(cases: list[CaseMeasured]) -> str:
    found = [x for case in cases for x in (case.best(COVERAGE), case.least) if not math.isnan(x)]
    return share(min(found)) if found else "-"


def _largest_error(one: TrialMeasured) -> str:
    told = [case for case in one.cases if not case.case.expected < FEW]
    errors = [error_of(one, case.summed or case.drawn) for case in told]
    known = [error for error in errors if not math.isnan(error)]
    return error_words(one, max(known, key=abs)) if known else "-"


def error_of(one: TrialMeasured, tally: Tally) -> float:
    """The mean error: relative to the truth; of a ratio that of the mean logarithm; of a difference plain."""
    error = mean_of(tally, "error")
    return math.expm1(error) if one.trial.error == LOG else error


def error_words(one: TrialMeasured, error: float) -> str:
    if math.isnan(error):
        return "-"
    if one.trial.error == PLAIN:
        return f"{1000 * error:+.2f} per 1,000"
    return f"{100 * error:+.1f} %"


def _false_alarms(one: TrialMeasured) -> str:
    equal = [
        case for case in one.cases if case.case.truth == 1 or (math.isnan(case.case.truth) and _claims(one, ALARMS))
    ]
    return _mean_share(case.best(ALARMS) for case in equal if ALARMS in case.drawn)


def _claims(one: TrialMeasured, measure: str) -> bool:
    return any(claim.measure == measure for claim in one.trial.claims)


def _power(one: TrialMeasured) -> str:
    if _claims(one, HIGHER):
        return _mean_share(case.best(HIGHER) for case in one.cases if case.is_claimed)
    there = [c for c in one.cases if c.case.name.startswith("borough") and c.case.name.endswith("contact, Black")]
    return _mean_share(c.best(HIGHER) for c in there if HIGHER in c.drawn and c.case.truth > 1)


def _mean_share(values: Iterable[float]) -> str:
    known = [value for value in values if not math.isnan(value)]
    return share(sum(known) / len(known)) if known else "-"


def detail_rows(one: TrialMeasured) -> list[list[str]]:
    """One row a cell or range; of a trial that counts something of its own, one a measure."""
    if not has_intervals(one):
        return [_own_row(case, measure) for case in one.cases for measure in case.drawn]
    return [_detail_row(one, case) for case in one.cases]


def _own_row(case: CaseMeasured, measure: str) -> list[str]:
    total, of = case.drawn[measure]
    return [case.case.name, measure, share(total / of) if of else "-", f"{of:,.0f}", "yes" if case.is_claimed else "no"]


def _detail_row(one: TrialMeasured, case: CaseMeasured) -> list[str]:
    best = case.summed or case.drawn
    exact = share(mean_of(case.summed, COVERAGE))
    span = "" if math.isnan(case.least) else f" [{share(case.least)} to {share(case.most)}]"
    return [
        case.case.name, number(case.case.expected), _truth(one, case), f"{case.n:,}", share(mean_of(case.drawn, COVERAGE)),
        exact + span, share(mean_of(best, "above")), share(mean_of(best, "below")), error_words(one, error_of(one, best)),
        share(mean_of(best, "estimable")), share(mean_of(best, ALARMS)), "yes" if case.is_claimed else "no",
    ]  # fmt: skip


def _truth(one: TrialMeasured, case: CaseMeasured) -> str:
    truth = case.case.truth
    return "several" if math.isnan(truth) else f"{truth:.4g}"


def number(value: float) -> str:
    """Two meaningful figures below 10, whole above; `-` where it is not known.

    >>> number(0.118), number(7392.0), number(float("nan"))
    ('0.12', '7,392', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
