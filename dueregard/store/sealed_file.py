"""A file that only a passphrase opens: what a backup is. Written and read as it flows, whatever its size.

scrypt makes the key; AES-256-GCM seals pieces of a megabyte. Each piece is bound to its place and to whether it is the
last one, so that none can be left out, moved or cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizár, 2015).
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from dueregard.errors import SealBroken

MARK = b"dueregard-backup-1\n"
PIECE = 1 << 20
SALT, TAG, PREFIX = 16, 16, 7
COST = {"n": 1 << 15, "r": 8, "p": 1}  # 32 MiB and about a tenth of a second


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode())


class _Pieces:
    def __init__(self, passphrase: str, salt: bytes, prefix: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher, self._prefix, self._n = AESGCM(_key(passphrase, salt)), prefix, 0

    def nonce(self, is_last: bool) -> bytes:
        made = self._prefix + struct.pack(">I?", self._n, is_last)
        self._n += 1
        return made

    def seal(self, piece: bytes, is_last: bool) -> bytes:
        return self._cipher.encrypt(self.nonce(is_last), piece, MARK)

    def open(self, sealed: bytes, is_last: bool) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(self.nonce(is_last), sealed, MARK)
        except InvalidTag as fault:
            raise SealBroken("The backup does not open: another passphrase, or the file is damaged or cut off.",
                             try_this="the passphrase of that day; or an older backup.") from fault  # fmt: skip


class SealedWriter:
    """Takes bytes, and writes them sealed. `close` writes the last piece; without it the file does not open."""

    def __init__(self, handle: BinaryIO, passphrase: str) -> None:
        salt, prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._handle, self._held = handle, bytearray()
        self._pieces = _Pieces(passphrase, salt, prefix)
        handle.write(MARK + salt + prefix)

    def write(self, data: bytes) -> int:
        self._held += data
        while len(self._held) > PIECE:
            self._handle.write(self._pieces.seal(bytes(self._held[:PIECE]), False))
            del self._held[:PIECE]
        return len(data)

    def close(self) -> None:
        self._handle.write(self._pieces.seal(bytes(self._held), True))


class SealedReader:
    """Gives the bytes back, piece by piece, each checked before any of it is given. Raises SealBroken."""

    def __init__(self, handle: BinaryIO, passphrase: str) -> None:
        if handle.read(len(MARK)) != MARK:
            raise SealBroken("This is not a backup of a store.", try_this="the file that `dueregard backup` wrote.")
        head = handle.read(SALT + PREFIX)
        if len(head) < SALT + PREFIX:
            raise SealBroken("The backup is cut off.", try_this="an older backup.")
        self._handle, self._pieces = handle, _Pieces(passphrase, head[:SALT], head[SALT:])
        self._next, self._held = handle.read(PIECE + TAG), b""

    def read(self, size: int = -1) -> bytes:
        while self._next and (size < 0 or len(self._held) < size):
            sealed, self._next = self._next, self._handle.read(PIECE + TAG)
            self._held += self._pieces.open(sealed, not self._next)
        given, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        return given

    def read_to_the_end(self) -> None:
        """Nothing may be left unread: only the last piece says that the file is whole."""
        while self.read(PIECE):
            pass
