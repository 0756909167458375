"""The signature files of a bundle: the only ones that tell a key, a person, a time or a place in the ledger."""

from __future__ import annotations

import json
from typing import Any

from dueregard.evidence.ledger import Event, State
from dueregard.evidence.standing import Standing, says
from dueregard.publish.page import template

SIGNATURES, CHECKPOINT, STATUS = "signatures.sig.json", "checkpoint.sig.txt", "status.sig.html"
NAMES = (SIGNATURES, CHECKPOINT, STATUS)
TITLES = {
    State.DRAFT: "Draft: not published",
    State.SUBMITTED: "In review: not published",
    State.FIRST_REVIEW: "In review: not published",
    State.SECOND_REVIEW: "In review: not published",
    State.RELEASED: "Released",
    State.WITHDRAWN: "Withdrawn",
    State.CORRECTED: "Corrected: a later version takes its place",
}
MEANINGS = {
    State.DRAFT: "Its author may still change it, and nobody has approved it. Do not quote it.",
    State.SUBMITTED: "Two people other than its authors must look at it first. Do not quote it.",
    State.FIRST_REVIEW: "One other person has approved it; a second one must. Do not quote it.",
    State.SECOND_REVIEW: "Two other people have approved it; it is not out yet. Do not quote it.",
    State.RELEASED: "Two people other than its authors have approved exactly these bytes.",
    State.WITHDRAWN: "Nothing takes its place. Do not use these figures; the reason stands below.",
    State.CORRECTED: "Use the later version; the reason stands below.",
}
DID = {
    "draft": "made it",
    "revise": "made it anew; earlier approvals fell",
    "submit": "asked for review",
    "approve": "approved these bytes",
    "release": "released it, by the second approval",
    "reject": "sent it back; earlier approvals fell",
    "withdraw": "withdrew it",
    "correct": "said that a corrected version takes its place",
}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def signature_files(standing: Standing) -> dict[str, bytes]:
    """The files with `sig` in their names. The same standing makes the same bytes."""
    return {
        SIGNATURES: _signatures(standing),
        CHECKPOINT: standing.checkpoint.encode(),
        STATUS: str(template("release_status.sig.html").render(**status_context(standing))).encode(),
    }


def _signatures(standing: Standing) -> bytes:
    document: dict[str, Any] = {
        "format": 1,
        "says": says(standing),
        "signature": standing.signature,
        "key": standing.key,
        "entries": [{"at": p.at, "line": p.line, "proof": list(p.proof)} for p in standing.entries],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def status_context(standing: Standing) -> dict[str, Any]:
    """What the status page shows."""
    record = standing.record
    return {
        "record": record,
        "internal": f"Release {record.release}, version {record.version}: {TITLES[record.state]}.",
        "title": TITLES[record.state],
        "meaning": MEANINGS[record.state],
        "is_out": record.state is State.RELEASED,
        "history": [(when(p.event.at), p.event.by, DID.get(p.event.move, p.event.move), p.event.because, str(p.at + 1),
                     "" if p.event.sha256 == record.sha256 else "earlier bytes") for p in standing.entries],
        "standing": standing,
        "reviewers": [approval.by for approval in record.approvals],
        "last": when(_last(standing).at),
    }  # fmt: skip


def _last(standing: Standing) -> Event:
    return standing.entries[-1].event


def when(at: str) -> str:
    """A time in words; the ledger writes UTC.

    >>> when("2026-11-26T09:05:00Z")
    '26 November 2026, 09:05 UTC'
    """
    day, _, time = at.partition("T")
    parts = day.split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return at
    return f"{int(parts[2])} {MONTHS[int(parts[1]) - 1]} {parts[0]}, {time[:5]} UTC"
