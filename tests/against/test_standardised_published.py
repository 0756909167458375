"""Every row of the workbooks of UKHSA's PHEindicatormethods, to 1e-6: rates, Byar, Wilson, direct and indirect.

The workbooks are ../shared/data/phe/. Not used: the rows of `testdata_1976`, whose 99.8 % limits are in another scale
than the rate beside them, and the sheets `testdata_err*` (input that must be refused), but for `testdata_err2`, from
which two published rows of indirect ratios were made.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

from dueregard.stats.proportions import wilson_limits
from dueregard.stats.rates import byar_rates, rates
from dueregard.stats.standardise import directly_standardised, indirectly_standardised

openpyxl = pytest.importorskip("openpyxl", reason="the workbooks are read with openpyxl, which is not installed")

# European Standard Population 2013 (Eurostat), 0-4 to 90 and over: the standard of the published direct rates.
ESP_2013 = (
    5000,
    5500,
    5500,
    5500,
    6000,
    6000,
    6500,
    7000,
    7000,
    7000,
    7000,
    6500,
    6000,
    5500,
    5000,
    4000,
    2500,
    1500,
    1000,
)
WITHIN = 1e-6  # absolute, as the task asks; the published numbers have eight decimals or more
LEVELS = {"95": 0.95, "99.8": 0.998}
NOT_USED = "testdata_1976"


@functools.cache
def book(path):
    return openpyxl.load_workbook(path, data_only=True, read_only=True)


def sheet(shared, file, name):
    """The rows of a sheet as dictionaries; rows of blanks are no rows."""
    header, *rows = book(shared / "data" / "phe" / file)[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows if any(value is not None for value in row)]


def near(found, published) -> bool:
    """nan where nothing is published."""
    if published is None:
        return bool(np.isnan(found))
    return found == pytest.approx(published, abs=WITHIN, rel=0)


def wrong_limits(found_at, row, multiplier) -> list[str]:
    """Which of a row's figures are not ours? found_at: the answer at a level."""
    wrong = []
    for level, (low, high) in {"95": ("lower95_0cl", "upper95_0cl"), "99.8": ("lower99_8cl", "upper99_8cl")}.items():
        found = found_at(LEVELS[level])
        if row[low] is None and row["value"] is not None:
            continue  # 99.8 % limits are not given for this row
        for mine, column in ((found.estimate, "value"), (found.lower, low), (found.upper, high)):
            if not near(float(mine[0]) * multiplier, row[column]):
                wrong.append(
                    f"{row['area']} {row['statistic']} {column}: {float(mine[0]) * multiplier} is not {row[column]}"
                )
    return wrong


def multiplier_of(statistic: str) -> int:
    return int(statistic.split()[-1]) if statistic[-1].isdigit() else 1


def blank_is_nan(value) -> float:
    return np.nan if value is None else value


# ---------------------------------------------------------------- rates, Byar, Wilson


def test_rates(shared):
    rows = sheet(shared, "testdata_Rate.xlsx", "testdata_Rate")
    wrong = []
    for row in rows:
        row |= {"area": row["Area"]}
        over = [blank_is_nan(row["Numerator"])], [blank_is_nan(row["Denominator"])]
        wrong += wrong_limits(lambda level, over=over: rates(*over, level=level), row, row["multiplier"])
        if row["value"] is not None:
            assert rates(*over).method[0].startswith({"Byars": "Byar", "Exact": "exact"}[row["method"]])
    assert wrong == []
    assert len(rows) == 20


def test_rates_of_grouped_areas(shared):
    rows = sheet(shared, "testdata_Rate.xlsx", "testdata_Rate_g")
    for row in rows:
        found = rates([blank_is_nan(row["Numerator"])], [blank_is_nan(row["Denominator"])])
        for mine, column in ((found.estimate, "value"), (found.lower, "lowercl"), (found.upper, "uppercl")):
            assert near(float(mine[0]) * row["multiplier"], row[column]), (row["Area"], column)
    assert len(rows) == 12


def test_byar_and_wilson(shared):
    rows = sheet(shared, "testdata_Byars_Wilson.xlsx", "testdata_B_W")
    for row in rows:
        level = LEVELS[row["confidence"].removesuffix("%")]
        if row["method"] == "Byars":
            found = byar_rates([row["x"]], [1], level=level)
            lower, upper = found.lower, found.upper
        else:  # one published row has 0.445 of 1, which is no count: so the formula itself
            lower, upper = wilson_limits(np.array([row["x"]], float), np.array([row["n"]], float), level)
        if row["lowercl"] is None:  # the formula falls below 0 for one event at 99.8 %: published blank, ours 0
            assert lower[0] == 0
        else:
            assert near(float(lower[0]), row["lowercl"]), row
        assert near(float(upper[0]), row["uppercl"]), row
    assert len(rows) == 13


# ---------------------------------------------------------------- direct


def strata(rows, area, *columns):
    """A table of one group for each column; a blank is nan."""
    of_area = [row for row in rows if row["area"] == area]
    return [[[blank_is_nan(row[column]) for row in of_area]] for column in columns]


def squares(rows, area):
    """Sum over persons of the square of their events: f1 persons had one, f2 had two. A blank: nobody had so many."""
    return [[sum(k * k * (row[f"f{k}"] or 0) for k in range(1, 5)) for row in rows if row["area"] == area]]


def test_the_standard_is_the_one_of_the_workbook(shared):
    """Its sheets of faulty input hold the column `stdpop`."""
    assert tuple(row["stdpop"] for row in sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_err1")) == ESP_2013


def test_direct_rates(shared):
    data = sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_multiarea")
    published = sheet(shared, "testdata_DSR_ISR.xlsx", "testresults_DSR")
    used, wrong = 0, []
    for row in published:
        if row["area"] == NOT_USED or row["method"] != "Dobson":
            continue
        n, over = strata(data, row["area"], "count", "pop")
        n = np.nan_to_num(n)  # `testdata_tiny` has one blank count, which its published total of 9 takes as none
        assert (n.sum(), np.sum(over)) == (row["total_count"], row["total_pop"])
        times = multiplier_of(row["statistic"]) if row["value"] is not None else 1
        wrong += wrong_limits(
            lambda level, n=n, over=over: directly_standardised(n, over, ESP_2013, level=level).rates, row, times
        )
        used += 1
    assert wrong == []
    assert used == 6


def test_direct_rates_of_events_that_are_not_independent(shared):
    data = sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_nonindepe")
    published = [
        r for r in sheet(shared, "testdata_DSR_ISR.xlsx", "testresults_DSR") if "non-independent" in r["method"]
    ]
    wrong = []
    for row in published:
        n, over = strata(data, row["area"], "count", "pop")
        square = squares(data, row["area"])
        events = [sum(k * (r[f"f{k}"] or 0) for k in range(1, 5)) for r in data if r["area"] == row["area"]]
        assert events == n[0], "the frequencies are those of the counts"
        times = multiplier_of(row["statistic"]) if row["value"] is not None else 1
        wrong += wrong_limits(
            lambda level, n=n, over=over, square=square: (
                directly_standardised(n, over, ESP_2013, squares=square, level=level).rates
            ),
            row,
            times,
        )
        found = directly_standardised(n, over, ESP_2013, squares=square)
        assert np.isnan(found.widening[0]) if row["value"] is None else found.widening[0] > 1
    assert wrong == []
    assert [row["area"].removeprefix("testdata_nonind_") for row in published] == ["big", "dummy", "small", "tiny"]


# ---------------------------------------------------------------- indirect


def of_err2(shared, area):
    """The areas of `testdata_err2`, which have the bands of the reference in their order. Area1 has a band of nobody."""
    return [row for row in sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_err2") if row["area"] == area]


@pytest.mark.parametrize("source", ["testdata_multiarea", "testdata_err2"])
def test_indirect_ratios_and_rates(shared, source):
    reference = sheet(shared, "testdata_DSR_ISR.xlsx", "refdata")
    hits, base = [r["refcount"] for r in reference], [r["refpop"] for r in reference]
    data = sheet(shared, "testdata_DSR_ISR.xlsx", source)
    areas = {row["area"] for row in data}
    published = [r for r in sheet(shared, "testdata_DSR_ISR.xlsx", "testresults_ISR") if r["area"] in areas]
    wrong = []
    for row in published:
        n, over = strata(data, row["area"], "count", "pop")
        n = np.nan_to_num(n)

        def found_at(level, n=n, over=over):
            return indirectly_standardised(n, over, hits, base, level=level)

        found = found_at(0.95)
        assert found.observed[0] == row["observed"]
        assert near(float(found.expected[0]), row["expected"])
        assert found.ratios.method[0].startswith({"Byars": "Byar", "Exact": "exact"}[row["method"]])
        times = multiplier_of(row["statistic"])
        if "rate" in row["statistic"]:
            assert near(sum(hits) / sum(base) * times, row["ref_rate"])
            times *= sum(hits) / sum(base)
        wrong += wrong_limits(lambda level, found_at=found_at: found_at(level).ratios, row, times)
    assert wrong == []
    assert len(published) == (12 if source == "testdata_multiarea" else 4)


def test_the_sheet_with_references_gives_the_same(shared):
    """`testdata_multiarea_isr` holds the reference beside each area's own numbers."""
    data = sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_multiarea_isr")
    areas = list(dict.fromkeys(row["area"] for row in data))
    totals = {r["area"]: r["total_count"] for r in sheet(shared, "testdata_DSR_ISR.xlsx", "testdata_multiarea_lookup")}
    for area in areas:
        n, over, hits, base = strata(data, area, "count", "pop", "refcount", "refpop")
        # One band of `testdata_tiny` has blanks; its reference has no event, so nothing is expected of it either way.
        n, over, hits = np.nan_to_num(n), np.nan_to_num(over), np.nan_to_num(hits)
        found = indirectly_standardised(n, over, hits[0], base[0])
        assert found.observed[0] == totals[area]
        assert near(float(found.expected[0]), 835.8835612311743)  # as testresults_ISR says of each of the three
    assert len(areas) == 3
