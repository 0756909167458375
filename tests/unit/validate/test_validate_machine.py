"""The machine of `validate`: tallies, judgement, independence of the number of processes, what a false claim does."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dueregard.errors import UnknownName, UsageError
from dueregard.stats.verdicts import Verdict, verdict
from dueregard.validate import known as known_module
from dueregard.validate.known import known
from dueregard.validate.measured import as_json
from dueregard.validate.page import page_of
from dueregard.validate.run import validate
from dueregard.validate.tally import add, mean_of, standard_error, tally_of
from dueregard.validate.told import summary_rows
from dueregard.validate.trial import ALARMS, COVERAGE, HIGHER, LOG, Case, Claim, Declared, Draws, Found, about_95
from dueregard.validate.truths import neutral, without_repeats

NAN = math.nan


def found(lower, upper, estimate=None, truth=None):
    low, high = np.array(lower, dtype=float), np.array(upper, dtype=float)
    return Found(np.array(low if estimate is None else estimate, dtype=float), low, high, truth)


def test_coverage_is_of_what_is_printed():
    tally = tally_of(found([0.5, 1.2, NAN, 0.1], [1.5, 3.0, NAN, 0.9]), 1.0)
    assert tally[COVERAGE] == (1, 3)  # 0.5 to 1.5 holds 1; the third says that it cannot tell
    assert (tally["above"], tally["below"]) == ((1, 3), (1, 3))
    assert tally["estimable"] == (3, 4)


def test_a_limit_that_equals_the_truth_holds_it():
    assert tally_of(found([0.3], [0.1 + 0.2]), 0.3)[COVERAGE] == (1, 1)


def test_weights_and_several_figures_of_one_draw():
    both = tally_of(found([[0, 2], [0, 0]], [[3, 3], [3, 3]]), 1.0, np.array([0.25, 0.75]))
    assert both[COVERAGE] == (1.75, 2.0)  # the second figure of the first draw misses: its weight is 0.25


def test_a_truth_of_its_own_for_each_draw():
    own = found([0, 0], [1, 1], truth=np.array([0.5, 2.0]))
    assert tally_of(own, NAN)[COVERAGE] == (1, 2)


def test_errors_relative_plain_and_of_logarithms():
    some = found([1, 1], [3, 3], estimate=[2.0, np.inf])
    assert tally_of(some, 1.0)["error"] == (1.0, 1)  # 2 / 1 - 1; what is infinite is left out
    assert tally_of(some, 1.5, error="plain")["error"] == (0.5, 1)
    assert tally_of(found([0, 1], [1, 3], estimate=[0.0, 2.0]), 1.0, error=LOG)["error"] == (math.log(2), 1)


def test_alarms_are_the_verdicts():
    """The vectorised question says *higher* or *lower* exactly where the verdict's words do."""
    limits = [0.0, 0.5, 0.79, 0.99, 1.0, 1.01, 1.2, 1.3, 9.0, math.inf]
    pairs = [(a, b) for a in limits for b in limits if a <= b] + [(NAN, NAN)]
    lower, upper = zip(*pairs, strict=True)
    said = [verdict(a, b) for a, b in pairs]
    higher = sum(v in (Verdict.HIGHER, Verdict.HIGHER_BY_LESS_THAN_A_QUARTER) for v in said)
    lower_ = sum(v in (Verdict.LOWER, Verdict.LOWER_BY_LESS_THAN_A_QUARTER) for v in said)
    tally = tally_of(found(lower, upper, estimate=np.ones(len(pairs))), 1.0, error=LOG)
    assert tally[HIGHER] == (higher, len(pairs))
    assert tally[ALARMS] == (higher + lower_, len(pairs))


def test_tallies_add_and_an_empty_measure_is_nan():
    assert add({"a": (1, 2)}, {"a": (3, 4), "b": (1, 1)}) == {"a": (4, 6), "b": (1, 1)}
    assert math.isnan(mean_of({}, COVERAGE))
    assert standard_error(1.0, 100) > 0
    assert standard_error(0.5, 0) == math.inf


SMALL = ("share_wilson", "rate_ratio_mid_p", "repeats_direct_widened")


def test_no_number_depends_on_how_many_processes_work():
    one, two = (as_json(validate(is_full=False, seed=7, made_on="d", only=SMALL, workers=n)) for n in (1, 2))
    assert one == two


def test_another_seed_gives_other_draws():
    one, two = (validate(is_full=False, seed=n, made_on="d", only=SMALL[:1], workers=1) for n in (1, 2))
    assert one.trials[0].cases[0].drawn != two.trials[0].cases[0].drawn
    assert one.trials[0].cases[0].summed == two.trials[0].cases[0].summed


def too_narrow(times: float) -> Declared:
    """Wilson, its ranges made so many times as wide about the estimate."""
    wilson = known()["share_wilson"]

    def estimate(case, counts):
        f = wilson.estimate(case, counts)
        return replace(
            f, lower=f.estimate - times * (f.estimate - f.lower), upper=f.estimate + times * (f.upper - f.estimate)
        )

    return replace(wilson, name="narrow", estimate=estimate)


def test_a_method_that_is_too_narrow_fails():
    """A tenth narrower: about 92.2 % (2 x (1 - Phi(1.76))) instead of 95."""
    result = validate(is_full=False, seed=1, made_on="d", trials={"narrow": too_narrow(0.9)})
    assert result.faults and "by sum" in result.faults[0]
    assert summary_rows(result)[0][-1] == "NOT KEPT"
    assert "## Claims that were not kept" in page_of(result)


def test_a_method_that_is_too_wide_fails_too():
    assert validate(is_full=False, seed=1, made_on="d", trials={"narrow": too_narrow(1.2)}).faults


def test_without_a_sum_draws_alone_find_it():
    drawn = replace(too_narrow(0.8), outcomes=None)  # about 88 %, three standard errors (2 %) below the claim
    faults = validate(is_full=False, seed=1, made_on="d", trials={"narrow": drawn}).faults
    assert faults and all("by draws" in fault for fault in faults)


def test_draws_that_do_not_fit_their_sum_fail():
    wilson = known()["share_wilson"]
    wrong = replace(wilson, draw=lambda rng, case, n: np.minimum(wilson.draw(rng, case, n) + 3, case.of["total"]))
    assert any("draws and sum disagree" in f for f in validate(is_full=False, seed=1, made_on="d", trials={"wrong": replace(wrong, name="wrong")}).faults)  # fmt: skip


def counted(n_found: int) -> Declared:
    """A trial without ranges: of ten planted faults so many are found."""
    claim = Claim("found", 0.9, 1.0, "of what was planted", lambda _: True)
    case = Case("one folder", NAN, NAN)
    return Declared("dirt", "Faults that are found", "planted faults", (claim,), lambda: (case,), lambda rng, case, n: n,
                    lambda case, n: {"found": (n_found * n, 10 * n)}, draws=Draws(quick=100, full=100, block=30))  # fmt: skip


@pytest.mark.parametrize(("n_found", "is_kept"), [(10, True), (9, True), (7, False)])
def test_a_trial_may_count_something_of_its_own(n_found, is_kept):
    result = validate(is_full=True, seed=1, made_on="d", trials={"dirt": counted(n_found)})
    assert result.trials[0].cases[0].drawn == {"found": (100 * n_found, 1000)}  # in four pieces
    assert (result.faults == []) is is_kept
    assert f"| one folder | found | {10 * n_found}.0 | 1,000 | yes |" in page_of(result)


def test_a_claim_that_applies_nowhere_is_refused():
    idle = replace(known()["share_wilson"], claims=about_95(mean_from=500, each_from=1e9))
    with pytest.raises(ValueError, match="applies to no case"):
        validate(is_full=False, seed=1, made_on="d", trials={"share_wilson": idle})


def test_two_trials_of_one_name_are_refused(monkeypatch):
    module = SimpleNamespace(trials=lambda: (counted(1), counted(1)))
    monkeypatch.setattr(known_module, "MODULES", (module,))
    with pytest.raises(ValueError, match="dirt"):
        known_module.known.__wrapped__()


def test_names_and_seeds_that_cannot_be():
    with pytest.raises(UnknownName, match="rate_exact"):
        validate(is_full=False, seed=1, made_on="d", only=("rate_exakt",))
    with pytest.raises(UsageError):
        validate(is_full=False, seed=-1, made_on="d")


def test_a_claim_not_kept_ends_the_command_with_8(monkeypatch, capsys, tmp_path):
    from dueregard.cli import main

    monkeypatch.setattr("dueregard.validate.run.known", lambda: {"narrow": too_narrow(0.9)})
    page = tmp_path / "page.md"
    assert main(["validate", "--workers", "1", "--page", str(page)]) == 8
    told = capsys.readouterr()
    assert "NOT KEPT" in told.out and "Not every method does what it claims" in told.err
    assert "## Claims that were not kept" in page.read_text(encoding="utf-8")  # written all the same
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]


def test_quick_and_full_at_once_is_wrong_use(capsys):
    from dueregard.cli import main

    assert main(["validate", "--quick", "--full"]) == 2
    assert "quick or full" in capsys.readouterr().err


def test_the_neutral_truth_is_neutral_at_every_stage():
    for stage in ("contact", "arrested", "charged", "out_of_court", "support_offered"):
        assert set(neutral().relative_rates(stage).values()) == {1.0}
    assert without_repeats().pupil_shape >= 1e5
