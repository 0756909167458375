"""Which figures move between two snapshots, and by how much? From answers of the same questions on both."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dueregard.evidence.difference import FigureChange, Numbers
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on one snapshot: its answer, or why there is none."""

    stage: str
    split: str
    answer: Answer | None
    why_not: str = ""


def n_figures(before: Asked, after: Asked) -> int:
    """How many figures are compared, those included that only one snapshot has?"""
    return len({*_groups(before), *_groups(after)})


def moves(before: Asked, after: Asked) -> list[FigureChange]:
    """The figures of one question that are not the same in both: by group and period, whichever has it."""
    had, has = _groups(before), _groups(after)
    found = []
    for key in dict.fromkeys([*had, *has]):
        one, other = had.get(key), has.get(key)
        numbers, others = _numbers(one), _numbers(other)
        if numbers != others:
            named = one or other
            assert named is not None
            why = (
                _why(key[0], after, "after") if other is None else _why(key[0], before, "before") if one is None else ""
            )
            found.append(
                FigureChange(before.stage, before.split, key[0], named.code, named.label, numbers, others, why)
            )
    return found


def in_order_of_size(changes: list[FigureChange]) -> tuple[FigureChange, ...]:
    """The largest move of a rate first; then of a number; figures that appear or vanish last."""
    return tuple(sorted(changes, key=_size))


def _size(change: FigureChange) -> tuple[object, ...]:
    rate, n = change.rate_difference_per_1000, change.n_difference
    name = (change.stage, change.split, change.period, change.code)
    return (change.before is None or change.after is None, -abs(rate or 0.0), -abs(n or 0), *name)


def _groups(asked: Asked) -> dict[tuple[str, tuple[str, ...]], GroupAnswer]:
    return {} if asked.answer is None else {(g.period, g.codes): g for g in asked.answer.groups}


def _numbers(group: GroupAnswer | None) -> Numbers | None:
    if group is None:
        return None
    return Numbers(group.n, group.denominator, _value(group.rate_per_1000), _value(group.relative_rate))


def _value(found: Estimate | None) -> float | None:
    """None where it does not apply, is not estimable, or has no upper end."""
    return None if found is None or not found.is_estimable or math.isinf(found.estimate) else found.estimate


def _why(period: str, lacking: Asked, side: str) -> str:
    """Why does one snapshot not have the figure?"""
    if lacking.answer is None:
        return f"{side}: {lacking.why_not}"
    if period not in dict(lacking.answer.schools_used):
        return f"{side}: no figure of {period}"
    return f"{side}: nobody of the group"
