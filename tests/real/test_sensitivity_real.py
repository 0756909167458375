"""Sensitivity on the real stops of children in London: the counts by hand from the file, and what the bounds are of them."""

from __future__ import annotations

import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.measures.question import question

STOPS, CENSUS, AREAS = (
    "police_uk_stop_search_metropolitan_16months.parquet",
    "ons_census2021_ethnicity20_by_single_age_ltla.csv.gz",
    "ons_london-2021-lad22-gen20_shp.zip",
)
PERIOD = "2021-06/2021-10"


@pytest.fixture(scope="module")
def stops(shared, tmp_path_factory):
    pytest.importorskip("shapely", reason="boundaries need the extra `areas`")
    data = shared / "data"
    sources = [Source(data / STOPS, "police-uk-stops"), Source(data / CENSUS, "census-2021-ethnicity")]
    return steps.freeze(sources, tmp_path_factory.mktemp("stops"))[0].path


def test_a_quarter_of_london_is_missing_and_one_direction_stands(stops):
    """In five months 23.6 % of children stopped have no word of their own. Bounds follow from the counts by hand."""
    found = steps.sensitivity(stops, question("contact", unit="involvements", period=PERIOD))
    groups = {g.code: g for g in found.groups}
    counted = {g.code: g.n for g in steps.compare(stops, question("contact", unit="involvements", period=PERIOD)).groups}  # fmt: skip
    missing = counted["not_stated"] + counted["not_recorded"]
    assert round(missing / sum(counted.values()), 3) == 0.236
    black = groups["B"]
    over = {"B": black.denominator, "W": found.comparison_denominator}
    lowest = (counted["B"] / over["B"]) / ((counted["W"] + missing) / over["W"])
    highest = ((counted["B"] + missing) / over["B"]) / (counted["W"] / over["W"])
    assert (black.worst_case.lowest, black.worst_case.highest) == pytest.approx((lowest, highest), rel=1e-12)
    assert {code: g.gate for code, g in groups.items()} == {"M": "not_established", "A": "not_established", "B": "robust", "O": "not_established"}  # fmt: skip
    # officers saw Black children decline more often than White ones, so imputation can only raise the ratio
    by_code = {one.code: one for one in found.missingness if one.column == "observed_ethnicity"}
    assert by_code["B"].beside.lower > 1
    assert black.imputed.ratio.estimate > black.complete.estimate
    assert sum(map(sum, found.two_series.matrix)) == found.n == sum(counted.values())
