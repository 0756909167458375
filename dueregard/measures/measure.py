"""A question: stage, unit, denominator, split, strata, filter, period. It does nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dueregard.errors import UnknownName, UsageError
from dueregard.measures.columns import COLUMN_STRATA, OWN_COLUMNS, PERIOD, SPLITS, STRATA, check_split
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR, parse_period
from dueregard.terms.stages import ALL_STAGES, stage

UNITS = ("pupils", "involvements", "events")


@dataclass(frozen=True, slots=True)
class Denominator:
    """Over what is a rate taken? `per` is what one unit of the rate's denominator is, in counted integers."""

    name: str
    words: str  # after "for every 1,000"
    per: int = 1
    by_day: bool = False


DENOMINATORS: dict[str, Denominator] = {
    "pupils_on_roll": Denominator("pupils_on_roll", "pupils on roll"),
    "pupil_years": Denominator("pupil_years", "pupil-years", SCHOOL_DAYS_A_YEAR, True),
    "officer_present_pupil_days": Denominator(
        "officer_present_pupil_days", "pupil-days on which an officer was posted", 1, True
    ),
    "officer_fte_pupil_days": Denominator(
        "officer_fte_pupil_days", "pupil-days weighted by officers' full-time equivalent", 100, True
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, over whom, split how, in which strata, filtered how, and when?

    by: columns of the split, crossed; `period` among them gives the trend. within: school, area, officer, or columns.
    where: (column, codes) pairs. period: a name, or None for the last whole academic year.

    >>> Measure("arrested").denominator
    'pupils_on_roll'
    """

    stage: str
    unit: str = "pupils"
    denominator: str = "pupils_on_roll"
    by: tuple[str, ...] = ("ethnicity",)
    within: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the split but `period`."""
        return tuple(name for name in self.by if name != PERIOD)

    @property
    def is_trend(self) -> bool:
        return PERIOD in self.by

    @property
    def is_conditional(self) -> bool:
        """Is the denominator itself a stage?"""
        return self.denominator not in DENOMINATORS

    @property
    def per(self) -> int:
        """How many counted integers make one unit of the denominator (190 pupil-days are a pupil-year)?"""
        return 1 if self.is_conditional else DENOMINATORS[self.denominator].per

    @property
    def is_by_day(self) -> bool:
        return not self.is_conditional and DENOMINATORS[self.denominator].by_day

    @property
    def is_count_only(self) -> bool:
        """Is it split by a column that the roll has not, so that there is a count and no rate?"""
        return not self.is_conditional and any(name in OWN_COLUMNS for name in self.columns)

    def wanted(self, column: str) -> tuple[str, ...] | None:
        """The codes to which `where` narrows a column, or None."""
        return dict(self.where).get(column)

    @property
    def column_strata(self) -> tuple[str, ...]:
        """The strata that are columns: age, free meals, behaviour."""
        return tuple(name for name in self.within if name in COLUMN_STRATA)

    def without_strata(self) -> Measure:
        return replace(self, within=())


def check_measure(measure: Measure) -> None:
    """Is every word of the question known?

    Raises UnknownName or UsageError; says which stages, units, denominators, columns, strata exist.
    """
    stage(measure.stage)
    if measure.unit not in UNITS:
        raise UnknownName("unit", measure.unit, UNITS)
    if measure.is_conditional and measure.denominator not in {s.code for s in ALL_STAGES}:
        raise UnknownName("denominator", measure.denominator, [*DENOMINATORS, *(s.code for s in ALL_STAGES)])
    for name in measure.by:
        check_split(name)
    if len(set(measure.by)) != len(measure.by):
        raise UsageError("A column stands twice in --by.", try_this="each column once.")
    if not measure.by:
        raise UsageError("The question is not split.", try_this="`--by ethnicity`.")
    for name in measure.within:
        if name not in STRATA:
            raise UnknownName("stratum", name, STRATA)
    _check_column_strata(measure)
    for name, _ in measure.where:
        if name not in SPLITS and name not in OWN_COLUMNS:
            raise UnknownName("column", name, [*SPLITS, *OWN_COLUMNS])
    if measure.period is not None:
        parse_period(measure.period)
        if measure.is_trend:
            raise UsageError("`--period` and `--by period` exclude each other.", try_this="one of the two.")


def _check_column_strata(measure: Measure) -> None:
    """A stratum is the same on both sides, and is not the split itself."""
    if len(set(measure.within)) != len(measure.within):
        raise UsageError("A stratum stands twice in --within.", try_this="each stratum once.")
    for name in measure.column_strata:
        if name in measure.by:
            raise UsageError(f"`{name}` stands in --by and in --within.", try_this="one of the two.")
        if name in OWN_COLUMNS and not measure.is_conditional:
            raise UsageError(
                f"The roll has no `{name}`: it can be a stratum only where a stage is the denominator.",
                try_this="`--denominator contact`, or a stratum of the roll such as `--within age_on_31_august`.",
            )
