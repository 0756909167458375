"""Schools and their terms."""

from __future__ import annotations

from dueregard.records.table import Table, code, day, key, text, whole

SCHOOL = Table(
    "school",
    "a school in a period of its identity (an academy conversion gives a new URN)",
    (
        key("urn", "Unique reference number; `area:` before an area's code"),
        text("name", "Name of the school", blank=True),
        text("borough", "Borough, or US state: the `area` of figures", blank=True),
        key("la_code", "Local authority code, for the calendar", blank=True),
        code("phase", "Phase of education", "school_phase_census", blank=True),
        text(
            "type",
            "Type of establishment in the source's own words; `area` where the row is an area",
            "school_type",
            blank=True,
        ),
        day("opened_on", "First day", blank=True),
        day("closed_on", "Last day", optional=True, blank=True),
        key("predecessor_urn", "URN before a change of identity", optional=True, blank=True),
    ),
    key=("urn",),
    periods=(("opened_on", "closed_on"),),
)

CALENDAR = Table(
    "calendar",
    "a term",
    (
        key("la_code", "Local authority code; `*` for every other one"),
        key("academic_year", "Such as 2023/24"),
        code("term", "Term", "academic_term"),
        day("from_on", "First day of term"),
        day("to_on", "Last day of term"),
        whole("school_days", "School days in it"),
    ),
    key=("la_code", "academic_year", "term"),
    periods=(("from_on", "to_on"),),
)
