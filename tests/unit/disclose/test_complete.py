"""Which rows exist says nothing: every group stands in every place, and nothing is a zero that was not counted."""

from __future__ import annotations

import random

from dueregard.disclose.complete import complete
from dueregard.disclose.policy import policy_named
from dueregard.disclose.protect import protect
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.protected import ShownCount
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState

PUBLIC = policy_named("public")
ONE, TWO = "2022/23", "2023/24"


def answer(measure: Measure, strata: list[Cell], whole: list[Cell], *, used=((ONE, 2), (TWO, 2))) -> Cells:
    return Cells(measure, tuple(period for period, _ in used), tuple(whole), tuple(strata), used, ())


def by_school(*, denominator: str = "pupils_on_roll", by: tuple[str, ...] = ("ethnicity",)) -> Measure:
    return Measure("arrested", denominator=denominator, by=by, within=("school",))


def places(cells: Cells) -> dict[tuple, Cell]:
    return {(cell.period, *cell.stratum, *cell.codes): cell for cell in cells.strata}


def test_a_group_without_a_row_is_nobody_of_nobody():
    made = complete(
        answer(
            by_school(),
            [Cell(ONE, ("1",), ("W",), 3, 50), Cell(ONE, ("2",), ("B",), 9, 40), Cell(TWO, ("2",), ("W",), 9, 40)],
            [Cell(ONE, (), ("W",), 3, 50), Cell(ONE, (), ("B",), 9, 40), Cell(TWO, (), ("W",), 9, 40)],
        )
    )
    assert places(made)[ONE, "1", "B"] == Cell(ONE, ("1",), ("B",), 0, 0)
    assert places(made)[TWO, "2", "B"] == Cell(TWO, ("2",), ("B",), 0, 0)
    assert Cell(TWO, (), ("B",), 0, 0) in made.whole
    assert len(made.strata) == 3 * 2 and len(made.whole) == 2 * 2
    shown = {(c.period, *c.stratum, *c.codes): c for c in protect(made, PUBLIC).strata}
    assert shown[ONE, "1", "B"].n == shown[ONE, "1", "B"].denominator == ShownCount(CellState.COUNTED, 0, 0, 0)


def test_a_school_that_did_not_enter_a_period_stays_out():
    made = complete(answer(by_school(), [Cell(ONE, ("1",), ("W",), 3, 50), Cell(TWO, ("2",), ("W",), 9, 40)], []))
    assert (TWO, "1", "W") not in places(made) and (ONE, "2", "W") not in places(made)


def test_a_period_of_no_school_is_not_zero():
    whole = [Cell(ONE, (), ("W",), 3, 50)]
    made = complete(answer(by_school(), [], whole, used=((ONE, 2), (TWO, 0))))
    assert {cell.period for cell in made.whole} == {ONE}


def test_over_a_stage_the_roll_tells_which_groups_and_schools_there_are():
    """Nobody of B had a contact at school 1, and nobody at all at school 2: neither may be read off a missing row."""
    over_contacts = answer(by_school(denominator="contact"), [Cell(TWO, ("1",), ("W",), 3, 12)], [], used=((TWO, 2),))
    rolls = complete(
        answer(by_school(), [Cell(TWO, ("1",), ("W",), 0, 300), Cell(TWO, ("1",), ("B",), 0, 60),
                             Cell(TWO, ("2",), ("W",), 0, 200)], [], used=((TWO, 2),))
    )  # fmt: skip
    made = complete(over_contacts, rolls=rolls)
    shown = {(*c.stratum, *c.codes): (c.n, c.denominator) for c in protect(made, PUBLIC, rolls=rolls).strata}
    low, nobody = ShownCount(CellState.LOW, None, 0, 7), ShownCount(CellState.COUNTED, 0, 0, 0)
    assert shown["1", "B"] == shown["2", "W"] == (low, low)
    assert shown["2", "B"] == (nobody, nobody)  # nobody is on roll: that its counts are none is no secret


def test_crossed_columns_hold_every_crossing():
    made = complete(
        answer(by_school(by=("ethnicity", "sex")), [Cell(TWO, ("1",), ("W", "F"), 3, 50), Cell(TWO, ("1",), ("B", "M"), 1, 9)],
               [], used=((TWO, 1),))
    )  # fmt: skip
    assert sorted(cell.codes for cell in made.strata) == [("B", "F"), ("B", "M"), ("W", "F"), ("W", "M")]


def test_without_a_denominator_there_is_a_count_alone():
    made = complete(
        answer(Measure("contact", by=("route",), within=("school",)),
               [Cell(TWO, ("1",), ("phone",), 3, None), Cell(TWO, ("2",), ("patrol",), 1, None)], [], used=((TWO, 2),))
    )  # fmt: skip
    assert places(made)[TWO, "2", "phone"] == Cell(TWO, ("2",), ("phone",), 0, None)


def test_where_rolls_of_a_split_were_not_collected_nothing_is_called_zero():
    missing = Cell(TWO, ("1",), ("B",), 2, None, CellState.NOT_COLLECTED)
    made = complete(answer(by_school(), [missing, Cell(TWO, ("2",), ("W",), 3, 50)], [], used=((TWO, 2),)))
    assert places(made)[TWO, "2", "B"] == Cell(TWO, ("2",), ("B",), 0, None, CellState.NOT_COLLECTED)
    shown = {(*c.stratum, *c.codes): c for c in protect(made, PUBLIC).strata}
    assert shown["2", "B"].n.state is CellState.NOT_COLLECTED and shown["2", "B"].denominator is None


def test_which_rows_an_answer_held_can_no_longer_be_told():
    """Any answer and the same answer with some of its 0 over 0 left out are the same once they are complete."""
    rng = random.Random(3)
    for _ in range(200):
        cells = [Cell(TWO, (school,), (code,), 0, 0) for school in "123" for code in "ABW"]
        kept = [*(c for c in cells if rng.random() < 0.5), *(Cell(TWO, (s,), ("N",), 1, 30) for s in "123"),
                *(Cell(TWO, ("4",), (code,), 2, 30) for code in "ABWN")]  # fmt: skip
        full = [*cells, *(Cell(TWO, (s,), ("N",), 1, 30) for s in "123"), *(Cell(TWO, ("4",), (c,), 2, 30) for c in "ABWN")]  # fmt: skip
        one, other = (complete(answer(by_school(), some, [], used=((TWO, 4),))) for some in (kept, full))
        assert sorted(one.strata, key=str) == sorted(other.strata, key=str) and len(one.strata) == 16
        assert complete(one) == one
