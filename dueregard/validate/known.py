"""Which methods are on trial? The one list that a new trial joins."""

from __future__ import annotations

from functools import cache

from dueregard.validate import dirt, forces, one_group, repeats, standardised, two_groups, verdicts, within
from dueregard.validate.trial import Declared

# A module of trials: a function `trials()` that returns them.
MODULES = (one_group, two_groups, within, standardised, repeats, verdicts, forces, dirt)


@cache
def known() -> dict[str, Declared]:
    """Every trial by its name, in the order in which they are told.

    Raises ValueError where two have one name: their draws would be the same.
    """
    found: dict[str, Declared] = {}
    for module in MODULES:
        for trial in module.trials():
            if trial.name in found:
                raise ValueError(f"Two trials are named {trial.name}.")
            found[trial.name] = trial
    return found
