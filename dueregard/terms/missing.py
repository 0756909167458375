"""The ways in which something is not known, as types. None of them is zero."""

from __future__ import annotations

from enum import StrEnum


class Missing(StrEnum):
    """Why is a characteristic of a pupil not known? Four ways, never merged silently."""

    NOT_STATED = "not_stated"  # asked, declined
    NOT_RECORDED = "not_recorded"  # could have been recorded, was not
    NOT_COLLECTED = "not_collected"  # the source has no such column
    SUPPRESSED = "suppressed"  # the source knows and hides it


class CellState(StrEnum):
    """What does the number in a cell mean? `counted` includes a true zero."""

    COUNTED = "counted"
    PARTIAL = "partial"
    NOT_COLLECTED = "not_collected"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"
    LOW = "low"
    HIDDEN_FIRST = "hidden_first"
    HIDDEN_SECOND = "hidden_second"


class CollectionState(StrEnum):
    """What does a source say that it collected, for a school, a subject and a time?"""

    COMPLETE = "complete"
    NIL = "nil"
    PARTIAL = "partial"
    NOT_COLLECTED = "not_collected"
    SUPPRESSED = "suppressed"

    @property
    def is_whole(self) -> bool:
        """Is everything known, a declared nothing included?"""
        return self in (CollectionState.COMPLETE, CollectionState.NIL)


ALL = "all"  # a characteristic that a tabulation does not split: not a missing value
NOT_IDENTIFIED = "not_identified"  # a pupil who could not be told apart: an involvement, never a pupil

MISSING_LABELS = {
    Missing.NOT_STATED: "Not stated (asked, declined)",
    Missing.NOT_RECORDED: "Not recorded",
    Missing.NOT_COLLECTED: "Not collected by the source",
    Missing.SUPPRESSED: "Suppressed by the source",
}


WAYS_OF_MISSING = frozenset(Missing)


def is_missing(code: str) -> bool:
    """Is this code one of the four ways of missing? `all` is not.

    >>> is_missing("not_stated"), is_missing("all"), is_missing("B")
    (True, False, False)
    """
    return code in WAYS_OF_MISSING


def is_not_known(code: str) -> bool:
    """Is nothing known of the group by this code: missing, or answered with *unknown*?

    >>> is_not_known("unknown"), is_not_known("not_stated"), is_not_known("N")
    (True, True, False)
    """
    return is_missing(code) or code == "unknown"
