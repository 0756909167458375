"""What counts are parts of: each link that an attacker knows gives something away where it is not looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.solver import Solver, SolverStopped
from dueregard.disclose.system import System
from dueregard.evidence.protected import exact
from dueregard.evidence.published import Published, roll_under
from dueregard.terms.missing import CellState
from tests.unit.disclose.leaks import HIDDEN, LOW, PUBLIC, at, attacked, found, release, rounded, row, table

SETS = (("both", ("1", "2")),)
PUPILS = {"stage": "contact", "unit": "pupils"}
# Of the first school 11 pupils, shown as 10: 8 to 12. Its boys are 8 to 12 too, so its girls are 4 at most.
SCHOOLS = table(
    row(at(school="1", sex="F", **PUPILS), LOW, rounded(200)), row(at(school="1", sex="M", **PUPILS), rounded(10), rounded(200)),
    row(at(school="2", sex="F", **PUPILS), rounded(30), rounded(200)), row(at(school="2", sex="M", **PUPILS), rounded(60), rounded(200)),
    adds_up=("sex", "school"),
)  # fmt: skip
GIRLS_OF_THREE = {at(school="1", sex="F", **PUPILS): (0, 3)}
GIRLS = {at(school="1", sex="F", **PUPILS): (0, 4)}


def of_set(n, over, **columns):  # type: ignore[no-untyped-def]
    return row(at(schools="both", **PUPILS, **columns), n, over)


@pytest.mark.parametrize("column", ["area", "phase"])
def test_the_only_school_of_an_area_or_a_phase(column):
    """Its count is the count of that area or phase."""
    whole = table(of_set(rounded(10), rounded(400), **{column: "a"}), of_set(rounded(90), rounded(400), **{column: "b"}),
                  id="whole", adds_up=(column,))  # fmt: skip
    links = (("school", "1", f"{column}=a"), ("school", "2", f"{column}=b"))
    assert found(attacked(release(SCHOOLS, whole, school_sets=SETS, parents=links))) == GIRLS
    assert attacked(release(SCHOOLS, whole, school_sets=SETS)).is_safe  # without knowing which school is of which


def test_a_school_has_an_area_and_a_phase():
    """Of two schools of one phase, one lies in each area: the phase in an area is one school."""
    whole = table(
        of_set(rounded(10), rounded(400), area="a", phase="SS"), of_set(rounded(90), rounded(400), area="b", phase="SS"),
        id="whole", adds_up=("area", "phase"),
    )  # fmt: skip
    links = tuple(
        ("school", urn, link) for urn, area in (("1", "a"), ("2", "b")) for link in (f"area={area}", "phase=SS")
    )
    assert found(attacked(release(SCHOOLS, whole, school_sets=SETS, parents=links))) == GIRLS


@pytest.mark.parametrize("column", ["area", "phase"])
def test_inside_one_school_area_and_phase_add_up_exactly(column):
    by_place = table(
        row(at(school="1", **PUPILS, **{column: "a"}), rounded(10), rounded(400)),
        row(at(school="1", **PUPILS, **{column: "b"}), exact(0), exact(0)), id="place", adds_up=(column, "school"),
    )  # fmt: skip
    assert found(attacked(release(SCHOOLS, by_place, school_sets=SETS))) == GIRLS


def test_parts_that_overlap_are_at_least_their_whole_though_it_is_not_shown():
    """Girls and boys of all schools are the whole; it is at most the sum over phases, 12."""
    by_sex = table(of_set(LOW, rounded(600), sex="F"), of_set(rounded(10), rounded(600), sex="M"), adds_up=("sex",))
    by_phase = table(of_set(exact(0), exact(0), phase="PS"), of_set(rounded(10), rounded(1200), phase="SS"),
                     id="phase", adds_up=("phase",))  # fmt: skip
    made: Published = release(by_sex, by_phase, school_sets=SETS)
    assert found(attacked(made)) == {at(schools="both", sex="F", **PUPILS): (0, 4)}


@pytest.mark.parametrize(
    ("part", "whole"),
    [("accepted", "support_offered"), ("completed", "support_offered"), ("community_resolution", "out_of_court"),
     ("report_made_safeguarding", "report_made")],
)  # fmt: skip
def test_a_part_of_a_stage_is_at_most_the_stage(part, whole):
    """Boys of the part are 13 at least, so of the whole too; the whole is 17 at most: its girls are 4 at most."""

    def of(stage, n, **columns):  # type: ignore[no-untyped-def]
        return row(at(stage, "pupils", school="1", **columns), n)

    by_sex = table(of(whole, LOW, sex="F"), of(whole, HIDDEN, sex="M"), adds_up=("sex", "school"))
    parts = table(of(part, LOW, sex="F"), of(part, rounded(15), sex="M"), id="parts", adds_up=("sex", "school"))
    total = table(of(whole, rounded(15)), id="total", adds_up=("school",))
    assert found(attacked(release(by_sex, parts, total, school_sets=SETS)))[
        at(whole, "pupils", school="1", sex="F")
    ] == (0, 4)
    assert attacked(release(by_sex, total, school_sets=SETS)).is_safe


def test_a_count_that_is_hidden_by_itself_is_half_of_its_roll():
    """The rule is printed: boys of whom 38 to 42 are on roll are 19 at least. All are 18 to 22, so the girls are 3 at most."""
    by_sex = table(row(at(school="1", sex="F", **PUPILS), LOW, rounded(200)), row(at(school="1", sex="M", **PUPILS), HIDDEN, rounded(40)),
                   adds_up=("sex", "school"))  # fmt: skip
    total = table(row(at(school="1", **PUPILS), rounded(20), rounded(240)), id="total", adds_up=("school",))
    assert found(attacked(release(by_sex, total, school_sets=SETS))) == GIRLS_OF_THREE
    beside = replace(HIDDEN, state=CellState.HIDDEN_SECOND)  # hidden for the sake of another: it says nothing
    by_sex = replace(by_sex, rows=(by_sex.rows[0], replace(by_sex.rows[1], n=beside)))
    assert attacked(release(by_sex, total, school_sets=SETS)).is_safe


@pytest.mark.parametrize(("roll", "most"), [(10, 4), (13, 6), (15, 7)])
def test_a_low_count_is_less_than_half_of_its_roll(roll, most):
    made = release(table(row(at(school="1", **PUPILS), LOW, rounded(200))))
    result = attack([made], PUBLIC, rolls={roll_under(at(school="1", **PUPILS)): roll})
    assert [(one.at_least, one.at_most) for one in (result.narrowed or result.narrowest)] == [(0, most)]
    assert result.is_safe == (most >= 5)


def test_one_revised_figure_does_not_end_the_reading_together():
    """The first school's girls are told by two releases together. That the second one's return came late between them says
    nothing of the first, and what it moved is called revised."""

    def by(column, one, other, extra, roll):  # type: ignore[no-untyped-def]
        return table(*(row(at(school=school, **{column: code}, **PUPILS), n, rounded(roll) if n != exact(0) else n)
                       for school, counts in (("1", (one, other)), ("2", extra))
                       for code, n in zip(("no", "yes"), counts, strict=True)), adds_up=(column, "school"))  # fmt: skip

    same = (rounded(20), rounded(20))
    first = release(by("sex", LOW, rounded(10), same, 200), school_sets=SETS)
    late = release(by("is_fsm", exact(0), rounded(10), (exact(0), rounded(100)), 400), name="r2", school_sets=SETS)
    result = attacked(first, late)
    assert found(result) == {at(school="1", sex="no", **PUPILS): (0, 4)}
    assert {dict(of)["school"] for of in result.revised} == {"2"}
    assert attacked(first).is_safe and attacked(late).is_safe


def test_out_of_time_is_not_taken_for_a_contradiction():
    """Which assumptions give way is a program of its own, and may run out of time."""
    system = System()
    for number in range(3):
        system.add_unknown((("u", str(number)),), 0, 9)
    system.add_line([(0, 1.0)], 5, 9, "x")
    system.add_at_most(0, 1, "y", is_assumed=True)
    system.add_line([(1, 1.0)], 0, 3, "z")
    solver = Solver(system, [0, 1, 2], [0, 1, 2], seconds=60.0)
    solver._seconds = 0.0
    with pytest.raises(SolverStopped):
        solver._broken([1])
