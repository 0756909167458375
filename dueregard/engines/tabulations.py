"""Tabulations: which of the ways in which a source has counted answers a question. No row is counted here."""

from __future__ import annotations

from dueregard.engines.engine import Facts, Tabulation
from dueregard.terms.missing import ALL


def _splits(tabulation: Tabulation, facts: Facts) -> frozenset[str]:
    """Age follows from the year group."""
    return tabulation.columns | ({"age_on_31_august"} if "year_group" in tabulation.columns else set())


def best(tabulations: list[Tabulation], needed: set[str], facts: Facts) -> Tabulation | None:
    """Of those that have every column: the one with fewest columns, then by name."""
    fitting = [t for t in tabulations if needed <= _splits(t, facts)]
    return min(fitting, key=lambda t: (len(t.columns), t.name), default=None)


def listed(tabulations: tuple[Tabulation, ...]) -> str:
    """What there is, for a letter."""
    return "; ".join(
        f"{t.name}: {', '.join(sorted(t.columns)) or 'no split'}" for t in sorted(tabulations, key=lambda t: t.name)
    )


def tabulation_by_ethnicity(tabulations: tuple[Tabulation, ...], facts: Facts) -> str | None:
    """From which tabulation is ethnicity read: of the whole population, the one with fewest columns. None: from none."""
    found = best([t for t in tabulations if t.population == ALL], {"ethnicity"}, facts)
    return found.name if found is not None else None
