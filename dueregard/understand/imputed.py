"""Multiple imputation of missing groups on cells: predictors in, one ratio with Rubin's limits out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.profile import Profile
from dueregard.evidence.sensitivity import Imputed
from dueregard.stats.imputation import fit_multinomial, impute, one_hot, pool
from dueregard.understand.missing_figure import Figure, is_missing_code

N_IMPUTATIONS = 50
FEWEST_KNOWN = 20  # units with a known group, below which a model would say what its prior says
MOST_SCHOOLS = 60  # more would be as many coefficients for each group; the area stands for them then
RUBIN = "multiple imputation, Rubin's rules"


@dataclass(frozen=True, slots=True)
class Counts:
    """Cells that share their predictors: known units by group, units of unknown group; and which had the event."""

    groups: tuple[str, ...]
    design: np.ndarray  # (n_cells, n_predictors)
    known: np.ndarray  # (n_cells, n_groups)
    missing: np.ndarray  # (n_cells,)
    has_reached: np.ndarray  # (n_cells,) bool


@dataclass(frozen=True, slots=True)
class Filled:
    """Units of each group in each imputation: those that reached the stage, and all of the base. (n_imputations, n_groups)."""

    groups: tuple[str, ...]
    events: np.ndarray
    base: np.ndarray


def counts_of(profiles: Sequence[Profile]) -> Counts:
    """Profiles as cells. The first code is the group; the others and whether the stage was reached are the predictors."""
    groups = tuple(sorted({p.codes[0] for p in profiles if not is_missing_code(p.codes[0])}))
    keys: list[tuple[str | bool, ...]] = [(*p.codes[1:], p.has_reached) for p in profiles]
    cells = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    known, missing = np.zeros((len(cells), len(groups))), np.zeros(len(cells), dtype=np.int64)
    place_of = {group: place for place, group in enumerate(groups)}
    for profile, key in zip(profiles, keys, strict=True):
        if profile.codes[0] in place_of:
            known[cells[key], place_of[profile.codes[0]]] += profile.n
        else:
            missing[cells[key]] += profile.n
    return Counts(
        groups, one_hot(_coded(list(cells))), known, missing, np.array([key[-1] for key in cells], dtype=bool)
    )


def _coded(keys: list[tuple[str | bool, ...]]) -> np.ndarray:
    """Each predictor's codes as whole numbers, in the order of their names."""
    columns = []
    for column in zip(*keys, strict=True):
        place = {code: n for n, code in enumerate(sorted(set(column)))}
        columns.append([place[code] for code in column])
    return np.array(columns).T


def why_not(counts: Counts) -> str | None:
    """Why can nothing be imputed? None if it can."""
    if not counts.missing.sum():
        return "no ethnicity is missing, so there is nothing to impute"
    if counts.known.sum() < FEWEST_KNOWN or len(counts.groups) < 2:
        return f"fewer than {FEWEST_KNOWN} with a known ethnicity, or of one group only: a model would have nothing to learn from"
    return None


def fill(counts: Counts, *, seed: int, n_imputations: int = N_IMPUTATIONS) -> Filled | None:
    """Every missing group drawn n_imputations times. None if the model did not converge."""
    fitted = fit_multinomial(counts.design, counts.known)
    if not fitted.has_converged:
        return None
    has_missing = counts.missing > 0
    drawn = impute(fitted, counts.design[has_missing], counts.missing[has_missing], n_imputations=n_imputations,
                   rng=np.random.default_rng(seed))  # fmt: skip
    reached = counts.has_reached[has_missing]
    events = counts.known[counts.has_reached].sum(axis=0) + drawn[:, reached].sum(axis=1)
    return Filled(counts.groups, events, counts.known.sum(axis=0) + drawn.sum(axis=1))


def pooled_ratio(filled: Filled, figure: Figure, code: str, *, level: float = 0.95) -> Imputed | None:
    """The ratio of one group. None where some imputation has none of it, or of the comparison group.

    Over a roll the denominators stay those of the known: spreading the roll's missing by them leaves the ratio as it is.
    """
    a, b = (_of(filled, filled.events, name) for name in (code, figure.against.codes[0]))
    if a is None or b is None or not a.all() or not b.all():
        return None
    t1, t0 = _denominators(filled, figure, code)
    cell = next(c for c in figure.groups if c.codes[0] == code)
    one, other = (figure.effect(c, *figure.missing) for c in (cell, figure.against))  # repeat contacts, as in `compare`
    variance = one / a + other / b - ((1 / t1 + 1 / t0) if figure.as_risk else 0.0)
    found = pool(np.log((a / t1) / (b / t0)), np.maximum(variance, 0.0), level=level)
    estimate, lower, upper = (float(np.exp(value)) for value in found.interval)
    return Imputed(Estimate(estimate, lower, upper, level, RUBIN), found.missing_information, found.degrees_of_freedom,
                   found.n_imputations)  # fmt: skip


def _of(filled: Filled, numbers: np.ndarray, code: str) -> np.ndarray | None:
    return numbers[:, filled.groups.index(code)] if code in filled.groups else None


def _denominators(filled: Filled, figure: Figure, code: str) -> tuple[np.ndarray, np.ndarray]:
    if figure.cells.measure.is_conditional:
        t1, t0 = (_of(filled, filled.base, name) for name in (code, figure.against.codes[0]))
        assert t1 is not None and t0 is not None
        return t1, t0
    over = {cell.codes[0]: figure.over(cell) for cell in (*figure.groups, figure.against)}
    return np.array(over[code]), np.array(over[figure.against.codes[0]])
