"""`compare` over contacts says what its figure would be if some contacts had not happened; other figures do not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dueregard import steps
from dueregard.assess.disparity import compare
from dueregard.cli import main
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.selection import SENTENCE, selection_as_json
from dueregard.measures.measure import Measure
from dueregard.measures.question import question
from dueregard.stats.selection import RHOS
from dueregard.understand.selection import selection_of, with_selection

OVER_CONTACTS = Measure("recorded_as_suspect", denominator="contact", period="2023/24")


def answer(*groups: tuple[tuple[str, ...], int, int], measure: Measure = OVER_CONTACTS):
    cells = tuple(Cell("2023/24", (), codes, n, over) for codes, n, over in groups)
    return compare(Cells(measure, ("2023/24",), cells, (), (("2023/24", 1),), ()), snapshot="s", code_version="v")


def test_the_worked_example():
    """24 of 100 beside 11 of 50: shares .24 and .22; at rho .3 the difference among the group's is .24 - .7 x .22."""
    found = selection_of(answer((("W",), 11, 50), (("B",), 24, 100)))
    (black,) = found.groups
    at = {point.rho: point for point in black.curve}
    assert tuple(at) == RHOS and (RHOS[0], RHOS[-1]) == (0.0, 0.5)
    assert at[0.0].among_group == pytest.approx(20.0)
    assert at[0.3].among_group == pytest.approx(1000 * (0.24 - 0.7 * 0.22))
    # pi = 100 / 150: at rho .3 between 2/3 x .086 + 1/3 x .02 and 2/3 x .086 + 1/3 x (.24 / .7 - .22)
    assert at[0.3].lowest == pytest.approx(1000 * (2 / 3 * 0.086 + 0.02 / 3))
    assert at[0.3].highest == pytest.approx(1000 * (2 / 3 * 0.086 + (0.24 / 0.7 - 0.22) / 3))
    assert at[0.3].lower < at[0.3].lowest <= at[0.3].highest < at[0.3].upper
    assert black.tipping_rho is None and "makes the difference larger" in black.words


def test_where_the_sign_flips():
    """10 of 100 beside 10 of 50: a share of .1 beside .2, so from rho 1 - .1 / .2 on it is no lower."""
    (black,) = selection_of(answer((("W",), 10, 50), (("B",), 10, 100))).groups
    assert black.tipping_rho == pytest.approx(0.5)
    assert 0 <= black.tipping_lower < 0.5 < black.tipping_upper <= 1
    assert {p.rho: p for p in black.curve}[0.5].among_group == pytest.approx(0.0, abs=1e-9)
    assert "If 50% (with chance: " in black.words
    ratio = answer((("W",), 10, 50), (("B",), 10, 100)).groups[1].relative_rate
    assert (black.tipping_lower, black.tipping_upper) == (max(0.0, 1 - ratio.upper), 1 - ratio.lower)


def test_a_group_that_nobody_met_is_named_and_has_no_curve():
    found = selection_of(answer((("W",), 10, 50), (("B",), 0, 0), (("A",), 4, 9)))
    assert ([g.code for g in found.groups], found.not_told) == (["A"], ("Black",))
    nobody = selection_of(answer((("W",), 0, 0), (("B",), 3, 9)))
    assert (nobody.groups, nobody.not_told) == ((), ("Black",))


def test_more_events_than_contacts_have_no_share():
    measure = replace(OVER_CONTACTS, stage="power_used", unit="events")
    found = selection_of(answer((("W",), 10, 50), (("B",), 12, 9), measure=measure))
    assert (found.groups, found.not_told) == ((), ("Black",))


def test_none_reached_it():
    """No share on either side: nothing tips, and every point is a difference of 0."""
    (black,) = selection_of(answer((("W",), 0, 50), (("B",), 0, 9))).groups
    assert black.tipping_rho is None
    assert {p.among_group for p in black.curve} == {0.0}
    json.dumps(selection_as_json(selection_of(answer((("W",), 0, 50), (("B",), 0, 9)))), allow_nan=False)


def test_boys_are_compared_with_boys():
    measure = replace(OVER_CONTACTS, by=("ethnicity", "sex"))
    found = selection_of(answer((("W", "M"), 8, 20), (("W", "F"), 1, 20), (("B", "M"), 4, 20), (("B", "F"), 2, 20), measure=measure))  # fmt: skip
    first = {g.code: g.curve[0].among_group for g in found.groups}
    assert first == pytest.approx({"B,M": 1000 * (4 / 20 - 8 / 20), "B,F": 1000 * (2 / 20 - 1 / 20)})


@pytest.mark.parametrize("measure", [
    Measure("contact", period="2023/24"),
    Measure("accepted", denominator="support_offered", period="2023/24"),
])  # fmt: skip
def test_other_figures_have_none(measure):
    plain = answer((("W",), 10, 50), (("B",), 10, 100), measure=measure)
    assert with_selection(plain) is plain


def test_what_compare_prints(borough_snapshot, capsys):
    words = ["compare", str(borough_snapshot), "--stage", "recorded_as_suspect", "--denominator", "contact"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert SENTENCE in text
    assert "mandatory reporting" in text and "relative non-severity" in text
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [g["code"] for g in document["selection"]["groups"]] == ["M", "A", "B", "O"]
    assert main(["compare", str(borough_snapshot), "--stage", "contact", "--json"]) == 0
    assert "selection" not in json.loads(capsys.readouterr().out)


def test_a_trend_has_each_period_apart(borough_snapshot):
    asked = question("recorded_as_suspect", denominator="contact", by="ethnicity,period")
    found = steps.compare(borough_snapshot, asked)
    periods = {g.period for g in found.selection.groups}
    assert periods == {p for p, _ in found.schools_used}
