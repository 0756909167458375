"""What a run of trials found: each case's measures, and whether each claim was kept. Frozen; `as_json` for programs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dueregard.validate.tally import mean_of
from dueregard.validate.trial import COVERAGE, Case, Declared, Tally


@dataclass(frozen=True, slots=True)
class CaseMeasured:
    """One case: from draws, and, where all outcomes could be listed, exactly.

    n: draws. summed: the exact tally, or empty. least, most: the lowest and highest exact coverage of the points of a
    range (nan where there is none). is_claimed: does any claim of the trial apply here?
    """

    case: Case
    n: int
    drawn: Tally
    summed: Tally
    least: float
    most: float
    is_claimed: bool

    def best(self, measure: str) -> float:
        """The sum where there is one, else the mean of the draws."""
        return mean_of(self.summed or self.drawn, measure)


@dataclass(frozen=True, slots=True)
class Held:
    """Was a claim kept? over: the case, or `all cases`. by: `sum` or `draws`."""

    measure: str
    least: float
    most: float
    where: str
    over: str
    lowest: float
    highest: float
    by: str
    is_kept: bool

    def words(self) -> str:
        """What was claimed and what was found, for a letter."""
        found = f"{self.lowest:.4f}" if self.lowest == self.highest else f"{self.lowest:.4f} to {self.highest:.4f}"
        return f"{self.measure} of {found} by {self.by} ({self.over}); claimed {self.least:g} to {self.most:g} {self.where}"


@dataclass(frozen=True, slots=True)
class TrialMeasured:
    trial: Declared
    cases: tuple[CaseMeasured, ...]
    held: tuple[Held, ...]
    disagreements: tuple[str, ...]  # cases whose draws lie too far from their sum: one of the two is wrong

    @property
    def is_kept(self) -> bool:
        return all(one.is_kept for one in self.held) and not self.disagreements

    def faults(self) -> list[str]:
        broken = [f"{self.trial.title}: {one.words()}" for one in self.held if not one.is_kept]
        return broken + [f"{self.trial.title}: draws and sum disagree at {case}" for case in self.disagreements]


@dataclass(frozen=True, slots=True)
class Validation:
    """A whole run. made_on: an ISO date."""

    is_full: bool
    seed: int
    version: str
    made_on: str
    trials: tuple[TrialMeasured, ...]

    @property
    def faults(self) -> list[str]:
        return [fault for one in self.trials for fault in one.faults()]


def as_json(found: Validation) -> dict[str, Any]:
    """The run as one document; nan is null."""
    return {
        "kind": "full" if found.is_full else "quick", "seed": found.seed, "version": found.version,
        "made_on": found.made_on, "holds": not found.faults, "faults": found.faults,
        "trials": [_trial(one) for one in found.trials],
    }  # fmt: skip


def _trial(one: TrialMeasured) -> dict[str, Any]:
    trial = one.trial
    claims = [{"measure": c.measure, "least": c.least, "most": c.most, "where": c.where} for c in trial.claims]
    held = [
        {"measure": h.measure, "over": h.over, "lowest": _number(h.lowest), "highest": _number(h.highest), "by": h.by,
         "kept": h.is_kept} for h in one.held
    ]  # fmt: skip
    return {
        "name": trial.name, "title": trial.title, "estimates": trial.estimates, "form": trial.form,
        "exact": trial.is_exact, "level": trial.level, "error": trial.error, "claims": claims, "kept": one.is_kept,
        "held": held, "cases": [_case(case) for case in one.cases],
    }  # fmt: skip


def _case(one: CaseMeasured) -> dict[str, Any]:
    return {
        "case": one.case.name, "expected": _number(one.case.expected), "truth": _number(one.case.truth), "draws": one.n,
        "claimed": one.is_claimed, "drawn": _means(one.drawn), "summed": _means(one.summed),
        "least_coverage": _number(one.least), "most_coverage": _number(one.most),
    }  # fmt: skip


def _means(tally: Tally) -> dict[str, float | None]:
    return {name: _number(mean_of(tally, name)) for name in tally}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def has_intervals(one: TrialMeasured) -> bool:
    """Does this trial judge intervals (or does it count something of its own)?"""
    return any(COVERAGE in case.drawn for case in one.cases)
