"""Sentences that go with a figure wherever it goes. Declared once; figures carry them as text."""

from __future__ import annotations

ONLY_WITH_CONTACTS = "Only schools with at least one contact are counted: rates are too high."
ONLY_WITH_SANCTIONS = "Only schools that report at least one sanction are counted: rates are too high."
BY_SCHOOL = "Schools count sanctions, by term: one pupil may stand behind several, and none is linked to a contact."
TWO_SOURCES = (
    "Two sources of ethnicity: the numerator is self-defined to the police, the denominator declared to the school; "
    "both are rolled up to broad groups."
)
ONE_CENSUS = "Pupils on roll are those of the January census, else of the latest census of the year."
NOT_WHOLE = "The year is not over in these data: the figure covers a part of it."
BY_CONTACT_DATE = "A step or outcome belongs to the period of its contact; the latest may still be to come."
AGE_FROM_YEAR = "Age on 31 August is taken as year group + 4 where it is absent."
DEPENDENT = "Repeated contacts of one pupil are not independent, so these ranges are too narrow: read the same figure by pupils beside it."
POSTING_UNTOLD = (
    "Whether every posting was collected is not said: a school without a row in `posting` is taken to have no officer."
)
NOT_ADDITIVE = "Pupils are distinct within each stratum, so strata need not add up."
PART_POSTED = (
    "Schools with an officer for a part of the period are a stratum of their own; "
    "with `--denominator pupil_years` each day stands in its own stratum."
)
OTHER_CENSUS = "For some terms the roll of another term's census stands, because the school has none in the term."
BOUNDED = "The source suppresses the roll of this population in every school: the rate is known between bounds only."
OTHER_TIME = "No roll is of the academic years of these months: that of the nearest earlier census stands, else of the nearest later."
