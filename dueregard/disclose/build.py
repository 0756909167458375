"""Build: the system of an attacker from the figures of one release and of all before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dueregard.disclose.formulas import number_of
from dueregard.disclose.links import link_groups, link_periods, link_schools, link_stages
from dueregard.disclose.printed import link_printed
from dueregard.disclose.system import OPEN, System
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Coordinates, PooledFigure, Published


@dataclass(slots=True)
class Joined:
    """What was published, as one system. bands: what the files themselves say of each published
    unknown. over: the roll under each count. known: rolls that the attacker has from elsewhere.

    revised: counts of which two releases say things that cannot both be true: each is an unknown of its own.
    """

    system: System = field(default_factory=System)
    places: dict[Coordinates, int] = field(default_factory=dict)
    bands: dict[int, ShownCount] = field(default_factory=dict)
    over: dict[Coordinates, int] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    published: set[Coordinates] = field(default_factory=set)
    revised: list[Coordinates] = field(default_factory=list)

    def unknown(self, name: Coordinates) -> int:
        """The unknown of a count; a new one without limits where nothing was published about it."""
        if name not in self.places:
            self.places[name] = self.system.add_unknown(name)
        return self.places[name]

    def publish(self, name: Coordinates, count: ShownCount, why: str) -> None:
        """A file says between which limits a count lies."""
        most = OPEN if count.at_most is None else count.at_most
        at = self.unknown(name)
        if at in self.known:
            self.bands[at] = count
            return
        if count.at_least > self.system.at_most[at] or most < self.system.at_least[at]:
            self.revised.append(name)
            at = self.places[name] = self.system.add_unknown(name)
        self.system.narrow(at, count.at_least, most, why)
        self.bands[at] = _tighter(self.bands.get(at), count)


def _tighter(one: ShownCount | None, other: ShownCount) -> ShownCount:
    if one is None or (other.is_shown and not one.is_shown):
        return other
    return one


def joined(releases: Sequence[Published], *, rolls: Mapping[Coordinates, int] | None = None) -> Joined:
    """Everything that these releases say, of the same counts where they name the same: earlier ones first.

    rolls: true rolls that the attacker has from elsewhere; they stand in the place of what is shown of them.
    """
    made = Joined()
    for name, n in (rolls or {}).items():
        at = made.unknown(name)
        made.system.narrow(at, n, n, "a roll known from elsewhere")
        made.known.add(at)
    own = [_publish(made, published) for published in releases]
    made.published, latest = set(made.places), dict(made.places)
    for published, places in zip(releases, own, strict=True):
        # What this release said of a count, if it did; else what others say of it.
        made.places |= places
        _link(made, published)
        made.places |= latest
    link_schools(made.system, made.unknown, releases, list(made.places))
    link_periods(made.system, made.unknown, list(made.places))
    link_stages(made.system, made.unknown, list(made.places))
    return made


def shown_limits(releases: Sequence[Published]) -> Joined:
    """What these releases say of each count by itself, without what counts say of each other."""
    made = Joined()
    for published in releases:
        _publish(made, published)
    return made


def _publish(made: Joined, published: Published) -> dict[Coordinates, int]:
    """The numbers of one release as limits; and which unknown each count was when it came out."""
    for table in published.tables:
        for row in table.rows:
            made.publish(row.of, row.n, f"{published.release} / {table.id}: {named(row.of)}")
            if row.over is not None and row.denominator is not None:
                made.publish(row.over, row.denominator, f"{published.release} / {table.id}: {named(row.over)}")
                made.over[row.of] = made.places[row.over]
    return dict(made.places)


def _link(made: Joined, published: Published) -> None:
    """What one release says of several counts at once."""
    link_groups(made.system, made.unknown, published, made.published)
    link_printed(made.system, made.unknown, published.tables)
    for figure in published.pooled:
        _link_pooled(made, figure, f"{published.release}: {figure.id}")


def _link_pooled(made: Joined, figure: PooledFigure, why: str) -> None:
    """A Mantel-Haenszel ratio R: sum of a (N0 / T) = R x sum of b (N1 / T), over strata with counts a, b, rolls N1, N0, T = N1 + N0.

    With rolls between limits each factor has limits too, and as counts are not negative the two lines that follow are true.
    """
    read = number_of(figure.text)
    if read is None or figure.kind != "mantel_haenszel":
        return
    terms = [_stratum(made, group, comparison) for group, comparison in figure.ratio_of]
    if None in terms or not terms:
        return
    high, low = read[0] + read[1], read[0] - read[1]
    above, below = [], []
    for term in terms:
        (a, b), (w_low, w_high), (v_low, v_high) = term  # type: ignore[misc]
        below += [(a, w_low), (b, -high * v_high)]
        above += [(a, w_high), (b, -low * v_low)]
    made.system.add_line(below, -OPEN, 0.0, why)
    made.system.add_line(above, 0.0, OPEN, why)


def _stratum(made: Joined, group: Coordinates, comparison: Coordinates):  # type: ignore[no-untyped-def]
    """The two counts of a stratum, and the limits of their factors N0 / T and N1 / T."""
    rolls = [made.over.get(group), made.over.get(comparison)]
    if None in rolls:
        return None
    (n1_low, n1_high), (n0_low, n0_high) = (
        (max(made.system.at_least[i], 0.5), made.system.at_most[i]) for i in rolls if i is not None
    )
    if OPEN in (n1_high, n0_high):
        return None
    w = (n0_low / (n0_low + n1_high), n0_high / (n0_high + n1_low))
    v = (n1_low / (n1_low + n0_high), n1_high / (n1_high + n0_low))
    return (made.unknown(group), made.unknown(comparison)), w, v


def named(name: Coordinates) -> str:
    """A count in words: its stage and unit, then what it is split by.

    >>> named((("ethnicity", "B"), ("period", "2023/24"), ("stage", "arrested"), ("unit", "pupils")))
    'arrested, pupils (ethnicity B, period 2023/24)'
    """
    told = dict(name)
    rest = ", ".join(f"{column} {value}" for column, value in name if column not in ("stage", "unit"))
    return f"{told.get('stage', '')}, {told.get('unit', '')} ({rest})"
