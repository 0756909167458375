"""The questions of a contact, as data: in which order, when each is asked, and what its answer is where it is not asked.

asked_when: `question=code code`, several joined by `;`: one of them is enough. A question that is not asked has its implied
answer, which is written down like any other: nothing is left blank in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dueregard.terms.stages import STEP_STAGES

NOT_ASKED = "not_collected"
SEARCHES = "stop_and_search search_on_site strip_search detention_for_search"
NEED = "sen_provision=K E;disability=disabled"


@dataclass(frozen=True, slots=True)
class Question:
    """One question for one column. implied: the answer where it is not asked; a function of the other answers, or a text."""

    name: str
    asked_when: str = ""
    implied: Any = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()


def _type_of_need(answers: Mapping[str, Any]) -> str:
    return "none" if answers.get("sen_provision") == "N" else "unknown"


def _where_no_need(told: str) -> Any:
    """What holds of a need that is not there; where it is not known whether there is one, that is not known either."""

    def implied(answers: Mapping[str, Any]) -> str:
        is_none = answers.get("sen_provision") == "N" and answers.get("disability") == "none"
        return told if is_none else "unknown"

    return implied


CONTACT: tuple[Question, ...] = (
    Question("place_relation"),
    Question("time_relation"),
    Question("route"),
    Question("initiator"),
    Question("behaviour"),
    Question("harm_level"),
    Question("schools_protocol"),
    Question("lowest_response"),
    Question("why_not_lower", "lowest_response=restorative referral community_resolution voluntary_interview arrest", "not_applicable"),
    Question("source_record_ref", required=False),
)  # fmt: skip
PUPIL: tuple[Question, ...] = (
    Question("self_defined_ethnicity"),
    Question("not_stated_reason", "self_defined_ethnicity=NS", ""),
    Question("observed_ethnicity"),
    Question("subject_category"),
    Question("sex"),
    Question("year_group"),
    Question("age", choices=(*((str(n), str(n)) for n in range(4, 20)), ("unknown", "Unknown"))),
    Question("sen_provision"),
    Question("sen_type", "sen_provision=K E", _type_of_need),
    Question("disability"),
    Question("characteristics_source"),
    Question("was_known_to_officer", NEED, _where_no_need("no")),
    Question("adjustments_made", NEED, _where_no_need("not_needed")),
    Question("appropriate_adult"),
)  # fmt: skip
PARTS: dict[str, tuple[Question, ...]] = {
    "power_use": (
        Question("power"),
        Question("legislation"),
        Question("search_object", f"power={SEARCHES}", NOT_ASKED),
        Question("clothing_removal", f"power={SEARCHES}", NOT_ASKED),
        Question("tactic", "power=use_of_force handcuffs", NOT_ASKED),
        Question("item_found", f"power={SEARCHES} seizure", NOT_ASKED),
        Question("is_injured"),
    ),
    "step": (
        Question("stage", choices=tuple((s, "") for s in STEP_STAGES)),
        Question("occurred_on"),
        Question("offence_group", required=False),
        Question("decided_by"),
        Question("reason"),
    ),
    "outcome": (Question("outcome"), Question("decided_on")),
}  # fmt: skip
LATER: tuple[Question, ...] = (Question("school_later_cleared"),)  # asked once the school has looked into it
PART_WORDS = {"power_use": "power", "step": "step", "outcome": "outcome"}

AT_ONCE, AT_ANOTHER_TIME, NOT_YET, UNKNOWN = "at_once", "at_another_time", "not_yet", "unknown"
PARENT_TOLD = (
    (AT_ONCE, "Yes, at the time"),
    (AT_ANOTHER_TIME, "Yes, at another time"),
    (NOT_YET, "Not yet"),
    (UNKNOWN, "Unknown"),
)
NO_SUPPORT = "none"
ELSEWHERE = "elsewhere"  # another school than those where the officer is posted


def accepted(service: str) -> str:
    """The name of the question whether this offer was accepted: each offer has its own.

    >>> accepted("mentoring")
    'accepted_mentoring'
    """
    return f"accepted_{service}"


def is_asked(asked_when: str, answers: Mapping[str, Any]) -> bool:
    """Do the other answers make this question needed?

    >>> is_asked("sex=F M;age=9", {"sex": "X", "age": "9"}), is_asked("sex=F", {}), is_asked("", {})
    (True, False, True)
    """
    if not asked_when:
        return True
    for condition in asked_when.split(";"):
        name, _, codes = condition.partition("=")
        told = answers.get(name)
        if set(codes.split()) & set(told if isinstance(told, (list, tuple)) else (told,)):
            return True
    return False
