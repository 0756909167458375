"""The factors of the chain and the effect of a posting, recovered from a force's files alone, against its truth.toml."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.measures.measure import Measure

TODAY = date(2026, 11, 23)
YEARS = ("2021/22", "2022/23", "2023/24")
# Many contacts, nobody comes back, nothing is missing, most of those at a gate pass it: what is left is chance.
TRUTH = """
load = 12.0
pupil_shape = 1000000.0
not_identified = 0.0
not_stated = 0.0
not_recorded = 0.0
discordant = 0.0
school_spread = 0.0
placement = {placement}
[by_ethnicity]
B = 1.7
[posting_by_ethnicity]
B = 1.5
[gates.recorded_as_suspect]
share = 0.5
by_ethnicity = {{B = 1.4}}
[gates.sent_to_cps]
share = 0.6
by_ethnicity = {{B = 0.8}}
[gates.charged]
share = 0.6
by_ethnicity = {{B = 1.3}}
"""
ACROSS = ("placement", "sorting")  # where officers are, and in which schools: of each year, from its own calendar
WITHIN = ("contact_within", "recorded_as_suspect_within", "sent_to_cps_within", "charged_within")


def force_of(folder: Path, *, placement: float, seed: int = 5) -> tuple[Path, dict]:
    """The snapshot of a force with this truth, and what its own truth file says."""
    folder.mkdir(exist_ok=True)
    (folder / "set.toml").write_text(TRUTH.format(placement=placement), encoding="utf-8")
    source = steps.synth(folder / "force", seed=seed, truth=folder / "set.toml")
    snapshot, _ = steps.freeze([Source(source)], folder / "snapshots", today=TODAY)
    return snapshot.path, tomllib.loads((source / "truth.toml").read_text(encoding="utf-8"))


def test_the_factors_of_the_chain_are_recovered(tmp_path):
    """Three years, each a sample of its own. A factor's range must hold what was expected, but for chance and the year.

    Of 3 years x 4 factors with ranges of 95 %, 12 are expected to hold 11.4; fewer than 9 come once in 300 forces.
    """
    path, truth = force_of(tmp_path, placement=1.0)
    held, off = 0, dict.fromkeys((*WITHIN, *ACROSS), 0.0)
    for year in YEARS:
        found = steps.decompose(path, "charged", group="B", comparison="W", period=year)
        expected = truth["expected_in"][year]["chain"]["B"]
        factors = {factor.name: factor.ratio for factor in found.factors}
        assert math.prod(one.estimate for one in factors.values()) == pytest.approx(
            found.total_ratio.estimate, rel=1e-6
        )
        held += sum(factors[name].lower <= expected[name] <= factors[name].upper for name in WITHIN)
        for name in off:
            off[name] += math.log(factors[name].estimate / expected[name]) / len(YEARS)
    assert held >= 9
    # about 150 charges of the smaller group a year: SE of a log ratio over three years about 0.06; four of them
    assert all(abs(error) < 0.25 for error in off.values()), off
    # these two hang on contacts of the comparison group, some thousands: SE about 0.02
    assert all(abs(off[name]) < 0.08 for name in ACROSS), off
    assert truth["expected_chain"]["B"]["sent_to_cps_mix"] != 1  # of ages: nobody below year 6 is sent to a prosecutor
    years = [truth["expected_in"][year]["chain"]["B"]["placement"] for year in YEARS]
    assert max(years) - min(years) > 0.01 and min(years) < truth["expected_chain"]["B"]["placement"] < max(years)


def test_the_effect_of_a_posting_is_recovered(tmp_path):
    """Officers are posted at random and schools are alike: then the ratio of rates is the effect, by phase and group."""
    path, truth = force_of(tmp_path, placement=0.0)
    engine = steps.open_engine(steps.open_snapshot(path))
    for group in ("W", "B"):
        counts: dict[str, list[int]] = {"posted": [0, 0], "not_posted": [0, 0]}
        for year in YEARS:
            measure = Measure("contact", unit="involvements", denominator="pupil_years", by=("ethnicity",), within=("officer",),
                              where=(("phase", ("SS",)),), period=year)  # fmt: skip
            for cell in engine.count(measure).strata:
                if cell.codes == (group,) and cell.stratum[0] in counts:
                    counts[cell.stratum[0]][0] += cell.n
                    counts[cell.stratum[0]][1] += cell.denominator
        (n1, days1), (n0, days0) = counts["posted"], counts["not_posted"]
        assert min(n1, n0) > 30
        set_effect = truth["posting_effect"]["contact"]["SS"][group]
        error = math.log(n1 / days1 / (n0 / days0) / set_effect)
        assert abs(error) < 4 * math.sqrt(1 / n1 + 1 / n0), (group, n1, n0)
    effects = truth["posting_effect"]["contact"]["SS"]
    assert effects["B"] == pytest.approx(1.5 * effects["W"], rel=1e-5)
