"""The moves of a release as one table. From it come the rule, the letters of refusal and the diagram in the docs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dueregard.evidence.ledger import State


class Who(StrEnum):
    """Who may make a move?"""

    ANYBODY = "anybody"
    AUTHOR = "an author"
    OTHER = "anybody but the authors"
    SECOND_OTHER = "anybody but the authors and the first reviewer"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move. before: None where the release does not exist yet. by: who may.

    is_new_content: it brings bytes, and every approval of the former bytes falls. needs_reason: it says why.
    """

    name: str
    before: State | None
    after: State
    by: Who
    says: str
    is_new_content: bool = False
    needs_reason: bool = False


OPEN = (State.DRAFT, State.SUBMITTED, State.FIRST_REVIEW, State.SECOND_REVIEW)
IN_REVIEW = (State.SUBMITTED, State.FIRST_REVIEW, State.SECOND_REVIEW)

MOVES: tuple[Move, ...] = (
    Move("draft", None, State.DRAFT, Who.ANYBODY, "makes it", is_new_content=True),
    *(Move("revise", state, State.DRAFT, Who.ANYBODY, "makes it anew and becomes an author; approvals fall",
           is_new_content=True) for state in OPEN),
    Move("submit", State.DRAFT, State.SUBMITTED, Who.AUTHOR, "asks for review"),
    Move("approve", State.SUBMITTED, State.FIRST_REVIEW, Who.OTHER, "is the first to approve these bytes"),
    Move("approve", State.FIRST_REVIEW, State.SECOND_REVIEW, Who.SECOND_OTHER, "is the second to approve these bytes"),
    Move("release", State.SECOND_REVIEW, State.RELEASED, Who.ANYBODY,
         "follows the second approval by itself, if the attacker still finds nothing"),
    *(Move("reject", state, State.DRAFT, Who.OTHER, "sends it back; approvals fall", needs_reason=True)
      for state in IN_REVIEW),
    *(Move("withdraw", state, State.WITHDRAWN, Who.AUTHOR, "gives it up", needs_reason=True) for state in OPEN),
    *(Move("withdraw", state, State.WITHDRAWN, Who.ANYBODY, "takes it back; nothing takes its place", needs_reason=True)
      for state in (State.RELEASED, State.CORRECTED)),
    Move("correct", State.RELEASED, State.CORRECTED, Who.ANYBODY, "says that a corrected version takes its place",
         needs_reason=True),
)  # fmt: skip
NAMES = tuple(dict.fromkeys(move.name for move in MOVES))


def moves_from(state: State | None) -> tuple[Move, ...]:
    """Which moves are there from this state?

    >>> [move.name for move in moves_from(State.RELEASED)], moves_from(State.WITHDRAWN)
    (['withdraw', 'correct'], ())
    """
    return tuple(move for move in MOVES if move.before == state)


def diagram() -> str:
    """The moves as a drawing in Mermaid, for the documentation."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {_node(m.before)} --> {_node(m.after)}: {m.name} ({m.by})" for m in MOVES]
    lines += [f"    {state} --> [*]" for state in State if not moves_from(state)]
    return "\n".join(lines)


def _node(state: State | None) -> str:
    return "[*]" if state is None else str(state)
