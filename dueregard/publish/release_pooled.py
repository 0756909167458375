"""Figures that were pooled over schools from true counts inside: how they are told."""

from __future__ import annotations

from dueregard.evidence.published import PooledFigure
from dueregard.measures.columns import STRATUM_WORDS
from dueregard.publish.release_lines import Section

NEEDS_SNAPSHOT = "It comes from true counts, by the rule for pooled figures, so it can be worked out again only by those who hold the snapshot."


def pooled_sentences(section: Section) -> list[str]:
    """Each pooled figure of a section, as printed."""
    return [pooled_words(figure, section.question.id) for figure in section.pooled]


def pooled_words(figure: PooledFigure, question: str) -> str:
    """One pooled figure in words: what it is, its text, over how many strata."""
    within = figure.id.removeprefix(f"{question}-within-").partition("-")
    where = STRATUM_WORDS.get(within[0], within[0])
    kind = figure.kind.replace("_", " ")
    about = f" ({within[2]})" if within[2] else ""
    return f"Within {where}{about}, {kind}: {figure.text}, from {figure.n_strata} strata. {NEEDS_SNAPSHOT}"
