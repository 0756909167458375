"""Made-up questions on made-up folders: every engine gives the same cells, or the same error."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.errors import DueRegardError

from .made_up import Tables, made_up_question, made_up_tables, write_folder

TODAY = date(2026, 11, 23)
QUESTIONS = 15  # of each folder
FOLDERS = 10  # in CI: 150 questions
DEEP_FOLDERS = 200  # 3,000 questions


def frozen(tables: Tables, folder: Path):
    """A snapshot of these tables. Rows that break a rule by chance are left out."""
    source = Source(write_folder(tables, folder / "native"))
    return steps.freeze([source], folder / "snapshots", today=TODAY, leave_out_rejected=True)[0]


def told(engine, measure):
    """Cells, or the error's class and words. Any other exception is a crash, and equals nothing."""
    try:
        return engine.count(measure)
    except DueRegardError as fault:
        return type(fault).__name__, str(fault)
    except Exception as crash:
        return "crash", repr(crash), object()


def differences(seed: int, folder: Path) -> list[str]:
    """Every question of one folder on which the engines do not agree."""
    tables = made_up_tables(Random(seed))
    snapshot = frozen(tables, folder)
    one, other = (steps.open_engine(snapshot, name) for name in ("duckdb", "reference"))
    rng = Random(f"questions of {seed}")
    found = []
    for _ in range(QUESTIONS):
        measure = made_up_question(rng, tables)
        if (first := told(one, measure)) != (second := told(other, measure)):
            found.append(f"seed {seed}: {measure}\n  duckdb:    {first}\n  reference: {second}")
    return found


@pytest.mark.parametrize("seed", range(FOLDERS))
def test_engines_agree(seed, tmp_path):
    assert not differences(seed, tmp_path)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1000, 1000 + DEEP_FOLDERS))
def test_engines_agree_on_many(seed, tmp_path):
    assert not differences(seed, tmp_path)


def test_questions_are_answered(tmp_path):
    """A generator of which most questions failed would prove little."""
    answers = []
    for seed in range(5):
        tables, rng = made_up_tables(Random(seed)), Random(seed)
        engine = steps.open_engine(frozen(tables, tmp_path / str(seed)))
        answers += [told(engine, made_up_question(rng, tables)) for _ in range(20)]
    assert sum(not isinstance(a, tuple) and bool(a.whole) for a in answers) >= 25
