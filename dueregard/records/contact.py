"""Contacts of officers with pupils: below and above crime level."""

from __future__ import annotations

from dueregard.records import characteristics as has
from dueregard.records.table import Table, code, key, time, whole, yes_no

CONTACT = Table(
    "contact",
    "one thing that happened, crime or not",
    (
        key("contact_ref", "Reference of the contact"),
        key("urn", "School"),
        time("occurred_at", "When it happened", past=True),
        time("recorded_at", "When it was recorded", past=True, blank=True),
        key("officer_ref", "Pseudonym of the officer", blank=True),
        code("place_relation", "Where, seen from the school", "place_relation", blank=True),
        code("time_relation", "When, seen from the school day", "time_relation", blank=True),
        code("route", "Who told the officer", "route", blank=True),
        code("initiator", "Who began it", "initiator", blank=True),
        code(
            "behaviour", "The act, in the words of the exclusion reasons", "exclusion_reason", "behaviour", blank=True
        ),
        code("harm_level", "Level of harm", "harm_level", blank=True),
        code("schools_protocol", "Crime recording schools protocol", "schools_protocol", blank=True),
        code("lowest_response", "Lowest response available", "response", blank=True),
        code("why_not_lower", "Why not lower", "why_not_lower", blank=True),
        key("source_record_ref", "Reference of a record elsewhere", optional=True, blank=True),
        whole("seconds_to_record", "Seconds that recording took", optional=True, blank=True),
    ),
    key=("contact_ref",),
    references=(("urn", "school", "urn"),),
)

INVOLVEMENT = Table(
    "involvement",
    "one pupil in one contact",
    (
        key("contact_ref", "Contact"),
        key("pupil_ref", "Pseudonym of the pupil, or `not_identified`"),
        code("subject_category", "Data Protection Act 2018 section 38 category", "subject_category"),
        whole("age", "Age at the event in whole years", blank=True, most=30),
        has.year_group(),
        has.sex(),
        has.self_defined_ethnicity(),
        code("not_stated_reason", "Why it is not stated", "sde_not_stated_reason", optional=True, blank=True),
        has.observed_ethnicity(),
        has.sen_provision(),
        has.sen_type(),
        has.disability(),
        code("characteristics_source", "Who said so", "characteristics_source", blank=True),
        yes_no("was_known_to_officer", "Was the need known to the officer at the time?"),
        code("adjustments_made", "Reasonable adjustments", "adjustments_made", "yes_no", blank=True),
        code("appropriate_adult", "Appropriate adult", "appropriate_adult", "yes_no", blank=True),
        time("parent_informed_at", "When a parent was told", past=True, optional=True, blank=True),
        yes_no("school_later_cleared", "Did the school later clear the pupil?"),
    ),
    key=("contact_ref", "pupil_ref"),
    references=(("contact_ref", "contact", "contact_ref"),),
)

POWER_USE = Table(
    "power_use",
    "one use of a power on a pupil",
    (
        key("contact_ref", "Contact"),
        key("pupil_ref", "Pupil"),
        code("power", "Power", "power", blank=True),
        code("legislation", "Legislation", "legislation", blank=True),
        code("search_object", "Object of the search", "stop_object", blank=True),
        code("clothing_removal", "Removal of clothing", "clothing_removal", blank=True),
        code("tactic", "Tactic of force", "force_tactic", blank=True),
        yes_no("item_found", "Was the item found?"),
        yes_no("is_injured", "Was the pupil injured?"),
    ),
    references=(("contact_ref", "contact", "contact_ref"),),
)
