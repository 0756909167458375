"""How a release stands: taken from the ledger and signed, read back from a bundle, and tested."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

from dueregard.errors import DueRegardError, SealBroken
from dueregard.evidence.ledger import Record
from dueregard.evidence.standing import Placed, Standing, statement
from dueregard.release import workflow
from dueregard.release.entries import event_of
from dueregard.release.ledger import History
from dueregard.seal.checkpoint import Checkpoint, opened
from dueregard.seal.merkle import Tree, includes
from dueregard.seal.signature import PublicKey, SigningKey

AGAIN = "get the folder again from the publisher, and the key by another way."


def standing_of(history: History, record: Record, key: SigningKey) -> Standing:
    """How does this release stand in the ledger now? Signed with the ledger's key."""
    tree = Tree()
    for line in history.lines:
        tree.append(line)
    entries = tuple(
        Placed(at, history.lines[at].decode(), history.events[at],
               tuple(node.hex() for node in tree.inclusion_proof(at, history.size)))
        for at in record.entries
    )  # fmt: skip
    unsigned = Standing(record, history.public.text(), history.name, history.size, b64encode(tree.root()).decode(),
                        history.note, entries)  # fmt: skip
    return replace(unsigned, signature=key.sign(statement(unsigned)).hex())


def read_standing(signatures: bytes, checkpoint: bytes) -> Standing:
    """The standing that the signature files of a bundle tell. Raises SealBroken where they are not such files.

    Nothing is believed yet: `check_standing` tests it.
    """
    try:
        document = json.loads(signatures.decode("utf-8"))
        note = checkpoint.decode("utf-8")
        ledger, size, root = note.split("\n")[:3]
        entries = tuple(_placed(one) for one in document["entries"])
        return Standing(_record(entries), str(document["key"]), ledger, int(size), root, note, entries,
                        _hexadecimal(document["signature"]))  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        raise SealBroken("The signature files are not as they were written.", try_this=AGAIN) from fault


def _placed(told: dict[str, Any]) -> Placed:
    line, at = str(told["line"]), told["at"]
    if type(at) is not int:
        raise TypeError("a place")
    return Placed(at, line, event_of(line.encode()), tuple(_hexadecimal(node) for node in told["proof"]))


def _hexadecimal(text: str) -> str:
    """Bytes in hexadecimal digits, in the one way in which they are written: `A` is not `a`, or a byte could change unseen."""
    if bytes.fromhex(text).hex() != text:
        raise ValueError("hexadecimal digits")
    return text


def _record(entries: tuple[Placed, ...]) -> Record:
    """The release as its entries leave it: each must have been allowed when it was made."""
    record, last = None, -1
    for placed in entries:
        if placed.at <= last or (record is not None and placed.event.release != record.release):
            raise ValueError("entries of one release, in their order")
        try:
            record, last = workflow.after(record, placed.event, at=placed.at), placed.at
        except DueRegardError as fault:
            raise SealBroken(f"An entry of the ledger was never allowed: {fault.found}", try_this=AGAIN) from fault
    if record is None:
        raise ValueError("no entry")
    return record


def check_standing(standing: Standing, public: PublicKey) -> None:
    """Did the holder of this key sign all of it? Raises SealBroken and says what it is that does not hold."""
    checkpoint = opened(standing.checkpoint, public, name=standing.ledger)
    if (checkpoint.origin, checkpoint.size, b64encode(checkpoint.root).decode()) != (
        standing.ledger, standing.size, standing.root,
    ):  # fmt: skip
        raise SealBroken("The checkpoint does not say what the signature files say.", try_this=AGAIN)
    for placed in standing.entries:
        _check_included(placed, checkpoint)
    if not _is_signed(standing, public):
        raise SealBroken(
            "The signature is not of this release in this state, or not by this key.",
            try_this="the key that the publisher gives, by another way than this folder.",
        )


def _check_included(placed: Placed, checkpoint: Checkpoint) -> None:
    proof = [bytes.fromhex(node) for node in placed.proof]
    if not includes(placed.line.encode(), placed.at, checkpoint.size, proof, checkpoint.root):
        raise SealBroken(f"Entry {placed.at} does not stand in the ledger of the checkpoint.", try_this=AGAIN)


def _is_signed(standing: Standing, public: PublicKey) -> bool:
    signature = bytes.fromhex(standing.signature)
    return len(signature) == 64 and public.holds(statement(standing), signature)
