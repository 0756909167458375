"""What would a careful clerk write for this cell? Numbers, days, times and texts of a workbook as plain text.

A workbook keeps every number as a double and tells by a number format whether it is meant as a day. Nothing is guessed:
what cannot be written for certain is None, and the row is refused. Formats: ECMA-376 part 1, 18.8.30.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

LARGEST_WHOLE = 2**53  # above it a double no longer tells neighbouring whole numbers apart
FICTITIOUS = 60  # serial number of 29 February 1900, a day that never was; the old error is kept by every program
END_OF_DAYS = 2_958_466  # 1 January 10000
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
TOKEN = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|AM/PM|A/P|y+|m+|d+|h+|s+|.', re.IGNORECASE | re.DOTALL)
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a number format makes of a number. zeros: how many digits it fills up with leading zeros."""

    has_day: bool = False
    has_time: bool = False
    is_elapsed: bool = False
    is_unseen: bool = False
    zeros: int = 0

    @property
    def is_moment(self) -> bool:
        return self.has_day or self.has_time


PLAIN, DAY, TIME, MOMENT, ELAPSED_TIME = (
    Shape(), Shape(has_day=True), Shape(has_time=True), Shape(has_day=True, has_time=True), Shape(has_time=True, is_elapsed=True)
)  # fmt: skip
# Formats that have a number and no text in the file, 18.8.30; 27 to 36 and 50 to 58 are days in East Asian editions.
BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17), DAY), **dict.fromkeys((18, 19, 20, 21, 45, 47), TIME), 22: MOMENT, 46: ELAPSED_TIME,
    **dict.fromkeys((27, 28, 29, 30, 31, 36, *range(50, 59)), DAY), **dict.fromkeys((32, 33, 34, 35), TIME),
}  # fmt: skip


def shape_of(code: str) -> Shape:
    """Does this number format show a day, a time, both, or a number?

    >>> shape_of("dd/mm/yyyy hh:mm") == MOMENT, shape_of("[h]:mm").is_elapsed, shape_of('0 "days"') == PLAIN
    (True, True, True)
    """
    if code and not code.strip("; "):
        return Shape(is_unseen=True)
    if code.lower() in ("general", "@", ""):
        return PLAIN
    if len(code) > 1 and not code.strip("0"):
        return Shape(zeros=len(code))
    signs = _signs(code)
    has_minute = [_is_minute(signs, n) for n in range(len(signs))]
    has_time = any(s in "hs" for s in signs) or any(has_minute)
    has_day = any(s in "yd" or (s == "m" and not minute) for s, minute in zip(signs, has_minute, strict=True))
    return Shape(has_day, has_time, ELAPSED.search(code) is not None)


def _signs(code: str) -> list[str]:
    """The letters of the first section of a format that stand for parts of a moment, one a run."""
    signs = []
    for token in TOKEN.findall(code):
        if token == ";":
            break
        if ELAPSED.fullmatch(token):
            signs.append("h" if token[1] in "hH" else "s")
        elif token[0].lower() in "ymdhs":
            signs.append(token[0].lower())
    return signs


def _is_minute(signs: list[str], n: int) -> bool:
    """`m` is a minute behind an hour or before a second, else a month."""
    return signs[n] == "m" and ((n > 0 and signs[n - 1] == "h") or (n + 1 < len(signs) and signs[n + 1] == "s"))


def number_text(raw: str, shape: Shape = PLAIN, *, is_1904: bool = False) -> str | None:
    """What stands in a number cell, as text? None where it cannot be told for certain.

    A whole number has no point and no exponent; any other has all digits of its double. A format of zeros alone fills up.

    >>> number_text("100003.0"), number_text("1E5"), number_text("0.1"), number_text("7", Shape(zeros=3))
    ('100003', '100000', '0.1', '007')
    """
    if not NUMBER.fullmatch(raw):
        return None
    value = float(raw)
    if not math.isfinite(value):
        return None
    if shape.is_moment:
        return elapsed_text(value) if shape.is_elapsed else serial_text(value, shape, is_1904=is_1904)
    if not value.is_integer():
        return format(Decimal(repr(value)), "f")
    if abs(value) > LARGEST_WHOLE:
        return None
    return str(int(value)).zfill(shape.zeros) if value >= 0 else str(int(value))


def serial_text(value: float, shape: Shape, *, is_1904: bool = False) -> str | None:
    """Which day or moment does a serial number mean, as ISO text? None for a day that never was.

    >>> serial_text(45690, DAY), serial_text(45690.4375, MOMENT), serial_text(60, DAY), serial_text(0.5, TIME)
    ('2025-02-02', '2025-02-02T10:30:00', None, '12:00:00')
    """
    if not 0 <= value < END_OF_DAYS - (1462 if is_1904 else 0):
        return None
    moment = _midnight(math.floor(value), is_1904=is_1904)
    fraction = timedelta(milliseconds=round((value - math.floor(value)) * 86_400_000))  # a double holds no more
    if value < 1 and not shape.has_day and fraction < timedelta(days=1):
        return _clock(datetime(2000, 1, 1) + fraction)
    if moment is None:
        return None
    try:
        moment += fraction
    except OverflowError:
        return None
    if not shape.has_time and moment == moment.replace(hour=0, minute=0, second=0, microsecond=0):
        return moment.date().isoformat()
    return f"{moment.date().isoformat()}T{_clock(moment)}"


def _midnight(day: int, *, is_1904: bool) -> datetime | None:
    if is_1904:
        return datetime(1904, 1, 1) + timedelta(days=day)
    if day in (0, FICTITIOUS):
        return None
    return datetime(1899, 12, 31 if day < FICTITIOUS else 30) + timedelta(days=day)


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S") + (f".{moment.microsecond // 1000:03}" if moment.microsecond else "")


def elapsed_text(value: float) -> str | None:
    """A length of time in hours, minutes and seconds, the hours above 24 too.

    >>> elapsed_text(1.5)
    '36:00:00'
    """
    if not 0 <= value < END_OF_DAYS:
        return None
    seconds = round(value * 86_400)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment_text(raw: str, shape: Shape) -> str | None:
    """A day or moment that the file writes as text: checked, and a midnight that nobody sees left out.

    >>> moment_text("2025-02-02T00:00:00", DAY), moment_text("2025-02-30", DAY)
    ('2025-02-02', None)
    """
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return raw
    if not shape.has_time and moment == moment.replace(hour=0, minute=0, second=0, microsecond=0):
        return moment.date().isoformat()
    return f"{moment.date().isoformat()}T{_clock(moment)}"


def truth_text(raw: str) -> str | None:
    return {"1": "true", "0": "false", "true": "true", "false": "false"}.get(raw)


def unescaped(text: str) -> str | None:
    """A text with its `_x000D_` signs read; None where one stands for no character, or for NUL.

    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\\rb', '_x000D_')
    """
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
        try:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            return None
    return None if "\x00" in text else text
