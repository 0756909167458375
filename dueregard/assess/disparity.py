"""Compare: each group's rate beside the comparison group's, crude and within strata, with two verdicts."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from dueregard.assess.groups import Codes, comparison_of, comparison_template, in_order, is_missing_group, label_of
from dueregard.assess.repeats import Repeats, caveats_of_repeats
from dueregard.assess.words import caveats_of, estimand_of, first_sentence
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, Heterogeneity, Missingness, WithoutOne
from dueregard.stats.intervals import Intervals
from dueregard.stats.leave_one_out import leave_one_out_ratios
from dueregard.stats.mantel_haenszel import StratifiedRatios, mantel_haenszel_rate_ratio
from dueregard.stats.power import minimum_detectable_ratio
from dueregard.stats.proportions import proportions
from dueregard.stats.rates import rates
from dueregard.stats.ratios import rate_differences, rate_ratios, risk_differences, risk_ratios
from dueregard.stats.repeats import (
    difference_factor,
    ratio_factor,
    stretched_differences,
    stretched_rates,
    stretched_ratios,
)
from dueregard.stats.verdicts import Verdict, agree, verdict, words
from dueregard.terms.missing import CellState

PER = 1000
PLAIN_WORDS = {
    Verdict.HIGHER: "higher",
    Verdict.LOWER: "lower",
    Verdict.HIGHER_BY_LESS_THAN_A_QUARTER: "higher, by less than a quarter",
    Verdict.LOWER_BY_LESS_THAN_A_QUARTER: "lower, by less than a quarter",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A group, and the group that it is compared with (None: there is none)."""

    cell: Cell
    against: Cell | None


def compare(
    cells: Cells,
    *,
    snapshot: str,
    code_version: str,
    comparison: str | None = None,
    source_caveats: tuple[str, ...] = (),
    repeats: Repeats | None = None,
    level: float = 0.95,
) -> Answer:
    """How many times as likely is each group as the comparison group, how sure is that, and is it so inside strata?

    Missing groups are listed with their numbers; no ratio is made of them. A period is compared inside itself.
    repeats: who came again (`repeats_of`); ranges of involvements and events are widened by it. None: it is not known.
    Raises UnknownName if the comparison group does not exist.
    """
    template = comparison_template(cells, comparison)
    pairs = _pairs(cells, template)
    as_risk = _is_risk(cells)
    groups = tuple(_answers(cells, pairs, repeats, as_risk=as_risk, level=level))
    missing = missingness(cells)
    return Answer(
        snapshot=snapshot,
        code_version=code_version,
        estimand=estimand_of(cells.measure, cells.periods, template),
        sentence=first_sentence(cells.measure, groups, template),
        measure=cells.measure,
        comparison=None if template is None else ",".join(code for code in template if code is not None),
        schools_used=cells.schools_used,
        left_out=cells.left_out,
        missing=missing,
        not_identified=cells.not_identified,
        disagreeing=cells.disagreeing,
        groups=groups,
        caveats=caveats_of(
            cells,
            missing,
            groups,
            source_caveats,
            as_risk=as_risk,
            of_repeats=caveats_of_repeats(cells, repeats, groups),
        ),
    )


def _pairs(cells: Cells, template: tuple[str | None, ...] | None) -> list[Pair]:
    known = {(cell.period, cell.codes): cell for cell in cells.whole}
    columns = cells.measure.columns
    pairs = []
    for cell in in_order(cells.whole, columns):
        against = known.get((cell.period, comparison_of(cell.codes, template))) if template is not None else None
        pairs.append(Pair(cell, against))
    return pairs


def _is_risk(cells: Cells) -> bool:
    """Pupils over the pupils that contain them: a risk. Anything else, or more pupils than the roll: a rate."""
    measure = cells.measure
    if measure.unit != "pupils" or measure.is_by_day or measure.is_count_only:
        return False
    counted = [c for c in cells.whole if c.denominator is not None and c.denominator > 0]
    return all(c.n <= (c.denominator or 0) for c in counted)


def _exposure(cell: Cell, per: int) -> float:
    return (cell.denominator or 0) / per


def _answers(
    cells: Cells, pairs: list[Pair], repeats: Repeats | None, *, as_risk: bool, level: float
) -> list[GroupAnswer]:
    per = cells.measure.per
    n = np.array([p.cell.n for p in pairs], dtype=float)
    over = np.array([_exposure(p.cell, per) for p in pairs])
    # Events without a denominator have no rate; they are listed all the same.
    found = (proportions if as_risk else rates)(np.where(over > 0, n, 0.0), over, level=level)
    stretch = repeats if repeats is not None and repeats.widens else None
    if stretch is not None:
        found = stretched_rates(found, stretch.effects([p.cell for p in pairs]))
    compared = [k for k, p in enumerate(pairs) if _can_compare(p)]
    crude = _crude(pairs, compared, per, stretch, as_risk=as_risk, level=level)
    within = _within(cells, pairs, compared, stretch, level) if cells.measure.within else {}
    return [
        replace(_answer(cells, pair, _at(found, k, PER), crude.get(k), within.get(k)),
                repeat=repeats.answer(pair.cell) if repeats is not None else None)
        for k, pair in enumerate(pairs)
    ]  # fmt: skip


def _can_compare(pair: Pair) -> bool:
    return (
        pair.against is not None
        and pair.against.codes != pair.cell.codes
        and pair.cell.denominator is not None
        and pair.against.denominator is not None
        and not is_missing_group(pair.cell.codes)
        and not is_missing_group(pair.against.codes)
    )


@dataclass(frozen=True, slots=True)
class Crude:
    ratio: Estimate
    difference: Estimate
    detectable: float


@dataclass(frozen=True, slots=True)
class Within:
    ratio: Estimate
    heterogeneity: Heterogeneity
    left_out_share: float
    comparison_left_out_share: float
    without_one: WithoutOne | None


def _crude(
    pairs: list[Pair], compared: list[int], per: int, stretch: Repeats | None, *, as_risk: bool, level: float
) -> dict[int, Crude]:
    if not compared:
        return {}
    a, t1, b, t0 = _columns([pairs[k] for k in compared], per)
    ratio = (risk_ratios if as_risk else rate_ratios)(a, t1, b, t0, level=level)
    difference = (risk_differences if as_risk else rate_differences)(a, t1, b, t0, level=level)
    effect: float | np.ndarray = 1.0
    if stretch is not None:
        one, other = _effects(stretch, [pairs[k] for k in compared])
        ratio = stretched_ratios(ratio, ratio_factor(a, one, b, other))
        difference = stretched_differences(difference, difference_factor(a, t1, one, b, t0, other))
        effect = stretch.pooled_effects([(pairs[k].cell, p) for k in compared if (p := pairs[k].against)])
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(t0 > 0, b / t0, 0.0)
        detectable = minimum_detectable_ratio(rate, t1, t0, design_effect=effect, level=level)
    return {k: Crude(_at(ratio, n), _at(difference, n, PER), float(detectable[n])) for n, k in enumerate(compared)}


def _effects(stretch: Repeats, pairs: list[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """The design effects of both groups of each pair."""
    return stretch.effects([p.cell for p in pairs]), stretch.effects([p.against for p in pairs if p.against])


def _columns(pairs: list[Pair], per: int) -> tuple[np.ndarray, ...]:
    rows = [(p.cell.n, _exposure(p.cell, per), p.against.n, _exposure(p.against, per)) for p in pairs if p.against]
    a, t1, b, t0 = np.array(rows, dtype=float).T
    # A group without a denominator compares with nothing: its events must not count as a rate.
    return np.where(t1 > 0, a, 0.0), t1, np.where(t0 > 0, b, 0.0), t0


def _within(
    cells: Cells, pairs: list[Pair], compared: list[int], stretch: Repeats | None, level: float
) -> dict[int, Within]:
    """Mantel-Haenszel over the strata of the pair's own period; repeats stretch it as they do the crude ratio."""
    strata: dict[tuple[str, Codes], dict[tuple[str, ...], Cell]] = defaultdict(dict)
    for cell in cells.strata:
        strata[(cell.period, cell.codes)][cell.stratum] = cell
    found = {}
    for k in compared:
        pair = pairs[k]
        assert pair.against is not None
        ones, others = strata[(pair.cell.period, pair.cell.codes)], strata[(pair.cell.period, pair.against.codes)]
        names = sorted({*ones, *others})
        a, t1 = _of_strata(ones, names)
        b, t0 = _of_strata(others, names)
        if names:
            pooled = mantel_haenszel_rate_ratio(a, t1, b, t0, level=level)
            found[k] = _pooled(pooled, level, _without_one(a, t1, b, t0))
            if stretch is not None:
                found[k] = replace(found[k], ratio=_stretched(found[k].ratio, stretch, pair))
    return found


def _without_one(a: list[float], t1: list[float], b: list[float], t0: list[float]) -> WithoutOne | None:
    """How far does the pooled ratio move when any one stratum is left out? None: with fewer than two nothing is left."""
    found = leave_one_out_ratios(a, t1, b, t0)
    return WithoutOne(found.lowest, found.highest) if found.is_known else None


def _stretched(ratio: Estimate, stretch: Repeats, pair: Pair) -> Estimate:
    assert pair.against is not None
    one, other = _effects(stretch, [pair])
    n = (np.array([float(pair.cell.n)]), np.array([float(pair.against.n)]))
    estimate, lower, upper = (np.array([x]) for x in (ratio.estimate, ratio.lower, ratio.upper))
    alone = Intervals(estimate, lower, upper, ratio.level, (ratio.method,))
    return _at(stretched_ratios(alone, ratio_factor(n[0], one, n[1], other)), 0)


def _of_strata(cells: dict[tuple[str, ...], Cell], names: list[tuple[str, ...]]) -> tuple[list[float], list[float]]:
    events, exposure = [], []
    for name in names:
        cell = cells.get(name)
        over = float(cell.denominator or 0) if cell else 0.0
        exposure.append(over)
        events.append(float(cell.n) if cell and over > 0 else 0.0)
    return events, exposure


def _pooled(found: StratifiedRatios, level: float, without_one: WithoutOne | None) -> Within:
    h = found.heterogeneity
    ratio = Estimate(float(found.estimate[0]), float(found.lower[0]), float(found.upper[0]), level, found.method[0])
    shares = (float(found.left_out_share[0]), float(found.comparison_left_out_share[0]))
    left_out, comparison_left_out = (0.0 if math.isnan(share) else share for share in shares)
    return Within(
        ratio,
        Heterogeneity(float(h.statistic[0]), int(h.degrees_of_freedom[0]), float(h.p_value[0]), bool(h.is_sparse[0])),
        left_out,
        comparison_left_out,
        without_one,
    )


def _at(found: Intervals, k: int, times: float = 1.0) -> Estimate:
    return Estimate(float(found.estimate[k]) * times, float(found.lower[k]) * times, float(found.upper[k]) * times,
                    found.level, found.method[k])  # fmt: skip


def _answer(cells: Cells, pair: Pair, rate: Estimate, crude: Crude | None, within: Within | None) -> GroupAnswer:
    cell, measure = pair.cell, cells.measure
    is_comparison = pair.against is not None and pair.against.codes == cell.codes
    return GroupAnswer(
        code=",".join(cell.codes) or "all",
        label=label_of(measure.columns, cell.codes),
        codes=cell.codes,
        period=cell.period,
        n=cell.n,
        denominator=_shown_denominator(cell, measure.per),
        state=str(cell.state),
        denominator_at_least=cell.at_least,
        denominator_at_most=cell.at_most,
        is_comparison=is_comparison,
        is_missing=is_missing_group(cell.codes),
        rate_per_1000=rate if _has_rate(cells, cell) else None,
        relative_rate=crude.ratio if crude else None,
        difference_per_1000=crude.difference if crude else None,
        within_relative_rate=within.ratio if within else None,
        heterogeneity=within.heterogeneity if within else None,
        left_out_within_share=within.left_out_share if within else None,
        comparison_left_out_within_share=within.comparison_left_out_share if within else None,
        without_one=within.without_one if within else None,
        minimum_detectable_ratio=crude.detectable if crude else None,
        verdict=_words(crude.ratio) if crude else None,
        within_verdict=_words(within.ratio) if within else None,
        agree=agree(crude.ratio, within.ratio) if crude and within else None,
        relative_count=_relative_count(cells, pair),
        rate_at_least_per_1000=_bound(cell, cell.at_most),
        rate_at_most_per_1000=_bound(cell, cell.at_least),
    )


def _relative_count(cells: Cells, pair: Pair) -> float | None:
    """Where there are counts alone: how many times as many as in the comparison group? No rate, and no verdict."""
    if not cells.measure.is_count_only or pair.against is None or not pair.against.n:
        return None
    if pair.against.codes == pair.cell.codes or is_missing_group(pair.cell.codes):
        return None
    return pair.cell.n / pair.against.n


def _has_rate(cells: Cells, cell: Cell) -> bool:
    """Pupils whom the police did not ask are not those whom the school did not ask: of two sources, no rate of missing."""
    if cell.denominator is None:
        return False
    return not (is_missing_group(cell.codes) and TWO_SOURCES in cells.caveats)


def _shown_denominator(cell: Cell, per: int) -> float | int | None:
    if cell.denominator is None or per == 1:
        return cell.denominator
    return cell.denominator / per


def _bound(cell: Cell, denominator: int | None) -> float | None:
    if cell.state is not CellState.SUPPRESSED or not denominator:
        return None
    return cell.n / denominator * PER


def _words(ratio: Estimate) -> str:
    found = verdict(ratio.lower, ratio.upper)
    return PLAIN_WORDS.get(found) or words(found, ratio.lower, ratio.upper)


def missingness(cells: Cells) -> Missingness:
    """Units of the figure whose group is missing in any column of the split."""
    total = sum(cell.n for cell in cells.whole)
    counts = dict.fromkeys(("not_stated", "not_recorded", "not_collected", "suppressed", "unknown"), 0)
    for cell in cells.whole:
        way = next((code for code in cell.codes if code in counts), None)
        if way is not None:
            counts[way] += cell.n
    share = sum(counts.values()) / total if total else 0.0
    return Missingness(
        counts["not_stated"], counts["not_recorded"], counts["not_collected"], counts["suppressed"], share,
        counts["unknown"],
    )  # fmt: skip
