"""Releases: who may move one, and the ledger in which every move stands."""
