"""Entries of the ledger as lines of bytes, and back. Exactly one way to write each."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from dueregard.errors import SealBroken
from dueregard.evidence.ledger import Content, Event

OF_EVENT = ("at", "because", "by", "content", "move", "release", "sha256")
OF_CONTENT = ("code_version", "corrects", "files", "policy", "policy_sha256", "predecessors", "snapshot", "version")


def canonical(value: Any) -> str:
    """JSON with sorted keys and nothing to spare: the same value has one text.

    >>> canonical({"b": [1], "a": None})
    '{"a":null,"b":[1]}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def line_of(event: Event) -> bytes:
    """An entry as one line, without its end."""
    return canonical(asdict(event)).encode()


def event_of(line: bytes) -> Event:
    """The entry of a line. Raises SealBroken where it is not one that `line_of` wrote."""
    try:
        plain = json.loads(line.decode())
        event = _event(plain)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise SealBroken("An entry of the ledger is not as it was written.") from fault
    if line_of(event) != line:
        raise SealBroken("An entry of the ledger is not as it was written.")
    return event


def _event(plain: dict[str, Any]) -> Event:
    if tuple(sorted(plain)) != OF_EVENT:
        raise KeyError("its parts")
    texts = {name: _text(plain[name]) for name in OF_EVENT if name != "content"}
    return Event(**texts, content=None if plain["content"] is None else _content(plain["content"]))


def _content(plain: dict[str, Any]) -> Content:
    if tuple(sorted(plain)) != OF_CONTENT:
        raise KeyError("its parts")
    major, minor = (int(part) for part in plain["version"])
    texts = {name: _text(plain[name]) for name in ("snapshot", "policy", "policy_sha256", "code_version")}
    corrects = None if plain["corrects"] is None else _text(plain["corrects"])
    return Content(**texts, version=(major, minor), files=_pairs(plain["files"]),
                   predecessors=_pairs(plain["predecessors"]), corrects=corrects)  # fmt: skip


def _pairs(plain: list) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one), _text(other)) for one, other in plain)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value
