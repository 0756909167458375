"""What a figure over contacts would be if some contacts would not have happened to a pupil of the comparison group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SENTENCE = "Equal treatment after a contact does not show equal treatment overall: we only see pupils police chose to deal with."
ASSUMPTIONS = (
    ("mandatory reporting", "Whoever reached the stage is recorded, and nobody reached it without a contact."),
    ("mediator monotonicity", "Every contact of a comparison pupil would have happened to a pupil of the group as well."),
    ("relative non-severity", "Contacts that would have happened to either go on to the stage at least as often as those that happened because of the group."),
    ("ignorability", "The situations in which pupils of both groups were met are alike, but for what is split or filtered by."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AtRho:
    """One point of the curve, as differences per 1,000 contacts; lower, upper: with chance in both shares.

    among_group: among the group's own contacts. lowest, highest: sharp bounds of the same among all contacts of the two.
    """

    rho: float
    among_group: float
    among_group_lower: float
    among_group_upper: float
    lowest: float
    highest: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class GroupSelection:
    """One group of one period. tipping_rho: from there on its share is no lower; None where it is not lower as it stands.

    tipping_lower, tipping_upper: the same with chance.
    """

    code: str
    label: str
    period: str
    share_of_contacts: float
    curve: tuple[AtRho, ...]
    tipping_rho: float | None
    tipping_lower: float | None
    tipping_upper: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Selection:
    """How every group's figure hangs on who was met. given: the stage over which it is taken."""

    given: str
    sentence: str
    assumptions: tuple[tuple[str, str], ...]
    groups: tuple[GroupSelection, ...]
    not_told: tuple[str, ...]  # labels of groups for whom it cannot be told: nobody of them, or of the other, was met


def selection_as_json(found: Selection) -> dict[str, Any]:
    """As plain values. Differences are per 1,000 of the contacts."""
    return {
        "given": found.given,
        "sentence": found.sentence,
        "assumptions": [{"name": name, "words": words} for name, words in found.assumptions],
        "groups": [_group_as_json(group) for group in found.groups],
        "not_told": list(found.not_told),
    }


def _group_as_json(group: GroupSelection) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "period": group.period,
        "share_of_contacts": group.share_of_contacts,
        "tipping_rho": group.tipping_rho,
        "tipping_lower": group.tipping_lower,
        "tipping_upper": group.tipping_upper,
        "words": group.words,
        "curve": [
            {"rho": at.rho, "among_group_per_1000": at.among_group, "among_group_lower": at.among_group_lower,
             "among_group_upper": at.among_group_upper, "lowest_per_1000": at.lowest, "highest_per_1000": at.highest,
             "lower": at.lower, "upper": at.upper} for at in group.curve],
    }  # fmt: skip
