"""Made-up questions on Spark: the same cells as both other engines, or the same error in the same words."""

from __future__ import annotations

from random import Random

import pytest

from dueregard.engines.spark import SparkEngine
from dueregard.measures.measure import Measure

from .agreement import engines_of, facts_that_differ, folder_of, frozen, questions_of, told, told_repeats

pytestmark = pytest.mark.xdist_group("spark")
FOLDERS = 4  # in CI: 20 questions
QUESTIONS = 5  # of each folder
DEEP_FOLDERS = 20  # 200 more
DEEP_QUESTIONS = 10


def _check(seed: int, n: int, folder, session, in_hand: int | None, monkeypatch) -> None:
    if in_hand is not None:
        monkeypatch.setattr("dueregard.engines.spark.IN_HAND", in_hand)
        if seed % 4 == 3:  # as a large one, with what the snapshot has prepared
            monkeypatch.setattr("dueregard.engines.spark.SMALL", 0)
    snapshot = frozen(folder_of(seed), folder)
    spark = SparkEngine(snapshot, session)
    one, other = engines_of(snapshot)
    for n_asked, measure in enumerate(questions_of(seed, n)):
        assert told(spark, measure) == told(one, measure) == told(other, measure), f"seed {seed}: {measure}"
        if Random(f"repeats {seed} {n_asked}").random() < 0.25:
            assert told_repeats(spark, measure) == told_repeats(other, measure), f"seed {seed}: {measure}"
    assert not facts_that_differ((spark, other))


@pytest.mark.parametrize("seed", range(FOLDERS))
def test_three_engines_agree(seed, tmp_path, spark, monkeypatch):
    """Every second folder is read from its Parquet files by Spark itself, as a large one would be."""
    _check(seed, QUESTIONS, tmp_path, spark(), 0 if seed % 2 else None, monkeypatch)


def test_a_source_that_counts_contacts_and_lists_help(tmp_path, spark, monkeypatch):
    """Made tables had the columns of those they came from by the same inner name: in a join of both, Spark lost one."""
    snapshot = frozen(folder_of(16), tmp_path)
    assert snapshot.has("support") and not snapshot.has("involvement")
    measure = Measure("power_used", unit="involvements", denominator="pupil_years", by=("disability", "ethnicity"), within=("area",), period="2022/23")  # fmt: skip
    assert told(SparkEngine(snapshot, spark()), measure) == told(engines_of(snapshot)[0], measure)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(FOLDERS, FOLDERS + DEEP_FOLDERS))
def test_three_engines_agree_on_many(seed, tmp_path, spark, monkeypatch):
    _check(seed, DEEP_QUESTIONS, tmp_path, spark(), 0 if seed % 2 else None, monkeypatch)
