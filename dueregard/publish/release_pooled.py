"""Figures that were pooled over schools from true counts inside: how they are told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.published import WHOLE, WITHIN, PooledFigure
from dueregard.publish import words
from dueregard.publish.release_lines import Section
from dueregard.stats.verdicts import agree

LEVEL = 0.95
LOWER, UPPER = "-lower", "-upper"


@dataclass(frozen=True, slots=True)
class Pooled:
    """One pooled ratio with the ends of its range, as printed. about: the group, and the period where there are several."""

    id: str
    codes: tuple[str, ...]
    label: str
    text: str
    lower: str
    upper: str
    n_schools: int

    @property
    def number(self) -> Estimate:
        """What the printed texts say; without a range there are no ends."""
        ends = [float(text) if text else math.nan for text in (self.lower, self.upper)]
        return Estimate(float(self.text), ends[0], ends[1], LEVEL, "within the same school")

    @property
    def words(self) -> str:
        return f"{self.text} times" + (f" ({self.lower} to {self.upper})" if self.lower and self.upper else "")

    @property
    def short(self) -> str:
        """As it stands beside its line in a chart."""
        return f"{self.text} ({self.lower}–{self.upper})" if self.lower and self.upper else self.text


def beside_crude(section: Section) -> dict[tuple[str, ...], Pooled]:
    """By group, its ratio within the same school; none of a figure of several periods."""
    found = pooled_of(section)
    by_codes = {one.codes: one for one in found}
    return by_codes if len(by_codes) == len(found) else {}


def disagreement(section: Section) -> str:
    """Where the ratio over all schools and the ratio within the same school do not say the same, that is said first."""
    within = beside_crude(section)
    apart = [line.label for line in section.lines.get(WHOLE, ()) if line.ratio is not None and line.codes in within
             and not math.isnan(line.ratio.number.estimate) and not agree(line.ratio.number, within[line.codes].number)]  # fmt: skip
    if not apart:
        return ""
    return ("All schools together and pupils of the same school compared do not say the same, and neither stands alone: "
            f"{', '.join(apart)}.")  # fmt: skip


def pooled_of(section: Section) -> list[Pooled]:
    """The pooled ratios of one question."""
    texts = {figure.id: figure.text for figure in section.pooled}
    return [_pooled(figure, section, texts) for figure in section.pooled if not figure.id.endswith((LOWER, UPPER))]


def _pooled(figure: PooledFigure, section: Section, texts: dict[str, str]) -> Pooled:
    columns = section.question.measure.columns
    told = figure.id.removeprefix(f"{section.question.id}{WITHIN}-")
    codes = tuple(told.split(",")) if figure.ratio_of == () else codes_of(figure, columns)
    rest = told.removeprefix(",".join(codes)).removeprefix("-")
    label = words.codes_label(columns, codes) + (f", {rest}" if rest else "")
    return Pooled(figure.id, codes, label, figure.text, texts.get(figure.id + LOWER, ""), texts.get(figure.id + UPPER, ""),
                  figure.n_strata)  # fmt: skip


def codes_of(figure: PooledFigure, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The group of a pooled ratio, by the counts from which it comes."""
    told = dict(figure.ratio_of[0][0])
    return tuple(told[column] for column in columns)


def pooled_sentence(section: Section) -> str:
    """All pooled ratios of a section in one sentence, with where they come from. Empty where there is none."""
    found = pooled_of(section)
    said = "; ".join(f"{one.label} {one.words}" for one in found)
    schools = " or ".join(sorted({str(one.n_schools) for one in found}))
    return (
        f"Within the same school, beside {section.compared}, pooled over {schools} schools from true counts: {said}."
        if found
        else ""
    )
