"""Seals: a Merkle tree, signatures and checkpoints. Bytes in, bytes out; it has never heard of schools."""
