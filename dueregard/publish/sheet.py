"""One table of the workbook, and how a figure stands in its cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dueregard.evidence.estimate import Estimate

Value = str | int | float
DIGITS = 4  # significant ones in the workbook
RANGE = ("", ", lower end", ", upper end")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its title, its columns and rows. No value is empty."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()


def number(value: float | None) -> Value:
    """Four significant digits. No value, no end, no number: words.

    >>> number(1.23456), number(0), number(None), number(math.inf)
    (1.235, 0, '[does not apply]', '[no upper end]')
    """
    if value is None:
        return "[does not apply]"
    if math.isnan(value):
        return "[not estimable]"
    if math.isinf(value):
        return "[no upper end]"
    return 0 if value == 0 else float(f"{value:.{DIGITS}g}")


def three(found: Estimate | None) -> tuple[Value, Value, Value]:
    """Estimate and both ends."""
    if found is None:
        return (number(None),) * 3
    return number(found.estimate), number(found.lower), number(found.upper)
