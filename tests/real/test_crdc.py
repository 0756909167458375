"""The US Civil Rights Data Collection: every figure of ../shared/data/README.md, to the digits printed there.

Expected values are that file's, which were computed apart from this project; none is our output.
"""

from __future__ import annotations

import json

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.measures.measure import Measure
from dueregard.measures.question import question

pytestmark = pytest.mark.xdist_group("crdc")


def answer(snapshot, stage, within=None, **more):
    return steps.compare(snapshot, question(stage, within=within, **more))


def group(found, code):
    return next(g for g in found.groups if g.code == code)


def left_out(found):
    return {x.state: x for x in found.left_out}


# (stage, schools, enrolment, events, black n, black roll, white n, white roll)
TOTALS_2013 = [
    ("referred_by_school", 969, 514_250, 2_294, 490, 70_969, 792, 258_132),
    ("arrested", 953, 502_169, 683, 176, 68_642, 236, 256_557),
]


@pytest.mark.parametrize(("stage", "schools", "roll", "events", "bn", "bd", "wn", "wd"), TOTALS_2013)
def test_totals_2013(crdc_2013, stage, schools, roll, events, bn, bd, wn, wd):
    found = answer(crdc_2013, stage)
    assert found.schools_used == (("2013/14", schools),)
    assert sum(g.denominator for g in found.groups) == roll
    assert sum(g.n for g in found.groups) == events
    assert (group(found, "BL").n, group(found, "BL").denominator) == (bn, bd)
    assert (group(found, "WH").n, group(found, "WH").denominator) == (wn, wd)


# (fixture, stage, group, within, crude, ratio within, lower, upper); None: not printed there
RATIOS = [
    ("crdc_2013", "referred_by_school", "BL", "school", "2.2503", "2.1711", "1.8621", "2.5312"),
    ("crdc_2013", "referred_by_school", "BL", "officer", "2.2503", "1.9493", "1.7418", "2.1816"),
    ("crdc_2013", "referred_by_school", "HI", "school", "1.6333", "0.9064", "0.7841", "1.0478"),
    ("crdc_2013", "arrested", "BL", "school", "2.7874", "1.9467", "1.5309", "2.4754"),
    ("crdc_2013", "arrested", "BL", "officer", "2.7874", "2.3230", "1.9098", "2.8256"),
    ("crdc_2013", "arrested", "HI", "school", "1.7238", "0.7567", "0.5811", "0.9854"),
    ("crdc_2020", "referred_by_school", "BL", "area", "0.7790", "2.4171", "2.0480", "2.8529"),
    ("crdc_2020", "referred_by_school", "BL", "area,officer", "0.7790", "2.1392", "1.8073", "2.5322"),
    ("crdc_2020", "referred_by_school", "BL", "school", "0.7790", "1.9295", "1.5915", "2.3393"),
    ("crdc_2020", "referred_by_school", "AM", "area", "3.4807", "1.5315", "1.3256", "1.7693"),
    ("crdc_2020", "referred_by_school", "AM", "school", "3.4807", "2.1882", "1.8506", "2.5875"),
    ("crdc_2020", "referred_by_school", "HI", "area", "1.8727", "1.5028", "1.3373", "1.6887"),
    ("crdc_2020", "referred_by_school", "HI", "school", "1.8727", "1.3127", "1.1639", "1.4806"),
    ("crdc_2020", "arrested", "BL", "area", "1.8657", "5.5844", "3.6854", "8.4618"),
    ("crdc_2020", "arrested", "BL", "school", "1.8657", "2.4909", "1.4040", "4.4192"),
]


@pytest.mark.parametrize(("fixture", "stage", "code", "within", "crude", "ratio", "lower", "upper"), RATIOS)
def test_ratios(request, fixture, stage, code, within, crude, ratio, lower, upper):
    found = group(answer(request.getfixturevalue(fixture), stage, within), code)
    pooled = found.within_relative_rate
    assert f"{found.relative_rate.estimate:.4f}" == crude
    assert tuple(f"{x:.4f}" for x in (pooled.estimate, pooled.lower, pooled.upper)) == (ratio, lower, upper)


def test_schools_left_out_2013(crdc_2013):
    referral, arrest = left_out(answer(crdc_2013, "referred_by_school")), left_out(answer(crdc_2013, "arrested"))
    assert {state: x.schools for state, x in referral.items()} == {"not_collected": 24, "partial": 7}
    assert {state: x.schools for state, x in arrest.items()} == {"not_collected": 24, "partial": 23}
    pupils = [dict(x.pupils) for x in referral.values()]
    assert sum(n for known in pupils for n in known.values()) == 5_865
    assert sum(known[("BL",)] for known in pupils) == 2_475


def test_totals_and_schools_left_out_2020(crdc_2020):
    referral, arrest = answer(crdc_2020, "referred_by_school"), answer(crdc_2020, "arrested")
    assert (referral.schools_used[0][1], arrest.schools_used[0][1]) == (2_415, 2_408)
    assert (sum(g.denominator for g in referral.groups), sum(g.n for g in referral.groups)) == (764_953, 2_815)
    assert (sum(g.denominator for g in arrest.groups), sum(g.n for g in arrest.groups)) == (758_431, 268)
    assert {state: x.schools for state, x in left_out(referral).items()} == {"suppressed": 374, "not_collected": 51}
    assert {state: x.schools for state, x in left_out(arrest).items()} == {"suppressed": 381, "not_collected": 51}


def test_the_whole_file_2013(crdc_2013):
    """Enrolment 520,115; an officer in 286, none in 706, not reported in 8; 14 with more arrests than referrals."""
    snapshot = steps.open_snapshot(crdc_2013)
    engine = steps.open_engine(snapshot)
    roll = [k for k in engine.completeness().known if (k.table, k.column) == ("roll", "ethnicity")]
    assert sum(k.n for k in roll) == 520_115
    posting = {c.state: c.schools for c in engine.completeness().collected if c.subject == "posting"}
    assert (snapshot.manifest.rows["posting"], posting) == (286, {"complete": 286 + 706, "not_collected": 8})
    warned = [f for f in snapshot.manifest.findings if f["code"] == "W_STAGE_ORDER"]
    assert len(warned) == 1
    assert warned[0]["message"].startswith("14 schools")


def test_race_sums_equal_the_files_own_totals(shared, crdc_2013):
    """In 1,000 of 1,000 schools the profile's roll adds up to TOT_ENR_M + TOT_ENR_F."""
    import duckdb

    source = shared / "data" / "crdc_2013_14_schools_sample1000.parquet"
    rows = duckdb.execute(
        "SELECT count(*) FROM (SELECT COMBOKEY AS urn, TOT_ENR_M + TOT_ENR_F AS total FROM read_parquet(?)) JOIN "
        "(SELECT urn, sum(n_pupils) AS n FROM read_parquet(?) WHERE tabulation = 'all' GROUP BY urn) USING (urn) "
        "WHERE n = total",
        [str(source), str(crdc_2013 / "roll.parquet")],
    ).fetchone()
    assert rows == (1_000,)


def test_with_and_without_an_officer_2013(crdc_2013):
    """Per 1,000: with an officer Black 10.840, White 6.067; without 3.637 and 1.485. 283 schools with, 686 without."""
    engine = steps.open_engine(steps.open_snapshot(crdc_2013))
    cells = engine.count(Measure("referred_by_school", within=("officer",)))
    rate = {(c.stratum[0], c.codes[0]): 1_000 * c.n / c.denominator for c in cells.strata}
    printed = {key: f"{rate[key]:.3f}" for key in rate if key[1] in ("BL", "WH")}
    assert printed == {("posted", "BL"): "10.840", ("posted", "WH"): "6.067",
                       ("not_posted", "BL"): "3.637", ("not_posted", "WH"): "1.485"}  # fmt: skip
    by_school = engine.count(Measure("referred_by_school", within=("school", "officer")))
    with_officer = {c.stratum[0] for c in by_school.strata if c.stratum[1] == "posted"}
    without = {c.stratum[0] for c in by_school.strata if c.stratum[1] == "not_posted"}
    assert (len(with_officer), len(without)) == (283, 686)


def test_shares_at_a_school_with_an_officer_and_their_parts_2013(crdc_2013):
    """Black 45.37 %, White 34.54 % of pupils; 3.836225 = 0.637836 + 3.198390; 1.161647 x 1.937179 = 2.250319."""
    engine = steps.open_engine(steps.open_snapshot(crdc_2013))
    cells = {
        (c.stratum[0], c.codes[0]): c for c in engine.count(Measure("referred_by_school", within=("officer",))).strata
    }
    share = {
        g: cells["posted", g].denominator / sum(cells[z, g].denominator for z in ("posted", "not_posted"))
        for g in ("BL", "WH")
    }
    assert (f"{100 * share['BL']:.2f}", f"{100 * share['WH']:.2f}") == ("45.37", "34.54")
    rate = {key: c.n / c.denominator for key, c in cells.items()}
    p = {(z, g): share[g] if z == "posted" else 1 - share[g] for z in ("posted", "not_posted") for g in ("BL", "WH")}
    zs = ("posted", "not_posted")
    # Kitagawa: placement by the mean of rates, within by the mean of shares
    placement = sum((p[z, "BL"] - p[z, "WH"]) * (rate[z, "BL"] + rate[z, "WH"]) / 2 for z in zs)
    within = sum((rate[z, "BL"] - rate[z, "WH"]) * (p[z, "BL"] + p[z, "WH"]) / 2 for z in zs)
    assert (f"{1000 * placement:.6f}", f"{1000 * within:.6f}", f"{1000 * (placement + within):.6f}") == (
        "0.637836",
        "3.198390",
        "3.836225",
    )
    weighted = {g: sum(p[z, g] * rate[z, "WH"] for z in zs) for g in ("BL", "WH")}
    black = sum(p[z, "BL"] * rate[z, "BL"] for z in zs)
    assert (f"{weighted['BL'] / weighted['WH']:.6f}", f"{black / weighted['BL']:.6f}") == ("1.161647", "1.937179")
    assert f"{black / weighted['WH']:.6f}" == "2.250319"


@pytest.mark.parametrize("asked", [{"by": "disability"}, {"by": "disability,sex"}])
def test_pupils_with_idea_have_a_bound_only(crdc_2013, asked):
    """609 referrals among 60,105 to 80,013 pupils of the 969 schools: 7.61 to 10.13 per 1,000; suppressed."""
    found = answer(crdc_2013, "referred_by_school", **asked)
    idea = [g for g in found.groups if "idea" in g.codes]
    assert found.schools_used[0][1] == 969
    assert {g.state for g in idea} == {"suppressed"}
    assert (sum(g.n for g in idea), sum(g.denominator_at_least for g in idea)) == (609, 60_105)
    assert sum(g.denominator_at_most for g in idea) == 80_013
    assert all(g.rate_per_1000 is None and g.relative_rate is None for g in idea)
    if len(idea) == 1:
        assert (f"{idea[0].rate_at_least_per_1000:.2f}", f"{idea[0].rate_at_most_per_1000:.2f}") == ("7.61", "10.13")
        assert found.sentence.startswith("Suppressed by the source")


def test_idea_enrolment_is_suppressed_in_every_school_2013(crdc_2013):
    import duckdb

    cells, hidden, schools = duckdb.execute(
        "SELECT count(*), count(*) FILTER (state = 'suppressed'), count(DISTINCT urn) FILTER (state = 'suppressed') "
        "FROM read_parquet(?) WHERE tabulation = 'idea'", [str(crdc_2013 / "roll.parquet")]
    ).fetchone()  # fmt: skip
    assert (cells, hidden, schools) == (14_000, 10_317, 1_000)


def test_hawaii_is_suppressed_never_zero(crdc_2020):
    """HI has rolls that are suppressed: it is no area of the answer, and its schools are counted as left out."""
    engine = steps.open_engine(steps.open_snapshot(crdc_2020))
    cells = engine.count(Measure("referred_by_school", by=("area",)))
    assert {c.codes[0] for c in cells.whole} == {"DE", "ME", "SD", "WV", "WY"}
    by_ethnicity = engine.count(Measure("referred_by_school"))
    out = {x.state: x for x in by_ethnicity.left_out}["suppressed"]
    assert out.roll_unknown_schools > 0
    only = engine.count(Measure("referred_by_school", where=(("area", ("HI",)),)))
    assert only.whole == ()
    assert only.schools_used == (("2020/21", 0),)


def test_no_reserve_code_is_a_number(crdc_2013, crdc_2020):
    import duckdb

    for snapshot in (crdc_2013, crdc_2020):
        for table, column in (("roll", "n_pupils"), ("stage_count", "n")):
            least, hidden = duckdb.execute(
                f"SELECT min({column}), count(*) FILTER (state <> 'counted' AND {column} IS NOT NULL) FROM read_parquet(?)",
                [str(snapshot / f"{table}.parquet")],
            ).fetchone()
            assert (least, hidden) == (0, 0)


def test_a_wide_csv_gives_the_same_snapshot(shared, crdc_2013, tmp_path):
    """The same columns as one wide CSV: leading zeros kept, the same id."""
    import duckdb

    from dueregard.collect.collect import Source

    source = shared / "data" / "crdc_2013_14_schools_sample1000.parquet"
    wide = tmp_path / "wide.csv"
    duckdb.execute(f"COPY (SELECT * FROM read_parquet('{source}') ORDER BY COMBOKEY DESC) TO '{wide}' (HEADER)")
    found, _ = steps.freeze([Source(wide, "crdc-2013-14")], tmp_path / "snapshots")
    assert found.id == crdc_2013.name


def test_json_of_compare(crdc_2020, capsys):
    """The document of the issue, on real data: Simpson's paradox is the first sentence."""
    code = main(["compare", str(crdc_2020), "--stage", "referred_by_school", "--within", "area", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["comparison"] == "WH"
    assert document["measure"] == {
        "stage": "referred_by_school", "unit": "pupils", "denominator": "pupils_on_roll", "by": ["ethnicity"],
        "within": ["area"], "where": {}, "period": "2020/21",
    }  # fmt: skip
    assert document["schools"]["used"] == 2_415
    assert document["schools"]["left_out"]["suppressed"]["schools"] == 374
    black = next(g for g in document["groups"] if g["code"] == "BL")
    assert (black["verdict"], black["within_verdict"], black["agree"]) == ("lower", "higher", False)
    assert "do not say the same" in document["sentence"]
    assert any("COVID" in caveat for caveat in document["caveats"])


def test_a_question_that_no_tabulation_answers_lists_those_that_exist(crdc_2013, capsys):
    code = main(["compare", str(crdc_2013), "--stage", "arrested", "--where", "disability=504"])
    assert code == 5
    said = capsys.readouterr().err
    assert "504: sex" in said
    assert main(["compare", str(crdc_2013), "--stage", "arrested", "--where", "disability=504", "--by", "sex"]) == 0


@pytest.mark.parametrize(("stage", "schools", "roll", "events", "bn", "bd", "wn", "wd"), TOTALS_2013)
def test_standardised_over_sex_2013(crdc_2013, stage, schools, roll, events, bn, bd, wn, wd):
    """The same schools, pupils and counts as the crude figure; nobody stays out, and the source tells no repeats."""
    found = steps.standardise(crdc_2013, question(stage), over=("sex",))
    assert (found.schools_used, found.standard_denominator, found.n_strata) == (schools, roll, 2)
    assert sum(g.n for g in found.groups) == events
    black, white = group(found, "BL"), group(found, "WH")
    assert (black.n, black.denominator, white.n, white.denominator) == (bn, bd, wn, wd)
    assert (black.not_covered_share, black.n_outside) == (0, 0)
    # Boys and girls are near half of every group, so the ratio stays near the crude one of the file (2.25 and 2.79).
    assert black.relative_rate.estimate == pytest.approx(bn / bd / (wn / wd), rel=0.05)
