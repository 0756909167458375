"""Starting the service: one command, one folder. What is missing is made; the first administrator's password is told once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dueregard.errors import UsageError
from dueregard.store.open import make_folder
from dueregard.web.config import read_config, write_first

ADMINISTRATOR = "administrator"
Tell = Callable[[str], None]


def serve(folder: Path, *, port: int, tell: Tell = print) -> None:
    """Answer until stopped. Raises UsageError for settings that cannot be, StoreUnavailable."""
    password = prepare(folder)
    config = read_config(folder)
    if password:
        tell(f"The first administrator signs in as `{ADMINISTRATOR}`. One-time password, told this once: {password}")
    tell(
        f"The service answers at http://{config.listen_on}:{port}/ and keeps its records in {folder.name}. Stop it with Ctrl-C."
    )
    _run(f"{config.listen_on}:{port}", config.workers, config.is_behind_proxy)


def prepare(folder: Path) -> str:
    """Make ready what is missing, and bring tables up to date. Gives the one-time password of a new administrator, or nothing."""
    import os

    folder = folder.resolve()
    os.umask(0o077)
    make_folder(folder)
    write_first(folder)
    set_up(folder)
    from dueregard.store.open import make_tables

    make_tables()
    return first_administrator()


def set_up(folder: Path) -> None:
    """Tell Django about this folder, once a process."""
    import django
    from django.conf import settings

    from dueregard.web.settings import web_settings

    if settings.configured:
        if str(folder) != settings.DUEREGARD_FOLDER:
            raise UsageError("Another store is open in this process.", try_this="one folder a process.")
        return
    settings.configure(**web_settings(folder))
    log_plainly()
    django.setup()


def log_plainly() -> None:
    """Lines of the service name a page's name and a fault's kind: never an address, a message or a record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    own = logging.getLogger("dueregard")
    own.handlers, own.propagate = [handler], False
    own.setLevel(logging.INFO)
    for name in ("django", "axes", "django.request", "django.security", "py.warnings"):
        quiet = logging.getLogger(name)
        quiet.handlers, quiet.propagate = [logging.NullHandler()], False


def first_administrator() -> str:
    """Make the first account, where there is none. Gives its one-time password."""
    from dueregard.store import actions
    from dueregard.store.actor import operator
    from dueregard.store.models import Person
    from dueregard.web.accounts import one_time_password

    if Person.objects.exists():
        return ""
    password = one_time_password()
    ref = actions.add_first_administrator(ADMINISTRATOR, name="Administrator", password=password, by=operator("serve"))
    return password if ref else ""


def application() -> Any:
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def _run(bind: str, workers: int, is_behind_proxy: bool) -> None:
    from django.db import connections
    from gunicorn.app.base import BaseApplication

    wsgi = application()
    connections.close_all()  # no connection is shared over a fork

    class Service(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            told = {"bind": bind, "workers": workers, "threads": 4, "worker_class": "gthread", "preload_app": True, "timeout": 60,
                    "graceful_timeout": 20, "accesslog": None, "loglevel": "warning", "limit_request_line": 2048,
                    "forwarded_allow_ips": "127.0.0.1,::1" if is_behind_proxy else "", "proc_name": "dueregard"}  # fmt: skip
            for name, value in told.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return wsgi

    Service().run()
