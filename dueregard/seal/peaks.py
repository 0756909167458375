"""The same tree, of which only its peaks are kept: what a list needs to go on growing, in a few hashes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from dueregard.seal.merkle import node_hash


@dataclass(frozen=True, slots=True)
class Peaks:
    """The roots of the full subtrees that a list of `size` entries consists of, the largest first.

    >>> from dueregard.seal.merkle import leaf_hash, root_of
    >>> peaks = Peaks().grown(leaf_hash(b"a")).grown(leaf_hash(b"b")).grown(leaf_hash(b"c"))
    >>> peaks.root() == root_of([b"a", b"b", b"c"])
    True
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def grown(self, leaf: bytes) -> Peaks:
        """With one leaf more: as many peaks fall together as the size has ones at its end."""
        hashes, n, here = list(self.hashes), self.size, leaf
        while n % 2:
            here, n = node_hash(hashes.pop(), here), n // 2
        return Peaks(self.size + 1, (*hashes, here))

    def root(self) -> bytes:
        if not self.hashes:
            return sha256(b"").digest()
        *rest, here = self.hashes
        for peak in reversed(rest):
            here = node_hash(peak, here)
        return here
