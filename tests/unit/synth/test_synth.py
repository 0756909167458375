"""A made-up force: same seed, same bytes; every code is declared; what was set can be seen in what was written."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dueregard.errors import TargetError, UnknownName, UsageError
from dueregard.records.table import Column, Kind
from dueregard.records.tables import TABLES, table
from dueregard.synth.chunks import chunks_of
from dueregard.synth.events import draw_events
from dueregard.synth.expected import expected_within_school
from dueregard.synth.force import TRUTH_FILE, make_force, sizes, write_force
from dueregard.synth.ladder import climb
from dueregard.synth.shape import SIZES, Shape, stream
from dueregard.synth.tables import draw_tables
from dueregard.synth.truth import ENDS_NOT_CHARGED, ENDS_NOT_SENT, GATES, OBSERVED, SEEN_AS, Truth, stages_set
from dueregard.synth.truth_text import as_toml
from dueregard.synth.world import draw_world
from dueregard.terms.ethnicity import BROAD, broad_groups
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.periods import academic_year_of
from dueregard.terms.stages import LADDER_CATEGORIES, STAGES, STEP_STAGES

FIRST, LAST = date(2021, 9, 1), date(2024, 8, 31)
KEY = re.compile(r"[A-Za-z0-9._:/*-]+")
Rows = list[dict[str, str]]

# Ten times the contacts and hardly any repetition: enough to see the relative rates in one force.
MANY = Truth(
    with_officer={"PS": 12.0, "SS": 95.0, "SP": 30.0, "PR": 35.0},
    without_officer={"PS": 6.0, "SS": 45.0, "SP": 15.0, "PR": 20.0},
    pupil_shape=50.0,
)


def read(folder: Path) -> dict[str, Rows]:
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            found[path.stem] = list(csv.DictReader(handle))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_force(tmp_path_factory.mktemp("synth") / "force", seed=1)


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, Rows]:
    return read(folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return read(write_force(tmp_path_factory.mktemp("synth") / "many", seed=5, truth=MANY))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- bytes, target, size


def test_same_seed_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    again = content(write_force(tmp_path / "again", seed=1))
    assert again == content(folder)
    other = content(write_force(tmp_path / "other", seed=2))
    assert other.keys() == again.keys()
    same = {name for name in again if again[name] == other[name]}
    assert same <= {"calendar.csv", "collection.csv", "establishment.csv", "school.csv"}  # nothing in them is drawn


def test_text_is_utf8_with_plain_line_ends(folder: Path) -> None:
    for name, text in content(folder).items():
        assert b"\r" not in text and text.endswith(b"\n"), name
        text.decode("utf-8")


def test_every_table_but_stage_count_is_written(folder: Path) -> None:
    expected = {f"{declared.name}.csv" for declared in TABLES} - {"stage_count.csv"} | {TRUTH_FILE}
    assert {path.name for path in folder.iterdir()} == expected


def test_a_folder_that_is_not_empty_is_refused_and_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(TargetError, match="not empty"):
        write_force(tmp_path)
    assert content(tmp_path) == {"kept.txt": b"mine"}
    with pytest.raises(TargetError, match="not a folder"):
        write_force(tmp_path / "kept.txt")
    with pytest.raises(TargetError):
        write_force(tmp_path / "kept.txt" / "below")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert (write_force(tmp_path / "empty") / TRUTH_FILE).is_file()


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    def stop(n: int, total: int, name: str) -> None:
        if n == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_force(tmp_path / "force", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_names_every_table(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    write_force(tmp_path / "force", progress=lambda *row: told.append(row))
    assert [n for n, _, _ in told] == list(range(len(TABLES) - 1))
    assert {total for _, total, _ in told} == {len(TABLES) - 1}


def test_an_unknown_size_and_a_negative_seed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"size `village`(.|\n)*borough"):
        write_force(tmp_path / "x", size="village")
    with pytest.raises(UsageError):
        write_force(tmp_path / "x", seed=-1)
    assert list(tmp_path.iterdir()) == []
    assert "borough" in sizes()


# --- every entry against its declaration


def fits(column: Column, entry: str) -> bool:
    if entry == "":
        return column.blank
    if column.kind is Kind.CODE:
        return entry in column.allowed
    if column.kind is Kind.DATE:
        return FIRST <= date.fromisoformat(entry) <= LAST or column.name in ("opened_on", "closed_on")
    if column.kind is Kind.TIME:
        return FIRST <= datetime.fromisoformat(entry).date() <= LAST
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        number = float(entry) if column.kind is Kind.DECIMAL else int(entry)
        return (column.least is None or number >= column.least) and (column.most is None or number <= column.most)
    return bool(KEY.fullmatch(entry)) if column.kind is Kind.KEY else entry.isprintable()


@pytest.mark.parametrize("name", [declared.name for declared in TABLES if declared.name != "stage_count"])
def test_every_entry_is_allowed_by_its_column(tables: dict[str, Rows], name: str) -> None:
    declared, rows = table(name), tables[name]
    assert rows, "an empty table would prove nothing"
    assert list(rows[0]) == [column for column in declared.names if column in rows[0]]
    for column in declared.columns:
        assert column.optional or column.name in rows[0], column.name
        wrong = {row[column.name] for row in rows if column.name in row and not fits(column, row[column.name])}
        assert not wrong, (column.name, wrong)


@pytest.mark.parametrize("declared", [t for t in TABLES if t.key and t.name != "stage_count"], ids=lambda t: t.name)
def test_keys_are_unique(many: dict[str, Rows], declared) -> None:  # type: ignore[no-untyped-def]
    keys = Counter(tuple(row.get(column, "") for column in declared.key) for row in many[declared.name])
    assert [key for key, n in keys.items() if n > 1] == []


def test_references_exist_and_periods_run_forward(many: dict[str, Rows]) -> None:
    for declared in TABLES:
        for column, other, there in declared.references:
            known = {row[there] for row in many[other]} | {"*"}
            assert {row[column] for row in many.get(declared.name, [])} - known == set(), declared.name
        for start, end in declared.periods:
            assert all(not row[end] or row[end] >= row[start] for row in many.get(declared.name, []))


def test_pupils_beside_the_ladder_are_pupils_of_the_contact(many: dict[str, Rows]) -> None:
    known = {(row["contact_ref"], row["pupil_ref"]) for row in many["involvement"]}
    for name in ("power_use", "step", "outcome"):
        assert {(row["contact_ref"], row["pupil_ref"]) for row in many[name]} <= known, name
    offers = {(row["contact_ref"], row["pupil_ref"]) for row in many["support"] if row["contact_ref"]}
    assert offers <= known


# --- what fits together


def test_each_known_pupil_is_plausibly_on_that_schools_roll(many: dict[str, Rows]) -> None:
    starts = sorted(row["from_on"] for row in many["calendar"])
    censuses = sorted({row["census_on"] for row in many["roll"]})
    on_roll = defaultdict(set)
    for row in many["roll"]:
        on_roll[row["urn"], row["census_on"]].add(
            (row["year_group"], row["sex"], row["sen_provision"], row["sen_type"])
        )
    contacts = {row["contact_ref"]: row for row in many["contact"]}
    for row in many["involvement"]:
        contact = contacts[row["contact_ref"]]
        term = [n for n, start in enumerate(starts) if start <= contact["occurred_at"][:10]][-1]
        there = on_roll[contact["urn"], censuses[term]]
        if row["pupil_ref"] == NOT_IDENTIFIED:
            continue
        if row["sen_provision"] in ("", "unknown"):
            assert (row["year_group"], row["sex"]) in {one[:2] for one in there}
        else:
            assert (row["year_group"], row["sex"], row["sen_provision"], row["sen_type"]) in there
        in_words = 0 if row["year_group"] == "R" else int(row["year_group"])
        assert int(row["age"]) - in_words in (4, 5)


def test_a_pupil_keeps_sex_and_nearly_always_ethnicity(many: dict[str, Rows]) -> None:
    sexes, codes = defaultdict(set), defaultdict(Counter)
    for row in many["involvement"]:
        if row["pupil_ref"] != NOT_IDENTIFIED:
            sexes[row["pupil_ref"]].add(row["sex"])
            if row["self_defined_ethnicity"] != "NS":
                codes[row["pupil_ref"]][row["self_defined_ethnicity"]] += 1
    assert all(len(found) == 1 for found in sexes.values())
    several = [found for found in codes.values() if found.total() > 1]
    odd = sum(found.total() - max(found.values()) for found in several)
    # 1 % are set to differ; 3 % is about six standard errors above that.
    assert 0 < odd / sum(found.total() for found in several) < 0.03


def test_recorded_after_it_happened_and_some_late(many: dict[str, Rows]) -> None:
    days = []
    for row in many["contact"]:
        lag = datetime.fromisoformat(row["recorded_at"]) - datetime.fromisoformat(row["occurred_at"])
        assert lag.total_seconds() > 0
        days.append(lag.days)
    assert MANY.late == pytest.approx(np.mean(np.array(days) >= 7), abs=0.03)  # SE 0.005 with 4,000 contacts


def test_steps_rise_in_order_of_date_and_only_suspects_climb(many: dict[str, Rows]) -> None:
    category = {(r["contact_ref"], r["pupil_ref"]): r["subject_category"] for r in many["involvement"]}
    order = {stage: n for n, stage in enumerate(STEP_STAGES)}
    climbs: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in many["step"]:
        climbs[row["contact_ref"], row["pupil_ref"]].append(row)
    for who, rows in climbs.items():
        assert all(one["occurred_on"] <= two["occurred_on"] for one, two in pairwise(rows))
        assert all(order[one["stage"]] <= order[two["stage"]] for one, two in pairwise(rows))
        stages = {row["stage"] for row in rows} - {"report_made"}
        assert not stages or (category[who] == "suspect" and "recorded_as_suspect" in stages)
    assert {row["stage"] for row in many["step"]} == set(STEP_STAGES)


def test_no_child_below_ten_goes_beyond_the_record_of_a_suspect(tmp_path: Path) -> None:
    """Ten is the age of criminal responsibility. Many contacts, so that there are many such children."""
    rows = read(write_force(tmp_path / "force", seed=3, truth=replace(Truth(), load=20.0)))
    age = {(r["contact_ref"], r["pupil_ref"]): r["age"] for r in rows["involvement"]}
    young = {key for key, one in age.items() if one != "" and int(one) < 10}
    steps = Counter(r["stage"] for r in rows["step"] if (r["contact_ref"], r["pupil_ref"]) in young)
    ends = Counter(r["outcome"] for r in rows["outcome"] if (r["contact_ref"], r["pupil_ref"]) in young)
    assert steps["recorded_as_suspect"] > 30
    assert set(steps) <= {"recorded_as_suspect", "report_made"}
    assert set(ends) == {"11"} and ends["11"] > 20


def test_two_officers_are_posted_at_one_school_for_a_time(tables: dict[str, Rows]) -> None:
    spells: dict[str, list[tuple[str, str]]] = {}
    for row in tables["posting"]:
        spells.setdefault(row["urn"], []).append((row["from_on"], row["to_on"] or "9999"))
    assert any(
        one is not other and one[0] <= other[0] <= one[1] for of in spells.values() for one in of for other in of
    )


def test_officers_who_are_posted_were_posted_that_day(tables: dict[str, Rows]) -> None:
    postings = defaultdict(list)
    for row in tables["posting"]:
        postings[row["officer_ref"]].append(row)
    for name, when in (("contact", "occurred_at"), ("activity", "occurred_on")):
        for row in tables[name]:
            spells = [s for s in postings[row["officer_ref"]] if s["urn"] == row["urn"]]
            day = row[when][:10]
            was_there = any(s["from_on"] <= day <= (s["to_on"] or LAST.isoformat()) for s in spells)
            assert was_there or (name == "contact" and not postings[row["officer_ref"]])


def test_a_school_number_is_used_only_while_it_is_open(tables: dict[str, Rows]) -> None:
    schools = {row["urn"]: row for row in tables["school"]}
    heirs = [row for row in schools.values() if row["predecessor_urn"]]
    assert len(heirs) == 1 and schools[heirs[0]["predecessor_urn"]]["closed_on"] < heirs[0]["opened_on"]
    whens = {"roll": "census_on", "contact": "occurred_at", "support": "offered_on", "activity": "occurred_on"}
    for name, when in whens.items():
        for row in tables[name]:
            one = schools[row["urn"]]
            assert one["opened_on"] <= row[when][:10] <= (one["closed_on"] or LAST.isoformat())


def test_collection_says_what_the_contacts_show(many: dict[str, Rows]) -> None:
    n = Counter((r["urn"], academic_year_of(date.fromisoformat(r["occurred_at"][:10])).name) for r in many["contact"])
    states = defaultdict(list)
    for row in many["collection"]:
        if row["subject"] == "contact":
            year = academic_year_of(date.fromisoformat(row["from_on"])).name
            states[row["state"]].append((row["urn"], year))
    assert len({urn for urn, _ in states["nil"]}) == 2
    assert all(n[where] == 0 for where in states["nil"] + states["not_collected"])
    [(not_collected, last)], [(partial, last_too)] = states["not_collected"], states["partial"]
    assert last == last_too == "2023/24" and not_collected != partial
    assert 0 < n[partial, "2023/24"] < n[partial, "2022/23"]
    assert {r["subject"] for r in many["collection"] if r["urn"] == "*"} == {"survey", "sanction", "activity"}


def test_a_consultation_is_held_while_it_can_change_something() -> None:
    """Before a posting begins or ends; of a change or a review, while it goes on."""
    postings = {row["posting_ref"]: row for row in drawn(SIZES["borough"], "posting")}
    asked = drawn(SIZES["borough"], "consultation")
    assert {row["decision"] for row in asked} == {"begin_posting", "change_posting", "review", "end_posting"}
    for row in asked:
        posting = postings[row["posting_ref"]]
        if row["decision"] == "begin_posting":
            assert row["held_on"] < posting["from_on"]
        else:
            assert posting["from_on"] <= row["held_on"] <= (posting["to_on"] or "9999")


def test_an_officer_of_a_cluster_serves_three_schools_at_most() -> None:
    rows = [row for row in drawn(chunks_of("london")[7], "posting") if row["kind"] == "cluster"]
    schools = Counter(row["officer_ref"] for row in rows)
    assert max(schools.values()) == 3 and sum(schools.values()) > 6
    assert sum(n < 3 for n in schools.values()) <= 1  # whom the number of schools leaves over


def drawn(shape: Shape, table: str) -> Rows:
    frame = draw_tables(draw_world(shape, Truth(), 1), 1)[table]
    return [dict(zip(frame, map(str, row), strict=True)) for row in zip(*frame.values(), strict=True)]  # type: ignore[call-overload]


def test_postings_are_staggered_shared_and_begin_in_mid_year(tables: dict[str, Rows]) -> None:
    rows = tables["posting"]
    shared = [row for row in rows if row["fte"] == "0.33"]
    assert len(shared) == 3 and len({row["officer_ref"] for row in shared}) == 1
    assert len({row["from_on"] for row in rows}) >= 6
    assert any(row["from_on"][5:7] == "01" for row in rows)
    again = Counter(row["urn"] for row in rows)
    assert max(again.values()) == 2, "one school has a gap between two officers"


def test_the_roll_is_a_borough_and_small(tables: dict[str, Rows]) -> None:
    rows = tables["roll"]
    assert len(rows) <= 65_000
    pupils: Counter[str] = Counter()
    for row in rows:
        pupils[row["census_on"]] += int(row["n_pupils"])
    assert len(pupils) == 9 and all(13_000 <= n <= 15_000 for n in pupils.values())
    assert {row["enrolment_status"] for row in rows} == {"C", "M", "S"}
    assert all((row["sen_type"] == "none") == (row["sen_provision"] == "N") for row in rows)


# --- the truth


def test_truth_file_holds_what_was_set(folder: Path) -> None:
    truth = tomllib.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    assert truth["relative_rate"]["contact"]["ethnicity"] == {"W": 1.0, "M": 1.4, "A": 0.9, "B": 1.6, "O": 1.0}
    # 1.6 contacts x 1.2 suspects x 1.2 arrests
    assert truth["relative_rate"]["arrested"]["ethnicity"]["B"] == pytest.approx(1.6 * 1.2 * 1.2)
    # 1.6 contacts x 1.2 suspects x those not sent to the prosecutor: (1 - 0.25 x 1.15) against (1 - 0.25)
    not_sent = (1 - 0.25 * 1.15) / (1 - 0.25)
    assert truth["relative_rate"]["out_of_court"]["ethnicity"]["B"] == pytest.approx(1.6 * 1.2 * not_sent, abs=1e-6)
    assert truth["recording"]["not_identified"] == Truth().not_identified
    assert truth["expected_within_school"]["contact"]["ethnicity"]["B"] == pytest.approx(1.6, rel=0.1)


def test_a_truth_without_disparity_is_one_everywhere() -> None:
    level = Truth(
        by_ethnicity=dict.fromkeys(BROAD, 1.0), gates=tuple(type(g)(g.stage, g.given, g.share) for g in GATES)
    )
    for stage in stages_set(level):
        assert set(level.relative_rates(stage).values()) == {1.0}
    assert tomllib.loads(as_toml(level, size="borough", seed=0, expected={}))


def test_neutral_has_no_differences_in_sanctions_and_in_the_survey(tmp_path: Path) -> None:
    truth = replace(Truth.neutral(), posting_on_sanction={}, posting_on_safety={})
    assert {*truth.sanction_by_ethnicity.values(), *truth.sanction_by_sex.values()} == {1.0}
    rows = read(write_force(tmp_path / "force", seed=4, truth=truth))
    agreed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows["survey"]:
        if row["respondent"] == "pupil":
            for n, column in enumerate(("n_agreed", "n_asked")):
                agreed[row["item"], row["ethnicity"]][n] += int(row[column])
    told = tomllib.loads((tmp_path / "force" / TRUTH_FILE).read_text(encoding="utf-8"))["share_agreeing"]
    for (item, group), (k, n) in agreed.items():
        share = told[item]["ethnicity"][group]
        assert share == told[item]["ethnicity"]["W"]
        assert abs(k / n - share) < 4.5 * math.sqrt(share * (1 - share) / n), (item, group)


def test_what_is_set_of_sanctions_is_seen_in_them(tmp_path: Path) -> None:
    """Girls and boys of each group, over the pupils of the census of each term: 2.0 is set for Black pupils, 3.0 for boys."""
    truth = replace(Truth.neutral(), sanction_by_ethnicity=dict.fromkeys(BROAD, 1.0) | {"B": 2.0},
                    sanction_by_sex={"F": 1.0, "M": 3.0})  # fmt: skip
    rows = read(write_force(tmp_path / "force", seed=4, truth=truth))
    phase = {row["urn"]: row["phase"] for row in rows["school"]}
    n: Counter[tuple[str, str]] = Counter()
    roll: Counter[tuple[str, str]] = Counter()
    for row in rows["sanction"]:
        if phase[row["urn"]] == "SS":
            n[row["ethnicity"], row["sex"]] += int(row["n"])
    broad = broad_groups(("dfe_ethnicity_main",))
    for row in rows["roll"]:
        if phase[row["urn"]] == "SS" and row["ethnicity"] in broad and row["enrolment_status"] != "S":
            roll[broad[row["ethnicity"]], row["sex"]] += int(row["n_pupils"])
    # sanctions of White girls about 250 and more of every other: SE of a log ratio below 0.09
    rate = {cell: n[cell] / roll[cell] for cell in roll if cell[0] in ("W", "B")}
    assert math.log(rate["B", "F"] / rate["W", "F"] / 2) == pytest.approx(0, abs=0.36)
    assert math.log(rate["W", "M"] / rate["W", "F"] / 3) == pytest.approx(0, abs=0.36)


def test_declared_numbers_are_shares() -> None:
    for gate in GATES:
        assert ((gate.shares() > 0) & (gate.shares() < 1)).all(), gate.stage
    assert set(stages_set(Truth())) <= {stage.code for stage in STAGES}
    assert sum(ENDS_NOT_SENT.values()) == pytest.approx(1) and sum(ENDS_NOT_CHARGED.values()) == pytest.approx(1)
    assert list(SEEN_AS) == list(BROAD) and all(len(row) == len(OBSERVED) for row in SEEN_AS.values())
    assert [sum(row) for row in SEEN_AS.values()] == pytest.approx([1] * len(BROAD))


def test_relative_rates_of_contact_are_seen_by_the_true_group() -> None:
    world = draw_world(SIZES["borough"], MANY, 3)
    expected = expected_within_school(world)
    totals = dict.fromkeys(BROAD, 0.0)
    for seed in range(4):
        seen = draw_events(stream(seed, "events"), world)
        pupil = seen.pupil[seen.is_ladder]
        for group, ratio in by_mantel_haenszel(world, pupil).items():
            totals[group] += ratio / 4
    for group in BROAD[1:]:
        # About 20,000 involvements, 1,400 in the smallest group: the SE of the log is at most 0.03; four of them.
        assert math.log(totals[group] / expected["ethnicity"][group]) == pytest.approx(0, abs=0.12), group


def by_mantel_haenszel(world, pupil: np.ndarray) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """Events over pupil-terms, by school, against White: written out here, apart from `expected`."""
    on = world.pupils.on.sum(axis=1) * world.pupils.is_counted
    found = {}
    for g, group in enumerate(BROAD):
        above = below = 0.0
        for school in range(world.schools.n):
            here = world.pupils.school == school
            ours, theirs = (on[here & (world.pupils.group == k)].sum() for k in (g, 0))
            at = world.pupils.school[pupil] == school
            a, b = (int((at & (world.pupils.group[pupil] == k)).sum()) for k in (g, 0))
            if ours + theirs:
                above += a * theirs / (ours + theirs)
                below += b * ours / (ours + theirs)
        found[group] = above / below
    return found


def test_relative_rates_are_seen_in_the_files(many: dict[str, Rows]) -> None:
    """Police self-defined over school-declared, within schools: as a user would count it."""
    said, held = broad_groups(("sde_18plus1",)), broad_groups(("dfe_ethnicity_main",))
    contacts = {row["contact_ref"]: row["urn"] for row in many["contact"]}
    events, exposure = Counter(), Counter()
    for row in many["involvement"]:
        if row["subject_category"] in LADDER_CATEGORIES and row["self_defined_ethnicity"]:
            events[contacts[row["contact_ref"]], said[row["self_defined_ethnicity"]]] += 1
    for row in many["roll"]:
        exposure[row["urn"], held[row["ethnicity"]]] += int(row["n_pupils"])
    above = below = 0.0
    for urn in {urn for urn, _ in exposure}:
        ours, theirs = exposure[urn, "B"], exposure[urn, "W"]
        above += events[urn, "B"] * theirs / (ours + theirs)
        below += events[urn, "W"] * ours / (ours + theirs)
    # About 1,500 involvements in each group: the SE of the log ratio is 0.04; four of them.
    assert math.log(above / below / 1.6) == pytest.approx(0, abs=0.16)


def test_escalation_is_seen_by_the_true_group() -> None:
    world = draw_world(SIZES["borough"], MANY, 4)
    reached, passed = np.zeros(len(BROAD)), np.zeros(len(BROAD))
    for seed in range(4):
        seen = draw_events(stream(seed, "events"), world)
        up = climb(stream(seed, "ladder"), world, seen)
        group = world.pupils.group[seen.pupil]
        reached += np.bincount(group[seen.is_ladder & seen.is_known], minlength=len(BROAD))
        passed += np.bincount(group[up.is_at("recorded_as_suspect")], minlength=len(BROAD))
    # 0.36 x 1.2 for Black pupils, of about 6,000: SE 0.007; three of them, and a few steps fall after the last day.
    assert passed / reached == pytest.approx(Truth().share_of_contacts("recorded_as_suspect"), abs=0.03)


def test_an_officer_doubles_the_rate_as_set() -> None:
    """Secondary schools, by day: 95 with and 45 without an officer, in each school's own factor."""
    world = draw_world(SIZES["borough"], MANY, 6)
    seen = draw_events(stream(6, "events"), world)
    at_school = world.pupils.school[seen.pupil][seen.is_ladder]
    posted = world.postings.holder[seen.school, seen.day][seen.contact][seen.is_ladder] >= 0
    school = [n for n in range(world.schools.n) if world.schools.phase[n] == "SS"]
    term_days = np.concatenate([term.days for term in world.days.terms])
    above = below = 0.0
    for n in school:
        ours = int((world.postings.holder[n, term_days] >= 0).sum())
        theirs = len(term_days) - ours
        above += ((at_school == n) & posted).sum() * theirs / len(term_days)
        below += ((at_school == n) & ~posted).sum() * ours / len(term_days)
    # About 1,000 involvements on each side (SE of the log 0.05), and holidays blur a little; four SE.
    assert math.log(above / below / (95 / 45)) == pytest.approx(0, abs=0.2)


def test_shares_of_recording_are_as_set() -> None:
    n = unknown = not_stated = 0
    for seed in range(3):
        rows = make_force(SIZES["borough"], seed=seed, truth=MANY)["involvement"]
        pupil, said = np.asarray(rows["pupil_ref"]), np.asarray(rows["self_defined_ethnicity"])
        n, unknown = n + len(pupil), unknown + int((pupil == NOT_IDENTIFIED).sum())
        not_stated += int((said == "NS").sum())
    # About 20,000 involvements: SE 0.001 and 0.002. Two unknown pupils in one contact would not be two rows.
    assert unknown / n == pytest.approx(0.02, abs=0.005)
    assert not_stated / (n - unknown) == pytest.approx(0.08, abs=0.01)


def test_contacts_peak_after_school_and_at_fourteen_to_sixteen(many: dict[str, Rows]) -> None:
    hours = Counter(row["occurred_at"][11:13] for row in many["contact"])
    assert {hour for hour, _ in hours.most_common(2)} == {"15", "16"}
    ages = Counter(row["age"] for row in many["involvement"] if row["subject_category"] in LADDER_CATEGORIES)
    assert {age for age, _ in ages.most_common(3)} <= {"13", "14", "15", "16"}
    away = sum(row["time_relation"] == "holiday" for row in many["contact"]) / len(many["contact"])
    assert away == pytest.approx(MANY.in_holiday, abs=0.01)  # SE 0.003 with 4,000 contacts


def test_some_pupils_have_many_contacts_and_some_contacts_two_pupils(tables: dict[str, Rows]) -> None:
    ladder = [row for row in tables["involvement"] if row["subject_category"] in LADDER_CATEGORIES]
    times = Counter(row["pupil_ref"] for row in ladder if row["pupil_ref"] != NOT_IDENTIFIED)
    assert max(times.values()) >= 3 and sum(n > 1 for n in times.values()) < len(times) / 3
    together = Counter(row["contact_ref"] for row in ladder)
    assert 0.02 < sum(n == 2 for n in together.values()) / len(together) < 0.25
    assert {row["subject_category"] for row in tables["involvement"]} >= {"victim", "witness"}
