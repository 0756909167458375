"""The answer of `gates`: which way each group goes where somebody decides, and what the school did itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dueregard.evidence.as_json import answer_as_json, estimate_as_json
from dueregard.evidence.estimate import Answer, Estimate

BESIDE = (
    "Schools count sanctions and police count contacts, and no sanction is linked to a contact. The same word for an act "
    "need not mean the same act."
)
WIDE = (
    "A share at a gate has the range of a count, which is a little wider than a share's, and is cut at 1,000 of 1,000."
)
SAME_ACT = (
    "Groups are compared within contacts for the same behaviour and level of harm. The officer wrote both words down: if a "
    "group's acts are named more gravely, that is not in the ratio within."
)


@dataclass(frozen=True, slots=True)
class GateFigure:
    """One gate: its figure, and its words. answer: None where it cannot be told (why)."""

    name: str
    title: str
    question: str
    is_milder: bool
    answer: Answer | None
    words: str
    why_not: str = ""


def share_per_1000(found: Estimate | None) -> Estimate | None:
    """The rate at a gate as it is shown: nobody can go through more often than he stands there."""
    if found is None or not found.is_estimable:
        return found
    return replace(found, lower=min(found.lower, 1000.0), upper=min(found.upper, 1000.0))


@dataclass(frozen=True, slots=True)
class ActGroup:
    """One group and one act: contacts and the school's own sanctions, both per 1,000 pupils on roll. None: does not apply."""

    code: str
    label: str
    is_comparison: bool
    is_missing: bool
    n_contacts: int
    n_sanctions: int
    contact_rate: Estimate | None
    sanction_rate: Estimate | None
    contact_ratio: Estimate | None
    sanction_ratio: Estimate | None


@dataclass(frozen=True, slots=True)
class Act:
    """One behaviour, as police and schools name it."""

    code: str
    label: str
    groups: tuple[ActGroup, ...]


@dataclass(frozen=True, slots=True)
class GatesAnswer:
    """What `gates` found. acts: () where schools' sanctions cannot be told (why_no_acts)."""

    snapshot: str
    code_version: str
    sentence: str
    period: str
    figures: tuple[GateFigure, ...]
    acts: tuple[Act, ...]
    why_no_acts: str
    caveats: tuple[str, ...]


def gates_as_json(found: GatesAnswer) -> dict[str, Any]:
    """The document that `gates --json` prints."""
    return {
        "snapshot": found.snapshot,
        "code_version": found.code_version,
        "sentence": found.sentence,
        "period": found.period,
        "gates": [
            {"name": one.name, "title": one.title, "question": one.question, "is_milder": one.is_milder, "words": one.words,
             "why_not": one.why_not or None, "answer": None if one.answer is None else answer_as_json(one.answer)}
            for one in found.figures
        ],
        "acts": [{"behaviour": act.code, "label": act.label, "groups": [_group(group) for group in act.groups]}
                 for act in found.acts],
        "why_no_acts": found.why_no_acts or None,
        "caveats": list(found.caveats),
    }  # fmt: skip


def _group(group: ActGroup) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "is_comparison": group.is_comparison,
        "is_missing": group.is_missing,
        "n_contacts": group.n_contacts,
        "n_sanctions": group.n_sanctions,
        "contacts_per_1000": estimate_as_json(group.contact_rate),
        "sanctions_per_1000": estimate_as_json(group.sanction_rate),
        "contacts_relative_rate": estimate_as_json(group.contact_ratio),
        "sanctions_relative_rate": estimate_as_json(group.sanction_ratio),
    }
