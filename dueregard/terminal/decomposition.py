"""A decomposition as sentences and two tables: the ladder of both groups, and the factors of the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.answer import range_of
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.decomposition import Decomposition, Factor
    from dueregard.evidence.estimate import Estimate


def print_decomposition(found: Decomposition) -> None:
    """What is taken apart, what comes first, each step and each part, what to bear in mind."""
    print(f"{found.estimand}\n\n{found.sentence}\n")
    names = (found.group_label, found.comparison_label)
    print(table(["step", *(f"{name}: n" for name in names), *(f"{name}: per 1,000" for name in names)],
                [[s.label, f"{s.n:,}", f"{s.comparison_n:,}", f"{s.rate_per_1000:.2f}", f"{s.comparison_rate_per_1000:.2f}"]
                 for s in found.steps]))  # fmt: skip
    print()
    beside = [f"({other.method.partition(',')[0].partition(' ')[0]})" for other in found.factors[0].beside]
    print(table(["factor", "ratio", *beside, "share", "per 1,000", "what it says"],
                [*(_row(factor) for factor in found.factors), _total(found, len(beside))]))  # fmt: skip
    print(f"\n{found.caption}")
    print(f"Ranges: {found.total_ratio.method}. {found.why_method}")
    out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in found.left_out)
    print(f"{found.period}: {found.schools_used:,} schools; left out: {out or 'none'}.")
    for caveat in found.caveats[1:]:  # the caption stands above
        print(f"- {caveat}")
    print(
        f"Snapshot {found.snapshot}, dueregard {found.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _row(factor: Factor) -> list[str]:
    share = "-" if factor.log_share is None else f"{factor.log_share:.1%}"
    beside = [_range(other) for other in factor.beside]
    return [factor.name, range_of(factor.ratio, 2), *beside, share, _signed(factor.per_1000), factor.label]


def _total(found: Decomposition, n_beside: int) -> list[str]:
    share = "-" if found.why_no_shares else "100.0%"
    return ["total", range_of(found.total_ratio, 2), *[""] * n_beside, share, _signed(found.total_per_1000), ""]


def _range(found: Estimate) -> str:
    return range_of(found, 2).partition(" ")[2] if found.is_estimable else "not estimable"


def _signed(found: Estimate) -> str:
    """A difference, which may be below 0: its ends are not those of a ratio."""
    if not found.is_estimable:
        return "not estimable"
    return f"{found.estimate:+.2f} ({found.lower:+.2f} to {found.upper:+.2f})"
