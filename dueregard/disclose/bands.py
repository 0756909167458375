"""Bands: one true count, and what a policy lets be seen of it. The same count gives the same band, always."""

from __future__ import annotations

from dueregard.disclose.policy import Method, Policy
from dueregard.evidence.protected import ShownCount, exact
from dueregard.terms.missing import CellState

HALF = 0.5


def shown_count(n: int, policy: Policy) -> ShownCount:
    """What may be seen of a count of pupils, involvements or events? A zero is low, like 7.

    >>> from dueregard.disclose.policy import policy_named
    >>> public = policy_named("public")
    >>> shown_count(0, public) == shown_count(7, public), shown_count(8, public).shown, shown_count(12, public).at_least
    (True, 10, 8)
    """
    if not policy.is_protected:
        return exact(n)
    if n <= policy.low_to:
        return ShownCount(CellState.LOW, None, 0, policy.low_to)
    shown, least, most = _rounded(n, policy.base)
    return ShownCount(CellState.COUNTED, shown, max(least, policy.low_to + 1), most)


def shown_roll(n: int, policy: Policy, *, scale: int = 1) -> ShownCount:
    """What may be seen of a roll? Nobody is shown; fewer than roll_at_least are hidden; more are rounded.

    scale: counted integers that make one pupil: 1, or 190 pupil-days of a school year.

    >>> from dueregard.disclose.policy import policy_named
    >>> [shown_roll(n, policy_named("public")).shown for n in (0, 9, 10, 1238)]
    [0, None, 10, 1240]
    """
    if n == 0 or not policy.is_protected:
        return exact(n)
    least_shown = policy.roll_at_least * scale
    if n < least_shown:
        return hidden(
            least_shown - 1
        )  # of nobody too: a roll of nobody is hidden where somebody was counted all the same
    shown, least, most = _rounded(n, policy.base * scale)
    return ShownCount(CellState.COUNTED, shown, max(least, least_shown), most)


def hidden(at_most: int | None) -> ShownCount:
    """A count of which nothing is told but what its roll says."""
    return ShownCount(CellState.HIDDEN_FIRST, None, 0, at_most)


def _rounded(n: int, base: int) -> tuple[int, int, int]:
    """The nearest multiple (half way: up), and the least and the greatest integer that give it."""
    shown = (2 * n + base) // (2 * base) * base
    return shown, shown - base // 2, shown + (base - 1) // 2


def is_group_told(n: int, roll: int, policy: Policy) -> bool:
    """Might the count say of nearly every pupil of a group that it happened to them?

    From half of the group on it is hidden: where only nearly whole groups were, the sign itself over a shown roll would say
    so. The rule is printed, so each sign says on which side of the half a count lies. Of a roll that is shown as one of which
    either side is narrower than the least width, every count is hidden, and the sign says nothing.

    >>> from dueregard.disclose.policy import policy_named
    >>> [is_group_told(n, roll, policy_named("public")) for n, roll in ((2, 10), (2, 12), (2, 13), (7, 13))]
    [True, True, False, True]
    """
    if not policy.is_protected or roll <= 0:
        return False
    return n >= HALF * roll or shown_roll(roll, policy).at_least < policy.least_roll_of_half


def rounds(policy: Policy) -> bool:
    """Are numbers rounded, so that tables need not add up exactly?"""
    return policy.method is Method.ROUNDING
