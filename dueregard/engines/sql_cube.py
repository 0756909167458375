"""A cube by portable SQL: leaf cells are counted by the database, and added up outside it, where there are few.

Pupils are distinct in each cell. One who stands in a single leaf is counted by the database; only of the others do
numbers come out, and they are few, because a pupil has one value of each characteristic.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dueregard.engines.plan import check_cubed, plan
from dueregard.engines.sql import UNIDENTIFIED
from dueregard.evidence.cube import Cube, CubeCell, Key, added_up, cells_of, distinct
from dueregard.measures.measure import Measure

if TYPE_CHECKING:
    from dueregard.engines.sql_engine import SqlEngine


def cube_of(engine: SqlEngine, measure: Measure, stages: tuple[str, ...]) -> Cube:
    """The cube of several stages. Each period reads its own roll once."""
    found: list[CubeCell] = []
    periods: Key = ()
    for stage in stages:
        asked = replace(measure, stage=stage)
        cells, periods = _of_stage(engine, asked)
        found += cells
    return Cube(measure, periods, tuple(sorted(found)))


def _of_stage(engine: SqlEngine, measure: Measure) -> tuple[list[CubeCell], Key]:
    planned = plan(measure, engine.facts())
    check_cubed(planned)
    names = ", ".join(measure.columns)
    leaves: list[tuple[Key, int]] = []
    parts = []
    for period in planned.periods:
        roll, reached, entering = engine.narrow(planned, period)
        where = f"WHERE urn IN (SELECT urn FROM {entering})"
        on_roll = engine.rows(f"SELECT {names}, CAST(SUM(n) AS BIGINT) FROM ({roll}) AS t {where} GROUP BY {names}")
        leaves += [((period.name, *map(str, row[:-1])), row[-1]) for row in on_roll]
        parts.append(f"SELECT '{period.name}' AS period, {names}, pupil_no, n_events FROM ({reached}) AS t {where}")
    events, once, more = _events(engine, " UNION ALL ".join(parts), f"period, {names}")
    cells = cells_of(measure.stage, added_up(leaves), added_up(events), distinct(once, more))
    return cells, tuple(period.name for period in planned.periods)


def _events(engine: SqlEngine, rows: str, keys: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Leaf numbers: events; pupils who stand in one leaf alone; and (pupil, leaf) of all others."""
    each = engine.make(
        "cube_pupil", f"SELECT {keys}, pupil_no, SUM(n_events) AS n FROM ({rows}) AS r GROUP BY {keys}, pupil_no"
    )
    known = f"{each} AS e JOIN (SELECT pupil_no, COUNT(*) AS n_leaves FROM {each} GROUP BY pupil_no) AS l ON l.pupil_no = e.pupil_no"
    is_known = f"e.pupil_no <> {UNIDENTIFIED}"
    named = ", ".join(f"e.{key.strip()}" for key in keys.split(","))
    events = engine.rows(f"SELECT {keys}, CAST(SUM(n) AS BIGINT) FROM {each} AS e GROUP BY {keys}")
    once = engine.rows(f"SELECT {named}, COUNT(*) FROM {known} WHERE l.n_leaves = 1 AND {is_known} GROUP BY {named}")
    more = engine.rows(f"SELECT e.pupil_no, {named} FROM {known} WHERE l.n_leaves > 1 AND {is_known}")
    return (
        [(_key(r[:-1]), r[-1]) for r in events],
        [(_key(r[:-1]), r[-1]) for r in once],
        [(r[0], _key(r[1:])) for r in more],
    )


def _key(values: tuple[Any, ...]) -> Key:
    return tuple(map(str, values))
