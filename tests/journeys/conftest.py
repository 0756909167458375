"""What every journey needs: a browser, opened once a module."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from service_browser import ARGUMENTS


@pytest.fixture(scope="module")
def browser() -> Iterator:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium on this machine: install `chromium`, or name it in CHROMIUM")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: `pip install .[dev]`")
    with api.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()
