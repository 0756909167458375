"""A cube by portable SQL: leaf cells are counted by the database, and added up outside it, where there are few.

Pupils are distinct in each cell. One who stands in a single leaf is counted by the database; only of the others do
numbers come out, and they are few, because a pupil has one value of each characteristic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dueregard.engines.plan import Plan, check_cubed, plan
from dueregard.engines.sql import UNIDENTIFIED
from dueregard.engines.sql_events import beside_contact
from dueregard.evidence.cube import Cube, CubeCell, Key, added_up, cells_of, distinct
from dueregard.measures.measure import Measure
from dueregard.terms.periods import Period

Leaf = tuple[Key, int]

if TYPE_CHECKING:
    from dueregard.engines.sql_engine import SqlEngine


def cube_of(engine: SqlEngine, measure: Measure, stages: tuple[str, ...]) -> Cube:
    """The cube of several stages: a period's roll is read once, and each table of events once."""
    plans = [plan(replace(measure, stage=stage), engine.facts()) for stage in stages]
    for planned in plans:
        check_cubed(planned)
    over: list[list[Leaf]] = [[] for _ in plans]
    alike: dict[tuple[object, ...], list[int]] = {}
    for n, planned in enumerate(plans):
        for period in planned.periods:
            leaves, entering = _on_roll(engine, planned, period)
            over[n] += leaves
            table = planned.stage.table if beside_contact(planned.stage) else planned.stage
            alike.setdefault((table, planned.stage.categories, entering, period), []).append(n)
    rows = [_rows(engine, plans, which, *key[2:]) for key, which in alike.items()]
    counted = _counted(engine, rows, ", ".join(("period", *measure.columns)), len(plans))
    found: list[CubeCell] = []
    for stage, leaves, (happened, once, more) in zip(stages, over, counted, strict=True):
        found += cells_of(stage, added_up(leaves), added_up(happened), distinct(once, more))
    periods = dict.fromkeys(period.name for planned in plans for period in planned.periods)
    return Cube(measure, tuple(periods), tuple(sorted(found)))


def _on_roll(engine: SqlEngine, planned: Plan, period: Period) -> tuple[list[Leaf], str]:
    """The roll as leaves, and the name of a table of the schools that enter. The same text is asked once."""
    names = ", ".join(planned.measure.columns)
    roll, entering = engine.placed_roll(planned, period)
    text = f"SELECT {names}, CAST(SUM(n) AS BIGINT) FROM ({roll}) AS t WHERE urn IN (SELECT urn FROM {entering}) GROUP BY {names}"
    return [((period.name, *_key(row[:-1])), row[-1]) for row in engine.rows(text)], entering


def _rows(engine: SqlEngine, plans: list[Plan], which: list[int], entering: Any, period: Any) -> str:
    """Rows that reach the stages `which`, in the schools that enter: split, pupil, events of each stage (n0, n1, ...)."""
    names = ", ".join(plans[0].measure.columns)
    reached = engine.reached_at_once([plans[n] for n in which], [f"n{n}" for n in which], period)
    numbers = ", ".join(f"n{n}" if n in which else f"0 AS n{n}" for n in range(len(plans)))
    return f"SELECT '{period.name}' AS period, {names}, pupil_no, {numbers} FROM ({reached}) AS t WHERE urn IN (SELECT urn FROM {entering})"


def _counted(
    engine: SqlEngine, rows: list[str], keys: str, n_stages: int
) -> list[tuple[list[Leaf], list[Leaf], list[tuple[int, Key]]]]:
    """Of each stage: events of each leaf; pupils who stand in that leaf alone; (pupil, leaf) of all others."""
    stages = range(n_stages)
    sums = ", ".join(f"CAST(SUM(n{n}) AS BIGINT) AS n{n}" for n in stages)
    each = engine.make(
        "cube_pupil",
        f"SELECT {keys}, pupil_no, {sums} FROM ({' UNION ALL '.join(rows)}) AS r GROUP BY {keys}, pupil_no",
    )
    n_leaves = ", ".join(f"SUM(CASE WHEN n{n} > 0 THEN 1 ELSE 0 END) AS l{n}" for n in stages)
    known = (
        f"{each} AS e JOIN (SELECT pupil_no, {n_leaves} FROM {each} WHERE pupil_no <> {UNIDENTIFIED} GROUP BY pupil_no) AS l "
        "ON l.pupil_no = e.pupil_no"
    )
    named = ", ".join(f"e.{key.strip()}" for key in keys.split(","))
    alone = ", ".join(f"CAST(SUM(CASE WHEN n{n} > 0 AND l{n} = 1 THEN 1 ELSE 0 END) AS BIGINT)" for n in stages)
    of_more = [f"n{n} > 0 AND l{n} > 1" for n in stages]
    more = ", ".join(f"CASE WHEN {told} THEN 1 ELSE 0 END" for told in of_more)
    width = len(keys.split(","))
    happened = engine.rows(f"SELECT {keys}, {sums} FROM {each} AS x GROUP BY {keys}")
    once = engine.rows(f"SELECT {named}, {alone} FROM {known} GROUP BY {named}")
    others = engine.rows(f"SELECT {named}, {more}, e.pupil_no FROM {known} WHERE {' OR '.join(of_more)}")
    return [
        (
            [(_key(row[:width]), row[width + n]) for row in happened if row[width + n]],
            [(_key(row[:width]), row[width + n]) for row in once if row[width + n]],
            [(row[-1], _key(row[:width])) for row in others if row[width + n]],
        )
        for n in stages
    ]


def _key(values: Sequence[Any]) -> Key:
    return tuple(map(str, values))
