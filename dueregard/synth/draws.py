"""Draws from a Generator, and words for what was drawn. A frame is one table: column name -> one entry a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Frame = dict[str, Sequence[object] | np.ndarray]


def choose(rng: np.random.Generator, weights: Mapping[str, float], n: int) -> np.ndarray:
    """n codes, each as often as its weight says. Shape (n,), strings."""
    codes = np.array(list(weights), dtype=np.str_)
    return codes[choose_rows(rng, np.array([list(weights.values())]), np.zeros(n, dtype=int))]


def choose_rows(rng: np.random.Generator, weights: np.ndarray, row: np.ndarray) -> np.ndarray:
    """A column for each entry of `row`, drawn with the weights of that row of the table. Shape of `row`.

    weights: shape (n_rows, n_columns), not negative, each row with a positive sum.
    """
    upto = np.cumsum(weights, axis=1)
    at = rng.random(len(row)) * upto[row, -1]
    return (at[:, None] >= upto[row]).sum(axis=1).clip(max=weights.shape[1] - 1)


def happens(rng: np.random.Generator, share: np.ndarray | float, n: int) -> np.ndarray:
    """Does it happen, for each of n? Shape (n,), bool."""
    return rng.random(n) < share


def where(condition: np.ndarray, then: np.ndarray | str, otherwise: np.ndarray | str) -> np.ndarray:
    """Like numpy's, for strings of any width."""
    return np.where(condition, np.asarray(then, dtype=object), np.asarray(otherwise, dtype=object))


def refs(prefix: str, numbers: np.ndarray, *, width: int = 6, part: str = "") -> np.ndarray:
    """Pseudonyms such as P-000123, or P-031-000123 in a part of a big force."""
    start = f"{prefix}-{part}-" if part else f"{prefix}-"
    return np.array([f"{start}{number:0{width}d}" for number in numbers.tolist()], dtype=object)


def words_of(words: Sequence[str] | np.ndarray, at: np.ndarray) -> np.ndarray:
    """The word at each position. Shape of `at`, objects: every row holds the same few strings."""
    return np.array(list(words), dtype=object)[at]


def numbers_of(values: Mapping[str, float], codes: np.ndarray) -> np.ndarray:
    """The number that stands for each code. Shape of `codes`."""
    return np.array([values[code] for code in codes.tolist()])


def rows_of(frame: Mapping[str, object], keep: np.ndarray) -> Frame:
    """The rows of a frame for which `keep` is true, or in the order of its indices."""
    return {name: np.asarray(column)[keep] for name, column in frame.items()}


def frame_of(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Frame:
    """A small table written row by row, as a frame."""
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}
