"""Sentences of an answer: what is estimated, what comes first, what to bear in mind."""

from __future__ import annotations

from dueregard.evidence.cells import Cells
from dueregard.evidence.estimate import Estimate, GroupAnswer, Heterogeneity, Missingness
from dueregard.measures.catalogue import over_words
from dueregard.measures.columns import STRATUM_WORDS, code_label, column_label
from dueregard.measures.measure import Measure
from dueregard.stats.verdicts import shown_limit
from dueregard.terms.stages import stage

SLIGHTLY_WIDE = "Within-stratum ratios use the person-time form (Greenland and Robins) for pupils too: slightly wide."
MORE_THAN_ROLL = "Some group has more pupils counted than on roll, so rates are treated as counts over time."
CLEARLY_DIFFERENT = 0.01  # of the test of equal ratios over strata; a sparse test is not read
NOTHING_COMPARED = "One rate for each period; no group is compared with another."
COUNTS_ONLY = "Counts, without a rate: the roll does not have this column."
NO_COMPARISON = "No comparison group is declared for this split: name one with `--comparison`."
RATIO_OF_COUNTS = (
    "A ratio of counts does not know how many children each group has: it is no rate, and must not be read as one."
)
WHERE_WORDS = "where {column} is {codes}"


def filters_of(measure: Measure) -> str:
    """The filter of a question, as the end of a clause; empty where it has none."""
    parts = [
        WHERE_WORDS.format(column=column_label(column).lower(), codes=" or ".join(code_label(column, c) for c in codes))
        for column, codes in measure.where
    ]
    return f", {' and '.join(parts)}" if parts else ""


def estimand_of(measure: Measure, periods: tuple[str, ...], template: tuple[str | None, ...] | None) -> str:
    """What exactly is estimated? One sentence: numerator, denominator, unit, period, comparison, strata."""
    unit = {"pupils": "Distinct pupils", "involvements": "Involvements of pupils", "events": "Events in which pupils"}[
        measure.unit
    ]
    who = f"{unit} who" if measure.unit != "events" else unit
    when = f"in {periods[0]}" if len(periods) == 1 else f"in each period from {periods[0]} to {periods[-1]}"
    sentence = f"{who} {stage(measure.stage).did} {when}{filters_of(measure)}"
    sentence += ", as counts" if measure.is_count_only else f", per 1,000 {over_words(measure)}"
    sentence += ", by " + " and ".join(column_label(c).lower() for c in measure.by)
    if template is not None:
        sentence += f"; each group as a multiple of {comparison_words(measure, template)}"
    if measure.within:
        sentence += "; crude, and within " + " and ".join(STRATUM_WORDS[name] for name in measure.within)
    return sentence + "."


def comparison_words(measure: Measure, template: tuple[str | None, ...]) -> str:
    """What is the comparison group called?"""
    named = [
        code_label(column, code) for column, code in zip(measure.columns, template, strict=True) if code is not None
    ]
    same = [
        column_label(column).lower() for column, code in zip(measure.columns, template, strict=True) if code is None
    ]
    return ", ".join(named) + (f" with the same {' and '.join(same)}" if same else "")


def first_sentence(measure: Measure, groups: tuple[GroupAnswer, ...], template: tuple[str | None, ...] | None) -> str:
    """What must a reader see first? That crude and within do not say the same, where that is so."""
    torn = [g for g in groups if g.agree is False]
    if torn:
        where = " and ".join(STRATUM_WORDS[name] for name in measure.within)
        listed = "; ".join(_torn_words(g, where) for g in torn)
        return (
            f"The crude figure and the figure within {where} do not say the same, and neither stands alone: {listed}."
        )
    if measure.is_count_only:
        return COUNTS_ONLY
    if template is None:
        return NO_COMPARISON if measure.columns else NOTHING_COMPARED
    hidden = [g for g in groups if g.rate_at_least_per_1000 is not None or g.rate_at_most_per_1000 is not None]
    if hidden:
        listed = "; ".join(f"{_name(g, measure)} {_between(g)}" for g in hidden)
        return f"Suppressed by the source; known between bounds only, so nothing is compared: {listed}."
    told = [g for g in groups if g.relative_rate is not None and g.relative_rate.is_estimable]
    if not told:
        return "No group can be compared with " + comparison_words(measure, template) + "."
    clear = [g for g in told if _leaves_out_1(g.relative_rate)]
    if not clear:
        return "For no group does the interval exclude equality; that is not evidence that there is no difference."
    listed = "; ".join(f"{_name(g, measure)} {_times(g.relative_rate)}" for g in clear)
    return f"Beside {comparison_words(measure, template)}: {listed}."


def _between(group: GroupAnswer) -> str:
    least, most = group.rate_at_least_per_1000, group.rate_at_most_per_1000
    if least is None or most is None:
        return f"at least {least:.2f} per 1,000" if least is not None else f"at most {most:.2f} per 1,000"
    return f"{least:.2f} to {most:.2f} per 1,000"


def _without_stratum(cells: Cells) -> int:
    """Units in strata that have no denominator for any group."""
    over: dict[tuple[str, tuple[str, ...]], int] = {}
    for cell in cells.strata:
        here = (cell.period, cell.stratum)
        over[here] = over.get(here, 0) + (1 if cell.denominator is None else cell.denominator)
    return sum(cell.n for cell in cells.strata if not over[(cell.period, cell.stratum)])


def _differs(found: Heterogeneity) -> bool:
    return not found.is_sparse and found.p_value < CLEARLY_DIFFERENT


def _name(group: GroupAnswer, measure: Measure) -> str:
    return f"{group.label} ({group.period})" if measure.is_trend else group.label


def _leaves_out_1(ratio: Estimate | None) -> bool:
    return ratio is not None and (ratio.lower > 1 or ratio.upper < 1)


def _times(ratio: Estimate | None) -> str:
    if ratio is None or not ratio.is_estimable:
        return "not estimable"
    upper = "no upper limit" if ratio.upper == float("inf") else shown_limit(ratio.upper)
    if ratio.estimate == 0:
        return f"none was counted, so below {upper} times"
    if ratio.estimate == float("inf"):
        return f"none was counted in the comparison group, so above {shown_limit(ratio.lower)} times"
    return f"{ratio.estimate:.2f} times ({shown_limit(ratio.lower)} to {upper})"


def _torn_words(group: GroupAnswer, where: str) -> str:
    return f"{group.label} {_times(group.relative_rate)} crude, {_times(group.within_relative_rate)} within {where}"


def caveats_of(
    cells: Cells, missing: Missingness, groups: tuple[GroupAnswer, ...], source: tuple[str, ...], *, as_risk: bool,
    of_repeats: list[str],
) -> tuple[str, ...]:  # fmt: skip
    """What must a reader bear in mind? The source's own words last."""
    measure, found = cells.measure, list(cells.caveats)
    if measure.within and as_risk:
        found.append(SLIGHTLY_WIDE)
    if measure.unit == "pupils" and not measure.is_by_day and not measure.is_count_only and not as_risk:
        found.append(MORE_THAN_ROLL)
    if measure.columns and not measure.is_count_only and not any(g.is_comparison for g in groups):
        found.append(NO_COMPARISON)
    if any(g.relative_count is not None for g in groups):
        found.append(RATIO_OF_COUNTS)
    if astray := _without_stratum(cells):
        found.append(f"{astray:,} {measure.unit} are in strata where nobody is on roll (a place that is not known): "
                     "they are in the crude figure and add nothing within.")  # fmt: skip
    found += [*of_repeats, *caveats_of_counting(cells, missing)]
    apart = [g.label for g in groups if g.heterogeneity is not None and _differs(g.heterogeneity)]
    if apart:
        found.append(f"The strata differ in the ratio of {', '.join(dict.fromkeys(apart))} by more than chance alone would "
                     "make likely: one pooled ratio does not tell the whole; read the strata one by one.")  # fmt: skip
    found += caveats_of_schools(cells)
    return tuple(dict.fromkeys([*found, *source]))


def caveats_of_counting(cells: Cells, missing: Missingness) -> list[str]:
    """What is not known of those who were counted?"""
    found = []
    if missing.share:
        found.append(
            f"The group of {missing.share:.1%} of those counted is missing; missing groups are listed, never spread."
        )
    if cells.not_identified:
        found.append(f"{cells.not_identified} involvements are of pupils who were not identified: "
                     "they count as involvements, never as pupils.")  # fmt: skip
    if cells.disagreeing:
        found.append(
            f"{cells.disagreeing} involvements were recorded with another value than the pupil's one; they are not split over groups."
        )
    return found


def caveats_of_schools(cells: Cells) -> list[str]:
    """How many schools stay out of the figure?"""
    left_out = sum(x.schools for x in cells.left_out)
    if not left_out:
        return []
    return [f"{left_out} schools stay out of the figure because not all that it needs was collected there."]
