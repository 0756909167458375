"""Who reached a stage, and who could have: one line of a cross-table in which each unit stands once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Profile:
    """n units share these codes. has_reached: they reached the stage; the others of the base did not.

    The base of a question is the stage that it is taken of, else all contacts. Of pupils each stands once, with the
    codes of the latest row of the base (of two on one day, the one with the later reference), and has reached the
    stage if any row has. codes: one for each column that was asked for.
    """

    period: str
    codes: tuple[str, ...]
    has_reached: bool
    n: int
