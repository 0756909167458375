"""From cells to the arrays of the model: schools by strata, and the design of the main effects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dueregard.errors import CannotAnswer, UsageError
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.evidence.cells import Cell, Cells
from dueregard.measures.columns import PERIOD, code_label, comparisons, order_of
from dueregard.measures.measure import Measure
from dueregard.stats.intervals import Floats
from dueregard.terms.missing import is_not_known

Codes = tuple[str, ...]
FEWEST = 10  # events below which there is nothing to learn similarity from
LARGEST = 40_000_000  # schools times strata: about a third of a gigabyte for each working table


@dataclass(frozen=True, slots=True)
class Strata:
    """events, size, school, stratum: shape (n_cells,), the last two as places. n, over: by stratum, of the whole figure."""

    columns: tuple[str, ...]
    codes: tuple[Codes, ...]
    n_schools: int
    events: Floats
    size: Floats
    school: np.ndarray
    stratum: np.ndarray
    n: Floats
    over: Floats
    n_outside: int
    apart: tuple[Cell, ...]

    @property
    def overall_rate(self) -> float:
        return float(self.events.sum() / self.size.sum())


@dataclass(frozen=True, slots=True)
class Design:
    """Main effects: an intercept, then one column for each level but the reference of each characteristic.

    references: by column. named: (column, code) of each design column after the intercept.
    """

    columns: tuple[str, ...]
    references: Codes
    named: tuple[tuple[str, str], ...]

    @property
    def n(self) -> int:
        return 1 + len(self.named)

    def rows(self, codes: list[Codes] | tuple[Codes, ...]) -> Floats:
        """The design of these combinations. Shape (n_codes, n)."""
        place = {name: k + 1 for k, name in enumerate(self.named)}
        found = np.zeros((len(codes), self.n))
        found[:, 0] = 1
        for j, combination in enumerate(codes):
            for column, code in zip(self.columns, combination, strict=True):
                if (column, code) in place:
                    found[j, place[column, code]] = 1
        return found


def intersections_question(measure: Measure) -> Measure:
    """The question that is counted: each stratum in each school. Raises UsageError where there is no model for it."""
    if PERIOD in measure.by:
        raise UsageError("A model of intersections is of one period.", try_this="`--period 2023/24`, once for each.")
    if measure.is_conditional:
        raise UsageError("A stage as denominator has no exposure, so this model is not for it.",
                         try_this="`--denominator pupils_on_roll` or `pupil_years`.")  # fmt: skip
    if measure.is_count_only:
        raise UsageError("The roll does not have every column of the question, so there is no rate.",
                         try_this="columns of the roll: ethnicity, sen_type, sex, age_on_31_august and others.")  # fmt: skip
    if len(measure.columns) < 2:
        raise UsageError("An intersection needs at least two columns.", try_this="`--by ethnicity,sex`.")
    return replace(measure, within=("school",))


def is_missing_stratum(codes: Codes) -> bool:
    """Is any characteristic not known?"""
    return any(map(is_not_known, codes))


def label_of(columns: tuple[str, ...], codes: Codes) -> str:
    return ", ".join(code_label(column, code) for column, code in zip(columns, codes, strict=True))


def strata_of(cells: Cells) -> Strata:
    """Arrays, once. A missing stratum of two sources stays apart: whom the police did not ask and whom the school did not
    ask are not the same pupils. Raises CannotAnswer where there is too little, or too much, for a model.
    """
    if any(cell.denominator is None for cell in cells.strata):
        raise CannotAnswer("The roll of some stratum is suppressed or not split so, so there is no rate to model.",
                           try_this="fewer columns in --by, or `dueregard compare`, which shows bounds.")  # fmt: skip
    is_apart = TWO_SOURCES in cells.caveats
    apart = tuple(c for c in cells.whole if is_apart and is_missing_stratum(c.codes))
    away = {c.codes for c in apart}
    used = [c for c in cells.strata if c.denominator and c.codes not in away]
    outside = sum(c.n for c in cells.strata if not c.denominator and c.codes not in away)
    columns = cells.measure.columns
    codes = sorted({c.codes for c in used}, key=lambda x: [order_of(k, v) for k, v in zip(columns, x, strict=True)])
    schools = sorted({c.stratum for c in used})
    _check_enough(used, codes, schools, cells.measure)
    at, school_at = {x: k for k, x in enumerate(codes)}, {x: k for k, x in enumerate(schools)}
    whole = {c.codes: c for c in cells.whole}
    return Strata(
        columns, tuple(codes), len(schools), np.array([c.n for c in used], float),
        np.array([c.denominator for c in used], float) / cells.measure.per,
        np.array([school_at[c.stratum] for c in used]), np.array([at[c.codes] for c in used]),
        np.array([whole[x].n for x in codes], float),
        np.array([whole[x].denominator or 0 for x in codes], float) / cells.measure.per, outside, apart,
    )  # fmt: skip


def _check_enough(used: list[Cell], codes: list[Codes], schools: list[Codes], measure: Measure) -> None:
    events = sum(c.n for c in used)
    if not events:
        raise CannotAnswer(f"Nobody with a known stratum was counted at the stage `{measure.stage}`, so there is no rate to model.",
                           try_this="an earlier stage, or a longer time; `dueregard compare` gives upper limits.")  # fmt: skip
    if events < FEWEST:
        raise CannotAnswer(f"Fewer than {FEWEST} were counted at the stage `{measure.stage}`: too few to learn from similar pupils.",
                           try_this="an earlier stage, or a longer time; `dueregard compare` gives exact ranges.")  # fmt: skip
    if len(codes) < 3 or len(schools) < 2:
        raise CannotAnswer(
            "A model of intersections needs at least two schools and three strata with pupils.",
            try_this="more columns in --by, or `dueregard compare`.",
        )
    if len(codes) * len(schools) > LARGEST:
        raise CannotAnswer(f"{len(schools):,} schools by {len(codes):,} strata are too many for one model.",
                           try_this="fewer columns in --by, or `--where area=...`.")  # fmt: skip


def design_of(strata: Strata) -> Design:
    """Main effects of every characteristic. The reference is its comparison group, else the level with most pupils."""
    references, named = [], []
    for k, column in enumerate(strata.columns):
        over: dict[str, float] = {}
        for codes, size in zip(strata.codes, strata.over, strict=True):
            over[codes[k]] = over.get(codes[k], 0.0) + size
        declared = [code for code in comparisons(column) if code in over]
        reference = declared[0] if declared else max(over, key=lambda code: (over[code], code))
        references.append(reference)
        named += [(column, code) for code in sorted(over, key=lambda c: order_of(column, c)) if code != reference]
    return Design(strata.columns, tuple(references), tuple(named))


def singles_of(design: Design, codes: Codes) -> tuple[Codes, tuple[Codes, ...]] | None:
    """The reference of a combination, and those that differ from it in one characteristic. None: fewer than two differ.

    Only columns with a declared comparison group go back to it; age, year and place are held as they are.
    """
    apart = [
        k for k, column in enumerate(design.columns)
        if comparisons(column) and design.references[k] in comparisons(column) and codes[k] != design.references[k]
    ]  # fmt: skip
    if len(apart) < 2 or is_missing_stratum(codes):
        return None
    base = tuple(design.references[k] if k in apart else code for k, code in enumerate(codes))
    return base, tuple(tuple(codes[j] if j == k else code for j, code in enumerate(base)) for k in apart)


def chosen(strata: Strata, asked: tuple[tuple[str, tuple[str, ...]], ...]) -> Floats:
    """Which strata does `--stratum` mean? Shape (n_strata,) of 0 and 1. Raises UsageError or CannotAnswer."""
    unknown = [column for column, _ in asked if column not in strata.columns]
    if unknown:
        raise UsageError(
            f"`{unknown[0]}` is in --stratum and not in --by.", try_this=f"--by with `{unknown[0]}` in it."
        )
    wanted = dict(asked)
    hit = [
        all(code in wanted.get(column, (code,)) for column, code in zip(strata.columns, codes, strict=True))
        for codes in strata.codes
    ]
    if not any(hit):
        _check_not_apart(strata, wanted)
        words = ", ".join(" or ".join(code_label(c, code) for code in codes) for c, codes in asked)
        raise CannotAnswer(f"No pupil on roll in the schools of this figure is in the stratum {words}, so it has no rate.",
                           try_this="fewer characteristics in --stratum, or another period.")  # fmt: skip
    return np.array(hit, float)


def _check_not_apart(strata: Strata, wanted: dict[str, tuple[str, ...]]) -> None:
    """Raises CannotAnswer where the stratum asked for is a missing one of two sources."""
    for cell in strata.apart:
        if all(code in wanted.get(c, (code,)) for c, code in zip(strata.columns, cell.codes, strict=True)):
            raise CannotAnswer("Two sources: pupils whom the police did not ask are not those whom the school did not ask, "
                               "so a stratum that is not known has numbers and no rate.",
                               try_this="a stratum whose characteristics are all known.")  # fmt: skip
