"""Links: which counts are parts of which, over groups, places, time, stages and units. An attacker knows them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise

from dueregard.disclose.system import System
from dueregard.errors import UsageError
from dueregard.evidence.published import ROLL, Coordinates, Published
from dueregard.measures.columns import OWN_COLUMNS, PLACES
from dueregard.terms.periods import parse_period
from dueregard.terms.stages import STAGES

Unknown = Callable[[Coordinates], int]
# Columns of a row below the involvement: one involvement may have several values of them.
BELOW = frozenset(name for name, table in OWN_COLUMNS.items() if table not in ("contact", "involvement"))
UNITS = ("pupils", "involvements", "events")  # each at most the next
LADDER = frozenset(stage.code for stage in STAGES if stage.ladder == "escalation")
PER_PERIOD = ("pupils_on_roll",)  # a roll is a state: those of three terms are no sum


def without(name: Coordinates, *columns: str) -> Coordinates:
    """The same count, not split by these columns."""
    return tuple(pair for pair in name if pair[0] not in columns)


def with_value(name: Coordinates, column: str, value: str) -> Coordinates:
    """The same count, of one value of a column."""
    return tuple(sorted([*without(name, column), (column, value)]))


def is_sum(name: Coordinates, column: str) -> bool:
    """Is the whole exactly the sum over the values of a column? Of pupils only over what each has one value of."""
    told = dict(name)
    if told["stage"] == ROLL or told["unit"] == "events":
        return True
    if told["unit"] == "involvements":
        return column not in BELOW
    return column not in OWN_COLUMNS and column not in PLACES and column != "phase"


def link_groups(system: System, unknown: Unknown, published: Published) -> None:
    """Groups and places: the values of each column that adds up, summed up to the whole, over the levels between."""
    parents = {(column, value): parent for column, value, parent in published.parents}
    for table in published.tables:
        names = [row.of for row in table.rows] + [row.over for row in table.rows if row.over is not None]
        for column in table.adds_up:
            families: dict[Coordinates, list[Coordinates]] = defaultdict(list)
            for name in dict.fromkeys(names):
                if column in dict(name):
                    families[without(name, column)].append(name)
            for whole, parts in families.items():
                _add_up(system, unknown, whole, parts, column, parents, table.id)


def _add_up(
    system: System, unknown: Unknown, whole: Coordinates, parts: list[Coordinates], column: str,
    parents: dict[tuple[str, str], str], table: str,
) -> None:  # fmt: skip
    """The parts of one whole; where a parent stands between, the parts add up to it, and the parents to the whole."""
    between: dict[Coordinates, list[Coordinates]] = defaultdict(list)
    alone: list[Coordinates] = []
    for part in parts:
        parent = parents.get((column, dict(part)[column]), "")
        if not parent:
            alone.append(part)
            continue
        other, value = parent.split("=", 1) if "=" in parent else (column, parent)
        between[with_value(whole, other, value)].append(part)
    for parent_name, children in between.items():
        _part_whole(system, unknown, parent_name, children, is_sum(whole, column), f"{table}: {column}")
    level = [*between, *alone]
    if level and whole not in level:
        _part_whole(system, unknown, whole, level, is_sum(whole, column), f"{table}: all of {column}")


def _part_whole(system: System, unknown: Unknown, whole: Coordinates, parts: list[Coordinates], is_exact: bool, why: str) -> None:  # fmt: skip
    """A sum where parts do not overlap; else the whole is at most the sum, and at least each part."""
    total, indexes = unknown(whole), [unknown(part) for part in parts]
    if is_exact:
        system.add_sum(total, indexes, why)
        return
    system.add_line([(total, 1.0), *((i, -1.0) for i in indexes)], -float("inf"), 0.0, why)
    for index in indexes:
        system.add_at_most(index, total, why)


def link_periods(system: System, unknown: Unknown, names: Iterable[Coordinates]) -> None:
    """Time: every period is cut at the ends of all others, and is the sum of its pieces. So cumulative series, terms,
    academic and financial years speak of each other."""
    same: dict[Coordinates, set[str]] = defaultdict(set)
    for name in names:
        told = dict(name)
        if "period" in told and not (told["stage"] == ROLL and told["unit"] in PER_PERIOD):
            same[without(name, "period")].add(told["period"])
    for rest, periods in same.items():
        days = {period: found for period in periods if (found := _days(period))}
        cuts = sorted({day for ends in days.values() for day in ends})
        for period, (first, after) in days.items():
            inside = [cut for cut in cuts if first <= cut <= after]
            if len(inside) > 2:
                pieces = [_piece(rest, a, b, days) for a, b in pairwise(inside)]
                is_exact = dict(rest)["unit"] != "pupils"  # the same pupil may come in two terms
                _part_whole(system, unknown, with_value(rest, "period", period), pieces, is_exact, f"{period} in parts")


def _days(period: str):  # type: ignore[no-untyped-def]
    """The first day, and the first day after. None: the name is no period that we can read."""
    try:
        found = parse_period(period)
    except UsageError:
        return None
    return found.from_on, found.to_on + timedelta(days=1)


def _piece(rest: Coordinates, first, after, days) -> Coordinates:  # type: ignore[no-untyped-def]
    """A stretch of time: the published period that it is, else one that only the attacker names."""
    for period, ends in days.items():
        if ends == (first, after):
            return with_value(rest, "period", period)
    return with_value(rest, "period", f"{first.isoformat()} to {after.isoformat()}")


def link_stages(system: System, unknown: Unknown, names: Iterable[Coordinates]) -> None:
    """Units and stages: pupils are at most involvements, these at most events; a stage at most the contacts."""
    known = set(names)
    for name in sorted(known):
        told = dict(name)
        if told["stage"] == ROLL or told["unit"] not in UNITS:
            continue
        for more in UNITS[UNITS.index(told["unit"]) + 1 :]:
            if (other := with_value(name, "unit", more)) in known:
                system.add_at_most(unknown(name), unknown(other), "units")
        if told["stage"] in LADDER and told["unit"] != "events":
            contacts = with_value(name, "stage", "contact")
            if contacts in known:
                system.add_at_most(unknown(name), unknown(contacts), "stages")
        if told["unit"] == "pupils":
            roll = with_value(with_value(name, "stage", ROLL), "unit", "pupils_on_roll")
            if roll in known:
                system.add_at_most(unknown(name), unknown(roll), "no more pupils than on roll")
