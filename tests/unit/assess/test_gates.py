"""Gates: every figure is `compare`'s own; contacts and sanctions of one act stand side by side; what is not there is said."""

from __future__ import annotations

import json

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import CannotAnswer
from dueregard.evidence.as_json import answer_as_json
from dueregard.evidence.estimate import Estimate
from dueregard.evidence.gates import gates_as_json, share_per_1000
from dueregard.measures.gates import GATES, act_measures, gate
from dueregard.measures.measure import Measure


@pytest.fixture(scope="module")
def found(borough_snapshot):
    return steps.gates(borough_snapshot)


def test_every_gate_is_a_figure_of_compare(found, borough_snapshot):
    assert [one.name for one in found.figures] == [one.name for one in GATES]
    for one in found.figures:
        measure = gate(one.name).measure(by=("ethnicity",))
        assert measure.within == ("behaviour", "harm_level") and measure.unit == "involvements"
        assert answer_as_json(one.answer) == answer_as_json(steps.compare(borough_snapshot, measure))
        assert one.answer.selection is not None  # whom police met stands beside every share of a gate


def test_the_ways_of_one_gate_add_up(found):
    """Charged, resolved or diverted: whoever stands there goes one of three ways, unless two outcomes were given."""
    ways = [one.answer for one in found.figures if one.name in ("charge", "community_resolution", "diversion")]
    for groups in zip(*(answer.groups for answer in ways), strict=True):
        assert len({g.denominator for g in groups}) == 1
        assert sum(g.n for g in groups) >= groups[0].denominator


def test_an_act_has_contacts_and_sanctions_of_the_same_roll(found, borough_snapshot):
    assert found.acts and not found.why_no_acts
    for act in found.acts[:3]:
        contact, sanction = (
            steps.compare(borough_snapshot, m) for m in act_measures(act.code, by=("ethnicity",), period=found.period)
        )
        assert [g.n for g in contact.groups] == [g.n_contacts for g in act.groups]
        assert {g.code: g.n for g in sanction.groups} == {g.code: g.n_sanctions for g in act.groups}
    whole = steps.compare(borough_snapshot, Measure("sanctioned", "events", period=found.period))
    for group in whole.groups:
        assert group.n == sum(g.n_sanctions for act in found.acts for g in act.groups if g.code == group.code)


def test_a_share_is_never_more_than_all():
    shown = share_per_1000(Estimate(900.0, 400.0, 1500.0, 0.95, "exact"))
    assert (shown.estimate, shown.lower, shown.upper) == (900.0, 400.0, 1000.0)
    assert share_per_1000(None) is None


def test_what_a_snapshot_lacks_is_said(shared, crdc_2013):
    with pytest.raises(CannotAnswer, match="No gate can be told"):
        steps.gates(crdc_2013)


def test_the_command_prints_one_document(found, borough_snapshot, capsys):
    assert main(["gates", str(borough_snapshot), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(gates_as_json(found)))
    assert main(["gates", str(borough_snapshot), "--by", "sex", "--engine", "reference"]) == 0
    text = capsys.readouterr().out
    assert "Interview or arrest" in text and "same behaviour and harm" in text
    assert "compliant" not in text and "no disparity" not in text
