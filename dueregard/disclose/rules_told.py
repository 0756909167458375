"""Rules told: what the printed rules themselves say of a count, beside its sign. A reader has read them."""

from __future__ import annotations

from dueregard.disclose.build import Joined
from dueregard.disclose.links import has_roll
from dueregard.disclose.policy import Policy
from dueregard.disclose.system import OPEN
from dueregard.evidence.published import ROLL, roll_under
from dueregard.terms.missing import CellState


def link_rules(made: Joined, policy: Policy) -> None:
    """A count of pupils that is low is less than half of its roll, and one that is hidden by itself is half of it or more.

    Assumed: the rule rests on the roll of the snapshot, which may be another than that of the release before it. Of a roll so
    small that every count of it is hidden, the sign says nothing; and nothing of a count that is hidden for the sake of others.
    """
    system = made.system
    for at, band in made.bands.items():
        name = system.names[at]
        told = dict(name)
        roll = made.places.get(roll_under(name)) if has_roll(name) else None
        if roll is None or told["unit"] != "pupils" or told["stage"] == ROLL:
            continue
        terms = [(at, 2.0), (roll, -1.0)]
        if band.state is CellState.LOW and system.at_most[roll] >= policy.roll_at_least:
            system.add_line(terms, -OPEN, -1, "less than half of its roll", is_assumed=True)
        elif band.state is CellState.HIDDEN_FIRST and system.at_least[roll] >= policy.least_roll_of_half:
            system.add_line(terms, 0, OPEN, "half of its roll or more", is_assumed=True)
