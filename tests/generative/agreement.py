"""Two engines over the same made-up tables, and what each says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.engines.duckdb import DuckDbEngine
from dueregard.engines.engine import Engine, Facts
from dueregard.engines.reference import ReferenceEngine
from dueregard.engines.sql_engine import SqlEngine
from dueregard.errors import DueRegardError
from dueregard.evidence.snapshot import Snapshot
from dueregard.measures.measure import Measure
from dueregard.records.tables import TABLES

from .made_up import made_up_tables
from .questions import made_up_question
from .sanctions import add_sanctions, gate_question, sanction_question
from .words import Tables
from .written import typed, write_folder

TODAY = date(2026, 11, 23)
QUESTIONS = 10  # of each folder
FOLDERS = 200  # 2,600 questions: most of them in CI
DEEP_FOLDERS = 1000  # 13,000 more


class InMemory(DuckDbEngine):
    """The DuckDB engine over rows that were never written: all its SQL, and no file."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        import duckdb

        SqlEngine.__init__(self, frozenset(rows))
        self._connection = duckdb.connect(config={"threads": 1})
        for table in TABLES:
            described = ", ".join(f'"{c.name}" {c.sql_type}' for c in table.columns)
            self._connection.execute(f'CREATE TABLE "{table.name}" ({described})')
            if found := rows.get(table.name):
                lists = {f"c{n}": [row[c.name] for row in found] for n, c in enumerate(table.columns)}
                selected = ", ".join(f"unnest($c{n}::{c.sql_type}[])" for n, c in enumerate(table.columns))
                self._connection.execute(f'INSERT INTO "{table.name}" SELECT {selected}', lists)


@lru_cache(maxsize=4)
def folder_of(seed: int) -> Tables:
    """The tables of a seed."""
    return add_sanctions(Random(f"sanctions of {seed}"), made_up_tables(Random(seed)))


def questions_of(seed: int, n: int = QUESTIONS) -> list[Measure]:
    rng = Random(f"questions of {seed}")
    asked = [made_up_question(rng, folder_of(seed)) for _ in range(n)]
    rng = Random(f"gates and sanctions of {seed}")
    return [*asked, *(sanction_question(rng) for _ in range(2)), gate_question(rng)]


def engines_in_memory(tables: Tables) -> tuple[Engine, Engine]:
    rows = typed(tables)
    return InMemory(rows), ReferenceEngine(rows)


def frozen(tables: Tables, folder: Path, **dress: Any) -> Snapshot:
    """A snapshot of these tables by the way of every real one: collect, check, freeze. No row may be refused."""
    source = Source(write_folder(tables, folder / "native", **dress))
    return steps.freeze([source], folder / "snapshots", today=TODAY)[0]


def engines_of(snapshot: Snapshot) -> tuple[Engine, Engine]:
    return steps.open_engine(snapshot, "duckdb"), steps.open_engine(snapshot, "reference")


def told(engine: Engine, measure: Measure) -> Any:
    """Cells, or the error's class and words. Any other exception is a crash, and equals nothing."""
    return _told(engine.count, measure)


def told_repeats(engine: Engine, measure: Measure) -> Any:
    """Who came again, or as `told`."""
    return _told(engine.repeats, measure)


def _told(ask: Callable[[Measure], Any], measure: Measure) -> Any:
    try:
        return ask(measure)
    except DueRegardError as fault:
        return type(fault).__name__, str(fault)
    except Exception as crash:
        return "crash", repr(crash), object()


def is_refused(answer: Any) -> bool:
    return isinstance(answer, tuple)


def answers_that_differ(engines: tuple[Engine, Engine], asked: list[Measure]) -> list[str]:
    """On which questions do the engines not agree?"""
    one, other = engines
    answers = [(measure, ask(one, measure), ask(other, measure)) for measure in asked for ask in (told, told_repeats)]
    return [
        f"{measure}\n  sql:       {first}\n  reference: {second}"
        for measure, first, second in answers
        if first != second
    ]


def facts_that_differ(engines: tuple[Engine, Engine]) -> list[str]:
    """On which facts of the snapshot, and on what is complete, do the engines not agree?"""
    one, other = engines
    found = []
    for field in fields(Facts):
        if (first := getattr(one.facts(), field.name)) != (second := getattr(other.facts(), field.name)):
            found.append(f"{field.name}\n  sql:       {first}\n  reference: {second}")
    for period in (None, "2023/24"):
        if one.completeness(period) != other.completeness(period):
            found.append(f"completeness of {period}")
    return found
