"""Points of earlier attacks make an attack quicker, and never another: each is checked against everything first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.policy import policy_named
from dueregard.disclose.system import Line
from dueregard.disclose.witnesses import Witnesses, keys_of, that_fit
from dueregard.evidence.published import Published
from tests.unit.disclose.forces import cells_of, made_force, published, questions
from tests.unit.disclose.leaks import LOW, at, release, rounded, row, table

PUBLIC = policy_named("public")


@pytest.fixture(scope="module")
def made() -> Published:
    force = made_force(3, n_schools=4, rate=0.05)
    answers = [cells_of(force, measure) for measure in questions(["2023/24-summer"], by=("ethnicity",))]
    return published(answers, PUBLIC, force, release="r1")


def found(one: Published, kept: Witnesses | None = None, **more) -> list[tuple]:
    result = attack([one], PUBLIC, is_exact=False, with_reasons=False, witnesses=kept, **more)
    return sorted((n.of, n.at_least, n.at_most, n.whole_group) for n in result.narrowed)


def test_the_same_is_found_with_what_others_found(made):
    kept = Witnesses()
    first = attack([made], PUBLIC, is_exact=False, with_reasons=False, witnesses=kept)
    again = attack([made], PUBLIC, is_exact=False, with_reasons=False, witnesses=kept)
    assert again.n_programs < first.n_programs / 2
    assert again.narrowed == first.narrowed
    for without in range(len(made.tables)):  # a table is taken away
        fewer = replace(made, tables=(*made.tables[:without], *made.tables[without + 1 :]))
        assert found(fewer, kept) == found(fewer)


def test_a_point_that_no_longer_fits_says_nothing():
    """What is safe alone is given away by a total that comes later, whatever was found before it came."""
    kept = Witnesses()
    first = release(table(row(at(ethnicity="A"), rounded(20)), row(at(ethnicity="B"), LOW), adds_up=("ethnicity",)))
    assert found(first, kept) == []
    total = table(row(at(), rounded(20)), id="next")
    later = replace(first, tables=(*first.tables, total))
    assert found(later, kept) == found(later) == [(at(ethnicity="B"), 0, 4, False)]


def test_limits_and_lines_are_both_checked():
    points = np.array([[1.0, 2.0], [3.0, 0.0], [9.0, 9.0]])
    line = Line((7, 8), (1.0, 1.0), 3.0, 18.0, "sum")
    fit = that_fit(points, np.array([0.0, 1.0]), np.array([5.0, 5.0]), [line], {7: 0, 8: 1})
    assert fit.tolist() == [[1.0, 2.0]]
    over = that_fit(points, np.zeros(2), np.full(2, 9.0), [replace(line, at_most=17.0)], {7: 0, 8: 1})
    assert over.tolist() == [[1.0, 2.0], [3.0, 0.0]]


def test_parts_that_come_together_are_put_together_and_unknown_counts_end_it():
    kept, names = Witnesses(), [at(ethnicity=code) for code in "ABW"]
    keys = keys_of(names)
    kept.keep(keys[:1], [np.array([1.0]), np.array([2.0])])
    kept.keep(keys[1:2], [np.array([5.0])])
    assert kept.of(keys[:2]).tolist() == [[1.0, 5.0], [2.0, 5.0]]
    assert len(kept.of(keys)) == 0
    assert keys_of([names[0], names[0]]) == [(names[0], 0), (names[0], 1)]
