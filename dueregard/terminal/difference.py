"""What changed from one snapshot to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.difference import Difference, FigureChange, TableChange


MOST_SHOWN = 20  # of schools and figures; `--json` has all


def print_difference(found: Difference) -> None:
    """What changed between two snapshots: counts, and the figures that move most."""
    print(f"Before: {found.before}\nAfter:  {found.after}\n\n{found.sentence}")
    for change in found.definitions:
        before, after = (x if x is not None else "not there" for x in (change.before, change.after))
        print(f"- {change.what} {change.name}: {before} -> {after}")
    if found.tables:
        print()
        print(table(["table", "rows before", "after", "added", "removed", "changed", "what"],
                    [_table_row(change) for change in found.tables]))  # fmt: skip
        _print_schools(found.tables)
    _print_figures(found)
    print()
    for caveat in found.caveats:
        print(f"- {caveat}")
    print(f"Counted by dueregard {found.code_version}.")


def _table_row(change: TableChange) -> list[str]:
    what = ["new table" if change.is_new else "table gone" if change.is_gone else ""]
    what += [", ".join(f"{column} {n:,}" for column, n in change.columns)]
    what += [f"columns that appeared: {', '.join(change.appeared)}" if change.appeared else ""]
    what += [f"columns gone: {', '.join(change.disappeared)}" if change.disappeared else ""]
    counts = (change.rows_before, change.rows_after, change.added, change.removed, change.changed)
    return [change.table, *(f"{n:,}" for n in counts), "; ".join(x for x in what if x)]


def _print_schools(tables: tuple[TableChange, ...]) -> None:
    found = [(change.table, school) for change in tables for school in change.schools]
    if not found:
        return
    found.sort(key=lambda pair: -(pair[1].added + pair[1].removed + pair[1].changed))
    rows = [[name, school.urn or "no school", f"{school.added:,}", f"{school.removed:,}", f"{school.changed:,}"]
            for name, school in found[:MOST_SHOWN]]  # fmt: skip
    print(f"\nBy school{_of_them(len(found))}:")
    print(table(["table", "school", "added", "removed", "changed"], rows))


def _print_figures(found: Difference) -> None:
    if not found.n_figures:
        return
    if not found.figures:
        print(f"\nNone of {found.n_figures:,} figures moves.")
        return
    print(f"\n{len(found.figures):,} of {found.n_figures:,} figures differ{_of_them(len(found.figures))}:")
    print(table(["figure", "n", "denominator", "per 1,000", "difference", "relative rate"],
                [_figure_row(change) for change in found.figures[:MOST_SHOWN]]))  # fmt: skip


def _of_them(n: int) -> str:
    return f", the {MOST_SHOWN} largest (`--json` has all)" if n > MOST_SHOWN else ""


def _figure_row(change: FigureChange) -> list[str]:
    name = f"{change.period} {change.stage} by {change.split}: {change.label}"
    moved = change.rate_difference_per_1000
    return [
        name, _then(change, "n", ",d"), _then(change, "denominator", ",.0f"), _then(change, "rate_per_1000", ".2f"),
        f"{moved:+.2f}" if moved is not None else f"{'appears' if change.before is None else 'vanishes'} ({change.why})"
        if change.why else "-", _then(change, "relative_rate", ".2f"),
    ]  # fmt: skip


def _then(change: FigureChange, name: str, form: str) -> str:
    """The number before and after; one where it did not move."""
    values = [None if side is None else getattr(side, name) for side in (change.before, change.after)]
    told = ["-" if value is None else format(value, form) for value in values]
    return told[0] if values[0] == values[1] else " -> ".join(told)
