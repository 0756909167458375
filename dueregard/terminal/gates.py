"""Gates as sentences and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.evidence.gates import share_per_1000
from dueregard.terminal.answer import range_of, strata_words
from dueregard.terminal.selection import print_selection
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.estimate import GroupAnswer
    from dueregard.evidence.gates import Act, GateFigure, GatesAnswer


def print_gates(found: GatesAnswer) -> None:
    """Each gate, crude and within the same act; then contacts and the schools' sanctions side by side."""
    print(f"{found.period}: which way does each group go where somebody decides?\n\n{found.sentence}")
    for figure in found.figures:
        print(f"\n{figure.title}\n{figure.question}")
        if figure.answer is None:
            print(f"Cannot be told: {figure.why_not}")
        else:
            _print_gate(figure, found.caveats)
    _print_acts(found)
    print()
    for caveat in found.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {found.snapshot}, dueregard {found.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _print_gate(figure: GateFigure, said: tuple[str, ...]) -> None:
    answer = figure.answer
    assert answer is not None
    header = ["group", "n", "of", "per 1,000", "crude ratio", "same behaviour and harm"]
    print(table(header, [_row(group) for group in answer.groups]))
    print(figure.words)
    for group in answer.groups:
        if group.within_relative_rate and group.within_relative_rate.is_estimable:
            print(f"  {group.label}: {strata_words(group)}")
    if answer.selection is not None:
        print_selection(answer.selection, is_trend=False)
    for caveat in answer.caveats:
        if caveat not in said:
            print(f"- {caveat}")


def _row(group: GroupAnswer) -> list[str]:
    over = "-" if group.denominator is None else f"{group.denominator:,.0f}"
    return [f"{group.code} {group.label}", f"{group.n:,}", over, range_of(share_per_1000(group.rate_per_1000), 0),
            range_of(group.relative_rate, 2), range_of(group.within_relative_rate, 2)]  # fmt: skip


def _print_acts(found: GatesAnswer) -> None:
    print("\nContacts with an officer, and the school's own sanctions, per 1,000 pupils on roll, for the same act:")
    if not found.acts:
        print(f"Cannot be told: {found.why_no_acts}")
        return
    header = ["behaviour", "group", "contacts", "per 1,000", "ratio", "sanctions", "per 1,000", "ratio"]
    print(table(header, [row for act in found.acts for row in _act_rows(act)]))


def _act_rows(act: Act) -> list[list[str]]:
    return [
        [act.label if at == 0 else "", group.label, f"{group.n_contacts:,}", range_of(group.contact_rate, 2),
         range_of(group.contact_ratio, 2), f"{group.n_sanctions:,}", range_of(group.sanction_rate, 1), range_of(group.sanction_ratio, 2)]
        for at, group in enumerate(act.groups)
    ]  # fmt: skip
