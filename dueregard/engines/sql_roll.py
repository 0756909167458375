"""SQL of denominators: pupils on roll, and pupil-days from terms, censuses and postings."""

from __future__ import annotations

from dueregard.engines.plan import Plan
from dueregard.engines.sql import day, listed
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.terms.periods import Period

IN_FORCE = "p.from_on <= {day} AND (p.to_on IS NULL OR p.to_on >= {day})"


def roll_now_sql(tabulations: tuple[str, ...], period: Period) -> str:
    """The roll of a period: the January census, else the latest; a school and a tabulation."""
    january = "MAX(CASE WHEN EXTRACT(MONTH FROM census_on) = 1 THEN census_on END)"
    window = f"census_on BETWEEN {day(period.roll_from)} AND {day(period.roll_to)}"
    return (
        f"SELECT r.* FROM on_roll AS r JOIN (SELECT urn, tabulation, COALESCE({january}, MAX(census_on)) AS census_on "
        f"FROM on_roll WHERE tabulation IN ({listed(tabulations)}) AND {window} GROUP BY urn, tabulation) AS c "
        "ON c.urn = r.urn AND c.tabulation = r.tabulation AND c.census_on = r.census_on"
    )


def roll_filters(plan: Plan) -> list[str]:
    """`where` on columns that the roll shares. A population that answers by itself needs no filter."""
    assert plan.roll is not None
    return [
        f"{name} IN ({listed(codes)})" for name, codes in plan.measure.where
        if name not in OWN_COLUMNS and not (name == "disability" and (plan.roll.drops_disability or plan.roll.by_population))
    ] + ([f"disability IN ({listed(plan.measure.wanted('disability') or ())})"]
         if plan.roll.by_population and plan.measure.wanted("disability") else [])  # fmt: skip


def grouped_roll_sql(plan: Plan, source: str) -> str:
    """Rows of a roll with area and phase; where a tabulation is a population, it is the value of `disability`."""
    assert plan.roll is not None
    population = "CASE WHEN POSITION(':' IN r.tabulation) > 0 THEN SUBSTRING(r.tabulation, 1, POSITION(':' IN r.tabulation) - 1) ELSE r.tabulation END"
    disability = population if plan.roll.by_population else "r.disability"
    columns = "r.ethnicity, r.sex, r.sen_provision, r.sen_type, r.year_group, r.age_on_31_august, r.is_fsm"
    filters = roll_filters(plan)
    return (
        f"SELECT * FROM (SELECT r.urn, r.census_on, r.n_pupils, r.state, r.at_least, r.at_most, {columns}, {disability} AS disability, "
        f"COALESCE(s.borough, 'not_recorded') AS area, s.phase AS phase FROM {source} AS r JOIN school AS s ON s.urn = r.urn) AS g"
        + (" WHERE " + " AND ".join(filters) if filters else "")
    )


def roll_state_sql(source: str) -> str:
    """What is known of each school's roll?"""
    return (
        "SELECT urn, CASE WHEN SUM(CASE WHEN state = 'suppressed' THEN 1 ELSE 0 END) > 0 THEN 'suppressed' "
        "WHEN SUM(CASE WHEN state = 'counted' THEN 0 ELSE 1 END) = 0 THEN 'whole' "
        "WHEN SUM(CASE WHEN state = 'counted' THEN 1 ELSE 0 END) = 0 THEN 'not_collected' ELSE 'partial' END AS state "
        f"FROM ({source}) AS x GROUP BY urn"
    )


def posted_days_sql(period: Period) -> str:
    """School days of a period, a school: is an officer posted, and with how many hundredths of full time?"""
    in_force = IN_FORCE.format(day="d.on_day")
    return (
        "SELECT k.urn, d.term, d.on_day, CASE WHEN COUNT(p.posting_ref) > 0 THEN 1 ELSE 0 END AS posted, "
        "CAST(COALESCE(SUM(CAST(ROUND(p.fte * 100) AS INTEGER)), 0) AS BIGINT) AS hundredths "
        "FROM school_calendar AS k JOIN school_day AS d ON d.calendar = k.calendar AND d.academic_year = k.academic_year "
        f"JOIN school AS s ON s.urn = k.urn LEFT JOIN posted AS p ON p.urn = k.urn AND {in_force} "
        f"WHERE d.on_day BETWEEN {day(period.from_on)} AND {day(period.to_on)} "
        "AND (s.opened_on IS NULL OR s.opened_on <= d.on_day) AND (s.closed_on IS NULL OR s.closed_on >= d.on_day) "
        "GROUP BY k.urn, d.term, d.on_day"
    )


def census_of_term_sql(tabulations: tuple[str, ...]) -> str:
    """Which census stands for a school's term: one in it (the latest), else the nearest earlier, else the nearest later."""
    inside = "MAX(CASE WHEN r.census_on BETWEEN t.from_on AND t.to_on THEN r.census_on END)"
    before = "MAX(CASE WHEN r.census_on < t.from_on THEN r.census_on END)"
    after = "MIN(CASE WHEN r.census_on > t.to_on THEN r.census_on END)"
    return (
        f"SELECT t.urn, t.term, r.tabulation, COALESCE({inside}, {before}, {after}) AS census_on, "
        f"CASE WHEN {inside} IS NULL THEN 1 ELSE 0 END AS is_other "
        "FROM school_term AS t JOIN (SELECT DISTINCT urn, tabulation, census_on FROM on_roll "
        f"WHERE tabulation IN ({listed(tabulations)})) AS r ON r.urn = t.urn GROUP BY t.urn, t.term, r.tabulation"
    )


def pupil_days_sql(weight: str, tabulations: tuple[str, ...]) -> str:
    """Roll rows weighted by days, a school, a term and a posted state. weight: n_days or hundredths."""
    keys = "d.urn, d.term, d.posted"
    return (
        f"SELECT r.urn, r.census_on, r.tabulation, r.pupil_ref, r.ethnicity, r.sex, r.sen_provision, r.sen_type, r.disability, "
        f"r.year_group, r.age_on_31_august, r.is_fsm, r.n_pupils * d.{weight} AS n_pupils, r.state, "
        f"r.at_least * d.{weight} AS at_least, r.at_most * d.{weight} AS at_most, d.posted "
        f"FROM (SELECT {keys}, COUNT(*) AS n_days, SUM(d.hundredths) AS hundredths FROM posted_days AS d GROUP BY {keys}) AS d "
        f"JOIN ({census_of_term_sql(tabulations)}) AS c ON c.urn = d.urn AND c.term = d.term "
        "JOIN on_roll AS r ON r.urn = c.urn AND r.tabulation = c.tabulation AND r.census_on = c.census_on"
    )


def posted_status_sql() -> str:
    """Was an officer posted at a school on every school day of the period, on none, or on some?"""
    return (
        "SELECT urn, CASE WHEN SUM(posted) = COUNT(*) THEN 'posted' WHEN SUM(posted) = 0 THEN 'not_posted' "
        "ELSE 'part_of_the_time' END AS officer FROM posted_days GROUP BY urn"
    )


def stratum_columns(names: tuple[str, ...], officer: str) -> list[str]:
    """The columns that name a stratum."""
    return [{"school": "urn", "area": "area", "officer": officer}[name] for name in names]
