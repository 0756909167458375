"""What one cell shows, and what it does not: bands, rolls, zeros, whole groups, other denominators."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.bands import is_group_told, shown_count, shown_roll
from dueregard.disclose.policy import policy_named
from dueregard.disclose.protect import protect
from dueregard.evidence.cells import Cell, Cells, LeftOut
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Published, Row, roll_under, table_of
from dueregard.evidence.published_json import published_as_json, published_from_json
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState
from tests.unit.disclose.leaks import at, release, rounded, row, table

PUBLIC = policy_named("public")
YEAR = "2023/24"


def cells(*rows: tuple[str, int, int | None], measure: Measure | None = None, **more) -> Cells:
    whole = tuple(Cell(YEAR, (), (code,), n, roll) for code, n, roll in rows)
    return Cells(measure or Measure("arrested"), (YEAR,), whole, (), ((YEAR, 3),), (), **more)


def test_each_true_count_lies_in_its_band_and_each_band_is_wide():
    for n in range(2_000):
        band = shown_count(n, PUBLIC)
        assert band.at_least <= n <= band.at_most
        assert (band.state is CellState.LOW) == (n <= 7)
        assert band.shown is None or (band.shown % 5 == 0 and abs(band.shown - n) <= 2)


def test_bands_do_not_overlap_and_leave_no_gap():
    bands = sorted({(b.at_least, b.at_most) for b in (shown_count(n, PUBLIC) for n in range(500))})
    assert bands[0] == (0, 7)
    assert all(one[1] + 1 == next_one[0] for one, next_one in pairwise(bands))


@pytest.mark.parametrize("scale", [1, 190, 19_000])
def test_each_roll_lies_in_its_band(scale):
    for n in [*range(1, 60 * scale, max(1, scale // 7)), 10 * scale - 1, 10 * scale]:
        band = shown_roll(n, PUBLIC, scale=scale)
        assert band.at_least <= n <= band.at_most
        assert (band.shown is None) == (n < 10 * scale)


def test_a_zero_is_shown_only_where_nobody_is_on_roll():
    found = protect(cells(("B", 0, 0), ("W", 0, 50)), PUBLIC)
    assert [(c.n.state, c.n.shown) for c in found.whole] == [(CellState.COUNTED, 0), (CellState.LOW, None)]


def test_few_on_roll_hide_count_and_denominator():
    for roll in range(1, 10):
        for n in range(roll + 1):
            cell = protect(cells(("B", n, roll)), PUBLIC).whole[0]
            assert cell.n == ShownCount(CellState.HIDDEN_FIRST, None, 0, None)
            assert cell.denominator == ShownCount(CellState.HIDDEN_FIRST, None, 0, 9)


def test_a_small_roll_that_is_hidden_says_the_same_whatever_it_is():
    """Also of nobody, where somebody who has moved was counted: the limits in the file are no finer than the sign on the page."""
    by_day = Measure("arrested", denominator="pupil_years")
    for measure, days in ((None, 1), (by_day, 190)):
        told = {protect(cells(("B", n, roll * days), measure=measure), PUBLIC).whole[0].denominator
                for n, roll in ((1, 0), (3, 0), (0, 3), (3, 3), (0, 9), (12, 4))}  # fmt: skip
        assert told == {ShownCount(CellState.HIDDEN_FIRST, None, 0, 10 * days - 1)}


def test_a_whole_group_is_not_told_and_the_sign_does_not_say_so():
    """From half of the group on the same sign stands: of 20 it leaves 10 to 20, and of any roll at least six counts."""
    *hidden_ones, fewer = protect(
        cells(("B", 20, 20), ("A", 18, 20), ("M", 17, 20), ("O", 10, 20), ("W", 9, 20)), PUBLIC
    ).whole
    assert {cell.n for cell in hidden_ones} == {ShownCount(CellState.HIDDEN_FIRST, None, 0, None)}
    assert fewer.n.shown == 10
    for roll in range(PUBLIC.roll_at_least, 400):
        left = [n for n in range(roll + 1) if is_group_told(n, roll, PUBLIC)]
        assert left[-1] - left[0] >= PUBLIC.least_width and left[0] < PUBLIC.all_share * roll


def test_of_a_roll_whose_half_is_too_few_every_count_is_hidden():
    """The rule is printed: of 10 on roll, low would say 0 to 4. The sign says nothing there, whatever the count; the roll is shown."""
    for roll in (10, 11, 12):
        told = protect(cells(*((str(n), n, roll) for n in range(roll + 1))), PUBLIC).whole
        assert {cell.n for cell in told} == {ShownCount(CellState.HIDDEN_FIRST, None, 0, None)}
        assert {cell.denominator.shown for cell in told} == {10}
    assert protect(cells(("B", 6, 13)), PUBLIC).whole[0].n.state is CellState.LOW


def test_the_same_cells_give_the_same_answer_and_order_does_not_matter():
    rows = [("B", 3, 40), ("W", 55, 900), ("A", 12, 130)]
    forward, back = protect(cells(*rows), PUBLIC), protect(cells(*rows[::-1]), PUBLIC)
    assert sorted(forward.whole) == sorted(back.whole)


def test_the_roll_rule_holds_over_other_denominators():
    rolls = cells(("B", 0, 6), ("W", 0, 300))
    by_stage = Measure("arrested", denominator="contact")
    given = cells(("B", 2, 4), ("W", 30, 90), measure=by_stage)
    few, many = protect(given, PUBLIC, rolls=rolls).whole
    # Of both no more is told than that the group is fewer than ten, as in a table of the contacts themselves.
    assert few.n == few.denominator == ShownCount(CellState.HIDDEN_FIRST, None, 0, None)
    assert (many.n.shown, many.denominator.shown) == (30, 90)
    alone = protect(given, PUBLIC).whole[0]
    assert alone.n.state is alone.denominator.state is CellState.LOW


def test_pupil_days_are_rounded_like_pupils():
    by_day = Measure("arrested", denominator="pupil_years")
    few, many = protect(cells(("B", 2, 9 * 190), ("W", 30, 301 * 190), measure=by_day), PUBLIC).whole
    assert few.n.shown is few.denominator.shown is None
    assert many.denominator.shown == 300 * 190


def test_a_missing_count_stays_missing_and_is_no_zero():
    cell = Cell(YEAR, (), ("B",), 0, 40, CellState.NOT_COLLECTED)
    given = Cells(Measure("arrested"), (YEAR,), (cell,), (), (), ())
    found = protect(given, PUBLIC).whole[0]
    assert (found.n.state, found.n.shown, found.n.at_most) == (CellState.NOT_COLLECTED, None, None)


def test_other_counts_of_the_answer_are_protected_too():
    left = LeftOut(YEAR, "partial", 2, ((("B",), 4), (("W",), 812)), 0)
    given = Cells(Measure("arrested"), (YEAR,), (), (), (), (left,), not_identified=3, disagreeing=11)
    found = protect(given, PUBLIC)
    assert (found.not_identified.state, found.disagreeing.shown) == (CellState.LOW, 10)
    assert [n.shown for _, n in found.left_out[0].pupils] == [None, 810]


def test_internal_shows_all():
    found = protect(cells(("B", 3, 4)), policy_named("internal")).whole[0]
    assert (found.n.shown, found.denominator.shown) == (3, 4)


def test_published_figures_survive_their_file():
    given = protect(cells(("B", 3, 40), ("W", 55, 900)), PUBLIC)
    table = table_of(given, id="arrested-ethnicity")
    published = Published("r1", "s1", "public", (table,), parents=(("school", "1", "E09000007"),))
    assert published_from_json(published_as_json(published)) == published
    assert [dict(row.of)["ethnicity"] for row in table.rows] == ["W", "B"]  # the order of the list
    assert table.rows[1].of == (
        ("ethnicity", "B"), ("period", YEAR), ("stage", "arrested"), ("unit", "pupils"),
    )  # fmt: skip


def test_more_pupils_counted_than_on_roll_stop_nothing_and_nothing_untrue_is_said():
    """Pupils move: 20 were counted of a group of which 12, or 4, or none are on roll on the day of the census."""
    for roll in (12, 4, 0):
        shown = protect(cells(("B", 20, roll), ("W", 40, 300)), PUBLIC)
        assert all(c.n.at_least <= n and (c.n.at_most is None or n <= c.n.at_most)
                   for c, n in zip(shown.whole, (20, 40), strict=True))  # fmt: skip
        total = protect(Cells(Measure("arrested", by=()), (YEAR,), (Cell(YEAR, (), (), 60, 300 + roll),), (), ((YEAR, 3),), ()), PUBLIC)  # fmt: skip
        tables = (table_of(shown, id="groups"), table_of(total, id="all"))
        found = attack([Published("r1", "s1", "public", tables)], PUBLIC)
        assert not any(one.at_least == one.at_most for one in found.narrowed)


def test_where_the_roll_cannot_hold_the_count_the_attacker_goes_without_it():
    """40 of W and 60 of all leave 20 or so for B, of whom 4 are on roll: the roll is given up, and the sum is not."""
    b = Row(at(ethnicity="B", unit="pupils"), ShownCount(CellState.HIDDEN_FIRST, None, 0, None),
            roll_under(at(ethnicity="B", unit="pupils")), ShownCount(CellState.HIDDEN_FIRST, None, 0, 9))  # fmt: skip
    w, total = row(at(ethnicity="W", unit="pupils"), rounded(40)), row(at(unit="pupils"), rounded(60))
    made = release(table(b, w, adds_up=("ethnicity",)), table(total, id="all"))
    [told] = attack([made], PUBLIC).narrowed
    assert told.of == b.of and told.at_least == 60 - 2 - (40 + 2) and told.whole_group
