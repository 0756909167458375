"""A real service on loopback, and people at real browsers: phone and desktop, with and without JavaScript."""

from __future__ import annotations

import base64
import hmac
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PATIENCE = 120  # seconds until what hangs is given up; nothing is timed by it, and a starved machine is no fault
PREPARE = Path(__file__).with_name("service_world.py")


def code_of(secret: bytes, at: float) -> str:
    """The six digits of RFC 6238 for this secret and time."""
    digest = hmac.new(secret, struct.pack(">Q", int(at) // 30), "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Running:
    """`dueregard serve` as a process of its own over a folder that `service_world.py` filled."""

    def __init__(self, folder: Path, *, world: bool = True) -> None:
        self.folder, self.sessions = folder, {}
        self.environment = {k: v for k, v in os.environ.items() if k != "DUEREGARD_DATABASE"}
        self.environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        if world:
            subprocess.run(
                [sys.executable, str(PREPARE), str(folder)], check=True, env=self.environment, timeout=10 * PATIENCE
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = (folder.parent / f"{folder.name}.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dueregard", "serve", "--data", str(folder), "--port", str(self.port)], env=self.environment,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.seconds_to_answer = self._wait()

    def _wait(self) -> float:
        began = time.monotonic()
        while time.monotonic() - began < 5 * PATIENCE:
            try:
                with urllib.request.urlopen(self.address, timeout=PATIENCE) as answer:
                    assert answer.status == 200
                    return time.monotonic() - began
            except OSError:
                assert self.process.poll() is None, self.said()
                time.sleep(0.1)
        raise AssertionError(f"no answer: {self.said()}")

    def said(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text(encoding="utf-8")

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)
        self.log.close()


class Person:
    """Somebody at a browser. heard: what the browser complained of, and requests that left the service."""

    def __init__(self, browser, running: Running, *, size=DESKTOP, javascript: bool = True) -> None:
        self.running, self.heard, self.used = running, [], {}
        self.context = browser.new_context(viewport=size, java_script_enabled=javascript, base_url=running.address, locale="en-GB",
                                           timezone_id="Europe/London", has_touch=size is PHONE)  # fmt: skip
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda fault: self.heard.append(str(fault)))
        self.page.on(
            "request",
            lambda request: (
                None if request.url.startswith((running.address, "data:")) else self.heard.append(request.url)
            ),
        )

    def sign_in(self, name: str) -> Person:
        """By the pages alone: the password, then the code of a device that is set up. A code holds for one sign-in, so that
        the browsers of one person after the first take over the session of that first one."""
        page, sessions = self.page, self.running.sessions
        if name in sessions:
            self.context.add_cookies(sessions[name])
            return self
        page.goto("/")
        page.get_by_label("Name to sign in with").fill(name)
        page.get_by_label("Password").fill("correct horse battery staple")
        page.get_by_role("button", name="Sign in").click()
        self.give_code()
        sessions[name] = self.context.cookies()
        return self

    def give_code(self, *, then: str = "**/home/") -> None:
        """Set the device up from the key on the page, and give its code."""
        page = self.page
        key = re.sub(r"\s", "", page.locator("main code").inner_text())
        page.get_by_label("Code of six digits").fill(
            code_of(base64.b32decode(key + "=" * (-len(key) % 8)), time.time())
        )
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(then)

    def axe(self) -> str:
        """What axe finds on this page, in words; nothing if it finds nothing."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options=AXE)
        return found.generate_report() if found.violations_count else ""

    def is_within_width(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def leave(self) -> None:
        self.context.close()
