"""Sentences about missing ethnicity: the gate, where a group comes from, and what to bear in mind."""

from __future__ import annotations

import math

from dueregard.evidence.caveats import DEPENDENT
from dueregard.evidence.cells import Cells
from dueregard.evidence.estimate import Estimate
from dueregard.evidence.sensitivity import GroupSensitivity, Range, TwoSeries
from dueregard.measures.catalogue import over_words
from dueregard.measures.columns import code_label, column_label
from dueregard.measures.measure import Measure
from dueregard.stats.verdicts import shown_limit, verdict, words
from dueregard.terms.stages import stage
from dueregard.understand.missing_figure import Figure

ROBUST, BUT_FOR_CHANCE, NOT_ESTABLISHED = "robust", "robust_but_for_chance", "not_established"
NOTHING_MISSING, NOT_ESTIMABLE = "nothing_missing", "not_estimable"

# From where does the group of those counted come? By how the snapshot links pupils.
WHENCE = {
    "counted": "The source publishes counts by ethnicity: those of no known group are as it publishes them.",
    "all": "A pupil's ethnicity is the roll's, for everybody stands in it: missing are those for whom the roll has none.",
    "some": (
        "A pupil's ethnicity is the roll's where the pupil stands in it, else their latest own word to the police. Missing are those for "
        "whom the roll has none, and those who do not stand in it and whose own word is missing too."
    ),
    "none": (
        "A pupil's ethnicity is their latest own word to the police, for the roll does not tell pupils apart. Missing are those who "
        "declined or were never asked; on the roll, those for whom the school has none: other pupils, missing for other reasons."
    ),
}
PROPORTIONAL = (
    "Spreading the missing over the groups by their known numbers leaves every ratio as it is. It is no sensitivity analysis: "
    "it assumes the answer."
)
NO_MIXED = "The officer's list has no Mixed, so no officer's code can say it, and codes cannot be turned back into groups one by one."
OWN_EYE = "No roll is observed by officers: the officer's series has counts, and no rate over a roll."
ABOUT_IMPUTED = (
    "Imputation takes the missing to be like those known with the same officer's code, place, behaviour and outcome. "
    "If they are not, it is wrong, and only the bounds hold."
)
ABOUT_BOUNDS = "Every ethnicity that was recorded is taken as true: a wrong record is not covered by any of these."
ROLL_SPREAD = "All but the bounds of both sides take the roll's missing to be spread over groups like the known: that leaves a ratio as it is."
FILTERED = "A filter on a column may itself leave out some whose value there is missing; that is not counted here."


def estimand_of(measure: Measure, period: str, comparison: str) -> str:
    """What exactly is estimated, and what is asked of it?"""
    unit = {"pupils": "Distinct pupils who", "involvements": "Involvements of pupils who", "events": "Events in which pupils"}  # fmt: skip
    filters = [
        f"{column_label(column).lower()} is {' or '.join(code_label(column, code) for code in codes)}"
        for column, codes in measure.where
    ]
    where = f", where {' and '.join(filters)}" if filters else ""
    return (
        f"{unit[measure.unit]} {stage(measure.stage).did} in {period}{where}, per 1,000 {over_words(measure)}, by ethnicity; each group as a "
        f"multiple of {comparison}; and how far that holds, whoever those are whose ethnicity is missing."
    )


def missing_words(figure: Figure) -> str:
    """For how many is ethnicity missing? `3.3% of those counted`, and of the denominator where some are missing there."""
    total = sum(figure.over(cell) for cell in figure.cells.whole)
    what = "those they are taken of" if figure.cells.measure.is_conditional else "the roll"
    parts = [f"{figure.n_missing / figure.n:.1%} of those counted"] if figure.n_missing else []
    parts += [f"{figure.over_missing / total:.1%} of {what}"] if figure.over_missing else []
    return " and ".join(parts) + ("" if figure.n_missing else " (for nobody who was counted)")


def gate(complete: Estimate, bounds: Range, figure: Figure) -> tuple[str, str]:
    """Does the direction hold whoever the missing are? A code, and the same as a sentence.

    bounds: the widest that are possible. Chance is asked after the missing: both must leave out 1 for `robust`.
    """
    if math.isnan(bounds.lowest) or math.isnan(bounds.highest):
        return NOT_ESTIMABLE, "not estimable: nobody was counted in either group"
    if not figure.n_missing and not figure.over_missing:
        found = verdict(complete.lower, complete.upper)
        return NOTHING_MISSING, f"nobody's ethnicity is missing, so nothing hangs on it; {words(found, complete.lower, complete.upper)}"  # fmt: skip
    direction = "higher" if bounds.lowest > 1 else "lower" if bounds.highest < 1 else ""
    if not direction:
        also = "" if _leaves_out_1(complete.lower, complete.upper) else "; nor do the known alone establish it: chance could turn them"  # fmt: skip
        return NOT_ESTABLISHED, f"direction not established because ethnicity is missing for {missing_words(figure)}{also}"  # fmt: skip
    if _leaves_out_1(bounds.lower, bounds.upper):
        return ROBUST, f"robust: {direction} whoever the missing are, chance included ({_from_to(bounds.lower, bounds.upper)})"  # fmt: skip
    return BUT_FOR_CHANCE, (
        f"{direction} whoever the missing are ({_from_to(bounds.lowest, bounds.highest)}), but chance could turn it: "
        f"the data are compatible with anything from {_from_to(bounds.lower, bounds.upper)}"
    )


def _leaves_out_1(lower: float, upper: float) -> bool:
    return lower > 1 or upper < 1


def _from_to(lower: float, upper: float) -> str:
    if math.isinf(upper):
        return f"{shown_limit(lower)} times, with no upper limit"
    return f"{shown_limit(lower)} to {shown_limit(upper)} times"


def first_sentence(groups: tuple[GroupSensitivity, ...], figure: Figure) -> str:
    """What must a reader see first? For whom the direction holds, and for whom it does not."""
    by_gate: dict[str, list[str]] = {}
    for group in groups:
        by_gate.setdefault(group.gate, []).append(group.label)
    told = {
        NOT_ESTABLISHED: f"Direction not established because ethnicity is missing for {missing_words(figure)}: {{}}.",
        ROBUST: "Robust, whoever the missing are: {}.",
        BUT_FOR_CHANCE: "The missing cannot turn the direction, chance could: {}.",
        NOTHING_MISSING: "Nobody's ethnicity is missing among those counted or on the roll: {}.",
        NOT_ESTIMABLE: "Not estimable: {}.",
    }
    return " ".join(words_.format(", ".join(by_gate[code])) for code, words_ in told.items() if code in by_gate)


WIDER = (
    "Contacts of the same pupil are not independent: ranges of ratios are widened by it, those of corrected counts and of shares "
    "that are missing are not."
)


def caveats_of(
    figure: Figure, source: tuple[str, ...], *, is_imputed: bool, series: TwoSeries | None
) -> tuple[str, ...]:
    """What must a reader bear in mind? The source's own words last."""
    cells: Cells = figure.cells
    found = [*cells.caveats, ABOUT_BOUNDS]
    if figure.over_missing and not cells.measure.is_conditional:
        found.append(ROLL_SPREAD)
    if is_imputed:
        found.append(ABOUT_IMPUTED)
    if series is not None:
        found += [NO_MIXED] if _lacks_mixed(series) else []
        found += [] if cells.measure.is_conditional else [OWN_EYE]
    if cells.measure.unit != "pupils":
        found.append(DEPENDENT if figure.repeats is None else WIDER)
    if cells.measure.where:
        found.append(FILTERED)
    if cells.not_identified:
        found.append(f"{cells.not_identified:,} involvements are of pupils who were not identified: they count as involvements, never as pupils.")  # fmt: skip
    left_out = sum(x.schools for x in cells.left_out)
    if left_out:
        found.append(f"{left_out} schools stay out of the figure because not all that it needs was collected there; that is another kind of missing.")  # fmt: skip
    return tuple(dict.fromkeys([*found, *source]))


def _lacks_mixed(series: TwoSeries) -> bool:
    """Does somebody call themselves Mixed, and no officer's code say it?"""
    own, observed = ({code for code, _ in codes} for codes in (series.self_defined, series.observed))
    return "M" in own and "M" not in observed
