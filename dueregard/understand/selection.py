"""Figures over contacts: what would they be if some contacts had not happened to a pupil of the comparison group?"""

from __future__ import annotations

from dataclasses import replace

from dueregard.evidence.estimate import Answer, GroupAnswer
from dueregard.evidence.selection import ASSUMPTIONS, SENTENCE, AtRho, GroupSelection, Selection
from dueregard.measures.measure import Measure
from dueregard.stats.selection import SelectionCurve, selection_curve, tipping_rho
from dueregard.terms.stages import stage

PER = 1000


def is_over_contacts(measure: Measure) -> bool:
    """Is the figure one over those whom police dealt with? An offer of support is no contact."""
    return measure.is_conditional and stage(measure.denominator).table != "support"


def with_selection(answer: Answer) -> Answer:
    """The same answer with its selection beside it, where it is a figure over contacts and groups are compared."""
    found = selection_of(answer)
    return answer if found is None else replace(answer, selection=found)


def selection_of(answer: Answer) -> Selection | None:
    """How does each group's figure hang on whom the police met? None where the figure is not one over contacts.

    A group (or its comparison group) whom nobody met, or with more events than contacts, has no curve and is named.
    """
    if not is_over_contacts(answer.measure):
        return None
    groups, not_told = [], []
    for group in answer.groups:
        against = _comparison_of(group, answer.groups)
        if against is None or group.is_missing or group.is_comparison:
            continue
        if _has_shares(group) and _has_shares(against):
            groups.append(_group(group, against, answer.measure))
        else:
            not_told.append(group.label)
    if not groups and not not_told:
        return None
    return Selection(answer.measure.denominator, SENTENCE, ASSUMPTIONS, tuple(groups), tuple(dict.fromkeys(not_told)))


def _comparison_of(group: GroupAnswer, groups: tuple[GroupAnswer, ...]) -> GroupAnswer | None:
    """The comparison group of the same period that shares most codes: of boys, the boys of the comparison group."""
    known = [g for g in groups if g.is_comparison and g.period == group.period]
    return max(known, key=lambda g: sum(x == y for x, y in zip(g.codes, group.codes, strict=True)), default=None)


def _has_shares(group: GroupAnswer) -> bool:
    return bool(group.denominator) and group.n <= (group.denominator or 0)


def _group(group: GroupAnswer, against: GroupAnswer, measure: Measure) -> GroupSelection:
    met, others = float(group.denominator or 0), float(against.denominator or 0)
    tipping = tipping_rho(group.n / met, against.n / others)
    is_lower = tipping == tipping
    ratio = group.relative_rate
    ends = (max(0.0, 1 - ratio.upper), 1 - ratio.lower) if is_lower and ratio and ratio.is_estimable else None
    return GroupSelection(
        code=group.code,
        label=group.label,
        period=group.period,
        share_of_contacts=met / (met + others),
        curve=_points(selection_curve(group.n, met, against.n, others)),
        tipping_rho=tipping if is_lower else None,
        tipping_lower=ends[0] if ends else None,
        tipping_upper=ends[1] if ends else None,
        words=_words(group, against, measure, tipping if is_lower else None, ends),
    )


def _points(found: SelectionCurve) -> tuple[AtRho, ...]:
    rows = zip(found.among_group, found.among_group_lower, found.among_group_upper, found.lowest, found.highest,
               found.lower, found.upper, strict=True)  # fmt: skip
    return tuple(
        AtRho(float(rho), *(float(value) * PER for value in row)) for rho, row in zip(found.rhos, rows, strict=True)
    )


def _words(
    group: GroupAnswer, against: GroupAnswer, measure: Measure, tipping: float | None, ends: tuple[float, float] | None
) -> str:
    """One sentence for a group: from where on is its share no lower?"""
    did = stage(measure.denominator).did
    if tipping is None:
        return (
            f"{group.label}: the share is not lower than {against.label}'s as it stands. Each of those who {did} and would not have "
            "been among them in the comparison group makes the difference larger."
        )
    chance = f" (with chance: {ends[0]:.0%} to {ends[1]:.0%})" if ends else ""
    return (
        f"{group.label}: the share is lower than {against.label}'s. If {tipping:.0%}{chance} or more of those of the group who {did} would not have "
        "been among them in the comparison group, it is no lower."
    )
