"""Who came again: pupils beside involvements, and what repeats do to a range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.evidence.caveats import DEPENDENT
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.evidence.estimate import GroupAnswer, RepeatAnswer
from dueregard.stats.intervals import Floats
from dueregard.stats.repeats import design_effect, top_share

UNKNOWN_AS_OTHERS = (
    "Each involvement of an unidentified pupil is taken as another pupil's, so the widening may be too small."
)
NOT_ALSO_LIKENESS = "The widening knows the pupils who came again, not what else makes contacts alike (one officer, one school, one quarrel)."
NOBODY = Repeat("", (), 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Repeats:
    """By cell. unit: what repeats. widens: is the figure itself in this unit, so that its ranges are stretched?"""

    by_cell: dict[tuple[str, tuple[str, ...]], Repeat]
    unit: str
    widens: bool

    def of(self, cell: Cell) -> Repeat:
        return self.by_cell.get((cell.period, cell.codes), NOBODY)

    def effects(self, cells: list[Cell]) -> Floats:
        """The design effect of each cell's count."""
        found = [self.of(cell) for cell in cells]
        return design_effect([r.n for r in found], [r.squares for r in found])

    def pooled_effects(self, pairs: list[tuple[Cell, Cell]]) -> Floats:
        """One design effect for both groups of each pair, as the smallest ratio that could be found needs."""
        found = [(self.of(one), self.of(other)) for one, other in pairs]
        return design_effect([a.n + b.n for a, b in found], [a.squares + b.squares for a, b in found])

    def answer(self, cell: Cell) -> RepeatAnswer:
        found = self.of(cell)
        share, n_top = top_share(found.pupils, found.n)
        is_unknown = found.n > 0 and found.n == found.not_identified
        effect = float(design_effect([found.n], [found.squares])[0])
        return RepeatAnswer(
            unit=self.unit, n=found.n, n_pupils=None if is_unknown else sum(n for _, n in found.pupils),
            not_identified=found.not_identified, most=None if is_unknown else found.most,
            top_share=None if np.isnan(share) else float(share), n_top=n_top, design_effect=None if is_unknown else effect,
        )  # fmt: skip


def repeats_of(cells: Cells, repeats: tuple[Repeat, ...] | None, unit: str) -> Repeats | None:
    """The repeats of a figure by cell; None where they are not known. unit: what they are counted in."""
    if repeats is None:
        return None
    return Repeats({(r.period, r.codes): r for r in repeats}, unit, widens=cells.measure.unit != "pupils")


def caveats_of_repeats(cells: Cells, repeats: Repeats | None, groups: tuple[GroupAnswer, ...]) -> list[str]:
    """What must a reader of involvements or events bear in mind?"""
    if cells.measure.unit == "pupils" or cells.measure.is_count_only:
        return []
    if repeats is None:
        return [DEPENDENT]
    told = [g.repeat for g in groups if g.repeat is not None and not g.is_missing]
    effects = [one.design_effect for one in told if one.design_effect is not None]
    found = [DEPENDENT] if any(one.design_effect is None for one in told) else []
    if effects and max(effects) > 1:
        low, high = f"{min(effects) ** 0.5:.2f}", f"{max(effects) ** 0.5:.2f}"
        times = high if low == high else f"{low} to {high}"
        found += [f"Contacts of the same pupil are not independent: they widen the ranges of rates by a factor of {times}.",
                 NOT_ALSO_LIKENESS]  # fmt: skip
    return [*found, *([UNKNOWN_AS_OTHERS] if cells.not_identified and effects else [])]
