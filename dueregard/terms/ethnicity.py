"""Roll-ups of ethnicity to broad groups, each row with its loss flag."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from dueregard.terms.lists import FOLDER, code_list
from dueregard.terms.missing import ALL, Missing

BROAD = ("W", "M", "A", "B", "O")
US_FEDERAL = ("WH", "BL", "HI", "AM", "AS", "HP", "TR")
SCHOOL_LISTS = ("dfe_ethnicity_main", "us_federal", "broad_group", "sde_18plus1")
SELF_DEFINED_LISTS = ("sde_18plus1", "sde_16plus1", "us_federal", "broad_group", "dfe_ethnicity_main")
OBSERVED_LISTS = ("observed_6plus1",)
COUNTED_LISTS = ("us_federal", "broad_group", "dfe_ethnicity_main", "sde_18plus1")

# A reason why the pupil did not state it (PACE Code A): the pupil declined, or was never asked.
NOT_STATED_REASONS = {
    "N1": Missing.NOT_RECORDED,
    "N2": Missing.NOT_RECORDED,
    "N3": Missing.NOT_RECORDED,
    "N4": Missing.NOT_STATED,
}


@dataclass(frozen=True, slots=True)
class RollUp:
    """To which broad group does a code belong? `loss` says what cannot be told any more, or is empty."""

    from_list: str
    from_code: str
    to_code: str
    loss: str


@cache
def roll_ups() -> tuple[RollUp, ...]:
    """Every row of the crosswalk to broad groups."""
    with (FOLDER / "to_broad_group.csv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle)
        return tuple(RollUp(r["from_list"], r["from_code"], r["to_code"], r["loss"]) for r in rows)


@cache
def broad_groups(lists: tuple[str, ...]) -> dict[str, str]:
    """Code of any of these lists -> broad group, or a way of missing. Missing words stand for themselves.

    Raises ValueError if two of the lists give one code different groups.

    >>> broad_groups(("sde_18plus1",))["A4"], broad_groups(("sde_16plus1",))["O1"]
    ('A', 'O')
    """
    found = {str(way): str(way) for way in Missing} | {ALL: ALL, "unknown": str(Missing.NOT_RECORDED)}
    for row in roll_ups():
        if row.from_list in lists and found.setdefault(row.from_code, row.to_code) != row.to_code:
            raise ValueError(f"code {row.from_code} has two broad groups in {', '.join(lists)}")
    return found


def group_labels() -> dict[str, str]:
    """What is each broad group called?"""
    return code_list("broad_group").labels | code_list("us_federal").labels
