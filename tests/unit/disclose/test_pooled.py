"""Pooled figures: let out by their rule alone, and every one of them read by the attacker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.bounds import bounds_of
from dueregard.disclose.build import joined
from dueregard.disclose.link_pooled import is_helper, printed_limits
from dueregard.disclose.policy import PooledRule, policy_named
from dueregard.disclose.pooled import KINDS, may_pool, significant, within_ratios
from dueregard.errors import SnapshotError
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.protected import exact
from dueregard.evidence.published import (
    ROLL,
    Coordinates,
    PooledFigure,
    Published,
    PublishedTable,
    Row,
    coordinates_of,
    denominator_of,
)
from dueregard.evidence.published_json import published_as_json, published_from_json
from dueregard.measures.measure import Measure
from dueregard.stats.mantel_haenszel import mantel_haenszel_rate_ratio

PUBLIC, RULE, YEAR = policy_named("public"), PooledRule(), "2023/24"
MEASURE = Measure("arrested", within=("school",))


def by_school(numbers: np.ndarray, measure: Measure = MEASURE) -> Cells:
    """numbers: shape (n_schools, 4): events and roll of B, then of W."""
    strata = tuple(
        Cell(YEAR, (f"{100000 + k}",), (code,), int(n), int(roll))
        for k, row in enumerate(numbers) for code, n, roll in (("B", *row[:2]), ("W", *row[2:]))
    )  # fmt: skip
    sums = numbers.sum(axis=0)
    whole = (Cell(YEAR, (), ("B",), int(sums[0]), int(sums[1])), Cell(YEAR, (), ("W",), int(sums[2]), int(sums[3])))
    return Cells(measure, (YEAR,), whole, strata, ((YEAR, len(numbers)),), ())


def even(n: int = 12) -> np.ndarray:
    return np.array([[2, 60, 3, 200]] * n)


def test_the_rule():
    assert may_pool(even(10), RULE) and not may_pool(even(9), RULE)
    nobody = np.vstack([even(9), [[4, 0, 0, 90]]])  # nobody of the group is on roll there: the school adds nothing
    assert not may_pool(nobody, RULE)
    empty = np.vstack([even(9), [[0, 60, 0, 200]]])  # no event of either
    assert not may_pool(empty, RULE)
    few = np.array([[1, 60, 3, 200]] * 9 + [[0, 60, 3, 200]])
    assert few[:, 0].sum() == 9 and not may_pool(few, RULE)
    one_holds = np.vstack([even(11), [[30, 60, 3, 200]]])
    assert 30 > (30 + 22) / 2 and not may_pool(one_holds, RULE)
    half = np.vstack([even(11), [[22, 60, 3, 200]]])
    assert may_pool(half, RULE)  # exactly a half is not more than a half


def test_the_figure_is_that_of_the_true_counts_in_three_digits_with_ends_outwards():
    numbers = np.array([[2 + k % 3, 60 + k, 3, 200 - k] for k in range(12)])
    made = within_ratios("arrested-ethnicity", by_school(numbers), ("W",), PUBLIC)
    found = mantel_haenszel_rate_ratio(*numbers.T)
    ratio, lower, upper = made.figures
    assert [figure.id for figure in made.figures] == [
        f"arrested-ethnicity-within-B{end}" for end in ("", "-lower", "-upper")
    ]
    assert float(ratio.text) == pytest.approx(found.estimate[0], abs=0.005) and len(ratio.text) == 4
    assert float(lower.text) <= found.lower[0] < float(lower.text) + 0.01
    assert float(upper.text) - 0.01 < found.upper[0] <= float(upper.text)
    assert made.refused == () and ratio.n_strata == 12


def test_a_refusal_says_no_number_of_the_counts_and_one_reason_for_all():
    few = within_ratios("q", by_school(even(9)), ("W",), PUBLIC)
    held = within_ratios("q", by_school(np.vstack([even(11), [[30, 60, 3, 200]]])), ("W",), PUBLIC)
    assert few.figures == held.figures == () and few.refused == held.refused
    assert few.refused[0][0] == "q-within-B" and "fewer than 10 schools" in few.refused[0][1]


@pytest.mark.parametrize(
    "measure", [replace(MEASURE, unit="involvements"), replace(MEASURE, denominator="contact"), replace(MEASURE, denominator="pupil_years")]
)  # fmt: skip
def test_what_the_attacker_was_not_taught_is_not_let_out(measure):
    made = within_ratios("q", by_school(even(), measure), ("W",), PUBLIC)
    assert made.figures == () and "not known what the figure gives away" in made.refused[0][1]


def test_without_a_comparison_there_is_none():
    assert within_ratios("q", by_school(even()), (), PUBLIC).figures == ()


def release(numbers: np.ndarray, figures: tuple[PooledFigure, ...], *, with_schools: bool = True, hidden: frozenset[Coordinates] = frozenset()) -> Published:  # fmt: skip
    """Rolls as they are; counts hidden; and the pooled figures."""
    from tests.unit.disclose.leaks import HIDDEN

    cells = by_school(numbers)
    rows = []
    for cell in cells.strata:
        place = (cells.measure, cell.period, cell.stratum, cell.codes)
        of, over = coordinates_of(*place), denominator_of(*place)
        rows.append(Row(of, HIDDEN if of in hidden or not hidden else exact(cell.n), over, exact(cell.denominator)))
    tables = (PublishedTable("schools", tuple(rows), ("ethnicity", "school")),) if with_schools else ()
    return published_from_json(published_as_json(Published("r1", "s1", "public", tables, pooled=figures)))


@pytest.mark.parametrize("seed", range(40))
def test_the_truth_satisfies_every_line(seed):
    """Whatever is known of the rolls: exactly, rounded or nothing, no line of the attacker is untrue."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 30))
    rolls = rng.integers(10, 400, (n, 2))
    numbers = np.column_stack(
        [rng.binomial(rolls[:, 0], 0.1), rolls[:, 0], rng.binomial(rolls[:, 1], 0.05), rolls[:, 1]]
    )
    made = within_ratios("q", by_school(numbers), ("W",), PUBLIC)
    if not made.figures:
        assert not may_pool(numbers, RULE)
        return
    truth = {}
    for cell in by_school(numbers).strata:
        place = (MEASURE, cell.period, cell.stratum, cell.codes)
        truth[coordinates_of(*place)], truth[denominator_of(*place)] = cell.n, cell.denominator
    for with_schools in (True, False):
        system = joined([release(numbers, made.figures, with_schools=with_schools)]).system
        lines = [line for line in system.lines if line.why == "r1: q-within-B"]
        assert len(lines) >= 2 + 2 + 1
        for line in lines:
            names = [system.names[i] for i in line.unknowns]
            total = sum(f * _true(name, truth) for name, f in zip(names, line.factors, strict=True))
            assert line.at_least - 1e-6 <= total <= line.at_most + 1e-6


def _true(name: Coordinates, truth: dict[Coordinates, int]) -> float:
    """A count; or all of a group; or whether a school has an event of either group."""
    if not is_helper(name):
        return truth[name]
    if dict(name)["unit"].endswith("together"):
        return sum(n for other, n in truth.items()
                   if dict(other)["ethnicity"] == dict(name)["ethnicity"] and dict(other)["stage"] != ROLL)  # fmt: skip
    of = dict(name) | {"unit": "pupils"}
    return float(any(truth[tuple(sorted((of | {"ethnicity": code}).items()))] > 0 for code in ("B", "W")))


def test_a_ratio_gives_away_the_one_count_that_is_hidden():
    """All other counts and all rolls are known to the reader: the hidden 2 follows from the ratio."""
    numbers = even(10)
    figures = within_ratios("q", by_school(numbers), ("W",), PUBLIC).figures
    of = coordinates_of(MEASURE, YEAR, ("100000",), ("B",))
    made = release(numbers, figures, hidden=frozenset({of}))
    told = {one.of: (one.at_least, one.at_most) for one in attack([made], policy_named("public")).narrowed}
    assert told[of] == (2, 2)
    without = attack([replace(made, pooled=())], PUBLIC)
    assert of not in {one.of for one in without.narrowed}


def test_an_interval_says_more_than_its_ratio():
    """Two hidden counts on both sides of the ratio: it holds them in one line, and the interval in another."""
    numbers = even(10)
    figures = within_ratios("q", by_school(numbers), ("W",), PUBLIC).figures
    b, w = (coordinates_of(MEASURE, YEAR, ("100000",), (code,)) for code in "BW")
    made = release(numbers, figures, hidden=frozenset({b, w}))
    wide = {one.of: one for one in attack([replace(made, pooled=figures[:1])], PUBLIC).narrowed}
    narrow = {one.of: one for one in attack([made], PUBLIC).narrowed}
    assert w in narrow and narrow[w].at_most - narrow[w].at_least < 5 and narrow[b].at_least <= 2 <= narrow[b].at_most
    assert w not in wide or wide[w].at_most is None or wide[w].at_most > narrow[w].at_most


def test_that_it_was_released_is_read_too():
    """Ten schools are behind the figure: each has an event, so one with none of W has one of B. And B has ten or more."""
    numbers = np.array([[1, 40, 1, 40]] * 9 + [[1, 40, 0, 40]])
    numbers[0, 2] = 2
    figures = within_ratios("q", by_school(numbers), ("W",), PUBLIC).figures
    b, w = (coordinates_of(MEASURE, YEAR, ("100009",), (code,)) for code in "BW")
    made = joined([release(numbers, figures, with_schools=False)]).system
    at = {name: i for i, name in enumerate(made.names)}
    made.narrow(at[w], 0, 0, "test")
    ask = np.zeros(len(made.names), dtype=bool)
    ask[at[b]] = True
    assert bounds_of(made, ask, np.full(len(ask), 5.0)).at_least[at[b]] == 1


def one_figure(**changes) -> PooledFigure:
    [ratio, *_] = within_ratios("q", by_school(even()), ("W",), PUBLIC).figures
    return replace(ratio, **changes)


@pytest.mark.parametrize(
    "figure",
    [one_figure(kind="factor"), one_figure(kind="shrunken_rate"), one_figure(kind="mantel_haenszel_lower_99"),
     one_figure(ratio_of=(), n_strata=12), one_figure(n_strata=13), one_figure(text="about two"), one_figure(text="0"),
     one_figure(kind=KINDS[1])],
)  # fmt: skip
def test_a_pooled_figure_that_is_not_understood_stops_the_attack(figure):
    with pytest.raises(SnapshotError, match="not known what the pooled figure"):
        attack([release(even(), (figure,))], PUBLIC)


def test_the_digits_that_were_printed_are_the_digits_that_are_read():
    for text, least, most in (("2.00", 1.995, 2.005), ("1240", 1235, 1245), ("0.0456", 0.04555, 0.04565)):
        assert printed_limits(one_figure(text=text), RULE) == pytest.approx((least, most), rel=1e-6)
    lower, upper = one_figure(kind=KINDS[1], text="1.20"), one_figure(kind=KINDS[2], text="12.3")
    assert printed_limits(lower, RULE) == pytest.approx((1.20, 1.21)) and printed_limits(upper, RULE) == pytest.approx(
        (12.2, 12.3)
    )
    rng = np.random.default_rng(5)
    for number in 10.0 ** rng.uniform(-3, 4, 500):
        for kind, towards in zip(KINDS, (0, -1, 1), strict=True):
            least, most = printed_limits(one_figure(kind=kind, text=significant(number, 3, towards=towards)), RULE)
            assert least <= number <= most and most - least < 0.011 * number
