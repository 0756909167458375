"""Standardise: each group's rate as if its age, sex or other make-up were the same, direct or indirect.

The standard population of the direct method is the whole roll of the schools in the figure, groups that are missing
included. Where a group has nobody in a stratum, no rate is made up for it: the direct rate is that of the strata in
which the group has pupils, weighted as in the standard, and the share of the standard population that is not covered
stands beside it. Events of nobody on the roll of their stratum have no rate and are counted apart. A stratum whose
age or sex is not known is a stratum of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dueregard.assess.disparity import PER, missingness
from dueregard.assess.groups import Codes, comparison_of, comparison_template, in_order, is_missing_group, label_of
from dueregard.assess.standardise_words import caveats_of, estimand_of, standard_of
from dueregard.errors import CannotAnswer, UsageError
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.evidence.estimate import Estimate
from dueregard.evidence.standardised import StandardisedAnswer, StandardisedGroup
from dueregard.measures.columns import PERIOD
from dueregard.measures.measure import Measure
from dueregard.stats.intervals import Floats, Intervals
from dueregard.stats.standardise import (
    DirectRates,
    directly_standardised,
    directly_standardised_ratios,
    indirectly_standardised,
)

DIRECT, INDIRECT = "direct", "indirect"
METHODS = (DIRECT, INDIRECT)
Template = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Groups by strata. n, over, squares, most: shape (n_groups, n_strata); over in units of the denominator.

    squares, most: None where it cannot be known who came again.
    """

    groups: tuple[Codes, ...]
    strata: tuple[Codes, ...]
    n: Floats
    over: Floats
    squares: Floats | None
    most: Floats | None

    @property
    def n_with_rate(self) -> Floats:
        """Events of nobody on the roll of their stratum have no rate."""
        return np.where(self.over > 0, self.n, 0.0)

    @property
    def squares_with_rate(self) -> Floats | None:
        return None if self.squares is None else np.where(self.over > 0, self.squares, 0.0)


def standardised_question(measure: Measure, over: tuple[str, ...]) -> Measure:
    """The question that is counted: the groups crossed with the columns to standardise over.

    Raises UsageError where the question cannot be standardised.
    """
    if not over:
        raise UsageError(
            "There is nothing to standardise over.", try_this="`--over age_on_31_august,sex`, or `dueregard compare`."
        )
    twice = [name for name in over if name in measure.by or over.count(name) > 1]
    if twice:
        raise UsageError(
            f"`{twice[0]}` cannot be both a group and what it is standardised over.",
            try_this="another column in --over.",
        )
    if PERIOD in (*measure.by, *over):
        raise UsageError("A standardised rate is of one period.", try_this="`--period 2023/24`, once for each period.")
    asked = replace(measure, by=(*measure.by, *over))
    if asked.is_conditional:
        raise UsageError(
            "A stage as denominator is not standardised: its pupils are not the roll's.",
            try_this="`--denominator pupils_on_roll`.",
        )
    if asked.is_count_only:
        raise UsageError("The roll does not have every column of the question, so there is no rate to standardise.",
                         try_this="columns of the roll: ethnicity, sex, age_on_31_august and others.")  # fmt: skip
    return asked


def standardise(
    cells: Cells, repeats: tuple[Repeat, ...] | None, *, over: tuple[str, ...], method: str, snapshot: str,
    code_version: str, comparison: str | None = None, source_caveats: tuple[str, ...] = (), level: float = 0.95,
) -> StandardisedAnswer:  # fmt: skip
    """How do groups compare once their make-up by age, sex or other columns is made the same?

    cells: the answer to `standardised_question`. repeats: who came again in the same cells; None for pupils, who count
    once, and for sources that publish counts. direct: rates on the whole roll, and their ratio to the comparison
    group's. indirect: observed over expected, at the rates of everybody, or of the comparison group if one is named.
    Raises UnknownName for a method or group that does not exist, CannotAnswer where a roll is not known.
    """
    by = cells.measure.by[: -len(over)]
    table = _table(cells, repeats, len(by))
    _check_rolls(cells)
    grouped = _grouped(cells, by, table)
    template = comparison_template(grouped, comparison) if method == DIRECT or comparison is not None else None
    groups = (_direct if method == DIRECT else _indirect)(grouped, table, template, level)
    missing, missing_over = missingness(grouped), _missing_over_share(table)
    methods = [e.method for g in groups for e in (g.rate_per_1000, g.relative_rate, g.ratio) if e is not None]
    return StandardisedAnswer(
        snapshot=snapshot, code_version=code_version, method=method,
        estimand=estimand_of(grouped.measure, cells.periods, over, method=method, template=template),
        standard=standard_of(grouped.measure, method=method, template=template),
        standard_denominator=float(_standard_size(table, method, template)),
        n_strata=int((table.over.sum(axis=0) > 0).sum()), measure=cells.measure, by=by, over=over,
        comparison=None if template is None else ",".join(code for code in template if code is not None),
        period=cells.periods[0], interval_method="; ".join(dict.fromkeys(methods)) or "none", level=level,
        schools_used=sum(used for _, used in cells.schools_used), left_out=grouped.left_out, missing=missing,
        missing_over_share=missing_over, not_identified=cells.not_identified, disagreeing=cells.disagreeing,
        groups=groups,
        caveats=caveats_of(grouped, missing, groups, over, method=method, missing_over=missing_over,
                           knows_repeats=repeats is not None, source=source_caveats),
    )  # fmt: skip


def _check_rolls(cells: Cells) -> None:
    """Raises CannotAnswer where a part of the standard population is not known."""
    if any(cell.denominator is None for cell in cells.whole):
        raise CannotAnswer(
            "The roll of some stratum is suppressed or not split so, so there is no standard population.",
            try_this="fewer columns in --over, or `dueregard compare`, which shows bounds.",
        )
    if not any(cell.denominator for cell in cells.whole):
        raise CannotAnswer("No pupil is on roll in the schools of this figure, so there is no standard population.",
                           try_this="`dueregard compare`, which says which schools stay out and why.")  # fmt: skip


def _table(cells: Cells, repeats: tuple[Repeat, ...] | None, n_by: int) -> Table:
    ordered = in_order(cells.whole, cells.measure.columns)
    groups = tuple(dict.fromkeys(c.codes[:n_by] for c in ordered))
    strata = tuple(dict.fromkeys(c.codes[n_by:] for c in ordered))
    place = {c.codes: (groups.index(c.codes[:n_by]), strata.index(c.codes[n_by:])) for c in ordered}
    shape = (len(groups), len(strata))
    n, over, squares, most = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for cell in ordered:
        n[place[cell.codes]] = cell.n
        over[place[cell.codes]] = (cell.denominator or 0) / cells.measure.per
    for repeat in repeats or ():
        squares[place[repeat.codes]], most[place[repeat.codes]] = repeat.squares, repeat.most
    if repeats is None:
        return Table(groups, strata, n, over, None, None)
    return Table(groups, strata, n, over, squares, most)


def _grouped(cells: Cells, by: tuple[str, ...], table: Table) -> Cells:
    """The same answer without its strata: one cell a group."""
    per = cells.measure.per
    left_out = tuple(replace(out, pupils=_by_group(out.pupils, len(by))) for out in cells.left_out)
    whole = tuple(
        Cell(cells.periods[0], (), group, int(table.n[k].sum()), round(table.over[k].sum() * per))
        for k, group in enumerate(table.groups)
    )
    return replace(cells, measure=replace(cells.measure, by=by), whole=whole, strata=(), left_out=left_out)


def _by_group(pupils: tuple[tuple[Codes, int], ...] | None, n_by: int) -> tuple[tuple[Codes, int], ...] | None:
    if pupils is None:
        return None
    sums: dict[Codes, int] = {}
    for codes, n in pupils:
        sums[codes[:n_by]] = sums.get(codes[:n_by], 0) + n
    return tuple(sorted(sums.items()))


def _missing_over_share(table: Table) -> float:
    total = table.n.sum()
    unknown = [k for k, stratum in enumerate(table.strata) if is_missing_group(stratum)]
    return float(table.n[:, unknown].sum() / total) if total and unknown else 0.0


def _standard_size(table: Table, method: str, template: Template | None) -> float:
    """How large is the standard: the whole roll, or the comparison group's where its rates are the standard?"""
    if method == DIRECT or template is None:
        return float(table.over.sum())
    others = {comparison_of(group, template) for group in table.groups}
    return float(sum(table.over[k].sum() for k, group in enumerate(table.groups) if group in others))


def _other(table: Table, group: Codes, template: Template | None) -> int | None:
    """The place of the group that this one is compared with; None where there is none."""
    if template is None or is_missing_group(group):
        return None
    against = comparison_of(group, template)
    return table.groups.index(against) if against in table.groups else None


def _direct(grouped: Cells, table: Table, template: Template | None, level: float) -> tuple[StandardisedGroup, ...]:
    standard = table.over.sum(axis=0)
    n, squares = table.n_with_rate, table.squares_with_rate
    found = directly_standardised(n, table.over, standard, squares=squares, level=level)
    answers = []
    for k, group in enumerate(table.groups):
        other = _other(table, group, template)
        if not _has_rate(grouped, group):
            answers.append(_plain(grouped, table, k, template))
            continue
        ratio = _direct_ratio(table, k, other, standard, level) if other not in (None, k) else None
        answers.append(
            replace(
                _plain(grouped, table, k, template),
                rate_per_1000=_estimate(found.rates, k, PER),
                relative_rate=_estimate(ratio.rates, 0) if ratio else None,
                not_covered_share=_rest(found.covered_share[k]),
                relative_not_covered_share=_rest(ratio.covered_share[0]) if ratio else None,
                widening=_widening(grouped, found.widening[k], squares),
            )
        )
    return tuple(answers)


def _direct_ratio(table: Table, k: int, other: int | None, standard: Floats, level: float) -> DirectRates:
    n, squares = table.n_with_rate, table.squares_with_rate
    return directly_standardised_ratios(
        n[[k]], table.over[[k]], n[other], table.over[other], standard,
        squares=None if squares is None else squares[[k]],
        other_squares=None if squares is None else squares[other], level=level,
    )  # fmt: skip


def _indirect(grouped: Cells, table: Table, template: Template | None, level: float) -> tuple[StandardisedGroup, ...]:
    """Expected numbers at the rates of everybody, or of the comparison group. Events of nobody on roll enter neither."""
    n, squares = table.n_with_rate, table.squares_with_rate
    answers = []
    for k, group in enumerate(table.groups):
        other = _other(table, group, template)
        plain = _plain(grouped, table, k, template)
        if not _has_rate(grouped, group) or (template is not None and other is None):
            answers.append(plain)
            continue
        hits, base = (column.sum(axis=0) if other is None else column[other] for column in (n, table.over))
        if template is None:  # everybody's events of a stratum, those without a roll cell of their own included
            hits = np.where(base > 0, table.n.sum(axis=0), 0.0)
        found = indirectly_standardised(
            n[[k]], table.over[[k]], hits, base, squares=None if squares is None else squares[[k]], level=level
        )
        outside = plain.n - int(found.observed[0])
        answers.append(
            replace(
                plain,
                ratio=_estimate(found.ratios, 0),
                expected=float(found.expected[0]),
                n_outside=outside,
                not_covered_share=_rest(found.covered_share[0]),
                widening=_widening(grouped, found.widening[0], squares),
            )
        )
    return tuple(answers)


def _has_rate(grouped: Cells, group: Codes) -> bool:
    """Pupils whom the police did not ask are not those whom the school did not ask: of two sources, no rate of missing."""
    return not (is_missing_group(group) and TWO_SOURCES in grouped.caveats)


def _plain(grouped: Cells, table: Table, k: int, template: Template | None) -> StandardisedGroup:
    """What both methods say of a group: its counts, and the crude rate."""
    group, over = table.groups[k], float(table.over[k].sum())
    n, with_rate = float(table.n[k].sum()), float(table.n_with_rate[k].sum())
    has_crude = over > 0 and _has_rate(grouped, group)
    return StandardisedGroup(
        codes=group, label=label_of(grouped.measure.columns, group), is_missing=is_missing_group(group),
        is_comparison=template is not None and not is_missing_group(group) and comparison_of(group, template) == group,
        n=int(n), denominator=over, crude_per_1000=n / over * PER if has_crude else None,
        rate_per_1000=None, relative_rate=None, ratio=None, expected=None, n_outside=int(n - with_rate),
        not_covered_share=None, relative_not_covered_share=None, widening=None,
        most_of_one_pupil=None if table.most is None else int(table.most[k].max(initial=0)),
    )  # fmt: skip


def _estimate(found: Intervals, k: int, times: float = 1.0) -> Estimate:
    return Estimate(float(found.estimate[k]) * times, float(found.lower[k]) * times, float(found.upper[k]) * times,
                    found.level, found.method[k])  # fmt: skip


def _rest(share: float) -> float:
    """What is not covered; all of it where nobody is on roll."""
    return 1.0 if np.isnan(share) else float(1.0 - share)


def _widening(grouped: Cells, factor: float, squares: Floats | None) -> float | None:
    """By what do repeats widen the interval? 1 for pupils, who count once; None where it is not known or estimable."""
    if grouped.measure.unit == "pupils":
        return 1.0
    return None if squares is None or np.isnan(factor) else float(factor)
