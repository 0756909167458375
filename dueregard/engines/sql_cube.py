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
from dueregard.evidence.cube import Cube, CubeCell, Key, added_up, cells_of, distinct
from dueregard.measures.measure import Measure

if TYPE_CHECKING:
    from dueregard.engines.sql_engine import SqlEngine


def cube_of(engine: SqlEngine, measure: Measure, stages: tuple[str, ...]) -> Cube:
    """The cube of several stages: the roll is read once a period, and so are contacts and steps."""
    asked = [plan(replace(measure, stage=stage), engine.facts()) for stage in stages]
    for planned in asked:
        check_cubed(planned)
    keys = ", ".join(("period", *measure.columns))
    over: list[dict[Key, int]] = []
    parts = []
    for n, planned in enumerate(asked):
        leaves, rows = _of_stage(engine, planned)
        over.append(added_up(leaves))
        parts += [f"SELECT {n} AS stage, * FROM ({text}) AS r" for text in rows]
    numbers = _events(engine, " UNION ALL ".join(parts), keys)
    found: list[CubeCell] = []
    for n, stage in enumerate(stages):
        events, once, more = (numbers[kind].get(n, []) for kind in ("events", "once", "more"))
        found += cells_of(stage, over[n], added_up(events), distinct(once, more))
    periods = tuple(period.name for period in asked[-1].periods) if asked else ()
    return Cube(measure, periods, tuple(sorted(found)))


def _of_stage(engine: SqlEngine, planned: Plan) -> tuple[list[tuple[Key, int]], list[str]]:
    """The roll as leaves, and a text a period of the rows that reach the stage: split, pupil, events."""
    names = ", ".join(planned.measure.columns)
    leaves: list[tuple[Key, int]] = []
    parts = []
    for period in planned.periods:
        roll, reached, entering = engine.narrow(planned, period)
        where = f"WHERE urn IN (SELECT urn FROM {entering})"
        on_roll = engine.rows(f"SELECT {names}, CAST(SUM(n) AS BIGINT) FROM ({roll}) AS t {where} GROUP BY {names}")
        leaves += [((period.name, *map(str, row[:-1])), row[-1]) for row in on_roll]
        parts.append(f"SELECT '{period.name}' AS period, {names}, pupil_no, n_events FROM ({reached}) AS t {where}")
    return leaves, parts


def _events(engine: SqlEngine, rows: str, keys: str) -> dict[str, dict[int, list[Any]]]:
    """By stage, leaf numbers: events; pupils who stand in one leaf alone; and (pupil, leaf) of all others."""
    each = engine.make(
        "cube_pupil",
        f"SELECT stage, {keys}, pupil_no, SUM(n_events) AS n FROM ({rows}) AS r GROUP BY stage, {keys}, pupil_no",
    )
    known = (
        f"{each} AS e JOIN (SELECT stage, pupil_no, COUNT(*) AS n_leaves FROM {each} WHERE pupil_no <> {UNIDENTIFIED} "
        "GROUP BY stage, pupil_no) AS l ON l.pupil_no = e.pupil_no AND l.stage = e.stage"
    )
    named = ", ".join(f"e.{key.strip()}" for key in keys.split(","))
    found: dict[str, dict[int, list[Any]]] = {"events": {}, "once": {}, "more": {}}
    for stage, *key, n in engine.rows(
        f"SELECT stage, {keys}, CAST(SUM(n) AS BIGINT) FROM {each} AS e GROUP BY stage, {keys}"
    ):
        found["events"].setdefault(stage, []).append((_key(key), n))
    for stage, *key, n in engine.rows(
        f"SELECT e.stage, {named}, COUNT(*) FROM {known} WHERE l.n_leaves = 1 GROUP BY e.stage, {named}"
    ):
        found["once"].setdefault(stage, []).append((_key(key), n))
    for stage, pupil, *key in engine.rows(f"SELECT e.stage, e.pupil_no, {named} FROM {known} WHERE l.n_leaves > 1"):
        found["more"].setdefault(stage, []).append((pupil, _key(key)))
    return found


def _key(values: Sequence[Any]) -> Key:
    return tuple(map(str, values))
