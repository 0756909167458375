"""Intersections: what is shown of few, what stays apart, what is said in words, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.intersections_json import intersections_as_json
from dueregard.measures.measure import Measure
from dueregard.measures.question import parse_stratum, question
from dueregard.stats.rates import exact_rates
from dueregard.terminal.intersections import print_intersections
from dueregard.understand import intersections as module
from dueregard.understand.intersections import Sampled, intersections
from dueregard.understand.strata import design_of, intersections_question, singles_of, strata_of

BY = ("ethnicity", "sex", "age_on_31_august")
SCHOOLS = tuple(str(900001 + k) for k in range(8))


def cells(*, times=1.0, by=BY, caveats=(), more=()):
    """Eight schools; ethnicity W, B, not_stated; sex; ages 12 and 14. Rates 10 to 60 per 1,000, drawn once."""
    rng = np.random.default_rng(5)
    strata, whole = [], {}
    for school in SCHOOLS:
        lift = np.exp(rng.normal(0, 0.4))
        for e, rate in (("W", 0.01), ("B", 0.02), ("not_stated", 0.01)):
            for s, twice in (("F", 1), ("M", 2)):
                for age in ("12", "14"):
                    n_on_roll = int(rng.integers(40, 120)) // (10 if e == "not_stated" else 1)
                    n = int(rng.poisson(times * lift * rate * twice * n_on_roll))
                    strata.append(Cell("2023/24", (school,), (e, s, age), n, n_on_roll))
    strata += more
    for c in strata:
        n, over = whole.get(c.codes, (0, 0))
        whole[c.codes] = (n + c.n, over + c.denominator)
    measure = intersections_question(Measure("contact", by=by, period="2023/24"))
    found = tuple(Cell("2023/24", (), codes, n, over) for codes, (n, over) in sorted(whole.items()))
    return Cells(measure, ("2023/24",), found, tuple(sorted(strata)), (("2023/24", 8),), (), caveats=caveats)


def answer(found=None, **more):
    options = {"snapshot": "0" * 32, "code_version": "0", "rng": np.random.default_rng(1)} | more
    return intersections(found or cells(), **options)


def stratum(found, *codes):
    return next(one for one in found.strata if one.codes == codes)


def test_few_have_a_shrunken_figure_alone_and_no_number():
    found = answer()
    few = [one for one in found.strata if one.is_few]
    assert few and all(one.n is None and one.own_rate_per_1000 is None and one.rate_per_1000 is not None for one in few)
    assert all(one.n > 5 and one.own_rate_per_1000 is not None for one in found.strata if not one.is_few)
    assert any("borrowed strength" in caveat for caveat in found.caveats)


def test_the_unshrunken_range_is_the_exact_one():
    one = stratum(answer(), "B", "M", "14")
    exact = exact_rates([one.n], [one.denominator])
    assert one.own_rate_per_1000.lower == pytest.approx(1000 * exact.lower[0])
    assert one.own_rate_per_1000.method.startswith("exact Poisson")


def test_more_counted_less_borrowed():
    little, much = stratum(answer(), "B", "M", "14"), stratum(answer(cells(times=20)), "B", "M", "14")
    assert 0 < little.own_share < much.own_share < 1
    wide, narrow = ((one.rate_per_1000.upper / one.rate_per_1000.lower) for one in (little, much))
    assert narrow < wide


def test_a_missing_group_is_a_stratum_and_never_called_a_group():
    found = answer(stratum=(("ethnicity", ("not_stated",)), ("sex", ("M",))))
    assert stratum(found, "not_stated", "M", "14").is_missing
    assert found.missing.not_stated == sum(c.n for c in cells().whole if c.codes[0] == "not_stated")
    assert any("not a group of pupils alike" in caveat for caveat in found.caveats)
    assert any("not a group of pupils alike" in line for line in found.question.cannot_be_said)


def test_of_two_sources_missing_strata_stay_apart_with_their_numbers():
    found = answer(cells(caveats=(TWO_SOURCES,)))
    assert not any(one.is_missing for one in found.strata)
    assert {one.codes[0] for one in found.apart} == {"not_stated"} and len(found.apart) == 4
    assert all(one.rate_per_1000 is None for one in found.apart)
    with pytest.raises(CannotAnswer, match="Two sources"):
        answer(cells(caveats=(TWO_SOURCES,)), stratum=(("ethnicity", ("not_stated",)),))


def test_counted_where_nobody_is_on_roll_is_said():
    found = answer(cells(more=(Cell("2023/24", (SCHOOLS[0],), ("W", "M", "13"), 2, 0),)))
    assert found.n_outside == 2
    assert any(caveat.startswith("2 of those counted are in strata with nobody") for caveat in found.caveats)


def test_the_same_seed_gives_the_same_answer():
    one, other = (json.dumps(intersections_as_json(answer())) for _ in range(2))
    assert one == other


def test_references_and_what_is_held():
    """Age has no comparison group, so it is held: Black boys of 14 go back to White girls of 14."""
    design = design_of(strata_of(cells()))
    assert design.references[:2] == ("W", "F")
    assert singles_of(design, ("B", "M", "14")) == (("W", "F", "14"), (("B", "F", "14"), ("W", "M", "14")))
    assert singles_of(design, ("B", "F", "14")) is None
    assert singles_of(design, ("not_stated", "M", "14")) is None


def test_additive_excess_is_there_though_the_product_explains_all():
    """Rates were made as products: the residual is about 1, and yet Black boys are above the sum."""
    one = stratum(answer(cells(times=20)), "B", "M", "14")
    assert one.residual.lower < 1 < one.residual.upper
    assert one.excess_per_1000.lower > 0 and one.reri.lower > 0


def test_one_stratum_in_words():
    found = answer(stratum=(("ethnicity", ("B",)), ("sex", ("M",)), ("age_on_31_august", ("14",)))).question
    one = found.stratum
    assert found.counted.startswith(f"Counted in 2023/24: {one.n} pupils who had a contact")
    assert f"{one.own_share:.0%}" in found.borrowed and "borrowed from similar pupils" in found.borrowed
    assert "exact, nothing borrowed" in found.own
    assert any("31 August before the year" in line for line in found.cannot_be_said)
    assert found.cannot_be_said[-1].startswith("It says nothing of any one pupil")


def test_one_stratum_of_few_gives_no_number_and_a_range_that_tells_none():
    few = next(one for one in answer().strata if one.is_few and not one.is_missing)
    found = answer(stratum=tuple((c, (code,)) for c, code in zip(BY, few.codes, strict=True))).question
    assert "5 or fewer pupils" in found.counted and found.stratum.n is None
    assert found.own_range_if_few == (0.0, pytest.approx(1000 * exact_rates([5], [few.denominator]).upper[0]))
    assert "borrowed strength" in found.own


def test_several_codes_are_answered_together():
    both = answer(stratum=parse_stratum("ethnicity=B,sex=M,age_on_31_august=12,14")).question.stratum
    each = [stratum(answer(), "B", "M", age) for age in ("12", "14")]
    assert both.denominator == sum(one.denominator for one in each)
    low, high = sorted(one.rate_per_1000.estimate for one in each)
    assert (
        low * 0.98 < both.rate_per_1000.estimate < high * 1.02
    )  # medians of unlike skewness need not lie strictly between


def sampled(r_hat=1.001, size=900.0, divergences=0):
    def sample(strata, design, mean, sd):
        n = len(strata.codes)
        return Sampled(r_hat, size, divergences, np.full(9, 0.2), np.full(9, 0.4), np.zeros((9, n)))

    return sample


@pytest.mark.parametrize("gate", [{"r_hat": 1.02}, {"size": 300.0}, {"divergences": 1}])
def test_a_check_that_fails_a_gate_gives_no_figure(gate):
    found = answer(sampler=sampled(**gate)).sampling
    assert not found.passed and found.stratum_sd is None and found.largest_ratio is None
    assert "did not pass its gates" in found.words
    assert answer(sampler=sampled()).sampling.stratum_sd.estimate == pytest.approx(0.2)


def test_a_stage_without_events_is_told_in_words():
    with pytest.raises(CannotAnswer, match="Nobody with a known stratum was counted"):
        answer(cells(times=0))
    with pytest.raises(CannotAnswer, match="Fewer than 10 were counted"):
        answer(cells(times=0.03))


def test_a_model_that_does_not_converge_gives_no_figure(monkeypatch):
    real = module.fit_laplace
    monkeypatch.setattr(module, "fit_laplace", lambda *a, **k: real(*a, **k, rounds=1))
    with pytest.raises(CannotAnswer, match="did not converge, so no figure of it is given"):
        answer()


def test_a_stratum_that_no_pupil_has():
    with pytest.raises(CannotAnswer, match=r"No pupil on roll .* Aged 17, so it has no rate"):
        answer(stratum=(("age_on_31_august", ("17",)),))
    with pytest.raises(UsageError, match="in --stratum and not in --by"):
        answer(stratum=(("phase", ("x",)),))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"denominator": "contact"}, "no exposure"), ({"by": ("ethnicity", "period")}, "of one period"),
     ({"by": ("ethnicity",)}, "at least two columns"), ({"by": ("route", "sex")}, "no rate")],
)  # fmt: skip
def test_questions_without_a_model_are_refused(change, message):
    with pytest.raises(UsageError, match=message):
        intersections_question(Measure("contact", **({"by": BY} | change)))


@pytest.mark.parametrize("text", ["", "sex", "sex=M,sex=F"])
def test_a_stratum_that_is_none(text):
    with pytest.raises(UsageError):
        parse_stratum(text)
    with pytest.raises(UnknownName):
        parse_stratum("sex=Z")


def test_what_is_printed_shows_no_small_number(capsys):
    print_intersections(answer())
    printed = capsys.readouterr().out
    assert printed.index("borrow") < printed.index("shrunken rate")  # how sure comes before how high
    assert "5 or fewer" in printed and "Not known in some characteristic" in printed


def test_the_command_on_a_snapshot(borough_snapshot, capsys):
    assert main(["intersections", str(borough_snapshot), "--stage", "contact", "--by", "ethnicity,sex", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert {one["codes"]["ethnicity"] for one in plain["strata"]} == {"W", "M", "A", "B", "O"}
    assert all((one["n"] is None) == one["borrowed_strength"] for one in plain["strata"])
    assert plain["question"] is None and plain["measure"]["within"] == ["school"]
    words = ["--stratum", "ethnicity=B,sen_type=ASD,sex=M,year_group=9,10"]
    assert main(["intersections", str(borough_snapshot), "--stage", "contact", *words]) == 0
    assert "Year 9 or Year 10" in capsys.readouterr().out


def test_both_engines_agree(borough_snapshot):
    asked = question("contact", by="ethnicity,sex")
    one, other = (steps.intersections(borough_snapshot, asked, engine=name) for name in ("duckdb", "reference"))
    assert intersections_as_json(one) == intersections_as_json(other)


def test_without_numpyro_it_says_what_to_install(monkeypatch, borough_snapshot, capsys):
    monkeypatch.setattr("dueregard.understand.sampling.find_spec", lambda name: None)
    assert main(["intersections", str(borough_snapshot), "--stage", "contact", "--by", "ethnicity,sex", "--nuts"]) == 2
    assert "pip install 'dueregard[bayes]'" in capsys.readouterr().err


@pytest.mark.deep
def test_sampling_says_the_same_as_laplace(borough_snapshot):
    """NUTS on the borough: gates hold, and rates with more than 5 counted agree to 5 % (chance of draws: about 2 %)."""
    pytest.importorskip("numpyro", reason="the extra `bayes` is not installed")
    found = steps.intersections(borough_snapshot, question("contact", by="ethnicity,sex"), nuts=True)
    assert found.sampling.passed, found.sampling.words
    assert found.sampling.largest_ratio < 1.05
    assert found.sampling.stratum_sd.upper == pytest.approx(found.variation.stratum_sd.upper, rel=0.2)
