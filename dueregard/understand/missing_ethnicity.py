"""Sensitivity: what stays true of each group's ratio, whoever those are whose ethnicity is not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dueregard.errors import UsageError
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.evidence.estimate import Estimate
from dueregard.evidence.profile import Profile
from dueregard.evidence.sensitivity import Analysis, AtTheta, GroupSensitivity, Imputed, NotMade, Range, Sensitivity
from dueregard.measures.columns import code_label
from dueregard.measures.measure import Measure
from dueregard.stats.intervals import Intervals
from dueregard.stats.missing import (
    THETAS,
    Bounds,
    Curve,
    missing_odds_curve,
    proportional_ratios,
    tipping_thetas,
    worst_case_ratios,
)
from dueregard.stats.ratios import rate_ratios
from dueregard.stats.repeats import ratio_factor, stretched_ratios
from dueregard.stats.standardise import WIDENED
from dueregard.stats.verdicts import verdict, words
from dueregard.terms.missing import is_missing
from dueregard.understand.imputed import MOST_SCHOOLS, Filled, counts_of, fill, pooled_ratio, why_not
from dueregard.understand.missing_figure import ETHNICITY, Figure, columns_of, figure_of, known_of, missingness_of
from dueregard.understand.missing_words import WHENCE, caveats_of, estimand_of, first_sentence, gate
from dueregard.understand.two_series import OBSERVED, missing_shares, two_series

IMPUTATION, SERIES, OBSERVED_RATE = "imputed", "two_series", "observed"
IMPUTED_BY = (ETHNICITY, OBSERVED, "area", "school", "behaviour")  # of the profiles: the group, then its predictors
LABELS = {
    "complete": "Those whose ethnicity is known",
    "missing_odds": "Missing twice as readily in the group, or half as readily",
    "imputed": "Multiple imputation",
    "worst_case": "Worst case: all missing are the one's or the other's",
    "worst_case_with_roll": "Worst case, and the roll's missing too",
    "observed": "By the officer's code",
}


@dataclass(frozen=True, slots=True)
class Extra:
    """What an engine answered beside the figure, or why it could not (a sentence). None: the source publishes counts.

    profiles: by IMPUTED_BY, in the unit of the figure. series: by COLUMNS of `two_series`, in involvements.
    observed: the cells of the same question by the officer's code, where it is taken of a stage. repeats,
    observed_repeats: who came again, in both; None for pupils, and where it is not known.
    """

    profiles: Sequence[Profile] | str | None
    series: Sequence[Profile] | str | None
    observed: Cells | str | None
    repeats: tuple[Repeat, ...] | None = None
    observed_repeats: tuple[Repeat, ...] | None = None


def check_sensitivity(measure: Measure) -> None:
    """Raises UsageError unless the question is one of ethnicity, of one period."""
    if measure.by != (ETHNICITY,) or measure.within:
        raise UsageError("Sensitivity is asked of one split, ethnicity, over all schools together.",
                         try_this="leave `--by` and `--within` out.")  # fmt: skip


def sensitivity(
    cells: Cells, extra: Extra, *, linkage: str, base: str, snapshot: str, code_version: str, comparison: str | None = None,
    group: str | None = None, seed: int = 1, source_caveats: tuple[str, ...] = (), level: float = 0.95,
) -> Sensitivity:  # fmt: skip
    """What stays true of each group's ratio, whoever the missing are? linkage: a key of WHENCE.

    Raises UnknownName for a group that does not exist, CannotAnswer where nothing is compared.
    """
    figure = figure_of(cells, comparison=comparison, group=group, is_linked=linkage == "all", repeats=extra.repeats)
    filled, not_imputed = _filled(extra.profiles, seed)
    groups = _groups(figure, filled, extra, level)
    rows = () if extra.series is None or isinstance(extra.series, str) else extra.series
    series = two_series(rows, seed=seed)
    against = figure.against
    return Sensitivity(
        snapshot=snapshot, code_version=code_version,
        estimand=estimand_of(cells.measure, cells.periods[0], _label(against)),
        sentence=first_sentence(groups, figure), measure=cells.measure, period=cells.periods[0],
        comparison=against.codes[0], comparison_label=_label(against), comparison_n=against.n,
        comparison_denominator=figure.over(against), n=figure.n, missing=missingness_of(cells),
        roll_missing=figure.over_missing, roll_total=sum(figure.over(cell) for cell in cells.whole),
        whence=WHENCE[linkage], groups=groups, two_series=series, base=base,
        missingness=missing_shares(rows) if rows else (),
        not_made=_not_made(extra, groups, filled, not_imputed, has_series=series is not None), seed=seed,
        schools_used=cells.schools_used[0][1], left_out=cells.left_out,
        caveats=caveats_of(figure, source_caveats, is_imputed=filled is not None, series=series),
    )  # fmt: skip


def _label(cell: Cell) -> str:
    return code_label(ETHNICITY, cell.codes[0])


def _filled(profiles: Sequence[Profile] | str | None, seed: int) -> tuple[Filled | None, str]:
    """Imputations, or why there are none."""
    if profiles is None:
        return None, "the source publishes counts, and says nothing else of those whose ethnicity is missing"
    if isinstance(profiles, str):
        return None, profiles
    counts = counts_of(_with_one_place(profiles))
    if reason := why_not(counts):
        return None, reason
    found = fill(counts, seed=seed)
    return found, "" if found is not None else "the model did not converge"


def _with_one_place(profiles: Sequence[Profile]) -> list[Profile]:
    """Of area and school one is a predictor: the area where there are several, else the school where there are not too many."""
    areas, schools = ({p.codes[place] for p in profiles} for place in (2, 3))
    kept = (0, 1, 2, 4) if len(areas) > 1 else (0, 1, 3, 4) if len(schools) <= MOST_SCHOOLS else (0, 1, 4)
    return [Profile(p.period, tuple(p.codes[place] for place in kept), p.has_reached, p.n) for p in profiles]


def _groups(figure: Figure, filled: Filled | None, extra: Extra, level: float) -> tuple[GroupSensitivity, ...]:
    """Every group by every analysis; the formulas work on all groups at once."""
    events, over = columns_of(figure)
    b, t0 = figure.against.n, figure.over(figure.against)
    complete = _stretched(figure, figure.ratios(events, over, b, t0, level=level))
    bounds = _bounds(figure, level)
    found = known_of(figure)
    curve, tipping = missing_odds_curve(found, complete, THETAS), tipping_thetas(found)
    spread = proportional_ratios(events, over, b, t0, missing=figure.n_missing, other_events=found.other_events)
    return tuple(
        _group(figure, cell, _estimate(complete, k), [_range(one, k) for one in bounds], _points(curve, k),
               float(tipping[k]), float(spread[k]), pooled_ratio(filled, figure, cell.codes[0], level=level) if filled else None,
               _observed(extra, figure, cell.codes[0], level))
        for k, cell in enumerate(figure.groups)
    )  # fmt: skip


def _bounds(figure: Figure, level: float) -> list[Bounds]:
    """The worst case of those counted; and, where others are missing on the roll, of both sides."""
    events, over = columns_of(figure)
    b, t0 = figure.against.n, figure.over(figure.against)
    formula = partial(
        worst_case_ratios, events, over, b, t0, missing=figure.n_missing, as_risk=figure.as_risk, level=level
    )
    both = formula(missing_exposure=figure.over_missing, is_part=figure.is_part)
    if figure.cells.measure.is_conditional:
        return [_stretched_bounds(figure, both)]
    return [_stretched_bounds(figure, one) for one in ([formula(), both] if figure.over_missing else [formula()])]


def _stretched(figure: Figure, found: Intervals) -> Intervals:
    """Wider by what contacts of one pupil do to the counts, as in `compare`."""
    if not _repeats(figure):
        return found
    events, _ = columns_of(figure)
    one, other = (
        np.array([figure.effect(c) for c in cells]) for cells in (figure.groups, [figure.against] * len(events))
    )
    return stretched_ratios(found, ratio_factor(events, one, np.full_like(events, figure.against.n), other))


def _stretched_bounds(figure: Figure, found: Bounds) -> Bounds:
    """The same of both ends: the missing are counted with whoever they are given to."""
    if not _repeats(figure):
        return found
    events, _ = columns_of(figure)
    b, more = np.full_like(events, figure.against.n), figure.n_missing
    alone = np.array([figure.effect(cell) for cell in figure.groups])
    with_missing = np.array([figure.effect(cell, *figure.missing) for cell in figure.groups])
    other, other_with = figure.effect(figure.against), figure.effect(figure.against, *figure.missing)
    low = ratio_factor(events, alone, b + more, np.full_like(b, other_with))
    high = ratio_factor(events + more, with_missing, b, np.full_like(b, other))
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(found.lowest > 0, found.lowest * (found.lower / found.lowest) ** low, found.lower)
        upper = np.where(np.isfinite(found.highest) & (found.highest > 0),
                         found.highest * (found.upper / found.highest) ** high, found.upper)  # fmt: skip
    return Bounds(found.lowest, found.highest, lower, upper, found.level, found.method + WIDENED)


def _repeats(figure: Figure) -> bool:
    return figure.repeats is not None and figure.cells.measure.unit != "pupils"


def _estimate(found: Intervals, k: int) -> Estimate:
    return Estimate(*found[k], found.level, found.method[k])


def _range(found: Bounds, k: int) -> Range:
    ends = (float(found.lowest[k]), float(found.highest[k]), float(found.lower[k]), float(found.upper[k]))
    return Range(*ends, found.level, found.method)


def _points(curve: Curve, k: int) -> tuple[AtTheta, ...]:
    rows = zip(curve.thetas, curve.estimate[k], curve.lower[k], curve.upper[k], strict=True)
    return tuple(AtTheta(*(float(value) for value in row)) for row in rows)


def _group(
    figure: Figure, cell: Cell, complete: Estimate, bounds: list[Range], curve: tuple[AtTheta, ...], tipping: float,
    spread: float, imputed: Imputed | None, observed: Estimate | None,
) -> GroupSensitivity:  # fmt: skip
    code, sentence = gate(complete, bounds[-1], figure)
    found = verdict(complete.lower, complete.upper)
    return GroupSensitivity(
        code=cell.codes[0], label=_label(cell), n=cell.n, denominator=figure.over(cell), complete=complete,
        complete_verdict=words(found, complete.lower, complete.upper), worst_case=bounds[0],
        worst_case_with_roll=bounds[1] if len(bounds) > 1 else None, missing_odds=curve,
        tipping_theta=None if math.isnan(tipping) else tipping, proportional=spread, imputed=imputed, observed=observed,
        gate=code, gate_words=sentence, analyses=_analyses(complete, bounds, curve, imputed, observed),
    )  # fmt: skip


def _analyses(
    complete: Estimate, bounds: list[Range], curve: tuple[AtTheta, ...], imputed: Imputed | None, observed: Estimate | None
) -> tuple[Analysis, ...]:  # fmt: skip
    """One bar for each analysis that was made, from the least that is assumed to be missing on to the most."""
    bars = [_bar("complete", complete), _bar_of_curve(curve)]
    bars += [_bar("imputed", imputed.ratio)] if imputed else []
    bars += [
        Analysis(code, LABELS[code], one.lowest, one.highest, one.lower, one.upper)
        for code, one in zip(("worst_case", "worst_case_with_roll"), bounds, strict=False)
    ]
    return (*bars, *([_bar("observed", observed)] if observed else []))


def _bar(code: str, found: Estimate) -> Analysis:
    return Analysis(code, LABELS[code], found.estimate, found.estimate, found.lower, found.upper)


def _bar_of_curve(curve: tuple[AtTheta, ...]) -> Analysis:
    first, last = curve[0], curve[-1]
    return Analysis("missing_odds", LABELS["missing_odds"], first.estimate, last.estimate, first.lower, last.upper)


def _observed(extra: Extra, figure: Figure, code: str, level: float) -> Estimate | None:
    """The ratio by the officer's code, of a stage over a stage. None where the officer's list has not both groups."""
    cells = extra.observed
    if cells is None or isinstance(cells, str):
        return None
    by_code = {cell.codes[0]: cell for cell in cells.whole if not is_missing(cell.codes[0])}
    pair = [by_code.get(name) for name in (code, figure.against.codes[0])]
    if any(cell is None or not cell.denominator for cell in pair):
        return None
    one, other = (cell for cell in pair if cell is not None)
    formula = figure.ratios if _is_within(one) and _is_within(other) else rate_ratios
    found = formula([one.n], [one.denominator or 0], other.n, np.float64(other.denominator or 0), level=level)
    pair_of = replace(figure, groups=(one,), against=other, repeats=extra.observed_repeats)
    return _estimate(_stretched(pair_of, found), 0)


def _is_within(cell: Cell) -> bool:
    return cell.n <= (cell.denominator or 0)


def _not_made(
    extra: Extra, groups: tuple[GroupSensitivity, ...], filled: Filled | None, not_imputed: str, *, has_series: bool
) -> tuple[NotMade, ...]:
    """What could not be analysed, and why: said, never left out in silence."""
    found = []
    if filled is None:
        found.append(NotMade(IMPUTATION, not_imputed))
    elif without := [g.label for g in groups if g.imputed is None]:
        found.append(NotMade(IMPUTATION, f"none was counted in {', '.join(without)} (or in the comparison group) in some imputation, and a ratio of none has no limits there"))  # fmt: skip
    if not has_series:
        why = extra.series if isinstance(extra.series, str) else (
            "the source publishes counts, without the officer's code" if extra.series is None else "no officer's code is known")  # fmt: skip
        found.append(NotMade(SERIES, why))
    if isinstance(extra.observed, str):
        found.append(NotMade(OBSERVED_RATE, extra.observed))
    return tuple(found)
