"""What a term and a code list are, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

OWN = "own"  # the provenance of a term that nobody publishes


@dataclass(frozen=True, slots=True)
class Term:
    """One code of a list. `prov`: S seen, S2 second hand, M from memory, own where nobody publishes one.

    from_on, to_on: the days between which the word is in use, both included; None where no day is known.
    note: what a reader of its dates should know.
    """

    code: str
    label: str
    group: str = ""
    prov: str = ""
    from_on: date | None = None
    to_on: date | None = None
    note: str = ""

    def is_in_use(self, day: date) -> bool:
        """Was the word in use on this day, as far as its dates say?

        >>> Term("22", "Diversion", from_on=date(2019, 4, 1)).is_in_use(date(2018, 9, 1))
        False
        """
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)


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

    @property
    def is_dated(self) -> bool:
        return any(term.from_on or term.to_on or term.note for term in self.terms)
