"""Figures that were pooled over schools from true counts inside: how they are told."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.published import PooledFigure
from dueregard.publish import words
from dueregard.publish.release_lines import Section

WITHIN = "-within-"
LOWER, UPPER = "-lower", "-upper"
NEEDS_SNAPSHOT = "Pooled over schools from true counts, by the rule for such figures; only those who hold the snapshot can work it out again."


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


def pooled_of(section: Section) -> list[Pooled]:
    """The pooled ratios of one question."""
    texts = {figure.id: figure.text for figure in section.pooled}
    return [_pooled(figure, section, texts) for figure in section.pooled if not figure.id.endswith((LOWER, UPPER))]


def _pooled(figure: PooledFigure, section: Section, texts: dict[str, str]) -> Pooled:
    columns = section.question.measure.columns
    told = figure.id.removeprefix(section.question.id + WITHIN)
    codes = tuple(told.split(",")) if figure.ratio_of == () else codes_of(figure, columns)
    rest = told.removeprefix(",".join(codes)).removeprefix("-")
    label = words.codes_label(columns, codes) + (f", {rest}" if rest else "")
    return Pooled(figure.id, codes, label, figure.text, texts.get(figure.id + LOWER, ""), texts.get(figure.id + UPPER, ""),
                  figure.n_strata)  # fmt: skip


def codes_of(figure: PooledFigure, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The group of a pooled ratio, by the counts from which it comes."""
    told = dict(figure.ratio_of[0][0])
    return tuple(told[column] for column in columns)


def pooled_sentences(section: Section) -> list[str]:
    """Each pooled ratio in words; at the end, once, where they come from."""
    said = [
        f"Within the same school, {one.label} beside {section.compared}: {one.text} times"
        + (f" (95% range {one.lower} to {one.upper})" if one.lower and one.upper else "")
        + f", from {one.n_schools} schools."
        for one in pooled_of(section)
    ]
    return [*said, NEEDS_SNAPSHOT] if said else []
