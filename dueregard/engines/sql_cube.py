"""A cube by portable SQL: leaf cells are counted by the database, and added up outside it, where there are few.

Pupils are distinct in each cell. One who stands in a single leaf is counted by the database; only of the others do
numbers come out, and they are few, because a pupil has one value of each characteristic. Who came once in the
whole snapshot is counted with the leaf and never listed. Characteristics go through the database as one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dueregard.engines.plan import Plan, check_cubed, plan
from dueregard.engines.sql import ONE_VALUE, UNIDENTIFIED
from dueregard.engines.sql_events import beside_contact
from dueregard.evidence.cube import Cube, CubeCell, Key, added_up, cells_of, distinct
from dueregard.measures.measure import Measure

Leaf = tuple[Key, int]
OfRoll = tuple[object, ...]  # what two questions share that have the same roll
Counted = tuple[list[Leaf], list[Leaf], list[tuple[int, Key]]]
ONCE = -1  # stands for all pupils of a leaf who have no other contact

if TYPE_CHECKING:
    from dueregard.engines.sql_engine import SqlEngine


@dataclass(frozen=True, slots=True)
class Leaves:
    """What the rows of one table are grouped by, and how the groups are named when they have been counted.

    is_numbered: characteristics stand in the rows as `group_no`.
    """

    names: tuple[str, ...]
    is_numbered: bool

    @property
    def keys(self) -> tuple[str, ...]:
        if not self.is_numbered:
            return ("period", *self.names)
        return ("period", "group_no", *(name for name in self.names if name not in ONE_VALUE))

    @property
    def who(self) -> str:
        return f"CASE WHEN is_alone = 1 THEN {ONCE} ELSE pupil_no END" if self.is_numbered else "pupil_no"

    def named(self, counted: str, columns: str) -> str:
        """Rows by key as rows by period and name. counted: a query; columns: what else it gives."""
        if not self.is_numbered:
            return f"SELECT {', '.join(('period', *self.names))}, {columns} FROM ({counted}) AS c"
        names = ", ".join(f"{'g' if name in ONE_VALUE else 'c'}.{name}" for name in self.names)
        return f"SELECT c.period, {names}, {columns} FROM ({counted}) AS c JOIN group_number AS g ON g.group_no = c.group_no"


def cube_of(engine: SqlEngine, measure: Measure, stages: tuple[str, ...]) -> Cube:
    """The cube of several stages: a period's roll is read once, and each table of events once."""
    plans = [_planned(engine, replace(measure, stage=stage)) for stage in stages]
    alike: dict[tuple[object, ...], list[int]] = {}
    placed: dict[OfRoll, tuple[str, str]] = {}
    of_plans: list[list[tuple[str, OfRoll]]] = [[] for _ in plans]
    for n, planned in enumerate(plans):
        for period in planned.periods:
            of_roll = (*engine.told_of(planned, period), planned.roll)
            if of_roll not in placed:
                placed[of_roll] = engine.placed_roll(planned, period)
            of_plans[n].append((period.name, of_roll))
            table = planned.stage.table if beside_contact(planned.stage) else planned.stage
            alike.setdefault((table, planned.stage.categories, placed[of_roll][1], period), []).append(n)
    on_roll = _on_rolls(engine, measure, {of_roll: roll for of_roll, (roll, _) in placed.items()})
    over = [[((period, *key), n) for period, of_roll in of_one for key, n in on_roll[of_roll]] for of_one in of_plans]
    counted: list[Counted] = [([], [], []) for _ in plans]
    for is_numbered in (True, False):
        shared = {key: which for key, which in alike.items() if beside_contact(plans[which[0]].stage) is is_numbered}
        if shared:
            leaf = Leaves(measure.columns, is_numbered)
            rows = [_rows(engine, plans, which, leaf, *key[2:]) for key, which in shared.items()]
            for n, found in _counted(engine, rows, leaf, sorted({n for which in shared.values() for n in which})):
                counted[n] = found
    cells: list[CubeCell] = []
    for stage, leaves, (happened, once, more) in zip(stages, over, counted, strict=True):
        cells += cells_of(stage, added_up(leaves), added_up(happened), distinct(once, more))
    periods = dict.fromkeys(period.name for planned in plans for period in planned.periods)
    return Cube(measure, tuple(periods), tuple(sorted(cells)))


def _planned(engine: SqlEngine, measure: Measure) -> Plan:
    planned = plan(measure, engine.facts())
    check_cubed(planned)
    return planned


def _on_rolls(engine: SqlEngine, measure: Measure, rolls: dict[OfRoll, str]) -> dict[OfRoll, list[Leaf]]:
    """Each roll as leaves. All are read by one query, so that no processor waits for the others' roll."""
    names = ", ".join(measure.columns)
    texts = (
        f"SELECT {n} AS which, {names}, CAST(SUM(n) AS BIGINT) FROM ({roll}) AS t GROUP BY {names}"
        for n, roll in enumerate(rolls.values())
    )
    found: list[list[Leaf]] = [[] for _ in rolls]
    for which, *codes, n in engine.rows(" UNION ALL ".join(texts)):
        found[which].append((_key(codes), n))
    return dict(zip(rolls, found, strict=True))


def _rows(engine: SqlEngine, plans: list[Plan], which: list[int], leaf: Leaves, schools: Any, period: Any) -> str:
    """Rows that reach the stages `which`, in the schools that enter: leaf, pupil, events of each stage (n0, n1, ...)."""
    reached = engine.reached_at_once([plans[n] for n in which], [f"n{n}" for n in which], period, schools)
    numbers = ", ".join(f"n{n}" if n in which else f"0 AS n{n}" for n in range(len(plans)))
    keys = ", ".join(leaf.keys[1:])
    return f"SELECT '{period.name}' AS period, {keys}, {leaf.who} AS pupil_no, {numbers} FROM ({reached}) AS t"


def _counted(engine: SqlEngine, rows: list[str], leaf: Leaves, stages: list[int]) -> list[tuple[int, Counted]]:
    """Of each stage: events of each leaf; pupils who stand in that leaf alone; (pupil, leaf) of all others."""
    keys, named = ", ".join(leaf.keys), ", ".join(f"e.{key}" for key in leaf.keys)
    sums = ", ".join(f"CAST(SUM(n{n}) AS BIGINT) AS n{n}" for n in stages)
    each = engine.make(
        "cube_pupil",
        f"SELECT {keys}, pupil_no, {sums} FROM ({' UNION ALL '.join(rows)}) AS r GROUP BY {keys}, pupil_no",
    )
    n_leaves = ", ".join(f"COUNT(CASE WHEN n{n} > 0 THEN 1 END) AS l{n}" for n in stages)
    known = (
        f"{each} AS e JOIN (SELECT pupil_no, {n_leaves} FROM {each} WHERE pupil_no <> {UNIDENTIFIED} GROUP BY pupil_no) AS l "
        "ON l.pupil_no = e.pupil_no"
    )
    alone = ", ".join(
        f"CAST(SUM(CASE WHEN e.pupil_no = {ONCE} THEN n{n} WHEN n{n} > 0 AND l{n} = 1 THEN 1 ELSE 0 END) AS BIGINT) AS a{n}"
        for n in stages
    )
    of_more = [f"e.pupil_no <> {ONCE} AND n{n} > 0 AND l{n} > 1" for n in stages]
    more = ", ".join(f"CASE WHEN {told} THEN 1 ELSE 0 END AS m{n}" for n, told in zip(stages, of_more, strict=True))
    happened_sql = f"SELECT {keys}, {sums} FROM {each} AS x GROUP BY {keys}"
    once_sql = f"SELECT {named}, {alone} FROM {known} GROUP BY {named}"
    more_sql = f"SELECT {named}, {more}, e.pupil_no AS pupil_no FROM {known} WHERE {' OR '.join(f'({one})' for one in of_more)}"
    happened, once, others = (
        engine.rows(leaf.named(text, ", ".join(f"c.{letter}{n}" for n in stages) + tail))
        for text, letter, tail in ((happened_sql, "n", ""), (once_sql, "a", ""), (more_sql, "m", ", c.pupil_no"))
    )
    width = 1 + len(leaf.names)
    return [
        (
            n,
            (
                [(_key(row[:width]), row[width + at]) for row in happened if row[width + at]],
                [(_key(row[:width]), row[width + at]) for row in once if row[width + at]],
                [(row[-1], _key(row[:width])) for row in others if row[width + at]],
            ),
        )
        for at, n in enumerate(stages)
    ]


def _key(values: Sequence[Any]) -> Key:
    return tuple(map(str, values))
