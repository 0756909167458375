"""Django, set up once a process with the settings of the service: the tests of the store and of its pages share them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from dueregard.store.open import make_folder, set_up
from dueregard.web.settings import web_settings


def configure() -> None:
    """Models can be imported after this. Each test opens a store of its own."""
    folder = Path(tempfile.mkdtemp(prefix="dueregard-django-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_folder(folder)
    told = web_settings(folder, {})
    set_up({**told, "ALLOWED_HOSTS": [*told["ALLOWED_HOSTS"], "testserver"]})
