"""SQL of denominators: pupils on roll, and pupil-days from terms, censuses and postings. Tables come in by name."""

from __future__ import annotations

from dueregard.engines.plan import Plan
from dueregard.engines.sql import day, listed, literal
from dueregard.engines.sql_prepared import FEW, NUMBERS, SHARED
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.terms.periods import Period

IN_FORCE = "p.from_on <= {day} AND (p.to_on IS NULL OR p.to_on >= {day})"


def census_now_sql(tabulations: tuple[str, ...], period: Period) -> str:
    """Whose roll stands for a period: the January census, else the latest (of months also the nearest); a school and a tabulation."""
    window = f"census_on BETWEEN {day(period.roll_from)} AND {day(period.roll_to)}"
    january = f"MAX(CASE WHEN {window} AND EXTRACT(MONTH FROM census_on) = 1 THEN census_on END)"
    choices = [january, f"MAX(CASE WHEN {window} THEN census_on END)"]
    if period.takes_nearest_census:
        choices.append(f"MAX(CASE WHEN census_on < {day(period.roll_from)} THEN census_on END)")
        choices.append(f"MIN(CASE WHEN census_on > {day(period.roll_to)} THEN census_on END)")
    return (
        f"SELECT urn, tabulation, COALESCE({', '.join(choices)}) AS census_on "
        f"FROM census WHERE tabulation IN ({listed(tabulations)}) GROUP BY urn, tabulation"
    )


def roll_of_sql(cells: str, censuses: str, years: tuple[int, int] | None) -> str:
    """The cells (or pupils) of these censuses. years: the academic years in which they lie, so that no other is read."""
    of_years = f" WHERE r.academic_year BETWEEN {years[0]} AND {years[1]}" if years else ""
    return (
        f"SELECT r.* FROM {cells} AS r JOIN {censuses} AS c "
        f"ON c.urn = r.urn AND c.tabulation = r.tabulation AND c.census_on = r.census_on{of_years}"
    )


def other_time_sql(censuses: str, period: Period) -> str:
    """Schools whose roll is of a census outside the academic years of the period."""
    return (
        f"SELECT COUNT(*) FROM {censuses} WHERE census_on NOT BETWEEN {day(period.roll_from)} AND {day(period.roll_to)}"
    )


def cells_for(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Which prepared table of roll cells has the columns of this question, and which columns are they?"""
    named = {*plan.measure.columns, *(column for column, _ in plan.measure.where)}
    return ("roll_fine", SHARED) if named & (set(SHARED) - set(FEW)) else ("roll_cell", FEW)


def _filters(plan: Plan) -> str:
    """`where` on columns that the roll shares. A population that answers by itself needs no filter on it."""
    assert plan.roll is not None
    found = [
        f"{name} IN ({listed(codes)})"
        for name, codes in plan.measure.where
        if name not in OWN_COLUMNS and not (name == "disability" and plan.roll.drops_disability)
    ]
    return " WHERE " + " AND ".join(found) if found else ""


def grouped_roll_sql(plan: Plan, source: str, *, by_officer: bool = False) -> str:
    """A roll's cells as leaf cells: a school (a posted state) and the columns of the split.

    n: pupils (or pupil-days) of counted cells. n_cells, n_counted, n_suppressed: cells and their states.
    at_least, at_most: bounds; n_unbounded: suppressed cells without an upper one. Where a tabulation is a
    population, it is the value of `disability`.
    """
    assert plan.roll is not None
    colon = "POSITION(':' IN r.tabulation)"
    population = f"CASE WHEN {colon} > 0 THEN SUBSTRING(r.tabulation, 1, {colon} - 1) ELSE r.tabulation END"
    shared = ", ".join(
        f"{population} AS disability" if c == "disability" and plan.roll.by_population else f"r.{c}"
        for c in cells_for(plan)[1]
    )
    officer = ", CASE WHEN r.posted = 1 THEN 'posted' ELSE 'not_posted' END AS officer" if by_officer else ""
    keys = ", ".join(
        ("urn", "area", *(["officer"] if by_officer else []), *(c for c in plan.measure.columns if c != "area"))
    )
    return (
        f"SELECT {keys}, CAST(SUM(n_pupils) AS BIGINT) AS n, CAST(SUM(n_cells) AS BIGINT) AS n_cells, "
        "CAST(SUM(CASE WHEN state = 'counted' THEN n_cells ELSE 0 END) AS BIGINT) AS n_counted, "
        "CAST(SUM(CASE WHEN state = 'suppressed' THEN n_cells ELSE 0 END) AS BIGINT) AS n_suppressed, "
        "CAST(SUM(at_least) AS BIGINT) AS at_least, CAST(SUM(at_most) AS BIGINT) AS at_most, "
        "CAST(SUM(n_unbounded) AS BIGINT) AS n_unbounded "
        f"FROM (SELECT r.urn, {', '.join(f'r.{n}' for n in NUMBERS)}, r.state, {shared}, "
        f"COALESCE(s.borough, 'not_recorded') AS area, s.phase AS phase{officer} "
        f"FROM ({source}) AS r JOIN school AS s ON s.urn = r.urn) AS g{_filters(plan)} GROUP BY {keys}"
    )


def entering_school_sql(entering: str) -> str:
    """The schools that enter."""
    return f"SELECT s.urn, s.borough, s.phase FROM school AS s WHERE s.urn IN (SELECT urn FROM {entering})"


def placed_census_sql(censuses: str, schools: str) -> str:
    """Which census stands for a school, with its area and phase."""
    return (
        "SELECT c.urn, c.tabulation, c.census_on, COALESCE(s.borough, 'not_recorded') AS area, s.phase AS phase "
        f"FROM {censuses} AS c JOIN {schools} AS s ON s.urn = c.urn"
    )


def placed_roll_sql(plan: Plan, placed: str, years: tuple[int, int] | None) -> str:
    """A roll's cells with their school's area and phase. placed: a table, so that the many cells are joined once."""
    cells, columns = cells_for(plan)
    named = ", ".join(f"r.{c}" for c in columns)
    of_years = f" WHERE r.academic_year BETWEEN {years[0]} AND {years[1]}" if years else ""
    return (
        f"SELECT * FROM (SELECT {named}, r.n_pupils AS n, c.area, c.phase FROM {cells} AS r JOIN {placed} AS c "
        f"ON c.urn = r.urn AND c.tabulation = r.tabulation AND c.census_on = r.census_on{of_years}) AS g{_filters(plan)}"
    )


def census_state_sql(censuses: str) -> str:
    """What is known of each school's whole roll, of these censuses?"""
    return (
        "SELECT c.urn, CASE WHEN SUM(c.n_suppressed) > 0 THEN 'suppressed' WHEN SUM(c.n_counted) = SUM(c.n_cells) THEN 'whole' "
        "WHEN SUM(c.n_counted) = 0 THEN 'not_collected' ELSE 'partial' END AS state "
        f"FROM census AS c JOIN {censuses} AS n ON n.urn = c.urn AND n.tabulation = c.tabulation AND n.census_on = c.census_on "
        "JOIN school AS s ON s.urn = c.urn GROUP BY c.urn"
    )


def grouped_state_sql(leaves: str) -> str:
    """What is known of each school's roll, from its leaf cells?"""
    return (
        "SELECT urn, CASE WHEN SUM(n_suppressed) > 0 THEN 'suppressed' WHEN SUM(n_counted) = SUM(n_cells) THEN 'whole' "
        f"WHEN SUM(n_counted) = 0 THEN 'not_collected' ELSE 'partial' END AS state FROM {leaves} GROUP BY urn"
    )


def state_sql(source: str) -> str:
    """What is known of each school, from rows with a state?"""
    return (
        "SELECT urn, CASE WHEN SUM(CASE WHEN state = 'suppressed' THEN 1 ELSE 0 END) > 0 THEN 'suppressed' "
        "WHEN SUM(CASE WHEN state = 'counted' THEN 0 ELSE 1 END) = 0 THEN 'whole' "
        "WHEN SUM(CASE WHEN state = 'counted' THEN 1 ELSE 0 END) = 0 THEN 'not_collected' ELSE 'partial' END AS state "
        f"FROM {source} AS x GROUP BY urn"
    )


def school_term_sql(calendars: str, dates: str) -> str:
    """First and last day of each term of each school. A term's name holds its academic year."""
    return (
        "SELECT k.urn, t.academic_year || ' ' || t.term AS term, t.from_on, t.to_on "
        f"FROM {calendars} AS k JOIN {dates} AS t ON t.calendar = k.calendar AND t.academic_year = k.academic_year"
    )


def posted_days_sql(period: Period, days: str, calendars: str) -> str:
    """School days of a period, a school: is an officer posted, and with how many hundredths of full time?"""
    in_force = IN_FORCE.format(day="d.on_day")
    term = "d.academic_year || ' ' || d.term"
    # A term is asked for by its name; its dates differ between authorities.
    window = f"d.on_day BETWEEN {day(period.from_on)} AND {day(period.to_on)}"
    if period.kind == "term":
        year, name = period.name.split("-")
        window = f"d.academic_year = {literal(year)} AND d.term = {literal(name)}"
    return (
        f"SELECT k.urn, {term} AS term, d.on_day, CASE WHEN COUNT(p.posting_ref) > 0 THEN 1 ELSE 0 END AS posted, "
        "CAST(COALESCE(SUM(CAST(ROUND(p.fte * 100) AS INTEGER)), 0) AS BIGINT) AS hundredths "
        f"FROM {calendars} AS k JOIN {days} AS d ON d.calendar = k.calendar AND d.academic_year = k.academic_year "
        f"JOIN school AS s ON s.urn = k.urn LEFT JOIN posted AS p ON p.urn = k.urn AND {in_force} "
        f"WHERE {window} "
        "AND (s.opened_on IS NULL OR s.opened_on <= d.on_day) AND (s.closed_on IS NULL OR s.closed_on >= d.on_day) "
        f"GROUP BY k.urn, {term}, d.on_day"
    )


def census_of_term_sql(tabulations: tuple[str, ...], school_terms: str) -> str:
    """Which census stands for a school's term: one in it (the latest), else the nearest earlier, else the nearest later."""
    inside = "MAX(CASE WHEN r.census_on BETWEEN t.from_on AND t.to_on THEN r.census_on END)"
    before = "MAX(CASE WHEN r.census_on < t.from_on THEN r.census_on END)"
    after = "MIN(CASE WHEN r.census_on > t.to_on THEN r.census_on END)"
    return (
        f"SELECT t.urn, t.term, r.tabulation, COALESCE({inside}, {before}, {after}) AS census_on, "
        f"CASE WHEN {inside} IS NULL THEN 1 ELSE 0 END AS is_other "
        f"FROM {school_terms} AS t JOIN (SELECT urn, tabulation, census_on FROM census "
        f"WHERE tabulation IN ({listed(tabulations)})) AS r ON r.urn = t.urn GROUP BY t.urn, t.term, r.tabulation"
    )


def pupil_days_sql(plan: Plan, weight: str, censuses: str, posted_days: str, years: tuple[int, int] | None) -> str:
    """Cells of rolls weighted by days, a school, a term and a posted state. weight: n_days or hundredths."""
    cells, columns = cells_for(plan)
    keys = "d.urn, d.term, d.posted"
    shared = ", ".join(f"r.{c}" for c in columns)
    numbers = ", ".join(f"r.{n}" if n in ("n_cells", "n_unbounded") else f"r.{n} * d.{weight} AS {n}" for n in NUMBERS)
    of_years = f" WHERE r.academic_year BETWEEN {years[0]} AND {years[1]}" if years else ""
    return (
        f"SELECT r.urn, r.census_on, r.tabulation, {shared}, r.state, {numbers}, d.posted "
        f"FROM (SELECT {keys}, COUNT(*) AS n_days, SUM(d.hundredths) AS hundredths FROM {posted_days} AS d GROUP BY {keys}) AS d "
        f"JOIN {censuses} AS c ON c.urn = d.urn AND c.term = d.term "
        f"JOIN {cells} AS r ON r.urn = c.urn AND r.tabulation = c.tabulation AND r.census_on = c.census_on{of_years}"
    )


def posted_status_sql(posted_days: str) -> str:
    """Was an officer posted at a school on every school day of the period, on none, or on some?"""
    return (
        "SELECT urn, CASE WHEN SUM(posted) = COUNT(*) THEN 'posted' WHEN SUM(posted) = 0 THEN 'not_posted' "
        f"ELSE 'part_of_the_time' END AS officer FROM {posted_days} GROUP BY urn"
    )
