"""The truths that trials set: as it comes, with every factor of a group 1, and without pupils who come back."""

from __future__ import annotations

from dataclasses import replace

from dueregard.synth.truth import Truth

NO_REPEATS = 1e6  # shape of the pupils' own factor: so large that every pupil's is 1


def as_it_comes() -> Truth:
    return Truth()


def neutral() -> Truth:
    """Every ethnicity alike within a school: in contact, and at every gate after it.

    >>> set(neutral().relative_rates("charged").values())
    {1.0}
    """
    truth = Truth()
    return replace(
        truth,
        by_ethnicity=dict.fromkeys(truth.by_ethnicity, 1.0),
        gates=tuple(replace(gate, by_group={}) for gate in truth.gates),
    )


def without_repeats() -> Truth:
    return replace(Truth(), pupil_shape=NO_REPEATS)
