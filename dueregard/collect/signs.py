"""Where newlines, commas and quotation marks stand in a block of bytes: many lines looked at together.

A block holds whole lines; the last one may lack its newline. Nothing here decides what a file is: `gate` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

QUOTE, COMMA, NEWLINE, RETURN = 0x22, 0x2C, 0x0A, 0x0D
WHITE = b", \t\r"  # what a blank line may hold
IS_WHITE = np.isin(np.arange(256), list(WHITE + b"\n"))
MANY = 1_000
BLANK_LINE = re.compile(rb"\n[, \t\r]*\n")  # begins with a plain byte: ten times as fast


class Counter:
    """How often does a sign stand before a place? One bit a byte, counted by words."""

    def __init__(self, is_sign: NDArray[np.bool_]) -> None:
        bits = np.packbits(is_sign, bitorder="little")
        self.words = np.zeros(len(bits) // 8 + 2, dtype="<u8")
        self.words.view(np.uint8)[: len(bits)] = bits
        self.before = np.zeros(len(self.words) + 1, dtype=np.int64)
        np.cumsum(np.bitwise_count(self.words), out=self.before[1:])

    def until(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of signs before each place.

        >>> Counter(np.frombuffer(b"a,b,,", np.uint8) == COMMA).until(np.array([0, 2, 5])).tolist()
        [0, 1, 3]
        """
        word, bit = places >> 6, (places & 63).astype(np.uint64)
        earlier = self.words[word] & ((np.uint64(1) << bit) - np.uint64(1))
        return np.asarray(self.before[word] + np.bitwise_count(earlier))


@dataclass(frozen=True)
class Lines:
    """The physical lines of a block."""

    body: bytes

    @cached_property
    def raw(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.body, dtype=np.uint8)

    @cached_property
    def newlines(self) -> NDArray[np.int64]:
        """Where newlines stand."""
        return np.flatnonzero(self.raw == NEWLINE)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Where each line ends: at its newline, or with the block."""
        is_whole = not self.body or self.body.endswith(b"\n")
        return self.newlines if is_whole else np.append(self.newlines, len(self.body))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        return np.concatenate((np.zeros(1, dtype=np.int64), self.ends[:-1] + 1))[: len(self.ends)]

    @cached_property
    def quotes(self) -> NDArray[np.int64]:
        """How many quotation marks stand before the end of each line?"""
        return Counter(self.raw == QUOTE).until(self.ends)

    def n_pairs(self) -> int:
        """How many newlines follow a carriage return?"""
        after = self.newlines[self.newlines > 0]
        return int(np.count_nonzero(self.raw[after - 1] == RETURN))

    def longest(self) -> int:
        """Bytes of the longest line, with its newline."""
        return int((np.minimum(self.ends + 1, len(self.body)) - self.starts).max(initial=0))

    def n_blank(self) -> int:
        """How many lines hold nothing but commas and white space?"""
        may_be = self._may_be_blank()
        if len(may_be) > MANY and not BLANK_LINE.search(self.body):
            may_be = may_be[(may_be == 0) | (may_be == len(self.ends) - 1)]  # the search sees lines between newlines
        return sum(1 for n in may_be.tolist() if not self.body[self.starts[n] : self.ends[n]].strip(WHITE))

    def _may_be_blank(self) -> NDArray[np.int64]:
        """Lines that begin and end as a blank one would: most are told by two of their bytes."""
        if not len(self.ends):
            return self.ends
        found = np.flatnonzero(IS_WHITE[self._at(self.starts)])
        last = self.ends[found] - 1
        last -= (last > self.starts[found]) & (self._at(last) == RETURN)
        is_empty = self.ends[found] == self.starts[found]
        return found[is_empty | IS_WHITE[self._at(last)]]

    def _at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        return self.raw[np.clip(places, 0, len(self.raw) - 1)]

    def is_even(self, width: int) -> bool:
        """Has every line as many fields as `width`, with quotation marks only where the format allows them?"""
        outside = self._commas_outside() if np.any(self.quotes) else Counter(self.raw == COMMA).until(self.ends)
        if outside is None:
            return False
        return bool(np.array_equal(outside, np.arange(1, len(self.ends) + 1) * (width - 1)))

    def _commas_outside(self) -> NDArray[np.int64] | None:
        """Commas before the end of each line that stand in no quotes; None where a quote or a newline is out of place."""
        if np.any(self.quotes & 1):
            return None  # a newline inside quotes, or quotes that nothing closes
        at = np.flatnonzero(self.raw == QUOTE)
        opening, closing = at[0::2], at[1::2]
        before, after = self._at(opening - 1), self._at(closing + 1)
        opens_well = (before == COMMA) | (before == NEWLINE) | (before == QUOTE) | (opening == 0)
        closes_well = (
            (after == COMMA)
            | (after == NEWLINE)
            | (after == RETURN)
            | (after == QUOTE)
            | (closing == len(self.raw) - 1)
        )
        if not (opens_well.all() and closes_well.all()):
            return None
        commas = Counter(self.raw == COMMA)
        inside = np.concatenate(([0], np.cumsum(commas.until(closing) - commas.until(opening))))
        return np.asarray(commas.until(self.ends) - inside[self.quotes >> 1])

    def first_open(self) -> int:
        """The first line, from 1, whose quotation marks do not balance; 0 where all do."""
        odd = np.flatnonzero(np.diff(self.quotes, prepend=0) & 1)
        return int(odd[0]) + 1 if len(odd) else 0
