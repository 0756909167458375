"""What a term and a code list are, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OWN = "own"  # the provenance of a term that nobody publishes


@dataclass(frozen=True, slots=True)
class Term:
    """One code of a list. `prov`: S seen, S2 second hand, M from memory, own where nobody publishes one."""

    code: str
    label: str
    group: str = ""
    prov: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """Which codes may stand here, and what do they mean?"""

    name: str
    title: str
    version: str
    terms: tuple[Term, ...]

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(term.code for term in self.terms)

    @property
    def labels(self) -> dict[str, str]:
        return {term.code: term.label for term in self.terms}

    @property
    def is_own(self) -> bool:
        return all(term.prov == OWN for term in self.terms)
