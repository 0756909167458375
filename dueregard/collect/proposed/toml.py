"""Values as TOML text, and numbers of things for its comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

BARE = re.compile(r"[A-Za-z0-9_-]+")


def text(value: str) -> str:
    """A text in quotes.

    >>> text('C[0-9]{5}')
    '"C[0-9]{5}"'
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def name(value: str) -> str:
    """A key, in quotes where it needs them.

    >>> name("urn"), name("pupil's sex")
    ('urn', '"pupil\\'s sex"')
    """
    return value if BARE.fullmatch(value) else text(value)


def texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(text(value) for value in values) + "]"


def table(pairs: Iterable[tuple[str, str]]) -> str:
    """An inline table of names and values that are TOML already."""
    return "{ " + ", ".join(f"{name(word)} = {value}" for word, value in pairs) + " }"


def several(n: int, thing: str) -> str:
    """A number of things.

    >>> several(1, "row"), several(1200, "other value")
    ('1 row', '1,200 other values')
    """
    return f"{n:,} {thing}" + ("" if n == 1 else "s")
