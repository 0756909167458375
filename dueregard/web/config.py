"""What the operator may set: one TOML file in the folder of the store, `service.toml`."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dueregard.errors import UsageError

FILE = "service.toml"
FIRST = """# Settings of the service. Restart it after a change.
# address: how people reach the service. With https, cookies travel encrypted alone.
address = "http://127.0.0.1:8000"
# hosts: more names by which it may be called.
hosts = []
# is_behind_proxy: true only if a reverse proxy sets X-Forwarded-Proto and X-Forwarded-For, and nobody gets past it.
is_behind_proxy = false
# listen_on: the machine's own address that the service listens on. Keep it on this machine behind a proxy.
listen_on = "127.0.0.1"
workers = 2
# minutes without a page until a session ends, and hours until it ends in any case
idle_minutes = 30
session_hours = 12
# wrong passwords until an account is locked, and for how many minutes
wrong_passwords = 5
locked_minutes = 15
# years after which a record is looked at, to be kept or erased. Your own policy may be shorter.
retention_years = 6
# whom pupils and parents may write to, printed on the public page
contact_for_the_public = ""
"""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one service."""

    address: str = "http://127.0.0.1:8000"
    hosts: tuple[str, ...] = ()
    is_behind_proxy: bool = False
    listen_on: str = "127.0.0.1"
    workers: int = 2
    idle_minutes: int = 30
    session_hours: int = 12
    wrong_passwords: int = 5
    locked_minutes: int = 15
    retention_years: int = 6
    contact_for_the_public: str = ""

    @property
    def is_https(self) -> bool:
        return urlsplit(self.address).scheme == "https"

    @property
    def names(self) -> list[str]:
        """Every name by which a browser may call the service."""
        named = urlsplit(self.address).hostname or ""
        return sorted({named, *self.hosts, "127.0.0.1", "localhost", "[::1]"} - {""})


def read_config(folder: Path) -> Config:
    """What did the operator set? Without a file, the defaults.

    Raises UsageError with every setting that is unknown or of the wrong kind.
    """
    path = folder / FILE
    if not path.exists():
        return Config()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"`{FILE}` is not TOML: {fault}.", try_this="put the line right.") from fault
    faults = list(_faults(told))
    if faults:
        raise UsageError(f"`{FILE}`: {' '.join(faults)}", try_this=f"the settings are {', '.join(_kinds())}.")
    known: dict[str, Any] = {name: tuple(value) if name == "hosts" else value for name, value in told.items()}
    return Config(**known)


def _kinds() -> dict[str, type]:
    return {f.name: list if f.name == "hosts" else type(f.default) for f in fields(Config)}


def _faults(told: dict[str, object]):  # type: ignore[no-untyped-def]
    kinds = _kinds()
    for name, value in told.items():
        if name not in kinds:
            yield f"there is no setting `{name}`."
        elif type(value) is not kinds[name]:
            yield f"`{name}` must be of kind {kinds[name].__name__}."
        elif isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= 10_000:
            yield f"`{name}` must lie between 1 and 10,000."
        elif name == "address" and urlsplit(str(value)).scheme not in ("http", "https"):
            yield "`address` must begin with http or https."


def write_first(folder: Path) -> None:
    """Lay the settings out for the operator, where there are none. A file that is there is kept."""
    try:
        descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(FIRST)
