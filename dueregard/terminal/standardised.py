"""Standardised rates as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.answer import range_of
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.standardised import StandardisedAnswer, StandardisedGroup


def print_standardised(answer: StandardisedAnswer) -> None:
    """A standardised answer: what is estimated, each group's figure, what to bear in mind."""
    print(f"{answer.estimand}\n")
    figures = ["crude", "standardised", "ratio"] if answer.method == "direct" else ["crude", "expected", "ratio"]
    print(table(["group", "n", "denominator", *figures, "not covered", "widened"],
                [_standardised_row(g, is_direct=answer.method == "direct") for g in answer.groups]))  # fmt: skip
    print(f"\nRates are per 1,000. Standard: {answer.standard} ({answer.standard_denominator:,.0f}, {answer.n_strata:,} strata). "
          f"Limits: {answer.interval_method}.")  # fmt: skip
    out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in answer.left_out)
    print(f"{answer.period}: {answer.schools_used:,} schools; left out: {out or 'none'}.")
    for caveat in answer.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {answer.snapshot}, dueregard {answer.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _standardised_row(group: StandardisedGroup, *, is_direct: bool) -> list[str]:
    middle = (
        range_of(group.rate_per_1000, 2) if is_direct else ("-" if group.expected is None else f"{group.expected:.1f}")
    )
    return [
        f"{group.code} {group.label}", f"{group.n:,}", f"{group.denominator:,.0f}",
        "-" if group.crude_per_1000 is None else f"{group.crude_per_1000:.2f}", middle,
        range_of(group.relative_rate if is_direct else group.ratio, 2),
        "-" if group.not_covered_share is None else f"{group.not_covered_share:.1%}",
        "-" if group.widening is None else f"{group.widening:.2f}",
    ]  # fmt: skip
