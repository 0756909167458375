"""Revised: which counts did releases give differently, where no two numbers of one count say so themselves?

A return that came late moves many figures. The fewest of them stand apart, and all else is still read together: one figure
that was revised must not blind the attacker to every other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dueregard.disclose.build import FLOOR, Joined, joined
from dueregard.disclose.policy import PooledRule
from dueregard.disclose.solver import NothingFits, Solver
from dueregard.disclose.system import OPEN, Line, System, components
from dueregard.evidence.published import Coordinates, Published


def joined_apart(
    releases: Sequence[Published], *, rolls: Mapping[Coordinates, int] | None = None, rule: PooledRule = FLOOR,
    seconds: float = 60.0,
) -> Joined:  # fmt: skip
    """Everything that these releases say, with the fewest of their figures standing apart, so that the others can all be true.

    Raises NothingFits where that cannot help: one release alone contradicts itself.
    """
    made = joined(releases, rolls=rolls, rule=rule)
    return joined(releases, rolls=rolls, rule=rule, apart=_in_the_way(made, seconds))


def joined_that_fits(releases: Sequence[Published], *, rule: PooledRule = FLOOR, seconds: float = 60.0) -> Joined:
    """Everything that these releases say; with figures apart only where they cannot all be true."""
    made = joined(releases, rule=rule)
    if len(releases) > 1 and any(not _fits(made.system, part, seconds) for part in components(made.system)):
        return joined_apart(releases, rule=rule, seconds=seconds)
    return made


def _fits(system: System, part: tuple[list[int], list[int]], seconds: float) -> bool:
    try:
        Solver(system, *part, seconds=seconds)
    except NothingFits:
        return False
    return True


def _in_the_way(made: Joined, seconds: float) -> frozenset[Coordinates]:
    """The published counts whose limits must give way, in each part that has no answer: as few, and by as little, as can be."""
    loose = _with_limits_as_lines(made)
    own = {id(line): line.unknowns[0] for line in loose.lines[len(made.system.lines) :]}
    broken: set[int] = set()
    for part in components(loose):
        if not _fits(made.system, _same_part(made, part), seconds):
            given_up = Solver(loose, *part, seconds=seconds).given_up
            broken |= {own[id(line)] for line in given_up if id(line) in own}
    if not broken:
        raise NothingFits("No counts agree with everything that was published.")
    return frozenset(made.system.names[at] for at in broken)


def _with_limits_as_lines(made: Joined) -> System:
    """The same system, in which the limits that a file gives are taken for true, and given up where they cannot be."""
    system = made.system
    published = [at for at in made.bands if at not in made.known]
    limits = [
        Line((at,), (1.0,), system.at_least[at], system.at_most[at], "its figure", is_assumed=True) for at in published
    ]
    shown = set(published)
    return replace(
        system,
        at_least=[0.0 if at in shown else least for at, least in enumerate(system.at_least)],
        at_most=[OPEN if at in shown else most for at, most in enumerate(system.at_most)],
        lines=[*system.lines, *limits],
    )


def _same_part(made: Joined, part: tuple[list[int], list[int]]) -> tuple[list[int], list[int]]:
    """Without the lines that are limits."""
    unknowns, lines = part
    return unknowns, [n for n in lines if n < len(made.system.lines)]
