"""Which references are one pupil? Joined two by two by a sergeant; the joins are rows, so they can be withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dueregard.store.versions import current


def representatives(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each joined reference -> the one that stands for its pupil: the first in the alphabet.

    >>> representatives([("c", "b"), ("b", "a")])
    {'a': 'a', 'b': 'a', 'c': 'a'}
    """
    standing: dict[str, str] = {}

    def find(ref: str) -> str:
        while standing.setdefault(ref, ref) != ref:
            ref = standing[ref]
        return ref

    for one, other in pairs:
        first, second = sorted((find(one), find(other)))
        standing[second] = first
    return {ref: find(ref) for ref in sorted(standing)}


def combined(rows: Any = None) -> dict[str, str]:
    """What is joined now, or among these rows of `combination`."""
    found = current("combination") if rows is None else rows
    return representatives(found.order_by("row_ref").values_list("pupil_ref", "same_as_ref"))


def all_refs_of(pupil_ref: str) -> tuple[str, ...]:
    """Every reference of this pupil."""
    standing = combined()
    mine = standing.get(pupil_ref, pupil_ref)
    return tuple(sorted({pupil_ref, *(ref for ref, first in standing.items() if first == mine)}))
