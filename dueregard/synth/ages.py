"""In which academic year and year group, and how old, was each involved pupil?"""

from __future__ import annotations

import numpy as np

from dueregard.synth.events import Happened
from dueregard.synth.world import World


def years(world: World, seen: Happened) -> np.ndarray:
    """The academic year of each contact; 0 is the first. Shape (n_contacts,)."""
    return np.array([term.year for term in world.days.terms])[seen.term]


def year_groups(world: World, seen: Happened) -> np.ndarray:
    """The year group of each involved pupil; 0 is Reception. Shape (n_involvements,)."""
    return world.pupils.first_group[seen.pupil] + years(world, seen)[seen.contact]


def ages(world: World, seen: Happened) -> np.ndarray:
    """Age on the day of the contact: one more than on 31 August once the birthday has passed. Shape (n_involvements,)."""
    starts = np.array([world.days.number(world.days.first.replace(year=year)) for year in world.shape.years])
    since = seen.day[seen.contact] - starts[years(world, seen)[seen.contact]]
    return year_groups(world, seen) + 4 + (since >= world.pupils.birthday[seen.pupil])


def is_of_age(world: World, seen: Happened) -> np.ndarray:
    """May the involvement go beyond the record of a suspect? From the year group that is set. Shape (n_involvements,).

    Ten is the age of criminal responsibility in England and Wales (Children and Young Persons Act 1933, section 50), and
    from year 6 on all are ten on every day. In year 5 some are; none goes further here, so that what is expected is exact.
    """
    return year_groups(world, seen) >= world.truth.responsible_from
