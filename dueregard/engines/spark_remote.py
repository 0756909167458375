"""A session on somebody's Spark cluster, by Spark Connect. Whether it can be reached is known within seconds."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dueregard.engines.spark_local import hush, quiet_imports
from dueregard.errors import EngineUnavailable, UsageError

PORT = 15002
SECONDS = 4.0  # for the way there; Spark's own client would try for ten minutes
TRY = "see that the cluster runs Spark Connect (`sbin/start-connect-server.sh`), and that no firewall stands between"


@dataclass(frozen=True, slots=True)
class Address:
    """Where Spark Connect listens. options may hold a token, so they are never printed.

    >>> parse_address("sc://spark.example:15002/;token=abc").place
    'spark.example:15002'
    """

    host: str
    port: int
    options: str = ""

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"sc://{self.place}/{self.options}"


def parse_address(text: str) -> Address:
    """What does `--spark-remote` mean? `sc://HOST`, `sc://HOST:PORT`, and after `/;` what Spark Connect takes.

    Raises UsageError; the words are not repeated, for they may hold a token.
    """
    found = re.fullmatch(r"sc://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::(\d{1,5}))?/?(;[^\s]*)?", text.strip())
    port = int(found[2] or PORT) if found else 0
    if found is None or not 0 < port < 65536:
        raise UsageError(
            "`--spark-remote` is not an address of Spark Connect.",
            try_this=f"sc://HOST:PORT, such as sc://spark.example:{PORT}; `spark://` and `yarn` are other doors.",
        )
    return Address(found[1], port, found[3] or "")


def remote_session(text: str) -> Any:
    """A session of its own on the cluster behind an address. Raises UsageError, EngineUnavailable."""
    address = parse_address(text)
    check_answers(address)
    with quiet_imports():
        from pyspark.sql.connect.client import DefaultChannelBuilder
        from pyspark.sql.connect.session import SparkSession
    hush()
    try:
        with quiet_imports():
            _check_speaks(DefaultChannelBuilder(address.url))
            session = SparkSession(connection=address.url)
        session.conf.get("spark.sql.ansi.enabled")  # the first word to it, under this guard
        return session
    except Exception as fault:
        raise EngineUnavailable(
            f"Something answers at {address.place}, but gives no Spark Connect session.",
            try_this=f"the port of Spark Connect ({PORT} unless told), `;use_ssl=true` and `;token=...` after a slash where the cluster asks for "
            "them, and a Spark of the same version as the `pyspark` installed here.",
        ) from fault


def check_answers(address: Address) -> None:
    """Does anything listen there? Raises EngineUnavailable within seconds."""
    try:
        socket.create_connection((address.host.strip("[]"), address.port), timeout=SECONDS).close()
    except (socket.gaierror, UnicodeError) as fault:  # a label of more than 63 letters, or of none, is no name either
        raise EngineUnavailable(f"No computer of the name {address.host} is known here.",
                                try_this="the name in `--spark-remote`, or its number.") from fault  # fmt: skip
    except OSError as fault:
        raise EngineUnavailable(f"Nothing answers at {address.place}.", try_this=f"{TRY}.") from fault


@contextmanager
def as_the_active_one(session: Any) -> Iterator[None]:
    """A checkpoint comes back to the active session of this thread: make it ours, and then again whichever it was."""
    from pyspark.sql.connect.session import SparkSession

    before = getattr(SparkSession._active_session, "session", None)
    SparkSession._active_session.session = session
    try:
        yield
    finally:
        SparkSession._active_session.session = before


def _check_speaks(builder: Any) -> None:
    """Does it speak the protocol under Spark Connect? Raises grpc.FutureTimeoutError within seconds."""
    import grpc

    channel = builder.toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=SECONDS)
    finally:
        channel.close()
