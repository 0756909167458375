"""The gates of the ladder, as inert questions: who stands there, and which of two ways they go.

At a gate somebody decides. Each is asked crude and within contacts for the same behaviour and level of harm, so that
like is compared with like.
"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.measures.measure import Measure
from dueregard.terms.stages import stage

SAME_ACT = ("behaviour", "harm_level")
SANCTIONED = "sanctioned"  # the school's own answer, which stands beside a contact for the same act


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: of those at `at`, which share takes the way `stage`? is_milder: that way leads away from court.

    question: as a reader would ask it.
    """

    name: str
    title: str
    question: str
    stage: str
    at: str
    is_milder: bool

    def measure(self, *, by: tuple[str, ...], where: tuple[tuple[str, tuple[str, ...]], ...] = (),
                period: str | None = None) -> Measure:  # fmt: skip
        """Involvements that take this way, of those at the gate, crude and within the same act."""
        within = tuple(name for name in SAME_ACT if name not in by)
        return Measure(self.stage, "involvements", self.at, by, within, where, period)


GATES: tuple[Gate, ...] = (
    Gate("could_be_kept", "Could the school have kept it",
         "Of the contacts of which it is told, how many could the school have kept under the schools protocol?",
         "protocol_could_apply", "protocol_told", True),
    Gate("kept", "Did the school keep it", "Of the contacts that the school could have kept, how many did it keep?",
         "kept_by_school", "protocol_could_apply", True),
    Gate("arrest", "Interview or arrest", "Of those who were interviewed or arrested, how many were arrested?",
         "arrested", "interviewed_or_arrested", False),
    Gate("community_resolution", "Community resolution rather than charge",
         "Of those charged, resolved in the community or diverted, how many got a community resolution (outcome 8)?",
         "community_resolution", "charged_or_turned_away", True),
    Gate("diversion", "Diversion rather than charge",
         "Of those charged, resolved in the community or diverted, how many were diverted (outcome 22)?",
         "diversion", "charged_or_turned_away", True),
    Gate("charge", "Charge", "Of those charged, resolved in the community or diverted, how many were charged?",
         "charged", "charged_or_turned_away", False),
)  # fmt: skip


def gate(name: str) -> Gate:
    """One gate by its name."""
    return next(one for one in GATES if one.name == name)


def act_measures(behaviour: str, *, by: tuple[str, ...], period: str | None = None) -> tuple[Measure, Measure]:
    """For one act: contacts with an officer, and the school's own sanctions; both over the same roll.

    >>> [m.stage for m in act_measures("PP", by=("ethnicity",))]
    ['contact', 'sanctioned']
    """
    where = (("behaviour", (behaviour,)),)
    return (
        Measure("contact", "involvements", "pupils_on_roll", by, (), where, period),
        Measure(SANCTIONED, "events", "pupils_on_roll", by, (), where, period),
    )


def at_words(one: Gate) -> str:
    """Who stands at this gate? After "involvements of pupils who"."""
    return stage(one.at).did
