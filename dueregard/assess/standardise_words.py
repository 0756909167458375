"""Sentences of a standardised answer: what is estimated, on which standard, what to bear in mind."""

from __future__ import annotations

from dueregard.assess.words import caveats_of_counting, caveats_of_schools, comparison_words
from dueregard.assess.words import estimand_of as crude_estimand_of
from dueregard.evidence.caveats import DEPENDENT, NOT_ADDITIVE
from dueregard.evidence.cells import Cells
from dueregard.evidence.estimate import Missingness
from dueregard.evidence.standardised import StandardisedGroup
from dueregard.measures.catalogue import over_words
from dueregard.measures.columns import SPLITS, column_label
from dueregard.measures.measure import Measure
from dueregard.stats.rates import FEW_EVENTS

NOT_COMPARABLE = "Two indirectly standardised ratios are not comparable with each other: each is weighted by its own group's make-up."
FEW = f"Fewer than {FEW_EVENTS} counted: a directly standardised rate is not estimable."
SLIGHTLY_WIDE = "Limits take pupils as counts over time: slightly wide."
UNKNOWN_AS_OTHERS = (
    "Each involvement of an unidentified pupil is taken as another pupil's, so the widening may be too small."
)
INCLUDES_ITSELF = "Each group is a part of everybody, so a ratio is nearer to 1 than beside the other groups alone."
TAKEN_AS_KNOWN = "The comparison group's rates are taken as known: the ranges do not cover chance in them."
CHOSEN = "A standardised figure depends on the standard and on what is standardised over: read it beside the crude one."


def _over_words(over: tuple[str, ...], joined_by: str = " and ") -> str:
    return joined_by.join(column_label(name)[0].lower() + column_label(name)[1:] for name in over)


def standard_of(measure: Measure, *, method: str, template: tuple[str | None, ...] | None) -> str:
    """What is the standard?"""
    whole = f"all {over_words(measure)} of the schools in the figure"
    if method == "direct":
        return whole
    return f"the rates of {whole}" if template is None else f"the rates of {comparison_words(measure, template)}"


def estimand_of(
    measure: Measure, periods: tuple[str, ...], over: tuple[str, ...], *, method: str, template: tuple[str | None, ...] | None
) -> str:  # fmt: skip
    """What exactly is estimated? One sentence."""
    crude = crude_estimand_of(measure, periods, template if method == "direct" else None).removesuffix(".")
    standard = standard_of(measure, method=method, template=template)
    if method == "direct":
        return (
            f"{crude}; directly standardised over {_over_words(over)}: "
            f"the rate of each group if its make-up were that of {standard}."
        )
    return (
        f"{crude}; indirectly standardised over {_over_words(over)}: the number counted, "
        f"as a multiple of the number expected at {standard}."
    )


def caveats_of(
    cells: Cells, missing: Missingness, groups: tuple[StandardisedGroup, ...], over: tuple[str, ...], *, method: str,
    missing_over: float, knows_repeats: bool, source: tuple[str, ...],
) -> tuple[str, ...]:  # fmt: skip
    """What must a reader bear in mind? The source's own words last."""
    found = [*cells.caveats, CHOSEN]
    found += _of_method(cells, groups, method=method)
    found += _of_repeats(cells, groups, knows_repeats=knows_repeats)
    found += _of_coverage(groups, method=method)
    if missing_over:
        found.append(f"Of {missing_over:.1%} of those counted the {_over_words(over, ' or ')} is not known: "
                     "such a stratum stands by itself.")  # fmt: skip
    if cells.measure.unit == "pupils" and any(SPLITS[name].place for name in over):
        found.append(NOT_ADDITIVE)
    found += caveats_of_counting(cells, missing) + caveats_of_schools(cells)
    return tuple(dict.fromkeys([*found, *source]))


def _of_method(cells: Cells, groups: tuple[StandardisedGroup, ...], *, method: str) -> list[str]:
    found = []
    if method == "indirect":
        found.append(NOT_COMPARABLE)
        found.append(TAKEN_AS_KNOWN if any(g.is_comparison for g in groups) else INCLUDES_ITSELF)
    elif any(g.rate_per_1000 is not None and not g.rate_per_1000.is_estimable for g in groups):
        found.append(FEW)
    return [*found, SLIGHTLY_WIDE] if cells.measure.unit == "pupils" else found


def _of_repeats(cells: Cells, groups: tuple[StandardisedGroup, ...], *, knows_repeats: bool) -> list[str]:
    if cells.measure.unit == "pupils":
        return []
    if not knows_repeats:
        return [DEPENDENT]
    factors = [g.widening for g in groups if g.widening is not None]
    found = []
    if factors and max(factors) > 1:
        low, high = f"{min(factors):.2f}", f"{max(factors):.2f}"
        times = high if low == high else f"{low} to {high}"
        found.append(f"Contacts of the same pupil are not independent: they widen the ranges by a factor of {times}.")
    return [*found, *([UNKNOWN_AS_OTHERS] if cells.not_identified else [])]


def _of_coverage(groups: tuple[StandardisedGroup, ...], *, method: str) -> list[str]:
    found = []
    partly = [f"{g.label} {g.not_covered_share:.1%}" for g in groups if g.not_covered_share and not g.is_missing]
    if partly and method == "direct":
        found.append("In some strata a group has nobody, so a part of the standard population is not covered and its rate is "
                     f"that of the rest: {'; '.join(partly)}.")  # fmt: skip
    if partly and method == "indirect":
        found.append(
            f"In some strata the standard has nobody, so a part of a group has no expected number: {'; '.join(partly)}."
        )
    outside = sum(g.n_outside for g in groups)
    if outside:
        found.append(
            f"{outside} of those counted are in strata with nobody on the roll: they are in no standardised figure."
        )
    return found
