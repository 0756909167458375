"""A big force in parts: the same bytes from any number of processes, exact expectations, impossible truths, planted faults."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.errors import TargetError, UsageError
from dueregard.synth import force as forces
from dueregard.synth.areas import areas, parts_of
from dueregard.synth.expected import chain, crude, expected_of, within_school
from dueregard.synth.force import draw_piece, write_force
from dueregard.synth.postings import ESTABLISHED
from dueregard.synth.score import planted_in, score
from dueregard.synth.shape import BOROUGH
from dueregard.synth.told import dials
from dueregard.synth.truth import BIG, Truth, stages_set
from dueregard.synth.truth_file import read_truth, truth_from
from dueregard.synth.world import draw_world
from dueregard.terms.ethnicity import BROAD

TODAY = date(2026, 11, 23)


@pytest.fixture
def small_london(monkeypatch: pytest.MonkeyPatch) -> None:
    """London of two parts: the City, and a slice of Camden with few schools."""
    first, second = parts_of("london", 1)[:2]
    monkeypatch.setattr(forces, "parts_of", lambda *_: (first, replace(second, kinds=second.kinds[::6])))


def findings(folder: Path) -> list:
    return [f for report in steps.check([Source(folder)], today=TODAY).reports for f in report.findings]


def test_london_and_england_are_as_big_as_they_are() -> None:
    london = [area for area in areas() if area.region == "London"]
    assert len(london) == 33 and london[0].la_code == "201"
    assert all(sum(area.shares) == pytest.approx(1, abs=1e-3) for area in areas())  # four decimals each
    shapes = parts_of("london", 1)
    assert sum(shape.n_schools for shape in shapes) == 2975
    assert max(shape.n_schools for shape in parts_of("england", 1)) <= 120
    urns = [(shape.first_urn, shape.first_urn + shape.n_schools) for shape in parts_of("england", 1)]
    assert all(end < begin for (_, end), (begin, _) in pairwise(urns))


def test_the_bytes_do_not_depend_on_the_number_of_processes(small_london: None, tmp_path: Path) -> None:
    one, two = (write_force(tmp_path / str(n), size="london", seed=3, n_workers=n) for n in (1, 2))
    content = [{file.name: file.read_bytes() for file in folder.iterdir()} for folder in (one, two)]
    assert content[0] == content[1] and "roll.parquet" in content[0]


def test_a_clean_big_force_has_no_error_and_its_postings_end(small_london: None, tmp_path: Path) -> None:
    folder = write_force(tmp_path / "force", size="london")
    assert [f.code for f in findings(folder) if f.is_error] == []
    last = duckdb.execute(f"SELECT max(to_on), count(*) FILTER (to_on = '') FROM '{folder}/posting.parquet'").fetchone()
    assert last and last[0] <= "2025-05-23" and last[1] == 0
    posts = duckdb.execute(f"SELECT count(*) FROM '{folder}/establishment.parquet'").fetchone()
    assert posts == (len(ESTABLISHED["london"]),)


@pytest.mark.parametrize("size", ["borough", "london"])
def test_every_planted_fault_is_found_and_nothing_else(size: str, small_london: None, tmp_path: Path) -> None:
    folder = write_force(tmp_path / "force", size=size, seed=2, with_dirt=True)
    planted = planted_in(folder)
    found = score(planted, findings(folder))
    assert len(planted) > 60 and not found.missed and not found.false_alarms


def test_crude_ratio_is_the_product_of_the_chain() -> None:
    expected = expected_of(draw_world(BOROUGH, Truth(), 1))
    for group in BROAD[1:]:
        factors = chain(expected, Truth(), group, year=1)
        ratio = crude(expected, year=1)["ethnicity"][group] * Truth().relative_rates("charged")[group]
        ratio /= Truth().by_ethnicity[group]  # what is left: the gates down to charged
        if factors["off_support"] == 0:
            assert factors["total"] == pytest.approx(ratio, rel=1e-9)


def test_neutral_truth_expects_one_within_schools() -> None:
    expected = expected_of(draw_world(BOROUGH, Truth.neutral(), 1))
    # year groups still differ in their rate, and a group's share of each is drawn: a few per cent
    assert all(abs(np.log(one)) < 0.15 for one in within_school(expected)["ethnicity"].values())
    assert all(set(Truth.neutral().relative_rates(stage).values()) == {1.0} for stage in stages_set(Truth.neutral()))


def test_dials_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "dials.toml"
    file.write_text("\n".join(dials(BIG)), encoding="utf-8")
    again = read_truth(file)
    assert again.intersections == BIG.intersections and again.posting_contact == BIG.posting_contact
    assert [gate.share for gate in again.gates] == [gate.share for gate in BIG.gates]
    written = write_force(tmp_path / "force", truth=again) / "truth.toml"
    assert read_truth(written).not_stated_by == BIG.not_stated_by


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"by_ethnicity": {"B": -1}}, "by_ethnicity.B"),
        ({"by_ethnicity": {"X": 1}}, "by_ethnicity.X"),
        ({"not_stated": 1.2}, "not_stated"),
        ({"not_stated_by": {"B": 50}}, "not_stated_by.B"),
        ({"with_officer": {"SS": 1200}}, "with_officer.SS"),
        ({"gate": {"arrested": {"share": 1.1}}}, "gate.arrested.share"),
        ({"gate": {"charged": {"by_group": {"B": 2}}}}, "gate.charged.by_group.B"),
        ({"gate": {"hanged": {}}}, "gate.hanged"),
        ({"observed_as": {"B": {"IC3": 0.9}}}, "observed_as.B"),
        ({"observed_as": {"B": {"IC3": 1.5, "IC1": -0.5}}}, "observed_as.B"),
        ({"intersection": [{"factor": -2}]}, "intersection.factor"),
        ({"intersection": [{"factor": 2, "sen_type": "autism"}]}, "intersection.sen_type"),
        ({"colour": 1}, "colour"),
        ({"round_to": -5}, "round_to"),
        ({"load": float("nan")}, "load"),
    ],
)
def test_an_impossible_truth_is_refused_with_its_key(said: dict, key: str) -> None:
    with pytest.raises(UsageError, match=key.replace(".", r"\.")):
        truth_from(said)


def test_a_full_disk_leaves_nothing(small_london: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(forces, "join_parts", full)
    with pytest.raises(TargetError, match="No space left"):
        write_force(tmp_path / "force", size="london", n_workers=1)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_between_parts_leaves_nothing(small_london: None, tmp_path: Path) -> None:
    def stop(n: int, total: int, name: str) -> None:
        if n == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_force(tmp_path / "force", size="london", progress=stop, n_workers=1)
    assert list(tmp_path.iterdir()) == []


def test_a_source_of_counts_rounds_and_suppresses(tmp_path: Path) -> None:
    truth = Truth(as_counts=True, round_to=5, suppress_below=5, load=5.0)
    folder = write_force(tmp_path / "force", truth=truth)
    assert not (folder / "contact.csv").exists()
    states = dict(
        duckdb.execute(f"SELECT state, count(*) FROM read_csv('{folder}/stage_count.csv') GROUP BY 1").fetchall()
    )
    assert set(states) == {"counted", "suppressed"}
    kept = duckdb.execute(f"SELECT count(*) FROM read_csv('{folder}/stage_count.csv') WHERE n % 5 <> 0").fetchone()
    assert kept == (0,) and not [f for f in findings(folder) if f.is_error]


def test_truth_of_a_big_force_tells_effects_and_intersections(small_london: None, tmp_path: Path) -> None:
    said = tomllib.loads((write_force(tmp_path / "force", size="london") / "truth.toml").read_text(encoding="utf-8"))
    assert said["posting_effect"]["contact"]["SS"]["B"] == pytest.approx(1.25 * 9.5 / 4.5, abs=1e-6)  # six decimals
    assert said["missingness"]["involvement"]["not_stated"]["B"] == pytest.approx(0.08 * 1.4)
    assert said["expected_intersection"][0]["factor"] == 1.5
    assert set(said["expected"]) == {"2022/23", "2023/24", "2024/25"}


def test_a_part_of_england_is_drawn(tmp_path: Path) -> None:
    shape = replace(parts_of("england", 1)[40], kinds=parts_of("england", 1)[40].kinds[::8])
    part = draw_piece(tmp_path, shape, 1, BIG, False)
    assert part.n_rows["roll"] > 0 and len(part.expected.academic_years) == 5
