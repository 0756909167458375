"""Is a combination more than the sum of its parts, or than their product? From draws of log rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.stats.intervals import Floats


@dataclass(frozen=True, slots=True)
class Additive:
    """reri: relative excess due to interaction; excess: the same times the reference rate. (median, lower, upper)."""

    reri: tuple[float, float, float]
    excess: tuple[float, float, float]


def additive_interaction(own: Floats, single: Floats, reference: Floats, *, level: float = 0.95) -> Additive:
    """How far is a combination's rate above what its characteristics add one at a time?

    own, reference: shape (n_draws,), log rates of the combination and of the reference. single: (n_draws, k), of those that
    differ from the reference in one of the k characteristics. reri = R - 1 - sum(R_j - 1) with R relative to the reference;
    0: nothing beyond the sum. Source: Rothman, Modern Epidemiology (1986) p. 320, for two; here for k.

    >>> import numpy as np
    >>> log = lambda x: np.log(np.full(3, x))
    >>> round(additive_interaction(log(6.0), np.column_stack([log(2.0), log(3.0)]), log(1.0)).reri[0], 9)
    2.0
    """
    ends = (0.5, (1 - level) / 2, (1 + level) / 2)
    base = np.exp(reference)
    excess = np.exp(own) - base - (np.exp(single) - base[:, None]).sum(1)
    relative, absolute = (np.quantile(values, ends) for values in (excess / base, excess))
    return Additive(tuple(map(float, relative)), tuple(map(float, absolute)))  # type: ignore[arg-type]


def variance_partition(own_sd: Floats, other_sd: Floats, mean: float) -> Floats:
    """Which share of the variance of one unit's log count lies between the levels?

    Latent scale; the Poisson's own variance is ln(1 + 1/mean), mean: expected count of one unit of exposure.
    Source: Nakagawa, Johnson and Schielzeth, Journal of the Royal Society Interface 14 (2017) 20170213.
    """
    between = own_sd**2
    return between / (between + other_sd**2 + np.log1p(1 / mean))
