"""How a release stands in the ledger: its state, its entries with the proof that they are there, and who signed that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dueregard.evidence.ledger import Event, Record


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry. at: its place. line: its bytes as text. proof: hashes (hexadecimal) from it up to the checkpoint's root."""

    at: int
    line: str
    event: Event
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one release stands, as far as a checkpoint of the ledger reaches.

    entries: all that speak of the release, in their order. checkpoint: the signed note over `size` entries with this root
    (base64). signature: of `statement`, by the ledger's key, hexadecimal.
    """

    record: Record
    key: str
    ledger: str
    size: int
    root: str
    checkpoint: str
    entries: tuple[Placed, ...]
    signature: str = ""


def says(standing: Standing) -> dict[str, Any]:
    """What the signature stands for: these bytes are this release, in this state, and these are all its entries so far."""
    record = standing.record
    return {
        "release": record.release,
        "version": record.version,
        "state": str(record.state),
        "content_sha256": record.sha256,
        "entries": [placed.at for placed in standing.entries],
        "ledger": standing.ledger,
        "size": standing.size,
        "root": standing.root,
    }


def statement(standing: Standing) -> bytes:
    """The bytes that are signed: what it says as JSON, keys sorted, without spaces.

    The first word keeps a signature of this kind apart from any other that the key may make.
    """
    text = json.dumps(says(standing), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"dueregard-release-standing-1\n{text}\n".encode()
