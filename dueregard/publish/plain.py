"""Frozen values as what JSON can hold, and exactly back."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def as_plain(value: Any) -> Any:
    """A frozen value as what JSON can hold: dataclasses as objects, tuples as lists."""
    if is_dataclass(value):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [as_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def revive(kind: Any, plain: Any) -> Any:
    """A frozen value back from what `as_plain` made. Raises KeyError, TypeError or ValueError."""
    if get_origin(kind) is UnionType:
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if plain is None else revive(options[0], plain)
    if get_origin(kind) is tuple:
        return _revive_tuple(get_args(kind), plain)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if set(plain) != set(hints):
            raise KeyError(", ".join(sorted(set(hints) ^ set(plain))))
        return cast(Any, kind)(**{name: revive(hint, plain[name]) for name, hint in hints.items()})
    if issubclass(kind, StrEnum):
        return kind(plain)
    if type(plain) is not kind:
        raise TypeError(f"a {kind.__name__}")
    return plain


def _revive_tuple(kinds: tuple, plain: Any) -> tuple:
    if not isinstance(plain, list):
        raise TypeError("a list")
    if kinds[-1] is Ellipsis:
        return tuple(revive(kinds[0], item) for item in plain)
    return tuple(revive(kind, item) for kind, item in zip(kinds, plain, strict=True))


def as_line(value: Any) -> str:
    """A frozen value on one line: thousands of cells stay a readable file."""
    return json.dumps(
        [as_plain(getattr(value, f.name)) for f in fields(value)], ensure_ascii=False, separators=(",", ":")
    )


def from_line(kind: type[Value], line: str) -> Value:
    """A frozen value back from its line. Raises KeyError, TypeError or ValueError."""
    found, hints = json.loads(line), get_type_hints(kind)
    if not isinstance(found, list):
        raise TypeError("a line of values")
    names = [f.name for f in fields(cast(Any, kind))]
    return kind(**{name: revive(hints[name], item) for name, item in zip(names, found, strict=True)})
