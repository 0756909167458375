"""Does one stratum carry a pooled ratio? The ratio again without each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The Mantel-Haenszel ratio without each stratum. ratios: shape (n_strata,); nan where a stratum adds nothing,
    or where nothing is left without it."""

    ratios: Floats

    @property
    def lowest(self) -> float:
        return float(np.nanmin(self.ratios)) if self.is_known else float("nan")

    @property
    def highest(self) -> float:
        return float(np.nanmax(self.ratios)) if self.is_known else float("nan")

    @property
    def is_known(self) -> bool:
        return bool(np.isfinite(self.ratios).any())


def leave_one_out_ratios(
    events: ArrayLike, exposure: ArrayLike, comparison_events: ArrayLike, comparison_exposure: ArrayLike
) -> LeaveOneOut:
    """What is the pooled ratio when any one stratum is left out?

    Arrays: shape (n_strata,). A stratum in which one of the two has no exposure adds nothing to the ratio, so that
    leaving it out is not asked (nan). With no events of the comparison left the ratio is infinite, and nan with none
    of either. Source: the sums of Mantel and Haenszel (Rothman, Greenland & Lash, Modern Epidemiology, 3rd edition
    (2008) p. 274), less one term.

    >>> leave_one_out_ratios([8, 6, 1], [100, 200, 50], [4, 3, 2], [100, 200, 50]).ratios.round(3).tolist()
    [1.4, 1.5, 2.0]
    """
    a, t1, b, t0 = (np.asarray(x, dtype=float) for x in (events, exposure, comparison_events, comparison_exposure))
    is_used = (t1 > 0) & (t0 > 0)
    whole = np.where(is_used, t1 + t0, 1.0)
    r, q = (np.where(is_used, x, 0.0) for x in (a * t0 / whole, b * t1 / whole))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (r.sum() - r) / _without_rounding(q.sum() - q, q)
    return LeaveOneOut(np.where(is_used, ratios, np.nan))


def _without_rounding(left: Floats, taken: Floats) -> Floats:
    """What is left of a sum, where all of it was taken: nothing, not a rounding error."""
    return np.where(left <= 1e-12 * np.maximum(taken, 1e-300), 0.0, left)
