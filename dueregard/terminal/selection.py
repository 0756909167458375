"""What a figure over contacts would be if some contacts had not happened, as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.selection import AtRho, GroupSelection, Selection

SHOWN = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # of the curve; all of it stands in --json


def print_selection(found: Selection, *, is_trend: bool) -> None:
    """The curve of each group, where it tips, and what it rests on."""
    print(f"\n{found.sentence}")
    print("Difference per 1,000 if that share of the group would not have been met in the comparison group: among the group's own\n"
          "contacts, and (between bounds, with chance) among all contacts of the two:\n")  # fmt: skip
    header = [*(["period"] if is_trend else []), "group", *(f"{rho:.0%}" for rho in SHOWN)]
    print(table(header, [_row(group, is_trend) for group in found.groups]))
    print()
    for group in found.groups:
        print(f"{group.words}" if not is_trend else f"{group.period}: {group.words}")
    if found.not_told:
        print(f"Not told for {', '.join(found.not_told)}: nobody was met, or more is counted than contacts.")
    print("It rests on: " + " ".join(f"{name} ({words[0].lower()}{words[1:-1]});" for name, words in found.assumptions)[:-1] + ".")  # fmt: skip


def _row(group: GroupSelection, is_trend: bool) -> list[str]:
    at = {round(point.rho, 2): point for point in group.curve}
    return [*([group.period] if is_trend else []), f"{group.code} {group.label}", *(_point(at[rho]) for rho in SHOWN)]


def _point(at: AtRho) -> str:
    return f"{at.among_group:+.0f} ({at.lower:+.0f} to {at.upper:+.0f})"
