"""The catalogue: which questions the ladder and the good ladder allow, with unit, denominator, wording, source."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.measures.measure import DENOMINATORS, Measure
from dueregard.terms.stages import STAGES, Stage, stage

SUPPORT_CONDITION = {
    "accepted": "support_offered",
    "completed": "support_offered",
    "no_further_contact_12m": "completed",
}
COUNTED_FROM = {
    "contact": "rows of `involvement`, of subjects of concern, suspects and convicted",
    "power_use": "rows of `power_use`",
    "step": "rows of `step`",
    "outcome": "rows of `outcome`",
    "support": "rows of `support`",
    "sanction": "rows of `sanction`",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of the catalogue: its stage, its default unit and denominator, its words, its source."""

    stage: str
    title: str
    unit: str
    denominator: str
    wording: str
    source: str
    ladder: str

    def measure(self, **more: object) -> Measure:
        return Measure(stage=self.stage, unit=self.unit, denominator=self.denominator, **more)  # type: ignore[arg-type]


def counted_from(declared: Stage) -> str:
    """From which rows is a stage counted?"""
    if declared.categories != ("subject_of_concern", "suspect", "convicted"):
        return f"rows of `involvement` with category {', '.join(declared.categories)}"
    words = COUNTED_FROM[declared.table]
    if declared.column and declared.codes:
        words += f" where {declared.column} is {', '.join(declared.codes)}"
    elif declared.column:
        words += f" where {declared.column} is given"
    if declared.reason:
        words += f" and reason is {declared.reason}"
    if declared.table == "sanction":
        return words
    return words + "; or `stage_count`, where a source publishes counts only"


def _entry(declared: Stage) -> Entry:
    denominator = SUPPORT_CONDITION.get(declared.code, "pupils_on_roll")
    over = "pupils on roll" if denominator in DENOMINATORS else f"pupils who {stage(denominator).did}"
    return Entry(declared.code, declared.label, "pupils", denominator,
                 f"Of every 1,000 {over}, how many {declared.did}?", counted_from(declared), declared.ladder)  # fmt: skip


def catalogue() -> tuple[Entry, ...]:
    """Every question, in the order of the ladder; the good ladder after it."""
    return tuple(_entry(declared) for declared in STAGES)


def entry(code: str) -> Entry:
    """The catalogue's question for one stage. Raises UnknownName."""
    stage(code)
    return next(found for found in catalogue() if found.stage == code)


def over_words(measure: Measure) -> str:
    """What stands after "for every 1,000"?"""
    if not measure.is_conditional:
        return DENOMINATORS[measure.denominator].words
    whom = {"pupils": "pupils who", "involvements": "involvements of pupils who", "events": "events in which pupils"}
    return f"{whom[measure.unit]} {stage(measure.denominator).did}"
