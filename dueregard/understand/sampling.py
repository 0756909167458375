"""The same model by sampling (NUTS), to check Laplace's approximation. Needs the extra `bayes`."""

from __future__ import annotations

from importlib.util import find_spec

from dueregard.errors import UsageError
from dueregard.stats.intervals import Floats
from dueregard.understand.intersections import Sampled, Sampler
from dueregard.understand.strata import Strata


def sampler(seed: int, *, warm_up: int = 700, draws: int = 1500, chains: int = 2) -> Sampler:
    """A function that samples the model. Raises UsageError at once where numpyro is not installed."""
    if find_spec("numpyro") is None or find_spec("jax") is None:
        raise UsageError(
            "`--nuts` needs numpyro, which is not installed.", try_this="`pip install 'dueregard[bayes]'`."
        )

    def sample(strata: Strata, design: Floats, prior_mean: Floats, prior_sd: Floats) -> Sampled:
        from dueregard.stats.multilevel_nuts import sample_crossed

        found = sample_crossed(
            strata.events, strata.size, strata.school, strata.stratum, n_first=strata.n_schools, design=design,
            prior_mean=prior_mean, prior_sd=prior_sd, seed=seed, warm_up=warm_up, draws=draws, chains=chains,
        )  # fmt: skip
        return Sampled(
            found.r_hat, found.effective_size, found.divergences, found.second_sd, found.first_sd, found.log_rate
        )

    return sample
