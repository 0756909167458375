"""Forest plots as small SVG drawings, made by arithmetic alone.

No text is measured and no font is asked for, so that a report has the same bytes on every machine: see
docs/decisions/ on charts. A drawing is 340 units wide, so that it can be read on a telephone without shrinking.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from dueregard.evidence.estimate import Estimate
from dueregard.publish.words import NOT_ESTIMABLE, level_words, range_of, ratio

WIDTH, LEFT, RIGHT, TEXT_AT = 340, 10, 216, 230  # the plot lies between LEFT and RIGHT, numbers after TEXT_AT
LABEL_HEIGHT, MARK_HEIGHT, GAP, AXIS_HEIGHT = 17, 17, 7, 36
TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
CROWDED, LABELLED = 7, (0.02, 0.1, 0.5, 1.0, 2.0, 10.0, 50.0)  # with more ticks than that only these are labelled
ROOM = 0.01  # an end this near to the frame (in log units) still lies inside it


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of estimate: colour and shape always come together, so that neither is needed alone."""

    key: str
    label: str
    shape: str  # circle, square, diamond, triangle


CRUDE = Series("crude", "Crude", "circle")
WITHIN = {
    "school": Series("school", "Within the same school", "square"),
    "area": Series("area", "Within the same area", "diamond"),
    "officer": Series("officer", "With and without an officer posted", "triangle"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One group: its label, and an estimate for each series (None: does not apply). heading: stands above it.

    texts: the numbers of each mark as they are printed elsewhere, digit for digit; else they are rounded here.
    """

    label: str
    marks: tuple[tuple[Series, Estimate | None], ...]
    heading: str = ""
    texts: tuple[str, ...] = ()


def series_of(within: tuple[str, ...]) -> Series:
    """The series of a figure that compares within these strata."""
    if len(within) == 1 and within[0] in WITHIN:
        return WITHIN[within[0]]
    return Series("area", "Within " + " and ".join(within), "diamond")


def forest(chart_id: str, title: str, rows: tuple[Row, ...], *, comparison: str) -> str:
    """How many times the comparison group's rate is each group's? A line for each range, on a log axis.

    An open end, or one outside the frame, is an arrow; what is not estimable is said in words. Empty where
    there is nothing to draw.
    """
    rows = tuple(row for row in rows if row.marks)
    if not rows:
        return ""
    axis = _axis(rows)
    used = _used(rows)
    top = 16 * len(used) + 6
    body, bottom = _body(rows, axis, top)
    height = bottom + AXIS_HEIGHT
    return (
        f'<svg class="forest" role="img" aria-labelledby="{chart_id}-t {chart_id}-d" viewBox="0 0 {WIDTH} {height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{chart_id}-t">{escape(title)}</title>'
        f'<desc id="{chart_id}-d">{escape(_description(rows))}</desc>'
        f"{_legend(used)}{_frame(axis, top, bottom, comparison)}{''.join(body)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float

    def x(self, value: float) -> float:
        share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return LEFT + share * (RIGHT - LEFT)

    def ticks(self) -> tuple[float, ...]:
        return tuple(tick for tick in TICKS if self.low <= tick <= self.high)


def _axis(rows: tuple[Row, ...]) -> _Axis:
    """From the tick below everything drawn to the tick above it; at least a half to two."""
    ends = [
        value
        for row in rows
        for _, found in row.marks
        if found is not None and found.is_estimable
        for value in (found.lower, found.estimate, found.upper)
        if value > 0 and math.isfinite(value)
    ]
    low = max((tick for tick in TICKS if tick <= min([0.5, *ends])), default=TICKS[0])
    high = min((tick for tick in TICKS if tick >= max([2.0, *ends])), default=TICKS[-1])
    return _Axis(low, high)


def _used(rows: tuple[Row, ...]) -> tuple[Series, ...]:
    return tuple(dict.fromkeys(series for row in rows for series, _ in row.marks))


def _legend(used: tuple[Series, ...]) -> str:
    return "".join(
        f'{_mark(series, LEFT + 6, 16 * at + 9)}<text x="{LEFT + 18}" y="{16 * at + 13}">{escape(series.label)}</text>'
        for at, series in enumerate(used)
    )


def _frame(axis: _Axis, top: int, bottom: int, comparison: str) -> str:
    """The axis with its ticks; 1 is a dashed line."""
    parts, ticks = [], axis.ticks()
    for tick in ticks:
        x = _n(axis.x(tick))
        kind = "one" if tick == 1 else "grid"
        parts.append(f'<path class="{kind}" d="M{x} {top}V{bottom}"/>')
        if len(ticks) <= CROWDED or tick in LABELLED:
            parts.append(f'<text class="tick" x="{x}" y="{bottom + 14}">{tick:g}</text>')
    title = f"times the rate of: {comparison}" if comparison else "relative rate"
    parts.append(f'<text x="{LEFT}" y="{bottom + 30}">{escape(title)}</text>')
    return "".join(parts)


def _body(rows: tuple[Row, ...], axis: _Axis, y: int) -> tuple[list[str], int]:
    """Each row: its label on a line of its own, then a line for each series with its numbers."""
    parts = []
    for row in rows:
        if row.heading:
            parts.append(f'<text class="heading" x="{LEFT}" y="{y + 15}">{escape(row.heading)}</text>')
            y += LABEL_HEIGHT + 2
        parts.append(f'<text class="label" x="{LEFT}" y="{y + 13}">{escape(row.label)}</text>')
        y += LABEL_HEIGHT
        for at, (series, found) in enumerate(row.marks):
            parts.append(_line(series, found, axis, y + 8, row.texts[at] if row.texts else ""))
            y += MARK_HEIGHT
        y += GAP
    return parts, y


def _line(series: Series, found: Estimate | None, axis: _Axis, y: int, text: str) -> str:
    if found is None or not found.is_estimable:
        return f'<text class="none" x="{LEFT}" y="{y + 4}">{NOT_ESTIMABLE}</text>'
    low, high = max(found.lower, axis.low), min(found.upper, axis.high)
    x1, x2 = axis.x(min(low, axis.high)), axis.x(max(high, axis.low))
    line = f'<path class="range {series.key}" d="M{_n(x1)} {y}H{_n(x2)}"/>'
    ends = _end(series, found.lower < axis.low * (1 - ROOM), x1, y, -1)
    ends += _end(series, found.upper > axis.high * (1 + ROOM), x2, y, 1)
    is_inside = axis.low * (1 - ROOM) <= found.estimate <= axis.high * (1 + ROOM)
    mark = _mark(series, axis.x(found.estimate), y) if is_inside else ""
    return f'{line}{ends}{mark}<text x="{TEXT_AT}" y="{y + 4}">{text or _numbers(found)}</text>'


def _end(series: Series, is_open: bool, x: float, y: int, way: int) -> str:
    if not is_open:
        return f'<path class="range {series.key}" d="M{_n(x)} {y - 3}v6"/>'
    tip = x + 3 * way
    return f'<path class="mark {series.key}" d="M{_n(tip)} {y}l{-7 * way} -4v8z"/>'


def _mark(series: Series, x: float, y: float) -> str:
    at = f"M{_n(x)} {_n(y)}"
    shapes = {
        "circle": f"{at}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        "square": f"{at}m-4 -4h8v8h-8z",
        "diamond": f"{at}m0 -5l5 5l-5 5l-5 -5z",
        "triangle": f"{at}m0 -5l5 9h-10z",
    }
    return f'<path class="mark {series.key}" d="{shapes[series.shape]}"/>'


def _numbers(found: Estimate) -> str:
    """The numbers beside a line, short. An open end leaves the end that there is."""
    if math.isinf(found.upper):
        return f"above {ratio(found.lower)}"
    if found.estimate == 0:
        return f"0 (below {ratio(found.upper)})"
    return f"{ratio(found.estimate)} ({ratio(found.lower)}–{ratio(found.upper)})"


def _description(rows: tuple[Row, ...]) -> str:
    parts = []
    for row in rows:
        said = [f"{series.label.lower()} {row.texts[at] if row.texts else _said(found)}"
                for at, (series, found) in enumerate(row.marks)]  # fmt: skip
        parts.append(f"{row.heading + ', ' if row.heading else ''}{row.label}: {'; '.join(said)}.")
    return " ".join(parts)


def _said(found: Estimate | None) -> str:
    if found is None or not found.is_estimable:
        return NOT_ESTIMABLE
    middle = "" if math.isinf(found.estimate) else f"{ratio(found.estimate)}, "
    return f"{middle}{level_words(found)} range {range_of(found)}"


def _n(value: float) -> str:
    """A coordinate in tenths.

    >>> _n(12.0), _n(12.345)
    ('12', '12.3')
    """
    return f"{value:.1f}".removesuffix(".0")
