"""SQL of numerators: which rows reach a stage, one row a contact and pupil."""

from __future__ import annotations

from dueregard.engines.plan import COUNTED_COLUMNS, Plan
from dueregard.engines.sql import (
    CONTACT_COLUMNS,
    DIFFERS,
    EVENT_COLUMNS,
    ONE_VALUE,
    UNIDENTIFIED,
    YEARLY,
    Dialect,
    age_from_year,
    counted_ethnicity,
    day,
    known_state,
    listed,
    literal,
    picked,
)
from dueregard.engines.tallies import PLACE_COLUMNS, TALLIED_BEHAVIOUR, TALLIED_COLUMNS, TALLY_SPLITS
from dueregard.measures.columns import OWN_COLUMNS, SERIES
from dueregard.measures.measure import Measure
from dueregard.terms.periods import Period, academic_year_of
from dueregard.terms.stages import Stage


def _stage_filter(declared: Stage, alias: str) -> list[str]:
    found = []
    if declared.table == "contact":
        if declared.column:
            found.append(f"{alias}.{declared.column} IN ({listed(declared.codes)})")
        return found
    if declared.column and declared.codes:
        found.append(f"{alias}.{declared.column} IN ({listed(declared.codes)})")
    elif declared.column:
        found.append(f"{alias}.{declared.column} IS NOT NULL")
    if declared.reason:
        found.append(f"{alias}.reason = {literal(declared.reason)}")
    return found


def _own_filters(measure: Measure, table: str, alias: str) -> list[str]:
    """`where` on columns of this table."""
    return [f"{alias}.{name} IN ({listed(codes)})" for name, codes in measure.where if OWN_COLUMNS.get(name) == table]


def _categories(measure: Measure, declared: Stage) -> tuple[str, ...]:
    return measure.wanted("subject_category") or declared.categories


def _where(conditions: list[str]) -> str:
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def window_sql(period: Period) -> str:
    """The days of a period; the academic years are told as well, so that no other is read."""
    years = (academic_year_of(day_of).first_year for day_of in (period.from_on, period.to_on))
    first, last = years
    return f"on_day BETWEEN {day(period.from_on)} AND {day(period.to_on)} AND academic_year BETWEEN {first} AND {last}"


def events_sql(measure: Measure, declared: Stage, dialect: Dialect, *, window: str = "") -> str:
    """Rows that reach this stage: link, pupil_no, urn, on_day, characteristics, own columns, and how many they are.

    link names what a conditional rate joins on: contact and pupil, or the offer of support. window: only these days.
    """
    if declared.table == "contact":
        return _contact_events(measure, declared)
    if declared.table == "support":
        return _support_events(measure, declared, dialect)
    return _joined_events(measure, declared, window)


def _carried(measure: Measure) -> tuple[str, ...]:
    """Columns of a contact and its pupil that later steps read. One list for every split of a report: made once."""
    asked = {*measure.columns, *(column for column, _ in measure.where)}
    own = (c for c in ("subject_category", *CONTACT_COLUMNS, *SERIES) if c in asked)
    return (*ONE_VALUE, *own, *(("own_year_group",) if needs_yearly(measure) else ()), *DIFFERS)


def _contact_events(measure: Measure, declared: Stage) -> str:
    conditions = [f"i.subject_category IN ({listed(_categories(measure, declared))})", *_stage_filter(declared, "i"),
                  *_own_filters(measure, "contact", "i"), *_own_filters(measure, "involvement", "i")]  # fmt: skip
    columns = ", ".join(f"i.{c}" for c in _carried(measure))
    return (
        f"SELECT i.contact_no, i.pupil_no, i.contact_no AS link, i.urn, i.on_day, i.academic_year, {columns}, "
        f"1 AS n_involvements, 1 AS n_events FROM involved AS i{_where(conditions)}"
    )


def _joined_events(measure: Measure, declared: Stage, window: str) -> str:
    """Rows of a table beside the contact: first as one row a pupil of a contact, by number alone, then joined."""
    conditions = [f"p.subject_category IN ({listed(_categories(measure, declared))})",
                  *_own_filters(measure, "contact", "p"), *_own_filters(measure, "involvement", "p")]  # fmt: skip
    of_events = [
        *_stage_filter(declared, "e"),
        *_own_filters(measure, declared.table, "e"),
        *([window] if window else []),
    ]
    own = [c for c in EVENT_COLUMNS[declared.table] if c in measure.columns]
    kept = ", ".join(f"p.{c}" for c in ("contact_no", "pupil_no", "urn", "on_day", "academic_year", *_carried(measure)))
    keys = ", ".join(("contact_no", "pupil_no", *own))
    events = f"SELECT {keys}, COUNT(*) AS n_events FROM {declared.table}_row AS e{_where(of_events)} GROUP BY {keys}"
    return (
        f"SELECT {kept}{''.join(f', e.{c}' for c in own)}, p.contact_no AS link, "
        "CASE WHEN p.n_rows < e.n_events THEN p.n_rows ELSE e.n_events END AS n_involvements, e.n_events "
        f"FROM ({events}) AS e JOIN person AS p ON p.contact_no = e.contact_no AND p.pupil_no = e.pupil_no{_where(conditions)}"
    )


def _support_events(measure: Measure, declared: Stage, dialect: Dialect) -> str:
    conditions = [*_stage_filter(declared, "s"), *_own_filters(measure, "support", "s")]
    if declared.follow_up_days:
        until = dialect.add_days.format(day="s.completed_on", n=declared.follow_up_days)
        conditions += [
            f"s.pupil_no <> {UNIDENTIFIED}",
            f"NOT EXISTS (SELECT 1 FROM involved AS i WHERE i.pupil_no = s.pupil_no AND i.on_day > s.completed_on "
            f"AND i.on_day <= {until} AND i.subject_category IN ({listed(_categories(measure, declared))}))",
        ]
    values = ", ".join(f"COALESCE(p.{c}, 'not_recorded') AS {c}" for c in ONE_VALUE)
    return (
        f"SELECT s.contact_no, s.pupil_no, s.support_ref AS link, s.urn, s.on_day, s.academic_year, s.service, {values}, "
        f"'not_recorded' AS own_year_group, {', '.join(f'0 AS {d}' for d in DIFFERS)}, 1 AS n_involvements, 1 AS n_events "
        f"FROM support_row AS s LEFT JOIN pupil_value AS p ON p.pupil_no = s.pupil_no{_where(conditions)}"
    )


def pupil_year_sql(period: Period, roll_now: str | None) -> str:
    """One value a pupil in this period of what changes every year; from the roll where it links, else from contacts."""
    linked = (
        "SELECT pupil_no, CAST(census_on AS TIMESTAMP) AS said_at, urn AS tie, 0 AS tie_no, year_group, age_on_31_august, "
        f"is_fsm, 0 AS source FROM ({roll_now}) AS l UNION ALL "
        if roll_now
        else ""
    )
    return (
        f"SELECT pupil_no, {picked(YEARLY)} FROM (SELECT pupil_no, {', '.join(YEARLY)}, "
        + ", ".join(_first_yearly(c) for c in YEARLY)
        + f" FROM ({linked}SELECT pupil_no, occurred_at AS said_at, '' AS tie, contact_no AS tie_no, "
        f"own_year_group AS year_group, {age_from_year('own_year_group')} AS age_on_31_august, 'not_collected' AS is_fsm, "
        f"1 AS source FROM involved WHERE pupil_no <> {UNIDENTIFIED} AND {window_sql(period)}"
        ") AS said) AS numbered GROUP BY pupil_no"
    )


def _first_yearly(column: str) -> str:
    unknown = f"CASE WHEN {column} IN ('not_stated', 'not_recorded', 'not_collected', 'suppressed', 'unknown') THEN 1 ELSE 0 END"
    order = f"source, {unknown}, said_at DESC, tie DESC, tie_no DESC, {column}"
    return f"ROW_NUMBER() OVER (PARTITION BY pupil_no ORDER BY {order}) AS nth_{column}"


def needs_yearly(measure: Measure) -> bool:
    """Is it split or filtered by what changes every year?"""
    return any(name in YEARLY for name in (*measure.columns, *(column for column, _ in measure.where)))


def reached_sql(plan: Plan, period: Period, dialect: Dialect, *, roll_now: str | None) -> str:
    """The numerator's rows of one period, before schools and groups: with every column that a question may name."""
    measure = plan.measure
    window = window_sql(period)
    base = events_sql(measure, plan.stage, dialect, window=window if plan.given is None else "")
    if plan.given is None:
        rows = f"SELECT * FROM ({base}) AS e WHERE {window}"
    else:
        rows = _conditional_sql(plan, base, window, dialect)
    return _with_groups(rows, measure, period, roll_now)


def beside_contact(declared: Stage) -> bool:
    """Are its rows in a table beside the contact, so that several stages can be read from it at once?"""
    return declared.table in ("power_use", "step", "outcome")


def reached_at_once_sql(
    plans: list[Plan], numbers: list[str], period: Period, schools: str | None, *, roll_now: str | None
) -> str:
    """The rows of several stages of one table, read once. numbers: how each is called, 1 in a row that reaches the stage.
    schools: the table of those whose rows are wanted; None: the rows of every school are.

    Characteristics stand in the rows as `group_no`. The contact is joined only where the question names more of it.
    """
    measure, declared = plans[0].measure, plans[0].stage
    flags = ", ".join(
        f"CASE WHEN {' AND '.join(_stage_filter(one.stage, 'e')) or '1 = 1'} THEN 1 ELSE 0 END AS {name}"
        for one, name in zip(plans, numbers, strict=True)
    )
    conditions = [window_sql(period), f"e.subject_category IN ({listed(_categories(measure, declared))})",
                  *_own_filters(measure, declared.table, "e")]  # fmt: skip
    rows = f"SELECT contact_no, pupil_no, urn, group_no, is_alone, {flags} FROM {declared.table}_row AS e{_where(conditions)}"
    carried = [c for c in _carried(measure) if c not in DIFFERS]
    if measure.where or set(carried) - set(ONE_VALUE):
        of_contact = [*_own_filters(measure, "contact", "p"), *_own_filters(measure, "involvement", "p")]
        rows = (
            f"SELECT e.*, {', '.join(f'p.{c}' for c in carried)} FROM ({rows}) AS e JOIN person AS p "
            f"ON p.contact_no = e.contact_no AND p.pupil_no = e.pupil_no{_where(of_contact)}"
        )
    if schools is None and {"area", "phase"} & {*measure.columns, *(column for column, _ in measure.where)}:
        schools = "school"
    return _with_groups(rows, measure, period, roll_now, schools=schools)


def given_sql(plan: Plan, period: Period, dialect: Dialect, *, roll_now: str | None) -> str:
    """The denominator's rows of one period, where it is a stage."""
    assert plan.given is not None
    window = window_sql(period)
    rows = f"SELECT * FROM ({events_sql(plan.measure, plan.given, dialect, window=window)}) AS d WHERE {window}"
    return _with_groups(rows, plan.measure, period, roll_now)


def _conditional_sql(plan: Plan, base: str, window: str, dialect: Dialect) -> str:
    """Rows that reach the stage, among those that are in the denominator."""
    assert plan.given is not None
    given = f"SELECT * FROM ({events_sql(plan.measure, plan.given, dialect, window=window)}) AS g WHERE {window}"
    if plan.given.table == "support" or plan.stage.table != "support":
        joined = "d.link = e.link AND d.pupil_no = e.pupil_no"
    else:
        joined = "d.contact_no = e.contact_no AND d.pupil_no = e.pupil_no"
    return f"SELECT e.* FROM ({base}) AS e WHERE EXISTS (SELECT 1 FROM ({given}) AS d WHERE {joined})"


def _with_groups(
    rows: str, measure: Measure, period: Period, roll_now: str | None, *, schools: str | None = "school"
) -> str:  # fmt: skip
    """Adds area, phase and what changes every year; applies `where` on shared columns.

    schools: the table that has them; None: nobody asks for area or phase, and a row need only have a school. Of many rows
    that saves most of the time: a school's number is a text.
    """
    place = "COALESCE(s.borough, 'not_recorded') AS area, s.phase AS phase"
    at_school = f"JOIN {schools} AS s ON s.urn = e.urn"
    if schools is None:
        place, at_school = "'all' AS area, 'all' AS phase", ""
        rows = f"SELECT * FROM ({rows}) AS r WHERE urn IS NOT NULL"
    if needs_yearly(measure):
        yearly = ", ".join(f"COALESCE(y.{c}, {_unlinked(c)}) AS {c}" for c in YEARLY)
        join = f" LEFT JOIN ({pupil_year_sql(period, roll_now)}) AS y ON y.pupil_no = e.pupil_no"
    else:
        yearly, join = ", ".join(f"'all' AS {c}" for c in YEARLY), ""
    conditions = [f"{n} IN ({listed(c)})" for n, c in measure.where if n not in OWN_COLUMNS]
    return f"SELECT * FROM (SELECT e.*, {place}, {yearly} FROM ({rows}) AS e {at_school}{join}) AS g" + _where(
        conditions
    )


def _unlinked(column: str) -> str:
    return {"year_group": "e.own_year_group", "age_on_31_august": age_from_year("e.own_year_group")}.get(
        column, "'not_collected'"
    )


def unit_sql(unit: str) -> str:
    """How many units are these rows?"""
    if unit == "pupils":
        return f"COUNT(DISTINCT CASE WHEN pupil_no <> {UNIDENTIFIED} THEN pupil_no END)"
    return f"COALESCE(SUM(n_{unit}), 0)"


def _units_of_pupils(unit: str, keys: tuple[str, ...], reached: str, entering: str, only: str) -> str:
    """Each pupil's units in each cell; all who were not identified are one row of a cell."""
    named = "".join(f"{key}, " for key in keys)
    return (
        f"SELECT {named}pupil_no, CAST(SUM(n_{unit}) AS BIGINT) AS k FROM {reached} AS t "
        f"WHERE urn IN (SELECT urn FROM {entering}){only} GROUP BY {named}pupil_no"
    )


def repeats_sql(unit: str, keys: tuple[str, ...], reached: str, entering: str, only: str) -> str:
    """Of each cell: units, the sum over pupils of their squares, units of unidentified pupils, the most of one pupil.

    Whoever was not identified is taken as another pupil each time: the square of 1 is 1.
    """
    is_known = f"pupil_no <> {UNIDENTIFIED}"
    named = "".join(f"{key}, " for key in keys)
    sums = (
        "COALESCE(SUM(k), 0)",
        f"COALESCE(SUM(CASE WHEN {is_known} THEN k * k ELSE k END), 0)",
        f"COALESCE(SUM(CASE WHEN {is_known} THEN 0 ELSE k END), 0)",
        f"COALESCE(MAX(CASE WHEN {is_known} THEN k ELSE 0 END), 0)",
    )
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    listed_sums = ", ".join(f"CAST({one} AS BIGINT)" for one in sums)
    each = _units_of_pupils(unit, keys, reached, entering, only)
    return f"SELECT {named}{listed_sums} FROM ({each}) AS x{grouped} HAVING COUNT(*) > 0"


def pupils_by_repeats_sql(unit: str, keys: tuple[str, ...], reached: str, entering: str, only: str) -> str:
    """Of each cell: how many identified pupils have how many units in it?"""
    named = "".join(f"{key}, " for key in keys)
    each = _units_of_pupils(unit, keys, reached, entering, only)
    return (
        f"SELECT {named}k, COUNT(*) AS n_pupils FROM ({each}) AS x WHERE pupil_no <> {UNIDENTIFIED} GROUP BY {named}k"
    )


def tallied_sql(plan: Plan, period: Period) -> str:
    """Sanctions of one tabulation, as schools counted them: urn, groups, behaviour, n, state."""
    assert plan.numerator_tabulation is not None
    columns = ", ".join(
        counted_ethnicity("c.ethnicity") + " AS ethnicity" if c == "ethnicity" else f"c.{c}" for c in TALLIED_COLUMNS
    )
    split = set(plan.numerator_tabulation.split("+"))
    of = [f"c.{c} {'NOT IN' if c in split else 'IN'} ('all', 'not_collected')" for c in TALLY_SPLITS]
    of += [f"c.kind IN ({listed(plan.stage.codes)})", *tallied_when(period, "c")]
    filters = [f"{n} IN ({listed(codes)})" for n, codes in plan.measure.where]
    return (
        f"SELECT * FROM (SELECT c.urn, {columns}, c.reason AS {TALLIED_BEHAVIOUR}, COALESCE(s.borough, 'not_recorded') AS area, "
        f"s.phase AS phase, c.n, 'counted' AS state FROM sanction AS c JOIN school AS s ON s.urn = c.urn{_where(of)}) AS g{_where(filters)}"
    )


def tallied_when(period: Period, alias: str) -> list[str]:
    """Sanctions of an academic year, or of one of its terms."""
    year, _, term = period.name.partition("-")
    return [f"{alias}.academic_year = {literal(year)}", *([f"{alias}.term = {literal(term)}"] if term else [])]


def tallied_schools_sql(plan: Plan, period: Period) -> str:
    """Schools with sanctions of the period, and whether any of them is of the tabulation that answers."""
    assert plan.numerator_tabulation is not None
    split = set(plan.numerator_tabulation.split("+"))
    of = " AND ".join(f"c.{c} {'NOT IN' if c in split else 'IN'} ('all', 'not_collected')" for c in TALLY_SPLITS)
    return f"SELECT c.urn, MAX(CASE WHEN {of} THEN 1 ELSE 0 END) FROM sanction AS c{_where(tallied_when(period, 'c'))} GROUP BY c.urn"


def counted_sql(plan: Plan, period: Period) -> str:
    """Rows of `stage_count` that answer: urn, groups, n, state."""
    measure, tabulation = plan.measure, plan.numerator_tabulation
    columns = ", ".join(
        counted_ethnicity("c.ethnicity") + " AS ethnicity" if c == "ethnicity" else f"c.{c}" for c in COUNTED_COLUMNS
    )
    filters = [
        f"{n} IN ({listed(codes)})" for n, codes in measure.where
        if n in (*COUNTED_COLUMNS, *PLACE_COLUMNS) and not (n == "disability" and plan.numerator_drops_disability)
    ]  # fmt: skip
    return (
        f"SELECT * FROM (SELECT c.urn, {columns}, COALESCE(s.borough, 'not_recorded') AS area, s.phase AS phase, CASE WHEN c.state = 'not_applicable' THEN 0 ELSE c.n END AS n, {known_state('c.state')} AS state "
        f"FROM stage_count AS c JOIN school AS s ON s.urn = c.urn WHERE c.stage = {literal(plan.stage.code)} "
        f"AND c.unit = {literal(measure.unit)} AND c.period = {literal(period.name)} AND c.tabulation = {literal(tabulation or '')}) AS g"
        + _where(filters)
    )
