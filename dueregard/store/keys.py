"""The keys of a store. They lie in a folder beside the database, never in it, each for its owner alone.

`store.key` makes pseudonyms (and the keys of snapshots); `log.key` signs the log; `log.pub` is for witnesses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dueregard.errors import StoreUnavailable, TargetError
from dueregard.seal.signature import SigningKey

STORE_KEY, LOG_KEY, LOG_PUBLIC = "store.key", "log.key", "log.pub"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret halves. `repr` shows none of them."""

    _store: bytes
    log: SigningKey

    def __repr__(self) -> str:
        return f"Keys(log={self.log.public.text()})"

    def mac(self, purpose: str, text: str) -> str:
        """A keyed name for a text, other for each purpose; 32 hexadecimal digits."""
        key = hmac.new(self._store, purpose.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def sealed(self, purpose: str, text: str) -> str:
        """A text that only this store reads, and only for this purpose: it may go out to a browser and come back."""
        return self._cipher(purpose).encrypt(text.encode()).decode("ascii")

    def opened(self, purpose: str, sealed: str) -> str:
        """The text again; empty for what this store did not seal for this purpose."""
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""

    def _cipher(self, purpose: str) -> Any:
        from cryptography.fernet import Fernet

        return Fernet(
            base64.urlsafe_b64encode(hmac.new(self._store, f"seal:{purpose}".encode(), hashlib.sha256).digest())
        )


def make_keys(folder: Path) -> None:
    """Make new keys in a folder of mode 0700. Raises TargetError if there are keys already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    key = SigningKey.new()
    try:
        _write_private(folder / STORE_KEY, os.urandom(32).hex() + "\n")
    except FileExistsError as fault:
        raise TargetError(
            f"`{folder.name}` holds keys already.", try_this="keep them: without them no log verifies."
        ) from fault
    key.write(folder / LOG_KEY)
    _write_private(folder / LOG_PUBLIC, key.public.text() + "\n")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


@lru_cache(maxsize=8)
def read_keys(folder: Path) -> Keys:
    """The keys of a store. Raises StoreUnavailable, SealBroken; what a key file holds is never quoted."""
    try:
        store = bytes.fromhex((folder / STORE_KEY).read_text(encoding="ascii").strip())
    except (OSError, ValueError) as fault:
        raise StoreUnavailable(
            f"The keys of the store cannot be read from `{folder.name}`.", try_this="restore them from a backup."
        ) from fault
    if len(store) != 32:
        raise StoreUnavailable(f"`{STORE_KEY}` is not a key of a store.", try_this="restore it from a backup.")
    return Keys(store, SigningKey.read(folder / LOG_KEY))


def keys() -> Keys:
    """The keys of the store that is open."""
    from django.conf import settings

    return read_keys(Path(settings.DUEREGARD_KEYS))
