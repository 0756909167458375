"""Standardised answers: figures worked out by hand from small cells, what is left out, what is refused."""

from __future__ import annotations

import json

import pytest

from dueregard import steps
from dueregard.assess.standardise import standardise, standardised_question
from dueregard.cli import main
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.caveats import DEPENDENT, TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells, LeftOut, Repeat
from dueregard.evidence.standardised_json import standardised_as_json
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState

# ethnicity, sex: (n, denominator). Boys are seen more often, and more of the Black pupils are boys.
COUNTS = {
    ("W", "F"): (20, 1000), ("W", "M"): (40, 1000),
    ("B", "F"): (12, 400), ("B", "M"): (36, 600),
    ("A", "F"): (5, 500), ("A", "M"): (3, 500),
    ("not_recorded", "F"): (11, 100), ("not_recorded", "M"): (2, 50),
}  # fmt: skip
ROLL_F, ROLL_M = 1000 + 400 + 500 + 100, 1000 + 600 + 500 + 50
SNAPSHOT = {"snapshot": "0" * 32, "code_version": "0"}


def cells(counts=COUNTS, *, unit="involvements", caveats=(), by=("ethnicity", "sex"), **more):
    found = tuple(sorted(Cell("2023/24", (), codes, n, under) for codes, (n, under) in counts.items()))
    return Cells(Measure("contact", unit, by=by, period="2023/24"), ("2023/24",), found, (), (("2023/24", 9),), (),
                 caveats=caveats, **more)  # fmt: skip


def singles(counts=COUNTS):
    """Nobody came twice."""
    return tuple(Repeat("2023/24", codes, n, n, 0, 1) for codes, (n, _) in counts.items() if n)


def answer(found=None, repeats=(), **more):
    options = {"over": ("sex",), "method": "direct"} | SNAPSHOT | more
    return standardise(found or cells(), repeats or singles(), **options)


def group(found, code):
    return next(g for g in found.groups if g.code == code)


def direct(code, counts=COUNTS):
    (f, nf), (m, nm) = counts[code, "F"], counts[code, "M"]
    return (ROLL_F * f / nf + ROLL_M * m / nm) / (ROLL_F + ROLL_M) * 1000


def test_the_standard_is_the_whole_roll_missing_groups_included():
    found = answer()
    assert found.standard_denominator == ROLL_F + ROLL_M
    for code in ("W", "B", "not_recorded"):
        assert group(found, code).rate_per_1000.estimate == pytest.approx(direct(code), rel=1e-12)
    assert group(found, "B").relative_rate.estimate == pytest.approx(direct("B") / direct("W"), rel=1e-12)
    assert group(found, "B").crude_per_1000 == pytest.approx((12 + 36) / (400 + 600) * 1000, rel=1e-12)


def test_missing_groups_are_rows_of_their_own_and_never_compared():
    found = answer()
    missing = group(found, "not_recorded")
    assert (missing.is_missing, missing.n, missing.relative_rate) == (True, 13, None)
    assert found.missing.share == pytest.approx(13 / (60 + 48 + 8 + 13))
    assert any("listed, never spread" in c for c in found.caveats)


def test_of_two_sources_a_missing_group_has_no_rate():
    missing = group(answer(cells(caveats=(TWO_SOURCES,))), "not_recorded")
    assert (missing.n, missing.rate_per_1000, missing.crude_per_1000) == (13, None, None)


def test_fewer_than_ten_are_not_estimable_and_it_is_said():
    found = answer()
    assert not group(found, "A").rate_per_1000.is_estimable
    assert not group(found, "A").relative_rate.is_estimable
    assert any(c.startswith("Fewer than 10 counted") for c in found.caveats)
    assert standardised_as_json(found)["groups"][1]["rate_per_1000"]["estimate"] is None


def test_who_came_again_widens_and_it_is_said_by_how_much():
    """Each of the 48 contacts of Black pupils is one of a pupil's four: the variance is four times as large."""
    fours = tuple(Repeat(r.period, r.codes, r.n, r.n * 4 if r.codes[0] == "B" else r.n, 0, 4) for r in singles())
    plain, wide = group(answer(), "B"), group(answer(repeats=fours), "B")
    assert wide.widening == pytest.approx(2)
    assert wide.rate_per_1000.upper - wide.rate_per_1000.estimate == pytest.approx(
        2 * (plain.rate_per_1000.upper - plain.rate_per_1000.estimate)
    )
    assert wide.most_of_one_pupil == 4
    assert any("by a factor of 1.00 to 2.00" in c for c in answer(repeats=fours).caveats)
    assert answer(repeats=fours).interval_method.startswith("Dobson, widened for repeat events")


def test_unknown_repeats_and_pupils():
    counted = standardise(cells(), None, over=("sex",), method="direct", **SNAPSHOT)
    assert DEPENDENT in counted.caveats and group(counted, "W").widening is None
    pupils = standardise(cells(unit="pupils"), None, over=("sex",), method="direct", **SNAPSHOT)
    assert DEPENDENT not in pupils.caveats and group(pupils, "W").widening == 1


def test_a_stratum_without_pupils_is_not_filled_in_and_is_said():
    counts = COUNTS | {("B", "F"): (3, 0)}
    found = answer(cells(counts), singles(counts))
    black, whole = group(found, "B"), ROLL_F - 400 + ROLL_M
    assert black.rate_per_1000.estimate == pytest.approx(36 / 600 * 1000)
    assert black.not_covered_share == pytest.approx((ROLL_F - 400) / whole)
    assert black.relative_rate.estimate == pytest.approx((36 / 600) / (40 / 1000))  # over boys, whom both groups have
    assert black.relative_not_covered_share == pytest.approx((ROLL_F - 400) / whole)
    assert (black.n, black.n_outside) == (39, 3)
    assert any("is not covered and its rate is that of the rest: Black" in c for c in found.caveats)
    assert any(c.startswith("3 of those counted are in strata with nobody on the roll") for c in found.caveats)


def test_indirect_at_everybodys_rates():
    found = answer(method="indirect")
    girls, boys = (20 + 12 + 5 + 11) / ROLL_F, (40 + 36 + 3 + 2) / ROLL_M
    expected = 400 * girls + 600 * boys
    assert group(found, "B").expected == pytest.approx(expected, rel=1e-12)
    assert group(found, "B").ratio.estimate == pytest.approx(48 / expected, rel=1e-12)
    assert found.comparison is None and not any(g.is_comparison for g in found.groups)
    assert any("not comparable with each other" in c for c in found.caveats)
    assert any("part of everybody" in c for c in found.caveats)


def test_indirect_at_the_comparison_groups_rates():
    found = answer(method="indirect", comparison="White")
    assert group(found, "B").expected == pytest.approx(400 * 0.02 + 600 * 0.04, rel=1e-12)
    assert group(found, "B").ratio.method.startswith("Byar")
    assert group(found, "A").ratio.method.startswith("exact")  # 8 counted
    assert group(found, "W").ratio.estimate == pytest.approx(1)
    assert (found.standard_denominator, found.comparison) == (2000, "W")
    assert any("taken as known" in c for c in found.caveats)


def test_indirect_where_the_standard_has_nobody():
    counts = COUNTS | {("W", "F"): (0, 0)}
    found = answer(cells(counts), singles(counts), method="indirect", comparison="W")
    black = group(found, "B")
    assert (black.expected, black.n_outside) == (pytest.approx(600 * 0.04), 12)
    assert black.not_covered_share == pytest.approx(400 / 1000)


def test_an_unknown_stratum_stands_by_itself():
    counts = COUNTS | {("W", "not_recorded"): (10, 100), ("B", "not_recorded"): (4, 100)}
    found = answer(cells(counts), singles(counts))
    assert found.n_strata == 3
    assert found.missing_over_share == pytest.approx(14 / (129 + 14))
    assert any("sex is not known" in c for c in found.caveats)


def test_groups_crossed_are_compared_with_the_same_of_the_other_column():
    counts = {(e, d, s): (n, 500) for e, n in (("W", 20), ("B", 30)) for d in ("none", "disabled") for s in ("F", "M")}
    asked = cells(counts, by=("ethnicity", "disability", "sex"))
    found = answer(asked, singles(counts))
    assert found.by == ("ethnicity", "disability")
    assert group(found, "B,disabled").relative_rate.estimate == pytest.approx(1.5)
    assert group(found, "W,disabled").relative_rate is None


def test_what_stays_out_and_where_it_comes_from_goes_with_the_answer():
    pupils = ((("W", "F"), 40), (("W", "M"), 30), (("B", "F"), 20))
    left = (LeftOut("2023/24", "partial", 2, pupils, 1), LeftOut("2023/24", "suppressed", 1, None, 1))
    asked = cells()
    found = answer(Cells(asked.measure, asked.periods, asked.whole, (), asked.schools_used, left, 4, 1), singles())
    plain = standardised_as_json(found)
    assert plain["schools"] == {"used": 9, "left_out": [
        {"state": "partial", "schools": 2, "pupils": {"B": 20, "W": 40 + 30}, "roll_unknown_schools": 1},
        {"state": "suppressed", "schools": 1, "pupils": None, "roll_unknown_schools": 1},
    ]}  # fmt: skip
    assert (plain["not_identified"], plain["disagreeing"], plain["snapshot"]) == (4, 1, "0" * 32)
    assert plain["estimand"].startswith(
        "Involvements of pupils who had a contact with an officer in 2023/24, per 1,000"
    )
    assert any("taken as another pupil's" in c for c in plain["caveats"])
    json.dumps(plain, allow_nan=False)


def test_a_roll_that_is_not_known_is_no_standard():
    hidden = Cell("2023/24", (), ("W", "F"), 1, None, CellState.SUPPRESSED, 1, 4)
    asked = cells({("W", "M"): (3, 10)})
    with pytest.raises(CannotAnswer, match="no standard population"):
        answer(
            Cells(asked.measure, asked.periods, (*asked.whole, hidden), (), (("2023/24", 1),), ()),
            singles({("W", "M"): (3, 1)}),
        )
    with pytest.raises(CannotAnswer, match="No pupil is on roll"):
        answer(cells({("W", "M"): (3, 0)}), singles({("W", "M"): (3, 0)}))


@pytest.mark.parametrize(
    ("measure", "over", "words"),
    [
        (Measure("contact"), (), "nothing to standardise over"),
        (Measure("contact"), ("ethnicity",), "both a group and"),
        (Measure("contact"), ("sex", "sex"), "both a group and"),
        (Measure("contact", by=("ethnicity", "period")), ("sex",), "of one period"),
        (Measure("contact"), ("period",), "of one period"),
        (Measure("arrested", denominator="contact"), ("sex",), "stage as denominator"),
        (Measure("contact"), ("route",), "does not have every column"),
    ],
)
def test_questions_that_cannot_be_standardised(measure, over, words):
    with pytest.raises(UsageError, match=words):
        standardised_question(measure, over)


# ---------------------------------------------------------------- the whole way


@pytest.mark.xdist_group("borough")
class TestBorough:
    def test_engines_give_the_same_answer(self, borough_snapshot):
        asked = Measure("contact", "involvements")
        found = [steps.standardise(borough_snapshot, asked, over=("age_on_31_august", "sex"), engine=e)
                 for e in ("duckdb", "reference")]  # fmt: skip
        assert found[0] == found[1]
        assert any(g.widening > 1 for g in found[0].groups if g.widening)

    def test_command(self, borough_snapshot, capsys):
        command = ["standardise", str(borough_snapshot), "--stage", "contact", "--unit", "involvements"]
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert "directly standardised over age on 31 August and sex" in printed and "Internal" in printed
        assert main([*command, "--method", "indirect", "--comparison", "W", "--json"]) == 0
        plain = json.loads(capsys.readouterr().out)
        assert (plain["method"], plain["comparison"], plain["over"]) == ("indirect", "W", ["age_on_31_august", "sex"])
        assert plain["measure"]["by"] == ["ethnicity"]

    @pytest.mark.parametrize(
        ("more", "code", "words"),
        [
            (["--method", "oblique"], 2, "There is no method `oblique`.\nTry: one of direct, indirect"),
            (["--over", "colour"], 2, "There is no column `colour`"),
            (["--comparison", "Z"], 2, "There is no group of ethnicity `Z`"),
            (["--over", ""], 2, "nothing to standardise over"),
            (["--over", "is_fsm"], 5, "the roll is not by pupil"),
        ],
    )
    def test_wrong_use(self, more, code, words, borough_snapshot, capsys):
        assert main(["standardise", str(borough_snapshot), "--stage", "contact", *more]) == code
        assert words in capsys.readouterr().err

    def test_a_method_that_does_not_exist(self, borough_snapshot):
        with pytest.raises(UnknownName):
            steps.standardise(borough_snapshot, Measure("contact"), over=("sex",), method="x")
