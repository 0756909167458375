"""The figure whose sensitivity is asked for: its groups, its comparison group, and what of it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dueregard.errors import CannotAnswer
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.evidence.estimate import Missingness
from dueregard.measures.columns import code_of, comparisons, order_of
from dueregard.stats.missing import Known, known
from dueregard.stats.ratios import rate_ratios, risk_ratios
from dueregard.stats.repeats import design_effect
from dueregard.terms.missing import CellState, is_not_known

ETHNICITY = "ethnicity"
WAYS = ("not_stated", "not_recorded", "not_collected", "suppressed", "unknown")


@dataclass(frozen=True, slots=True)
class Figure:
    """groups: those that are compared. others: known groups beside the comparison group, whether compared or not.

    n_missing: counted, and of unknown group. over_missing: of the denominator. is_part: those counted are a part of the
    denominator, so that the missing of the one are among the missing of the other. per: integers a unit of the denominator. repeats: who
    came again, by group; None for pupils, and where it is not known.
    """

    cells: Cells
    groups: tuple[Cell, ...]
    against: Cell
    others: tuple[Cell, ...]
    n_missing: int
    over_missing: float
    is_part: bool
    as_risk: bool
    repeats: tuple[Repeat, ...] | None = None

    @property
    def per(self) -> int:
        return self.cells.measure.per

    @property
    def n(self) -> int:
        return sum(cell.n for cell in self.cells.whole)

    @property
    def missing(self) -> tuple[Cell, ...]:
        """Those counted whose group is not known."""
        return tuple(cell for cell in self.cells.whole if is_missing_code(cell.codes[0]))

    def effect(self, *cells: Cell) -> float:
        """The design effect of what these cells count together: 1 of pupils, and where it is not known who came again."""
        if self.repeats is None or self.cells.measure.unit == "pupils":
            return 1.0
        codes = {cell.codes for cell in cells}
        found = [repeat for repeat in self.repeats if repeat.codes in codes]
        return float(design_effect(sum(r.n for r in found), sum(r.squares for r in found)))

    def over(self, cell: Cell) -> float:
        return (cell.denominator or 0) / self.per

    @property
    def ratios(self) -> Any:
        """The formula of the complete cases, as `compare` takes it."""
        return risk_ratios if self.as_risk else rate_ratios


def is_missing_code(code: str) -> bool:
    """`unknown` on a form counts as missing too."""
    return is_not_known(code)


def figure_of(
    cells: Cells, *, comparison: str | None, group: str | None, is_linked: bool, repeats: tuple[Repeat, ...] | None = None
) -> Figure:  # fmt: skip
    """Which groups are compared, and what is missing?

    Raises UnknownName for a group that does not exist; CannotAnswer where nothing can be compared.
    """
    if any(cell.state is CellState.SUPPRESSED for cell in cells.whole):
        raise CannotAnswer("The source suppresses the denominator of some group, so its rate is known between bounds only.",
                           try_this="`dueregard compare`, which prints the bounds.")  # fmt: skip
    by_code = {cell.codes[0]: cell for cell in cells.whole if not is_missing_code(cell.codes[0])}
    codes = sorted((c for c in by_code if by_code[c].denominator), key=lambda code: order_of(ETHNICITY, code))
    if not codes:
        raise CannotAnswer("Nobody's ethnicity is known here, so there is no figure of which missing ethnicity could change the direction.",
                           try_this="a source that collects ethnicity, or another period.")  # fmt: skip
    against = by_code[_comparison(codes, comparison)]
    wanted = [c for c in codes if c != against.codes[0]] if group is None else [code_of(ETHNICITY, group, codes)]
    groups = tuple(by_code[code] for code in wanted)
    if not groups or groups == (against,):
        raise CannotAnswer("There is no group beside the comparison group.", try_this="another `--group`.")
    missing = [cell for cell in cells.whole if is_missing_code(cell.codes[0])]
    n_missing, over = sum(c.n for c in missing), sum(c.denominator or 0 for c in missing)
    as_risk = _as_risk(cells)
    return Figure(
        cells, groups, against, tuple(by_code[code] for code in codes if code != against.codes[0]), n_missing,
        over / cells.measure.per, _is_part(cells, n_missing, over, is_linked=is_linked and as_risk), as_risk, repeats,
    )  # fmt: skip


def _comparison(codes: list[str], named: str | None) -> str:
    if named is not None:
        return code_of(ETHNICITY, named, codes)
    declared = [code for code in comparisons(ETHNICITY) if code in codes]
    if not declared:
        raise CannotAnswer("The group that others are usually compared with has nobody in the denominator.",
                           try_this=f"`--comparison` with one of {', '.join(codes)}.")  # fmt: skip
    return declared[0]


def _as_risk(cells: Cells) -> bool:
    """As in `compare`: pupils over the pupils that contain them."""
    measure = cells.measure
    if measure.unit != "pupils" or measure.is_by_day:
        return False
    return all(c.n <= c.denominator for c in cells.whole if c.denominator)


def _is_part(cells: Cells, n_missing: int, over_missing: int, *, is_linked: bool) -> bool:
    """Of a stage over a stage always (but for events); over a roll where every pupil counted stands in it."""
    is_inside = cells.measure.is_conditional and cells.measure.unit != "events"
    is_same = is_linked and TWO_SOURCES not in cells.caveats
    return (is_inside or is_same) and n_missing <= over_missing


def known_of(figure: Figure) -> Known:
    """The figure as columns for the formulas."""
    events, over = columns_of(figure)
    total = sum(cell.n for cell in figure.others)
    rest = {}
    if figure.cells.measure.is_conditional and figure.is_part:
        others = sum(figure.over(cell) - cell.n for cell in figure.others)
        rest = {"missing_others": figure.over_missing - figure.n_missing, "other_others": np.maximum(others - (over - events), 0)}  # fmt: skip
    return known(events, over, figure.against.n, figure.over(figure.against), missing=figure.n_missing,
                 other_events=total - events, **rest)  # fmt: skip


def columns_of(figure: Figure) -> tuple[np.ndarray, np.ndarray]:
    """Events and denominator of each group that is compared."""
    return (
        np.array([cell.n for cell in figure.groups], dtype=float),
        np.array([figure.over(cell) for cell in figure.groups]),
    )


def missingness_of(cells: Cells) -> Missingness:
    """How many of those counted have no known group, by the way in which it is missing?"""
    counts = dict.fromkeys(WAYS, 0)
    for cell in cells.whole:
        if cell.codes[0] in counts:
            counts[cell.codes[0]] += cell.n
    total = sum(cell.n for cell in cells.whole)
    share = sum(counts.values()) / total if total else 0.0
    return Missingness(counts["not_stated"], counts["not_recorded"], counts["not_collected"], counts["suppressed"], share,
                       counts["unknown"])  # fmt: skip
