"""Columns of a big table as numbers, and the SQL that spells them out: texts are made where they are written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.evidence.raw import named, quoted


@dataclass(frozen=True, slots=True)
class Coded:
    """Few different words: which word stands in each row. numbers: shape (n_rows,)."""

    words: tuple[str, ...]
    numbers: np.ndarray

    def at(self, rows: np.ndarray) -> Coded:
        """These rows of the column."""
        return Coded(self.words, self.numbers[rows])

    def __len__(self) -> int:
        return len(self.numbers)

    def sql(self, column: str) -> str:
        """The text of a row, in DuckDB's SQL.

        >>> print(Coded(("a", "b"), np.zeros(1, int)).sql("x"))
        ['a', 'b']["x" + 1]
        """
        return f"[{', '.join(quoted(word) for word in self.words)}][{named(column)} + 1]"


@dataclass(frozen=True, slots=True)
class Numbered:
    """Pseudonyms such as P-000123, as `draws.refs` writes them. numbers: shape (n_rows,), each below 10 ** width."""

    prefix: str
    numbers: np.ndarray
    chunk: int = 0
    width: int = 6

    def __len__(self) -> int:
        return len(self.numbers)

    def sql(self, column: str) -> str:
        # lpad cuts what is too long: the chunk stands before, and its number is below 10 ** width
        before = self.prefix + "-" + (str(self.chunk) if self.chunk else "")
        return f"{quoted(before)} || lpad({named(column)}::VARCHAR, {self.width}, '0')"


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers. Shape (n_rows,)."""

    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def sql(self, column: str) -> str:
        return f"{named(column)}::VARCHAR"


Column = Coded | Numbered | Whole
