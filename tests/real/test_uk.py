"""Open files of England and London: every figure of ../shared/data/README.md for stops, school census and exclusions.

Expected values are that file's, computed apart from this project, or sums that stand in the files themselves.
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect import areas
from dueregard.collect.collect import Source
from dueregard.collect.database import open_database
from dueregard.collect.profiles import dfe_exclusions
from dueregard.measures.question import question

pytestmark = pytest.mark.xdist_group("uk")
STOPS = "police_uk_stop_search_metropolitan_16months.parquet"
CENSUS = "ons_census2021_ethnicity20_by_single_age_ltla.csv.gz"
BOROUGHS = "ons_london-2021-lad22-gen20_shp.zip"
SCHOOLS = "dfe_performance_tables_school_census.csv.gz"
EXCLUSIONS = "dfe_exclusions_national_characteristics_2011-12_2016-17.csv.gz"
EARLY, LATE = "2018-04/2019-02", "2021-06/2021-10"
ENGINES = ("duckdb", "reference")


@pytest.fixture(scope="module")
def data(shared):
    return shared / "data"


@pytest.fixture(scope="module")
def stops(data, tmp_path_factory):
    sources = [Source(data / STOPS, "police-uk-stops"), Source(data / CENSUS, "census-2021-ethnicity")]
    return steps.freeze(sources, tmp_path_factory.mktemp("stops"))


@pytest.fixture(scope="module")
def exclusions(data, tmp_path_factory):
    return steps.freeze([Source(data / EXCLUSIONS, "dfe-exclusions")], tmp_path_factory.mktemp("exclusions"))[0].path


@pytest.fixture(scope="module")
def school_census(data, tmp_path_factory):
    return steps.freeze([Source(data / SCHOOLS, "dfe-school-census")], tmp_path_factory.mktemp("schools"))


def printed(capsys, snapshot, *words: str) -> dict:
    """What `dueregard compare ... --json` prints of involvements."""
    code = main(["compare", str(snapshot.path), "--stage", "contact", "--unit", "involvements", *words, "--json"])
    assert code == 0
    return json.loads(capsys.readouterr().out)


def group(document: dict, code: str) -> dict:
    return next(g for g in document["groups"] if g["code"] == code)


def rows(snapshot_path, text: str) -> list[tuple]:
    import duckdb

    return (
        duckdb.connect()
        .execute(text.replace("{", f"read_parquet('{snapshot_path}/").replace("}", ".parquet')"))
        .fetchall()
    )


# ---------------------------------------------------------------- stops


def test_children_stopped(stops):
    """39,588 stops of ages 10 to 17; each a contact, an involvement, a power."""
    kept = stops[0].manifest.rows
    assert (kept["contact"], kept["involvement"], kept["power_use"]) == (39_588, 39_588, 39_588)


# (period, Black/White rate ratio by self-defined ethnicity, share not stated in percent)
@pytest.mark.parametrize(("period", "ratio", "not_stated"), [(EARLY, "2.73", "15"), (LATE, "1.93", "24")])
def test_rate_ratio_over_census_2021(stops, capsys, period, ratio, not_stated):
    told = printed(capsys, stops[0], "--period", period)
    assert told["comparison"] == "W"
    assert f"{group(told, 'B')['relative_rate']['estimate']:.2f}" == ratio
    total = sum(g["n"] for g in told["groups"])
    assert f"{100 * told['missing']['not_stated'] / total:.0f}" == not_stated


def test_both_periods_hold_every_stop_and_seven_blanks(stops, capsys):
    told = [printed(capsys, stops[0], "--period", period) for period in (EARLY, LATE)]
    assert sum(g["n"] for t in told for g in t["groups"]) == 39_588
    assert sum(t["missing"]["not_recorded"] for t in told) == 7


# Black:White count ratio in 2021 by each series
@pytest.mark.parametrize(("series", "ratio"), [("self_defined_ethnicity", "0.95"), ("observed_ethnicity", "1.23")])
def test_count_ratio_of_each_series(stops, capsys, series, ratio):
    told = printed(capsys, stops[0], "--period", LATE, "--by", series)
    black = group(told, "B")
    assert f"{black['relative_count']:.2f}" == ratio
    assert black["rate_per_1000"] is None
    assert black["verdict"] is None


def test_count_ratio_in_the_words_of_the_command_line(stops, capsys):
    words = ["--unit", "involvements", "--period", LATE, "--by", "observed_ethnicity"]
    assert main(["compare", str(stops[0].path), "--stage", "contact", *words]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("B Black"))
    assert line.split()[-1] == "1.23"


@pytest.mark.parametrize("asked", [
    question("contact", unit="involvements", period=EARLY, within="area"),
    question("power_used", unit="events", period=LATE, by="observed_ethnicity", where=["sex=M"]),
    question("arrested", unit="involvements", denominator="contact", period=LATE, by="observed_ethnicity"),
])  # fmt: skip
def test_engines_agree_on_real_stops(stops, asked, reference_of_stops):
    assert steps.open_engine(stops[0]).count(asked) == reference_of_stops.count(asked)


@pytest.fixture(scope="module")
def reference_of_stops(stops):
    return steps.open_engine(stops[0], "reference")


def test_clothing_removal_is_not_collected_never_zero(stops):
    found = rows(stops[0].path, "SELECT clothing_removal, count(*) FROM {power_use} GROUP BY 1")
    assert found == [("not_collected", 39_588)]
    assert "clothing_removal" not in stops[0].manifest.columns["power_use"]


def test_places(stops):
    """89.8 % of children's stops have coordinates; those without, and those in no borough, are counted apart."""
    by_area = dict(rows(stops[0].path, "SELECT urn, count(*) FROM {contact} GROUP BY urn"))
    without, outside = by_area["area:unknown"], by_area["area:elsewhere"]
    assert f"{100 * (1 - without / 39_588):.1f}" == "89.8"
    assert 0.997 < 1 - outside / (39_588 - without) < 0.999  # 99.8 % to the digit stands for all ages, see below
    notes = [f.message for f in stops[1].findings if f.code == "W_NO_PLACE"]
    assert notes == [f"{without} stops of children have no coordinates: their area is not known.",
                     f"{outside} stops of children lie in none of the areas."]  # fmt: skip


def test_places_of_all_ages(data):
    """90.2 % of all stops have coordinates, of which 99.8 % fall in a borough."""
    import duckdb

    found = duckdb.connect().execute(
        "SELECT Longitude, Latitude, count(*) FROM read_parquet(?) GROUP BY ALL", [str(data / STOPS)]
    ).fetchall()  # fmt: skip
    known = [row for row in found if row[0] is not None and row[1] is not None]
    placed = areas.place(areas.read_boundaries(data / BOROUGHS), [(x, y) for x, y, _ in known])
    total, located = sum(n for *_, n in found), sum(n for *_, n in known)
    inside = sum(n for (*_, n), code in zip(known, placed, strict=True) if code != areas.ELSEWHERE)
    assert (f"{100 * located / total:.1f}", f"{100 * inside / located:.1f}") == ("90.2", "99.8")


def test_the_city_and_westminster_are_one_unit_on_both_sides(stops):
    assert rows(stops[0].path, "SELECT count(*) FROM {school} WHERE urn = 'area:E09000033'") == [(0,)]
    joined = rows(stops[0].path, "SELECT name, borough, type FROM {school} WHERE urn = 'area:E09000001'")
    assert joined == [("City of London and Westminster", "City of London and Westminster", "area")]
    assert rows(stops[0].path, "SELECT count(*) FROM {contact} WHERE urn = 'area:E09000001'")[0][0] > 1_000
    boroughs = rows(stops[0].path, "SELECT count(*) FROM {school} WHERE urn LIKE 'area:E09%'")
    assert boroughs == [(32,)]


def test_suppressed_census_cells_are_said(stops):
    """Taken as 0, counted when the file is read, and a caveat of every figure; 341 places x 101 ages are read."""
    (noted,) = [f.message for f in stops[1].findings if f.code == "W_SUPPRESSED"]
    assert noted.endswith("suppressed and taken as 0.")
    assert any("taken as 0" in caveat for caveat in stops[0].manifest.caveats)
    assert next(f.rows for f in stops[1].intake.files if f.file == CENSUS) == 341 * 101


def test_hidden_cells_of_white_and_black(data):
    """The README's 486: cells `c` of the White and Black groups, ages 10 to 17, in London's units."""
    import csv
    import gzip

    from dueregard.collect.profiles.census_2021 import BLACK, WHITE

    with gzip.open(data / CENSUS, "rt", encoding="utf-8-sig", newline="") as handle:
        hidden = sum(
            row[column] == "c"
            for row in csv.DictReader(handle)
            if row["Geography Code"].startswith("E09") and row["Age"] in map(str, range(10, 18))
            for column in row
            if column.startswith((f"{WHITE}:", f"{BLACK}:"))
        )
    assert hidden == 486


def test_months_that_were_not_sent_are_not_collected(stops, tmp_path):
    engine = steps.open_engine(stops[0])
    gap = next(g for g in engine.completeness().gaps if g.subject == "contact")
    assert (gap.from_on, gap.to_on, gap.state) == ("2019-03-01", "2021-05-31", "not_collected")
    assert gap.schools == stops[0].manifest.rows["school"]
    over_the_gap = engine.count(question("contact", unit="involvements", period="2018-04/2021-10"))
    assert over_the_gap.schools_used == (("2018-04/2021-10", 0),)
    in_the_gap = engine.count(question("contact", unit="involvements", period="2020-01/2020-03"))
    assert {x.state for x in in_the_gap.left_out} == {"not_collected"}


def test_the_page_shows_the_months_that_were_not_sent(stops, tmp_path):
    steps.report(stops[0].path, tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    row = page[page.index("2019-03-01") - 80 : page.index("2019-03-01") + 120]
    assert "contact" in row
    assert "2021-05-31" in row
    assert "not collected" in row
    assert steps.verify(tmp_path / "report", snapshot_path=stops[0].path) == []


def test_stages_that_a_stop_does_not_tell_are_not_collected(stops):
    engine = steps.open_engine(stops[0])
    for stage in ("referred_by_school", "interviewed", "contact_as_victim"):
        cells = engine.count(question(stage, unit="involvements", period=LATE))
        assert {x.state for x in cells.left_out} == {"not_collected"}, stage


def test_the_order_of_sources_does_not_change_the_snapshot(stops, data, tmp_path):
    sources = [Source(data / CENSUS, "census-2021-ethnicity"), Source(data / STOPS, "police-uk-stops")]
    assert steps.freeze(sources, tmp_path)[0].id == stops[0].id


def test_the_publishers_folder_of_months_gives_the_same_snapshot(stops, data, tmp_path):
    """Monthly CSV files in the publisher's layout, rows in another order: the same id."""
    import shutil

    import duckdb

    folder = tmp_path / "archive"
    months = [m for (m,) in duckdb.connect().execute("SELECT DISTINCT source_month FROM read_parquet(?)", [str(data / STOPS)]).fetchall()]  # fmt: skip
    for month in months:
        (folder / month).mkdir(parents=True)
        target = folder / month / f"{month}-metropolitan-stop-and-search.csv"
        duckdb.connect().execute(
            f"COPY (SELECT * EXCLUDE (source_month, source_force) FROM read_parquet('{data / STOPS}') "
            f"WHERE source_month = '{month}' ORDER BY \"Date\" DESC) TO '{target}' (HEADER)"
        )
    shutil.copy(data / BOROUGHS, folder / BOROUGHS)
    sources = [Source(folder, "police-uk-stops"), Source(data / CENSUS, "census-2021-ethnicity")]
    assert steps.freeze(sources, tmp_path / "snapshots")[0].id == stops[0].id


# ---------------------------------------------------------------- school census

NATIONAL = {
    "State-funded primary": 4_727_089,
    "State-funded secondary": 3_327_970,
    "State-funded special school": 121_738,
}


def test_schools_add_up_to_the_national_rows_and_are_not_counted_twice(school_census):
    snapshot, checked = school_census
    found = dict(rows(
        snapshot.path, "SELECT s.type, CAST(sum(r.n_pupils) AS BIGINT) FROM {roll} AS r JOIN {school} AS s USING (urn) "
        "WHERE r.tabulation = 'all' GROUP BY s.type"
    ))  # fmt: skip
    assert {name: found[name] for name in NATIONAL} == NATIONAL
    assert rows(snapshot.path, "SELECT count(*) FROM {school} WHERE urn = 'NAT'") == [(0,)]
    codes = [f.code for f in checked.findings]
    assert "W_TOTALS" in codes
    assert "W_TOTALS_DIFFER" not in codes


def test_the_census_has_states_where_the_file_has_symbols(school_census):
    """45 schools have no number on roll: not collected, in each of their tabulations."""
    snapshot, _ = school_census
    found = rows(snapshot.path, "SELECT count(DISTINCT urn), count(n_pupils) FROM {roll} WHERE tabulation = 'all' AND state = 'not_collected'")  # fmt: skip
    assert found == [(45, 0)]
    assert rows(snapshot.path, "SELECT DISTINCT census_on::VARCHAR, ethnicity FROM {roll}") == [
        ("2019-01-17", "not_collected")
    ]


# ---------------------------------------------------------------- exclusions


def within_rounding(count: Decimal, headcount: Decimal, rate: str) -> bool:
    """Could true numbers within 2.5 of the rounded ones give this rate, printed with two decimals?"""
    low = 100 * max(count - Decimal("2.5"), Decimal(0)) / (headcount + Decimal("2.5"))
    high = (
        100 * (count + Decimal("2.5")) / (headcount - Decimal("2.5"))
        if headcount > Decimal("2.5")
        else Decimal("Infinity")
    )
    return low - Decimal("0.005") <= Decimal(rate) <= high + Decimal("0.005")


def test_every_published_rate_recomputes(data):
    """12,569 published rates whose counts are written without commas; 30 more with them; none outside."""
    connection = open_database([data])
    dfe_exclusions.read_published(connection, data / EXCLUSIONS)
    tried = plain = 0
    outside = []
    for column in dfe_exclusions.KINDS.values():
        found = connection.execute(
            f"SELECT _line, headcount, {column}, {column}_rate, headcount_text || {column}_text FROM _published "
            f"WHERE {column}_rate NOT IN ('x', '.')"
        ).fetchall()
        for line, headcount, count, rate, text in found:
            tried += 1
            plain += "," not in text
            if not within_rounding(Decimal(count), Decimal(headcount), rate):
                outside.append((line, column))
    assert outside == []
    assert (plain, tried) == (12_569, 12_599)


def test_published_rates_recompute_from_the_snapshot(exclusions, data):
    """Sanctions over the roll, of every group that the tables hold, give the rates that are published of it."""
    found = rows(exclusions, (
        "SELECT s.academic_year, s.kind, s.ethnicity, s.sex, s.sen_provision, s.sen_type, s.n, r.n_pupils FROM {sanction} AS s "
        "JOIN {roll} AS r ON r.urn = s.urn AND r.ethnicity = s.ethnicity AND r.sex = s.sex AND r.sen_provision = s.sen_provision "
        "AND r.sen_type = s.sen_type AND year(r.census_on) = CAST(left(s.academic_year, 4) AS INTEGER) + 1"
    ))  # fmt: skip
    published = published_rates(data)
    assert {row[0] for row in found} == {f"20{y}/{y + 1}" for y in range(11, 17)}
    assert len(found) == rows(exclusions, "SELECT count(*) FROM {sanction}")[0][0]
    rated = [row for row in found if row[:6] in published]
    assert len(rated) == len(published)
    assert all(
        within_rounding(Decimal(n), Decimal(over), published[key]) for *key_, n, over in rated if (key := tuple(key_))
    )


def published_rates(data) -> dict[tuple, str]:
    """The file's own rates of the groups that the tables hold, read apart from the profile's SQL."""
    import csv
    import gzip

    known = {g.source: g for g in dfe_exclusions.groups()}
    found = {}
    with gzip.open(data / EXCLUSIONS, "rt", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            g = known.get((row["characteristic_desc"], row["characteristic_1"], row["characteristic_2"]))
            if g is None or row["school_type"] != "Total":
                continue
            year = f"{row['year'][:4]}/{row['year'][4:]}"
            for kind, column in dfe_exclusions.KINDS.items():
                if row[f"{column}_rate"] not in ("x", "."):
                    found[(year, kind, g.ethnicity, g.sex, g.sen_provision, g.sen_type)] = row[f"{column}_rate"]
    return found
