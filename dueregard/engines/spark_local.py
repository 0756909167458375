"""A Spark of our own on this computer: started once a process, in a private folder that is removed when it ends.

Rows of children pass through Spark's files. So the folder has mode 0700, what is written there is enciphered, nothing
listens but on this computer, and all of it goes at the end.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dueregard.errors import EngineUnavailable

JAVA = 17
ELSEWHERE = "ask a cluster with `--spark-remote sc://HOST:15002`, or leave out `--engine spark`"
PRIVATE = {
    "spark.master": "local[2]",
    "spark.app.name": "dueregard",
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.authenticate": "true",  # another person of this computer may not ask for blocks
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.log.level": "OFF",  # an error may quote a row
    "spark.sql.catalogImplementation": "in-memory",
    "spark.broadcast.compress": "false",
}
# For a few questions of little data: Java's quick compiler pays, the thorough one is never paid back.
QUICK = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
SECONDS_TO_STOP = 20

_running: list[tuple[Any, Path]] = []  # the Spark that this process started, and its folder; one or none


def local_session(options: dict[str, str] | None = None) -> Any:
    """A session of its own on this computer's Spark.

    A Spark that the process already runs is used, with its settings; it is neither changed nor stopped. options: for
    a Spark that is started now. Raises EngineUnavailable.
    """
    with quiet_imports():
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        context = SparkContext._active_spark_context
        if context is None:
            context = _started(options or {})
        return SparkSession(context).newSession()


@contextmanager
def quiet_imports() -> Iterator[None]:
    """Without what Spark has to say about pandas. Raises EngineUnavailable where the extra is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImportError as fault:
        raise not_installed() from fault


def not_installed() -> EngineUnavailable:
    return EngineUnavailable(
        "The engine spark needs packages that are not installed.",
        try_this="`pip install 'dueregard[spark]'`, or leave out `--engine spark`.",
    )


def check_java() -> None:
    """Raises EngineUnavailable where there is no Java, or one that is too old for Spark."""
    version = java_version()
    found = "no Java was found" if version is None else f"Java {version} was found"
    if version is None or version < JAVA:
        raise EngineUnavailable(
            f"Spark on this computer needs Java {JAVA} or later; {found}.",
            try_this=f"install the Debian package openjdk-17-jre-headless, or set JAVA_HOME; or {ELSEWHERE}.",
        )


def java_version() -> int | None:
    """The Java that Spark will start, as 17 or 21; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found[1]) if found else None


def _started(options: dict[str, str]) -> Any:
    check_java()
    folder = Path(tempfile.mkdtemp(prefix="dueregard-spark-"))  # mode 0700
    try:
        context = _launched(folder, PRIVATE | options)
    except BaseException as fault:
        shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(fault, Exception):
            raise
        raise EngineUnavailable("Spark could not be started on this computer.",
                                try_this=f"see that 2 GB of memory are free, and that JAVA_HOME and SPARK_HOME name what you mean; or {ELSEWHERE}.") from fault  # fmt: skip
    _running.append((context, folder))
    atexit.register(stop_local)
    return context


def _launched(folder: Path, options: dict[str, str]) -> Any:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    places = {"spark.local.dir": str(folder / "local"), "spark.sql.warehouse.dir": str(folder / "warehouse")}
    # Java keeps its own temporary files there too, and none about its speed.
    java = f"-Djava.io.tmpdir={folder} -XX:-UsePerfData {options.get('spark.driver.extraJavaOptions', '')}".strip()
    conf = SparkConf(loadDefaults=False).setAll(
        list((options | places | {"spark.driver.extraJavaOptions": java}).items())
    )
    # What Spark says goes into a file of the folder: it may speak of rows, and standard output is ours.
    with open(folder / "log", "wb") as log, _own_environment(folder / "local"):
        gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
    hush()
    return SparkContext(conf=conf, gateway=gateway)


@contextmanager
def _own_environment(local: Path) -> Iterator[None]:
    """While Spark is launched: what would send its files or its settings elsewhere does not count."""
    own = {"SPARK_LOCAL_DIRS": str(local), "PYSPARK_SUBMIT_ARGS": "pyspark-shell"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def hush() -> None:
    """The Python half of Spark writes every refused query onto standard error; the letter is enough."""
    import logging

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def stop_local() -> None:
    """Stop the Spark that this process started, wait until it is gone, and remove its folder. Runs at exit, too."""
    while _running:
        context, folder = _running.pop()
        _end(context)
        shutil.rmtree(folder, ignore_errors=True)


def _end(context: Any) -> None:
    from pyspark import SparkContext

    gateway = context._gateway
    with suppress(Exception):
        context.stop()
        gateway.shutdown()
    with suppress(Exception):
        gateway.proc.stdin.close()
        gateway.proc.wait(SECONDS_TO_STOP)
    if gateway.proc.poll() is None:
        gateway.proc.kill()
        gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None  # so that another may be started
