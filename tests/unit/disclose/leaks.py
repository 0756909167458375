"""Small releases for the attacker: made by hand, as a careless tool would make them."""

from __future__ import annotations

from dueregard.disclose.attack import Attack, attack
from dueregard.disclose.policy import policy_named
from dueregard.evidence.protected import ShownCount, exact
from dueregard.evidence.published import Coordinates, Printed, Published, PublishedTable, Row, roll_under
from dueregard.terms.missing import CellState

PUBLIC = policy_named("public")
YEAR = "2023/24"
HIDDEN = ShownCount(CellState.HIDDEN_FIRST, None, 0, None)
LOW = ShownCount(CellState.LOW, None, 0, 7)


def rounded(n: int) -> ShownCount:
    return ShownCount(CellState.COUNTED, n, max(8, n - 2), n + 2)


def at(stage: str = "contact", unit: str = "involvements", period: str = YEAR, **columns: str) -> Coordinates:
    return tuple(sorted([("stage", stage), ("unit", unit), ("period", period), *columns.items()]))


def row(of: Coordinates, n: int | ShownCount, over: int | ShownCount | None = None, *printed: Printed) -> Row:
    """A row; its denominator is the roll of the same cell."""
    denominator = exact(over) if isinstance(over, int) else over
    of_roll = None if denominator is None else roll_under(of)
    return Row(of, exact(n) if isinstance(n, int) else n, of_roll, denominator, printed)


def release(*tables: PublishedTable, name: str = "r1", **more) -> Published:  # type: ignore[no-untyped-def]
    return Published(name, "s1", "public", tables, **more)


def table(*rows: Row, id: str = "t", adds_up: tuple[str, ...] = ()) -> PublishedTable:
    return PublishedTable(id, rows, adds_up)


def attacked(*releases: Published) -> Attack:
    return attack(releases, PUBLIC)


def found(result: Attack) -> dict[Coordinates, tuple[int, int | None]]:
    """What was given away, and between which limits."""
    return {one.of: (one.at_least, one.at_most) for one in result.narrowed}
