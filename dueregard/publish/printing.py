"""Protected estimates as printed text: what the page, the workbook and the files show, digit for digit.

Everything else in a bundle (charts, sentences, verdicts) is made from these texts, so that no channel says more.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.protected import ProtectedEstimate
from dueregard.evidence.published import Coordinates, Printed
from dueregard.publish import words
from dueregard.stats.verdicts import LANDMARKS

# The kinds of `disclose/formulas.py`: each figure with the two ends of its interval.
RATE, RATIO, DIFFERENCE = "rate_per_1000", "relative_rate", "difference_per_1000"
ENDS = ("", "_lower", "_upper")
NO_ESTIMATE, OPEN = "none", "open"  # there is an interval alone; there is no upper end
MOST_DECIMALS = 8


def printed_of(
    kind: str, found: ProtectedEstimate | None, *, as_risk: bool, per: int, against: Coordinates | None = None
) -> tuple[Printed, ...]:
    """One estimate as three texts: the figure, its lower and its upper end. Empty where there is none.

    Ends are rounded outwards: what is printed covers what was computed.
    """
    if found is None:
        return ()
    times = 1 if kind == RATIO else 1000
    middle = NO_ESTIMATE if found.estimate is None else _text(kind, found.estimate * times)
    texts = (middle, _end(kind, found.lower * times, ROUND_FLOOR), _end(kind, found.upper * times, ROUND_CEILING))
    options = (("level", f"{found.level:g}"), ("made", found.method), ("method", "risk" if as_risk else "rate"),
               ("per", str(per)))  # fmt: skip
    return tuple(Printed(kind + end, text, against, options) for end, text in zip(ENDS, texts, strict=True))


def _text(kind: str, value: float) -> str:
    if math.isinf(value):
        return OPEN
    if kind == RATIO:
        return words.ratio(value).replace(",", "")
    return ("-" if value < 0 else "") + words.rate(abs(value)).replace(",", "")


def _end(kind: str, value: float, outwards: str) -> str:
    """An end of an interval in as many decimals as the figure has, away from the middle.

    A ratio's end is never rounded onto 0.8, 1 or 1.25 and so against what the interval lets one say.

    >>> _end(RATE, 21.049, ROUND_FLOOR), _end(RATE, 21.01, ROUND_CEILING), _end(RATIO, 1.0061, ROUND_FLOOR)
    ('21.0', '21.1', '1.006')
    """
    text = _text(kind, value)
    if text == OPEN or value == 0:
        return text
    decimals = len(text.partition(".")[2])
    most = max(decimals, MOST_DECIMALS) if kind == RATIO and value not in LANDMARKS else decimals
    tried = (Decimal(repr(value)).quantize(Decimal(1).scaleb(-n), outwards) for n in range(decimals, most + 1))
    found = next((end for end in tried if kind != RATIO or float(end) not in LANDMARKS or value in LANDMARKS), None)
    return text if found is None else f"{found:f}"


def read_back(kind: str, printed: tuple[Printed, ...]) -> Estimate | None:
    """The estimate that the texts of one kind say; None where there is none. No estimate: nan in its middle."""
    found = {p.kind: p for p in printed}
    if kind not in found:
        return None
    middle, lower, upper = (_number(found[kind + end].text) for end in ENDS)
    options = dict(found[kind].options)
    return Estimate(middle, lower, upper, float(options["level"]), options["made"])


def _number(text: str) -> float:
    if text == NO_ESTIMATE:
        return math.nan
    return math.inf if text == OPEN else float(text)
