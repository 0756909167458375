"""Together: the tables of a release protected as one, so that none gives away a small count of another, or of an earlier release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log10

import numpy as np

from dueregard.disclose.attack import Attack, assume, attack, needs_of
from dueregard.disclose.build import Joined, shown_limits
from dueregard.disclose.policy import Policy
from dueregard.disclose.revised import joined_that_fits
from dueregard.disclose.suppress import Hideable, figures_to_hide
from dueregard.disclose.witnesses import Witnesses
from dueregard.evidence.protected import ProtectedCell, ProtectedCells, ShownCount
from dueregard.evidence.published import ROLL, Coordinates, Published, coordinates_of, denominator_of, table_of
from dueregard.terms.missing import CellState, is_missing

# What the loss of a figure costs: of the whole, of an area, of a school. A figure that is low says little anyway.
COSTS = {"all": 100.0, "area": 30.0, "school": 3.0}
LOW_COST, MISSING_COST, ROLL_COST = 0.1, 0.5, 2.0
MOST_ROUNDS = 12  # a whole-number attacker may see more than a linear one: then more is asked of the linear one


@dataclass(frozen=True, slots=True)
class Protection:
    """A release after joint protection. hidden: the further figures that had to be hidden, by coordinates; cost: their sum.

    attack: what the attacker finds now. Where it is not safe, hiding alone cannot help: give up detail.
    """

    published: Published
    hidden: tuple[Coordinates, ...]
    cost: float
    attack: Attack


Publish = Callable[[frozenset[Coordinates]], Published]


def protect_together(
    publish: Publish, policy: Policy, *, earlier: Sequence[Published] = (), seconds: float = 60.0,
    witnesses: Witnesses | None = None,
) -> Protection:  # fmt: skip
    """Which further figures must be hidden, at least cost, so that the attacker narrows no small count?

    publish: makes the figures of the release with these counts and denominators hidden, wherever they stand (`hide` does
    it to protected cells, `hidden_count` to one); what is printed beside them is made again. earlier: what the ledger holds,
    which was attacked when it came out. witnesses: as for `attack`.
    Deterministic: the same figures in the same order give the same pattern.
    Raises SolverStopped where the time is over.
    """
    first = publish(frozenset())
    extra: dict[Coordinates, float] = {}
    hidden: frozenset[Coordinates] = frozenset()
    published, cost = first, 0.0
    kept = Witnesses() if witnesses is None else witnesses
    for _ in range(MOST_ROUNDS):
        found = attack(
            [*earlier, published], policy, is_exact=False, with_reasons=False, since=len(earlier), seconds=seconds,
            witnesses=kept,
        )  # fmt: skip
        if found.is_safe:
            break
        for one in found.narrowed:
            extra[one.of] = extra.get(one.of, -1.0) + 1.0
        hidden, cost = _to_hide(first, policy, earlier, extra, seconds)
        published = publish(hidden)
    else:
        found = attack(
            [*earlier, published], policy, is_exact=False, with_reasons=False, since=len(earlier), seconds=seconds,
            witnesses=kept,
        )  # fmt: skip
    return Protection(published, tuple(sorted(hidden)), cost, found)


def as_published(
    cells: Iterable[ProtectedCells], policy: Policy, *, parents: tuple[tuple[str, str, str], ...] = (),
    release: str = "this release",
) -> Published:  # fmt: skip
    """The counts alone, as tables: what is printed beside them follows from them."""
    tables = []
    for number, one in enumerate(cells):
        tables.append(table_of(one, id=f"{number}"))
        if one.strata:
            tables.append(table_of(one, id=f"{number}-strata", of_strata=True))
    return Published(release, "", policy.name, tuple(tables), parents)


def _to_hide(
    published: Published, policy: Policy, earlier: Sequence[Published], extra: dict[Coordinates, float], seconds: float
) -> tuple[frozenset[Coordinates], float]:
    made, before = joined_that_fits([*earlier, published], rule=policy.pooled, seconds=seconds), shown_limits(earlier)
    assume(made, policy)
    _, need = needs_of(made, policy)
    # Only what the attacker has found needs cuts; what hiding then lays bare he finds in the next round.
    wanted = np.zeros(len(need), dtype=bool)
    for name, more in extra.items():
        wanted[made.places[name]] = True
        need[made.places[name]] += more
    figures = list(_hideable(made, before, published, need, policy))
    found = figures_to_hide(made.system, wanted, need, figures, small_to=policy.sensitive_to, seconds=seconds)
    return frozenset(made.system.names[at] for at in found.unknowns), found.cost


def _hideable(
    made: Joined, before: Joined, published: Published, need: np.ndarray, policy: Policy
) -> Iterable[Hideable]:
    """Every figure that this release is the first to show, with what an attacker would still know of it."""
    seen: set[Coordinates] = set()
    for table in published.tables:
        for row in table.rows:
            for name, count in ((row.of, row.n), (row.over, row.denominator)):
                if name is None or count is None or name in seen or not _can_hide(count):
                    continue
                seen.add(name)
                at = made.places[name]
                least, most = _known_before(before, name, count, made)
                if least < made.system.at_least[at] or most > made.system.at_most[at]:
                    need[at] = max(need[at], policy.least_width)
                    yield Hideable(at, least, most, _cost(name, count))


def _can_hide(count: ShownCount) -> bool:
    """A shown number but a zero, or a low one. A zero says what its roll says."""
    return count.state is CellState.LOW or (count.is_shown and count.shown != 0)


def _known_before(before: Joined, name: Coordinates, count: ShownCount, made: Joined) -> tuple[float, float]:
    """The limits that are left when a figure is hidden: what earlier releases said."""
    at = before.places.get(name)
    told = dict(name)
    least = 1.0 if told["stage"] == ROLL else 0.0
    if at is None:
        return least, np.inf
    least, most = max(least, before.system.at_least[at]), before.system.at_most[at]
    is_revised = least > made.system.at_most[made.places[name]] or most < made.system.at_least[made.places[name]]
    return (1.0 if told["stage"] == ROLL else 0.0, np.inf) if is_revised else (least, most)


def _cost(name: Coordinates, count: ShownCount) -> float:
    told = dict(name)
    place = "school" if "school" in told else "area" if "area" in told else "all"
    cost = COSTS[place] * (ROLL_COST if told["stage"] == ROLL else 1.0)
    if any(is_missing(value) for value in told.values()):
        cost *= MISSING_COST
    return cost * (LOW_COST if count.shown is None else 1 + log10(1 + count.shown) / 10)


def hide(cells: ProtectedCells, names: frozenset[Coordinates]) -> ProtectedCells:
    """The same answer with these counts and denominators hidden, wherever they stand in it."""
    if not names:
        return cells
    return replace(
        cells,
        whole=tuple(_hidden(cells, cell, names) for cell in cells.whole),
        strata=tuple(_hidden(cells, cell, names) for cell in cells.strata),
    )


def _hidden(cells: ProtectedCells, cell: ProtectedCell, names: frozenset[Coordinates]) -> ProtectedCell:
    place = (cells.measure, cell.period, cell.stratum, cell.codes)
    n, denominator = cell.n, cell.denominator
    if (of := coordinates_of(*place)) in names:
        n = hidden_count(of)
    if denominator is not None and (over := denominator_of(*place)) in names:
        denominator = hidden_count(over)
    return replace(cell, n=n, denominator=denominator)


def hidden_count(name: Coordinates) -> ShownCount:
    """A count that is hidden for the sake of another; of a roll it stays known that it is not empty."""
    return ShownCount(CellState.HIDDEN_SECOND, None, 1 if dict(name)["stage"] == ROLL else 0, None)
