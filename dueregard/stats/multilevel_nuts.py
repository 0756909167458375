"""Two crossed random factors by sampling (NUTS, numpyro), to check Laplace's approximation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dueregard.stats.intervals import Floats


@dataclass(frozen=True, slots=True)
class SampledCrossed:
    """Draws: first_sd, second_sd (n_draws,); log_rate (n_draws, n_second), over the cells of each second level.

    r_hat: the largest; effective_size: the smallest, of all parameters. divergences: in all chains.
    """

    first_sd: Floats
    second_sd: Floats
    log_rate: Floats
    r_hat: float
    effective_size: float
    divergences: int


def sample_crossed(
    events: ArrayLike, size: ArrayLike, first: ArrayLike, second: ArrayLike, *, n_first: int, design: Floats,
    prior_mean: Floats, prior_sd: Floats, seed: int, warm_up: int, draws: int, chains: int, sd_prior: float = 1.0,
) -> SampledCrossed:  # fmt: skip
    """What do draws from the same model say, without an approximation? design: shape (n_second, n_fixed).

    Effects are sampled in units of their standard deviations. In double precision, chains one after the other.
    """
    import jax
    from numpyro.infer import MCMC, NUTS

    cells = tuple(np.asarray(x) for x in (events, size, first, second))
    with jax.enable_x64(True):
        chain = MCMC(NUTS(_model), num_warmup=warm_up, num_samples=draws, num_chains=chains, progress_bar=False,
                     chain_method="sequential")  # fmt: skip
        chain.run(jax.random.PRNGKey(seed), *cells, n_first, design, prior_mean, prior_sd, sd_prior)
        return _summed(chain, cells, design, prior_mean, prior_sd)


def _model(events, size, first, second, n_first, design, prior_mean, prior_sd, sd_prior):  # type: ignore[no-untyped-def]
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as dist

    fixed = numpyro.sample("fixed_away", dist.Normal(jnp.zeros(design.shape[1]), 1.0).to_event(1))
    sds = [numpyro.sample(name, dist.HalfNormal(sd_prior)) for name in ("first_sd", "second_sd")]
    by_first = numpyro.sample("first", dist.Normal(jnp.zeros(n_first), 1.0).to_event(1))
    by_second = numpyro.sample("second", dist.Normal(jnp.zeros(design.shape[0]), 1.0).to_event(1))
    level = design @ (prior_mean + prior_sd * fixed) + sds[1] * by_second
    mean = size * jnp.exp(level[second] + sds[0] * by_first[first])
    numpyro.sample("events", dist.Poisson(mean), obs=events)


def _summed(chain: Any, cells: tuple[np.ndarray, ...], design: Floats, mean: Floats, sd: Floats) -> SampledCrossed:
    from numpyro.diagnostics import summary

    grouped = chain.get_samples(group_by_chain=True)
    told = summary(grouped).values()
    found = {name: np.asarray(values, float) for name, values in chain.get_samples().items()}
    level = (mean + sd * found["fixed_away"]) @ design.T + found["second_sd"][:, None] * found["second"]
    return SampledCrossed(
        found["first_sd"], found["second_sd"], _log_rates(level, found["first_sd"][:, None] * found["first"], cells),
        float(max(np.max(one["r_hat"]) for one in told)), float(min(np.min(one["n_eff"]) for one in told)),
        int(np.asarray(chain.get_extra_fields()["diverging"]).sum()),
    )  # fmt: skip


def _log_rates(level: Floats, first: Floats, cells: tuple[np.ndarray, ...]) -> Floats:
    """The log rate of each second level over its own cells, draw by draw."""
    _, size, by_first, by_second = cells
    total = np.bincount(by_second, weights=size, minlength=level.shape[1])
    found = np.empty_like(level)
    for k in range(level.shape[0]):
        weighed = np.bincount(by_second, weights=size * np.exp(first[k])[by_first], minlength=level.shape[1])
        found[k] = level[k] + np.log(weighed / total)
    return found
