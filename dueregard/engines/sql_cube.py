"""A cube by portable SQL: leaf cells are counted by the database, and added up outside it, where there are few.

Pupils are distinct in each cell. The database counts those who stand in one leaf or in two, by these leaves; only of the
others do numbers come out, and they are few, because a pupil has one value of each characteristic. Who came once in the
whole snapshot is counted with the leaf and never listed. Characteristics go through the database as one number, and so do
leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dueregard.engines.plan import Plan, check_cubed, plan
from dueregard.engines.sql import ONE_VALUE, UNIDENTIFIED
from dueregard.engines.sql_events import beside_contact
from dueregard.evidence.cube import Cube, CubeCell, Key, Pattern, added_up, cells_of, distinct, patterns_of
from dueregard.measures.measure import Measure

Leaf = tuple[Key, int]
OfRoll = tuple[object, ...]  # what two questions share that have the same roll
Counted = tuple[list[Leaf], list[Pattern]]  # events of each leaf; pupils of each pattern of leaves
TOLD_BY_ENDS = 2  # leaves of a pupil that the first and the last of them tell
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
            return ("period_no", *self.names)
        return ("period_no", "group_no", *(name for name in self.names if name not in ONE_VALUE))

    @property
    def who(self) -> str:
        return f"CASE WHEN is_alone = 1 THEN {ONCE} ELSE pupil_no END" if self.is_numbered else "pupil_no"

    def named(self, table: str) -> str:
        """The leaves of a table by their numbers: the period's number, and the name of each column."""
        if not self.is_numbered:
            return f"SELECT leaf_no, {', '.join(('period_no', *self.names))} FROM {table} AS c"
        names = ", ".join(f"{'g' if name in ONE_VALUE else 'c'}.{name}" for name in self.names)
        return f"SELECT c.leaf_no, c.period_no, {names} FROM {table} AS c JOIN group_number AS g ON g.group_no = c.group_no"


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
    counted: dict[int, Counted] = {}
    periods = tuple(dict.fromkeys(period.name for planned in plans for period in planned.periods))
    for is_numbered in (True, False):
        shared = {key: which for key, which in alike.items() if beside_contact(plans[which[0]].stage) is is_numbered}
        if shared:
            leaf = Leaves(measure.columns, is_numbered)
            rows = [_rows(engine, plans, which, leaf, periods, *key[2:]) for key, which in shared.items()]
            counted |= _counted(engine, rows, leaf, periods, sorted({n for which in shared.values() for n in which}))
    cells: list[CubeCell] = []
    for n, (stage, leaves) in enumerate(zip(stages, over, strict=True)):
        happened, patterns = counted.get(n, ([], []))
        cells += cells_of(stage, added_up(leaves), added_up(happened), distinct(patterns))
    return Cube(measure, periods, tuple(sorted(cells)))


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


def _rows(
    engine: SqlEngine, plans: list[Plan], which: list[int], leaf: Leaves, periods: Key, schools: Any, period: Any
) -> str:
    """Rows that reach the stages `which`, in the schools that enter: leaf, pupil, events of each stage (n0, n1, ...)."""
    reached = engine.reached_at_once([plans[n] for n in which], [f"n{n}" for n in which], period, schools)
    numbers = ", ".join(f"n{n}" if n in which else f"0 AS n{n}" for n in range(len(plans)))
    keys = ", ".join(leaf.keys[1:])
    return f"SELECT {periods.index(period.name)} AS period_no, {keys}, {leaf.who} AS pupil_no, {numbers} FROM ({reached}) AS t"


def _counted(
    engine: SqlEngine, rows: list[str], leaf: Leaves, periods: Key, stages: list[int]
) -> dict[int, Counted]:  # fmt: skip
    """Of each stage: events of each leaf, and pupils of each pattern of leaves."""
    keys = ", ".join(leaf.keys)
    sums = ", ".join(f"CAST(SUM(n{n}) AS BIGINT) AS n{n}" for n in stages)
    each = engine.make(
        "cube_pupil",
        f"SELECT {keys}, pupil_no, {sums} FROM ({' UNION ALL '.join(rows)}) AS r GROUP BY {keys}, pupil_no",
    )
    leaves = engine.make(
        "cube_leaf",
        f"SELECT {keys}, ROW_NUMBER() OVER (ORDER BY {keys}) AS leaf_no FROM (SELECT DISTINCT {keys} FROM {each}) AS k",
    )
    same = " AND ".join(f"l.{key} = e.{key}" for key in leaf.keys)
    by_leaf = f"SELECT l.leaf_no, e.pupil_no, {', '.join(f'e.n{n}' for n in stages)} FROM {each} AS e JOIN {leaves} AS l ON {same}"
    of_pupil = ", ".join(_leaves_of_pupil(n) for n in stages)
    known = engine.make(
        "cube_known",
        f"SELECT pupil_no, {of_pupil} FROM ({by_leaf}) AS e WHERE pupil_no NOT IN ({UNIDENTIFIED}, {ONCE}) GROUP BY pupil_no",
    )
    key_of = {row[0]: (periods[row[1]], *_key(row[2:])) for row in engine.rows(leaf.named(leaves))}
    happened = engine.rows(_happened_sql(by_leaf, stages))
    few = engine.rows(" UNION ALL ".join(_few_sql(known, n) for n in stages))
    many = engine.rows(_many_sql(by_leaf, known, stages))
    found: dict[int, Counted] = {}
    for at, n in enumerate(stages, start=1):
        once = [(frozenset((key_of[row[0]],)), row[at + len(stages)]) for row in happened if row[at + len(stages)]]
        of_few = [(frozenset((key_of[a], key_of[b])), pupils) for which, a, b, pupils in few if which == n]
        of_many = patterns_of((row[-1], key_of[row[0]]) for row in many if row[at])
        found[n] = [(key_of[row[0]], row[at]) for row in happened if row[at]], [*once, *of_few, *of_many]
    return found


def _leaves_of_pupil(n: int) -> str:
    """In how many leaves a pupil reached a stage, the first of them and the last: of two leaves, these are both."""
    there = f"CASE WHEN n{n} > 0 THEN leaf_no END"
    return f"COUNT({there}) AS l{n}, MIN({there}) AS a{n}, MAX({there}) AS b{n}"


def _happened_sql(by_leaf: str, stages: list[int]) -> str:
    """A leaf's events of each stage, then its pupils of each stage who came once in the whole snapshot."""
    sums = ", ".join(f"CAST(SUM(n{n}) AS BIGINT) AS n{n}" for n in stages)
    once = ", ".join(f"CAST(SUM(CASE WHEN pupil_no = {ONCE} THEN n{n} ELSE 0 END) AS BIGINT) AS o{n}" for n in stages)
    return f"SELECT leaf_no, {sums}, {once} FROM ({by_leaf}) AS e GROUP BY leaf_no"


def _few_sql(known: str, n: int) -> str:
    """Pupils of one stage by the few leaves in which they stand."""
    return f"SELECT {n} AS which, a{n} AS a, b{n} AS b, COUNT(*) AS pupils FROM {known} WHERE l{n} BETWEEN 1 AND {TOLD_BY_ENDS} GROUP BY a{n}, b{n}"


def _many_sql(by_leaf: str, known: str, stages: list[int]) -> str:
    """The leaves of pupils who stand in more: leaf, 1 for each stage of which that is so, pupil."""
    of_many = {n: f"k.l{n} > {TOLD_BY_ENDS} AND e.n{n} > 0" for n in stages}
    flags = ", ".join(f"CASE WHEN {told} THEN 1 ELSE 0 END AS m{n}" for n, told in of_many.items())
    return (
        f"SELECT e.leaf_no, {flags}, e.pupil_no FROM ({by_leaf}) AS e JOIN {known} AS k ON k.pupil_no = e.pupil_no "
        f"WHERE {' OR '.join(f'({told})' for told in of_many.values())}"
    )


def _key(values: Sequence[Any]) -> Key:
    return tuple(map(str, values))
