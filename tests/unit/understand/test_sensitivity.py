"""Sensitivity to missing ethnicity: small folders with their arithmetic, on both engines, and what is said where nothing can be."""

from __future__ import annotations

import csv
import json
import math
from datetime import date

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.sensitivity_json import sensitivity_as_json
from dueregard.measures.question import question
from dueregard.records.tables import table
from dueregard.understand.missing_ethnicity import IMPUTED_BY, Extra
from dueregard.understand.missing_ethnicity import sensitivity as understand

TODAY = date(2026, 11, 23)
ENGINES = ("duckdb", "reference")
WHOLE = [{"urn": "*", "subject": "contact", "from_on": "2023-09-01", "to_on": "2024-08-31", "state": "complete"}]
SCHOOLS = [{"urn": "1", "name": "One", "borough": "Camden"}]


def roll(**n: int) -> list[dict[str, str]]:
    """On the roll of school 1: ethnicity codes and how many."""
    return [{"urn": "1", "census_on": "2024-01-18", "enrolment_status": "C", "ethnicity": code if code != "MISSING" else "",
             "n_pupils": str(k)} for code, k in n.items()]  # fmt: skip


def contacts(*many: tuple[str, str, int], suspects: int = 0) -> dict[str, list[dict[str, str]]]:
    """One contact a pupil: (own word, officer's code, how many). The first `suspects` of each lot were recorded as such."""
    rows: dict[str, list[dict[str, str]]] = {"contact": [], "involvement": [], "step": []}
    for own, observed, n in many:
        for k in range(n):
            ref = f"c{len(rows['contact'])}"
            rows["contact"].append({"contact_ref": ref, "urn": "1", "occurred_at": "2024-01-15T10:00"})
            rows["involvement"].append({"contact_ref": ref, "pupil_ref": f"p-{ref}", "self_defined_ethnicity": own,
                                        "observed_ethnicity": observed, "subject_category": "suspect"})  # fmt: skip
            if k < suspects:
                rows["step"].append({"contact_ref": ref, "pupil_ref": f"p-{ref}", "stage": "recorded_as_suspect",
                                     "occurred_on": "2024-01-16"})  # fmt: skip
    return rows


def write(tables, folder) -> Source:
    folder.mkdir()
    for name, rows in tables.items():
        given = {column for row in rows for column in row}
        columns = [c for c in table(name).columns if c.name in given or not c.optional]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(c.name for c in columns)
            for row in rows:
                writer.writerow(row.get(c.name, "") for c in columns)
    return Source(folder)


def freeze(folder, **tables):
    found = {"school": SCHOOLS, "collection": WHOLE, **tables}
    return steps.freeze([write(found, folder / "native")], folder / "snapshots", today=TODAY)[0].path


def asked(stage: str = "contact", **more: str):
    return question(stage, **more)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """320 of 60,000 beside 410 of 160,000, with 90 missing: 60 seen as Black, 20 as White, 10 as neither."""
    rows = contacts(("W1", "IC1", 410), ("B1", "IC3", 310), ("B1", "", 10), ("NS", "IC3", 60), ("NS", "IC1", 20), ("NS", "", 10))  # fmt: skip
    return freeze(tmp_path_factory.mktemp("example"), roll=roll(WBRI=160_000, BCRB=60_000), **rows)


@pytest.fixture(scope="module")
def found(example):
    return steps.sensitivity(example, asked())


def test_the_worked_example_end_to_end(found):
    black = found.groups[0]
    assert (found.n, found.missing.not_stated, found.missing.share) == (820, 90, 90 / 820)
    assert black.complete.estimate == pytest.approx((320 / 60_000) / (410 / 160_000), rel=1e-12)
    ends = black.worst_case
    assert (round(black.complete.estimate, 2), round(ends.lowest, 2), round(ends.highest, 2)) == (2.08, 1.71, 2.67)
    assert black.worst_case_with_roll is None  # nobody on the roll lacks a group
    assert round(black.proportional, 2) == 2.08
    assert black.gate == "robust"
    assert black.gate_words.startswith("robust: higher whoever the missing are, chance included (1.4")
    # Of 80 with an officer's code three in four look Black: nearly all of these are taken for Black, so more than 2.08
    assert 2.08 < black.imputed.ratio.estimate < 2.67
    assert black.tipping_theta is None


def test_both_engines_say_the_same(example, found):
    assert steps.sensitivity(example, asked(), engine="reference") == found


def test_the_missing_odds_curve_stands_between_the_bounds(found):
    black = found.groups[0]
    at = {point.theta: point.estimate for point in black.missing_odds}
    assert at[1.0] == pytest.approx(black.complete.estimate)
    # half and twice as readily, by hand: odds o = 90 / (theta 320 + 410)
    for theta in (0.5, 2.0):
        odds = 90 / (theta * 320 + 410)
        assert at[theta] == pytest.approx(black.complete.estimate * (1 + theta * odds) / (1 + odds), rel=1e-12)
    assert black.worst_case.lowest < at[0.5] < at[2.0] < black.worst_case.highest


def test_the_two_series_and_what_they_say_together(found):
    series = found.two_series
    codes = [code for code, _ in series.self_defined], [code for code, _ in series.observed]
    assert codes == (["W", "B", "not_stated"], ["W", "B", "not_recorded"])
    assert series.matrix == ((410, 0, 0), (0, 310, 10), (20, 60, 10))
    assert (series.n_in_both, series.agreement_share, series.kappa.estimate) == (720, 1.0, 1.0)
    white, black = series.corrected
    assert (white.own_word, white.observed, black.own_word, black.observed) == (410, 430, 320, 370)
    # 410 of 410 seen as White were White: 20 more of them are nearly sure; Jeffreys' half a case leaves a little doubt
    assert 428 <= white.corrected.lower <= white.corrected.upper <= 432
    assert white.corrected.estimate + black.corrected.estimate == pytest.approx(410 + 320 + 80)


def test_who_is_missing_is_a_finding_of_its_own(found):
    by = {(one.column, one.code): one for one in found.missingness}
    black = by[("observed_ethnicity", "B")]
    assert (black.n, black.not_stated, black.share.estimate) == (370, 60, 60 / 370)
    assert black.beside.estimate == pytest.approx((60 / 370) / (20 / 430))
    assert by[("school", "1")].n == 820
    assert by[("observed_ethnicity", "not_recorded")].beside is None


def test_the_bars_of_a_picture(found):
    bars = {bar.code: bar for bar in found.groups[0].analyses}
    assert list(bars) == ["complete", "missing_odds", "imputed", "worst_case"]
    assert (bars["worst_case"].lowest, bars["complete"].lowest) == (found.groups[0].worst_case.lowest, found.groups[0].complete.estimate)  # fmt: skip
    assert bars["worst_case"].lower < bars["worst_case"].lowest < bars["worst_case"].highest < bars["worst_case"].upper


def test_a_direction_that_the_missing_could_turn(tmp_path):
    """12 of 1,000 beside 20 of 2,000, 12 missing: 12/1000 over 32/2000 is below 1, 24/1000 over 20/2000 above."""
    rows = contacts(("W1", "IC1", 20), ("B1", "IC3", 12), ("NS", "IC3", 12))
    path = freeze(tmp_path, roll=roll(WBRI=2_000, BCRB=1_000), **rows)
    one = steps.sensitivity(path, asked())
    assert one.sentence == "Direction not established because ethnicity is missing for 27.3% of those counted: Black."
    black = one.groups[0]
    assert (black.gate, black.worst_case.lowest, black.worst_case.highest) == ("not_established", 0.75, 2.4)
    assert black.gate_words == ("direction not established because ethnicity is missing for 27.3% of those counted; "
                                "nor do the known alone establish it: chance could turn them")  # fmt: skip
    # the ratio is 1 where (12 + m1) / 1000 = (20 + 12 - m1) / 2000: m1 = 8/3, m0 = 28/3; odds 2/9 over 7/15
    assert black.tipping_theta == pytest.approx((2 / 9) / (7 / 15), rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_bounds_where_the_roll_lacks_groups_too(engine, tmp_path):
    """20 missing of those counted and 300 on the roll, other pupils: lowest 30/(1000 + 300) over (20 + 20)/2000."""
    rows = contacts(("W1", "", 20), ("B1", "", 30), ("NS", "", 20))
    path = freeze(tmp_path, roll=roll(WBRI=2_000, BCRB=1_000, MISSING=300), **rows)
    one = steps.sensitivity(path, asked(), engine=engine)
    both = one.groups[0].worst_case_with_roll
    assert both.lowest == pytest.approx((30 / 1_300) / (40 / 2_000))
    assert both.highest == pytest.approx((50 / 1_000) / (20 / 2_300))
    assert (one.roll_missing, one.roll_total) == (300, 3_300)
    assert one.groups[0].worst_case.lowest == pytest.approx((30 / 1_000) / (40 / 2_000))
    assert "28.6% of those counted and 9.1% of the roll" not in one.groups[0].gate_words  # it is not turned by them
    assert one.groups[0].gate == "robust_but_for_chance"
    assert {n.analysis for n in one.not_made} == {"two_series"}  # no officer's code is known


@pytest.mark.parametrize("engine", ENGINES)
def test_a_roll_by_pupil_counts_the_same_people_on_both_sides(engine, tmp_path):
    """Of 8 on the roll 2 lack a group, one of whom had a contact: whoever gets the contact gets the pupil too."""
    pupils = [("W", "WBRI", 3), ("B", "BCRB", 3), ("X", "", 2)]
    on_roll = [
        {"urn": "1", "census_on": "2024-01-18", "enrolment_status": "C", "pupil_ref": f"{name}{k}", "ethnicity": code, "n_pupils": "1"}
        for name, code, n in pupils for k in range(n)
    ]  # fmt: skip
    who = ("W0", "B0", "B1", "X0")
    rows = {
        "contact": [{"contact_ref": w, "urn": "1", "occurred_at": "2024-01-15T10:00"} for w in who],
        # The police wrote another word for X0: the roll's value counts where a pupil stands in it, and it has none.
        "involvement": [{"contact_ref": w, "pupil_ref": w, "self_defined_ethnicity": "B1", "subject_category": "suspect"} for w in who],
    }  # fmt: skip
    one = steps.sensitivity(freeze(tmp_path, roll=on_roll, **rows), asked(), engine=engine)
    assert one.whence.startswith("A pupil's ethnicity is the roll's, for everybody stands in it")
    both = one.groups[0].worst_case_with_roll
    assert both.lowest == pytest.approx((2 / (3 + 1)) / ((1 + 1) / (3 + 1)))  # X0 is White, X1 Black
    assert both.highest == pytest.approx(((2 + 1) / (3 + 1)) / (1 / (3 + 1)))
    assert one.groups[0].gate == "not_established"  # a lowest ratio of exactly 1 is no direction


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stage_over_contacts(engine, tmp_path):
    """5 of 30 beside 5 of 40, and 5 of 10 whose group is missing: lowest 5/(30 + 5) over (5 + 5)/(40 + 5)."""
    rows = contacts(("W1", "IC1", 40), ("B1", "IC3", 30), ("NS", "IC3", 10), suspects=5)
    path = freeze(tmp_path, roll=roll(WBRI=2_000, BCRB=1_000), **rows)
    one = steps.sensitivity(path, asked("recorded_as_suspect", denominator="contact"), engine=engine)
    black = one.groups[0]
    assert black.worst_case.lowest == pytest.approx((5 / 35) / (10 / 45))
    assert black.worst_case.highest == pytest.approx((10 / 35) / (5 / 45))
    assert black.worst_case_with_roll is None
    assert black.observed.estimate == pytest.approx(
        ((5 + 5) / 40) / (5 / 40)
    )  # by the officer's code: 40 seen as Black
    # at equal odds: the missing 5 that reached it and 5 that did not, each spread by its own known
    m1, m0, u1, u0 = 2.5, 2.5, 5 * 25 / 60, 5 * 35 / 60
    at_1 = next(point.estimate for point in black.missing_odds if point.theta == 1)
    assert at_1 == pytest.approx(((5 + m1) / (30 + m1 + u1)) / ((5 + m0) / (40 + m0 + u0)))


def test_the_known_alone_are_what_compare_says(borough_snapshot):
    for stage, more in (("contact", {}), ("contact", {"unit": "involvements", "denominator": "pupil_years"}),
                        ("power_used", {"unit": "events"}), ("recorded_as_suspect", {"denominator": "contact"})):  # fmt: skip
        said = {g.code: g for g in steps.compare(borough_snapshot, asked(stage, **more)).groups}
        for group in steps.sensitivity(borough_snapshot, asked(stage, **more)).groups:
            told = said[group.code].relative_rate
            assert group.complete == told, (stage, more)  # widened by who came again, as there
            assert group.n == said[group.code].n


def test_contacts_of_one_pupil_widen_every_range(borough_snapshot):
    """Ranges are stretched by the design effect, on logarithms; no ratio moves."""
    measure = asked("contact", unit="involvements", denominator="pupil_years")
    wide = steps.sensitivity(borough_snapshot, measure)
    engine = steps.open_engine(steps.open_snapshot(borough_snapshot))
    cells, repeats = engine.count(measure), {r.codes[0]: r for r in engine.repeats(measure)}
    profiles = engine.profiles(measure, IMPUTED_BY)
    plain = understand(
        cells, Extra(profiles, None, None), linkage="none", base="contact", snapshot="s", code_version="v"
    )
    effect = {code: r.squares / r.n for code, r in repeats.items()}
    assert max(effect.values()) > 1.05  # pupils come back in the borough, else the test shows nothing
    n = {cell.codes[0]: cell.n for cell in cells.whole}
    missing = [code for code in n if code in ("not_stated", "not_recorded", "unknown")]
    for one, other in zip(wide.groups, plain.groups, strict=True):
        times = ((effect[one.code] / n[one.code] + effect["W"] / n["W"]) / (1 / n[one.code] + 1 / n["W"])) ** 0.5
        assert one.complete.estimate == other.complete.estimate
        assert width(one.complete) == pytest.approx(times * width(other.complete))
        assert (one.worst_case.lowest, one.worst_case.highest) == (other.worst_case.lowest, other.worst_case.highest)
        more, squares = (sum(getattr(repeats[c], name) for c in missing) for name in ("n", "squares"))
        both = (repeats["W"].squares + squares) / (n["W"] + more)
        times = (
            (effect[one.code] / n[one.code] + both / (n["W"] + more)) / (1 / n[one.code] + 1 / (n["W"] + more))
        ) ** 0.5
        assert math.log(one.worst_case.lowest / one.worst_case.lower) == pytest.approx(
            times * math.log(other.worst_case.lowest / other.worst_case.lower)
        )
        assert one.imputed.ratio.estimate == other.imputed.ratio.estimate
        assert width(one.imputed.ratio) > width(other.imputed.ratio)


def width(found):
    return math.log(found.upper / found.lower)


def test_a_seed_makes_the_same_answer_and_another_moves_only_what_is_drawn(borough_snapshot):
    one, again, other = (steps.sensitivity(borough_snapshot, asked(), seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert [g.worst_case for g in one.groups] == [g.worst_case for g in other.groups]
    assert [g.imputed for g in one.groups] != [g.imputed for g in other.groups]


def test_a_filter_is_part_of_the_question(borough_snapshot):
    one = steps.sensitivity(borough_snapshot, asked(where=["sex=M"]))
    assert "where sex is" in one.estimand
    assert one.n < steps.sensitivity(borough_snapshot, asked()).n


def test_events_have_bounds_and_no_imputation_of_their_own(borough_snapshot):
    one = steps.sensitivity(borough_snapshot, asked("power_used", unit="events"))
    assert [n.analysis for n in one.not_made] == ["imputed"]
    assert one.groups[0].worst_case.lowest <= one.groups[0].complete.estimate


# Bad input: each is answered in words.
def test_a_group_that_does_not_exist(example):
    with pytest.raises(UnknownName, match="There is no group of ethnicity `Purple`"):
        steps.sensitivity(example, asked(), group="Purple")
    with pytest.raises(UnknownName, match="There is no group of ethnicity `A`"):
        steps.sensitivity(example, asked(), comparison="A")


def test_the_comparison_group_beside_itself(example):
    with pytest.raises(CannotAnswer, match="no group beside the comparison group"):
        steps.sensitivity(example, asked(), group="White")


def test_another_split_or_strata(example):
    for measure in (asked(by="sex"), asked(by="ethnicity,sex"), asked(within="school"), asked(by="ethnicity,period")):
        with pytest.raises(UsageError, match="one split, ethnicity"):
            steps.sensitivity(example, measure)


def test_a_stage_that_is_not_collected(example):
    with pytest.raises(CannotAnswer, match="the snapshot has no table"):
        steps.sensitivity(example, asked("charged"))


def test_a_stage_that_nobody_reached(tmp_path):
    rows = contacts(("W1", "IC1", 20), ("B1", "IC3", 12), ("NS", "IC3", 3))
    rows["step"] = [{"contact_ref": "c0", "pupil_ref": "p-c0", "stage": "arrested", "occurred_on": "2024-01-16"}]
    path = freeze(tmp_path, roll=roll(WBRI=2_000, BCRB=1_000), **rows)
    none = steps.sensitivity(path, asked("interviewed"))
    assert none.groups[0].gate == "not_estimable"
    assert none.sentence == "Not estimable: Black."
    one = steps.sensitivity(path, asked("arrested")).groups[0]  # one of the comparison group, none of the group
    assert (one.complete.estimate, one.imputed, one.gate) == (0.0, None, "nothing_missing")
    json.dumps(sensitivity_as_json(none), allow_nan=False)


def test_a_comparison_group_of_zero(tmp_path):
    """Nobody of the comparison group was counted: the highest ratio has no upper end, and says so."""
    rows = contacts(("B1", "IC3", 12), ("NS", "IC3", 3))
    path = freeze(tmp_path, roll=roll(WBRI=2_000, BCRB=1_000), **rows)
    one = steps.sensitivity(path, asked())
    black = one.groups[0]
    assert black.worst_case.lowest == pytest.approx((12 / 1_000) / (3 / 2_000))
    assert math.isinf(black.worst_case.highest)
    assert (black.gate, black.imputed) == ("robust", None)
    assert "no upper limit" in black.gate_words
    assert (
        "a ratio of none has no limits" in one.not_made[0].why
        or "a model would have nothing to learn" in one.not_made[0].why
    )
    assert sensitivity_as_json(one)["groups"][0]["worst_case"]["open"] == "upper"


def test_a_roll_without_the_comparison_group(tmp_path):
    path = freeze(tmp_path, roll=roll(BCRB=1_000, AIND=500), **contacts(("B1", "IC3", 12), ("A1", "IC4", 3)))
    with pytest.raises(CannotAnswer, match="has nobody in the denominator") as fault:
        steps.sensitivity(path, asked())
    assert "--comparison" in str(fault.value)
    assert steps.sensitivity(path, asked(), comparison="A").groups[0].code == "B"


def test_nobodys_ethnicity_is_known(tmp_path):
    path = freeze(tmp_path, roll=roll(MISSING=1_000), **contacts(("NS", "IC3", 12)))
    with pytest.raises(CannotAnswer, match="Nobody's ethnicity is known here"):
        steps.sensitivity(path, asked())


def test_a_source_of_counts_says_what_it_cannot(crdc_2013):
    one = steps.sensitivity(crdc_2013, asked("referred_by_school"))
    black = next(g for g in one.groups if g.code == "BL")
    assert black.complete.estimate == pytest.approx(2.250319, abs=5e-7)  # computed elsewhere (issue, identities)
    assert (black.worst_case.lowest, black.worst_case.highest) == (black.complete.estimate, black.complete.estimate)
    assert black.gate == "nothing_missing"
    assert {n.analysis: n.why for n in one.not_made} == {
        "imputed": "the source publishes counts, and says nothing else of those whose ethnicity is missing",
        "two_series": "the source publishes counts, without the officer's code",
    }


def test_what_is_printed_names_no_pupil_and_is_one_document(example, capsys):
    words = ["sensitivity", str(example), "--stage", "contact", "--group", "Black"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "Missing: 90 of 820 counted (11.0%): 90 not stated." in text
    assert "It is no sensitivity analysis" in text and "2.08 before, 2.08 after" in text
    assert "1.71 to 2.67" in text
    assert "p-c" not in text
    assert main([*words, "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["groups"][0]["gate"] == "robust"
    assert "p-c" not in printed.out


def test_wrong_use_leaves_with_its_code(example, capsys):
    assert main(["sensitivity", str(example), "--stage", "contact", "--group", "Purple"]) == 2
    assert main(["sensitivity", str(example), "--stage", "charged"]) == 5
    capsys.readouterr()
