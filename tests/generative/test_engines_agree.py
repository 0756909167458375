"""Made-up questions on made-up tables: every engine gives the same cells, or the same error in the same words.

`Cells` are compared whole: numbers, states, bounds, schools used and left out, asides, caveats.
"""

from __future__ import annotations

from collections import Counter

import pytest

from dueregard.measures.measure import UNITS, Measure

from .agreement import (
    DEEP_FOLDERS,
    FOLDERS,
    answers_that_differ,
    engines_in_memory,
    engines_of,
    facts_that_differ,
    folder_of,
    frozen,
    questions_of,
    told,
    told_repeats,
)
from .written import typed

IN_CI = 160  # folders of ten questions and three on sanctions: 2,080
BY_FILES = range(0, FOLDERS, 20)


@pytest.mark.parametrize("seed", range(IN_CI))
def test_engines_agree(seed):
    engines = engines_in_memory(folder_of(seed))
    assert not answers_that_differ(engines, questions_of(seed))
    assert not facts_that_differ(engines)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(IN_CI, FOLDERS + DEEP_FOLDERS))
def test_engines_agree_on_many(seed):
    engines = engines_in_memory(folder_of(seed))
    assert not answers_that_differ(engines, questions_of(seed))
    assert not facts_that_differ(engines)


@pytest.mark.parametrize("seed", BY_FILES)
def test_files_hold_what_was_made_up(seed, tmp_path):
    """The way of every real file ends in the same rows and the same answers; so the tables above need no files."""
    snapshot = frozen(folder_of(seed), tmp_path)
    by_file, by_file_reference = engines_of(snapshot)
    rows = typed(folder_of(seed))
    held = by_file_reference.tables
    assert {name: _content(found) for name, found in rows.items()} == {name: _content(held[name]) for name in rows}
    in_memory, _ = engines_in_memory(folder_of(seed))
    for measure in questions_of(seed):
        found = told(by_file, measure)
        assert found == told(by_file_reference, measure) == told(in_memory, measure), measure


def _content(rows) -> Counter:
    """Each row as often as it stands there, by value: half a post is half a post, however many noughts are written."""
    return Counter(frozenset(row.items()) for row in rows)


def test_engines_agree_on_who_came_again():
    """Coarse questions, in which the same pupil does come again."""
    asked = [Measure(stage, unit, by=by) for stage in ("contact", "power_used", "arrested") for unit in UNITS[1:]
             for by in (("sex",), ("ethnicity", "age_on_31_august"), ("period", "sen_provision"), ("area",))]  # fmt: skip
    repeated = 0
    for seed in range(6):
        one, other = engines_in_memory(folder_of(seed))
        for measure in asked:
            found = told_repeats(one, measure)
            assert found == told_repeats(other, measure), f"seed {seed}: {measure}"
            if isinstance(found, tuple) and found and not isinstance(found[0], str):
                _check_sums(found, one.count(measure))
                repeated += sum(r.squares > r.n for r in found)
    assert repeated >= 10


def _check_sums(found, cells) -> None:
    """What repeats adds up to what is counted."""
    counted = {(c.period, c.codes): c.n for c in cells.whole if c.n}
    assert {(r.period, r.codes): r.n for r in found if r.n} == counted, cells.measure
