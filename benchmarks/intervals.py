"""Goals F6 and F7: a million random intervals of each kind, timed in one run, after their answers are shown
equal.

F6  mid-P rate ratio: at most 3 times the exact conditional one (stretch 2).
F7  Miettinen-Nurminen ratio and difference: at most 140 and 200 times Wilson (stretch 60 and 100).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from dueregard.stats.proportions import proportions
from dueregard.stats.rates import byar_rates
from dueregard.stats.ratios import (
    miettinen_nurminen_risk_ratios,
    rate_differences,
    rate_ratios,
    risk_differences,
)

Counts = dict[str, np.ndarray]
ROUNDS = 3
SAMPLE = 40


def random_counts(n: int, rng: np.random.Generator) -> Counts:
    """Schools of 50 to 2,000 pupils, a group of 5 to 60 %, risks of 0.2 to 20 %: small counts, zeros among
    them.
    """
    pupils = rng.integers(50, 2000, n)
    total = np.maximum(1, (pupils * rng.uniform(0.05, 0.6, n)).astype(int))
    comparison_total = np.maximum(1, pupils - total)
    risk = np.exp(rng.uniform(math.log(0.002), math.log(0.2), n))
    return {
        "events": rng.binomial(total, np.minimum(1, risk * rng.uniform(0.5, 3, n))),
        "total": total,
        "comparison_events": rng.binomial(comparison_total, risk),
        "comparison_total": comparison_total,
    }


def contenders(counts: Counts) -> dict[str, Callable[[], Any]]:
    x1, n1, x0, n0 = counts.values()
    return {
        "Wilson": lambda: proportions(x1, n1),
        "Byar": lambda: byar_rates(x1, n1),
        "exact rate ratio": lambda: rate_ratios(x1, n1, x0, n0, method="exact"),
        "mid-P rate ratio": lambda: rate_ratios(x1, n1, x0, n0),
        "Miettinen-Nurminen ratio": lambda: miettinen_nurminen_risk_ratios(x1, n1, x0, n0),
        "Miettinen-Nurminen difference": lambda: risk_differences(x1, n1, x0, n0),
        "Miettinen-Nurminen rate difference": lambda: rate_differences(x1, n1, x0, n0),
    }


GOALS = {  # name: (measured against, goal, stretch)
    "mid-P rate ratio": ("exact rate ratio", 3.0, 2.0),
    "Miettinen-Nurminen ratio": ("Wilson", 140.0, 60.0),
    "Miettinen-Nurminen difference": ("Wilson", 200.0, 100.0),
}


def check_equal_answers(counts: Counts) -> None:
    """Raises AssertionError unless a sample agrees with independent slow code."""
    ours = contenders(counts)
    mid_p, ratio = ours["mid-P rate ratio"](), ours["Miettinen-Nurminen ratio"]()
    difference = ours["Miettinen-Nurminen difference"]()
    for i, (x1, n1, x0, n0) in enumerate(zip(*(column.tolist() for column in counts.values()), strict=True)):
        tables = [(x1, n1, x0, n0, 1.0, difference.lower[i])]
        if x1 and x0:
            tables.append((x1, n1, x0, n0, ratio.upper[i], 0.0))
            assert math.isclose(_mid_p_tail(x1, x0, mid_p.lower[i] * n1 / n0), 0.025, rel_tol=1e-8)
        for table in tables:
            assert math.isclose(_statistic(*table), 3.841458820694124, rel_tol=1e-5)


def _mid_p_tail(x1: int, x0: int, odds: float) -> float:
    """P(more than x1) + P(x1) / 2 of a binomial, term by term."""
    share, m = odds / (1 + odds), x1 + x0
    terms = [
        math.exp(
            math.lgamma(m + 1)
            - math.lgamma(k + 1)
            - math.lgamma(m - k + 1)
            + k * math.log(share)
            + (m - k) * math.log1p(-share)
        )
        for k in range(x1, m + 1)
    ]
    return math.fsum(terms) - terms[0] / 2


def _statistic(x1: int, n1: int, x0: int, n0: int, ratio: float, shift: float) -> float:
    """Miettinen and Nurminen's, for p1 = ratio p0 + shift, the likelihood maximised by golden section."""

    def minus_log_likelihood(p0: float) -> float:
        pairs = ((x1, n1, ratio * p0 + shift), (x0, n0, p0))
        if any(not 0 <= p <= 1 or (x and p <= 0) or (x < n and p >= 1) for x, n, p in pairs):
            return math.inf
        return -sum((x and x * math.log(p)) + ((n - x) and (n - x) * math.log1p(-p)) for x, n, p in pairs)

    low, high = max(0.0, -shift / ratio), min(1.0, (1 - shift) / ratio)
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(80):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if minus_log_likelihood(a) < minus_log_likelihood(b) else (a, high)
    p0 = (low + high) / 2
    p1, n = ratio * p0 + shift, n1 + n0
    variance = (p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0) * n / (n - 1)
    return (x1 / n1 - ratio * x0 / n0 - shift) ** 2 / variance


def measure(n: int = 1_000_000) -> list[dict[str, Any]]:
    """How long does each take, and how many times what its goal is measured against? Medians of three rounds.

    Keys: name, seconds, against, ratio, goal, stretch (the last four None where no goal was set).
    """
    check_equal_answers(random_counts(SAMPLE, np.random.default_rng(1)))
    named = contenders(random_counts(n, np.random.default_rng(2)))
    taken: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(ROUNDS):
        for name, run in named.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    seconds = {name: sorted(times)[ROUNDS // 2] for name, times in taken.items()}
    return [_row(name, seconds) for name in named]


def _row(name: str, seconds: dict[str, float]) -> dict[str, Any]:
    against, goal, stretch = GOALS.get(name, (None, None, None))
    ratio = seconds[name] / seconds[against] if against else None
    return {
        "name": name,
        "seconds": seconds[name],
        "against": against,
        "ratio": ratio,
        "goal": goal,
        "stretch": stretch,
    }


def main() -> None:
    print(f"{'a million intervals of':36}{'seconds':>9}{'times':>8}{'goal':>7}{'stretch':>9}  against")
    for row in measure():
        numbers = "".join(
            f"{'' if row[key] is None else format(row[key], '.1f'):>{width}}"
            for key, width in (("ratio", 8), ("goal", 7), ("stretch", 9))
        )
        print(f"{row['name']:36}{row['seconds']:9.3f}{numbers}  {row['against'] or ''}")


if __name__ == "__main__":
    main()
