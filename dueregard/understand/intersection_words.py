"""Sentences of an answer about intersections: what is estimated, what is borrowed, what cannot be said."""

from __future__ import annotations

from dueregard.evidence.caveats import NOT_ADDITIVE
from dueregard.evidence.cells import Cells
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.evidence.intersections import FEW, StratumAnswer, StratumQuestion, Variation
from dueregard.measures.catalogue import over_words
from dueregard.measures.columns import code_label, column_label
from dueregard.measures.measure import Measure
from dueregard.terms.stages import stage
from dueregard.understand.strata import Strata

MODEL = (
    "Poisson counts over exposure, log link; schools and strata as crossed random effects; main effects of each characteristic. "
    "Priors: standard deviations half-normal(1), main effects normal(0, 1), intercept normal(log of the overall rate, 5). "
    "Laplace's approximation; the standard deviations are integrated out."
)
SHRUNKEN = (
    "Each rate is drawn towards what is usual for similar pupils: the more, the fewer pupils it has. "
    "A stratum that really stands out is drawn in too: read the unshrunken range beside it."
)
BORROWED = f"Strata with {FEW} or fewer counted have borrowed strength: their figure is the shrunken estimate alone."
PRODUCT = "A residual is beyond the product of the main effects; the excess is beyond their sum. Each can be there without the other."
DESCRIPTIVE = "The shares of variance and their change describe this model; they are not shares of a cause."
AS_COUNTS = "Pupils are taken as counts over the roll, so ranges are slightly wide."
REPEATED = "Repeated contacts of one pupil are not independent, so these ranges are too narrow: read the same figure by pupils."
FAR_APART = 2.0  # a standard deviation of log rates: two thirds of schools within a factor of 55
UNEVEN = (
    "Schools differ so much (many without any, a few with many) that a bell curve of their log rates is a poor likeness: "
    "shares of variance and figures over the schools of all pupils are rough."
)
NO_CHILD = "It says nothing of any one pupil, and nothing of why."


def estimand_of(measure: Measure, period: str) -> str:
    """What exactly is estimated? One sentence."""
    unit = {"pupils": "Distinct pupils", "involvements": "Involvements of pupils", "events": "Events in which pupils"}
    who = unit[measure.unit] + ("" if measure.unit == "events" else " who")
    filters = "".join(
        f", where {column_label(column).lower()} is {' or '.join(code_label(column, code) for code in codes)}"
        for column, codes in measure.where
    )
    by = " by ".join(column_label(column)[0].lower() + column_label(column)[1:] for column in measure.columns)
    return (f"{who} {stage(measure.stage).did} in {period}{filters}, per 1,000 {over_words(measure)}, for each stratum of {by}, "
            "in the schools that its pupils attend; shrunken towards similar strata.")  # fmt: skip


def first_sentence(answers: tuple[StratumAnswer, ...]) -> str:
    """What must a reader see first? How uncertain the strata are, before any rate."""
    known = [a for a in answers if not a.is_missing and a.rate_per_1000 is not None]
    few = sum(a.is_few for a in known)
    apart = [a for a in known if a.residual is not None and (a.residual.lower > 1 or a.residual.upper < 1)]
    borrowed = sorted(1 - (a.own_share or 0.0) for a in known)
    middle = borrowed[len(borrowed) // 2] if borrowed else 1.0
    told = (
        f"{len(apart)} differ from what their characteristics say one by one by more than chance and shrinkage would make likely."
        if apart else "For none does the range of its residual leave out 1; that is not evidence that there is no difference."
    )  # fmt: skip
    return (f"Of {len(known):,} strata, {few:,} have {FEW} or fewer counted; half of the strata borrow {middle:.0%} or more of "
            f"their estimate from similar pupils. {told}")  # fmt: skip


def caveats_of(
    cells: Cells, strata: Strata, answers: tuple[StratumAnswer, ...], variation: Variation, missing: Missingness,
    source: tuple[str, ...],
) -> tuple[str, ...]:  # fmt: skip
    """What must a reader bear in mind? The source's own words last."""
    found = [*(c for c in cells.caveats if c != NOT_ADDITIVE), SHRUNKEN]
    found += [BORROWED] if any(a.is_few for a in answers) else []
    found += [PRODUCT, DESCRIPTIVE, AS_COUNTS if cells.measure.unit == "pupils" else REPEATED]
    if variation.school_sd.estimate > FAR_APART:
        found.append(UNEVEN)
    if variation.pcv is None:
        found.append(
            "Strata do not vary measurably even without main effects, so there is no change of variance to tell."
        )
    if int(strata.events.sum()) + strata.n_outside != int(strata.n.sum()):
        found.append(
            "A pupil counted in two schools is one in a stratum's number, and one in each school of the model."
        )
    if strata.n_outside:
        found.append(f"{strata.n_outside} of those counted are in strata with nobody on the roll of their school: they are in no rate.")  # fmt: skip
    if missing.share:
        found.append(f"Of {missing.share:.1%} of those counted some characteristic is not known. They are listed as what they are: "
                     "numbers of which nothing is known, not a group of pupils alike.")  # fmt: skip
    if cells.not_identified:
        found.append(f"{cells.not_identified} involvements are of pupils who were not identified: "
                     "they count as involvements, never as pupils.")  # fmt: skip
    if cells.disagreeing:
        found.append(f"{cells.disagreeing} involvements were recorded with another value than the pupil's one.")
    left_out = sum(x.schools for x in cells.left_out)
    if left_out:
        found.append(f"{left_out} schools stay out of the figure because not all that it needs was collected there.")
    return tuple(dict.fromkeys([*found, *source]))


def stratum_words(
    measure: Measure,
    period: str,
    one: StratumAnswer,
    asked: tuple[tuple[str, tuple[str, ...]], ...],
    widest: float | None,
) -> StratumQuestion:
    """One stratum in words: what was counted, how much was borrowed, what cannot be said."""
    over, who = (
        over_words(measure),
        {"pupils": "pupils", "involvements": "involvements", "events": "events"}[measure.unit],
    )
    number = f"{FEW} or fewer" if one.n is None else f"{one.n:,}"
    counted = (f"Counted in {period}: {number} {who} who {stage(measure.stage).did}, of {one.denominator:,.0f} {over} "
               f"({one.label}).")  # fmt: skip
    rate, share = one.rate_per_1000, one.own_share or 0.0
    estimate = "" if rate is None else f"Best estimate: {_range(rate)} per 1,000 {over}."
    borrowed = (
        f"This estimate follows their own numbers to {share:.0%}; {1 - share:.0%} is borrowed from similar pupils."
    )
    if one.own_rate_per_1000 is not None:
        own = f"By their own numbers alone: {_range(one.own_rate_per_1000)} per 1,000 (exact, nothing borrowed)."
    else:
        own = (f"By their own numbers alone: anything from 0 to {widest or 0:.1f} per 1,000, whichever number from 0 to {FEW} it was. "
               "That is too few to stand alone (borrowed strength).")  # fmt: skip
    few_range = None if widest is None else (0.0, widest)
    return StratumQuestion(asked, one, few_range, counted, estimate, borrowed, own, _cannot(measure, one, share))


def _cannot(measure: Measure, one: StratumAnswer, share: float) -> tuple[str, ...]:
    found = []
    if one.is_missing:
        found.append("A characteristic of these pupils is not known: they are not a group of pupils alike.")
    if one.residual is not None and one.residual.lower <= 1 <= one.residual.upper:
        found.append(f"Whether this combination differs from what its characteristics say one by one: {_range(one.residual)} times; "
                     "that is not evidence that it does not.")  # fmt: skip
    if share < 0.5:
        found.append(
            "Most of the estimate is what is usual for similar pupils. If these pupils really stand out, it hides that."
        )
    if any(name == "age_on_31_august" for name in measure.columns):
        found.append("How old they were on the day: age is that on 31 August before the year. For *aged 14 at the time* "
                     "ask `year_group=9,10`.")  # fmt: skip
    if any(name == "year_group" for name in measure.columns):
        found.append("Who was how old at the time: a year group holds pupils of two ages in the course of its year.")
    return (*found, NO_CHILD)


def _range(found: Estimate) -> str:
    return f"{found.estimate:.1f} (likely {found.lower:.1f} to {found.upper:.1f})" if found.estimate >= 10 else (
        f"{found.estimate:.2f} (likely {found.lower:.2f} to {found.upper:.2f})")  # fmt: skip


def sampling_words(r_hat: float, size: float, divergences: int, passed: bool, largest: float | None) -> str:
    """What does the check by sampling say?"""
    gates = f"r-hat {r_hat:.3f} (below 1.01), effective size {size:.0f} (above 400), divergences {divergences} (none)"
    if not passed:
        return f"The check by sampling did not pass its gates, so none of its figures is given: {gates}."
    told = (
        ""
        if largest is None
        else f" No stratum with more than {FEW} counted differs from it by more than a factor of {largest:.2f}."
    )
    return f"Checked by sampling (NUTS), {gates}.{told}"
