"""What was collected, and what is missing: by school and subject, and by column and broad ethnic group."""

from __future__ import annotations

from typing import Any

from dueregard.engines.coverage import NOT_COLLECTED, WHOLE, Told, is_gap, told_state, whole_or_nil
from dueregard.engines.sql import listed, pupil_number
from dueregard.evidence.cells import Collected, Gap
from dueregard.records.calendar import EVERY_AREA
from dueregard.terms.missing import Missing
from dueregard.terms.periods import academic_year_of, parse_period

WAYS = tuple(map(str, Missing))
INVOLVED_COLUMNS = ("ethnicity", "sex", "sen_provision", "sen_type", "disability", "observed_ethnicity")
CONTACT_COLUMNS = ("place_relation", "route", "schools_protocol", "harm_level")
ROLL_COLUMNS = ("ethnicity", "sex", "sen_provision", "sen_type", "disability", "is_fsm")


def _state(column: str) -> str:
    return f"CASE WHEN {column} IN ({listed(WAYS)}) THEN {column} WHEN {column} = 'unknown' THEN 'unknown' ELSE 'known' END"


def known_sql(tables: frozenset[str]) -> list[str]:
    """One query a table and column: (table, column, group, state, n)."""
    found = []
    if "involvement" in tables:
        found += [
            _known("involvement", c, f"SELECT ethnicity AS grp, {c} AS x, 1 AS n FROM involved")
            for c in INVOLVED_COLUMNS[:-1]
        ]
        found.append(_known("involvement", "observed_ethnicity",
                            "SELECT v.ethnicity AS grp, i.observed_ethnicity AS x, 1 AS n FROM involvement AS i "
                            "JOIN contact_number AS n ON n.contact_ref = i.contact_ref LEFT JOIN pupil_number AS m ON m.pupil_ref = i.pupil_ref "
                            f"JOIN person AS v ON v.contact_no = n.contact_no AND v.pupil_no = {pupil_number('i')}"))  # fmt: skip
        found += [
            _known("contact", c, f"SELECT ethnicity AS grp, {c} AS x, 1 AS n FROM involved") for c in CONTACT_COLUMNS
        ]
    if "roll" in tables:
        latest = ("SELECT r.* FROM roll_fine AS r JOIN (SELECT urn, MAX(census_on) AS census_on FROM census WHERE tabulation = 'all' "
                  "GROUP BY urn) AS l ON l.urn = r.urn AND l.census_on = r.census_on WHERE r.tabulation = 'all'")  # fmt: skip
        found += [
            _known(
                "roll", c, f"SELECT ethnicity AS grp, {c} AS x, n_pupils AS n FROM ({latest}) AS r WHERE {c} <> 'all'"
            )
            for c in ROLL_COLUMNS
        ]
        cell = "CASE WHEN state = 'counted' THEN 'known' ELSE state END"
        found.append(
            f"SELECT 'roll', 'n_pupils', ethnicity, {cell}, CAST(SUM(n_cells) AS BIGINT) FROM ({latest}) AS r GROUP BY ethnicity, {cell}"
        )
    return found


def _known(table: str, column: str, rows: str) -> str:
    return f"SELECT '{table}', '{column}', grp, {_state('x')}, CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM ({rows}) AS r GROUP BY grp, {_state('x')}"


def _told(engine: Any) -> tuple[dict[tuple[str, str], list[Told]], list[str]]:
    """What `collection` says, by subject and school; and every school."""
    rows = engine.rows(
        "SELECT urn, subject, from_on, to_on, state FROM collection ORDER BY urn, subject, from_on, to_on, state"
    )
    told: dict[tuple[str, str], list[Told]] = {}
    for urn, subject, a, b, state in rows:
        told.setdefault((subject, urn), []).append(Told(a, b, state))
    return told, [row[0] for row in engine.rows("SELECT urn FROM school ORDER BY urn")]


def gap_rows(engine: Any, period: str | None) -> tuple[Gap, ...]:
    """Times that were not sent whole, with the number of schools; in the period, if one is given."""
    told, schools = _told(engine)
    asked = parse_period(period) if period is not None else None
    counts: dict[tuple[str, str, str, str], int] = {}
    for subject in {s for s, _ in told}:
        for urn in schools:
            for row in told.get((subject, urn)) or told.get((subject, EVERY_AREA)) or ():
                outside = asked is not None and (row.to_on < asked.from_on or row.from_on > asked.to_on)
                if is_gap(row) and not outside:
                    key = (subject, row.from_on.isoformat(), row.to_on.isoformat(), row.state)
                    counts[key] = counts.get(key, 0) + 1
    return tuple(Gap(*key, schools=n) for key, n in sorted(counts.items()))


def collected_rows(engine: Any, period: str | None) -> tuple[Collected, ...]:
    """Schools by state of each subject that `collection` speaks of, in each academic year that it touches."""
    told, schools = _told(engine)
    years = {academic_year_of(row.from_on).name for said in told.values() for row in said}
    counts: dict[tuple[str, str, str], int] = {}
    for name in sorted(years if period is None else {period}):
        year = parse_period(name)
        for subject in sorted({s for s, _ in told}):
            for urn in schools:
                said = told.get((subject, urn)) or told.get((subject, EVERY_AREA))
                state = told_state(said, year.from_on, year.to_on) if said else NOT_COLLECTED
                key = (
                    name,
                    subject,
                    whole_or_nil(said, year.from_on, year.to_on) if state == WHOLE and said else state,
                )
                counts[key] = counts.get(key, 0) + 1
    return tuple(Collected(*key, schools=n) for key, n in sorted(counts.items()))
