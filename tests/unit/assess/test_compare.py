"""Compare: from hand-made cells to an answer. Arithmetic is written out; nothing is copied from the output."""

from __future__ import annotations

import math

import pytest

from dueregard.assess.disparity import compare
from dueregard.errors import UnknownName, UsageError
from dueregard.evidence.as_json import answer_as_json
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells, LeftOut
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState

PERIOD = "2023/24"


def cells(whole, strata=(), *, measure=None, caveats=(), **more) -> Cells:
    measure = measure or Measure("arrested", within=("school",) if strata else ())
    listed = tuple(c if isinstance(c, Cell) else Cell(PERIOD, (), (c[0],), c[1], c[2]) for c in whole)
    parts = tuple(Cell(PERIOD, (s,), (g,), n, d) for s, g, n, d in strata)
    return Cells(
        measure, (PERIOD,), listed, parts, ((PERIOD, 2),), more.pop("left_out", ()), caveats=tuple(caveats), **more
    )


def answer(found: Cells, **more):
    return compare(found, snapshot="s", code_version="0", **more)


def by_code(found):
    return {g.code: g for g in found.groups}


def test_rates_ratio_and_difference():
    found = by_code(answer(cells([("W", 10, 1000), ("B", 30, 1500)])))
    assert found["B"].rate_per_1000.estimate == pytest.approx(1000 * 30 / 1500)
    assert found["B"].relative_rate.estimate == pytest.approx((30 / 1500) / (10 / 1000))
    assert found["B"].difference_per_1000.estimate == pytest.approx(1000 * (30 / 1500 - 10 / 1000))
    assert found["W"].relative_rate is None
    assert found["W"].is_comparison


@pytest.mark.parametrize(
    ("measure", "rate", "ratio"),
    [
        (Measure("arrested"), "Wilson", "Koopman"),
        (Measure("arrested", unit="events"), "Byar", "mid-P"),
        (Measure("arrested", unit="involvements", denominator="pupil_years"), "Byar", "mid-P"),
        (Measure("arrested", denominator="contact"), "Wilson", "Koopman"),
    ],
)
def test_the_method_follows_from_unit_and_denominator(measure, rate, ratio):
    found = by_code(answer(cells([("W", 10, 1000), ("B", 30, 1500)], measure=measure)))
    assert rate in found["B"].rate_per_1000.method
    assert ratio in found["B"].relative_rate.method


def test_below_ten_events_the_rate_is_exact():
    found = by_code(answer(cells([("W", 9, 1000), ("B", 10, 1000)], measure=Measure("arrested", unit="events"))))
    assert "Garwood" in found["W"].rate_per_1000.method
    assert "Byar" in found["B"].rate_per_1000.method


def test_pupil_days_become_pupil_years():
    measure = Measure("contact", unit="events", denominator="pupil_years")
    found = by_code(answer(cells([("W", 10, 190 * 500), ("B", 30, 190 * 500)], measure=measure)))
    assert found["B"].denominator == 500
    assert found["B"].rate_per_1000.estimate == pytest.approx(1000 * 30 / 500)


def test_zero_and_open_ends_in_json():
    found = answer_as_json(answer(cells([("W", 0, 1000), ("B", 5, 1000), ("A", 0, 500), ("O", 0, 0)])))
    groups = {g["code"]: g for g in found["groups"]}
    assert groups["B"]["relative_rate"]["open"] == "upper"
    assert groups["B"]["relative_rate"]["upper"] is None
    assert groups["B"]["relative_rate"]["estimate"] is None
    assert groups["B"]["relative_rate"]["lower"] > 0
    for end in ("estimate", "lower", "upper"):
        assert groups["A"]["relative_rate"][end] is None  # 0/0 of two groups: not estimable
        assert groups["O"]["relative_rate"][end] is None
        assert groups["O"]["rate_per_1000"][end] is None  # nobody is in it
    assert groups["A"]["rate_per_1000"]["estimate"] == 0
    assert groups["A"]["rate_per_1000"]["upper"] > 0
    assert groups["A"]["difference_per_1000"]["estimate"] == 0
    assert groups["A"]["verdict"].startswith("not estimable")


def test_more_pupils_than_the_roll_is_treated_as_counts_and_said():
    found = answer(cells([("W", 10, 8), ("B", 30, 1500)]))
    assert "mid-P" in by_code(found)["B"].relative_rate.method
    assert any("more pupils counted than on roll" in caveat for caveat in found.caveats)


STRATA = [("1", "W", 5, 100), ("1", "B", 8, 400), ("2", "W", 20, 2000), ("2", "B", 3, 100), ("3", "B", 7, 50)]


def test_within_is_mantel_haenszel_and_prints_what_is_left_out():
    whole = [("W", 25, 2100), ("B", 18, 550)]
    found = by_code(answer(cells(whole, STRATA)))["B"]
    r = 8 * 100 / 500 + 3 * 2000 / 2100
    q = 5 * 400 / 500 + 20 * 100 / 2100
    assert found.within_relative_rate.estimate == pytest.approx(r / q)
    assert found.left_out_within_share == pytest.approx(50 / 550)  # school 3 has no White pupils
    assert found.heterogeneity.degrees_of_freedom == 1


def test_where_crude_and_within_differ_it_is_the_first_sentence():
    # Simpson: B is lower over all, higher in each school
    strata = [("1", "W", 10, 1000), ("1", "B", 60, 3000), ("2", "W", 800, 8000), ("2", "B", 40, 200)]
    found = answer(cells([("W", 810, 9000), ("B", 100, 3200)], strata))
    black = by_code(found)["B"]
    assert (black.verdict, black.within_verdict, black.agree) == ("lower", "higher", False)
    assert found.sentence.startswith("The crude figure and the figure within the same school do not say the same")


def test_missing_groups_are_listed_with_their_n_and_compared_with_nobody():
    found = answer(cells([("W", 10, 1000), ("B", 30, 1500), ("not_stated", 5, 0), ("not_recorded", 5, 40)]))
    groups = by_code(found)
    assert (groups["not_stated"].n, groups["not_stated"].denominator) == (5, 0)
    assert groups["not_recorded"].relative_rate is None
    assert groups["not_recorded"].rate_per_1000.estimate == pytest.approx(1000 * 5 / 40)
    assert (found.missing.not_stated, found.missing.not_recorded) == (5, 5)
    assert found.missing.share == pytest.approx(10 / 50)


def test_of_two_sources_no_rate_of_a_missing_group():
    found = by_code(answer(cells([("W", 10, 1000), ("not_recorded", 5, 40)], caveats=[TWO_SOURCES])))
    assert found["not_recorded"].rate_per_1000 is None


def test_a_suppressed_denominator_gives_bounds_only():
    hidden = Cell(PERIOD, (), ("idea",), 609, None, CellState.SUPPRESSED, 60_105, 80_013)
    measure = Measure("arrested", by=("disability",))
    found = by_code(answer(cells([hidden, ("none", 1000, 400_000)], measure=measure)))["idea"]
    assert found.rate_per_1000 is None
    assert found.relative_rate is None
    assert found.rate_at_least_per_1000 == pytest.approx(1000 * 609 / 80_013)
    assert found.rate_at_most_per_1000 == pytest.approx(1000 * 609 / 60_105)


CROSSED = [
    Cell(PERIOD, (), (g, s), n, 1000) for g, s, n in (("W", "M", 10), ("W", "F", 5), ("B", "M", 30), ("B", "F", 10))
]


def test_a_comparison_holds_the_other_columns():
    measure = Measure("arrested", by=("ethnicity", "sex"))
    found = by_code(answer(cells(CROSSED, measure=measure)))
    assert found["B,F"].relative_rate.estimate == pytest.approx(10 / 5)
    assert found["B,M"].relative_rate.estimate == pytest.approx(30 / 10)
    one = by_code(answer(cells(CROSSED, measure=measure), comparison="White, Boys"))
    assert one["B,F"].relative_rate.estimate == pytest.approx(10 / 10)
    by_sex = by_code(answer(cells(CROSSED, measure=measure), comparison="F"))
    assert by_sex["B,M"].relative_rate.estimate == pytest.approx(30 / 10)


def test_a_comparison_that_does_not_exist():
    with pytest.raises(UnknownName, match=r"W \(White\), B \(Black\)"):
        answer(cells([("W", 10, 1000), ("B", 30, 1500)]), comparison="HI")
    with pytest.raises(UsageError, match="names 2 codes"):
        answer(cells([("W", 10, 1000), ("B", 30, 1500)]), comparison="W,M")


def test_a_split_without_a_declared_comparison_says_so():
    found = answer(cells([("9", 10, 1000), ("10", 30, 1500)], measure=Measure("arrested", by=("year_group",))))
    assert found.comparison is None
    assert all(g.relative_rate is None for g in found.groups)
    assert [g.code for g in found.groups] == ["9", "10"]
    assert any("--comparison" in caveat for caveat in found.caveats)


def test_schools_left_out_in_json():
    out = (LeftOut(PERIOD, "suppressed", 3, None, 3), LeftOut(PERIOD, "partial", 2, ((("B",), 40), (("W",), 10)), 1))
    document = answer_as_json(answer(cells([("W", 10, 1000), ("B", 30, 1500)], left_out=out)))
    assert document["schools"] == {
        "used": 2,
        "left_out": {
            "suppressed": {"schools": 3, "pupils": None, "roll_unknown_schools": 3},
            "not_collected": {"schools": 0, "pupils": {}, "roll_unknown_schools": 0},
            "partial": {"schools": 2, "pupils": {"B": 40, "W": 10}, "roll_unknown_schools": 1},
        },
    }


@pytest.mark.parametrize("forbidden", ["no disparity", "complian", "significan", "bias", "discriminat"])
def test_words_that_are_never_said(forbidden):
    found = answer(cells([("W", 25, 2100), ("B", 18, 550)], STRATA))
    said = " ".join(
        [found.sentence, found.estimand, *found.caveats, *(f"{g.verdict} {g.within_verdict}" for g in found.groups)]
    )
    assert forbidden not in said.lower()


def test_the_detectable_ratio_is_finite_where_there_is_something_to_see():
    found = by_code(answer(cells([("W", 10, 1000), ("B", 30, 1500)])))["B"]
    assert 1 < found.minimum_detectable_ratio < math.inf
