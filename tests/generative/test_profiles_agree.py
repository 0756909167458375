"""Profiles of made-up folders: both engines give the same, and those that reached the stage are those that are counted."""

from __future__ import annotations

from collections import Counter

import pytest

from dueregard.errors import DueRegardError
from dueregard.measures.measure import Measure

from .agreement import engines_in_memory, folder_of

COLUMNS = (("ethnicity", "observed_ethnicity", "school"), ("self_defined_ethnicity", "observed_ethnicity", "area", "behaviour"))  # fmt: skip
ASKED = [
    Measure(stage, unit, denominator)
    for stage in ("contact", "arrested", "power_used", "charged", "contact_as_victim")
    for unit in ("pupils", "involvements", "events")
    for denominator in ("pupils_on_roll", "contact", "pupil_years", "officer_present_pupil_days")
]


def told(engine, measure, columns):
    try:
        return engine.profiles(measure, columns)
    except DueRegardError as fault:
        return type(fault).__name__, str(fault)


def by_ethnicity(profiles) -> Counter:
    counts: Counter = Counter()
    for profile in profiles:
        if profile.has_reached:
            counts[(profile.period, profile.codes[:1])] += profile.n
    return counts


def check(seed: int) -> int:
    """How many profiles were compared that hold something?"""
    sql, reference = engines_in_memory(folder_of(seed))
    held = 0
    for measure in ASKED:
        for columns in COLUMNS:
            found = told(sql, measure, columns)
            assert found == told(reference, measure, columns), f"seed {seed}: {measure} {columns}"
            if found and not isinstance(found[0], str) and columns[0] == "ethnicity":
                counted = {(c.period, c.codes): c.n for c in sql.count(measure).whole if c.n}
                assert by_ethnicity(found) == counted, f"seed {seed}: {measure}"
                held += 1
    return held


def test_engines_agree_on_profiles():
    assert sum(check(seed) for seed in range(12)) >= 30


@pytest.mark.deep
def test_engines_agree_on_many_profiles():
    assert sum(check(seed) for seed in range(100, 400)) >= 800
