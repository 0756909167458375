"""Made-up chains on made-up tables: both engines give the same steps, and the last of them is what `compare` counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from random import Random

import pytest

from dueregard.engines.chain_plan import chain_question
from dueregard.errors import DueRegardError
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.terms.stages import CHAIN

from .agreement import engines_in_memory, folder_of, questions_of

pytestmark = pytest.mark.xdist_group("chains")  # so that each folder is judged once
FOLDERS = 20  # in CI: two hundred chains
DEEP_FOLDERS = 400


def chains_of(seed: int, engine):
    """The made-up questions of a folder, each asked of its own stage or of one on the chain."""
    rng = Random(f"chains of {seed}")
    for measure in questions_of(seed):
        stage = rng.choice([measure.stage] * 2 + [*CHAIN, "arrested", "referred_by_school", "contact_as_victim"])
        by = tuple(name for name in measure.columns if name not in OWN_COLUMNS) or ("ethnicity",)
        try:
            yield chain_question(stage, engine.facts(), by=by, where=measure.where, period=measure.period)
        except DueRegardError:
            continue


def told(engine, measure):
    try:
        return engine.chain(measure)
    except DueRegardError as fault:
        return type(fault).__name__, str(fault)


@lru_cache(maxsize=FOLDERS)
def check(seed: int) -> Counter:
    one, other = engines_in_memory(folder_of(seed))
    kinds: Counter = Counter()
    for measure in chains_of(seed, one):
        found = told(one, measure)
        assert found == told(other, measure), measure
        if isinstance(found, tuple):
            kinds["refused"] += 1
            continue
        kinds[len(found.steps)] += any(c.reached[-1] for c in found.cells)
        for cell in found.cells:
            assert list(cell.reached) == sorted(cell.reached, reverse=True), (
                "a step that more reached than the one before"
            )
        _check_total(found, one.count(measure), kinds)
    return kinds


def _check_total(found, cells, kinds: Counter) -> None:
    """The last step and the exposure are those of `compare`, wherever the same schools enter."""
    if found.schools_used != cells.schools_used[0][1]:
        return  # an earlier step was not collected in some school
    kinds["equal"] += 1
    counted = {c.codes: (c.n, c.denominator) for c in cells.whole if c.n or c.denominator}
    assert {c.codes: (c.n, c.denominator) for c in found.whole().whole if c.n or c.denominator} == counted
    assert replace(found.whole(), whole=(), caveats=()) == replace(cells, whole=(), strata=(), caveats=())


@pytest.mark.parametrize("seed", range(FOLDERS))
def test_engines_agree_on_chains(seed):
    check(seed)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(FOLDERS, FOLDERS + DEEP_FOLDERS))
def test_engines_agree_on_many_chains(seed):
    check(seed)


def test_every_kind_of_chain_occurs():
    kinds = sum((check(seed) for seed in range(FOLDERS)), Counter())
    assert min(kinds[n] for n in (1, 2, 3, 4)) >= 2 and kinds["equal"] >= 50, kinds
