"""Pupils and involvements side by side in `compare`, and what repeats do to its ranges."""

from __future__ import annotations

import json

import pytest

from dueregard.assess.disparity import compare
from dueregard.assess.repeats import repeats_of
from dueregard.cli import main
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.measures.measure import Measure


def answer(unit: str, repeats: tuple[Repeat, ...] | None):
    whole = (Cell("2023/24", (), ("W",), 60, 6000), Cell("2023/24", (), ("B",), 40, 2000))
    strata = tuple(Cell("2023/24", ("1",), c.codes, c.n, c.denominator) for c in whole)
    cells = Cells(Measure("contact", unit, within=("school",)), ("2023/24",), whole, strata, (("2023/24", 1),), ())
    of = repeats_of(cells, repeats, "involvements")
    return compare(cells, snapshot="s", code_version="v", comparison="W", repeats=of)


# White: 60 involvements of 50 pupils. Black: 40 of 25, of whom one came 10 times.
REPEATS = (
    Repeat("2023/24", ("W",), 60, 40 + 10 * 4, 0, 2, ((1, 40), (2, 10))),
    Repeat("2023/24", ("B",), 40, 18 + 6 * 4 + 100, 0, 10, ((1, 18), (2, 6), (10, 1))),
)


def group(found, code: str):
    return next(g for g in found.groups if g.code == code)


def test_pupils_and_involvements_stand_side_by_side():
    found = group(answer("involvements", REPEATS), "B").repeat
    assert (found.n_pupils, found.n, found.most, found.n_top) == (25, 40, 10, 1)
    assert found.top_share == pytest.approx(10 / 40) and found.design_effect == pytest.approx(142 / 40)
    assert group(answer("pupils", REPEATS), "B").repeat == found


def test_ranges_of_involvements_widen_and_estimates_stay():
    known, unknown = answer("involvements", REPEATS), answer("involvements", None)
    for code, figures in (
        ("W", ("rate_per_1000",)),
        ("B", ("rate_per_1000", "relative_rate", "difference_per_1000", "within_relative_rate")),
    ):
        for name in figures:
            wide, narrow = getattr(group(known, code), name), getattr(group(unknown, code), name)
            assert wide.estimate == narrow.estimate
            assert wide.lower < narrow.lower and wide.upper > narrow.upper and "widened for repeat" in wide.method
    assert group(known, "B").minimum_detectable_ratio > group(unknown, "B").minimum_detectable_ratio
    assert any("widen the ranges" in words for words in known.caveats)
    assert any("too narrow" in words for words in unknown.caveats)


def test_ranges_of_pupils_do_not_change():
    assert group(answer("pupils", REPEATS), "B").rate_per_1000 == group(answer("pupils", None), "B").rate_per_1000


def test_the_command(borough_snapshot, capsys):
    asked = ["compare", str(borough_snapshot), "--stage", "contact"]
    documents = []
    for unit in ("pupils", "involvements"):
        assert main([*asked, "--unit", unit, "--json"]) == 0
        documents.append(json.loads(capsys.readouterr().out)["groups"])
    for by_pupil, by_involvement in zip(*documents, strict=True):
        assert by_pupil["repeat"] == by_involvement["repeat"]
        assert (by_pupil["repeat"]["n_pupils"], by_pupil["repeat"]["n"]) == (by_pupil["n"], by_involvement["n"])
    assert main(asked) == 0
    assert "side by side" in capsys.readouterr().out


def test_pupils_who_could_not_be_told_apart_are_not_nought():
    found = answer("involvements", (REPEATS[0], Repeat("2023/24", ("B",), 40, 40, 40, 0)))
    told = group(found, "B").repeat
    assert (told.n_pupils, told.most, told.top_share, told.design_effect) == (None, None, None, None)
    assert any("too narrow" in words for words in found.caveats)
