"""Attack: what would a patient reader learn of the small counts from everything that was published?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dueregard.disclose.bounds import Bounds, bounds_of
from dueregard.disclose.build import Joined, joined, named
from dueregard.disclose.link_pooled import is_helper
from dueregard.disclose.links import has_roll
from dueregard.disclose.policy import Policy
from dueregard.disclose.revised import joined_apart
from dueregard.disclose.rules_told import link_rules
from dueregard.disclose.solver import HIGHEST, LOWEST, NothingFits, Solver
from dueregard.disclose.system import OPEN, components
from dueregard.disclose.witnesses import Witnesses
from dueregard.evidence.published import ROLL, Coordinates, Published, roll_under
from dueregard.terms.missing import CellState
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

N_NARROWEST = 10
MOST_EXPLAINED = 12  # counts of which it is said by which figures: where there are hundreds, all is shown anyway
DAYS = {"pupil_years": SCHOOL_DAYS_A_YEAR, "officer_present_pupil_days": SCHOOL_DAYS_A_YEAR,
        "officer_fte_pupil_days": SCHOOL_DAYS_A_YEAR * 100}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One count that could be small, and between which limits the attacker puts it.

    need: how far apart they must at least be: the policy's least width, or what its roll allows. because: the figures
    that give it away, told of the first twelve. whole_group: they say of nearly a whole group that it happened to them.
    """

    of: Coordinates
    at_least: int
    at_most: int | None
    need: int
    because: tuple[str, ...] = ()
    whole_group: bool = False

    @property
    def width(self) -> float:
        return OPEN if self.at_most is None else self.at_most - self.at_least


@dataclass(frozen=True, slots=True)
class Attack:
    """What an attacker finds. narrowed: counts that are given away; empty: none. narrowest: the ten nearest to it.

    n_counts: counts that the releases speak of; n_sensitive: those of them that could be small. revised: counts that two
    releases give differently.
    """

    releases: tuple[str, ...]
    policy: str
    n_counts: int
    n_sensitive: int
    narrowed: tuple[Narrowed, ...]
    narrowest: tuple[Narrowed, ...]
    revised: tuple[Coordinates, ...]
    n_programs: int

    @property
    def is_safe(self) -> bool:
        return not self.narrowed


def attack(
    releases: Sequence[Published], policy: Policy, *, rolls: Mapping[Coordinates, int] | None = None, is_exact: bool = True,
    with_reasons: bool = True, since: int = 0, only: Collection[Coordinates] | None = None, seconds: float = 60.0,
    witnesses: Witnesses | None = None,
) -> Attack:  # fmt: skip
    """Which small counts do these releases give away, read together, earlier ones first?

    It reads only what is published. rolls: true rolls that the attacker knows besides, by coordinates of the roll.
    A count that could be small fails where its limits are nearer than the policy's least width, beyond what its roll alone
    says; where a shown number or a proof says of nearly a whole group that it happened to it; and where a hidden roll is
    narrowed so. Counts that releases give differently are taken for revised, each for itself.
    is_exact False: only whether anything fails, and not how wide the safe ones are. with_reasons False: not by which figures.
    since: the releases before this place were attacked together already, and only what later ones can touch is asked again.
    only: these counts alone are asked, where all others are known to be safe: a release from which tables were taken away.
    witnesses: what other attacks found of the same counts; it makes the answer quicker, and no other.
    Raises SolverStopped where a program takes longer than `seconds`.
    """
    made = joined(releases, rolls=rolls or {}, rule=policy.pooled)
    asked = _Asked(policy, since, only, is_exact, with_reasons, seconds)
    try:
        return _attacked(made, releases, asked, witnesses)
    except NothingFits:
        if len(releases) == 1:
            raise NothingFits(
                f"The figures of {releases[0].release} contradict each other: no counts give all of them.",
                try_this="make the release again from its snapshot.",
            ) from None
    alone = [attack([one], policy, rolls=rolls, is_exact=is_exact, with_reasons=with_reasons, only=only, seconds=seconds)
             for one in releases[since:]]  # fmt: skip
    try:
        apart = joined_apart(releases, rolls=rolls, rule=policy.pooled, seconds=seconds)
        together = [_attacked(apart, releases, asked, witnesses)]
    except NothingFits:
        together = []  # not even so: each release by itself is all that can be asked
    return _merged(releases, together, alone)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the attacker, and how thoroughly."""

    policy: Policy
    since: int
    only: Collection[Coordinates] | None
    is_exact: bool
    with_reasons: bool
    seconds: float


def _attacked(made: Joined, releases: Sequence[Published], asked: _Asked, witnesses: Witnesses | None) -> Attack:
    """The attack on one system. Raises NothingFits where its figures cannot all be true."""
    policy, only, seconds = asked.policy, asked.only, asked.seconds
    assume(made, policy)
    wanted, need = needs_of(made, policy)
    if asked.since:
        wanted &= _touched(made, releases[asked.since :])
    if only is not None:
        wanted &= _among(made, only)
    found = bounds_of(made.system, wanted, need, is_exact=asked.is_exact, seconds=seconds, witnesses=witnesses)
    failing = [int(i) for i in np.flatnonzero(wanted) if _fails(made, policy, found, need, int(i))]
    told = [*failing, *(i for i in _told_groups(made, policy, found) if i not in set(failing))]
    if only is not None:
        told = [at for at in told if made.system.names[at] in only]
    explained = MOST_EXPLAINED if asked.with_reasons else 0
    narrowed = [
        _narrowed(made, policy, found, need, at, seconds if n < explained else 0.0) for n, at in enumerate(told)
    ]
    return Attack(
        releases=tuple(published.release for published in releases),
        policy=policy.name,
        n_counts=len(made.bands),
        n_sensitive=sum(bool(wanted[at]) for at in made.bands),
        narrowed=tuple(narrowed),
        narrowest=_narrowest(made, policy, found, wanted, need),
        revised=tuple(dict.fromkeys(made.revised)),
        n_programs=found.n_programs,
    )


def _merged(releases: Sequence[Published], together: list[Attack], alone: list[Attack]) -> Attack:
    """What is found where figures cannot all be true: of the releases together, with the fewest apart, and of each alone.

    Where nothing can be read together, every count is called revised.
    """
    found = [*together, *alone]
    everything = {name for published in releases for name in names_of(published)}
    narrowed = {one.of: one for attack in reversed(found) for one in attack.narrowed}
    narrowest = {(one.of, one.at_least, one.at_most): one for attack in found for one in attack.narrowest}
    return Attack(
        releases=tuple(published.release for published in releases),
        policy=found[0].policy,
        n_counts=max(one.n_counts for one in together) if together else sum(one.n_counts for one in alone),
        n_sensitive=max(one.n_sensitive for one in together) if together else sum(one.n_sensitive for one in alone),
        narrowed=tuple(narrowed.values()),
        narrowest=tuple(sorted(narrowest.values(), key=_nearness))[:N_NARROWEST],
        revised=tuple(together[0].revised) if together else tuple(sorted(everything)),
        n_programs=sum(one.n_programs for one in found),
    )


def assume(made: Joined, policy: Policy) -> None:
    """Add what a reader takes for true of rolls and of the printed rules, and gives up where it cannot be."""
    system = made.system
    if policy.is_protected:
        link_rules(made, policy)
    for at, name in enumerate(system.names):
        if is_helper(name):
            continue
        if dict(name)["stage"] == ROLL:
            if _is_hidden_roll(made, at):  # else it is shown, but where somebody was counted of a roll of nobody
                system.add_line([(at, 1.0)], 1, OPEN, "a roll of somebody", is_assumed=True)
        elif (roll := _roll_alone(made, name)) < system.at_most[at]:
            system.add_line([(at, 1.0)], -OPEN, roll, "its roll", is_assumed=True)


def needs_of(made: Joined, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """Which unknowns could be small, and how far apart must their limits stay? A truth value and a number for each unknown."""
    system = made.system
    wanted, need = np.zeros(len(system.names), dtype=bool), np.zeros(len(system.names))
    for at, name in enumerate(system.names):
        told = dict(name)
        if is_helper(name):
            continue
        if told["stage"] == ROLL:
            wanted[at] = _is_hidden_roll(made, at)
            need[at] = min(policy.least_width, policy.roll_at_least - 2) * DAYS.get(told["unit"], 1)
            continue
        wanted[at] = system.at_least[at] <= policy.sensitive_to
        need[at] = min(policy.least_width, _roll_alone(made, name))
    return wanted, need


def _among(made: Joined, only: Collection[Coordinates]) -> np.ndarray:
    return np.array([name in only for name in made.system.names], dtype=bool)


def _touched(made: Joined, new: Sequence[Published]) -> np.ndarray:
    """The unknowns that have something to do with a count of these releases."""
    own = {made.places[name] for published in new for name in names_of(published)}
    touched = np.zeros(len(made.system.names), dtype=bool)
    touched[list(own)] = True
    for unknowns, _ in components(made.system):
        if own & set(unknowns):
            touched[unknowns] = True
    return touched


def names_of(published: Published) -> Iterator[Coordinates]:
    """Every count and denominator that a release gives."""
    for table in published.tables:
        for row in table.rows:
            yield row.of
            if row.over is not None and row.denominator is not None:
                yield row.over


def _is_hidden_roll(made: Joined, at: int) -> bool:
    band = made.bands.get(at)
    is_hidden = band is not None and band.state is CellState.HIDDEN_FIRST and band.at_most is not None
    return is_hidden and at not in made.known


def _roll_alone(made: Joined, name: Coordinates) -> float:
    """The most that a count can be by its roll alone. Nobody on roll: nothing of any unit."""
    at = made.places.get(roll_under(name)) if has_roll(name) else None
    most = OPEN if at is None else made.system.at_most[at]
    return most if dict(name)["unit"] == "pupils" or most == 0 else OPEN


def _fails(made: Joined, policy: Policy, found: Bounds, need: np.ndarray, at: int) -> bool:
    """Is it narrower than it must be, and could it be small?"""
    if dict(made.system.names[at])["stage"] == ROLL:
        return bool(found.at_most[at] - found.at_least[at] < need[at])
    could_be_small = found.at_least[at] <= policy.sensitive_to
    return bool(could_be_small and found.at_most[at] - found.at_least[at] < need[at])


def _told_groups(made: Joined, policy: Policy, found: Bounds) -> list[int]:
    """Counts of pupils that are proven to be nearly their whole roll."""
    told = []
    for name, at in made.places.items():
        if dict(name)["unit"] != "pupils" or dict(name)["stage"] == ROLL:
            continue
        roll = made.places.get(roll_under(name)) if has_roll(name) else None
        if roll is not None and 0 < policy.all_share * found.at_most[roll] <= found.at_least[at]:
            told.append(at)
    return told


def _narrowed(made: Joined, policy: Policy, found: Bounds, need: np.ndarray, at: int, seconds: float) -> Narrowed:
    is_told = not _fails(made, policy, found, need, at)
    return Narrowed(
        of=made.system.names[at],
        at_least=int(found.at_least[at]),
        at_most=_end(found.at_most[at]),
        need=int(need[at]),
        because=reasons(made, at, seconds) if seconds else (),
        whole_group=is_told,
    )


def _end(most: float) -> int | None:
    return None if np.isinf(most) else int(most)


def _nearness(one: Narrowed) -> tuple[float, float, Coordinates]:
    return one.width - one.need, one.width, one.of


def _narrowest(
    made: Joined, policy: Policy, found: Bounds, wanted: np.ndarray, need: np.ndarray
) -> tuple[Narrowed, ...]:
    """The counts nearest to being given away: of those that could be small, whose exact bounds are known."""
    open_ones = [
        Narrowed(made.system.names[i], int(found.at_least[i]), _end(found.at_most[i]), int(need[i]))
        for i in np.flatnonzero(wanted & ~found.is_wide & (need > 0) & (found.at_least <= policy.sensitive_to))
        if dict(made.system.names[i])["stage"] != ROLL
    ]
    return tuple(sorted(open_ones, key=_nearness)[:N_NARROWEST])


def reasons(made: Joined, at: int, seconds: float, *, most: int = 6) -> tuple[str, ...]:
    """Which published figures give a count away? Those whose limits hold its bounds where they are, the strongest first."""
    own = made.system.shown[at]
    weights: dict[str, float] = {}
    for unknowns, lines in components(made.system):
        if at not in unknowns:
            continue
        solver = Solver(made.system, unknowns, lines, seconds=seconds)
        place = unknowns.index(at)
        for sign in (LOWEST, HIGHEST):
            duals = np.abs(solver.extreme({place: float(sign)}).duals)
            for other in np.flatnonzero(duals > 1e-7):
                for why in made.system.shown[unknowns[other]][-1:]:
                    weights[why] = max(weights.get(why, 0), float(duals[other]))
    ordered = sorted(weights, key=lambda why: (-weights[why], why))
    return tuple(dict.fromkeys([*ordered, *own[-1:]]))[:most] or (named(made.system.names[at]),)
