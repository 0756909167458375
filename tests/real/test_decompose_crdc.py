"""The decomposition of the US file: the figures of ../shared/data/README.md, which were computed apart from this project."""

from __future__ import annotations

import json

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import CannotAnswer
from dueregard.measures.question import question

pytestmark = pytest.mark.xdist_group("crdc")
PRINTED = 5e-7  # the figures are printed to six decimals


@pytest.fixture(scope="module")
def referral(crdc_2013):
    return steps.decompose(crdc_2013, "referred_by_school", group="BL", comparison="WH")


def test_the_printed_figures(referral):
    placement, within = referral.factors
    assert (placement.name, within.name) == ("placement", "within")
    assert placement.ratio.estimate == pytest.approx(1.161647, abs=PRINTED)
    assert within.ratio.estimate == pytest.approx(1.937179, abs=PRINTED)
    assert referral.total_ratio.estimate == pytest.approx(2.250319, abs=PRINTED)
    assert placement.per_1000.estimate == pytest.approx(0.637836, abs=PRINTED)
    assert within.per_1000.estimate == pytest.approx(3.198390, abs=PRINTED)
    assert referral.total_per_1000.estimate == pytest.approx(3.836225, abs=PRINTED)


def test_identities(referral):
    """From the printed counts: 490 of 70,969 and 792 of 258,132."""
    placement, within = referral.factors
    ratio, difference = (490 / 70_969) / (792 / 258_132), 1000 * (490 / 70_969 - 792 / 258_132)
    assert referral.total_ratio.estimate == pytest.approx(ratio, rel=1e-12)
    assert placement.ratio.estimate * within.ratio.estimate == pytest.approx(ratio, rel=1e-12)
    assert placement.per_1000.estimate + within.per_1000.estimate == pytest.approx(difference, rel=1e-12)
    assert placement.log_share + within.log_share == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("stage", ["referred_by_school", "arrested"])
def test_the_total_is_what_compare_says(crdc_2013, stage):
    found = steps.decompose(crdc_2013, stage, group="BL", comparison="WH", method="delta")
    beside = steps.compare(crdc_2013, question(stage, within="school,officer"))
    ratio = next(g.relative_rate.estimate for g in beside.groups if g.code == "BL")
    assert found.total_ratio.estimate == pytest.approx(ratio, rel=1e-12)
    assert found.schools_used == beside.schools_used[0][1]


def test_the_document(crdc_2013, capsys):
    assert (
        main(
            [
                "decompose",
                str(crdc_2013),
                "--stage",
                "referred_by_school",
                "--group",
                "Black",
                "--comparison",
                "WH",
                "--json",
            ]
        )
        == 0
    )
    document = json.loads(capsys.readouterr().out)
    assert [f["name"] for f in document["factors"]] == ["placement", "within"]
    assert {"estimate", "lower", "upper"} <= set(document["total_ratio"]) & set(document["total_per_1000"])
    beside = steps.compare(crdc_2013, question("referred_by_school", within="school"))
    share = next(g.left_out_within_share for g in beside.groups if g.code == "BL")
    assert document["off_support_share"] == pytest.approx(share, rel=1e-12) and document["schools"]["used"] == 969


def test_a_source_without_the_tabulation_says_so(crdc_2013):
    with pytest.raises(CannotAnswer, match="tabulation"):
        steps.decompose(crdc_2013, "referred_by_school", group="13", comparison="14", by=("age_on_31_august",))
