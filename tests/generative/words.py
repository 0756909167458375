"""The codes, days and names that made-up tables and questions draw from. Few of each, so that they meet."""

from __future__ import annotations

Rows = list[dict[str, str]]
Tables = dict[str, Rows]

FOUR = ("not_stated", "not_recorded", "not_collected", "suppressed")  # ways of missing; a blank is read as the second
MISSING = ("", "", "unknown", *FOUR)

ROLL_ETHNICITY = ("WBRI", "WBRI", "WROM", "BCRB", "BCRB", "BAFR", "MWBC", "CHNE", "REFU", "NOBT", "B1", "W", *MISSING)
SELF_DEFINED = ("W1", "W1", "W3", "B1", "B1", "B2", "M1", "A4", "NS", "NS", "NS", "BCRB", *MISSING)
FEDERAL = ("WH", "BL", "HI")
NOT_STATED_REASONS = ("", "N1", "N2", "N3", "N4", "unknown", "not_collected")
OBSERVED = ("IC1", "IC3", "IC3", "IC6", "IC9", "Black", "White", "Mixed", *MISSING)
SEX = ("F", "F", "F", "M", "M", "M", "X", *MISSING)
SEN = ("N", "N", "N", "K", "K", "E", "S", *MISSING)
SEN_TYPE = ("none", "none", "SEMH", "SEMH", "ASD", *MISSING)
DISABILITY = (
    "none",
    "none",
    "disabled",
    "yes",
    "no",
    "idea",
    "504",
    *MISSING,
)  # `yes` and `no` are spellings of the first two
YEARS = ("N1", "N2", "R", "7", "9", "9", "10", "10", "14", *MISSING)
FSM = ("yes", "no", "Y", "0", *MISSING)
AGES = ("4", "13", "14", "14", "")
CATEGORIES = ("subject_of_concern", "suspect", "suspect", "suspect", "convicted", "victim", "witness", "other")
ROUTES = ("school_staff_report", "school_staff_report", "officer_observed", "unknown", "", "suppressed")
PLACES = ("on_site", "on_site", "at_gate", "", "not_stated")
BEHAVIOURS = ("PP", "DA", "", "not_collected")
POWERS = ("stop_and_search", "stop_and_search", "handcuffs", "strip_search", "")
CLOTHING = ("none", "outer", "", "not_collected")
OFFENCE_GROUPS = ("1", "8", "", "unknown")
STEP_REASONS = ("intelligence", "safeguarding", "evidence", "")
OUTCOMES = ("1", "1A", "2", "2A", "6", "7", "8", "8", "22", "9", "16")
SERVICES = ("mentoring", "youth_work", "", "not_stated")
POSTING_KINDS = ("ssp_part_time", "based_full_time", "presence_only", "none_by_choice", "withdrawn", "", "suppressed")
FTE = ("1", "0.5", "0.25", "0.01", "0", "1.75", "")
STATUSES = ("C", "C", "C", "M", "M", "S", "G", "", "not_collected")

# Ends of years, terms and police years; neighbours of ends; days that lie 365 or 366 days apart.
DAYS = (
    "2022-09-01", "2022-11-14", "2023-03-31", "2023-04-01", "2023-08-31", "2023-09-01", "2023-09-02", "2023-10-16",
    "2023-11-14", "2023-12-28", "2023-12-31", "2024-01-01", "2024-01-09", "2024-01-15", "2024-02-13", "2024-03-31",
    "2024-04-15", "2024-04-16", "2024-05-07", "2024-07-19", "2024-08-31", "2024-09-01", "2024-09-03", "2024-11-05",
)  # fmt: skip
YEAR_DAYS = tuple(d for d in DAYS if "2023-09-01" <= d <= "2024-08-31")
CENSUSES = ("2022-10-06", "2023-01-19", "2023-10-05", "2024-01-18", "2024-01-25", "2024-05-16", "2024-10-03")
YEAR_CENSUSES = ("2023-10-05", "2024-01-18", "2024-01-25", "2024-05-16")

SPANS = (("2022-09-01", "2023-08-31"), ("2023-09-01", "2024-08-31"), ("2024-09-01", "2024-12-31"),
         ("2022-09-01", "2024-08-31"), ("2024-01-01", "2024-08-31"), ("2023-09-01", "2023-12-31"))  # fmt: skip
COLLECTION_STATES = ("complete", "complete", "complete", "nil", "partial", "not_collected", "suppressed")
