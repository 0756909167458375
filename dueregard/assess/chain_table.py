"""The cells of a chain as arrays: two groups, schools by states of posting, each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.assess.groups import Codes
from dueregard.evidence.chain import Chain
from dueregard.stats.decompose import ChainCounts
from dueregard.stats.intervals import Floats


@dataclass(frozen=True, slots=True)
class ChainTable:
    """counts: group 0 is the comparison group. moved: involvements of both that were counted in their school's other state."""

    counts: ChainCounts
    schools: tuple[str, ...]
    moved: int
    astray: int


def chain_table(chain: Chain, group: Codes, comparison: Codes) -> ChainTable:
    """The two groups' exposure and steps. Exposure in counted integers; every school of the figure is a cluster.

    An involvement where its group has no exposure (on a day that is no school day, or of a group of which nobody is on
    the roll) has no rate of its own: it is counted in the state of the same school in which the group has most
    exposure (moved); if there is none it stays in the totals and enters no cell's rate (astray).
    """
    schools = tuple(sorted({c.school for c in chain.cells}))
    states = tuple(sorted({c.officer for c in chain.cells}))
    row, column = ({name: k for k, name in enumerate(names)} for names in (schools, states))
    exposure = np.zeros((len(schools), len(states), 2))
    reached = np.zeros((len(chain.steps), *exposure.shape))
    for cell in chain.cells:
        if cell.codes in (group, comparison):
            at = (row[cell.school], column[cell.officer], 1 if cell.codes == group else 0)
            exposure[at] = cell.exposure
            reached[(slice(None), *at)] = cell.reached
    settled, moved, astray = _settled(exposure, reached)
    return ChainTable(ChainCounts(exposure, settled, has_sorting=not chain.is_counted), schools, moved, astray)


def _settled(exposure: Floats, reached: Floats) -> tuple[Floats, int, int]:
    """Counts moved to where their group has exposure: within the school, else to its most common state."""
    found = reached.copy()
    moved = astray = 0
    for s, z, g in zip(*np.nonzero((exposure == 0) & (reached[0] > 0)), strict=True):
        n = int(reached[0, s, z, g])
        here, whole = exposure[s, :, g], exposure[:, :, g].sum(axis=0)
        to = int(np.argmax(here if here.any() else whole))
        moved, astray = (moved + n, astray) if here.any() else (moved, astray + n)
        if to != z and (here.any() or whole[z] == 0):
            found[:, s, to, g] += reached[:, s, z, g]
            found[:, s, z, g] -= reached[:, s, z, g]
    return found, moved, astray
