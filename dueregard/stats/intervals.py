"""What an interval is, and what every formula shares: checked inputs, and one answer for equal ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dueregard.stats.special import ndtri

Floats = NDArray[np.float64]
ONE_BLOCK = 16_384  # elements; the dozen working arrays of a kernel then stay in the processor's cache


class Interval(NamedTuple):
    """One figure with its limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """How large is each figure, and between which limits does it lie at this level of confidence?

    estimate, lower, upper: shape (n,). An open end is 0 below or inf above (a ratio's).
    nan in all three: not estimable (no exposure, or 0/0), which is not the same as zero.
    method: the name of the formula of each element, for print.

    >>> found = Intervals(np.array([2.0]), np.array([1.5]), np.array([2.7]), 0.95, ("mid-P",))
    >>> len(found), found[0].upper
    (1, 2.7)
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    level: float
    method: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.method)

    def __getitem__(self, index: int) -> Interval:
        return Interval(float(self.estimate[index]), float(self.lower[index]), float(self.upper[index]))


def as_columns(**values: ArrayLike) -> list[Floats]:
    """The named inputs as float columns of one length, scalars repeated. nan passes, and makes nan.

    Raises ValueError, naming the input, where a number is negative or infinite or has two dimensions.

    >>> [column.tolist() for column in as_columns(events=[1, 2], exposure=10)]
    [[1.0, 2.0], [10.0, 10.0]]
    """
    for name, value in values.items():
        array = np.asarray(value, dtype=np.float64)
        if array.ndim > 1:
            raise ValueError(f"{name}: expected shape (n,), found {array.shape}.")
        if array.size and (np.min(array, initial=0.0, where=~np.isnan(array)) < 0 or np.isinf(array).any()):
            raise ValueError(f"{name}: a negative or infinite number was found; counts and exposure have neither.")
    columns = [np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in values.values()]
    return list(np.broadcast_arrays(*columns))


def check_counts(**columns: Floats) -> None:
    """Raises ValueError where a count is not a whole number: it was weighted or scaled on its way here."""
    for name, column in columns.items():
        if (np.rint(column) != column)[~np.isnan(column)].any():
            raise ValueError(f"{name}: counts are whole numbers; a fraction was found.")


def check_within(events: Floats, total: Floats, *, name: str = "events") -> None:
    """Raises ValueError where more had the event than there were."""
    if (events > total).any():
        raise ValueError(f"{name}: more events than the total they were counted among.")


def one_tail(level: float) -> float:
    """The probability left out beyond each end: 0.025 at level 0.95.

    Raises ValueError for a level that is not between 0 and 1 (95 is not 0.95).

    >>> round(one_tail(0.95), 9)
    0.025
    """
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, such as 0.95; found {level}.")
    return (1 - level) / 2


def normal_quantile(level: float) -> float:
    """How many standard errors lie on each side of the estimate?

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(-ndtri(one_tail(level)))


def merge_equal(first: Floats, second: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Which pairs of whole numbers are different ones, and where does each element find its own?

    Returns (first, second, position): the different pairs, and for each element its place among them.
    Counts repeat: a million pairs of a county's schools held 68,000 different ones, and a limit costs
    a thousand times what a look-up does. Neither column may hold nan.

    >>> a, b, position = merge_equal(np.array([3.0, 1, 3]), np.array([9.0, 7, 9]))
    >>> a.tolist(), b.tolist(), position.tolist()
    ([1.0, 3.0], [7.0, 9.0], [1, 0, 1])
    """
    if not first.size:
        return first, second, np.zeros(0, dtype=np.intp)
    width = int(second.max()) + 1
    span = (int(first.max()) + 1) * width
    if span >= 2**53:  # the packed key would no longer be exact
        pairs, position = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
        return pairs[0], pairs[1], position.reshape(-1)
    key = (first * width + second).astype(np.int64)
    keys, position = _look_up(key, span) if span <= 4 * key.size + 4096 else np.unique(key, return_inverse=True)
    return (keys // width).astype(np.float64), (keys % width).astype(np.float64), position


def _look_up(key: NDArray[np.int64], span: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """np.unique for keys below `span` by one table of flags: no sorting."""
    is_present = np.zeros(span, dtype=bool)
    is_present[key] = True
    place = np.cumsum(is_present, dtype=np.intp) - 1
    return np.flatnonzero(is_present), place[key]


def in_blocks(limit: Callable[..., Floats], *columns: Floats) -> Floats:
    """Works through long columns in pieces that fit the processor's cache; the answer is the same."""
    size = columns[0].size
    if size <= ONE_BLOCK:
        return limit(*columns)
    starts = range(0, size, ONE_BLOCK)
    return np.concatenate([limit(*(column[at : at + ONE_BLOCK] for column in columns)) for at in starts])
