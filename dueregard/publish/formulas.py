"""Which formula stands behind the range of a figure, exactly, and where does it come from?"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.estimate import Answer, Estimate

ESTIMATES = {
    "rate_per_1000": "rate per 1,000",
    "relative_rate": "relative rate",
    "difference_per_1000": "difference per 1,000",
    "within_relative_rate": "relative rate within strata",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """One way to an interval. The first whose `words` all stand in the method's name is the one."""

    words: tuple[str, ...]
    formula: str
    source: str


# z: the normal quantile of the level, 1.959964 at 95%. a of n: the group; b of m: the comparison group.
FORMULAS = (
    Formula(("wilson",), "(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = a/n",
            "Wilson, J. Am. Stat. Assoc. 22 (1927) 209"),
    Formula(("garwood",), "lower: χ²(α/2; 2a)/2, upper: χ²(1 − α/2; 2a + 2)/2, both over the exposure",
            "Garwood, Biometrika 28 (1936) 437"),
    Formula(("byar",), "lower: a(1 − 1/9a − z/3√a)³; upper: (a+1)(1 − 1/9(a+1) + z/3√(a+1))³, both over the exposure",
            "Breslow & Day, Statistical Methods in Cancer Research II (1987) p. 69"),
    Formula(("mid-p", "poisson"), "limits λ at which P(more than a; λ) + P(a; λ)/2 is α/2 (lower), 1 − α/2 (upper)",
            "Cohen & Yang, Statistics in Medicine 13 (1994) 2189"),
    Formula(("koopman",), "ratios R of the risks p = R q at which (a − np)²/(np(1 − p)) + (b − mq)²/(mq(1 − q)) is z², "
            "p and q the likeliest risks under R", "Koopman, Biometrics 40 (1984) 513"),
    Formula(("miettinen",), "values D at which (a/n − b/m − D)² / V(D) is z², V the variance under the likeliest "
            "rates that differ by D; for risks V is multiplied by N/(N − 1), N = n + m",
            "Miettinen & Nurminen, Statistics in Medicine 4 (1985) 213"),
    Formula(("mee",), "values D at which (a/n − b/m − D)² / V(D) is z², V the variance under the likeliest risks "
            "that differ by D", "Mee, Biometrics 40 (1984) 1175"),
    Formula(("mid-p", "strata"), "given aᵢ + bᵢ in each stratum i, the sum of the aᵢ is a sum of binomials with odds "
            "R nᵢ/mᵢ: limits R at which P(more than seen) + P(seen)/2 is α/2 (lower), 1 − α/2 (upper)",
            "Rothman & Greenland, Modern Epidemiology, 2nd edition (1998) p. 247"),
    Formula(("mid-p",), "given a + b, a is binomial with odds R n/m: limits R at which P(more than a) + P(a)/2 is "
            "α/2 (lower), 1 − α/2 (upper)", "Rothman & Greenland, Modern Epidemiology, 2nd edition (1998) p. 247"),
    Formula(("exact", "conditional"), "given a + b, a is binomial with odds R n/m: Clopper and Pearson's limits",
            "Clopper & Pearson, Biometrika 26 (1934) 404"),
    Formula(("greenland",), "R = Σ(aᵢmᵢ/tᵢ) / Σ(bᵢnᵢ/tᵢ), tᵢ = nᵢ + mᵢ, over strata i; var ln R = "
            "Σ((aᵢ + bᵢ)nᵢmᵢ/tᵢ²) / (Σ(aᵢmᵢ/tᵢ) Σ(bᵢnᵢ/tᵢ)); limits R exp(± z √var)",
            "Greenland & Robins, Biometrics 41 (1985) 55"),
    Formula(("score",), "values at which the squared distance from what was counted, over its variance under the "
            "likeliest rates that have this value, is z²", "Miettinen & Nurminen, Statistics in Medicine 4 (1985) 213"),
)  # fmt: skip


def formula_of(method: str) -> Formula | None:
    """The formula of a method by its name; None for a name that no formula is written down for.

    >>> formula_of("exact Poisson (Garwood)").source
    'Garwood, Biometrika 28 (1936) 437'
    """
    name = method.casefold()
    return next((found for found in FORMULAS if all(word in name for word in found.words)), None)


def methods_of(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Which (figure, method) pairs were used, in the order of the table's columns?"""
    pairs: dict[tuple[str, str], None] = {}
    for name in ESTIMATES:
        for group in answer.groups:
            found: Estimate | None = getattr(group, name)
            if found is not None and found.method:
                pairs[name, found.method] = None
    return tuple(pairs)


def formulas_as_json(answer: Answer) -> list[dict[str, str | None]]:
    """Every interval method of an answer with its formula and source."""
    return [
        {"of": name, "method": method, "formula": known.formula if known else None,
         "source": known.source if known else None}
        for name, method in methods_of(answer)
        for known in [formula_of(method)]
    ]  # fmt: skip
