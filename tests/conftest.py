"""What several tests share: where the open data lie, and snapshots that are made once a session."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from tests.out_of_time import reason

# `../shared` beside the checkout; DUEREGARD_SHARED names another place.
SHARED = Path(os.environ.get("DUEREGARD_SHARED", Path(__file__).parents[2] / "shared"))
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if why := reason(item.nodeid):
        pytest.skip(why)


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "data").is_dir():
        pytest.skip("the open data (../shared/data) are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def spark():
    """A function that gives a Spark session of its own; they share one Spark on this computer, started once a process."""
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'dueregard[spark]'")
    from dueregard.engines.spark_local import JAVA, QUICK, java_version, local_session, stop_local

    if (java_version() or 0) < JAVA:
        pytest.skip(f"Spark needs Java {JAVA} or later: install the Debian package openjdk-17-jre-headless")
    yield lambda: local_session(QUICK | {"spark.driver.memory": "1g"})
    stop_local()  # a worker of pytest-xdist ends without its last rites


@pytest.fixture(scope="session")
def borough(tmp_path_factory) -> Path:
    """A synthetic borough, seed 1, in the native layout."""
    return steps.synth(tmp_path_factory.mktemp("synth") / "borough", seed=1)


@pytest.fixture(scope="session")
def borough_snapshot(borough, tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("snapshots")
    return steps.freeze([Source(borough)], into, today=TODAY, now=NOW)[0].path


@pytest.fixture(scope="session")
def small_source(tmp_path_factory) -> Path:
    """A handful of counts: a report of them is made in a second or two."""
    from tests.unit.small_source import write_small

    return write_small(tmp_path_factory.mktemp("small") / "source")


@pytest.fixture(scope="session")
def small_snapshot(small_source, tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("small snapshots")
    return steps.freeze([Source(small_source)], into, today=TODAY, now=NOW)[0].path


@pytest.fixture(scope="session")
def borough_content(borough_snapshot):
    """The borough's whole report before it is written. Its tests stand in one group, so that it is made once."""
    return steps.compose(steps.open_snapshot(borough_snapshot))


@pytest.fixture(scope="session")
def borough_report(borough_content, tmp_path_factory) -> Path:
    from dueregard.publish import bundle

    out = tmp_path_factory.mktemp("borough report") / "report"
    bundle.write(bundle.render(borough_content), out)
    return out


@pytest.fixture(scope="session")
def crdc_2013(shared, tmp_path_factory) -> Path:
    source = Source(shared / "data" / "crdc_2013_14_schools_sample1000.parquet", "crdc-2013-14")
    return steps.freeze([source], tmp_path_factory.mktemp("crdc"), today=TODAY, now=NOW)[0].path


@pytest.fixture(scope="session")
def crdc_2020(shared, tmp_path_factory) -> Path:
    source = Source(shared / "data" / "crdc_2020_21_schools_6states.parquet", "crdc-2020-21")
    return steps.freeze([source], tmp_path_factory.mktemp("crdc"), today=TODAY, now=NOW)[0].path


@pytest.fixture(scope="session")
def small_release(borough_snapshot, tmp_path_factory) -> Path:
    """A draft of two stages by ethnicity, made through the same steps as any other; its ledger lies beside it as `ledger`."""
    from dueregard.steps.publish import Wanted

    base, wanted = (
        tmp_path_factory.mktemp("release"),
        Wanted(stages=("contact", "support_offered"), splits=("ethnicity",)),
    )
    at = datetime(2026, 11, 26, 10, tzinfo=UTC)
    steps.publish(
        borough_snapshot, ledger=base / "ledger", out=base / "bundle", by="Ada Lovelace", now=at, wanted=wanted
    )
    return base / "bundle"
