"""What a pooled figure says of the counts behind it, as lines for the attacker; and what the rule says that let it out.

With strata i, counts a and b, rolls N1 and N0, T = N1 + N0, w = N0 / T and v = N1 / T, a Mantel-Haenszel ratio is R = A / Q with
A = sum of a w and Q = sum of b v, and its interval is R exp(-+ z sqrt V) with V R Q Q = P = sum of (a + b) v w.
Rolls are known between limits, so each factor is; counts are not negative, so each of these is a true line or two. The last is
curved in Q: below it lie its tangents, above it its chord.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import log

from dueregard.disclose.policy import PooledRule
from dueregard.disclose.pooled import KINDS, LEVEL, RATIO
from dueregard.disclose.system import OPEN, System
from dueregard.errors import SnapshotError
from dueregard.evidence.published import ROLL, Coordinates, PooledFigure, roll_under
from dueregard.stats.intervals import normal_quantile

Limits = tuple[float, float]
Pairs = tuple[tuple[Coordinates, Coordinates], ...]
Term = tuple[int, float]
CONTRIBUTES = "contributes"  # the unit of an unknown that is 1 where a school has an event of either group
KNOWN_UNITS = ("pupils", "involvements", "events")
ROUNDED = {
    RATIO: (0.5, 0.5),
    KINDS[1]: (0.0, 1.0),
    KINDS[2]: (1.0, 0.0),
}  # how far below and above, in units of the last digit


@dataclass(frozen=True, slots=True)
class Stratum:
    """One school: its two counts, and the limits of w, v and v w."""

    a: int
    b: int
    w: Limits
    v: Limits
    vw: Limits


def link_pooled(
    system: System, unknown: Callable[[Coordinates], int], figures: Iterable[PooledFigure], rule: PooledRule, release: str
) -> None:  # fmt: skip
    """Every pooled figure of a release as lines. Raises SnapshotError for one that is not understood: none passes unread."""
    together: dict[Pairs, dict[str, PooledFigure]] = defaultdict(dict)
    for figure in figures:
        _check(figure)
        together[figure.ratio_of][figure.kind] = figure
    for pairs, of_kind in together.items():
        if RATIO not in of_kind:
            raise _not_understood(next(iter(of_kind.values())), "an end of an interval stands without its ratio")
        why = f"{release}: {of_kind[RATIO].id}"
        strata = [_stratum(system, unknown, *pair) for pair in pairs]
        ratio = printed_limits(of_kind[RATIO], rule)
        _add_ratio(system, strata, ratio, why)
        _add_variance(system, strata, ratio, of_kind, rule, why)
        _add_rule(system, pairs, strata, rule, why)


def _check(figure: PooledFigure) -> None:
    if figure.kind not in KINDS:
        raise _not_understood(figure, f"it is of the kind `{figure.kind}`")
    if not figure.ratio_of or len(figure.ratio_of) != figure.n_strata:
        raise _not_understood(figure, "its schools are not named")
    if any(
        dict(name).get("unit") != "pupils" or dict(name).get("stage") == ROLL
        for pair in figure.ratio_of
        for name in pair
    ):
        raise _not_understood(figure, "it is no ratio of pupils")


def _not_understood(figure: PooledFigure, why: str) -> SnapshotError:
    return SnapshotError(
        f"It is not known what the pooled figure `{figure.id}` says of the counts: {why}.",
        try_this=f"figures of the kinds {', '.join(KINDS)} with all their schools, or a release without it.",
    )


def printed_limits(figure: PooledFigure, rule: PooledRule) -> Limits:
    """Between which limits does the number lie that was rounded for print: to the nearest, and ends outwards?"""
    try:
        number = Decimal(figure.text)
        if not number.is_finite() or number <= 0:
            raise ValueError
    except (ArithmeticError, ValueError):
        raise _not_understood(figure, "its text is no number above nothing") from None
    last = max(int(number.as_tuple().exponent), number.adjusted() - rule.digits + 1)
    unit, (below, above) = 10.0**last, ROUNDED[figure.kind]
    slack = 1e-9 * float(number)
    return max(float(number) - below * unit - slack, slack), float(number) + above * unit + slack


def _stratum(
    system: System, unknown: Callable[[Coordinates], int], group: Coordinates, comparison: Coordinates
) -> Stratum:
    one, other = (_roll(system, unknown(roll_under(name))) for name in (group, comparison))
    share = one[0] / (one[0] + other[1]), (1.0 if one[1] == OPEN else one[1] / (one[1] + other[0]))
    return Stratum(unknown(group), unknown(comparison), (1 - share[1], 1 - share[0]), share, _product(share))


def _roll(system: System, at: int) -> Limits:
    return max(system.at_least[at], 1.0), system.at_most[at]


def _product(share: Limits) -> Limits:
    """The limits of v (1 - v): it rises up to a half, then falls."""
    ends = [v * (1 - v) for v in share]
    return min(ends), (0.25 if share[0] <= 0.5 <= share[1] else max(ends))


def _add_ratio(system: System, strata: list[Stratum], ratio: Limits, why: str) -> None:
    """A is at least and at most so many times Q."""
    low, high = ratio
    below = [(s.a, s.w[0]) for s in strata] + [(s.b, -high * s.v[1]) for s in strata]
    above = [(s.a, s.w[1]) for s in strata] + [(s.b, -low * s.v[0]) for s in strata]
    system.add_line(below, -OPEN, 0.0, why)
    system.add_line(above, 0.0, OPEN, why)


def _add_variance(system: System, strata: list[Stratum], ratio: Limits, of_kind: dict[str, PooledFigure], rule: PooledRule, why: str) -> None:  # fmt: skip
    """P = V R Q Q, with V from each printed end."""
    for kind, sign in ((KINDS[1], -1.0), (KINDS[2], 1.0)):
        if kind not in of_kind:
            continue
        least, most = _variance(ratio, printed_limits(of_kind[kind], rule), sign)
        q_low, q_high = (sum(s.v[end] * limits[s.b] for s in strata) for end, limits in ((0, system.at_least), (1, system.at_most)))  # fmt: skip
        for at in (q_low, q_high) if q_high < OPEN else (q_low,):
            # P >= V R (2 q Q - q q) for every q
            terms = [*_both(strata, 1), *((s.b, -least * 2 * at * s.v[0]) for s in strata)]
            system.add_line(_summed(terms), -least * at * at, OPEN, why)
        if q_high < OPEN:  # P <= V R ((q + q') Q - q q'), where Q lies between them
            terms = [*_both(strata, 0), *((s.b, -most * (q_low + q_high) * s.v[1]) for s in strata)]
            system.add_line(_summed(terms), -OPEN, -most * q_low * q_high, why)


def _variance(ratio: Limits, end: Limits, sign: float) -> Limits:
    """The limits of V R, from the ratio and one end."""
    z = normal_quantile(LEVEL)
    spreads = [max(0.0, sign * log(limit / r)) / z for limit in end for r in ratio]
    return min(spreads) ** 2 * ratio[0], max(spreads) ** 2 * ratio[1]


def _both(strata: list[Stratum], end: int) -> list[Term]:
    return [(at, s.vw[end]) for s in strata for at in (s.a, s.b)]


def _summed(terms: list[Term]) -> list[Term]:
    """One factor for each unknown."""
    found: dict[int, float] = defaultdict(float)
    for at, factor in terms:
        found[at] += factor
    return list(found.items())


def _add_rule(system: System, pairs: Pairs, strata: list[Stratum], rule: PooledRule, why: str) -> None:
    """It was released: so there are enough events of both groups, in enough schools, and none holds too many."""
    for side, own in enumerate(([s.a for s in strata], [s.b for s in strata])):
        # All events as an unknown of their own: each line is short, and falls away where its school cannot hold so many.
        whole = system.add_unknown(_not_a_count(pairs[0][side], f"{len(own)} schools together"), rule.events)
        system.add_sum(whole, own, why)
        for at in own:
            system.add_line([(at, 1.0), (whole, -rule.largest_share)], -OPEN, 0.0, why)
    _add_schools(system, pairs, strata, rule, why)


def _add_schools(system: System, pairs: Pairs, strata: list[Stratum], rule: PooledRule, why: str) -> None:
    """Enough schools have an event of either group: those that are shown to have, and some of the others."""
    open_ones = [
        (pair, s) for pair, s in zip(pairs, strata, strict=True) if system.at_least[s.a] + system.at_least[s.b] < 1
    ]
    missing = rule.schools - (len(strata) - len(open_ones))
    if missing <= 0:
        return
    flags = []
    for (group, _), s in open_ones:
        flag = system.add_unknown(_not_a_count(group, CONTRIBUTES), 0, 1)
        system.add_line([(flag, 1.0), (s.a, -1.0), (s.b, -1.0)], -OPEN, 0.0, why)
        flags.append(flag)
    system.add_line([(flag, 1.0) for flag in flags], missing, OPEN, why)


def _not_a_count(name: Coordinates, what: str) -> Coordinates:
    return tuple(sorted((dict(name) | {"unit": what}).items()))


def is_helper(name: Coordinates) -> bool:
    """Is it no count of which anything was published, but an unknown that only the lines of a pooled figure need?"""
    return dict(name)["unit"] not in KNOWN_UNITS and dict(name)["stage"] != ROLL
