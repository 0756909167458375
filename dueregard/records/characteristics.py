"""The characteristics of a pupil, as columns that several tables share."""

from __future__ import annotations

from dueregard.records.table import Column, code
from dueregard.terms.ethnicity import COUNTED_LISTS, OBSERVED_LISTS, SCHOOL_LISTS, SELF_DEFINED_LISTS

DISABILITY_SPELLINGS = (("yes", "disabled"), ("no", "none"), ("Y", "disabled"), ("N", "none"))


def ethnicity(*, tabulated: bool = False, counted: bool = False) -> Column:
    lists = COUNTED_LISTS if counted else SCHOOL_LISTS
    return code("ethnicity", "Ethnicity as the school or the source declares it", *lists,
                characteristic=True, blank=True, tabulated=tabulated)  # fmt: skip


def self_defined_ethnicity() -> Column:
    return code("self_defined_ethnicity", "Ethnicity in the pupil's own words, as an 18+1 code",
                *SELF_DEFINED_LISTS, characteristic=True, blank=True)  # fmt: skip


def observed_ethnicity() -> Column:
    return code("observed_ethnicity", "Ethnicity as the officer saw it: a second series, never a fallback",
                *OBSERVED_LISTS, characteristic=True, blank=True)  # fmt: skip


def sex(*, tabulated: bool = False) -> Column:
    return code("sex", "Sex", "sex", characteristic=True, blank=True, tabulated=tabulated)


def sen_provision(*, tabulated: bool = False) -> Column:
    return code("sen_provision", "Special educational needs: provision", "sen_provision",
                characteristic=True, blank=True, tabulated=tabulated)  # fmt: skip


def sen_type(*, tabulated: bool = False, optional: bool = False) -> Column:
    return code("sen_type", "Primary type of special educational need; `none` where there is no need",
                "sen_type", characteristic=True, blank=True, tabulated=tabulated, optional=optional,
                aliases=(("none", "none"),))  # fmt: skip


def disability(*, tabulated: bool = False) -> Column:
    return code("disability", "Disability (Equality Act 2010 section 6, or the source's own list)", "disability",
                characteristic=True, blank=True, tabulated=tabulated, aliases=DISABILITY_SPELLINGS)  # fmt: skip


def year_group(*, tabulated: bool = False) -> Column:
    return code("year_group", "National curriculum year group", "year_group", characteristic=True, blank=True,
                tabulated=tabulated)  # fmt: skip
