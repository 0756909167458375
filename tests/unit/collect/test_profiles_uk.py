"""The UK profiles on small made-up files: labels, months, places, symbols, and files that are not what they should be."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
from datetime import date

import pytest

from dueregard import steps
from dueregard.collect import areas
from dueregard.collect.collect import Source
from dueregard.collect.profiles import census_2021, dfe_exclusions, dfe_school_census, police_uk
from dueregard.errors import SourceError
from dueregard.measures.question import question
from dueregard.terms.ethnicity import OBSERVED_LISTS, broad_groups
from dueregard.terms.lists import code_list

TODAY = date(2026, 11, 23)
STOP = {
    "Type": "Person search", "Date": "2021-06-10T12:00:00+00:00", "Part of a policing operation": "False",
    "Policing operation": "", "Latitude": "51.5", "Longitude": "-0.1", "Gender": "Male", "Age range": "10-17",
    "Self-defined ethnicity": "White - Irish", "Officer-defined ethnicity": "White",
    "Legislation": "Misuse of Drugs Act 1971 (section 23)", "Object of search": "Controlled drugs",
    "Outcome": "A no further action disposal", "Outcome linked to object of search": "",
    "Removal of more than just outer clothing": "",
}  # fmt: skip


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_month(folder, month: str, rows: list[dict[str, str]], force: str = "somewhere"):
    (folder / month).mkdir(parents=True, exist_ok=True)
    text = as_csv([STOP | row for row in rows])
    (folder / month / f"{month}-{force}-stop-and-search.csv").write_text(text, encoding="utf-8")
    return folder


# Two squares of one degree: A around (-0.5, 51.5), B east of it; in longitude and latitude, as the .prj says.
SQUARES = {"E09000002": ("Here", -1.0, 51.0), "E09000033": ("Westminster", 0.0, 51.0)}


def write_boundaries(
    folder, name: str = "squares.zip", fields=("LAD22CD", "LAD22NM"), endings=(".shp", ".dbf", ".prj")
):
    shapefile = pytest.importorskip("shapefile")
    from pyproj import CRS

    parts = {".shp": io.BytesIO(), ".dbf": io.BytesIO(), ".shx": io.BytesIO()}
    with shapefile.Writer(shp=parts[".shp"], dbf=parts[".dbf"], shx=parts[".shx"]) as writer:
        for field in fields:
            writer.field(field, "C", size=40)
        for code, (label, west, south) in SQUARES.items():
            writer.poly([[(west, south), (west, south + 1), (west + 1, south + 1), (west + 1, south), (west, south)]])
            writer.record(*(code, label)[: len(fields)])
    texts = {ending: part.getvalue() for ending, part in parts.items()} | {
        ".prj": CRS("EPSG:4326").to_wkt("WKT1_ESRI").encode()
    }
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as archive:
        for ending in endings:
            archive.writestr(f"squares{ending}", texts[ending])
    return folder / name


def write_census(folder, rows: list[tuple[str, str, str, str]], *, is_whole: bool = True):
    """Rows of (code, name, age, number in every group). is_whole: the other ages of a place are rows of nobody."""
    there = {(code, age) for code, _, age, _ in rows}
    places = dict.fromkeys((code, name) for code, name, _, _ in rows if is_whole and code.startswith("E09"))
    ages = [str(age) for age in range(census_2021.YOUNGEST, census_2021.OLDEST + 1)]
    rows = [*rows, *((*place, age, "0") for place in places for age in ages if (place[0], age) not in there)]
    found = [
        dict(zip(census_2021.PLACE, row[:3], strict=True)) | dict.fromkeys(census_2021.GROUPS, row[3]) for row in rows
    ]
    path = folder / "census.csv.gz"
    path.write_bytes(gzip.compress(as_csv(found).encode()))
    return path


def frozen(tmp_path, *sources: tuple[object, str]):
    return steps.freeze([Source(path, name) for path, name in sources], tmp_path / "snapshots", today=TODAY)


def rows_of(snapshot, table: str, columns: str, order: str = "1"):
    import duckdb

    text = f"SELECT {columns} FROM read_parquet(?) ORDER BY {order}"
    return duckdb.connect().execute(text, [str(snapshot.path / f"{table}.parquet")]).fetchall()


def errors_of(path, profile: str) -> list[str]:
    return [f.code for f in steps.check([Source(path, profile)], today=TODAY).errors]


# ---------------------------------------------------------------- labels


def test_every_label_of_a_group_leads_to_a_code_of_the_list():
    assert set(police_uk.SELF_DEFINED.values()) <= set(code_list("sde_18plus1").codes)
    assert set(census_2021.GROUPS.values()) == set(code_list("ons_2021_19").codes)
    assert set(dfe_exclusions.ETHNICITY.values()) | {"REFU", "NOBT"} == set(code_list("dfe_ethnicity_main").codes)
    assert set(dfe_exclusions.NEEDS.values()) <= set(code_list("sen_type").codes)
    assert set(dfe_exclusions.KINDS) <= set(code_list("sanction_kind").codes)
    assert {g: broad_groups(OBSERVED_LISTS)[g] for g in code_list("police_uk_observed").codes} == {
        "Asian": "A", "Black": "B", "White": "W", "Other": "O", "Mixed": "M",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("White - Roma", "W3"),
        ("Asian/Asian British - Chinese", "A4"),
        ("Asian, Asian British or Asian Welsh - Chinese", "A4"),
        ("Black/African/Caribbean/Black British - Any other Black/African/Caribbean background", "B9"),
        ("Other ethnic group - Arab", "O2"),
        ("Other ethnic group - Not stated", "NS"),
        ("", "not_recorded"),
    ],
)
def test_a_stop_keeps_what_was_said(tmp_path, label, code):
    folder = write_month(
        tmp_path / "stops", "2021-06", [{"Self-defined ethnicity": label, "Officer-defined ethnicity": ""}]
    )
    write_boundaries(folder)
    snapshot, _ = frozen(tmp_path, (folder, "police-uk-stops"))
    assert rows_of(snapshot, "involvement", "self_defined_ethnicity, observed_ethnicity, pupil_ref, age") == [
        (code, "not_recorded", "not_identified", None)
    ]


def test_a_label_that_nobody_knows_is_a_fault_with_its_line_and_without_its_words(tmp_path):
    folder = write_month(tmp_path / "stops", "2021-06", [{}, {"Self-defined ethnicity": "Martian - Green"}])
    write_boundaries(folder)
    checked = steps.check([Source(folder, "police-uk-stops")], today=TODAY)
    fault = next(f for f in checked.errors if f.table == "involvement")
    assert (fault.code, fault.column, fault.lines) == ("E_CODELIST", "self_defined_ethnicity", (3,))
    assert {f.code for f in checked.errors if f is not fault} == {"E_UNKNOWN_KEY"}  # the power of a refused involvement
    assert not any("Martian" in f.words() for f in checked.findings)


def test_what_follows_from_a_stop(tmp_path):
    """Local time in summer; an arrest is a step; another law is other; clothing is known where a month has it."""
    folder = write_month(tmp_path / "stops", "2021-06", [{"Date": "2021-05-31T23:30:00+00:00", "Outcome": "Arrest"}])
    write_month(folder, "2021-07", [
        {"Date": "2021-07-02T10:00:00+00:00", "Removal of more than just outer clothing": "True", "Gender": "Other"},
        {"Date": "2021-07-03T10:00:00+00:00", "Legislation": "Some Act 1900", "Gender": ""},
        {"Date": "2021-07-04T10:00:00+00:00", "Age range": "18-24"},
    ])  # fmt: skip
    write_boundaries(folder)
    snapshot, checked = frozen(tmp_path, (folder, "police-uk-stops"))
    assert rows_of(snapshot, "contact", "contact_ref, occurred_at::VARCHAR, route") == [
        ("somewhere-2021-06-1", "2021-06-01 00:30:00", "not_collected"),
        ("somewhere-2021-07-1", "2021-07-02 11:00:00", "not_collected"),
        ("somewhere-2021-07-2", "2021-07-03 11:00:00", "not_collected"),
    ]
    assert rows_of(snapshot, "step", "contact_ref, stage, occurred_on::VARCHAR") == [
        ("somewhere-2021-06-1", "arrested", "2021-06-01")
    ]
    assert rows_of(snapshot, "power_use", "contact_ref, legislation, search_object, clothing_removal, item_found") == [
        ("somewhere-2021-06-1", "mda_s23", "Controlled drugs", "not_collected", "not_collected"),
        ("somewhere-2021-07-1", "mda_s23", "Controlled drugs", "more_than_outer", "not_collected"),
        ("somewhere-2021-07-2", "other", "Controlled drugs", "not_recorded", "not_collected"),
    ]
    assert rows_of(snapshot, "involvement", "contact_ref, sex, subject_category") == [
        ("somewhere-2021-06-1", "M", "suspect"),
        ("somewhere-2021-07-1", "X", "subject_of_concern"),
        ("somewhere-2021-07-2", "not_recorded", "subject_of_concern"),
    ]
    assert [f.code for f in checked.findings if f.code == "W_OTHER_MONTH"] == []


# ---------------------------------------------------------------- months


def test_months_without_a_file_of_the_force_are_not_collected(tmp_path):
    """A folder of July has no file of this force; August and September have one; October's folder is empty."""
    folder = write_month(tmp_path / "stops", "2021-06", [{}])
    write_month(folder, "2021-08", [{"Date": "2021-08-10T12:00:00+00:00"}])
    write_month(folder, "2021-09", [{"Date": "2021-09-10T12:00:00+00:00"}])
    (folder / "2021-10").mkdir()
    write_boundaries(folder)
    snapshot, _ = frozen(tmp_path, (folder, "police-uk-stops"))
    told = rows_of(snapshot, "collection", "DISTINCT from_on::VARCHAR, to_on::VARCHAR, state", "1, 3")
    of_contact = [(a, b, s) for a, b, s in told if (a, b) != ("2021-06-01", "2021-09-30")]
    assert of_contact == [
        ("2021-06-01", "2021-06-30", "complete"), ("2021-07-01", "2021-07-31", "not_collected"),
        ("2021-08-01", "2021-09-30", "complete"), ("2021-10-01", "2021-10-31", "not_collected"),
    ]  # fmt: skip


def test_two_forces_are_refused(tmp_path):
    folder = write_month(tmp_path / "stops", "2021-06", [{}])
    write_month(folder, "2021-06", [{}], force="elsewhere")
    write_boundaries(folder)
    with pytest.raises(SourceError, match="2 forces"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)


# ---------------------------------------------------------------- places


def test_places_and_residents(tmp_path):
    """One stop in each square, one without coordinates, one far away: rates over all, none within an area."""
    folder = write_month(tmp_path / "stops", "2021-06", [
        {"Longitude": "-0.5"}, {"Longitude": "0.5"}, {"Longitude": "", "Latitude": ""}, {"Longitude": "3.0"},
    ])  # fmt: skip
    write_boundaries(folder)
    census = write_census(tmp_path, [
        ("E09000002", "Here", "10", "5"), ("E09000002", "Here", "17", "c"), ("E09000002", "Here", "18", "900"),
        ("E09000001", "City of London and Westminster", "12", "3"), ("E09000003", "Not drawn", "12", "700"),
        ("E12000007", "London", "12", "8"),
    ])  # fmt: skip
    snapshot, checked = frozen(tmp_path, (folder, "police-uk-stops"), (census, "census-2021-ethnicity"))
    assert rows_of(snapshot, "contact", "urn") == [
        ("area:E09000001",),
        ("area:E09000002",),
        ("area:elsewhere",),
        ("area:unknown",),
    ]
    states = rows_of(snapshot, "roll", "DISTINCT urn, state")
    assert states == [("area:E09000001", "counted"), ("area:E09000002", "counted"), ("area:elsewhere", "not_applicable"),
                      ("area:unknown", "not_applicable")]  # fmt: skip
    engine = steps.open_engine(snapshot)
    cells = engine.count(question("contact", unit="involvements", period="2021-06/2021-06", within="area"))
    white = next(c for c in cells.whole if c.codes == ("W",))
    assert (white.n, white.denominator) == (4, 5 * 5 + 5 * 3)  # five White groups in each of the two drawn areas
    by_area = {c.stratum[0]: (c.n, c.denominator) for c in cells.strata if c.codes == ("W",)}
    assert by_area == {
        "Here": (1, 25), "City of London and Westminster": (1, 15), "Place not known": (1, 0), "In none of the areas": (1, 0),
    }  # fmt: skip
    answer = steps.compare(snapshot.path, cells.measure)
    assert any(caveat.startswith("2 involvements are in strata where nobody is on roll") for caveat in answer.caveats)
    assert [f.message for f in checked.findings if f.code == "W_SUPPRESSED"] == [
        "19 cells of ages 10 to 17 are suppressed and taken as 0."
    ]


def test_a_point_on_a_border_belongs_to_one_area():
    shapely = pytest.importorskip("shapely")
    pyproj = pytest.importorskip("pyproj")
    squares = (shapely.box(0, 51, 1, 52), shapely.box(-1, 51, 0, 52))
    both = areas.Boundaries("x.zip", "", ("E2", "E1"), (("E2", "Two"), ("E1", "One")), squares, pyproj.CRS("EPSG:4326"))
    assert areas.place(both, [(0.0, 51.5), (0.5, 51.5), (9.0, 9.0)]) == ["E1", "E2", areas.ELSEWHERE]
    assert areas.place(both, []) == []


def test_boundaries_that_are_missing_or_broken(tmp_path):
    folder = write_month(tmp_path / "stops", "2021-06", [{}])
    with pytest.raises(SourceError, match="no boundaries"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)
    (folder / "torn.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(SourceError, match=r"`torn\.zip` is torn"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)
    (folder / "torn.zip").unlink()
    write_boundaries(folder, endings=(".shp", ".dbf"))
    with pytest.raises(SourceError, match=r"lacks \.prj"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)
    write_boundaries(folder, fields=("CODE", "LAD22NM"))
    with pytest.raises(SourceError, match="LAD22CD"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)
    write_boundaries(folder)
    write_boundaries(folder, name="again.zip")
    with pytest.raises(SourceError, match="boundaries twice"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)


def test_without_the_libraries_it_says_what_to_install(tmp_path, monkeypatch):
    folder = write_month(tmp_path / "stops", "2021-06", [{}])
    write_boundaries(folder)
    monkeypatch.setitem(sys.modules, "shapely", None)
    with pytest.raises(SourceError, match=r"dueregard\[areas\]"):
        steps.check([Source(folder, "police-uk-stops")], today=TODAY)


# ---------------------------------------------------------------- wrong files


def test_a_folder_without_stops(tmp_path):
    write_boundaries(tmp_path / "stops")
    with pytest.raises(SourceError, match="no stops"):
        steps.check([Source(tmp_path / "stops", "police-uk-stops")], today=TODAY)


@pytest.mark.parametrize("name", ["police-uk-stops", "census-2021-ethnicity", "dfe-school-census", "dfe-exclusions"])
def test_a_file_of_another_kind_names_the_columns_that_it_lacks(tmp_path, name):
    write_boundaries(tmp_path)
    (tmp_path / "other.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    assert set(errors_of(tmp_path / "other.csv", name)) == {"E_MISSING_COLUMN"}


def test_a_census_without_local_authorities(tmp_path):
    assert errors_of(write_census(tmp_path, [("E12000007", "London", "12", "8")]), "census-2021-ethnicity") == [
        "E_RANGE"
    ]
    assert errors_of(write_census(tmp_path, [("E09000002", "Here", "12", "many")]), "census-2021-ethnicity") == [
        "E_TYPE"
    ]


def test_a_census_alone_is_a_roll_of_areas(tmp_path):
    census = write_census(tmp_path, [("E09000002", "Here", "12", "8"), ("E92000001", "England", "12", "9")])
    snapshot, _ = frozen(tmp_path, (census, "census-2021-ethnicity"))
    assert rows_of(snapshot, "roll", "DISTINCT urn, n_pupils, state, census_on::VARCHAR") == [
        ("area:E09000002", 8, "counted", "2021-03-21")
    ]
    assert rows_of(snapshot, "school", "urn, type") == [("area:E09000002", "area")]


@pytest.mark.parametrize(
    ("at", "row", "code"),
    [
        (2, None, "E_RANGE"),  # a year of age is missing
        (2, ("E09000002", "Here", "12.4", "8"), "E_RANGE"),
        (2, ("E09000002", "Here", "12 years", "8"), "E_RANGE"),
        (2, ("E09000002", "Here", "11", "8"), "E_RANGE"),  # another is there twice
        (2, ("E09000002", "Here", "12", "-5"), "E_TYPE"),
        (2, ("E09000002", "Here", "12", "1.6"), "E_TYPE"),
        (2, ("E09000002", "Here", "12", "1e3"), "E_TYPE"),
    ],
)
def test_a_census_that_would_change_the_residents_unseen_is_refused(at, row, code, tmp_path):
    rows: list = [("E09000002", "Here", str(age), "8") for age in range(10, 18)]
    assert errors_of(write_census(tmp_path, rows, is_whole=False), "census-2021-ethnicity") == []
    rows[at : at + 1] = [row] if row else []
    assert errors_of(write_census(tmp_path, rows, is_whole=False), "census-2021-ethnicity") == [code]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Outcome", "Arrest ", "E_CODELIST"), ("Outcome", "\u0410rrest", "E_CODELIST"), ("Outcome", "arrest", "E_CODELIST"),
        ("Age range", "10 - 17", "E_CODELIST"), ("Age range", "Oct-17", "E_CODELIST"),
        ("Latitude", "51\u00b7513", "E_RANGE"), ("Latitude", "951.5", "E_RANGE"), ("Longitude", "NaN", "E_RANGE"),
    ],
)  # fmt: skip
def test_a_stop_that_would_drop_out_unseen_is_a_fault_with_its_line(column, value, code, tmp_path):
    write_boundaries(tmp_path)
    write_month(tmp_path, "2018-04", [{}, {column: value}])
    checked = steps.check([Source(tmp_path, "police-uk-stops")], today=TODAY)
    errors = [(f.code, f.column, f.lines) for f in checked.findings if f.is_error]
    assert errors == [(code, column, (3,))]
    assert value not in " ".join(f.words() for f in checked.findings)


def test_a_month_counts_once(tmp_path):
    write_boundaries(tmp_path)
    write_month(tmp_path, "2018-04", [{}])
    (tmp_path / "2018-05").mkdir()
    twice = tmp_path / "2018-05" / "2018-04-somewhere-stop-and-search.csv"
    twice.write_bytes((tmp_path / "2018-04" / twice.name).read_bytes())
    with pytest.raises(SourceError, match="twice"):
        steps.check([Source(tmp_path, "police-uk-stops")], today=TODAY)
    (tmp_path / "2018-04" / twice.name).unlink()
    with pytest.raises(SourceError, match="another month"):
        steps.check([Source(tmp_path, "police-uk-stops")], today=TODAY)


def test_a_sum_of_schools_under_another_key_is_refused(tmp_path):
    assert errors_of(write_schools(tmp_path, {}, {"URN": "LA"}), "dfe-school-census") == ["E_PATTERN"]


# ---------------------------------------------------------------- school census

SCHOOL = {"URN": "1", "LA": "201", "SCHOOLTYPE": "State-funded primary", "NOR": "10", "NORG": "4", "NORB": "6", "TSENELSE": "1",
          "TSENELK": "2", "NUMFSM": "3"}  # fmt: skip


def write_schools(tmp_path, *rows: dict[str, str], folder: str = "2017-2018"):
    (tmp_path / folder).mkdir(exist_ok=True)
    path = tmp_path / folder / "census.csv"
    path.write_text(as_csv([SCHOOL | row for row in rows]), encoding="utf-8")
    return path


def test_a_school_is_counted_in_three_ways(tmp_path):
    snapshot, checked = frozen(tmp_path, (write_schools(tmp_path, {}, {"URN": "2", "NORG": "3"}), "dfe-school-census"))
    found = rows_of(snapshot, "roll", "urn, tabulation, sex, sen_provision, is_fsm, n_pupils", "ALL")
    assert [row for row in found if row[0] == "1"] == [
        ("1", "all", "F", "all", "all", 4), ("1", "all", "M", "all", "all", 6),
        ("1", "all:by_fsm", "all", "all", "no", 7), ("1", "all:by_fsm", "all", "all", "yes", 3),
        ("1", "all:by_sen", "all", "E", "all", 1), ("1", "all:by_sen", "all", "K", "all", 2), ("1", "all:by_sen", "all", "N", "all", 7),
    ]  # fmt: skip
    assert ("2", "all", "not_recorded", "all", "all", 1) in found
    assert {str(row[0]) for row in rows_of(snapshot, "roll", "DISTINCT census_on")} == {"2018-01-18"}
    assert checked.findings == ()


def test_symbols_become_states_and_other_words_are_faults(tmp_path):
    rows = [{"NORG": "SUPP", "TSENELK": "NA"}, {"URN": "2", "NUMFSM": "x"}]
    snapshot, _ = frozen(tmp_path, (write_schools(tmp_path, *rows), "dfe-school-census"))
    states = {row[:-1]: row[-1] for row in rows_of(snapshot, "roll", "urn, sex, sen_provision, is_fsm, state")}
    assert states["1", "F", "all", "all"] == "suppressed"
    assert states["1", "M", "all", "all"] == "counted"
    assert (states["1", "all", "K", "all"], states["1", "all", "N", "all"]) == ("not_collected", "not_collected")
    assert (states["2", "all", "all", "yes"], states["2", "all", "all", "no"]) == ("suppressed", "suppressed")
    assert errors_of(write_schools(tmp_path, {"NOR": "ten"}), "dfe-school-census") == ["E_TYPE"]


NATION = {"URN": "NAT", "LA": "", "NOR": "10"}


def test_national_rows_are_never_schools(tmp_path):
    path = write_schools(tmp_path, {}, NATION)
    snapshot, checked = frozen(tmp_path, (path, "dfe-school-census"))
    assert rows_of(snapshot, "school", "urn") == [("1",)]
    assert [(f.code, f.lines) for f in checked.findings] == [("W_TOTALS", (3,))]
    differs = steps.check([Source(write_schools(tmp_path, {"NOR": "11"}, NATION), "dfe-school-census")], today=TODAY)
    assert [(f.code, f.lines) for f in differs.findings] == [("W_TOTALS", (3,)), ("W_TOTALS_DIFFER", (3,))]


def test_national_rows_alone_are_refused(tmp_path):
    assert errors_of(write_schools(tmp_path, NATION), "dfe-school-census") == ["E_NO_SCHOOLS"]


def test_a_year_that_no_name_says_is_told(tmp_path):
    checked = steps.check([Source(write_schools(tmp_path, {}, folder="plain"), "dfe-school-census")], today=TODAY)
    assert [f.code for f in checked.findings] == ["W_PERIOD"]
    assert dfe_school_census.census_year(tmp_path / "2016-17_census.csv") == (2017, True)


# ---------------------------------------------------------------- exclusions

EXCLUDED = {"year": "201617", "country_code": "E92000001", "country": "England", "school_type": "Total", "characteristic_desc": "Total",
            "characteristic_1": "Total", "characteristic_2": "Total", "headcount": "8,000", "perm_excl": "5", "fixed_excl": "1,240",
            "one_plus_fixed": "x"}  # fmt: skip


def write_excluded(tmp_path, *rows: dict[str, str]):
    path = tmp_path / "excluded.csv"
    path.write_text(as_csv([EXCLUDED | row for row in rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (
            {"characteristic_desc": "Ethnicity", "characteristic_1": "Ethnicity_Minor_Black Caribbean"},
            "characteristic_1",
        ),
        (
            {"characteristic_desc": "Ethnic group", "characteristic_1": "Ethnicity_Minor_Black_Caribbean"},
            "characteristic_desc",
        ),
    ],
)
def test_a_group_of_exclusions_that_would_be_missing_unseen_is_a_fault(row, column, tmp_path):
    path = write_excluded(
        tmp_path, {}, row, {"characteristic_desc": "Ethnicity", "characteristic_1": "Ethnicity_Major_Black_Total"}
    )
    errors = [f for f in steps.check([Source(path, "dfe-exclusions")], today=TODAY).findings if f.is_error]
    assert [(f.code, f.column, f.lines) for f in errors] == [("E_CODELIST", column, (3,))]
    assert "Caribbean" not in errors[0].words()


def test_exclusions_are_counted_sanctions_over_a_counted_roll(tmp_path):
    """Thousands have commas; a hidden count has no row; sums of groups and one type of school are not taken."""
    group = {
        "characteristic_desc": "Ethnicity_gender",
        "characteristic_1": "Ethnicity_Minor_Irish",
        "characteristic_2": "Male",
    }
    need = {"characteristic_desc": "SEN_primary_need", "characteristic_1": "SEN_primary_need_Visual_impairment"}
    path = write_excluded(
        tmp_path, {}, group | {"headcount": "x"}, need, {"school_type": "Primary"},
        {"characteristic_desc": "Ethnicity", "characteristic_1": "Ethnicity_Major_White_Total"},
    )  # fmt: skip
    snapshot, checked = frozen(tmp_path, (path, "dfe-exclusions"))
    assert rows_of(snapshot, "sanction", "kind, ethnicity, sex, sen_type, n, academic_year", "ALL") == [
        ("PERM", "WIRI", "M", "all", 5, "2016/17"), ("PERM", "all", "all", "VI", 5, "2016/17"), ("PERM", "all", "all", "all", 5, "2016/17"),
        ("SUSP", "WIRI", "M", "all", 1240, "2016/17"), ("SUSP", "all", "all", "VI", 1240, "2016/17"),
        ("SUSP", "all", "all", "all", 1240, "2016/17"),
    ]  # fmt: skip
    assert rows_of(snapshot, "roll", "tabulation, n_pupils, state, census_on::VARCHAR", "ALL") == [
        ("all:by_ethnicity_sex", None, "suppressed", "2017-01-19"), ("all:total", 8000, "counted", "2017-01-19"),
        ("sen:by_need", 8000, "counted", "2017-01-19"),
    ]  # fmt: skip
    assert [f.message[:2] for f in checked.findings if f.code == "W_NOT_TAKEN"] == ["2 "]
    assert [f.message for f in checked.findings if f.code == "W_SUPPRESSED"] == [
        "3 counts are suppressed: they have no row, and are not zero."
    ]


def test_exclusions_that_are_no_counts(tmp_path):
    assert errors_of(write_excluded(tmp_path, {"perm_excl": "few"}), "dfe-exclusions") == ["E_TYPE"]
    assert errors_of(write_excluded(tmp_path, {"year": "201618"}), "dfe-exclusions") == ["E_TYPE"]
    assert errors_of(write_excluded(tmp_path, {"school_type": "Primary"}), "dfe-exclusions") == ["E_NO_TOTALS"]
