"""How a question is read, for a given snapshot: source, periods, tabulations, subjects. No row is counted here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from dueregard.engines.engine import Facts, Tabulation
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.caveats import (
    AGE_FROM_YEAR,
    BY_CONTACT_DATE,
    BY_SCHOOL,
    NOT_ADDITIVE,
    NOT_WHOLE,
    ONE_CENSUS,
    TWO_SOURCES,
)
from dueregard.measures.columns import OWN_COLUMNS, SPLITS
from dueregard.measures.measure import Measure, check_measure
from dueregard.records.calendar import england_calendar
from dueregard.terms.missing import ALL
from dueregard.terms.periods import Period, academic_year, academic_year_of, parse_period
from dueregard.terms.stages import Stage, stage

ROWS, COUNTED, TALLIED = (
    "rows",
    "counted",
    "tallied",
)  # pupils' rows; stages counted by the source; sanctions counted by schools
COUNTED_COLUMNS = ("ethnicity", "sex", "sen_provision", "disability")
TALLIED_COLUMNS = ("ethnicity", "sex", "sen_provision", "sen_type")
TALLIED_BEHAVIOUR = "behaviour"  # a contact's word for the act: the column `reason` of a sanction shares its list
TALLY_SPLITS = (*TALLIED_COLUMNS, "reason", "kind", "term")
CONTACT_TABLES = ("contact", "power_use", "step", "outcome")
PLACE_COLUMNS = tuple(name for name, column in SPLITS.items() if column.place)
LAST_MONTH = 7  # without `collection`, a year is called whole if something is dated in its July or later


@dataclass(frozen=True, slots=True)
class RollChoice:
    """Which tabulations of the roll answer? by_population: one for each value of `disability`."""

    tabulations: tuple[str, ...]
    by_population: bool
    drops_disability: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as it is answered from one snapshot.

    subjects: what must have been collected: primary ones must be told or shown, inherited ones follow contact.
    """

    measure: Measure
    source: str
    stage: Stage
    given: Stage | None
    periods: tuple[Period, ...]
    primary: tuple[str, ...]
    inherited: tuple[str, ...]
    needs_roll: bool
    needs_posting: bool
    roll: RollChoice | None
    numerator_tabulation: str | None
    numerator_drops_disability: bool
    follow_up_days: int  # contacts must have been collected for so long after the period
    caveats: tuple[str, ...]


def plan(measure: Measure, facts: Facts) -> Plan:
    """How is this question answered from this snapshot?

    Raises UnknownName or UsageError if it is wrongly asked, CannotAnswer if the snapshot does not hold it.
    """
    check_measure(measure)
    asked = stage(measure.stage)
    source = _source_of(asked, facts)
    given = stage(measure.denominator) if measure.is_conditional else None
    {COUNTED: _check_counted, ROWS: _check_rows, TALLIED: _check_tallied}[source](measure, facts, asked, given)
    periods, period_caveats = _periods(measure, facts, asked, given, source)
    needs_roll = given is None and not measure.is_count_only
    roll = _roll_choice(measure, facts) if needs_roll else None
    numerator, drops = _numerator_tabulation(measure, facts, asked) if source == COUNTED else (None, False)
    if source == TALLIED:
        numerator = _tally(measure, facts, periods)
    primary, inherited = _subjects(asked, given, source)
    return Plan(
        measure=measure, source=source, stage=asked, given=given, periods=periods, primary=primary,
        inherited=inherited, needs_roll=needs_roll, needs_posting=_needs_posting(measure, facts), roll=roll,
        numerator_tabulation=numerator, numerator_drops_disability=drops, follow_up_days=_follow_up(asked, given),
        caveats=(*period_caveats, *_caveats(measure, facts, asked, source, needs_roll)),
    )  # fmt: skip


def check_repeats(measure: Measure) -> None:
    """Raises UsageError where nothing can repeat."""
    if measure.unit == "pupils":
        raise UsageError("Pupils count once each, so none repeats.", try_this="`--unit involvements`.")


def check_cubed(planned: Plan) -> None:
    """Raises CannotAnswer where sums over columns and years would not be sums of pupils who can be told apart."""
    if planned.source != ROWS:
        raise CannotAnswer(
            f"The source publishes counts of `{planned.stage.code}`, in which no pupil can be told apart."
        )
    if planned.roll is None or planned.roll.tabulations != (ALL,):
        raise CannotAnswer("A cube adds up the roll over its columns, and no one tabulation of it has them all.",
                           try_this="a roll by pupil, or fewer columns.")  # fmt: skip


def _source_of(asked: Stage, facts: Facts) -> str:
    if any(code == asked.code for code, _, _ in facts.counted):
        return COUNTED
    return TALLIED if asked.table == "sanction" else ROWS


def _follow_up(asked: Stage, given: Stage | None) -> int:
    """A pupil without further contact can be told only when the year after has been collected."""
    return max(declared.follow_up_days for declared in (asked, given) if declared is not None)


def _check_counted(measure: Measure, facts: Facts, asked: Stage, given: Stage | None) -> None:
    units = sorted({unit for code, unit, _ in facts.counted if code == asked.code})
    if measure.unit not in units:
        raise CannotAnswer(f"The source counts `{asked.code}` in {', '.join(units)}.", try_this=f"`--unit {units[0]}`.")
    if given is not None:
        raise CannotAnswer(
            "The source publishes counts, so one stage cannot be taken of another.",
            try_this="`--denominator pupils_on_roll`.",
        )
    own = [name for name in (*measure.columns, *(c for c, _ in measure.where)) if name in OWN_COLUMNS]
    if own:
        raise CannotAnswer(f"The source publishes counts, which do not hold `{own[0]}`.")


def _check_tallied(measure: Measure, facts: Facts, asked: Stage, given: Stage | None) -> None:
    """A school's sanctions are counts by term: no pupil, no day and no officer can be told."""
    if "sanction" not in facts.tables:
        raise CannotAnswer(f"`{asked.code}` is not collected: the snapshot has no table `sanction`.",
                           try_this="`dueregard measures --snapshot PATH` lists what it can answer.")  # fmt: skip
    if measure.unit != "events":
        raise CannotAnswer(
            "Schools count sanctions, not pupils: one pupil may stand behind several.", try_this="`--unit events`."
        )
    if given is not None:
        raise CannotAnswer(f"`{asked.code}` cannot be taken of `{given.code}`: sanctions are not linked to contacts.",
                           try_this="`--denominator pupils_on_roll`.")  # fmt: skip
    if measure.denominator.startswith("officer_") or "officer" in measure.within:
        raise CannotAnswer("Sanctions are counted by term, so it is not known on which days they were given.",
                           try_this="`--denominator pupils_on_roll`, without `--within officer`.")  # fmt: skip
    can = (*TALLIED_COLUMNS, *PLACE_COLUMNS, TALLIED_BEHAVIOUR)
    lacking = [name for name in (*measure.columns, *(c for c, _ in measure.where)) if name not in can]
    if lacking:
        raise CannotAnswer(f"Sanctions are not counted by `{lacking[0]}`.", try_this=f"one of {', '.join(can)}.")


def _source_table(declared: Stage) -> str:
    return "involvement" if declared.table == "contact" else declared.table


def _check_rows(measure: Measure, facts: Facts, asked: Stage, given: Stage | None) -> None:
    if given is not None and given.table == "sanction":
        raise CannotAnswer(f"`{asked.code}` cannot be taken of `{given.code}`: sanctions are not linked to contacts.",
                           try_this="a stage of the ladder, such as `--denominator contact`.")  # fmt: skip
    for declared in (asked, given):
        if declared is None:
            continue
        needed = (["contact", "involvement"] if declared.table in CONTACT_TABLES else []) + [_source_table(declared)]
        if declared.code == "no_further_contact_12m":
            needed += ["contact", "involvement"]
        for name in needed:
            if name not in facts.tables:
                raise CannotAnswer(f"`{declared.code}` is not collected: the snapshot has no table `{name}`.",
                                   try_this="`dueregard measures --snapshot PATH` lists what it can answer.")  # fmt: skip
    if measure.unit == "involvements" and asked.table == "support":
        raise UsageError("Support is not counted in involvements.", try_this="`--unit pupils` or `--unit events`.")
    if "is_fsm" in (*measure.columns, *(c for c, _ in measure.where)) and not facts.roll_is_by_pupil:
        raise CannotAnswer("Free meals stand in the roll only, and the roll is not by pupil: no event can be linked to it.",
                           try_this="a roll with `pupil_ref`.")  # fmt: skip
    _check_given(asked, given)
    _check_own_columns(measure, asked, given)


def _check_given(asked: Stage, given: Stage | None) -> None:
    if given is None:
        return
    if given.table == "support" and asked.table != "support":
        raise CannotAnswer(f"`{asked.code}` cannot be taken of `{given.code}`: it does not follow from it.",
                           try_this="a stage of the ladder, such as `--denominator contact`.")  # fmt: skip


def _check_own_columns(measure: Measure, asked: Stage, given: Stage | None) -> None:
    if given is not None:
        _check_split_of_given(measure, asked, given)
    tables = set()
    for declared in (asked, given):
        if declared is not None:
            tables |= _tables_of(declared)
    for name in (*measure.columns, *(column for column, _ in measure.where)):
        if name in OWN_COLUMNS and OWN_COLUMNS[name] not in tables:
            raise CannotAnswer(f"`{name}` belongs to `{OWN_COLUMNS[name]}`, from which `{asked.code}` is not counted.",
                               try_this="another column, or a stage that has it.")  # fmt: skip


def _tables_of(declared: Stage) -> set[str]:
    return {declared.table} | ({"contact", "involvement"} if declared.table in CONTACT_TABLES else set())


def _check_split_of_given(measure: Measure, asked: Stage, given: Stage) -> None:
    """A rate of a stage needs its groups on both sides."""
    for name in measure.columns:
        without = [s.code for s in (asked, given) if name in OWN_COLUMNS and OWN_COLUMNS[name] not in _tables_of(s)]
        if without:
            raise CannotAnswer(
                f"`{name}` belongs to `{OWN_COLUMNS[name]}`: rows of `{without[0]}` do not have it, so no rate can be taken.",
                try_this=f"`--where {name}=...`, or counts without `--denominator`.",
            )


def _periods(
    measure: Measure, facts: Facts, asked: Stage, given: Stage | None, source: str
) -> tuple[tuple[Period, ...], list[str]]:
    if source == COUNTED:
        known = sorted({period for code, _, period in facts.counted if code == asked.code})
        return _counted_periods(measure, known), []
    if source == TALLIED:
        return _tallied_periods(measure, facts)
    if measure.period is not None:
        asked_for = _with_term_dates(parse_period(measure.period), facts)
        _check_has_data(asked_for, facts)
        return (asked_for,), []
    last, is_whole = _last_year(facts, "support" if asked.table == "support" else "contact", _follow_up(asked, given))
    caveats = [] if is_whole else [NOT_WHOLE]
    if not measure.is_trend:
        return (last,), caveats
    first = academic_year_of(facts.first_on) if facts.first_on else last
    return tuple(academic_year(y) for y in range(min(first.first_year, last.first_year), last.first_year + 1)), caveats


def _check_has_data(period: Period, facts: Facts) -> None:
    """Raises UnknownName if every row and every return lies before the period, or after it."""
    ends = [day for day in (facts.last_on, *(to_on for _, to_on in facts.covered_to)) if day is not None]
    if not ends or facts.first_on is None:
        return
    is_before = period.to_on < facts.first_on and not facts.covered_to
    if period.from_on > max(ends) or is_before:
        first, last = academic_year_of(facts.first_on).first_year, academic_year_of(max(ends)).first_year
        raise UnknownName("period with data", period.name, [academic_year(y).name for y in range(first, last + 1)])


def _with_term_dates(period: Period, facts: Facts) -> Period:
    """A term lasts until the next begins, by the snapshot's own calendar where it has one."""
    if period.kind != "term":
        return period
    year, term = period.name.split("-")
    starts = {name: start for name, start, *_ in england_calendar(period.first_year)}
    starts |= {name: start for y, name, start in facts.term_starts if y == year}
    after = {"autumn": "spring", "spring": "summer"}.get(term)
    from_on = period.from_on if term == "autumn" else starts[term]
    to_on = period.to_on if after is None else starts[after] - timedelta(days=1)
    return replace(period, from_on=from_on, to_on=to_on)


def _counted_periods(measure: Measure, known: list[str]) -> tuple[Period, ...]:
    if measure.period is not None and parse_period(measure.period).name not in known:
        raise UnknownName("period", measure.period, known)
    names = known if measure.is_trend else [measure.period or known[-1]]
    return tuple(parse_period(name) for name in names)


def _tallied_periods(measure: Measure, facts: Facts) -> tuple[tuple[Period, ...], list[str]]:
    """Academic years and terms, as schools count them; the last unless asked, and never after the year of the contacts."""
    years = sorted({year for year, _ in facts.sanction_terms})
    if not years:
        raise CannotAnswer("No sanction is counted, so there is no period.", try_this="`--period 2023/24`.")
    if measure.period is not None:
        asked = parse_period(measure.period)
        if asked.kind not in ("academic_year", "term"):
            raise CannotAnswer("Sanctions are counted by term, so only academic years and terms can be asked for.",
                               try_this="`--period 2023/24` or `--period 2023/24-autumn`.")  # fmt: skip
        if asked.name.partition("-")[0] not in years:
            raise UnknownName("period", measure.period, years)
        return (_with_term_dates(asked, facts),), []
    if measure.is_trend:
        return tuple(parse_period(name) for name in years), []
    try:
        last = _last_year(facts, "contact", 0)[0].name
    except CannotAnswer:  # no contact is dated
        last = years[-1]
    return (parse_period(max([y for y in years if y <= last], default=years[-1])),), []


def _tally(measure: Measure, facts: Facts, periods: tuple[Period, ...]) -> str:
    """From which tabulation of the sanctions is this answered: of those that have every column the one with fewest.

    A tabulation is named by the columns that it splits. Cells of two are never added.
    """
    named = {*measure.columns, *(column for column, _ in measure.where)} - set(PLACE_COLUMNS)
    needed = {"kind", *("reason" if name == TALLIED_BEHAVIOUR else name for name in named)}
    needed |= {"term"} if any(period.kind == "term" for period in periods) else set()
    found = _best(list(facts.sanction_tabulations), needed, facts)
    if found is None:
        raise CannotAnswer(f"No tabulation of the sanctions has {', '.join(sorted(needed))} together.",
                           try_this=f"what the source has: {_listed(facts.sanction_tabulations)}.")  # fmt: skip
    return found.name


def _last_year(facts: Facts, subject: str, follow_up: int) -> tuple[Period, bool]:
    """The last academic year that is over in the data, else the one that they are in (and then: not whole)."""
    covered = dict(facts.covered_to).get(subject)
    back = timedelta(days=follow_up)
    covered = covered - back if covered else None
    ends = [day for day in (covered, facts.last_on - back if facts.last_on else None) if day is not None]
    if not ends:
        raise CannotAnswer("No contact is dated, so there is no period.", try_this="`--period 2023/24`.")
    year = academic_year_of(max(ends))
    is_over = covered >= year.to_on if covered else max(ends) >= date(year.to_on.year, LAST_MONTH, 1)
    if is_over:
        return year, True
    before = academic_year(year.first_year - 1)
    has_before = facts.first_on is not None and facts.first_on <= before.to_on
    return (before, True) if has_before else (year, False)


def _roll_columns(measure: Measure) -> set[str]:
    named = {*measure.columns, *(column for column, _ in measure.where)}
    return {name for name in named if name in SPLITS and name not in PLACE_COLUMNS}


def _splits(tabulation: Tabulation, facts: Facts) -> frozenset[str]:
    """Age follows from the year group."""
    return tabulation.columns | ({"age_on_31_august"} if "year_group" in tabulation.columns else set())


def _best(tabulations: list[Tabulation], needed: set[str], facts: Facts) -> Tabulation | None:
    """Of those that have every column: the one with fewest columns, then by name."""
    fitting = [t for t in tabulations if needed <= _splits(t, facts)]
    return min(fitting, key=lambda t: (len(t.columns), t.name), default=None)


def tabulation_by_ethnicity(tabulations: tuple[Tabulation, ...], facts: Facts) -> str | None:
    """From which tabulation is ethnicity read: of the whole population, the one with fewest columns. None: from none."""
    found = _best([t for t in tabulations if t.population == ALL], {"ethnicity"}, facts)
    return found.name if found is not None else None


def _listed(tabulations: tuple[Tabulation, ...]) -> str:
    return "; ".join(
        f"{t.name}: {', '.join(sorted(t.columns)) or 'no split'}" for t in sorted(tabulations, key=lambda t: t.name)
    )


def _roll_choice(measure: Measure, facts: Facts) -> RollChoice:
    if not facts.roll_tabulations:
        raise CannotAnswer(
            "A rate needs a roll, and the snapshot has none.",
            try_this="add roll.csv, or ask for a stage as denominator.",
        )
    needed = _roll_columns(measure)
    whole = [t for t in facts.roll_tabulations if t.population == ALL]
    found = _best(whole, needed, facts)
    if found is not None:
        return RollChoice((found.name,), by_population=False, drops_disability=False)
    if "disability" in needed:
        choice = _population_choice(measure, facts, needed - {"disability"})
        if choice is not None:
            return choice
    raise CannotAnswer(
        f"No tabulation of the roll has {', '.join(sorted(needed))} together.",
        try_this=f"what it has: {_listed(facts.roll_tabulations)}.",
    )


def _population_choice(measure: Measure, facts: Facts, others: set[str]) -> RollChoice | None:
    """`disability` as a population of its own: cells of two tabulations are never added."""
    wanted = measure.wanted("disability")
    populations = sorted({t.population for t in facts.roll_tabulations} - {ALL})
    counted = dict(facts.stage_disabilities).get(measure.stage)
    if counted is not None and "disability" in measure.columns:
        populations = [name for name in populations if name in counted]
    found = {}
    for name in populations:
        best = _best([t for t in facts.roll_tabulations if t.population == name], others, facts)
        if best is not None and (wanted is None or name in wanted):
            found[name] = best.name
    if not found or (wanted is not None and set(wanted) != set(found)):
        return None
    split = "disability" in measure.columns
    if not split and len(found) != 1:
        return None
    return RollChoice(tuple(found.values()), by_population=split, drops_disability=not split)


def _numerator_tabulation(measure: Measure, facts: Facts, asked: Stage) -> tuple[str, bool]:
    tabulations = dict(facts.stage_tabulations).get(asked.code, ())
    needed = {n for n in (*measure.columns, *(c for c, _ in measure.where)) if n in SPLITS and n not in PLACE_COLUMNS}
    wanted = measure.wanted("disability")
    held = dict(facts.stage_disabilities).get(asked.code, frozenset())
    found = _best([t for t in tabulations if t.population == ALL], needed, facts)
    if found is not None and (wanted is None or set(wanted) <= held):
        return found.name, False
    if wanted and len(wanted) == 1 and "disability" not in measure.columns:
        found = _best([t for t in tabulations if t.population == wanted[0]], needed - {"disability"}, facts)
        if found is not None:
            return found.name, True
    raise CannotAnswer(
        f"No tabulation of `{asked.code}` has {', '.join(sorted(needed))} together.",
        try_this=f"what the source has: {_listed(tabulations)}.",
    )


def _subjects(asked: Stage, given: Stage | None, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if source == COUNTED:
        return (asked.code,), ()
    if source == TALLIED:
        return ("sanction",), (asked.code,)
    primary: list[str] = []
    inherited: list[str] = []
    for declared in (asked, given):
        if declared is None:
            continue
        primary.append("support" if declared.table == "support" else "contact")
        if declared.code == "no_further_contact_12m":
            primary.append("contact")
        inherited += [declared.code] if declared.code not in primary else []
        inherited += ["involvement"] if declared.table != "support" else []
        inherited += [declared.table] if declared.table not in ("contact", "support") else []
    primary_names = tuple(dict.fromkeys(primary))
    return primary_names, tuple(n for n in dict.fromkeys(inherited) if n not in primary_names)


def _needs_posting(measure: Measure, facts: Facts) -> bool:
    needed = "officer" in measure.within or measure.denominator.startswith("officer_")
    if needed and "posting" not in facts.tables:
        raise CannotAnswer("Whether an officer was posted is not collected: the snapshot has no table `posting`.")
    if "officer" in measure.within and measure.denominator.startswith("officer_"):
        raise UsageError("That denominator holds posted days only, so there is nothing to stratify by officer.",
                         try_this="`--denominator pupil_years --within officer`.")  # fmt: skip
    return needed


def _caveats(measure: Measure, facts: Facts, asked: Stage, source: str, needs_roll: bool) -> list[str]:
    found = [asked.caveat] if asked.caveat else []
    found += [BY_SCHOOL] if source == TALLIED else []
    if source == ROWS and asked.table in ("step", "outcome"):
        found.append(BY_CONTACT_DATE)
    names = {*measure.columns, *(column for column, _ in measure.where)}
    if source == ROWS and needs_roll and not (facts.roll_is_by_pupil and facts.all_are_linked) and "ethnicity" in names:
        found.append(TWO_SOURCES)
    if needs_roll and not measure.is_by_day:
        found.append(ONE_CENSUS)
    if "age_on_31_august" in names and not (facts.roll_has_age and (facts.roll_is_by_pupil or source == COUNTED)):
        found.append(AGE_FROM_YEAR)
    if measure.unit == "pupils" and measure.within and source == ROWS:
        found.append(NOT_ADDITIVE)
    return found
