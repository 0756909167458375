"""Opening a store: a folder with database, keys and uploads, or that folder with a PostgreSQL beside it.

Django is set up once a process; a store opened later takes its place. Faces with settings of their own build on
`settings_for` and need not call `open_store`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dueregard.errors import StoreUnavailable, UsageError
from dueregard.store.keys import STORE_KEY, make_keys
from dueregard.store.pseudonyms import new_ref

DATABASE, KEYS, UPLOADS, CHECKPOINTS = "store.sqlite3", "keys", "uploads", "checkpoints"
VARIABLE = "DUEREGARD_DATABASE"
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
APPS = ("django.contrib.contenttypes", "dueregard.store")


def settings_for(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What Django must know of the store in this folder. A face adds its own settings to these."""
    address = (os.environ if environment is None else environment).get(VARIABLE, "")
    return {
        "DATABASES": {"default": _postgresql(address) if address else _sqlite(folder / DATABASE)},
        "INSTALLED_APPS": list(APPS),
        "AUTH_USER_MODEL": "store.Person",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "Europe/London",
        "LANGUAGE_CODE": "en-gb",
        "DUEREGARD_FOLDER": str(folder),
        "DUEREGARD_KEYS": str(folder / KEYS),
    }


def _sqlite(file: Path) -> dict[str, Any]:
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": PRAGMAS}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": options}


# The server plans a question once for each connection: the same few are asked at every look.
PLANNED_ONCE = {"server_side_binding": True, "prepare_threshold": 2}


def _postgresql(address: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require`"""
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise UsageError(f"{VARIABLE} does not begin with `postgresql://`.",
                         try_this="postgresql://user:password@host:5432/name; or unset it to use SQLite.")  # fmt: skip
    asked = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""),
        "HOST": asked.pop("host", parts.hostname or ""), "PORT": str(parts.port or ""), "OPTIONS": {**PLANNED_ONCE, **asked},
    }  # fmt: skip


def make_folder(folder: Path) -> None:
    """The folder of a store, for its owner alone, with keys if it has none."""
    for place in (folder, folder / UPLOADS, folder / CHECKPOINTS):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
    if not (folder / KEYS / STORE_KEY).exists():
        make_keys(folder / KEYS)


def open_store(folder: Path, *, make: bool = False, now: datetime | None = None) -> None:
    """Set Django up for the store in this folder. make: a store that is not there is made, and its log begins now.

    Raises StoreUnavailable if there is none.
    """
    folder = folder.resolve()
    if make:
        make_folder(folder)
    elif not (folder / KEYS / STORE_KEY).exists():
        raise StoreUnavailable(f"`{folder.name}` holds no store of records.", try_this="the folder that `serve` made.")
    os.umask(0o077)  # what the database writes beside itself is for the owner alone, too
    _configure(settings_for(folder))
    if make:
        make_tables(now=now)


def set_up(wanted: Mapping[str, Any] | None = None) -> bool:
    """Set Django up once a process, so that models can be imported. False if it was set up before."""
    import django
    from django.conf import settings

    if settings.configured:
        return False
    settings.configure(**(wanted or settings_for(Path())))
    django.setup()
    return True


def _configure(wanted: dict[str, Any]) -> None:
    from django.conf import settings
    from django.db import connections

    if set_up(wanted):
        return
    connections.close_all()
    for name in ("DATABASES", "DUEREGARD_FOLDER", "DUEREGARD_KEYS"):
        setattr(settings, name, wanted[name])
    connections.settings = connections.configure_settings(wanted["DATABASES"])
    if hasattr(connections._connections, "default"):
        delattr(connections._connections, "default")


def make_tables(*, now: datetime | None = None) -> None:
    """Tables and guards, brought up to date; the log begins if it has not."""
    from django.core.management import call_command
    from django.db import transaction

    from dueregard.store.log import begin_log
    from dueregard.store.models import LogHead

    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        if not LogHead.objects.filter(id=1).exists():
            begin_log(f"dueregard/{new_ref('s')}", now=now or datetime.now(UTC))


@contextmanager
def reading() -> Iterator[None]:
    """A database that goes away, or is damaged, is told as a letter and not as a traceback."""
    from django.db import DatabaseError, InterfaceError

    try:
        yield
    except (DatabaseError, InterfaceError) as fault:
        raise StoreUnavailable(
            f"The database of the store cannot be read or written ({type(fault).__name__}).",
            try_this="is it there, whole, and is there room on the disk? `dueregard restore` brings a backup back.",
        ) from fault
