"""Build: the system of an attacker from the figures of one release and of all before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dueregard.disclose.link_pooled import link_pooled
from dueregard.disclose.links import link_groups, link_periods, link_schools, link_stages
from dueregard.disclose.policy import PooledRule
from dueregard.disclose.printed import link_printed
from dueregard.disclose.system import OPEN, System
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Coordinates, Published, spelt

FLOOR = PooledRule()  # no policy lets out more


@dataclass(slots=True)
class Joined:
    """What was published, as one system. bands: what the files themselves say of each published
    unknown. known: rolls that the attacker has from elsewhere.

    revised: counts of which two releases say things that cannot both be true: each is an unknown of its own. apart: counts
    whose figures each stand for themselves; what others say of such a count is said of one more unknown.
    """

    system: System = field(default_factory=System)
    places: dict[Coordinates, int] = field(default_factory=dict)
    bands: dict[int, ShownCount] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    revised: list[Coordinates] = field(default_factory=list)
    apart: frozenset[Coordinates] = frozenset()

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
        if name in self.apart:
            self.revised.append(name)
            at = self.system.add_unknown(name)
        elif count.at_least > self.system.at_most[at] or most < self.system.at_least[at]:
            self.revised.append(name)
            at = self.places[name] = self.system.add_unknown(name)
        self.system.narrow(at, count.at_least, most, why)
        self.bands[at] = _tighter(self.bands.get(at), count)


def _tighter(one: ShownCount | None, other: ShownCount) -> ShownCount:
    if one is None or (other.is_shown and not one.is_shown):
        return other
    return one


def joined(
    releases: Sequence[Published], *, rolls: Mapping[Coordinates, int] | None = None, rule: PooledRule = FLOOR,
    apart: Collection[Coordinates] = (),
) -> Joined:  # fmt: skip
    """Everything that these releases say, of the same counts where they name the same: earlier ones first.

    rolls: true rolls that the attacker has from elsewhere; they stand in the place of what is shown of them. rule: by which
    pooled figures were let out. apart: counts that releases cannot mean alike.
    """
    made = Joined(apart=frozenset(apart))
    for name, n in (rolls or {}).items():
        at = made.unknown(name)
        made.system.narrow(at, n, n, "a roll known from elsewhere")
        made.known.add(at)
    own = [_publish(made, published) for published in releases]
    latest = dict(made.places)
    for published, places in zip(releases, own, strict=True):
        # What this release said of a count, if it did; else what others say of it.
        made.places |= places
        _link(made, published, rule)
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
    return dict(made.places)


def _link(made: Joined, published: Published, rule: PooledRule) -> None:
    """What one release says of several counts at once."""
    link_groups(made.system, made.unknown, published)
    link_printed(made.system, made.unknown, published.tables)
    link_pooled(made.system, made.unknown, published.pooled, rule, published.release)


def named(name: Coordinates) -> str:
    """A count in words: its stage and unit, then what it is split by.

    >>> named((("ethnicity", "B"), ("period", "2023/24"), ("stage", "arrested"), ("unit", "pupils")))
    'arrested, pupils (ethnicity B, period 2023/24)'
    """
    told = dict(name)
    rest = spelt(tuple(pair for pair in name if pair[0] not in ("stage", "unit")))
    return f"{told.get('stage', '')}, {told.get('unit', '')} ({rest})"
