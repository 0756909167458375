"""Pupils on roll."""

from __future__ import annotations

from dueregard.records import characteristics as has
from dueregard.records.table import Table, code, day, key, whole, yes_no

ROLL = Table(
    "roll",
    "pupils on roll that share all characteristics (or one pupil, with n_pupils 1)",
    (
        key("urn", "School"),
        day("census_on", "Day of the census", past=True),
        key("pupil_ref", "Pseudonym of the pupil, where the roll is at pupil level", optional=True, blank=True),
        code("enrolment_status", "Only C and M are on roll", "enrolment_status", optional=True, blank=True),
        has.year_group(tabulated=True),
        whole("age_on_31_august", "Age on the 31 August before the academic year", optional=True, blank=True, most=25),
        has.sex(tabulated=True),
        has.ethnicity(tabulated=True),
        has.sen_provision(tabulated=True),
        has.sen_type(tabulated=True),
        has.disability(tabulated=True),
        yes_no("is_fsm", "Eligible for free school meals", characteristic=True, tabulated=True),
        key("tabulation", "Population, and a name after a colon: `all`, `idea`, `all:by_sex`", default="all", optional=True, blank=True),
        whole("n_pupils", "Number of pupils; empty unless the state is counted", blank=True),
        code("state", "State of the cell", "cell_state", optional=True, blank=True, default="counted"),
        whole("at_least", "A suppressed cell holds at least so many, if the source says so", optional=True, blank=True),
        whole("at_most", "A suppressed cell holds at most so many, if the source says so", optional=True, blank=True),
    ),
    key=("urn", "census_on", "pupil_ref", "enrolment_status", "year_group", "age_on_31_august", "sex", "ethnicity",
         "sen_provision", "sen_type", "disability", "is_fsm", "tabulation"),
    references=(("urn", "school", "urn"),),
    not_above=(("at_least", "at_most", "rows hold more at the least than at the most"),),
)  # fmt: skip
