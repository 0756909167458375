"""`figures.json` of a bundle: everything that the other files are made from, and exactly back."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_type_hints

from dueregard.errors import SnapshotError
from dueregard.evidence.published_json import published_as_json, published_from_json
from dueregard.evidence.released import Released
from dueregard.publish.plain import as_plain, revive

FIGURES = "figures.json"
FORMAT = 1
SPREAD = 5  # levels of the document that have lines of their own; a row of a table is one line


def write_released(released: Released) -> bytes:
    """The document. The same release makes the same bytes."""
    rest = {f.name: as_plain(getattr(released, f.name)) for f in fields(released) if f.name != "published"}
    document = {"format": FORMAT, "published": published_as_json(released.published), "released": rest}
    return ("".join(_spread(document, 0)) + "\n").encode()


def read_released(content: bytes) -> Released:
    """The release that a figures.json holds. Raises SnapshotError where it holds none, or was not written by `write_released`."""
    try:
        document = json.loads(content.decode("utf-8"))
        if document["format"] != FORMAT or set(document) != {"format", "published", "released"}:
            raise ValueError("format")
        hints = {name: kind for name, kind in get_type_hints(Released).items() if name != "published"}
        if set(document["released"]) != set(hints):
            raise KeyError("released")
        rest = {name: revive(kind, document["released"][name]) for name, kind in hints.items()}
        released = Released(published=published_from_json(document["published"]), **rest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise SnapshotError(f"{FIGURES} does not hold a release.", try_this="the file as it was published.") from fault
    if write_released(released) != content:
        raise SnapshotError(
            f"{FIGURES} is not written as dueregard writes it: a byte of it was changed.",
            try_this="the file as it was published.",
        )
    return released


def _spread(value: Any, depth: int) -> list[str]:
    """JSON with a line for each row of a table, so that a person can read it and a difference of two shows where it is."""
    if depth == SPREAD or not isinstance(value, (dict, list)) or not value:
        return [compact(value)]
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        parts = [f"{compact(name)}: {''.join(_spread(item, depth + 1))}" for name, item in value.items()]
        return ["{", inner, f",{inner}".join(parts), outer, "}"]
    return ["[", inner, f",{inner}".join("".join(_spread(item, depth + 1)) for item in value), outer, "]"]


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
