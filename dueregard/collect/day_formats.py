"""How days are written: which formats there are, and which two of them nobody can tell apart."""

from __future__ import annotations

import re
from itertools import combinations

# Directives that the database reads and writes alike. A one-letter `-` means: without a leading zero.
DIRECTIVES = ("%d", "%-d", "%m", "%-m", "%b", "%B", "%Y", "%y", "%H", "%-H", "%I", "%-I", "%M", "%S", "%p")
DIRECTIVE = re.compile(r"%-?.?")
OF_A_DAY, OF_A_MONTH, OF_A_YEAR = ("%d", "%-d"), ("%m", "%-m", "%b", "%B"), ("%Y", "%y")
AS_FIGURES = {"%d": "d", "%-d": "d", "%m": "m", "%-m": "m", "%Y": "y", "%y": "y"}
DAY_FIRST, MONTH_FIRST = "dm", "md"


def fault_of(written: str) -> str:
    """Why can no day be read in this format? Empty where it can.

    >>> fault_of("%d/%m/%Y"), fault_of("%d/%m")
    ('', 'it needs a day, a month and a year, each once')
    """
    found = DIRECTIVE.findall(written)
    for one in found:
        if one not in DIRECTIVES:
            return f"`{one}` is not one of {' '.join(DIRECTIVES)}"
    needed = (OF_A_DAY, OF_A_MONTH, OF_A_YEAR)
    if any(sum(one in kind for one in found) != 1 for kind in needed):
        return "it needs a day, a month and a year, each once"
    return ""


def order(written: str) -> str:
    """Does the day or the month come first? Empty where figures cannot be mistaken for each other.

    >>> order("%d/%m/%Y"), order("%m-%d-%y"), order("%Y-%m-%d"), order("%d %b %Y")
    ('dm', 'md', '', '')
    """
    figures = "".join(AS_FIGURES.get(one, "") for one in DIRECTIVE.findall(written))
    if figures.startswith("y") and "%Y" in written:
        return ""
    figures = figures.replace("y", "")
    return figures if figures in (DAY_FIRST, MONTH_FIRST) else ""


def shape(written: str) -> str:
    """What a day in this format looks like: figures as `9`, so that two formats that look alike are equal."""
    looks = {"%d": "99", "%-d": "9", "%m": "99", "%-m": "9", "%Y": "9999", "%y": "99"}
    return DIRECTIVE.sub(lambda found: looks.get(found[0], found[0]), written)


def are_ambiguous(formats: tuple[str, ...]) -> bool:
    """May one text be two days in these formats?

    >>> are_ambiguous(("%d/%m/%Y", "%m/%d/%Y")), are_ambiguous(("%Y-%m-%d", "%d/%m/%Y"))
    (True, False)
    """
    orders = {order(one) for one in formats} - {""}
    same = any(shape(a) == shape(b) and a != b for a, b in combinations(formats, 2))
    return len(orders) > 1 or same
