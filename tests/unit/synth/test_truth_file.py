"""The dials of a truth file: every one is taken, an unknown one is refused by name, an impossible one with its key."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from dueregard.errors import DueRegardError, SourceError, UnknownName, UsageError
from dueregard.synth.ages import is_of_age
from dueregard.synth.chunks import chunks_of
from dueregard.synth.events import draw_events
from dueregard.synth.expected import expected_of, sections, within_school
from dueregard.synth.force import make_force, write_force
from dueregard.synth.ladder import climb
from dueregard.synth.shape import SIZES, stream
from dueregard.synth.truth import OBSERVED, Truth, stages_set
from dueregard.synth.truth_file import DIALS, TABLES_APART, read_truth, truth_of
from dueregard.synth.world import draw_world
from dueregard.terms.ethnicity import BROAD, broad_groups

BOROUGH = SIZES["borough"]


def test_every_part_of_a_truth_has_its_dial() -> None:
    assert {field.name for field in fields(Truth)} == {*DIALS, *TABLES_APART} - {"preset"}


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "truth.toml"
    path.write_text("load = 3\n[by_ethnicity]\nB = 2.5\n[gates.arrested]\nshare = 0.3\nby_ethnicity = {B = 1.5}\n")
    truth, before = read_truth(path), Truth()
    assert truth.load == 3 and truth.by_ethnicity == {**before.by_ethnicity, "B": 2.5}
    assert truth.gate("arrested").share == 0.3
    assert truth.gate("arrested").by_group == {"B": 1.5, "M": 1.1}
    assert truth.gate("charged") == before.gate("charged") and truth.with_officer == before.with_officer


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("bias = 1", UnknownName, "`bias`"),
        ("[by_ethnicity]\nX = 1", UnknownName, "`by_ethnicity` `X`"),
        ("[by_ethnicity]\nB = -1", UsageError, "`by_ethnicity.B`: -1"),
        ("[by_ethnicity]\nB = 'much'", UsageError, "`by_ethnicity.B`: it is not a number"),
        ("[by_ethnicity]\nB = nan", UsageError, "`by_ethnicity.B`: it is not a number"),
        ("by_ethnicity = 2", UsageError, "`by_ethnicity`: it is a table"),
        ("[seen_as.W]\nIC1 = 0.5", UsageError, "`seen_as.W`: its shares sum to 0.5, not to 1"),
        ("[seen_as.W]\nIC1 = 1.5\nIC2 = -0.5", UsageError, "`seen_as.W.IC"),
        ("[seen_as.W]\nIC7 = 1", UnknownName, "`IC7`"),
        ("not_stated = 1.2", UsageError, "`not_stated`: 1.2 is not from 0 to 1"),
        ("not_stated = 0.6\nnot_recorded = 0.5", UsageError, "`not_stated, not_recorded`: for W"),
        ("not_stated = 0.5\n[not_stated_by_ethnicity]\nB = 3", UsageError, "for B the shares exceed one"),
        ("[with_officer]\nSS = 1200", UsageError, "`with_officer.SS`: 1200"),
        ("load = 500\n[with_officer]\nSS = 9", UsageError, "`with_officer.SS`: with `load`"),
        (
            "[gates.arrested]\nshare = 0.9\nby_ethnicity = {B = 2}",
            UsageError,
            "`gates.arrested`: for B the share is 1.8",
        ),
        ("[gates.arested]\nshare = 0.9", UnknownName, "`arested`"),
        ("[gates.arrested]\nshares = 0.9", UnknownName, "`shares`"),
        ("[intersection]\nsen_type = 'XYZ'", UnknownName, "`XYZ`"),
        ("[intersection]\nfactor = -2", UsageError, "`intersection.factor`"),
        ("preset = 'kind'", UnknownName, "`kind`"),
        ("round_to = 2.5", UsageError, "`round_to`: 2.5 is not a whole number"),
        ("sen_blank = 0.7\nsen_unknown = 0.7", UsageError, "`sen_blank, sen_unknown`"),
        ("load =", SourceError, "not TOML"),
        ("load = 1" + "0" * 400, UsageError, "`load`: it is above"),
        ("load = 1" + "0" * 5000, SourceError, "a number that no program can read"),
        ('preset = ["neutral"]', UnknownName, "preset of a truth"),
        ("[by_ethnicity]\nW = 0", UsageError, "`by_ethnicity.W`: every other group"),
        ("[by_sex]\nF = 0", UsageError, "`by_sex.F`: every other group"),
        ("[by_sen_provision]\nN = 0", UsageError, "`by_sen_provision.N`: every other group"),
        (
            "[trusts_by_ethnicity]\nW = 1.5",
            UsageError,
            "`trusts_by_ethnicity.W`: the share that agrees with `trust_police`",
        ),
        (
            "[feels_by_ethnicity]\nW = 1.2",
            UsageError,
            "`feels_by_ethnicity.W`: the share that agrees with `feel_safe_at_school`",
        ),
        ("responsible_from = 14", UsageError, "`responsible_from`: 14"),
        ("[without_officer]\nPS = 0", UsageError, "`without_officer.PS`: what a posting makes"),
        ("[by_ethnicity]\nB = 1e20", UsageError, "`by_ethnicity.B`: 1e+20"),
        ("[by_ethnicity]\nB = 1000", UsageError, "`by_ethnicity.B` 1000"),
        ("[intersection]\nfactor = 1e20", UsageError, "`intersection.factor`: 1e+20"),
        ("[intersection]\nfactor = 500", UsageError, "`intersection.factor` 500"),
        ("[posting_by_ethnicity]\nB = 1000", UsageError, "`posting_by_ethnicity.B` 1000"),
        ("[gates.arrested]\nby_ethnicity = {B = 1e20}", UsageError, "`gates.arrested.by_ethnicity.B`: 1e+20"),
        ("[posting_on_sanction]\nB = 1e20", UsageError, "`posting_on_sanction.B`: 1e+20"),
        ("[posting_on_safety]\nB = 3", UsageError, "`posting_on_safety.B`: the share that feels safe would be 2.22"),
        ("school_spread = 50", UsageError, "`school_spread`: 50"),
        ("round_to = 1e30", UsageError, "`round_to`: 1e+30"),
        ("placement = 1e308", UsageError, "`placement`: 1e+308"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(
    text: str, error: type[DueRegardError], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "truth.toml"
    path.write_text(text)
    with pytest.raises(error) as found:
        read_truth(path)
    assert words in str(found.value)


@pytest.mark.parametrize(
    "told",
    [{"load": 0.0}, {"load": 0.002}, {"gates": {"recorded_as_suspect": {"share": 0.0}}}, {"not_identified": 1.0},
     {"gates": {"arrested": {"by_ethnicity": {"W": 0.0}}}}, {"with_officer": {"PS": 0.0}, "without_officer": {"PS": 0.0}}],
    ids=["nobody", "hardly anybody", "no suspect", "none known", "no White arrest", "none in primaries"],
)  # fmt: skip
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.filterwarnings("error")
def test_what_is_rare_or_never_happens_has_no_ratio_and_no_line(told: dict, seed: int, tmp_path: Path) -> None:
    write_force(tmp_path / "f", truth=truth_of(told), seed=seed)
    text = (tmp_path / "f" / "truth.toml").read_text()
    assert "nan" not in text and "inf" not in text
    assert tomllib.loads(text)["unit"] == "involvements"


def test_the_rates_that_are_told_are_those_with_the_load(tmp_path: Path) -> None:
    write_force(tmp_path / "f", truth=truth_of({"load": 3.0}), seed=1)
    told = tomllib.loads((tmp_path / "f" / "truth.toml").read_text())["rate_per_1000"]["with_officer"]
    assert told["SS"] == pytest.approx(3 * Truth().with_officer["SS"])


def test_a_big_force_follows_placement_as_a_small_one_does() -> None:
    """Areas of many secondary schools: each has a share of the best served plans, not the first eight alone."""
    found = []
    for strength in (1.0, 0.0):
        need, posted = [], []
        for shape in [one for one in chunks_of("london") if one.part == 0][:12]:
            world = draw_world(shape, Truth(placement=strength), 1)
            at = np.flatnonzero(world.schools.phase == "SS")
            if not len(at):
                continue
            share = (world.postings.holder[at] >= 0).mean(axis=1)
            wanted = world.schools.ethnic_share[at, BROAD.index("B")] + world.schools.fsm_share[at]
            posted += list(share - share.mean())
            need += list(wanted - wanted.mean())
        assert len(need) > 100
        found.append(np.corrcoef(need, posted)[0, 1])
    assert found[0] > 0.6 and abs(found[1]) < 0.3  # SE of a correlation of 100 is 0.1


def test_an_impossible_truth_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="load"):
        write_force(tmp_path / "f", truth=Truth(load=900))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_truth(tmp_path / "none.toml")


# --- what each dial does


def test_neutral_is_one_everywhere() -> None:
    truth = Truth.neutral()
    told = sections(expected_of(draw_world(BOROUGH, truth, 1)), truth)
    for stage in stages_set(truth):
        assert list(told[f"expected_within_school.{stage}.ethnicity"].values()) == pytest.approx([1] * 5), stage
    for group in BROAD[1:]:
        chain = told[f"expected_chain.{group}"]
        assert chain["contact_within"] == pytest.approx(1) and chain["charged_within"] == pytest.approx(1)
        # officers change nothing; two of 24 schools say that there was nothing, and 5 % of pupils are theirs
        assert chain["placement"] == pytest.approx(1, abs=0.05)


def test_the_chain_is_worked_out_by_hand_for_one_dial() -> None:
    """Only contacts within schools differ: every other factor of B but where its pupils are is 1."""
    truth = truth_of({"preset": "neutral", "by_ethnicity": {"B": 2.0}})
    chain = sections(expected_of(draw_world(BOROUGH, truth, 1)), truth)["expected_chain.B"]
    steps = [chain[f"{stage}_within"] for stage in ("recorded_as_suspect", "sent_to_cps", "charged")]
    assert steps == pytest.approx([1, 1, 1])
    assert chain["contact_within"] == pytest.approx(2)
    assert chain["total"] == pytest.approx(chain["placement"] * chain["sorting"] * chain["contact_within"])


def test_ages_are_worked_out_by_hand_for_the_steps_that_need_them() -> None:
    """Alike but for age: the share of contacts from year 6 on, by group and school, is all that is left of a chain."""
    truth = truth_of({"preset": "neutral", "responsible_from": 6})
    world = draw_world(BOROUGH, truth, 1)
    chain = sections(expected_of(world), truth)["expected_chain.B"]
    assert chain["recorded_as_suspect_within"] == chain["charged_within"] == 1
    pupils, b, w = world.pupils, BROAD.index("B"), 0
    old, whole = (np.zeros((world.schools.n, 2)) for _ in range(2))
    for n, term in enumerate(world.days.terms):
        states = world.schools.state[:, term.year] == "complete"
        on = pupils.on[:, n] & pupils.is_counted & states[pupils.school]
        for z, group in enumerate((w, b)):
            at = on & (pupils.group == group)
            whole[:, z] += len(term.days) * np.bincount(pupils.school[at], minlength=world.schools.n)
            at &= pupils.first_group + term.year >= 6
            old[:, z] += len(term.days) * np.bincount(pupils.school[at], minlength=world.schools.n)
    share = old.sum(axis=0) / whole.sum(axis=0)
    # a chain works by school and by posted or not; in this force a school's ages are nearly the same in both
    assert chain["sent_to_cps_mix"] * chain["sent_to_cps_within"] == pytest.approx(share[1] / share[0])
    told = whole[:, 0] > 0  # a school that says nothing has no days here
    at_white = (whole[told, 1] * old[told, 0] / whole[told, 0]).sum() / whole[:, 1].sum()
    assert chain["sent_to_cps_mix"] == pytest.approx(at_white / share[0], rel=0.01)


def posted_with(**dials: float) -> float:
    """Share of Black pupils where officers are posted over that where none is, over secondary schools and seeds."""
    truth = Truth(**dials)  # type: ignore[arg-type]
    found = []
    for seed in range(12):
        world = draw_world(BOROUGH, truth, seed)
        secondary = world.schools.phase == "SS"
        posted = (world.postings.holder[secondary] >= 0).mean(axis=1)
        found.append(np.corrcoef(posted, world.schools.ethnic_share[secondary, BROAD.index("B")])[0, 1])
    return float(np.mean(found))


def test_placement_follows_need_or_does_not() -> None:
    # eight schools a seed, twelve seeds: the SE of a mean correlation is about 1 / sqrt(7 * 12) = 0.11
    assert posted_with(placement=1.0) > 0.35
    assert abs(posted_with(placement=0.0)) < 0.33


def test_selection_posts_officers_where_contacts_are_many() -> None:
    def correlation(selection: float) -> float:
        found = []
        for seed in range(12):
            world = draw_world(BOROUGH, Truth(placement=0.0, selection=selection), seed)
            secondary = world.schools.phase == "SS"
            posted = (world.postings.holder[secondary] >= 0).mean(axis=1)
            found.append(np.corrcoef(posted, np.log(world.schools.factor[secondary]))[0, 1])
        return float(np.mean(found))

    assert correlation(2.0) > 0.35 and abs(correlation(0.0)) < 0.33  # SE 0.11, as above


def test_an_effect_of_a_posting_by_group_is_in_what_is_expected() -> None:
    truth = truth_of({"preset": "neutral", "posting_by_ethnicity": {"B": 3.0}})
    world = draw_world(BOROUGH, truth, 1)
    expected = expected_of(world)
    rate = expected.involvements / expected.pupil_days
    b, w = BROAD.index("B"), 0
    # with an officer three times what it is without, but for who is at which school
    assert (rate[0, b] / rate[1, b]) / (rate[0, w] / rate[1, w]) == pytest.approx(3, rel=0.15)
    assert 1 < within_school(expected, truth)["ethnicity"]["B"] < 3


def test_an_intersection_has_a_factor_of_its_own() -> None:
    meeting = {"intersection": {"factor": 50.0}}
    with_, without = (draw_world(BOROUGH, truth_of(told), 1) for told in (meeting, {}))
    pupils = with_.pupils
    is_in = (pupils.group == BROAD.index("B")) & (pupils.sex == "M") & (pupils.sen_type == "ASD")
    from dueregard.synth.rates import own_factors, rates

    for term in with_.days.terms:
        a, b = (rates(w, term, own_factors(w), with_officer=True) for w in (with_, without))
        here = is_in & (pupils.first_group + term.year == 10)
        assert here.any()
        assert a[here] == pytest.approx(50 * b[here]) and (a[~here] == b[~here]).all()


def test_ethnicity_is_left_out_by_group() -> None:
    truth = Truth(load=10.0, not_stated=0.05, not_stated_by_ethnicity={"B": 4.0}, not_recorded=0.1,
                  not_recorded_by_ethnicity={"A": 0.0}, discordant=0.0)  # fmt: skip
    tables = make_force(BOROUGH, seed=1, truth=truth)
    roll_up = broad_groups(("sde_18plus1",))
    said = Counter(str(code) for code in tables["involvement"]["self_defined_ethnicity"])
    seen = np.asarray(tables["involvement"]["observed_ethnicity"])
    text = np.asarray(tables["involvement"]["self_defined_ethnicity"])
    known = np.asarray(tables["involvement"]["pupil_ref"]) != "not_identified"
    black = known & (seen == "IC3")  # most are Black, some Mixed
    assert said["NS"] > 0 and roll_up
    n = black.sum()
    # of Black pupils 20 %, of Mixed 5 %; about 60 to 80 % of IC3 are Black: between 13 and 19 %; SE below 1.5 %
    assert 0.11 < (text[black] == "NS").sum() / n < 0.20
    asian = known & (seen == "IC4")
    assert (text[asian] == "").mean() < 0.05  # nobody Asian; the few of other groups whom an officer sees so: 10 %
    assert (text[known] == "").mean() == pytest.approx(0.085, abs=0.02)  # 10 % of all but Asian pupils


def test_observed_ethnicity_goes_through_the_matrix() -> None:
    matrix = {group: dict.fromkeys(OBSERVED[:1], 1.0) for group in BROAD}
    tables = make_force(BOROUGH, seed=1, truth=truth_of({"seen_as": matrix}))
    assert set(tables["involvement"]["observed_ethnicity"]) == {"IC1"}


def test_a_place_is_left_out_as_often_as_set() -> None:
    tables = make_force(BOROUGH, seed=1, truth=Truth(load=10.0, place_not_recorded=0.45))
    place = np.asarray(tables["contact"]["place_relation"])
    assert (place == "").mean() == pytest.approx(0.45, abs=0.04)  # about 3,500 contacts: SE 0.008; five of them


def test_a_source_that_guards_its_counts() -> None:
    """One table a characteristic, as the school census is published: small counts between bounds, the others rounded."""
    plain = make_force(SIZES["borough"], seed=1)["roll"]
    roll = make_force(SIZES["borough"], seed=1, truth=Truth(suppress_below=6, round_to=5))["roll"]
    told = Counter(roll["tabulation"])
    assert set(told) == {"all:by_ethnicity", "all:by_sex", "all:by_sen", "all:by_fsm", "all:by_year_group"}
    pupils: Counter[tuple[str, str, str]] = Counter()
    for urn, census, status, sex, ethnicity, n in zip(
        *(plain[name] for name in ("urn", "census_on", "enrolment_status", "sex", "ethnicity", "n_pupils")), strict=True
    ):
        if status in ("C", "M"):
            pupils[urn, census, sex] += int(n)
            pupils[urn, census, ethnicity] += int(n)
    columns = ("urn", "census_on", "tabulation", "sex", "ethnicity", "n_pupils", "state", "at_least", "at_most")
    n_shown = 0
    for urn, census, tabulation, sex, ethnicity, *shown in zip(*(roll[name] for name in columns), strict=True):
        if tabulation not in ("all:by_sex", "all:by_ethnicity"):
            continue
        assert "all" in (sex, ethnicity)
        n = pupils.pop((urn, census, sex if tabulation == "all:by_sex" else ethnicity))
        assert shown == (["", "suppressed", "1", "5"] if n < 6 else [str((n + 2) // 5 * 5), "counted", "", ""])
        n_shown += shown[1] == "counted"
    assert not pupils  # nobody is missing
    assert n_shown > 0.7 * (told["all:by_sex"] + told["all:by_ethnicity"])  # the most can be read


def test_who_ends_out_of_court_can_differ_by_group() -> None:
    """Of suspects who are not sent to the prosecutor; where it is drawn, and in what the truth expects."""
    truth = truth_of({"load": 20.0, "out_of_court_by_ethnicity": {"B": 0.5, "A": 1.5}})
    world = draw_world(SIZES["borough"], truth, 1)
    seen = draw_events(stream(1, "events"), world)
    up = climb(stream(1, "ladder"), world, seen)
    asked = up.is_at("recorded_as_suspect") & ~up.is_at("sent_to_cps") & is_of_age(world, seen)
    group = world.pupils.group[seen.pupil]
    for number, (name, share) in enumerate(zip(BROAD, (0.58, 0.58, 0.87, 0.29, 0.58), strict=True)):
        of_group = asked & (group == number)
        found, n = np.isin(up.end[of_group], ("2", "8", "22")).mean(), of_group.sum()
        assert n > 100 and abs(found - share) < 5 * (share * (1 - share) / n) ** 0.5, name
    rates, plain = truth.relative_rates("out_of_court"), Truth().relative_rates("out_of_court")
    assert rates["B"] == pytest.approx(0.5 * plain["B"]) and rates["W"] == plain["W"] == 1
    with pytest.raises(UsageError, match=r"out_of_court_by_ethnicity\.B"):
        truth_of({"out_of_court_by_ethnicity": {"B": 1.8}})


def sanctions(truth: Truth, seed: int) -> Counter[str]:
    rows = make_force(BOROUGH, seed=seed, truth=truth)["sanction"]
    found: Counter[str] = Counter()
    for group, n in zip(rows["ethnicity"], rows["n"], strict=True):
        found[str(group)] += int(n)
    return found


def test_a_posting_changes_sanctions_of_the_group_that_it_is_set_for() -> None:
    plain, changed = sanctions(Truth(), 1), sanctions(Truth(posting_on_sanction={"B": 0.0}), 1)
    # secondary schools have an officer on well over half of their days
    assert changed["B"] < 0.7 * plain["B"]
    assert changed["W"] == pytest.approx(plain["W"], rel=0.1)  # about 1,500: SE of a ratio 3.6 %


def test_a_posting_changes_who_feels_safe() -> None:
    def share(truth: Truth, group: str) -> float:
        rows = make_force(BOROUGH, seed=1, truth=truth)["survey"]
        kept = [(a, n) for a, n, item, g, who in zip(rows["n_agreed"], rows["n_asked"], rows["item"], rows["ethnicity"],
                rows["respondent"], strict=True) if item == "feel_safe_at_school" and g == group and who == "pupil"]  # fmt: skip
        return sum(int(a) for a, _ in kept) / sum(int(n) for _, n in kept)  # type: ignore[call-overload]

    lowered = Truth(posting_on_safety={"B": 0.5})
    assert share(Truth(), "B") - share(lowered, "B") > 0.1  # about 750 asked: SE of a difference 2.4 %
    assert share(Truth(), "W") == pytest.approx(share(lowered, "W"), abs=0.05)


DIALS_TOLD = Path(__file__).parents[3] / "docs" / "how-to" / "made-up-forces.md"


@pytest.mark.parametrize("name", DIALS)
def test_every_dial_stands_on_the_page_as_it_is_declared(name: str) -> None:
    dial = DIALS[name]
    keys = f" (a table by {', '.join(dial.keys)})" if dial.keys else ""
    assert f"\n| `{name}`{keys} | {dial.means} | " in DIALS_TOLD.read_text(encoding="utf-8")


def test_what_is_missing_is_what_the_truth_file_expects(tmp_path: Path) -> None:
    """As the product reads it: by the reason that stands beside a declined question, and on the roll. Five standard errors."""
    told = {
        "load": 20.0,
        "not_stated": 0.2,
        "not_stated_by_ethnicity": {"B": 2.0},
        "not_recorded": 0.1,
        "not_identified": 0.0,
    }
    folder = write_force(tmp_path / "f", truth=truth_of(told))
    expected = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))["expected_missing"]
    world = draw_world(SIZES["borough"], truth_of(told), 1)
    of_pupil = dict(zip(world.pupils.ref.tolist(), (BROAD[g] for g in world.pupils.group.tolist()), strict=True))
    counts: Counter[tuple[str, str]] = Counter()
    with (folder / "involvement.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            group = of_pupil[row["pupil_ref"]]
            counts[group, ethnicity_state(row["self_defined_ethnicity"], row["not_stated_reason"])] += 1
    for group in BROAD:
        n = sum(count for (of, _), count in counts.items() if of == group)
        for state in ("not_stated", "not_recorded"):
            share = expected["self_defined_ethnicity"][state][group]
            assert abs(counts[group, state] / n - share) < 5 * (share * (1 - share) / n) ** 0.5, (group, state)


def ethnicity_state(code: str, reason: str) -> str:
    """design.md section 2: *not stated* is N4 or no reason; blank, or N1 to N3, is *not recorded*."""
    if code == "NS":
        return "not_recorded" if reason in ("N1", "N2", "N3") else "not_stated"
    return "stated" if code else "not_recorded"


def test_the_truth_file_of_a_force_states_what_was_set(tmp_path: Path) -> None:
    told = {"not_stated": 0.1, "not_stated_by_ethnicity": {"B": 2.0}, "posting_by_ethnicity": {"B": 1.5}, "load": 2.0}
    folder = write_force(tmp_path / "f", truth=truth_of(told))
    text = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
    assert text["missing"]["self_defined_ethnicity"]["not_stated"] == {"W": 0.1, "M": 0.1, "A": 0.1, "B": 0.2, "O": 0.1}
    assert text["posting_effect"]["contact"]["SS"]["B"] == pytest.approx(9.5 / 4.5 * 1.5, abs=1e-6)
    assert text["spread"]["load"] == 2
    assert text["responsible_from"] == {"year_group": Truth().responsible_from}
    assert text["intersection"]["factor"] == 1
