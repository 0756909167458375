"""The counts of a release: which questions, counted once, and protected by its policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dueregard.errors import CannotAnswer, ReleaseRefused
from dueregard.progress import QUIET, Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.policy import Policy
    from dueregard.disclose.pooled import Pooled
    from dueregard.engines.engine import Engine
    from dueregard.engines.schools import School
    from dueregard.evidence.cells import Cells
    from dueregard.evidence.protected import ProtectedCells
    from dueregard.evidence.published import Published
    from dueregard.measures.measure import Measure

HELP = (
    "support_offered",
    "accepted",
    "completed",
)  # not the year without a contact after it, which is known a year late
# What is published unless other stages are asked for: the way of a pupil, and the help beside it.
STAGES = ("referred_by_school", "contact", "power_used", "recorded_as_suspect", "arrested", "out_of_court", "charged",
          *HELP)  # fmt: skip
SPLITS = ("ethnicity", "sex", "sen_provision", "disability")
# Groups that are listed whether there is anybody or not: no roll says of them that there is nobody.
ALWAYS = {"ethnicity": ("not_stated", "not_recorded"), "sen_provision": ("unknown", "not_recorded"),
          "disability": ("unknown", "not_recorded")}  # fmt: skip
ALWAYS_ELSE = ("not_recorded",)


def with_help(stages: tuple[str, ...]) -> tuple[str, ...]:
    """These stages, and the help beside them: no table of harm goes out without that of the help for the same groups.

    >>> with_help(("arrested", "accepted"))
    ('arrested', 'accepted', 'support_offered', 'completed')
    """
    is_harm = any(stage not in HELP for stage in stages)
    return (*stages, *(stage for stage in HELP if stage not in stages)) if is_harm else stages


@dataclass(frozen=True, slots=True)
class Counted:
    """One question with its true counts. They stay inside; protected is what may be shown of them.

    by_area, trend: None where the question has no such table. places: how fine it may be shown, finest first.
    """

    id: str
    title: str
    comparison: tuple[str | None, ...]
    estimand: str
    places: tuple[str, ...]
    whole: Cells
    by_school: Cells
    by_area: Cells | None
    trend: Cells | None
    protected: dict[str, ProtectedCells]  # by place, and `trend`
    pooled: Pooled | None = None  # compared within schools, by the rule for pooled figures

    @property
    def sets(self) -> dict[str, tuple[str, ...]]:
        """By period, which schools entered?"""
        found: dict[str, set[str]] = {}
        for cells in (self.by_school, self.trend):
            for cell in () if cells is None else cells.strata:
                found.setdefault(cell.period, set()).add(cell.stratum[0])
        return {period: tuple(sorted(schools)) for period, schools in found.items()}

    @property
    def true(self) -> dict[str, Cells]:
        found = {"all": self.whole, "school": self.by_school, "area": self.by_area, "trend": self.trend}
        return {name: cells for name, cells in found.items() if cells is not None}


def count_all(
    engine: Engine, policy: Policy, *, stages: tuple[str, ...], splits: tuple[str, ...], period: str | None,
    comparison: str | None, place: str | None = None, earlier: Sequence[Published] = (), progress: Quiet = QUIET,
) -> tuple[list[Counted], list[tuple[str, str, str]]]:  # fmt: skip
    """Every question with its counts; and (id, title, why) of those without an answer.

    place: the finest that is wanted. earlier: what was public, whose groups are listed again. Raises ReleaseRefused where the policy never lets out so much detail.
    """
    from dueregard.measures.catalogue import entry

    found, missing = [], []
    with progress.step("Counting", total=len(stages)) as advance:
        for code in stages:
            for split in splits:
                asked = entry(code)
                name, title = f"{code}-{split.replace(',', '-')}", f"{asked.title}, by {split.replace('_', ' ')}"
                try:
                    measure = asked.measure(by=tuple(split.split(",")), period=period)
                    places_of(policy, measure, "year" if period is None else time_of(period))  # before it is counted
                    found.append(from_place(_counted(engine, policy, name, title, measure, comparison), place))
                except CannotAnswer as why:
                    missing.append((name, title, why.found.replace("\n", " ")))
            advance(code)
    progress.done(f"counted {len(found)} questions")
    return protected_together(engine, policy, found, earlier), missing


def count_again(
    engine: Engine, policy: Policy, asked: list[tuple[str, Measure, tuple[str | None, ...]]], *,
    earlier: Sequence[Published] = (), progress: Quiet,
) -> list[Counted]:  # fmt: skip
    """The questions of a release again, with the comparisons that they had. asked: (id, measure, comparison). earlier: releases
    whose groups are listed again; the release itself among them."""
    found = []
    with progress.step("Counting again", total=len(asked)) as advance:
        for name, measure, comparison in asked:
            found.append(replace(_counted(engine, policy, name, name, measure, None), comparison=comparison))
            advance(name)
    return protected_together(engine, policy, found, earlier)


def _counted(
    engine: Engine, policy: Policy, name: str, title: str, measure: Measure, comparison: str | None
) -> Counted:
    from dueregard.assess.words import estimand_of

    by_school = engine.count(replace(measure, within=("school",)))
    whole = replace(by_school, measure=measure, strata=())
    places = places_of(policy, measure, time_of(whole.periods[0]))
    by_area = engine.count(replace(measure, within=("area",))) if "area" in places else None
    if by_area is not None and len({cell.stratum for cell in by_area.strata}) < 2:
        by_area = None
    template = _template(whole, comparison)
    return Counted(
        name, title, template, estimand_of(measure, whole.periods, template or None),
        tuple(p for p in places if p != "area" or by_area is not None), whole,
        by_school, by_area, _trend(engine, measure), {},
    )  # fmt: skip


def _template(cells: Cells, comparison: str | None) -> tuple[str | None, ...]:
    from dueregard.assess.groups import comparison_template
    from dueregard.errors import UnknownName

    try:
        return comparison_template(cells, comparison) or ()
    except UnknownName:  # a comparison that was asked for applies where the split has that group
        return comparison_template(cells, None) or ()


def _trend(engine: Engine, measure: Measure) -> Cells | None:
    """Every whole year that was collected; None where there is one only, or where a period was asked for."""
    if measure.period is not None:
        return None
    cells = engine.count(replace(measure, by=(*measure.by, "period"), within=("school",)))
    return cells if len(cells.periods) > 1 else None


def protected_together(
    engine: Engine, policy: Policy, counted: list[Counted], earlier: Sequence[Published] = ()
) -> list[Counted]:
    """Every table of a split with the same groups, in this release and in all before it: which rows exist tells nothing.
    Then what may be shown of each."""
    listed: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for question in counted:
        groups = listed.setdefault(question.whole.measure.columns, set())
        groups |= {cell.codes for cells in question.true.values() for cell in (*cells.whole, *cells.strata)}
    for columns, groups in listed.items():
        groups |= _listed_before(earlier, columns)
        some = next(iter(sorted(groups)))
        for at, column in enumerate(columns):
            groups |= {(*some[:at], code, *some[at + 1 :]) for code in ALWAYS.get(column, ALWAYS_ELSE)}
    return [_with_protected(engine, policy, q, listed[q.whole.measure.columns]) for q in counted]


def _listed_before(earlier: Sequence[Published], columns: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The groups that earlier releases list by these columns."""
    rows = (dict(row.of) for published in earlier for table in published.tables for row in table.rows)
    return {tuple(told[column] for column in columns) for told in rows if set(columns) <= set(told)}


def _with_protected(engine: Engine, policy: Policy, counted: Counted, groups: set[tuple[str, ...]]) -> Counted:
    """The question with all that may be shown of it."""
    from dueregard.disclose.complete import complete
    from dueregard.disclose.pooled import within_ratios
    from dueregard.disclose.protect import protect

    protected = {}
    for name, cells in counted.true.items():
        rolls = _rolls(engine, cells.measure)
        known = None if rolls is None else complete(rolls, groups=groups)
        protected[name] = protect(complete(cells, rolls=known, groups=groups), policy, rolls=known)
    pooled = within_ratios(counted.id, complete(counted.by_school, groups=groups), counted.comparison, policy)
    return replace(counted, protected=protected, pooled=pooled)


def _rolls(engine: Engine, measure: Measure) -> Cells | None:
    """The pupils on roll behind a question whose denominator is another."""
    if measure.denominator == "pupils_on_roll":
        return None
    try:
        return engine.count(replace(measure, denominator="pupils_on_roll"))
    except CannotAnswer:
        return None


def places_of(policy: Policy, measure: Measure, time: str) -> tuple[str, ...]:
    """How fine may figures of this question be shown, of a year, a term or months? Finest place first, by the policy's own ladder.

    Split by area or phase, by no school or area: every pupil of a school is in the one row, so that it would be the total of
    the school under another name.

    Raises ReleaseRefused where the policy lets out no figure of so short a time, or of so many columns; says which it does.
    """
    from dueregard.disclose.policy import PLACES, TIMES
    from dueregard.disclose.possible import could_show_detail
    from dueregard.measures.columns import is_of_places

    wished = PLACES[-1:] if is_of_places(measure.columns) else PLACES
    if found := tuple(place for place in wished if could_show_detail(policy, place, time, len(measure.by))):
        return found
    most = max(rung.columns for rung in policy.ladder)
    if len(measure.by) > most:
        raise ReleaseRefused(
            f"The policy `{policy.name}` lets out no figure of {len(measure.by)} columns crossed: {', '.join(measure.by)}.",
            try_this=f"`--split` with {most} column(s) at a time, such as {measure.by[0]}.",
        )
    shortest = min((rung.time for rung in policy.ladder if rung.columns >= len(measure.by)), key=TIMES.index)
    raise ReleaseRefused(
        f"The policy `{policy.name}` lets out no figure of a {time}: the shortest time is a {shortest}.",
        try_this=f"`--period` with a {shortest}, such as 2023/24" + ("-autumn." if shortest == "term" else "."),
    )


def from_place(counted: Counted, place: str | None) -> Counted:
    """The same question, no finer than this place; by all where it has no such strata."""
    from dueregard.disclose.policy import PLACES
    from dueregard.errors import UnknownName

    if place is None:
        return counted
    if place not in PLACES:
        raise UnknownName("place", place, PLACES)
    if PLACES.index(place) < PLACES.index(counted.places[0]) and place == PLACES[0]:
        raise ReleaseRefused(
            f"No figure of a school is let out of {counted.id} for {counted.whole.periods[0]}.",
            try_this=f"`--place {counted.places[0]}`.",
        )
    return replace(counted, places=tuple(p for p in counted.places if PLACES.index(p) >= PLACES.index(place)))


def parents_of(counted: list[Counted], schools: tuple[School, ...]) -> tuple[tuple[str, str, str], ...]:
    """Which school lies in which area, and is of which phase? Of the schools that entered, where areas or phases are told."""
    entered = {urn for question in counted for urns in question.sets.values() for urn in urns}
    told = {column for question in counted for column in question.whole.measure.columns}
    told |= {"area"} if any(question.by_area for question in counted) else set()
    return tuple(
        ("school", school.urn, f"{column}={getattr(school, column)}")
        for column in ("area", "phase") if column in told
        for school in schools if school.urn in entered
    )  # fmt: skip


def time_of(period: str) -> str:
    """How long is a period? A run of months counts as months, however long: two runs may differ by one month.

    >>> time_of("2023/24"), time_of("2023/24-autumn"), time_of("2024-01/2024-12")
    ('year', 'term', 'month')
    """
    from dueregard.terms.periods import parse_period

    return {"academic_year": "year", "financial_year": "year", "term": "term"}.get(parse_period(period).kind, "month")
