"""The known leaks: each is found in a release that a careless tool would make. The truths are in the test, never in the release."""

from __future__ import annotations

import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.estimates import protected_rate
from dueregard.disclose.policy import policy_named
from dueregard.errors import SnapshotError
from dueregard.evidence.protected import ShownCount, exact
from dueregard.evidence.published import Printed
from dueregard.stats.proportions import proportions
from dueregard.stats.ratios import risk_differences, risk_ratios
from dueregard.terms.missing import CellState
from tests.unit.disclose.leaks import (
    HIDDEN,
    LOW,
    YEAR,
    at,
    attacked,
    found,
    release,
    rounded,
    row,
    table,
)


def test_a_hidden_4_given_away_by_the_total_of_the_next_table():
    groups = table(row(at(ethnicity="A"), 20), row(at(ethnicity="B"), HIDDEN), row(at(ethnicity="W"), 35),
                   adds_up=("ethnicity",))  # fmt: skip
    total = table(row(at(), 59), id="next")
    result = attacked(release(groups, total))
    assert found(result) == {at(ethnicity="B"): (4, 4)}
    told = " ".join(result.narrowed[0].because)
    assert "t: contact, involvements (ethnicity A" in told and "next: contact" in told
    assert attacked(release(groups)).is_safe  # the total alone gives it away


def test_two_linked_hierarchies():
    """Schools add up to a borough and groups to all of them: two hidden schools, two groups, the four sums are shown."""
    b, w = {"ethnicity": "B"}, {"ethnicity": "W"}
    cells = table(
        row(at(school="1", **b), HIDDEN), row(at(school="1", **w), 30), row(at(school="2", **b), 21),
        row(at(school="2", **w), HIDDEN), adds_up=("ethnicity", "school"),
    )  # fmt: skip
    by_group = table(row(at(area="X", **b), 24), row(at(area="X", **w), 36), id="borough", adds_up=("ethnicity",))
    links = (("school", "1", "area=X"), ("school", "2", "area=X"))
    result = attacked(release(cells, by_group, parents=links))
    assert found(result) == {at(school="1", **b): (3, 3), at(school="2", **w): (6, 6)}
    assert attacked(release(cells, by_group)).is_safe  # without knowing which schools are in the borough


def test_broad_groups_and_their_parts():
    fine = table(row(at(ethnicity="BCRB"), 12), row(at(ethnicity="BAFR"), HIDDEN), adds_up=("ethnicity",))
    broad = table(row(at(ethnicity="B"), 15), id="broad")
    links = (("ethnicity", "BCRB", "B"), ("ethnicity", "BAFR", "B"))
    assert found(attacked(release(fine, broad, parents=links))) == {at(ethnicity="BAFR"): (3, 3)}


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_a_percentage_with_one_decimal(k):
    printed = Printed("percent", f"{100 * k / 143:.1f}")
    place = at("arrested", "pupils", ethnicity="B")
    assert found(attacked(release(table(row(place, HIDDEN, 143, printed))))) == {place: (k, k)}


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("end", ["lower", "upper"])
def test_one_end_of_a_wilson_interval(k, end):
    limit = getattr(proportions([k], [143]), end)[0]
    printed = Printed(f"percent_{end}", f"{100 * limit:.1f}")
    place = at("arrested", "pupils", ethnicity="B")
    assert found(attacked(release(table(row(place, HIDDEN, 143, printed))))) == {place: (k, k)}


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_the_height_of_a_bar(k):
    printed = Printed("bar", f"{300 * k / 120:.2f}", options=(("axis_max", "120"), ("height", "300")))
    place = at(ethnicity="B")
    assert found(attacked(release(table(row(place, HIDDEN, None, printed))))) == {place: (k, k)}


def test_a_bar_of_a_rate():
    bar = (("axis_max", "50"), ("height", "300"), ("of", "rate"))
    printed = Printed("bar", f"{300 * (1000 * 3 / 143) / 50:.2f}", options=bar)
    place = at("arrested", "pupils", ethnicity="B")
    assert found(attacked(release(table(row(place, HIDDEN, 143, printed))))) == {place: (3, 3)}


def test_a_ratio_gives_the_hidden_count_and_a_share_too():
    b, w = at("arrested", "pupils", ethnicity="B"), at("arrested", "pupils", ethnicity="W")
    ratio = Printed("relative_rate", f"{(4 / 150) / (30 / 900):.2f}", against=w)
    assert found(attacked(release(table(row(b, HIDDEN, 150, ratio), row(w, 30, 900))))) == {b: (4, 4)}
    share = Printed("share", f"{100 * 4 / 59:.1f}", against=at())
    place = at(ethnicity="B")
    assert found(attacked(release(table(row(place, HIDDEN, None, share), row(at(), 59))))) == {place: (4, 4)}


def test_cumulative_series():
    """Months added up: the difference of two neighbours is a month of 3."""
    months = ("2023-09/2023-10", "2023-09/2023-11", "2023-09/2023-12")
    rows = [row(at(period=p, school="1"), n) for p, n in zip(months, (21, 24, 40), strict=True)]
    one, later = release(table(*rows[:1]), name="r1"), release(table(*rows[1:]), name="r2")
    result = attacked(one, later)
    assert list(found(result).values()) == [(3, 3)]
    assert {text.partition(" / ")[0] for text in result.narrowed[0].because} == {"r1", "r2"}
    assert attacked(one).is_safe and attacked(release(table(*rows[2:]))).is_safe


def test_terms_and_their_year():
    terms = table(*(row(at(period=f"{YEAR}-{t}"), n) for t, n in (("autumn", 30), ("spring", HIDDEN), ("summer", 41))))
    year = release(table(row(at(period=YEAR), 77)), name="r2")
    assert found(attacked(release(terms), year)) == {at(period=f"{YEAR}-spring"): (6, 6)}


def test_rows_sorted_by_their_true_counts():
    """A low count between two others that are nearly the same: the order alone bounds it from below."""
    place = at(ethnicity="B")
    rows = (row(at(ethnicity="W"), rounded(10)), row(place, ShownCount(CellState.HIDDEN_SECOND, None, 0, 40)),
            row(at(ethnicity="A"), ShownCount(CellState.COUNTED, 5, 5, 5)), row(at(ethnicity="M"), 3))  # fmt: skip
    told = found(attacked(release(table(*rows))))
    assert place not in told  # 5 to 12: wide enough, though the order says it
    narrow = (rows[0], row(place, LOW), rows[2], rows[3])
    assert found(attacked(release(table(*narrow))))[place] == (5, 7)
    in_order = tuple(sorted(narrow, key=lambda r: "WMAB".index(dict(r.of)["ethnicity"])))
    assert place not in found(attacked(release(table(*in_order))))


def test_a_class_of_a_legend():
    place = at("arrested", "pupils", school="1")
    printed = Printed("class", "1 to 5")
    assert found(attacked(release(table(row(place, HIDDEN, 800, printed))))) == {place: (1, 4)}
    by_rate = Printed("class", "1 to 5", options=(("of", "rate"),))
    assert found(attacked(release(table(row(place, HIDDEN, 1000, by_rate))))) == {place: (1, 4)}


def test_the_whole_group_and_none_of_it():
    place = at("arrested", "pupils", ethnicity="B", school="1")
    result = attacked(release(table(row(place, 12, 12))))
    assert result.narrowed[0].whole_group and result.narrowed[0].at_least == 12
    none = attacked(release(table(row(place, 0, 12))))
    assert found(none) == {place: (0, 0)} and not none.narrowed[0].whole_group
    assert attacked(release(table(row(place, 0, 0)))).is_safe  # nobody is on roll: nothing is told


def test_a_shown_small_count():
    place = at("arrested", "pupils", ethnicity="B")
    assert found(attacked(release(table(row(place, 3, 400))))) == {place: (3, 3)}


def test_what_the_roll_alone_says_is_no_leak():
    place = at("arrested", "pupils", ethnicity="B")
    assert attacked(release(table(row(place, HIDDEN, 3)))).is_safe
    assert found(attacked(release(table(row(place, ShownCount(CellState.LOW, None, 1, 7), 3))))) == {place: (1, 3)}


def test_a_hidden_roll_given_away_by_the_rolls_beside_it():
    rolls = [row(at("arrested", "pupils", ethnicity="W"), rounded(20), 412),
             row(at("arrested", "pupils", ethnicity="B"), HIDDEN, ShownCount(CellState.HIDDEN_FIRST, None, 1, 9))]  # fmt: skip
    total = row(at("arrested", "pupils"), rounded(20), 415)
    result = attacked(release(table(*rolls, adds_up=("ethnicity",)), table(total, id="all")))
    assert (3, 3) in found(result).values()


def test_the_next_release_gives_away_the_one_before():
    first = release(table(row(at(ethnicity="A"), 20), row(at(ethnicity="B"), LOW), adds_up=("ethnicity",)), name="r1")
    second = release(table(row(at(), 24)), name="r2")
    assert attacked(first).is_safe and attacked(second).is_safe
    assert found(attacked(first, second)) == {at(ethnicity="B"): (4, 4)}


def test_a_revised_count_is_no_contradiction():
    result = attacked(release(table(row(at(), 24)), name="r1"), release(table(row(at(), 31)), name="r2"))
    assert result.is_safe and result.revised == (at(),)


def test_rounding_and_one_band_are_not_enough_where_tables_add_up():
    """13 = 7 + 6 shown as 15 beside two low counts: each is 6 or 7. 15 beside 15 and a low count: 0 to 4."""
    two = table(
        row(at(ethnicity="A"), LOW), row(at(ethnicity="B"), LOW), row(at(), rounded(15)), adds_up=("ethnicity",)
    )
    assert set(found(attacked(release(two))).values()) == {(6, 7)}
    one = table(row(at(ethnicity="A"), rounded(15)), row(at(ethnicity="B"), LOW), row(at(), rounded(15)),
                adds_up=("ethnicity",))  # fmt: skip
    assert found(attacked(release(one))) == {at(ethnicity="B"): (0, 4)}


def test_figures_from_protected_counts_say_nothing_more():
    b, w = rounded(25), rounded(120)
    over_b, over_w = ShownCount(CellState.COUNTED, 400, 398, 402), ShownCount(CellState.COUNTED, 3000, 2998, 3002)
    place, other = at("arrested", "pupils", ethnicity="B"), at("arrested", "pupils", ethnicity="W")
    rate = protected_rate(b, over_b, as_risk=True)
    printed = (Printed("rate_per_1000", f"{1000 * 25 / 400:.2f}"), Printed("rate_per_1000_lower", f"{1000 * rate.lower:.2f}"),
               Printed("rate_per_1000_upper", f"{1000 * rate.upper:.2f}"), Printed("relative_rate", f"{(25 / 400) / (120 / 3000):.2f}", against=other))  # fmt: skip
    result = attacked(release(table(row(place, b, over_b, *printed), row(other, w, over_w))))
    assert result.is_safe and result.n_sensitive == 0


def test_rates_from_true_counts_beside_rounded_ones_are_found():
    """A tool that rounds the counts and computes the rates from the true ones."""
    place = at("arrested", "pupils", ethnicity="B")
    printed = Printed("rate_per_1000", f"{1000 * 6 / 400:.2f}")
    assert found(attacked(release(table(row(place, LOW, 400, printed))))) == {place: (6, 6)}


def test_the_internal_policy_finds_nothing_since_it_hides_nothing():
    place = at(ethnicity="B")
    assert attack([release(table(row(place, 3)))], policy_named("internal")).is_safe


def test_exact_numbers_are_exact():
    assert exact(3).is_exact and not LOW.is_exact


def test_a_number_that_nobody_knows_does_not_pass_unread():
    with pytest.raises(SnapshotError, match="not known what they say"):
        attacked(release(table(row(at(ethnicity="B"), LOW, None, Printed("dots", "3")))))


def test_a_difference_of_rates_gives_the_hidden_count():
    b, w = at("arrested", "pupils", ethnicity="B"), at("arrested", "pupils", ethnicity="W")
    text = f"{1000 * (4 / 150 - 30 / 900):.1f}"
    printed = Printed("difference_per_1000", text, against=w)
    assert found(attacked(release(table(row(b, HIDDEN, 150, printed), row(w, 30, 900))))) == {b: (4, 4)}


@pytest.mark.parametrize("kind", ["relative_rate_lower", "difference_per_1000_upper"])
def test_an_end_of_an_interval_of_two_groups_gives_the_hidden_count(kind):
    b, w = at("arrested", "pupils", ethnicity="B"), at("arrested", "pupils", ethnicity="W")
    method = risk_ratios if kind.startswith("rel") else risk_differences
    limits = method([4], [150], [30], [900])
    number = limits.lower[0] if kind.endswith("lower") else 1000 * limits.upper[0]
    printed = Printed(kind, f"{number:.2f}", against=w)
    assert found(attacked(release(table(row(b, HIDDEN, 150, printed), row(w, 30, 900))))) == {b: (4, 4)}
