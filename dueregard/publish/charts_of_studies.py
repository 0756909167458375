"""Pictures of the studies: a pathway, a tornado of sensitivities, crossed groups. Own SVG, by arithmetic alone (see `charts.py`)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from dueregard.evidence.decomposition import ChainStep, Decomposition, Factor
from dueregard.evidence.estimate import Estimate
from dueregard.evidence.intersections import StratumAnswer
from dueregard.evidence.sensitivity import Analysis, GroupSensitivity
from dueregard.publish import words
from dueregard.publish.charts import AXIS_HEIGHT, GAP, LABEL_HEIGHT, LEFT, MARK_HEIGHT, RIGHT, TEXT_AT, WIDTH
from dueregard.terms.stages import part_title

BAR = 10  # height of a bar
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """A log axis from one tick to another."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Where does a value stand? One beyond the frame stands at its edge."""
        inside = min(max(value, self.low), self.high)
        return LEFT + math.log(inside / self.low) / math.log(self.high / self.low) * (RIGHT - LEFT)

    def ticks(self) -> list[float]:
        """1, 2, 5, 10 and so on; fewer where they would stand too near."""
        found = _ticks(self.low, self.high)
        if len(found) > MOST_TICKS:
            found = [tick for tick in found if f"{tick:.0e}"[0] == "1"]
        return found

    def is_beyond(self, value: float) -> int:
        """-1 below the frame, 1 above it, 0 inside."""
        return -1 if value < self.low * 0.999 else 1 if value > self.high * 1.001 else 0


def _ticks(low: float, high: float) -> list[float]:
    steps = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    return [m * 10.0**k for k in steps for m in (1, 2, 5) if low * 0.999 <= m * 10.0**k <= high * 1.001]


def scale_of(values: Iterable[float], *, around: tuple[float, float] | None = None, widest: float = 1000.0) -> Scale:
    """A scale that holds these values, ends at ticks, and spans at most so many times its lowest."""
    known = [v for v in values if v > 0 and math.isfinite(v)] or [1.0]
    low, high = min(known), max(known)
    if around is not None:
        low, high = max(min(low, around[0]), 0.02), min(max(high, around[1]), 50.0)
    low = max(low, high / widest)
    return Scale(_ticks(low / 10, low)[-1], next(t for t in _ticks(high, high * 10) if t >= high * 0.999))


def pathway(chart_id: str, title: str, found: Decomposition) -> str:
    """The ladder: at each rung both groups' rates as bars; under it the parts of its ratio, each with its range."""
    ends = [
        v
        for e in (*(f.ratio for f in found.factors), found.total_ratio)
        if e.is_estimable
        for v in (e.lower, e.estimate, e.upper)
    ]
    scale = scale_of(ends, around=(0.5, 2.0))
    parts: list[str] = []
    y = 6
    for at, step in enumerate(found.steps):
        drawn, y = _rung(found, step, y)
        parts += drawn
        for factor in _parts_of(found, at):
            parts += _part(factor, scale, y)
            y += MARK_HEIGHT + LABEL_HEIGHT
        y += GAP
    parts += [f'<text class="label" x="{LEFT}" y="{y + 13}">all parts multiplied: {escape(found.group_label)}</text>',
              *_range(found.total_ratio, scale, y + LABEL_HEIGHT + 8, "crude")]  # fmt: skip
    y += LABEL_HEIGHT + MARK_HEIGHT
    parts += _axis(scale, y, f"parts: times the rate of {found.comparison_label}")
    return _svg(chart_id, title, _pathway_said(found), parts, y + AXIS_HEIGHT)


def _parts_of(found: Decomposition, at: int) -> tuple[Factor, ...]:
    first = len(found.factors) - 2 * (len(found.steps) - 1)
    return found.factors[:first] if at == 0 else found.factors[first + 2 * (at - 1) : first + 2 * at]


def _rung(found: Decomposition, step: ChainStep, y: int) -> tuple[list[str], int]:
    """Both rates as bars on the rung's own scale; the numbers stand beside them."""
    largest = max(step.rate_per_1000, step.comparison_rate_per_1000) or 1.0
    parts = [f'<text class="heading" x="{LEFT}" y="{y + 14}">{escape(step.label)}, per 1,000</text>']
    y += LABEL_HEIGHT + 4
    for kind, rate, label in (("group", step.rate_per_1000, found.group_label),
                              ("other", step.comparison_rate_per_1000, found.comparison_label)):  # fmt: skip
        width = _n((RIGHT - LEFT) * rate / largest)
        parts.append(f'<rect class="bar {kind}" x="{LEFT}" y="{y}" width="{width}" height="{BAR}"/>'
                     f'<text x="{TEXT_AT}" y="{y + BAR}">{words.rate(rate)} {escape(_short(label))}</text>')  # fmt: skip
        y += BAR + 6
    return parts, y


def _part(factor: Factor, scale: Scale, y: int) -> list[str]:
    title = part_title(factor.name)
    said = title if "," in title else f"{title}: {factor.label}"  # the stage says it all; the table has the rest
    return [f'<text class="part" x="{LEFT + 8}" y="{y + 13}">× {escape(said)}</text>',
            *_range(factor.ratio, scale, y + LABEL_HEIGHT + 6, "school")]  # fmt: skip


def _range(found: Estimate, scale: Scale, y: int, key: str) -> list[str]:
    """A range with its estimate, a dashed mark at 1, and the numbers. What is not estimable is said."""
    at_one = f'<path class="one" d="M{_n(scale.x(1))} {y - 8}v16"/>' if not scale.is_beyond(1) else ""
    if not found.is_estimable:
        return [at_one, f'<text class="none" x="{LEFT + 8}" y="{y + 4}">{words.NOT_ESTIMABLE}</text>']
    x1, x2, x = (_n(scale.x(v)) for v in (found.lower, found.upper, found.estimate))
    return [
        at_one, f'<path class="range {key}" d="M{x1} {y}H{x2}"/>', _end(scale, found.lower, y, key), _end(scale, found.upper, y, key),
        f'<path class="mark {key}" d="M{x} {y}m0 -5l5 5l-5 5l-5 -5z"/>',
        f'<text x="{TEXT_AT}" y="{y + 4}">{_numbers(found)}</text>',
    ]  # fmt: skip


def _end(scale: Scale, value: float, y: int, key: str) -> str:
    """A stroke at a range's end; an arrow where it goes on beyond the frame."""
    way, x = scale.is_beyond(value), scale.x(value)
    if way:
        return f'<path class="mark {key}" d="M{_n(x + 3 * way)} {y}l{-7 * way} -4v8z"/>'
    return f'<path class="range {key}" d="M{_n(x)} {y - 3}v6"/>'


def _numbers(found: Estimate) -> str:
    if math.isinf(found.upper):
        return f"above {words.ratio(found.lower)}"
    return f"{words.ratio(found.estimate)} ({words.ratio(found.lower)}–{words.ratio(found.upper)})"


def _pathway_said(found: Decomposition) -> str:
    rungs = [f"{s.label}: {words.rate(s.rate_per_1000)} per 1,000 {found.group_label}, {words.rate(s.comparison_rate_per_1000)} "
             f"{found.comparison_label}." for s in found.steps]  # fmt: skip
    parts = [
        f"{part_title(f.name)} {_numbers(f.ratio) if f.ratio.is_estimable else words.NOT_ESTIMABLE}."
        for f in found.factors
    ]
    return " ".join([*rungs, *parts])


def tornado(chart_id: str, title: str, groups: tuple[GroupSensitivity, ...], comparison: str) -> str:
    """For each group, a bar for each analysis: how far the missing could move the ratio; a line: the same with chance."""
    values = [v for g in groups for a in g.analyses for v in (a.lower, a.lowest, a.highest, a.upper) if v == v]
    scale = scale_of(values, around=(0.5, 2.0))
    parts, y, said = [], 6, []
    for group in groups:
        parts.append(f'<text class="heading" x="{LEFT}" y="{y + 14}">{escape(group.label)}</text>')
        y += LABEL_HEIGHT + 4
        for one in group.analyses:
            parts += [
                f'<text class="part" x="{LEFT}" y="{y + 13}">{escape(one.label)}</text>',
                *_bar(one, scale, y + LABEL_HEIGHT + 7),
            ]
            y += LABEL_HEIGHT + MARK_HEIGHT
            said.append(f"{group.label}, {one.label.lower()}: {_bar_numbers(one)}.")
        y += GAP
    parts += _axis(scale, y, f"times the rate of {comparison}")
    return _svg(chart_id, title, " ".join(said), parts, y + AXIS_HEIGHT)


def _bar(one: Analysis, scale: Scale, y: int) -> list[str]:
    at_one = f'<path class="one" d="M{_n(scale.x(1))} {y - 9}v18"/>'
    if any(v != v for v in (one.lower, one.upper)):
        return [at_one, f'<text class="none" x="{LEFT}" y="{y + 4}">{words.NOT_ESTIMABLE}</text>']
    lower, upper = max(one.lower, 1e-9), one.upper
    drawn = [f'<path class="range crude" d="M{_n(scale.x(lower))} {y}H{_n(scale.x(upper))}"/>', _end(scale, lower, y, "crude"),
             _end(scale, upper, y, "crude")]  # fmt: skip
    x1, x2 = scale.x(max(one.lowest, 1e-9)), scale.x(one.highest)
    if x2 - x1 >= 1:
        drawn.append(f'<rect class="bar group" x="{_n(x1)}" y="{y - 4}" width="{_n(x2 - x1)}" height="8"/>')
    elif not scale.is_beyond(one.lowest):
        drawn.append(f'<path class="mark crude" d="M{_n(x1)} {y}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"/>')
    return [
        at_one,
        *drawn,
        f'<text x="{TEXT_AT}" y="{y + 4}">{_bar_numbers(one).partition(" (")[0] if x2 - x1 >= 1 else _bar_numbers(one)}</text>',
    ]


def _bar_numbers(one: Analysis) -> str:
    if any(v != v for v in (one.lower, one.upper)):
        return words.NOT_ESTIMABLE
    low, high = (words.ratio(v) if math.isfinite(v) else "no end" for v in (one.lowest, one.highest))
    lower, upper = (words.ratio(v) if math.isfinite(v) else "no end" for v in (one.lower, one.upper))
    return f"{low} ({lower}–{upper})" if low == high else f"{low}–{high} ({lower}–{upper})"


def crossed(chart_id: str, title: str, strata: tuple[StratumAnswer, ...], overall: float) -> str:
    """Crossed groups in the order of their codes: first the range, as a band; the estimate is a thin stroke in it.

    Under the band a line: the exact range of the group's own counts, where more than 5 were counted.
    """
    told = [
        (one, one.rate_per_1000) for one in strata if one.rate_per_1000 is not None and one.rate_per_1000.is_estimable
    ]
    if not told:
        return ""
    ends = [v for one, rate in told for v in (rate.lower, rate.upper)] + [overall]
    scale = scale_of(ends, widest=2000.0)
    parts, y, said = [], 6, []
    top = y
    for one, rate in told:
        parts.append(f'<text class="part" x="{LEFT}" y="{y + 13}">{escape(one.label)}</text>')
        parts += _band(one, rate, scale, y + LABEL_HEIGHT + 7)
        said.append(f"{one.label}: {_rates(rate)}.")
        y += LABEL_HEIGHT + MARK_HEIGHT + 5
    line = f'<path class="one" d="M{_n(scale.x(overall))} {top}V{y}"/>'
    parts = [line, *parts, *_axis(scale, y, "per 1,000 (dashed: everybody)")]
    return _svg(chart_id, title, " ".join(said), parts, y + AXIS_HEIGHT)


def _band(one: StratumAnswer, rate: Estimate, scale: Scale, y: int) -> list[str]:
    x1, x2, x = (scale.x(v) for v in (rate.lower, rate.upper, rate.estimate))
    drawn = [f'<rect class="band{" few" if one.is_few else ""}" x="{_n(x1)}" y="{y - 6}" width="{_n(max(x2 - x1, 1))}" height="11"/>',
             f'<path class="stroke" d="M{_n(x)} {y - 6}v11"/>']  # fmt: skip
    own = one.own_rate_per_1000
    if own is not None and own.is_estimable:
        lower = max(own.lower, 1e-9)
        drawn += [f'<path class="range own" d="M{_n(scale.x(lower))} {y + 9}H{_n(scale.x(own.upper))}"/>']
    return [*drawn, f'<text x="{TEXT_AT}" y="{y + 4}">{_rates(rate)}{" few" if one.is_few else ""}</text>']


def _rates(found: Estimate) -> str:
    """The range first."""
    return f"{words.rate(found.lower)} to {words.rate(found.upper)}"


def _axis(scale: Scale, y: int, title: str) -> list[str]:
    parts = [f'<path class="frame" d="M{LEFT} {y + 2}H{RIGHT}"/>']
    for tick in scale.ticks():
        x = _n(scale.x(tick))
        parts.append(f'<path class="frame" d="M{x} {y + 2}v4"/><text class="tick" x="{x}" y="{y + 17}">{tick:g}</text>')
    return [*parts, f'<text x="{LEFT}" y="{y + 32}">{escape(title)}</text>']


def _svg(chart_id: str, title: str, said: str, parts: list[str], height: int) -> str:
    return (
        f'<svg class="forest" role="img" aria-labelledby="{chart_id}-t {chart_id}-d" viewBox="0 0 {WIDTH} {height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{chart_id}-t">{escape(title)}</title>'
        f'<desc id="{chart_id}-d">{escape(said)}</desc>{"".join(parts)}</svg>'
    )


def _short(label: str, most: int = 12) -> str:
    """A label that fits; the whole of it stands in the table.

    >>> _short("Not recorded at all")
    'Not recorde…'
    """
    return label if len(label) <= most else label[: most - 1] + "…"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
