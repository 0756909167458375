"""Profiles of the reference engine: rows gathered in dictionaries, one unit at a time."""

from __future__ import annotations

from collections import Counter

from dueregard.engines.profiles import SCHOOL
from dueregard.engines.reference_rows import Reached
from dueregard.evidence.profile import Profile
from dueregard.terms.missing import NOT_IDENTIFIED


def profiles_of(
    unit: str, columns: tuple[str, ...], period: str, reached: list[Reached], given: list[Reached]
) -> list[Profile]:
    """Each unit of the base once. reached, given: rows of the schools that enter."""
    who = {(row.contact_ref, row.pupil_ref) for row in reached}
    counts: Counter[tuple[tuple[str, ...], bool]] = Counter()
    if unit == "pupils":
        for row, has_reached in _latest(given, who):
            counts[(_codes(row, columns), has_reached)] += 1
    else:
        for row in reached:
            counts[(_codes(row, columns), True)] += row.n_involvements
        for row in given:
            if (row.contact_ref, row.pupil_ref) not in who:
                counts[(_codes(row, columns), False)] += row.n_involvements
    return [Profile(period, codes, has_reached, n) for (codes, has_reached), n in counts.items() if n]


def _codes(row: Reached, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row.urn if column == SCHOOL else row.has[column]) for column in columns)


def _latest(given: list[Reached], who: set[tuple[str | None, str]]) -> list[tuple[Reached, bool]]:
    """Each identified pupil's latest row of the base, and whether any of them reached the stage."""
    last: dict[str, Reached] = {}
    reached: set[str] = set()
    for row in given:
        if row.pupil_ref == NOT_IDENTIFIED:
            continue
        best = last.setdefault(row.pupil_ref, row)
        if (row.on_day, row.contact_ref or "") > (best.on_day, best.contact_ref or ""):
            last[row.pupil_ref] = row
        if (row.contact_ref, row.pupil_ref) in who:
            reached.add(row.pupil_ref)
    return [(row, pupil in reached) for pupil, row in last.items()]
