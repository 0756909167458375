"""Answers of pupils, parents, staff and residents, counted."""

from __future__ import annotations

from dueregard.records import characteristics as has
from dueregard.records.table import Table, code, key, text, whole

SURVEY = Table(
    "survey",
    "answers, counted",
    (
        key("wave", "Wave, such as 2023/24"),
        text("area", "Borough or school", blank=True),
        code("item", "Question", "survey_item", blank=True),
        code("respondent", "Who answered", "respondent", blank=True),
        has.ethnicity(tabulated=True, counted=True),
        has.sex(tabulated=True),
        has.sen_provision(tabulated=True),
        whole("n_asked", "How many were asked"),
        whole("n_agreed", "How many agreed"),
    ),
    key=("wave", "area", "item", "respondent", "ethnicity", "sex", "sen_provision"),
    not_above=(("n_agreed", "n_asked", "more agreed than were asked"),),
)
