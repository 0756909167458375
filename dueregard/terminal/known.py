"""How much is known of each column, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.cells import Known


def print_known(known: tuple[Known, ...]) -> None:
    """How much of each characteristic is known, over all groups and in the group where least is. Nothing for no rows."""
    places: dict[tuple[str, str], dict[str, list[int]]] = {}
    for k in known:
        counts = places.setdefault((k.table, k.column), {}).setdefault(k.group, [0, 0])
        counts[0] += k.n if k.state == "known" else 0
        counts[1] += k.n
    rows = []
    for (where, column), groups in places.items():
        whole = sum(c[0] for c in groups.values()) / sum(c[1] for c in groups.values())
        if whole < 1:
            rows.append([f"{where}: {column}", f"{whole:.1%}", _least_known(column, groups, whole)])
    if rows:
        print("\nWhat is missing, in accepted rows:")
        print(table(["column", "known", "least known in"], rows))


def _least_known(column: str, groups: dict[str, list[int]], whole: float) -> str:
    """The group in which least is known; of ethnicity itself there is none, and a missing group is no group."""
    from dueregard.terms.missing import is_missing

    shares = {group: n / of for group, (n, of) in groups.items() if not is_missing(group)}
    if "ethnicity" in column or not shares:
        return "-"
    least = min(shares, key=lambda group: shares[group])
    return f"{shares[least]:.1%} ({least})" if shares[least] < whole else "all alike"
