"""Ethnicity: which lists may stand in which column, and the broad groups that every list is rolled up to."""

from __future__ import annotations

from functools import cache

from dueregard.terms.crosswalks import BROAD_GROUP, crosswalk
from dueregard.terms.lists import code_list
from dueregard.terms.missing import ALL, Missing

BROAD = ("W", "M", "A", "B", "O")
US_FEDERAL = ("WH", "BL", "HI", "AM", "AS", "HP", "TR")
SCHOOL_LISTS = ("dfe_ethnicity_main", "us_federal", "broad_group", "sde_18plus1", "ons_2021_19")
SELF_DEFINED_LISTS = ("sde_18plus1", "sde_16plus1", "us_federal", "broad_group", "dfe_ethnicity_main")
OBSERVED_LISTS = ("observed_6plus1", "police_uk_observed")
COUNTED_LISTS = ("us_federal", "broad_group", "dfe_ethnicity_main", "sde_18plus1", "ons_2021_19")
ARE_GROUPS = (
    BROAD_GROUP,
    "us_federal",
)  # their codes stand for themselves; the crosswalk between the two guesses nothing and no figure uses it

# A reason why the pupil did not state it (PACE Code A): the pupil declined, or was never asked.
NOT_STATED = "NS"
NOT_STATED_REASONS = {
    code: Missing(way) for code, way in crosswalk("sde_not_stated_reason", "missing").decided().items()
}


@cache
def broad_groups(lists: tuple[str, ...]) -> dict[str, str]:
    """Code of any of these lists -> broad group, or a way of missing. Missing words stand for themselves.

    Raises ValueError if two of the lists give one code different groups.

    >>> broad_groups(("sde_18plus1",))["A4"], broad_groups(("sde_16plus1",))["O1"]
    ('A', 'O')
    """
    found = {str(way): str(way) for way in Missing} | {ALL: ALL, "unknown": str(Missing.NOT_RECORDED)}
    for name in lists:
        for code, group in _groups_of(name).items():
            if found.setdefault(code, group) != group:
                raise ValueError(f"code {code} has two broad groups in {', '.join(lists)}")
    return found


def _groups_of(name: str) -> dict[str, str]:
    if name in ARE_GROUPS:
        return {code: code for code in code_list(name).codes}
    return crosswalk(name, BROAD_GROUP).decided()


def group_labels() -> dict[str, str]:
    """What is each broad group called?"""
    return code_list("broad_group").labels | code_list("us_federal").labels
