"""How a column is asked on a page, and how its answer is told. A column that is not named here is asked by its declaration."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from dueregard.records.table import Column, Kind
from dueregard.store.tables import STORED
from dueregard.terms.lists import code_list
from dueregard.terms.missing import MISSING_LABELS

# (table, column) -> (question, hint)
ASKED: dict[tuple[str, str], tuple[str, str]] = {
    ("contact", "occurred_at"): ("When did it happen?", ""),
    ("contact", "place_relation"): ("Where was it, seen from the school?", ""),
    ("contact", "time_relation"): ("When was it, seen from the school day?", ""),
    ("contact", "route"): ("How did it come to you?", ""),
    ("contact", "initiator"): ("Who began it?", ""),
    ("contact", "behaviour"): ("What was it about?", "The act, in the words that schools use for exclusions."),
    ("contact", "harm_level"): ("How much harm was done?", ""),
    ("contact", "schools_protocol"): ("Was the schools protocol applied?", "The rule under which a school deals with a matter itself."),
    ("contact", "lowest_response"): ("What was the lowest response that was available?", ""),
    ("contact", "why_not_lower"): ("Why was nothing lower used?", ""),
    ("contact", "source_record_ref"): ("Reference of a stop, custody or crime record", "If there is one. What it holds need not be keyed again."),
    ("involvement", "subject_category"): ("What was the pupil's part?", ""),
    ("involvement", "age"): ("How old is the pupil?", ""),
    ("involvement", "year_group"): ("Which year group?", ""),
    ("involvement", "sex"): ("Sex", ""),
    ("involvement", "self_defined_ethnicity"): (
        "What is the pupil's ethnic group, in the pupil's own words?",
        "Ask first. Say: “We ask everybody, to see whether we treat groups differently. You may decline.”"),
    ("involvement", "not_stated_reason"): ("Why is it not stated?", ""),
    ("involvement", "observed_ethnicity"): ("Which ethnic group did you see?", "Your own impression. It never stands in for the pupil's answer."),
    ("involvement", "sen_provision"): ("Has the pupil special educational needs?", ""),
    ("involvement", "sen_type"): ("Which need is the main one?", ""),
    ("involvement", "disability"): ("Is the pupil disabled?", "Equality Act 2010, section 6."),
    ("involvement", "characteristics_source"): ("Who told you about needs and disability?", ""),
    ("involvement", "was_known_to_officer"): ("Did you know of the need at the time?", ""),
    ("involvement", "adjustments_made"): ("Were adjustments made?", "Such as more time, plain words, a quiet place."),
    ("involvement", "appropriate_adult"): ("Was an appropriate adult present?", ""),
    ("involvement", "school_later_cleared"): ("Did the school later clear the pupil?", ""),
    ("power_use", "power"): ("Which power was used?", ""),
    ("power_use", "legislation"): ("Under which law?", ""),
    ("power_use", "search_object"): ("What was looked for?", ""),
    ("power_use", "clothing_removal"): ("What clothing was removed?", ""),
    ("power_use", "tactic"): ("Which tactic of force?", ""),
    ("power_use", "item_found"): ("Was it found?", ""),
    ("power_use", "is_injured"): ("Was the pupil injured?", ""),
    ("step", "stage"): ("Which step was taken?", ""),
    ("step", "occurred_on"): ("On which day?", ""),
    ("step", "offence_group"): ("Offence group", "Leave empty where no offence is alleged."),
    ("step", "decided_by"): ("Who decided?", ""),
    ("step", "reason"): ("Why, or what was decided?", "For a report: intelligence or safeguarding."),
    ("activity", "n_pupils"): ("How many pupils were reached?", ""),
    ("activity", "minutes"): ("How many minutes did it take?", ""),
    ("activity", "kind"): ("What was it?", "A sweep that found nothing is an activity too."),
    ("posting", "kind"): ("Kind of posting", "Permanently based is told apart from attached, shared and visiting."),
    ("posting", "fte"): ("Full-time equivalent at this school", "1 is full time, 0.5 half of it."),
}  # fmt: skip
# Codes that are in a list and are not asked in England and Wales today, or that the form says otherwise.
NOT_ASKED = {
    ("disability", "idea"), ("disability", "504"), ("sen_provision", "S"), ("role", "sworn_officer"), ("role", "campus_officer"),
}  # fmt: skip
RELABELLED = {
    ("involvement", "self_defined_ethnicity", "NS"): "Not stated: the pupil declined, or could not be asked",
    ("involvement", "observed_ethnicity", "IC9"): "Unknown",
    ("involvement", "sex", "F"): "Girl",
    ("involvement", "sex", "M"): "Boy",
    ("involvement", "disability", "none"): "No",
    ("involvement", "disability", "disabled"): "Yes",
    ("contact", "why_not_lower", "not_applicable"): "The lowest response was used",
}
UNKNOWN = "Unknown"
NOT_SPLIT = "All together: not split"
YES_NO = "yes_no"  # beside a list of its own it holds spellings of older sources, which no form offers
BLANKS = {
    "to_on": "It goes on",
    "completed_on": "Not completed, as far as is known",
    "parent_informed_at": "No time entered",
    "contact_ref": "None named",
    "fte": "Not known",
    "school_later_cleared": "Not known",
}


def question_of(table: str, column: Column) -> tuple[str, str]:
    """The question and its hint."""
    return ASKED.get((table, column.name), (column.about, ""))


def choices_of(table: str, column: Column, *, on: date) -> list[tuple[str, str]]:
    """The answers that a page offers on this day; `unknown` is always one of a coded question that may stay blank."""
    if column.only:
        return [(code, plain(code)) for code in column.only]
    found: dict[str, str] = {}
    lists = column.lists if column.lists[0] == YES_NO else [name for name in column.lists if name != YES_NO]
    for name in lists:
        for term in code_list(name):
            if (name, term.code) not in NOT_ASKED and term.is_in_use(on) and term.code not in found:
                found[term.code] = RELABELLED.get((table, column.name, term.code), term.label)
    if UNKNOWN not in found.values() and "unknown" in column.allowed and "unknown" not in found:
        found["unknown"] = UNKNOWN
    if "all" in column.allowed and "all" not in found:
        found["all"] = NOT_SPLIT
    return list(found.items())


def label_of(table: str, column_name: str, value: Any) -> str:
    """A stored value in words. A blank is said, never shown as nothing."""
    if value in (None, ""):
        return BLANKS.get(column_name, "Nothing entered")
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    column = STORED[table].column(column_name)
    if column.kind is Kind.TIME:
        return time_in_words(str(value))
    if column.kind is not Kind.CODE:
        return str(value)
    return RELABELLED.get((table, column_name, str(value))) or _labels(column).get(str(value), plain(str(value)))


def time_in_words(text: str) -> str:
    at = datetime.fromisoformat(text)
    told = f"{at.day} {at:%B %Y}"
    return f"{told}, {at:%H:%M}" if len(text) > 10 else told


@cache
def _labels(column: Column) -> dict[str, str]:
    held: dict[str, str] = {"unknown": UNKNOWN, **{str(way): label for way, label in MISSING_LABELS.items()}}
    for name in reversed(column.lists):
        held |= code_list(name).labels
    return held


def plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
