"""Every method keeps its claim in a quick run; the committed page is of today's trials."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dueregard.validate.judge import judge
from dueregard.validate.known import known
from dueregard.validate.measured import Validation
from dueregard.validate.page import claims_told, page_of
from dueregard.validate.run import validate
from dueregard.validate.trial import CLOSED_FORM, COVERAGE, MODEL

pytestmark = pytest.mark.xdist_group("validate")  # so that the quick run is made once
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "validation.md"
THROUGH_FILES = tuple(name for name in known() if name.startswith("files_"))
OTHERS = tuple(name for name in known() if name not in THROUGH_FILES)


@pytest.fixture(scope="module")
def quick() -> Validation:
    return validate(is_full=False, seed=1, made_on="2026-11-26", only=OTHERS, workers=1)


def test_every_method_keeps_its_claim(quick):
    assert quick.faults == []
    assert len(quick.trials) >= 25


def test_whole_forces_keep_theirs():
    """One force a trial: 12 or 36 figures, so three standard errors are allowed; the full run pools thirty."""
    found = validate(is_full=False, seed=1, made_on="2026-11-26", only=("files_contacts", "files_neutral"), workers=1)
    assert found.faults == []
    figures = [one.cases[0].drawn["estimable"][1] for one in found.trials]
    assert figures == [12, 36]  # groups x years, and x stages


def test_check_finds_what_was_planted_and_is_held_to_it_strictly():
    """A single fault that is missed breaks the claim, in a quick run too: no chance is in it."""
    found = validate(is_full=False, seed=1, made_on="2026-11-26", only=("files_dirt",), workers=1)
    assert found.faults == []
    (case,) = found.trials[0].cases
    n, planted = case.drawn["planted faults found"]
    assert n == planted > 150
    missed = {**case.drawn, "planted faults found": (n - 1, planted)}
    held = judge(found.trials[0].trial, (replace(case, drawn=missed),), is_full=False)
    assert [one.is_kept for one in held] == [False, True]


@pytest.mark.deep
def test_every_method_keeps_its_claim_in_a_full_run():
    assert validate(is_full=True, seed=1, made_on="2026-11-26").faults == []


def test_what_claims_nothing_is_shown_to_cover_too_little(quick):
    """Contacts of pupils who come back, taken as independent: the page must not hide it."""
    naive = next(one for one in quick.trials if one.trial.name == "repeats_taken_as_independent")
    assert not naive.trial.claims
    assert min(case.best(COVERAGE) for case in naive.cases) < 0.7


@pytest.mark.parametrize("name", known())
def test_a_trial_is_fully_declared(name):
    trial = known()[name]
    cases = trial.cases()
    assert len({case.name for case in cases}) == len(cases), "two cases of one name"
    assert trial.title and trial.estimates and (trial.claims or trial.remark), "what claims nothing says why"
    least = {CLOSED_FORM: 10_000, MODEL: 2_000}.get(trial.form, 1)
    assert trial.draws.full >= least
    for claim in trial.claims:
        assert claim.where and any(claim.applies(case) for case in cases)
        if claim.measure == COVERAGE and trial.is_exact:
            assert claim.least >= trial.level
        elif claim.measure == COVERAGE:
            # a bootstrap of clusters is allowed 92.5 %: its percentiles rest on few schools
            assert claim.least >= (0.925 if "bootstrap" in name else 0.935)


def test_the_committed_page_is_of_todays_trials():
    text = PAGE.read_text(encoding="utf-8")
    assert text.splitlines()[4].startswith("Full validation of dueregard ")
    for trial in known().values():
        assert f"\n`{trial.name}`. Estimates {trial.estimates}." in text
        part = text.split(f"\n`{trial.name}`. ")[1].split("\n## ")[0]
        assert [line for line in part.splitlines() if line.startswith("- Claims")] == claims_told(trial)
        assert [case.name for case in trial.cases() if f"| {case.name} | " not in part] == []
    assert "NOT KEPT" not in text


def test_the_page_says_where_not_to_rely_on_a_range(quick):
    text = page_of(quick)
    weak = text.split("## Where not to rely on a range")[1].split("\n## ")[0]
    assert "| Share, Wilson | 0.05 to 0.2 expected events |" in weak
    assert "| Rate of contacts, each taken as another pupil's |" in weak


def test_the_command_prints_one_json_document(capsys):
    from dueregard.cli import main

    assert main(["validate", "--only", "rate_exact", "--workers", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["holds"], document["trials"][0]["name"]) == ("quick", True, "rate_exact")
