"""Links: which counts are parts of which, over groups, places, time, stages and units. An attacker knows them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from dueregard.disclose.system import OPEN, System
from dueregard.errors import UsageError
from dueregard.evidence.published import ROLL, Coordinates, Published, roll_under
from dueregard.measures.columns import OWN_COLUMNS, PLACES, SPLITS
from dueregard.terms.missing import is_not_known
from dueregard.terms.periods import parse_period
from dueregard.terms.stages import STAGES, stages_around

Unknown = Callable[[Coordinates], int]
Parents = dict[tuple[str, str], dict[str, str]]  # (column, column above) -> value -> the value that it is a part of
# Columns of a row below the involvement: one involvement may have several values of them.
BELOW = frozenset(name for name, table in OWN_COLUMNS.items() if table not in ("contact", "involvement"))
UNITS = ("pupils", "involvements", "events")  # each at most the next
LADDER = frozenset(stage.code for stage in STAGES if stage.ladder == "escalation")
SCHOOL, SCHOOLS = "school", "schools"
OF_SCHOOLS = tuple(
    name for name, column in SPLITS.items() if column.place
)  # a school lies in one area, and has one phase
PER_PERIOD = ("pupils_on_roll",)  # a roll is a state: those of three terms are no sum


def without(name: Coordinates, *columns: str) -> Coordinates:
    """The same count, not split by these columns."""
    return tuple(pair for pair in name if pair[0] not in columns)


def with_value(name: Coordinates, column: str, value: str) -> Coordinates:
    """The same count, of one value of a column."""
    return tuple(sorted([*without(name, column), (column, value)]))


def is_sum(name: Coordinates, column: str) -> bool:
    """Is the whole exactly the sum over the values of a column? Of pupils only over what each has one value of.

    A pupil may be counted at two schools, in two areas; those of one school are all in its own.
    """
    told = dict(name)
    if column in OF_SCHOOLS and SCHOOL in told:
        return True
    if told["stage"] == ROLL or told["unit"] == "events":
        return True
    if told["unit"] == "involvements":
        return column not in BELOW
    return column not in OWN_COLUMNS and column not in PLACES and column not in OF_SCHOOLS


def link_groups(system: System, unknown: Unknown, published: Published) -> None:
    """Groups and places: the values of each column that adds up, summed up to the whole, over the levels between."""
    parents = _parents([published])
    for table in published.tables:
        names = [(row.of, row.of) for row in table.rows]
        names += [(row.over, row.of) for row in table.rows if row.over is not None]
        for column in table.adds_up:
            families: dict[Coordinates, list[Coordinates]] = defaultdict(list)
            for name, of in dict.fromkeys(names):
                if column in dict(name) and not (column == SCHOOL and published.school_sets):
                    families[_summed(name, of, column)].append(name)
            for whole, parts in families.items():
                _add_up(system, unknown, whole, parts, column, parents, table.id)


def _parents(releases: Iterable[Published]) -> Parents:
    """What each value is a part of, in each column that stands above it."""
    found: Parents = defaultdict(dict)
    for published in releases:
        for column, value, parent in published.parents:
            above, of = parent.split("=", 1) if "=" in parent else (column, parent)
            found[column, above][value] = of
    return found


def _summed(name: Coordinates, of: Coordinates, column: str) -> Coordinates:
    """The whole over a column: of rolls over schools, the roll of the schools that enter this stage."""
    if dict(name)["stage"] == ROLL and column == "school":
        return with_value(without(name, column), "for", dict(of)["stage"])
    return without(name, column)


def _add_up(
    system: System, unknown: Unknown, whole: Coordinates, parts: list[Coordinates], column: str, parents: Parents, table: str
) -> None:  # fmt: skip
    """The parts of one whole; where parents stand between, the parts add up to them, and the parents to the whole.

    Also where the whole is not shown and the parts are no sum of it: another split may say how great it is.
    """
    is_exact = is_sum(whole, column)
    for above in [above for of, above in parents if of == column] or [column]:
        between: dict[Coordinates, list[Coordinates]] = defaultdict(list)
        alone: list[Coordinates] = []
        for part in parts:
            parent = parents.get((column, above), {}).get(dict(part)[column])
            (alone if parent is None else between[with_value(whole, above, parent)]).append(part)
        for parent_name, children in between.items():
            _part_whole(system, unknown, parent_name, children, is_exact, f"{table}: {column}")
        level = [*between, *alone]
        if whole not in level:
            _part_whole(system, unknown, whole, level, is_exact, f"{table}: all of {column}")


def _part_whole(system: System, unknown: Unknown, whole: Coordinates, parts: list[Coordinates], is_exact: bool, why: str, *, is_assumed: bool = False) -> None:  # fmt: skip
    """A sum where parts do not overlap; else the whole is at most the sum, and at least each part."""
    total, indexes = unknown(whole), [unknown(part) for part in parts]
    if is_exact:
        system.add_sum(total, indexes, why, is_assumed=is_assumed)
        return
    system.add_line([(total, 1.0), *((i, -1.0) for i in indexes)], -OPEN, 0.0, why, is_assumed=is_assumed)
    for index in indexes:
        system.add_at_most(index, total, why, is_assumed=is_assumed)


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
                # More schools may have returned a term than the year: of one school it is certain, else assumed.
                is_assumed = not {SCHOOL, SCHOOLS} & {column for column, _ in rest}
                whole = with_value(rest, "period", period)
                _part_whole(system, unknown, whole, pieces, is_exact, f"{period} in parts", is_assumed=is_assumed)


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
    """Units and stages: pupils are at most involvements, these at most events; a stage at most the contacts, and the
    stage of which it is a part; pupils at most their roll.

    Assumed: pupils move, and schools differ in what they return, so that it may be untrue of a cell.
    """
    known = set(names)
    for name in sorted(known):
        for more, why in _above(name):
            if more in known:
                system.add_at_most(unknown(name), unknown(more), why, is_assumed=True)


def _above(name: Coordinates) -> Iterator[tuple[Coordinates, str]]:
    """Counts that are not below this one."""
    told = dict(name)
    if told["stage"] == ROLL or told["unit"] not in UNITS:
        return
    for more in UNITS[UNITS.index(told["unit"]) + 1 :]:
        yield with_value(name, "unit", more), "units"
    if told["stage"] in LADDER and told["stage"] != "contact" and told["unit"] != "events":
        yield with_value(name, "stage", "contact"), "stages"
    for whole in stages_around(told["stage"]):
        yield with_value(name, "stage", whole), "part of its stage"
    if told["unit"] == "pupils" and has_roll(name):
        yield roll_under(name), "no more pupils than on roll"


def has_roll(name: Coordinates) -> bool:
    """Does a roll limit this count? Pupils whose group is not known to the police are on roll under another."""
    return not any(is_not_known(value) for _, value in name)


def link_schools(system: System, unknown: Unknown, releases: Iterable[Published], names: Iterable[Coordinates]) -> None:
    """Schools: a count over a set of schools is put together from theirs. Two sets that differ by one school speak of it.

    Only where a school is told by itself, or two sets are: else the parts say nothing.
    """
    sets = {name: schools for published in releases for name, schools in published.school_sets}
    parents = _parents(releases)
    whole, told = defaultdict(list), set()
    for name in names:
        column = dict(name)
        if SCHOOLS in column:
            whole[without(name, SCHOOLS, *OF_SCHOOLS)].append(name)
        if SCHOOL in column:
            told.add(without(name, SCHOOL))
    for rest, wholes in whole.items():
        if rest in told or len({dict(name)[SCHOOLS] for name in wholes}) > 1:
            for name in wholes:
                parts = [with_value(rest, SCHOOL, urn) for urn in _schools_of(name, sets, parents)]
                if parts:
                    _part_whole(system, unknown, name, parts, is_sum(name, SCHOOL), "its schools")


def _schools_of(name: Coordinates, sets: dict[str, tuple[str, ...]], parents: Parents) -> list[str]:
    """The schools behind a count over schools; of an area or a phase, those that are of it."""
    column = dict(name)
    schools = list(sets.get(column[SCHOOLS], ()))
    for above in OF_SCHOOLS:
        if above in column:
            schools = [urn for urn in schools if parents.get((SCHOOL, above), {}).get(urn) == column[above]]
    return schools
