"""What stands in the ledger of releases: who did what to which release, when, and to which bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a release has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    FIRST_REVIEW = "first_review"  # one other person has approved these bytes
    SECOND_REVIEW = "second_review"  # two have
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"  # it was released, and is replaced by a later version


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a release and what they were made from. They are named by the hash over all files.

    files: (name, SHA-256), by name. predecessors: (release, hash of its content) of everything against which it was
    attacked. version: (2, 1) is the first correction of the second release of its policy.
    """

    snapshot: str
    policy: str
    policy_sha256: str
    code_version: str
    version: tuple[int, int]
    files: tuple[tuple[str, str], ...]
    predecessors: tuple[tuple[str, str], ...] = ()
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the ledger. sha256: hash of the content that the person had before them.

    at: UTC, such as 2026-11-26T10:00:00Z. content: given where the bytes are new (`draft`, `revise`), else None.
    """

    move: str
    release: str
    by: str
    at: str
    sha256: str
    because: str = ""
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """One person has looked at exactly these bytes and approved them."""

    by: str
    at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """One release as its entries leave it. authors: everybody who made or changed it. entries: their places.

    was_released: it was public at some time. What was public once stays known, whatever its state is now.
    """

    release: str
    state: State
    content: Content
    sha256: str
    authors: tuple[str, ...]
    approvals: tuple[Approval, ...] = ()
    entries: tuple[int, ...] = ()
    was_released: bool = False
    because: str = ""  # of the last move

    @property
    def version(self) -> str:
        major, minor = self.content.version
        return f"{major}.{minor}"
