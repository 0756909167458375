"""Spark as an engine: what it refuses and how, what it leaves behind, and whose session it touches."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.engines import spark_local, spark_remote
from dueregard.engines.spark_remote import Address, parse_address
from dueregard.errors import EngineUnavailable, UsageError
from tests.generative.written import write_folder

pytestmark = pytest.mark.xdist_group("spark")
ASKED = ["--stage", "arrested", "--within", "school", "--json"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sc://spark.example", Address("spark.example", 15002)),
        ("sc://spark.example:7/", Address("spark.example", 7)),
        ("sc://[::1]:15003", Address("[::1]", 15003)),
        ("sc://a-b.c:15002/;use_ssl=true;token=x", Address("a-b.c", 15002, ";use_ssl=true;token=x")),
    ],
)
def test_addresses(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "spark.example", "spark://h:7077", "local[2]", "yarn", "sc://", "sc://h:0", "sc://h:65536", "sc://h:port", "sc://h/x",
     "sc://user@h", "sc://h o", "http://h:15002"],
)  # fmt: skip
def test_words_that_are_no_address_are_refused(text):
    with pytest.raises(UsageError, match="sc://HOST:PORT"):
        parse_address(text)


def test_a_token_is_never_printed(capsys, borough_snapshot):
    for address in ("sc://127.0.0.1:1/;token=hush-hush", "sc://127.0.0.1:x/;token=hush-hush"):
        assert main(["compare", str(borough_snapshot), *ASKED, "--engine", "spark", "--spark-remote", address]) in (
            2,
            9,
        )
        assert "hush" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("command", [["compare"], ["standardise"], ["terms", "--snapshot"]])
def test_an_unreachable_spark_says_so(command, capsys, borough_snapshot):
    """Nothing listens on port 1. Spark's own client would try for minutes."""
    stage = [] if command[0] == "terms" else ["--stage", "contact"]
    tokens = [*command, str(borough_snapshot), *stage, "--engine", "spark", "--spark-remote", "sc://127.0.0.1:1"]
    assert main(tokens) == 9
    out, err = capsys.readouterr()
    assert out == "" and "Nothing answers at 127.0.0.1:1.\nTry: see that the cluster runs Spark Connect" in err


def test_an_unknown_host_says_so(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    with pytest.raises(EngineUnavailable, match=r"No computer of the name spark\.example"):
        spark_remote.remote_session("sc://spark.example")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_cannot_be_one_says_so(host):
    with pytest.raises(EngineUnavailable, match="No computer of the name"):
        spark_remote.remote_session(f"sc://{host}")


def test_another_service_at_the_port_says_so(monkeypatch):
    """It takes connections and never speaks Spark Connect."""
    pytest.importorskip("grpc", reason="Spark is not installed: pip install 'dueregard[spark]'")
    monkeypatch.setattr(spark_remote, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: [server.accept() for _ in range(2)], daemon=True).start()
        with pytest.raises(EngineUnavailable, match=r"Something answers at .*, but gives no Spark Connect session"):
            spark_remote.remote_session(f"sc://127.0.0.1:{server.getsockname()[1]}")


def test_a_remote_needs_the_engine_spark(capsys, borough_snapshot):
    assert main(["compare", str(borough_snapshot), *ASKED, "--spark-remote", "sc://h"]) == 2
    assert "`--engine spark` beside it" in capsys.readouterr().err


def test_without_pyspark_the_extra_is_named(capsys, borough_snapshot, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert main(["compare", str(borough_snapshot), *ASKED, "--engine", "spark"]) == 9
    assert "pip install 'dueregard[spark]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_392"', 8), ('openjdk version "21" 2023', 21), ("?", None)],
)  # fmt: skip
def test_java_versions(said, version, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert spark_local.java_version() == version
    if version is None or version < 17:
        with pytest.raises(
            EngineUnavailable, match=r"needs Java 17 or later; .*\nTry: install .*openjdk-17-jre-headless"
        ):
            spark_local.check_java()
    else:
        spark_local.check_java()


def test_no_java_says_so(monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(EngineUnavailable, match="no Java was found"):
        spark_local.check_java()


def test_a_large_snapshot_brings_what_is_prepared(spark, borough_snapshot, monkeypatch):
    """The same cells and cube as on the default engine, and no pupil's one value is worked out again."""
    from dueregard.engines import spark as engine_module
    from dueregard.measures.measure import Measure

    monkeypatch.setattr(engine_module, "SMALL", 0)
    snapshot = steps.open_snapshot(borough_snapshot)
    ours = steps.open_engine(snapshot)
    theirs = engine_module.SparkEngine(snapshot, spark())
    assert {"person", "roll_cell", "step_row"} <= theirs._made
    measure = Measure("arrested", unit="involvements", within=("school",), by=("ethnicity",))
    assert theirs.count(measure) == ours.count(measure)
    assert "pupil" not in theirs._made
    stages = ("arrested", "power_used", "contact")
    asked = Measure("arrested", by=("period", "ethnicity", "sex"))
    assert theirs.cube(asked, stages) == ours.cube(asked, stages)


def test_rows_arrive_as_they_are(spark):
    """Quotes, backslashes, nothing, days, times and halves; a few by text, many by Arrow."""
    from dueregard.engines.spark import IN_TEXT, SparkEngine

    engine = SparkEngine.__new__(SparkEngine)
    engine._session, engine._is_small = spark(), True
    engine._session.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    kinds = {"t": "VARCHAR", "d": "DATE", "at": "TIMESTAMP", "n": "BIGINT", "x": "DECIMAL(9,2)"}
    odd = [('it\'s \\n a "b"', date(2024, 2, 29), datetime(2024, 3, 31, 1, 30), 2**62, Decimal("0.50")), (None,) * 5]
    for rows in (
        odd,
        odd + [("x", date(1990, 1, 1), datetime(1990, 1, 1), n, Decimal("1.25")) for n in range(IN_TEXT)],
    ):
        engine.load_table("odd", kinds, rows)
        key = repr
        assert sorted(engine.fetch("SELECT * FROM odd"), key=key) == sorted(rows, key=key)
    engine.load_table("nobody", kinds, [])
    assert engine.fetch("SELECT COUNT(*), MAX(d) FROM nobody") == [(0, None)]


def test_a_session_of_the_user_is_not_touched(spark, borough_snapshot):
    from dueregard.engines.spark import SparkEngine

    theirs = spark()
    before = {name: theirs.conf.get(name, None) for name in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled")}
    theirs.conf.set("spark.sql.shuffle.partitions", "7")
    theirs.sql("SELECT 42 AS n").createOrReplaceTempView("roll")
    engine = SparkEngine(steps.open_snapshot(borough_snapshot), spark_local.local_session())
    assert engine.fetch("SELECT COUNT(*) FROM roll")[0][0] > 42
    assert {name: theirs.conf.get(name, None) for name in before} == before
    assert theirs.conf.get("spark.sql.shuffle.partitions") == "7"
    assert theirs.sql("SELECT n FROM roll").collect()[0][0] == 42


def test_sums_that_overflow_are_errors(spark, borough_snapshot):
    """And Spark's own words, which may quote a row, do not come through."""
    from dueregard.engines.spark import SparkEngine

    engine = SparkEngine(steps.open_snapshot(borough_snapshot), spark())
    with pytest.raises(EngineUnavailable, match=r"^Spark did not answer: CAST_INVALID_INPUT") as told:
        engine.fetch("SELECT CAST(a AS BIGINT) FROM VALUES ('p-123') AS t(a)")
    assert "p-123" not in str(told.value)
    with pytest.raises(EngineUnavailable, match="OVERFLOW"):
        engine.fetch("SELECT SUM(a) FROM VALUES (9223372036854775807), (1) AS t(a)")


@pytest.mark.deep
def test_a_stopped_spark_is_gone_and_another_can_start(spark):
    """In a process of its own, whose Spark nobody else uses."""
    code = """
import glob, os, sys, tempfile
from dueregard.engines.spark_local import QUICK, local_session, stop_local
seen = lambda: glob.glob(os.path.join(tempfile.gettempdir(), "dueregard-spark-*"))
before = set(seen())
for _ in range(2):
    assert local_session(QUICK).sql("SELECT 6 * 7").collect()[0][0] == 42
    assert set(seen()) - before
    stop_local()
    assert not set(seen()) - before
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=900,
                          env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])})  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _alone(tmp_path: Path, *tokens: str) -> subprocess.Popen:
    """A process of its own with a temporary folder of its own, and a Spark of its own."""
    env = os.environ | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(Path(__file__).parents[3])}
    (tmp_path / "tmp").mkdir()
    (tmp_path / "here").mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "dueregard", *tokens], cwd=tmp_path / "here", env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def _spark_folder(tmp_path: Path) -> Path | None:
    return next((p for p in (tmp_path / "tmp").glob("dueregard-spark-*") if (p / "local").is_dir()), None)


def _wait_for(what) -> Path:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


@pytest.fixture(scope="module")
def small_snapshot(tmp_path_factory) -> Path:
    """Two schools and three contacts: a Spark of its own is the cost of a test, not the rows."""
    folder = tmp_path_factory.mktemp("small") / "native"
    tables = {
        "school": [{"urn": "1", "name": "One"}, {"urn": "2", "name": "Two"}],
        "roll": [{"urn": u, "census_on": "2024-01-18", "ethnicity": e, "n_pupils": "40"} for u in "12" for e in ("WBRI", "BCRB")],
        "contact": [{"contact_ref": f"c{n}", "urn": "1", "occurred_at": "2024-01-15T10:00"} for n in range(3)],
        "involvement": [{"contact_ref": f"c{n}", "pupil_ref": f"p{n}", "self_defined_ethnicity": "B1",
                         "subject_category": "suspect"} for n in range(3)],
        "collection": [{"urn": "*", "subject": subject, "from_on": "2023-09-01", "to_on": "2024-08-31", "state": "complete"}
                       for subject in ("roll", "contact")],
    }  # fmt: skip
    write_folder(tables, folder)
    return steps.freeze([Source(folder)], folder.parent / "snapshots", today=date(2026, 11, 23))[0].path


def test_the_command_says_the_same_and_leaves_nothing(spark, small_snapshot, tmp_path, capsys):
    """Meanwhile nobody else can look into the folder of its Spark; afterwards there is none, and nothing where it ran."""
    tokens = ["compare", str(small_snapshot), "--stage", "contact", "--within", "school", "--json"]
    done = _alone(tmp_path, *tokens, "--engine", "spark")
    folder = _wait_for(lambda: _spark_folder(tmp_path))
    assert folder.stat().st_mode & 0o777 == 0o700
    out, err = done.communicate(timeout=900)
    assert (done.returncode, err) == (0, "")
    assert main(tokens) == 0
    assert json.loads(out) == json.loads(capsys.readouterr().out)
    assert json.loads(out)["groups"]
    assert list((tmp_path / "tmp").iterdir()) == [] and list((tmp_path / "here").iterdir()) == []


@pytest.mark.deep
def test_an_interrupt_leaves_nothing(spark, borough_snapshot, tmp_path):
    done = _alone(tmp_path, "compare", str(borough_snapshot), *ASKED, "--engine", "spark")
    _wait_for(lambda: _spark_folder(tmp_path))
    time.sleep(1)  # somewhere in its work
    done.send_signal(signal.SIGINT)
    _, err = done.communicate(timeout=900)
    assert done.returncode == 130 and "Stopped." in err
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture(scope="module")
def connect_server(spark, tmp_path_factory):
    """A real Spark Connect server on loopback, from the wheel; its address. It ends with the tests."""
    import pyspark

    home, folder = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"spark.connect.grpc.binding.port": port, "spark.connect.grpc.binding.address": "127.0.0.1",
                "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
                "spark.local.dir": folder, "spark.sql.warehouse.dir": folder / "warehouse"}  # fmt: skip
    told = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    command = [home / "bin" / "spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
               "--master", "local[1]", *told, "spark-internal"]  # fmt: skip
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(lambda: _listens(port) and folder)
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def _listens(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.deep
def test_a_cluster_says_the_same(connect_server, borough_snapshot, tmp_path, capsys):
    """By Spark Connect, in a process of its own: the roll from Parquet, calendars by Arrow, every kind of statement."""
    tokens = [
        str(borough_snapshot),
        "--stage",
        "arrested",
        "--within",
        "officer",
        "--denominator",
        "pupil_years",
        "--json",
    ]
    done = _alone(tmp_path, "compare", *tokens, "--engine", "spark", "--spark-remote", connect_server)
    out, err = done.communicate(timeout=900)
    assert (done.returncode, err) == (0, "")
    assert main(["compare", *tokens]) == 0
    assert json.loads(out) == json.loads(capsys.readouterr().out)


@pytest.mark.deep
def test_a_cluster_that_cannot_read_the_snapshot_says_so(connect_server, borough_snapshot):
    """Its folder is there for us and not for the cluster; here, because it has gone meanwhile."""
    from dataclasses import replace

    from dueregard.engines.open import open_engine

    moved = replace(steps.open_snapshot(borough_snapshot), path=Path("/nowhere/at/all"))
    with pytest.raises(EngineUnavailable, match=r"PATH_NOT_FOUND.*\nTry: the snapshot where every computer"):
        open_engine(moved, "spark", spark_remote=connect_server)
