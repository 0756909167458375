"""Figures of models in six significant digits: what lies below differs between machines, and says nothing."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

Answer = TypeVar("Answer")
DIGITS = 6


def in_six_digits(value: Answer) -> Answer:
    """The same value, each fraction in it rounded. Whole numbers and words stay.

    >>> in_six_digits((1.23456789, 7, "1.23456789"))
    (1.23457, 7, '1.23456789')
    """
    return _rounded(value)  # type: ignore[no-any-return]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value
    if isinstance(value, tuple):
        return tuple(_rounded(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _rounded(getattr(value, f.name)) for f in fields(value)})
    return value
