"""Could a policy have given this? Asked of every count and rung of a release by somebody who sees the release alone."""

from __future__ import annotations

from dueregard.disclose.bands import shown_count, shown_roll
from dueregard.disclose.policy import PLACES, TIMES, Policy
from dueregard.evidence.protected import ShownCount, exact
from dueregard.terms.missing import CellState

OF_THE_SOURCE = (CellState.NOT_COLLECTED, CellState.SUPPRESSED, CellState.PARTIAL, CellState.NOT_APPLICABLE)
HIDDEN = (CellState.HIDDEN_FIRST, CellState.HIDDEN_SECOND)


def is_of_the_source(count: ShownCount) -> bool:
    """Is it the source that has no such count, and not the policy that hides it?"""
    return count.state in OF_THE_SOURCE


def could_show_count(count: ShownCount, over: ShownCount | None, policy: Policy, *, over_is_roll: bool) -> bool:
    """Is this what the policy makes of some true count? over: its denominator; a zero needs a roll of nobody.

    >>> from dueregard.disclose.policy import policy_named
    >>> public = policy_named("public")
    >>> could_show_count(shown_count(3, public), None, public, over_is_roll=True)
    True
    >>> could_show_count(exact(3), None, public, over_is_roll=True)
    False
    """
    if count.state in OF_THE_SOURCE:
        return count.shown is None
    if count.state in HIDDEN:
        return count.shown is None and count.at_least == 0
    if count == exact(0) and policy.is_protected:
        return not over_is_roll or (over is not None and over == exact(0))
    return count == shown_count(count.at_least, policy)


def could_show_denominator(count: ShownCount, policy: Policy, *, is_roll: bool, scale: int = 1) -> bool:
    """Is this what the policy makes of some true roll, or of the count of a stage?"""
    if count.state in OF_THE_SOURCE:
        return count.shown is None
    if count.state in HIDDEN:
        return count.shown is None and count.at_least in (0, 1) and count != exact(0)
    if not is_roll:
        return count == exact(0) or count == shown_count(count.at_least, policy)
    return count == shown_roll(count.at_least, policy, scale=scale)


def could_show_detail(policy: Policy, place: str, time: str, columns: int) -> bool:
    """Is there a rung of the policy's ladder that allows a figure as fine as this?"""
    if not policy.is_protected:
        return True
    return any(
        PLACES.index(place) >= PLACES.index(rung.place) and TIMES.index(time) >= TIMES.index(rung.time)
        and columns <= rung.columns for rung in policy.ladder
    )  # fmt: skip
