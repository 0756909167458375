"""Stages that a source publishes as counts only, and what a source says that it collected."""

from __future__ import annotations

from dueregard.records import characteristics as has
from dueregard.records.table import Table, code, day, key, whole

STAGE_COUNT = Table(
    "stage_count",
    "an already counted stage",
    (
        key("urn", "School"),
        key("period", "Such as 2013/14"),
        code("stage", "Stage", "stage"),
        code("unit", "Unit", "unit"),
        has.ethnicity(tabulated=True, counted=True),
        has.sex(tabulated=True),
        has.sen_provision(tabulated=True),
        has.disability(tabulated=True),
        key(
            "tabulation", "Population, and a name after a colon: `all`, `504`, `all:by_sex`", default="all", blank=True
        ),
        whole("n", "Count; empty unless the state is counted", blank=True),
        code("state", "State of the cell", "cell_state", blank=True, default="counted"),
    ),
    key=("urn", "period", "stage", "unit", "ethnicity", "sex", "sen_provision", "disability", "tabulation"),
    references=(("urn", "school", "urn"),),
)

COLLECTION = Table(
    "collection",
    "what a source says that it collected",
    (
        key("urn", "School; `*` for every school of the folder"),
        key("subject", "A table or a stage"),
        day("from_on", "First day"),
        day("to_on", "Last day"),
        code("state", "State", "collection_state"),
    ),
    key=("urn", "subject", "from_on", "to_on"),
    periods=(("from_on", "to_on"),),
)
