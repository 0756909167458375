"""Help, activities, and the school's own answers."""

from __future__ import annotations

from dueregard.records import characteristics as has
from dueregard.records.table import Table, code, day, key, whole, yes_no

SUPPORT = Table(
    "support",
    "help offered",
    (
        key("support_ref", "Reference"),
        key("pupil_ref", "Pupil"),
        key("urn", "School"),
        key("contact_ref", "Contact that led to it", optional=True, blank=True),
        code("service", "Service", "service", blank=True),
        day("offered_on", "Day of the offer", past=True),
        yes_no("is_accepted", "Was it accepted?"),
        day("completed_on", "Day of completion", past=True, optional=True, blank=True),
    ),
    key=("support_ref",),
    references=(("urn", "school", "urn"),),
    periods=(("offered_on", "completed_on"),),
)

SERVICE_OFFER = Table(
    "service_offer",
    "help that is available",
    (
        key("urn", "School"),
        code("service", "Service", "service"),
        day("from_on", "First day"),
        day("to_on", "Last day", optional=True, blank=True),
    ),
    references=(("urn", "school", "urn"),),
    periods=(("from_on", "to_on"),),
)

ACTIVITY = Table(
    "activity",
    "what an officer did at a school (a sweep that found nothing is a row)",
    (
        key("activity_ref", "Reference"),
        key("officer_ref", "Officer"),
        key("urn", "School"),
        day("occurred_on", "Day", past=True),
        code("kind", "Kind", "activity_kind", blank=True),
        whole("minutes", "Minutes", blank=True),
        whole("n_pupils", "Pupils reached", blank=True),
    ),
    key=("activity_ref",),
    references=(("urn", "school", "urn"),),
)

SANCTION = Table(
    "sanction",
    "the school's own answer, counted",
    (
        key("urn", "School"),
        key("academic_year", "Such as 2023/24"),
        code("term", "Term", "academic_term", blank=True, tabulated=True),
        code("kind", "Kind", "sanction_kind", blank=True, tabulated=True),
        code("reason", "Reason: shares its list with contact.behaviour", "exclusion_reason", "behaviour",
             blank=True, tabulated=True),
        has.ethnicity(tabulated=True, counted=True),
        has.sex(tabulated=True),
        has.sen_provision(tabulated=True),
        has.sen_type(tabulated=True, optional=True),
        whole("n", "Number"),
    ),
    key=("urn", "academic_year", "term", "kind", "reason", "ethnicity", "sex", "sen_provision", "sen_type"),
    references=(("urn", "school", "urn"),),
)  # fmt: skip
