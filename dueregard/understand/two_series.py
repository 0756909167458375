"""The pupil's own word beside the officer's eye: who is missing, how far both agree, and what they say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.profile import Profile
from dueregard.evidence.sensitivity import CorrectedCount, MissingShare, TwoSeries
from dueregard.measures.columns import code_label, comparisons, order_of
from dueregard.stats.confusion import Corrected, agreement, corrected_counts
from dueregard.stats.proportions import proportions
from dueregard.stats.ratios import risk_ratios
from dueregard.understand.missing_figure import is_missing_code

OWN, OBSERVED = "self_defined_ethnicity", "observed_ethnicity"
COLUMNS = (OWN, OBSERVED, "area", "school")  # of the profiles that these functions read
DIRICHLET = "Dirichlet posterior of the pairs, drawn"
KAPPA = "Cohen's kappa (Fleiss, Cohen and Everitt)"


def two_series(profiles: Sequence[Profile], *, seed: int) -> TwoSeries | None:
    """Of the involvements that reached the stage: both codes crossed. None if no officer's code is known."""
    pairs: Counter[tuple[str, str]] = Counter()
    for profile in profiles:
        if profile.has_reached:
            pairs[(profile.codes[0], profile.codes[1])] += profile.n
    if not any(not is_missing_code(observed) for _, observed in pairs):
        return None
    own, observed = _in_order({o for o, _ in pairs}, OWN), _in_order({o for _, o in pairs}, OBSERVED)
    both = tuple(code for code in own if code in observed and not is_missing_code(code))
    square = np.array([[pairs[(row, column)] for column in both] for row in both]).reshape(len(both), len(both))
    agreed = agreement(square)
    return TwoSeries(
        self_defined=_labelled(own, OWN),
        observed=_labelled(observed, OBSERVED),
        matrix=tuple(tuple(pairs[(row, column)] for column in observed) for row in own),
        in_both=both,
        n_in_both=agreed.n,
        agreement_share=agreed.share if agreed.n else None,
        kappa=Estimate(*agreed.kappa, 0.95, KAPPA) if agreed.n else None,
        corrected=_corrected(pairs, own, observed, seed),
    )


def _in_order(codes: Iterable[str], column: str) -> list[str]:
    return sorted(codes, key=lambda code: order_of(column, code))


def _labelled(codes: Iterable[str], column: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, code_label(column, code)) for code in codes)


def _corrected(
    pairs: Counter[tuple[str, str]], own: list[str], observed: list[str], seed: int
) -> tuple[CorrectedCount, ...]:
    """Where their own word is missing and the officer's is not, the group is drawn from those who have both."""
    groups = [code for code in own if not is_missing_code(code)]
    seen = [code for code in observed if not is_missing_code(code)]
    if not groups:
        return ()
    both = np.array([[pairs[(g, o)] for o in seen] for g in groups])
    alone = np.array([sum(n for (g, o), n in pairs.items() if o == code and is_missing_code(g)) for code in seen])
    found = corrected_counts(both, alone, rng=np.random.default_rng(seed))
    neither = {g: sum(n for (own_code, o), n in pairs.items() if own_code == g and is_missing_code(o)) for g in groups}
    return tuple(
        CorrectedCount(
            group, code_label(OWN, group), int(both[k].sum()) + neither[group],
            sum(n for (_, o), n in pairs.items() if o == group),
            _shifted(found, k, neither[group]),
        )
        for k, group in enumerate(groups)
    )  # fmt: skip


def _shifted(found: Corrected, k: int, n: int) -> Estimate:
    """Those who have their own word and no officer's code are known, and come on top."""
    return Estimate(
        float(found.estimate[k]) + n, float(found.lower[k]) + n, float(found.upper[k]) + n, found.level, DIRICHLET
    )


def missing_shares(profiles: Sequence[Profile]) -> tuple[MissingShare, ...]:
    """Of all involvements of the base: how many lack the pupil's own word, by the officer's code and by place?"""
    several = len({p.codes[2] for p in profiles}) > 1
    return (*_shares(profiles, OBSERVED, 1), *_shares(profiles, "area" if several else "school", 2 if several else 3))


def _shares(profiles: Sequence[Profile], column: str, place: int) -> list[MissingShare]:
    ways: dict[str, Counter[str]] = {}
    for profile in profiles:
        own = profile.codes[0]
        ways.setdefault(profile.codes[place], Counter())[own if is_missing_code(own) else "known"] += profile.n
    codes = _in_order(ways, column)
    n = np.array([ways[code].total() for code in codes], dtype=float)
    x = n - np.array([ways[code]["known"] for code in codes], dtype=float)
    share, beside = proportions(x, n), _beside(codes, x, n) if column == OBSERVED else {}
    return [_share(column, code, ways[code], Estimate(*share[k], 0.95, share.method[k]), beside.get(code))
            for k, code in enumerate(codes)]  # fmt: skip


def _share(column: str, code: str, ways: Counter[str], share: Estimate, beside: Estimate | None) -> MissingShare:
    other = ways.total() - ways["known"] - ways["not_stated"] - ways["not_recorded"]
    return MissingShare(column, code, code_label(column, code), ways.total(), ways["not_stated"], ways["not_recorded"],
                        other, share, beside)  # fmt: skip


def _beside(codes: list[str], x: np.ndarray, n: np.ndarray) -> dict[str, Estimate]:
    """Each observed group's share as a multiple of the comparison group's."""
    against = next((codes.index(code) for code in comparisons(OBSERVED) if code in codes), None)
    if against is None:
        return {}
    found = risk_ratios(x, n, x[against], n[against])
    return {code: Estimate(*found[k], 0.95, found.method[k]) for k, code in enumerate(codes)
            if k != against and not is_missing_code(code)}  # fmt: skip
