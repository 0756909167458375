"""A place in a declared document: what stands there, is it of the kind that belongs there, and where is that?

A person writes the document by hand, so each fault is a letter that names the file, the place, and what to try.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dueregard.errors import UsageError

FORM = "docs/how-to/mappings.md shows the form."
SHOWN = 40  # names in one letter


@dataclass(frozen=True, slots=True)
class Place:
    """One table of the document. where: in words, such as ``layout `contact`, column `urn` ``; empty at the top."""

    file: str
    where: str
    plain: dict[str, Any]

    def wrong(self, message: str, try_this: str = FORM) -> UsageError:
        """The letter about a fault at this place."""
        where = f"{self.where}: " if self.where else ""
        return UsageError(f"The mapping {self.file}: {where}{message}", try_this=try_this)

    def none_of(self, message: str, names: tuple[str, ...]) -> UsageError:
        """The letter about a name that does not exist, with those that do."""
        shown = ", ".join(names[:SHOWN]) + (f", and {len(names) - SHOWN} more." if len(names) > SHOWN else ".")
        return self.wrong(message, f"one of {shown}" if names else "declare it first.")

    def only(self, known: tuple[str, ...]) -> None:
        """Nothing stands here but these words."""
        for word in self.plain:
            if word not in known:
                raise self.none_of(f"`{shown(word)}` is not known here.", known)

    def has(self, word: str) -> bool:
        return word in self.plain

    def text(self, word: str, default: str = "") -> str:
        """A text. Raises UsageError if something else stands there, or a text with signs that do not print."""
        return self._text(word, self.plain.get(word, default))

    def _text(self, word: str, found: Any) -> str:
        if not isinstance(found, str):
            raise self.wrong(f"`{word}` is {kind_of(found)}, not a text.", 'put it in quotes: "...".')
        if not found.isprintable():
            raise self.wrong(f"`{word}` holds signs that do not print.", "type it anew.")
        return found

    def texts(self, word: str) -> tuple[str, ...]:
        """A list of texts; none where the word is absent."""
        found = self.plain.get(word, [])
        if not isinstance(found, list):
            raise self.wrong(f"`{word}` is {kind_of(found)}, not a list.", f'{word} = ["...", "..."]')
        for one in found:
            if not isinstance(one, str):
                raise self.wrong(f"`{word}` lists {kind_of(one)}, not texts alone.", f'{word} = ["...", "..."]')
        return tuple(self._text(word, one) for one in found)

    def flag(self, word: str) -> bool:
        found = self.plain.get(word, False)
        if not isinstance(found, bool):
            raise self.wrong(f"`{word}` is {kind_of(found)}, not true or false.", f"{word} = true")
        return found

    def whole(self, word: str) -> int | None:
        """A whole number, or None where the word is absent."""
        found = self.plain.get(word)
        if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
            raise self.wrong(f"`{word}` is {kind_of(found)}, not a whole number.", f"{word} = 7")
        return found

    def pairs(self, word: str) -> tuple[tuple[str, str], ...]:
        """A table of text to text."""
        inside = self.part(word, f"`{word}`")
        return tuple((inside._text(shown(name), name), inside.text(name)) for name in inside.plain)

    def part(self, word: str, called: str) -> Place:
        """The table that stands here under this word; an empty one where it is absent."""
        return self.inner(called, self.plain.get(word, {}), f"{word} = {{ ... }}")

    def inner(self, called: str, found: Any, try_this: str = FORM) -> Place:
        where = f"{self.where}, {called}" if self.where else called
        if not isinstance(found, dict):
            raise Place(self.file, where, {}).wrong(f"this is {kind_of(found)}, not a table.", try_this)
        return Place(self.file, where, found)

    def parts(self, word: str, called: str, try_this: str) -> Iterator[Place]:
        """The tables of a list; none where the word is absent."""
        found = self.plain.get(word, [])
        if not isinstance(found, list):
            raise self.wrong(f"`{word}` is {kind_of(found)}, not a list of tables.", try_this)
        for number, one in enumerate(found, start=1):
            yield self.inner(f"{called} {number}", one, try_this)


def kind_of(found: Any) -> str:
    """What is this, in words?

    >>> kind_of(3), kind_of([])
    ('a number', 'a list')
    """
    if isinstance(found, bool):
        return "true or false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(found), "a day or a time")


def shown(word: str) -> str:
    """A word of the document as it may stand in a letter: short, and nothing in it that does not print."""
    return "".join(c if c.isprintable() else "?" for c in word)[:60]
