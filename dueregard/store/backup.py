"""A backup holds everything that a store is: database, keys, the list of erasures, the newest checkpoint. It is sealed.

SQLite is copied by VACUUM INTO, because its paged copying never ends under writes; PostgreSQL by its own `pg_dump`.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dueregard.errors import SealBroken, StoreUnavailable, TargetError, UsageError
from dueregard.store.checkpoints import newest_note
from dueregard.store.erased import FILE as ERASED
from dueregard.store.keys import LOG_KEY, LOG_PUBLIC, STORE_KEY
from dueregard.store.open import DATABASE, KEYS, VARIABLE
from dueregard.store.sealed_file import SealedReader, SealedWriter

DUMP, CHECKPOINT = "store.dump", "checkpoint.txt"
SETTINGS = "dueregard.toml"
SHORTEST = 12  # characters of a passphrase


def check_passphrase(passphrase: str) -> None:
    """Raises UsageError where it is too short to keep anything closed."""
    if len(passphrase) < SHORTEST:
        raise UsageError(f"The passphrase has fewer than {SHORTEST} characters.",
                         try_this="several words, kept where the backup is not.")  # fmt: skip


def write_backup(folder: Path, out: Path, *, passphrase: str) -> None:
    """Write the store that is open into one sealed file; none that is there is replaced. Raises TargetError."""
    check_passphrase(passphrase)
    with _database_file(folder) as database, _new_file(out) as handle:
        sealed = SealedWriter(handle, passphrase)
        with tarfile.open(mode="w|", fileobj=sealed, format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for name in (STORE_KEY, LOG_KEY, LOG_PUBLIC):
                tar.add(folder / KEYS / name, f"{KEYS}/{name}")
            for name in (ERASED, SETTINGS):
                if (folder / name).exists():
                    tar.add(folder / name, name)
            note = newest_note().encode()
            about = tarfile.TarInfo(CHECKPOINT)
            about.size, about.mode = len(note), 0o600
            tar.addfile(about, io.BytesIO(note))
            tar.add(database, database.name.removeprefix(".backup-"))
        sealed.close()
        handle.flush()
        os.fsync(handle.fileno())


@contextmanager
def _new_file(out: Path) -> Iterator[Any]:
    scratch = out.with_name(f".{out.name}.{os.getpid()}.part")
    if out.exists():
        raise TargetError(f"`{out.name}` is there already.", try_this="another name.")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            yield handle
        os.link(scratch, out)  # fails where somebody wrote that name meanwhile
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def _database_file(folder: Path) -> Iterator[Path]:
    """A whole copy of the database, beside it and for its owner alone, for as long as it is needed."""
    from django.db import connection

    name = DATABASE if connection.vendor == "sqlite" else DUMP
    copy = folder / f".backup-{name}"
    copy.unlink(missing_ok=True)  # of a backup that was killed
    try:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
        else:
            copy.touch(0o600)
            _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={copy}")
        copy.chmod(0o600)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _run(program: str, *arguments: str) -> None:
    """A program of PostgreSQL on the database that is open; the password goes by the environment, not the command."""
    from django.db import connection

    found = shutil.which(program, path=os.environ.get("DUEREGARD_PG_BIN", "") or None)
    if found is None:
        raise StoreUnavailable(f"`{program}` is not installed.", try_this="PostgreSQL's client programs; or name their folder in DUEREGARD_PG_BIN.")  # fmt: skip
    at = connection.settings_dict
    environment = {**os.environ, "PGHOST": at["HOST"], "PGPORT": at["PORT"], "PGUSER": at["USER"], "PGDATABASE": at["NAME"],
                   "PGPASSWORD": at["PASSWORD"]}  # fmt: skip
    done = subprocess.run([found, *arguments], env={k: v for k, v in environment.items() if v}, capture_output=True)
    if done.returncode:
        raise StoreUnavailable(f"`{program}` failed with code {done.returncode}.", try_this="is the database there, and its version not newer than the program's?")  # fmt: skip


def unpack_backup(file: Path, folder: Path, *, passphrase: str) -> None:
    """Unpack a backup into a folder that holds no store. The database of PostgreSQL comes as a dump.

    Raises TargetError, SealBroken; then nothing is left.
    """
    if folder.exists() and any(folder.iterdir()):
        raise TargetError(f"`{folder.name}` is not empty.", try_this="a new folder; the old one stays as it is.")
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    try:
        with file.open("rb") as handle:
            sealed = SealedReader(handle, passphrase)
            _unpack(sealed, scratch)
            sealed.read_to_the_end()
        if folder.exists():
            folder.rmdir()
        os.rename(scratch, folder)
    except FileNotFoundError as fault:
        raise TargetError(f"`{file.name}` cannot be read.", try_this="check the path.") from fault
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack(sealed: SealedReader, folder: Path) -> None:
    wanted = {DATABASE, DUMP, CHECKPOINT, ERASED, SETTINGS, *(f"{KEYS}/{n}" for n in (STORE_KEY, LOG_KEY, LOG_PUBLIC))}
    (folder / KEYS).mkdir(mode=0o700)
    try:
        with tarfile.open(mode="r|", fileobj=sealed) as tar:  # type: ignore[call-overload]
            for member in tar:
                if member.name not in wanted or not member.isfile():
                    raise SealBroken("The backup holds something that is no part of a store.")
                content = tar.extractfile(member)
                descriptor = os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as handle:
                    shutil.copyfileobj(content, handle)  # type: ignore[arg-type]
                    handle.flush()
                    os.fsync(handle.fileno())
    except tarfile.TarError as fault:
        raise SealBroken("The backup is damaged.", try_this="an older backup.") from fault


def load_dump(folder: Path) -> None:
    """Bring the dump of a PostgreSQL into the database that is open, which must be empty. Raises TargetError."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise TargetError("The database is not empty.", try_this=f"a new database, named in {VARIABLE}.")
    _run("pg_restore", "--exit-on-error", "--no-owner", "--no-acl", "--single-transaction", f"--dbname={connection.settings_dict['NAME']}",
         str(folder / DUMP))  # fmt: skip
    (folder / DUMP).unlink()
