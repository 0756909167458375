"""How much of a result does each of several parts bring, whatever the order in which they are changed?"""

from __future__ import annotations

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from dueregard.stats.intervals import Floats


@lru_cache(maxsize=16)
def coalitions(n_parts: int) -> NDArray[np.bool_]:
    """Which parts are changed in each of the 2^n coalitions? Shape (2**n_parts, n_parts); coalition k holds the bits of k.

    >>> coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (np.arange(2**n_parts)[:, None] >> np.arange(n_parts)) & 1 == 1


@lru_cache(maxsize=16)
def _weights(n_parts: int) -> Floats:
    """Shape (n_parts, 2**n_parts): plus where the part is in, minus where it is not."""
    member = coalitions(n_parts)
    size = member.sum(axis=1)
    orders = np.array([factorial(k) * factorial(n_parts - 1 - k) for k in range(n_parts)]) / factorial(n_parts)
    joins = orders[np.clip(size - 1, 0, None)]  # the part came last to a coalition that is one smaller
    stays_out = orders[np.clip(size, None, n_parts - 1)]
    return np.where(member, joins[:, None], -stays_out[:, None]).T


def shapley(values: Floats, n_parts: int) -> Floats:
    """What does each part bring on average over all orders? The parts add up to last value minus first.

    values: shape (2**n_parts, ...), the result for each of `coalitions`. Returns shape (n_parts, ...). A coalition whose
    value is not finite makes every part nan: what cannot be worked out is not spread.
    Source: Shapley (1953), Contributions to the Theory of Games II, p. 307; Shorrocks, Journal of Economic Inequality 11
    (2013) 99. For a product it is Das Gupta's standardisation (US Census Bureau, P23-186, 1993), for two factors
    Kitagawa's (Journal of the American Statistical Association 50 (1955) 1168).

    >>> shapley(np.array([1.0, 2.0, 3.0, 6.0]), 2).tolist()
    [2.0, 3.0]
    """
    flat = values.reshape(2**n_parts, -1)
    with np.errstate(invalid="ignore"):
        found = _weights(n_parts) @ np.where(np.isfinite(flat), flat, np.nan)
    return found.reshape(n_parts, *values.shape[1:])
