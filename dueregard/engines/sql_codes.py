"""Which codes of ethnicity does a snapshot hold, and how many pupils and involvements bear each? By portable SQL."""

from __future__ import annotations

from collections.abc import Iterator

from dueregard.engines.engine import Facts
from dueregard.engines.sql import MISSING, listed, literal
from dueregard.engines.sql_facts import Query
from dueregard.engines.tabulations import tabulation_by_ethnicity
from dueregard.evidence.cells import CodeCount
from dueregard.terms.ethnicity import NOT_STATED, NOT_STATED_REASONS
from dueregard.terms.missing import ALL, NOT_IDENTIFIED

NO_CODE = (*MISSING, ALL)
COUNTS = ("pupils", "involvements")  # units of `stage_count` that say something of pupils or involvements
UNKNOWN_CELLS = "SUM(CASE WHEN state IN ('counted', 'not_applicable') THEN 0 ELSE 1 END)"


def _known(number: str) -> str:
    """The sum of the cells that are known; NULL where none is."""
    return f"CAST(SUM(CASE state WHEN 'counted' THEN {number} WHEN 'not_applicable' THEN 0 END) AS BIGINT)"


def code_counts(rows: Query, facts: Facts) -> tuple[CodeCount, ...]:
    """Every code of ethnicity as the source wrote it, with how many bear it."""
    found = [CodeCount(*row) for text in _texts(facts) for row in rows(text)]
    return tuple(sorted(found, key=lambda one: one.place))


def _texts(facts: Facts) -> Iterator[str]:
    roll = tabulation_by_ethnicity(facts.roll_tabulations, facts)
    if roll is not None:
        yield _roll(roll)
    if "involvement" in facts.tables:
        yield _involvement("self_defined_ethnicity")
        yield _involvement("observed_ethnicity")
    for stage, tabulations in facts.stage_tabulations:
        counted = tabulation_by_ethnicity(tabulations, facts)
        if counted is not None:
            yield _stage_count(stage, counted)


def _roll(tabulation: str) -> str:
    on_roll = (
        f"SELECT urn, census_on, ethnicity, n_pupils, state FROM roll WHERE tabulation = {literal(tabulation)} "
        f"AND enrolment_status IN ('C', 'M', {listed(MISSING)})"
    )
    latest = f"SELECT urn, MAX(census_on) AS census_on FROM ({on_roll}) AS x GROUP BY urn"
    return (
        f"SELECT 'roll', 'ethnicity', '', ethnicity, '', {_known('n_pupils')}, NULL, {UNKNOWN_CELLS} "
        f"FROM ({on_roll}) AS r JOIN ({latest}) AS l ON l.urn = r.urn AND l.census_on = r.census_on "
        f"WHERE ethnicity NOT IN ({listed(NO_CODE)}) GROUP BY ethnicity"
    )


def _involvement(column: str) -> str:
    """A reason is told for a code that is not stated; elsewhere it says nothing."""
    reason = "''"
    if column == "self_defined_ethnicity":
        told = f"{column} = {literal(NOT_STATED)} AND not_stated_reason IN ({listed(tuple(NOT_STATED_REASONS))})"
        reason = f"CASE WHEN {told} THEN not_stated_reason ELSE '' END"
    pupils = f"COUNT(DISTINCT CASE WHEN pupil_ref <> {literal(NOT_IDENTIFIED)} THEN pupil_ref END)"
    return (
        f"SELECT 'involvement', '{column}', '', code, reason, {pupils}, COUNT(*), 0 "
        f"FROM (SELECT pupil_ref, {column} AS code, {reason} AS reason FROM involvement) AS i "
        f"WHERE code NOT IN ({listed(NO_CODE)}) GROUP BY code, reason"
    )


def _stage_count(stage: str, tabulation: str) -> str:
    sums = ", ".join(f"CASE WHEN unit = '{unit}' THEN {_known('n')} END" for unit in COUNTS)
    part = f"{literal(stage + ' ')} || period || ' ' || unit"
    return (
        f"SELECT 'stage_count', 'ethnicity', {part}, ethnicity, '', {sums}, {UNKNOWN_CELLS} FROM stage_count "
        f"WHERE stage = {literal(stage)} AND tabulation = {literal(tabulation)} AND unit IN ({listed(COUNTS)}) "
        f"AND ethnicity NOT IN ({listed(NO_CODE)}) GROUP BY period, unit, ethnicity"
    )
