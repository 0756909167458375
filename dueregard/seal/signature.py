"""Ed25519 signatures (RFC 8032): who holds the key said this, byte for byte."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dueregard.errors import SealBroken, TargetError

PREFIX = "ed25519:"  # a key says what it is, so that a later kind cannot be mistaken for it


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that checks. It may be handed to anyone, and an outsider must get it by another way than the file."""

    raw: bytes

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Was exactly this message signed with the other half of this key?"""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def text(self) -> str:
        return PREFIX + self.raw.hex()

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """Which key does this text name? Raises SealBroken where it names none."""
        kind, _, digits = text.strip().partition(":")
        try:
            raw = bytes.fromhex(digits)
        except ValueError:
            raw = b""
        if kind + ":" != PREFIX or len(raw) != 32:
            raise SealBroken(
                "This is not a public key: 64 hexadecimal digits after `ed25519:` were expected.",
                try_this="copy the whole line that the publisher gives, from a place other than the file itself.",
            )
        return cls(raw)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The half that signs. It is never printed: `repr` shows the public half only.

    >>> key = SigningKey.new()
    >>> key.public.holds(b"so it was", key.sign(b"so it was")), key.public.holds(b"or so", key.sign(b"so it was"))
    (True, False)
    """

    _seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.text()})"

    @classmethod
    def new(cls) -> SigningKey:
        return cls(os.urandom(32))

    @property
    def public(self) -> PublicKey:
        return PublicKey(self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes; the same key and message give the same one."""
        return self._private().sign(message)

    def _private(self):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._seed)

    def write(self, path: Path) -> None:
        """Puts the key in a new file that only its owner can read. Raises TargetError if something lies there."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise TargetError(
                f"The key cannot be written to `{path.name}`: {error.strerror}.",
                try_this="choose a folder that may be written to and holds no key yet.",
            ) from error
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(self._seed.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key of a file. Raises SealBroken if it is not there or is not one; what it holds is never quoted."""
        try:
            seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise SealBroken(
                f"No signing key can be read from `{path.name}`.", try_this="restore it from the backup of the keys."
            ) from error
        if len(seed) != 32:
            raise SealBroken(f"`{path.name}` is not a signing key.", try_this="restore it from the backup of the keys.")
        return cls(seed)
