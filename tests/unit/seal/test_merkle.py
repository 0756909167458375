"""The tree against the roots that Certificate Transparency's own tests print, and against a definition in six lines."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

from dueregard.seal.merkle import Tree, includes, is_consistent, leaf_hash, root_of

# The eight inputs and roots of google/certificate-transparency, merkle_tree_test.
ENTRIES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(entries):
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    left = max(2**k for k in range(20) if 2**k < len(entries))
    return sha256(b"\1" + by_definition(entries[:left]) + by_definition(entries[left:])).digest()


def grown(n):
    entries = [f"entry {i}".encode() for i in range(n)]
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    return entries, tree


def test_published_roots():
    assert [root_of(ENTRIES[:n]).hex() for n in range(1, 9)] == ROOTS


def test_the_definition():
    entries, tree = grown(70)
    assert [tree.root_at(n) for n in range(71)] == [by_definition(entries[:n]) for n in range(71)]


def test_every_entry_is_shown_to_be_in_every_tree_it_is_in():
    entries, tree = grown(33)
    for size in range(1, 34):
        for index in range(size):
            proof = tree.inclusion_proof(index, size)
            assert includes(entries[index], index, size, proof, tree.root_at(size))
            assert not includes(b"another", index, size, proof, tree.root_at(size))


def test_every_beginning_is_shown_to_be_one():
    _, tree = grown(33)
    for new in range(34):
        for old in range(new + 1):
            proof = tree.consistency_proof(old, new)
            assert is_consistent(old, tree.root_at(old), new, tree.root_at(new), proof)


@pytest.mark.parametrize("seed", range(300))
def test_a_changed_history_is_never_consistent(seed):
    """One fault of five kinds in the first entries, the whole tree rehashed: no proof of its own makes it the old one."""
    rng = random.Random(seed)
    entries, tree = grown(rng.randrange(4, 60))
    old = rng.randrange(3, len(entries))
    place = rng.randrange(old - 1)
    forged = list(entries)
    kind = seed % 5
    if kind == 0:
        forged[place] = bytes([forged[place][0] ^ 1 << rng.randrange(8)]) + forged[place][1:]
    elif kind == 1:
        del forged[place]
    elif kind == 2:
        forged[place], forged[place + 1] = forged[place + 1], forged[place]
    elif kind == 3:
        forged.insert(place, b"one more")
    else:
        del forged[place:]
    other = Tree(leaf_hash(entry) for entry in forged)
    if other.size < old:
        assert not is_consistent(old, tree.root_at(old), other.size, other.root(), [])
        return
    proof = other.consistency_proof(old, other.size)
    assert not is_consistent(old, tree.root_at(old), other.size, other.root(), proof)


@pytest.mark.parametrize("seed", range(100))
def test_a_changed_proof_shows_nothing(seed):
    rng = random.Random(seed)
    entries, tree = grown(rng.randrange(5, 60))
    size = tree.size
    index, old = rng.randrange(size), rng.randrange(1, size)
    for proof, holds in (
        (tree.inclusion_proof(index, size), lambda p: includes(entries[index], index, size, p, tree.root())),
        (tree.consistency_proof(old, size), lambda p: is_consistent(old, tree.root_at(old), size, tree.root(), p)),
    ):
        assert holds(proof)
        place = rng.randrange(len(proof))
        flipped = bytes([proof[place][0] ^ 1 << rng.randrange(8)]) + proof[place][1:]
        assert not holds([*proof[:place], flipped, *proof[place + 1 :]])
        assert not holds(proof[:-1])
        assert not holds([*proof, proof[0]])


def test_sizes_it_never_had_are_refused():
    _, tree = grown(3)
    with pytest.raises(ValueError, match="has 3 entries"):
        tree.root_at(4)
    with pytest.raises(ValueError, match="no entry 3"):
        tree.inclusion_proof(3, 3)
    with pytest.raises(ValueError, match="cannot be the beginning"):
        tree.consistency_proof(3, 2)
