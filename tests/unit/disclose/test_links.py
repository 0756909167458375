"""What counts are parts of: each link that an attacker knows gives something away where it is not looked at."""

from __future__ import annotations

import pytest

from dueregard.evidence.protected import exact
from dueregard.evidence.published import Published
from tests.unit.disclose.leaks import LOW, at, attacked, found, release, rounded, row, table

SETS = (("both", ("1", "2")),)
PUPILS = {"stage": "contact", "unit": "pupils"}
# Of the first school 11 pupils, shown as 10: 8 to 12. Its boys are 8 to 12 too, so its girls are 4 at most.
SCHOOLS = table(
    row(at(school="1", sex="F", **PUPILS), LOW, rounded(200)), row(at(school="1", sex="M", **PUPILS), rounded(10), rounded(200)),
    row(at(school="2", sex="F", **PUPILS), rounded(30), rounded(200)), row(at(school="2", sex="M", **PUPILS), rounded(60), rounded(200)),
    adds_up=("sex", "school"),
)  # fmt: skip
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
