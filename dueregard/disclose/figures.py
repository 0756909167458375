"""Every direct figure of one cell, from protected counts alone."""

from __future__ import annotations

from dueregard.disclose.differences import protected_difference
from dueregard.disclose.estimates import counts_risk, protected_rate, protected_ratio
from dueregard.evidence.protected import ProtectedCell, ProtectedEstimate
from dueregard.measures.measure import Measure


def direct_figures(
    measure: Measure, cell: ProtectedCell, other: ProtectedCell | None
) -> dict[str, ProtectedEstimate | None]:
    """The rate of a cell; beside another cell also their ratio and difference. None where there is no such figure."""
    assert cell.denominator is not None
    as_risk, per = counts_risk(measure), measure.per
    found = {"rate_per_1000": protected_rate(cell.n, cell.denominator, as_risk=as_risk, per=per)}
    if other is not None and other.denominator is not None:
        pair, against = (cell.n, cell.denominator), (other.n, other.denominator)
        found["relative_rate"] = protected_ratio(pair, against, as_risk=as_risk, per=per)
        found["difference_per_1000"] = protected_difference(pair, against, as_risk=as_risk, per=per)
    return found
