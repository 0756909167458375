"""What if some contacts would not have happened to a pupil of the comparison group? (Knox, Lowe and Mummolo)

Only contacts are recorded. y1, y0: the share of contacts of the group (of the comparison group) that went on to the
stage. rho: the share of the group's contacts that would not have happened to a pupil of the comparison group.
share_of_group: of all contacts of the two, those of the group. All may be arrays of one shape; shares between 0 and 1.
Source: Knox, Lowe & Mummolo, American Political Science Review 114 (2020) 619; the bounds are derived anew in the
tests, as a linear program over principal strata.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats
from dueregard.stats.proportions import proportions

RHOS = tuple(round(0.05 * n, 2) for n in range(11))  # 0 to 0.5


@dataclass(frozen=True, slots=True)
class SelectionCurve:
    """At each rho, the difference in shares among the group's contacts, and bounds of that among all contacts. Shape (k,).

    among_group: identified. lowest, highest: sharp bounds. *_lower, *_upper, lower, upper: with chance in both shares.
    """

    rhos: Floats
    among_group: Floats
    among_group_lower: Floats
    among_group_upper: Floats
    lowest: Floats
    highest: Floats
    lower: Floats
    upper: Floats
    level: float


def effect_among_group(y1: ArrayLike, y0: ArrayLike, rho: ArrayLike) -> Floats:
    """By how much does being of the group raise the share, among the group's own contacts? y1 - (1 - rho) y0.

    >>> round(float(effect_among_group(0.24, 0.22, 0.32)), 4)
    0.0904
    """
    return np.asarray(y1, dtype=float) - (1 - np.asarray(rho, dtype=float)) * np.asarray(y0, dtype=float)


def effect_bounds(y1: ArrayLike, y0: ArrayLike, rho: ArrayLike, share_of_group: ArrayLike) -> tuple[Floats, Floats]:
    """Between which values must the same lie among all contacts of the two groups? Sharp.

    The comparison group's contacts would all have happened to the group too; how they would then have gone on is bounded:
    at least as often as the group's contacts do (relative non-severity), at most as often as chances below 1 allow.

    >>> [round(float(end), 4) for end in effect_bounds(0.24, 0.22, 0.32, 0.8)]
    [0.0763, 0.0989]
    """
    one, zero, r, pi = (np.asarray(x, dtype=float) for x in (y1, y0, rho, share_of_group))
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(one == 0, 0.0, np.minimum(1.0, one / (1 - r)))
    among = effect_among_group(one, zero, r)
    return pi * among + (1 - pi) * (one - zero), pi * among + (1 - pi) * (most - zero)


def tipping_rho(y1: float, y0: float) -> float:
    """From which rho on is the group's share no lower? 1 - y1 / y0; nan where it is not lower at rho 0 already.

    >>> round(tipping_rho(0.20, 0.25), 2), tipping_rho(0.25, 0.20)
    (0.2, nan)
    """
    return 1 - y1 / y0 if y1 < y0 else float("nan")


def selection_curve(
    events: float, contacts: float, comparison_events: float, comparison_contacts: float, *,
    rhos: ArrayLike = RHOS, level: float = 0.95,
) -> SelectionCurve:  # fmt: skip
    """How does the difference change as rho grows? Limits: Wilson's of both shares, joined (MOVER).

    Each curve is c1 y1 - c0 y0 with c1, c0 >= 0 (or has y1 clipped to 1), so limits of the shares give limits of it;
    the share of the group among contacts is taken as known.
    Source of the joining: Newcombe, Statistics in Medicine 17 (1998) 873; Zou & Donner, 27 (2008) 1693.

    >>> found = selection_curve(24, 100, 22, 25, rhos=[0.0])
    >>> round(float(found.among_group[0]), 2), round(float(found.lowest[0] - found.highest[0]), 2)
    (-0.64, 0.0)
    """
    rho = np.atleast_1d(np.asarray(rhos, dtype=float))
    shares = proportions([events, comparison_events], [contacts, comparison_contacts], level=level)
    pi = contacts / (contacts + comparison_contacts)
    y1, y0 = (np.array([shares.estimate[k], shares.lower[k], shares.upper[k]]) for k in (0, 1))
    among = effect_among_group(y1[0], y0[0], rho)
    lowest, highest = effect_bounds(y1[0], y0[0], rho, pi)
    of_all = 1 - pi * rho  # what stands before y0 in both bounds
    top = pi * y1[:, None] + (1 - pi) * np.minimum(1.0, y1[:, None] / (1 - rho))  # what stands with y1 in the highest
    return SelectionCurve(
        rho,
        among,
        among - np.hypot(y1[0] - y1[1], (1 - rho) * (y0[2] - y0[0])),
        among + np.hypot(y1[2] - y1[0], (1 - rho) * (y0[0] - y0[1])),
        lowest,
        highest,
        lowest - np.hypot(y1[0] - y1[1], of_all * (y0[2] - y0[0])),
        highest + np.hypot(top[2] - top[0], of_all * (y0[0] - y0[1])),
        level,
    )
