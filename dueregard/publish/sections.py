"""Which figures belong together: one section for a stage and split, one chapter for a split."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from dueregard.evidence.release import Figure
from dueregard.measures.columns import SPLITS
from dueregard.publish.words import period_words, split_words, where_words
from dueregard.terms.stages import STAGES, Stage, stage

LADDERS = ("escalation", "support", "other")


@dataclass(frozen=True, slots=True)
class Section:
    """All figures of one question: crude, within strata, by period. The crude numbers are the same in each.

    main: the figure whose crude numbers are shown; None where there is a trend only.
    within: figures that compare within strata, in the order school, area, officer.
    """

    id: str
    title: str
    stage: Stage
    main: Figure | None
    within: tuple[Figure, ...]
    trends: tuple[Figure, ...]

    @property
    def any(self) -> Figure:
        return self.main or self.trends[0]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure once, the main one first."""
        first = () if self.main is None or self.main in self.within else (self.main,)
        return (*first, *self.within, *self.trends)


@dataclass(frozen=True, slots=True)
class Chapter:
    """All sections of one split."""

    id: str
    title: str
    columns: tuple[str, ...]
    sections: tuple[Section, ...]

    def on(self, ladder: str) -> tuple[Section, ...]:
        """The sections of one ladder: `escalation`, `support`, `other`."""
        return tuple(section for section in self.sections if section.stage.ladder == ladder)


def chapters(figures: tuple[Figure, ...]) -> tuple[Chapter, ...]:
    """Ethnicity, sex, special educational needs, disability, then the rest; in each the ladder's order."""
    found: dict[tuple[str, ...], list[Section]] = {}
    for section in _sections(figures):
        found.setdefault(section.any.cells.measure.columns, []).append(section)
    return tuple(_chapter(columns, found[columns]) for columns in sorted(found, key=_chapter_order))


def _chapter(columns: tuple[str, ...], sections: list[Section]) -> Chapter:
    anchor = f"by-{slug('-'.join(columns) or 'period')}"
    return Chapter(anchor, split_words(columns), columns, _in_order(_told_apart(sections)))


def _told_apart(sections: list[Section]) -> list[Section]:
    """Two sections of one title say in what they differ: unit, denominator, period."""
    often = Counter(section.title for section in sections)
    return [s if often[s.title] == 1 else replace(s, title=f"{s.title} ({_apart(s)})") for s in sections]


def _apart(section: Section) -> str:
    cells = section.any.cells
    over = cells.measure.denominator.replace("_", " ")
    return f"{cells.measure.unit} over {over}, {period_words(cells.periods)}"


def slug(text: str) -> str:
    """A name that may stand in an address and an id.

    >>> slug("arrested-ethnicity 2023/24")
    'arrested-ethnicity-2023-24'
    """
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "x"


def _question(figure: Figure) -> tuple:
    """What makes figures one question? Everything but strata and period."""
    measure = figure.cells.measure
    return measure.stage, measure.unit, measure.denominator, measure.columns, measure.where


def _sections(figures: tuple[Figure, ...]) -> list[Section]:
    trends: dict[tuple, list[Figure]] = {}
    plain: dict[tuple, list[Figure]] = {}
    for figure in figures:
        if figure.cells.measure.is_trend:
            trends.setdefault(_question(figure), []).append(figure)
        else:
            plain.setdefault((_question(figure), figure.cells.periods), []).append(figure)
    made = [_section(group, trends.pop(question, [])) for (question, _), group in plain.items()]
    return _with_own_ids(made + [_section([], group) for group in trends.values()])


def _section(plain: list[Figure], trends: list[Figure]) -> Section:
    within = tuple(figure for figure in plain if figure.cells.measure.within)
    main = next((figure for figure in plain if not figure.cells.measure.within), within[0] if within else None)
    first = main or trends[0]
    declared = stage(first.cells.measure.stage)
    only = where_words(first.cells.measure)
    title = declared.label + (f" (only {only})" if only else "")
    return Section(slug(first.id), title, declared, main, within, tuple(trends))


def _with_own_ids(sections: list[Section]) -> list[Section]:
    """Two figures whose ids differ in signs only must not share an anchor."""
    seen: dict[str, int] = {}
    out = []
    for s in sections:
        seen[s.id] = seen.get(s.id, 0) + 1
        own = f"figure-{s.id}" + (f"-{seen[s.id]}" if seen[s.id] > 1 else "")
        out.append(replace(s, id=own))
    return out


def _chapter_order(columns: tuple[str, ...]) -> tuple:
    known = list(SPLITS)
    return len(columns), [known.index(name) if name in known else len(known) for name in columns], columns


def _in_order(sections: list[Section]) -> tuple[Section, ...]:
    codes = [declared.code for declared in STAGES]
    return tuple(sorted(sections, key=lambda s: (LADDERS.index(s.stage.ladder), codes.index(s.stage.code))))
