"""May this person make this move, and what is the release then? Pure: a record and an event in, a record out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from dueregard.errors import ReleaseRefused, UnknownName
from dueregard.evidence.ledger import Approval, Content, Event, Record, State
from dueregard.release.moves import NAMES, Move, Who, moves_from
from dueregard.release.people import person, same_person


def content_hash(files: Iterable[tuple[str, str]]) -> str:
    """Which one hash stands for all files of a release? files: (name, SHA-256 of its bytes), in any order.

    >>> content_hash([("a", "00"), ("b", "11")]) == content_hash([("b", "11"), ("a", "00")])
    True
    """
    return hashlib.sha256(json.dumps(sorted(files), ensure_ascii=False).encode()).hexdigest()


def check_move(record: Record | None, event: Event) -> Move:
    """Is this move allowed? Gives the move; raises ReleaseRefused or UnknownName and says which moves are.

    An approval counts for the bytes that the person had before them: other bytes are refused.
    """
    if event.move not in NAMES:
        raise UnknownName("move", event.move, NAMES)
    move = _move(record, event)
    if move.is_new_content:
        _check_new_content(record, event)
    elif record is None or event.sha256 != record.sha256 or event.content is not None:
        held = "none" if record is None else record.sha256
        raise ReleaseRefused(
            f"The bytes of {event.release} are not those of this {event.move}: the ledger holds {held}, and this is of {event.sha256}.",
            try_this=f"`dueregard release export {event.release} --ledger DIR --out DIR`, and look at it again, as it is now.",
        )
    _check_person(record, event, move)
    if move.needs_reason and not event.because.strip():
        raise ReleaseRefused(f"To {event.move} a release, say why.", try_this="`--because 'the reason'`.")
    if event.move == "release":
        _check_approved(record)
    return move


def can_move(record: Record | None, event: Event) -> bool:
    """Is this move allowed? Asks `check_move`."""
    try:
        check_move(record, event)
    except (ReleaseRefused, UnknownName):
        return False
    return True


def after(record: Record | None, event: Event, *, at: int = 0) -> Record:
    """The release after an event. at: the place of the entry in the ledger. Raises as `check_move`."""
    move = check_move(record, event)
    if move.is_new_content:
        assert event.content is not None
        former = record or Record(event.release, State.DRAFT, event.content, event.sha256, ())
        authors = former.authors if _is_among(event.by, former.authors) else (*former.authors, event.by)
        record = replace(former, content=event.content, sha256=event.sha256, authors=authors, approvals=())
    assert record is not None
    approvals = record.approvals if move.after not in (State.DRAFT, State.SUBMITTED) else ()
    if event.move == "approve":
        approvals = (*approvals, Approval(event.by, event.at, event.sha256))
    return replace(
        record, state=move.after, approvals=approvals, entries=(*record.entries, at), because=event.because,
        was_released=record.was_released or move.after is State.RELEASED,
    )  # fmt: skip


def _move(record: Record | None, event: Event) -> Move:
    state = None if record is None else record.state
    found = moves_from(state)
    move = next((m for m in found if m.name == event.move), None)
    if move is None:
        is_now = "does not exist" if state is None else f"is {state.replace('_', ' ')}"
        could = ", ".join(dict.fromkeys(m.name for m in found)) or "nothing: this is its end"
        raise ReleaseRefused(f"{event.release} {is_now}, so nobody can {event.move} it.", try_this=f"{could}.")
    return move


def _check_new_content(record: Record | None, event: Event) -> None:
    if event.content is None or event.sha256 != content_hash(event.content.files):
        raise ReleaseRefused(f"The hash of {event.release} is not that of its files.", try_this="make it again.")
    if record is not None and event.sha256 == record.sha256:
        raise ReleaseRefused(f"{event.release} has these very bytes already.", try_this="go on with it as it is.")


def _check_person(record: Record | None, event: Event, move: Move) -> None:
    if event.by != person(event.by):
        raise ReleaseRefused("The name of the person is not as it is written down.", try_this="one plain name.")
    authors = () if record is None else record.authors
    is_author = _is_among(event.by, authors)
    if move.by is Who.AUTHOR and not is_author:
        raise ReleaseRefused(f"{event.by} is not an author of {event.release}: only {_listed(authors)} can {move.name} it.",
                             try_this="`--by` one of them, or `reject` it.")  # fmt: skip
    if move.by in (Who.OTHER, Who.SECOND_OTHER) and is_author:
        raise ReleaseRefused(f"{event.by} is an author of {event.release}, and nobody reviews their own work.",
                             try_this="ask somebody else; two other people are needed.")  # fmt: skip
    reviewers = () if record is None else tuple(approval.by for approval in record.approvals)
    if move.by is Who.SECOND_OTHER and _is_among(event.by, reviewers):
        raise ReleaseRefused(f"{event.by} has approved {event.release} already.", try_this="a second person.")


def _check_approved(record: Record | None) -> None:
    """Two different people, neither of them an author, have approved these very bytes. Asked again at the door."""
    assert record is not None
    held = [a.by for a in record.approvals if a.sha256 == record.sha256 and not _is_among(a.by, record.authors)]
    if not any(not same_person(one, other) for one in held for other in held):
        raise ReleaseRefused(f"{record.release} has not been approved by two other people.", try_this="ask them.")


def _is_among(name: str, names: Iterable[str]) -> bool:
    return any(same_person(name, other) for other in names)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def next_version(records: Iterable[Record], policy: str, corrects: Record | None) -> tuple[int, int]:
    """Which version does a new release of a policy have? X.y: y counts corrections of X.

    Only what was public counts: a draft that was given up leaves no gap.
    """
    public = [r.content.version for r in records if r.was_released and r.content.policy == policy]
    if corrects is None:
        return max((major for major, _ in public), default=0) + 1, 0
    major = corrects.content.version[0]
    return major, max(minor for of, minor in public if of == major) + 1


def new_content(content: Content) -> tuple[Content, str]:
    """A content with its files in order, and its hash."""
    ordered = replace(content, files=tuple(sorted(content.files)))
    return ordered, content_hash(ordered.files)
