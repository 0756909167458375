"""A Merkle tree over a list that only grows, as RFC 6962 section 2.1 defines it (RFC 9162 keeps the same hashes).

Whoever remembers one root of yesterday can tell today whether any earlier entry was changed, left out, moved or added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"  # RFC 6962: told apart, so that no inner node can pass for an entry


def leaf_hash(entry: bytes) -> bytes:
    """What stands in the tree for one entry?"""
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands above two neighbours?"""
    return sha256(NODE + left + right).digest()


def root_of(entries: Iterable[bytes]) -> bytes:
    """Which one hash stands for the whole list, in this order?

    The list without entries has the hash of nothing (RFC 6962, 2.1).

    >>> root_of([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    return tree.root()


class Tree:
    """A growing list of entries, of which only the hashes are kept: 32 bytes a leaf, and as much again above them.

    >>> tree = Tree()
    >>> [tree.append(entry) for entry in (b"a", b"b", b"c")]
    [0, 1, 2]
    >>> includes(b"b", 1, 3, tree.inclusion_proof(1, 3), tree.root())
    True
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """leaves: leaf hashes (`leaf_hash`), in order; to go on with a list that is stored."""
        self._levels: list[list[bytes]] = [[]]  # _levels[k][i]: the full subtree over leaves i * 2**k to (i + 1) * 2**k
        for leaf in leaves:
            self.append_leaf(leaf)

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def append(self, entry: bytes) -> int:
        """Adds an entry; at which place, from 0?"""
        return self.append_leaf(leaf_hash(entry))

    def append_leaf(self, leaf: bytes) -> int:
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            left, right = self._levels[level][-2:]
            self._levels[level + 1].append(node_hash(left, right))
            level += 1
        return self.size - 1

    def root(self) -> bytes:
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """Which root did the first `size` entries have? Raises ValueError for a size it never had."""
        self._check_size(size)
        return self._over(0, size) if size else sha256(b"").digest()

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Which hashes show that entry `index` is among the first `size`? (RFC 6962, 2.1.1: PATH)"""
        self._check_size(size)
        if not 0 <= index < size:
            raise ValueError(f"There is no entry {index} among {size}.")
        return self._path(index, 0, size)

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Which hashes show that the first `old` of `new` entries are what they were? (RFC 6962, 2.1.2: PROOF)"""
        self._check_size(new)
        if not 0 <= old <= new:
            raise ValueError(f"{old} entries cannot be the beginning of {new}.")
        return self._subproof(old, 0, new, whole=True) if 0 < old < new else []

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ValueError(f"The list has {self.size} entries, not {size}.")

    def _over(self, start: int, count: int) -> bytes:
        """The hash over `count` leaves from `start`; a full subtree is looked up, a ragged one is put together."""
        level = count.bit_length() - 1
        if count == 1 << level and start % count == 0:
            return self._levels[level][start >> level]
        left = _split(count)
        return node_hash(self._over(start, left), self._over(start + left, count - left))

    def _path(self, index: int, start: int, count: int) -> list[bytes]:
        if count == 1:
            return []
        left = _split(count)
        if index < left:
            return [*self._path(index, start, left), self._over(start + left, count - left)]
        return [*self._path(index - left, start + left, count - left), self._over(start, left)]

    def _subproof(self, old: int, start: int, count: int, *, whole: bool) -> list[bytes]:
        if old == count:
            return [] if whole else [self._over(start, count)]
        left = _split(count)
        if old <= left:
            return [*self._subproof(old, start, left, whole=whole), self._over(start + left, count - left)]
        return [*self._subproof(old - left, start + left, count - left, whole=False), self._over(start, left)]


def includes(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Is this entry the one at place `index` of the list of `size` entries with this root?

    The way up is that of RFC 9162, section 2.1.3.2.
    """
    return leaf_includes(leaf_hash(entry), index, size, proof, root)


def leaf_includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """As `includes`, for a leaf hash."""
    if not 0 <= index < size:
        return False
    node, last, here = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node % 2 or node == last:
            here = node_hash(sibling, here)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            here = node_hash(here, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and here == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Are the first `old` entries of the new list the very entries that the old root stood for?

    The way up is that of RFC 9162, section 2.1.4.2. An empty list is the beginning of every list.
    """
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == sha256(b"").digest()
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(count: int) -> int:
    """The largest power of two below `count` (RFC 6962, 2.1: k)."""
    return 1 << ((count - 1).bit_length() - 1)
