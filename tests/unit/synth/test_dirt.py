"""Faults that are planted are found, each at its file and line; nothing else is called an error."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding
from dueregard.synth.dirt import Planted, plant
from dueregard.synth.faults import ROW_FORMS, VALUES
from dueregard.synth.score import planted_as_toml, read_planted, score


def spoilt(borough: Path, target: Path, seed: int) -> tuple[Planted, ...]:
    shutil.copytree(borough, target)
    return plant(target, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_check_finds_every_planted_fault_and_no_other(borough, tmp_path, seed):
    planted = spoilt(borough, tmp_path / "force", seed)
    told = score(steps.check([Source(tmp_path / "force")]).findings, planted)
    assert (told.missed, told.false_alarms) == ((), ())
    assert len(told.found) == len(planted) > 150


def test_every_kind_of_fault_is_planted(borough, tmp_path):
    """Small tables keep most of their rows whole, so that over three seeds each kind occurs."""
    codes: Counter = Counter()
    for seed in (1, 2, 3):
        codes.update(p.code for p in spoilt(borough, tmp_path / str(seed), seed))
    declared = {f.code for f in VALUES} | {code for code, *_ in ROW_FORMS}
    more = {"E_DUPLICATE_KEY", "E_CONFLICT", "E_UNKNOWN_KEY", "E_DUP_HEADER", "E_TRUNCATED", "E_ENCODING", "E_QUOTE", "W_POSTING_OVERLAP", "W_FTE_SUM",
            "W_NIL_WITH_ROWS"}  # fmt: skip
    assert set(codes) == declared | more


def test_a_clean_borough_has_no_error(borough):
    told = score(steps.check([Source(borough)]).findings, ())
    assert (told.found, told.missed, told.false_alarms) == ((), (), ())


def test_the_same_seed_plants_the_same(borough, tmp_path):
    one, other = (spoilt(borough, tmp_path / name, 4) for name in ("one", "other"))
    assert one == other
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()


def test_a_score_counts_what_is_missed_and_what_nobody_planted():
    finding = Finding("E_TYPE", "step.csv", "step", "stage", (4, 9), "values are wrong.")
    planted = (Planted("step.csv", 4, "E_TYPE"), Planted("step.csv", 6, "E_BLANK"))
    told = score([finding], planted)
    assert told.found == planted[:1]
    assert told.missed == planted[1:]
    assert told.false_alarms == (Planted("step.csv", 9, "E_TYPE"),)


def test_what_was_planted_is_read_back(tmp_path):
    planted = (Planted("roll.csv", 7, "E_CODELIST"), Planted("step.csv", 4, "W_STAGE_ORDER"))
    (tmp_path / "truth.toml").write_text("seed = 1\n\n" + planted_as_toml(planted))
    assert read_planted(tmp_path / "truth.toml") == planted
    (tmp_path / "other.toml").write_text("[[planted]]\nfile = 3\n")
    with pytest.raises(SourceError):
        read_planted(tmp_path / "other.toml")
