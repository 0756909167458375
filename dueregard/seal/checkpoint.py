"""A signed checkpoint: how long the list is, and its root, in a form that an outside witness can keep.

The text is that of the C2SP documents tlog-checkpoint and signed-note: three lines, an empty one, and a signature line.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from dueregard.errors import SealBroken
from dueregard.seal.signature import PublicKey, SigningKey

MARK = "\u2014 "  # an em dash and a space begin a signature line (signed-note)
ED25519 = b"\x01"  # the kind of signature, part of the key's short name (signed-note)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one list. origin: which list; one line without spaces at its ends."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def signed(checkpoint: Checkpoint, key: SigningKey, *, name: str) -> str:
    """The note that a witness keeps: the checkpoint, and who says so.

    >>> key = SigningKey.new()
    >>> note = signed(Checkpoint("force/log", 0, sha256(b"").digest()), key, name="force")
    >>> opened(note, key.public, name="force").size
    0
    """
    text = checkpoint.text()
    seal = _key_id(name, key.public) + key.sign(text.encode())
    return f"{text}\n{MARK}{name} {b64encode(seal).decode()}\n"


def opened(note: str, public: PublicKey, *, name: str) -> Checkpoint:
    """What does this note say, if this key signed it? Raises SealBroken if it did not, or if the note is damaged."""
    text, gap, signatures = note.partition("\n\n")
    text += "\n"
    if not gap or signatures[-1:] != "\n" or not _signs(signatures[:-1].split("\n"), text, public, name):
        raise SealBroken(
            "The checkpoint is not signed by this key, or was changed after it was signed.",
            try_this="get the checkpoint, and the key, again from the witness who keeps them.",
        )
    return _checkpoint(text)


def _signs(lines: list[str], text: str, public: PublicKey, name: str) -> bool:
    return any(_is_by(line, text, public, name) for line in lines)


def _is_by(line: str, text: str, public: PublicKey, name: str) -> bool:
    head = f"{MARK}{name} "
    if not line.startswith(head):
        return False
    written = line.removeprefix(head)
    try:
        seal = b64decode(written, validate=True)
    except (NotBase64, ValueError):
        return False
    if b64encode(seal).decode() != written:  # idle bits at the end would let two notes be one
        return False
    return seal[:4] == _key_id(name, public) and public.holds(text.encode(), seal[4:])


def _key_id(name: str, public: PublicKey) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public.raw).digest()[:4]


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), b64decode(lines[2], validate=True)
    except (IndexError, ValueError, NotBase64) as error:
        raise SealBroken("The checkpoint is damaged: name, size and root were expected.") from error
    found = Checkpoint(origin, size, root)
    if found.text() != text or len(root) != 32 or size < 0:
        raise SealBroken("The checkpoint is damaged: name, size and root were expected.")
    return found
