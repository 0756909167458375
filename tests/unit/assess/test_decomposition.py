"""Decompose: which method is believed, what is said, and what is refused in words."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from dueregard.assess.chain_table import chain_table
from dueregard.assess.decomposition import decompose, factor_names, method_of
from dueregard.cli import main
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.chain import Chain, ChainCell
from dueregard.evidence.decomposition_json import decomposition_as_json
from dueregard.measures.measure import Measure
from dueregard.terms.stages import chain_to

RNG = 20


def chain(
    *, stage: str = "charged", n_schools: int = 40, busy: float = 400, gap: float = 2.0, codes=("W", "B")
) -> Chain:
    """Schools with an officer on some days; the second group has `gap` times the contacts of the first."""
    rng, steps = np.random.default_rng(RNG), chain_to(stage)
    cells = []
    for k in range(n_schools):
        for officer, days in (("posted", 100), ("not_posted", 90)):
            for code, times in zip(codes, (1.0, gap), strict=True):
                n = [int(rng.poisson(busy / n_schools * times))]
                for _ in steps[1:]:
                    n.append(int(rng.binomial(n[-1], 0.6)))
                cells.append(ChainCell(f"{k:03}", officer, (code,), int(rng.integers(100, 400)) * days, tuple(n)))
    measure = Measure(stage, "involvements", "pupil_years", ("ethnicity",), ("school", "officer"))
    return Chain(measure, "2023/24", steps, False, tuple(cells), n_schools, ())


def found_of(of: Chain, **more):
    asked = {"group": "B", "comparison": "W", "rng": np.random.default_rng(1), "replicates": 300} | more
    return decompose(of, **asked, snapshot="s", code_version="v")


@pytest.fixture(scope="module")
def found():
    return found_of(chain())


def test_factors_stand_in_the_order_of_the_chain(found):
    assert [f.name for f in found.factors] == [
        "placement", "sorting", "contact_within", "recorded_as_suspect_mix", "recorded_as_suspect_within",
        "sent_to_cps_mix", "sent_to_cps_within", "charged_mix", "charged_within",
    ]  # fmt: skip
    assert factor_names(chain(stage="arrested"))[3:] == ("arrested_mix", "arrested_within")
    assert factor_names(chain(stage="contact_as_victim")) == ("placement", "sorting", "contact_within")


def test_the_product_is_the_total_and_shares_add_up(found):
    assert math.prod(f.ratio.estimate for f in found.factors) == pytest.approx(found.total_ratio.estimate, rel=1e-12)
    assert sum(f.log_share for f in found.factors) == pytest.approx(1, abs=1e-12)
    assert sum(f.per_1000.estimate for f in found.factors) == pytest.approx(found.total_per_1000.estimate, rel=1e-12)
    rates = found.steps[-1]
    assert rates.rate_per_1000 - rates.comparison_rate_per_1000 == pytest.approx(
        found.total_per_1000.estimate, rel=1e-12
    )


def test_the_bootstrap_is_the_default_and_others_stand_beside(found):
    assert found.method == "bootstrap" and "drawn anew" in found.why_method
    assert [e.method.split()[0] for e in found.factors[0].beside] == ["delta", "Bayesian,"]


def test_what_is_always_said(found):
    assert found.caption == "The placement factor says where officers were; it is not the effect of officers."
    told = " ".join(found.caveats)
    for words in ("It describes; it does not say why", "past contacts", "contacts alone", "Rolls are taken as known"):
        assert words in told
    assert not {"discriminat", "bias", "significan"} & set(told.casefold().split())


def test_few_events_are_bayesian_only_and_it_is_said():
    few = chain(busy=20)
    assert min(chain_table(few, ("B",), ("W",)).counts.reached[-1].sum(axis=(0, 1))) < 10
    found = found_of(few, method="bootstrap")
    assert found.method == "bayes" and "Fewer than 10" in found.why_method and "Charged" in found.why_method
    assert all(f.beside == () for f in found.factors)


def test_few_schools_are_taken_as_they_are():
    table = chain_table(of := chain(n_schools=6), ("B",), ("W",))
    assert method_of(of, table, "bootstrap").name == "bayes" and "6 schools" in method_of(of, table, "bootstrap").why
    assert method_of(of, table, "delta").name == "delta"


def test_no_share_of_a_gap_that_may_not_be_there():
    found = found_of(chain(gap=1.0, stage="contact"))
    assert found.total_ratio.lower < 1 < found.total_ratio.upper
    assert all(f.log_share is None for f in found.factors) and "may be no gap" in found.sentence
    document = decomposition_as_json(found)
    assert document["factors"][0]["log_share"] is None and "may be no gap" in document["factors"][0]["why_no_share"]


def without(of: Chain, code: str, *, exposure: bool = False, places: tuple[int, ...] = (0, 1, 2, 3)) -> Chain:
    """The same where a group is not counted at some steps, or not on any roll."""

    def emptied(cell: ChainCell) -> ChainCell:
        reached = tuple(0 if k in places else n for k, n in enumerate(cell.reached))
        return replace(cell, reached=reached, exposure=0 if exposure else cell.exposure)

    return replace(of, cells=tuple(emptied(c) if c.codes == (code,) else c for c in of.cells))


@pytest.mark.parametrize("code", ["B", "W"])
def test_a_group_without_events_is_answered_in_words(code):
    with pytest.raises(CannotAnswer, match=r"(?s)no parts.*not the same as no difference.*compare"):
        found_of(replace(chain(), cells=tuple(without(chain(), code).cells)))
    with pytest.raises(CannotAnswer, match="--stage sent_to_cps"):
        found_of(without(chain(), code, places=(3,)))


@pytest.mark.parametrize("code", ["B", "W"])
def test_a_group_with_nobody_on_roll_is_answered_in_words(code):
    with pytest.raises(CannotAnswer, match=r"Nobody of .* is on the roll"):
        found_of(without(chain(), code, exposure=True))


def test_wrong_words_name_the_right_ones():
    with pytest.raises(UnknownName, match=r"W .White., B .Black."):
        found_of(chain(), group="Q")
    with pytest.raises(UnknownName, match="bootstrap, delta, bayes"):
        found_of(chain(), method="jackknife")
    with pytest.raises(UsageError, match="the same"):
        found_of(chain(), group="W")
    with pytest.raises(UnknownName):
        found_of(chain(codes=("W", "not_stated")), group="not_stated")


def test_an_involvement_outside_all_pupil_days_stays_in_the_total():
    """In the holidays no pupil-day is in force: it is counted in the school's other state, or, without a roll, nowhere but the total."""
    of = chain(stage="contact", n_schools=12)
    cells = list(of.cells)
    place = next(k for k, c in enumerate(cells) if c.codes == ("B",) and c.officer == "posted")
    cells[place] = replace(cells[place], exposure=0, reached=(7,))
    table = chain_table(replace(of, cells=tuple(cells)), ("B",), ("W",))
    assert (table.moved, table.astray) == (7, 0)
    total = sum(c.reached[0] for c in cells if c.codes == ("B",))
    assert table.counts.reached[0, ..., 1].sum() == total
    other = next(k for k, c in enumerate(cells) if c.codes == ("B",) and c.school == cells[place].school and k != place)
    cells[other] = replace(cells[other], exposure=0, reached=(5,))
    table = chain_table(replace(of, cells=tuple(cells)), ("B",), ("W",))
    assert (table.moved, table.astray) == (0, 12)
    found = found_of(replace(of, cells=tuple(cells)))
    rate = [
        sum(c.reached[0] for c in cells if c.codes == (g,)) / sum(c.exposure for c in cells if c.codes == (g,))
        for g in "WB"
    ]
    assert found.total_ratio.estimate == pytest.approx(rate[1] / rate[0], rel=1e-12)
    assert any("nobody of their group is on the roll" in words for words in found.caveats)


def test_off_support_is_said():
    of = chain(stage="contact")
    cells = tuple(
        replace(c, exposure=0, reached=(0,)) if c.codes == ("W",) and c.school < "010" else c for c in of.cells
    )
    found = found_of(replace(of, cells=cells))
    outside = sum(c.exposure for c in cells if c.codes == ("B",) and c.school < "010")
    assert found.off_support_share == pytest.approx(outside / sum(c.exposure for c in cells if c.codes == ("B",)))
    assert any("typical rate" in words for words in found.caveats)


def test_the_same_seed_gives_the_same_answer_and_methods_do_not_disturb_each_other():
    one, two = found_of(chain()), found_of(chain())
    assert one == two
    beside = {e.method: e for e in one.factors[0].beside}
    alone = found_of(chain(), method="bayes").factors[0].ratio
    assert beside[alone.method] == alone
    assert found_of(chain(), rng=np.random.default_rng(2)).total_ratio != one.total_ratio


def test_the_command(borough_snapshot, capsys):
    """A native snapshot: the total is that of `compare`; the document holds what it must."""
    asked = [str(borough_snapshot), "--stage", "contact", "--comparison", "W", "--json"]
    assert main(["decompose", *asked, "--group", "B"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (
        main(["compare", *asked, "--unit", "involvements", "--denominator", "pupil_years", "--within", "officer"]) == 0
    )
    group = next(g for g in json.loads(capsys.readouterr().out)["groups"] if g["code"] == "B")
    assert document["total_ratio"]["estimate"] == pytest.approx(group["relative_rate"]["estimate"], rel=1e-12)
    assert document["total_per_1000"]["estimate"] == pytest.approx(group["difference_per_1000"]["estimate"], rel=1e-12)
    assert [f["name"] for f in document["factors"]] == ["placement", "sorting", "contact_within"]
    for factor in document["factors"]:
        assert {"name", "ratio", "log_share", "per_1000"} <= set(factor)
    assert {"off_support_share", "schools", "caveats"} <= set(document)


def test_the_terminal(borough_snapshot, capsys):
    assert (
        main(
            [
                "decompose",
                str(borough_snapshot),
                "--stage",
                "recorded_as_suspect",
                "--group",
                "Black",
                "--method",
                "delta",
            ]
        )
        == 0
    )
    told = capsys.readouterr().out
    assert (
        "it is not the effect of officers" in told and "recorded_as_suspect_within" in told and "contact_within" in told
    )
    assert main(["decompose", str(borough_snapshot), "--stage", "support_offered", "--group", "B"]) == 5
    assert "does not follow from a contact" in capsys.readouterr().err
    assert (
        main(["decompose", str(borough_snapshot), "--stage", "contact", "--group", "B", "--by", "ethnicity,period"])
        == 2
    )
