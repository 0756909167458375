"""The United States Civil Rights Data Collection, 2013-14 and 2020-21: one wide file, one row a school.

Referrals to law enforcement and school-related arrests by race, sex and disability; sworn officers. A negative
value is a reserve code: it becomes a state, and no code can reach a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dueregard.collect.profiles.filling import files_behind, fill
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import Expected, read_file
from dueregard.evidence.raw import named, quoted
from dueregard.terms.ethnicity import US_FEDERAL

SEXES = ("M", "F")
SUPPRESSED = ("-2", "-11")
NOT_COLLECTED = ("-3", "-4", "-5", "-6", "-8", "-9", "-12", "-13", "")
STAGES = {"referred_by_school": "REF", "arrested": "ARR"}
ROLL_BLOCKS = {"all": "SCH_ENR", "idea": "SCH_IDEAENR", "504": "SCH_504ENR"}
ROUNDING = (
    "The source rounds counts for privacy (0, 2, 5, 8, 11, ...): intervals do not cover the rounding, "
    "and a later stage can exceed an earlier one."
)


@dataclass(frozen=True, slots=True)
class Edition:
    """One year of the collection. smallest: what a suppressed cell (-2) can hold at most, if the source says so."""

    period: str
    first_year: int
    officer: str  # the column that tells of a sworn officer
    is_posted: str  # SQL: is there one?
    fte: str  # SQL: full-time equivalent, or 'not collected'
    bounds: tuple[tuple[str, int, int], ...]

    @property
    def days(self) -> tuple[str, str]:
        return f"{self.first_year}-09-01", f"{self.first_year + 1}-08-31"


@dataclass(frozen=True, slots=True)
class CellColumn:
    """One column of the wide file that holds a count."""

    column: str
    table: str
    stage: str
    ethnicity: str
    sex: str
    disability: str
    tabulation: str


def cell_columns() -> Iterator[CellColumn]:
    """Every column that holds a count: the roll by three tabulations, each stage by two."""
    for tabulation, block in ROLL_BLOCKS.items():
        for race in US_FEDERAL:
            for sex in SEXES:
                yield CellColumn(f"{block}_{race}_{sex}", "roll", "", race, sex, "all", tabulation)
    for stage, word in STAGES.items():
        for block, disability in ((f"SCH_DISCWODIS_{word}", "none"), (f"SCH_DISCWDIS_{word}_IDEA", "idea")):
            for race in US_FEDERAL:
                for sex in SEXES:
                    yield CellColumn(f"{block}_{race}_{sex}", "stage_count", stage, race, sex, disability, "all")
        for sex in SEXES:
            yield CellColumn(f"SCH_DISCWDIS_{word}_504_{sex}", "stage_count", stage, "all", sex, "all", "504")


def _state(value: str) -> str:
    return (
        f"CASE WHEN {value} IN ({_list(SUPPRESSED)}) THEN 'suppressed' "
        f"WHEN {value} IN ({_list(NOT_COLLECTED)}) THEN 'not_collected' ELSE 'counted' END"
    )


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(quoted(v) for v in values)


def _long(connection: Any) -> None:
    """Turn the wide rows into one row a cell: `_cell`, with its state beside its text."""
    columns = list(cell_columns())
    described = ", ".join(
        f"({', '.join(quoted(x) for x in (c.column, c.table, c.stage, c.ethnicity, c.sex, c.disability, c.tabulation))})"
        for c in columns
    )
    names = ", ".join(named(c.column) for c in columns)
    connection.execute(
        f"CREATE TABLE _cell AS WITH narrow AS (SELECT _file, _line, COMBOKEY, {names} FROM _wide), "
        f"long AS (SELECT * FROM narrow UNPIVOT INCLUDE NULLS (text FOR source_column IN ({names}))), "
        f"about AS (SELECT * FROM (VALUES {described}) AS v(source_column, target, stage, ethnicity, sex, disability, "
        "tabulation)), "
        "plain AS (SELECT *, regexp_replace(COALESCE(text, ''), '[.]0+$', '') AS value FROM long JOIN about USING "
        f"(source_column)) SELECT *, {_state('value')} AS state FROM plain"
    )


def _fill_cells(connection: Any, edition: Edition) -> list[tuple[str, tuple[str, ...]]]:
    counted = "CASE WHEN state = 'counted' THEN value ELSE '' END"
    least = _bound(edition, 1)
    most = _bound(edition, 2)
    roll = {"urn": "COMBOKEY", "census_on": f"'{edition.first_year}-10-01'", "year_group": "'all'", "sex": "sex",
            "ethnicity": "ethnicity", "disability": "disability", "tabulation": "tabulation", "n_pupils": counted,
            "state": "state", "at_least": least, "at_most": most}  # fmt: skip
    stage = {"urn": "COMBOKEY", "period": quoted(edition.period), "stage": "stage", "unit": "'pupils'",
             "ethnicity": "ethnicity", "sex": "sex", "disability": "disability", "tabulation": "tabulation",
             "n": counted, "state": "state"}  # fmt: skip
    return [
        fill(connection, "roll", roll, "_cell WHERE target = 'roll'", column="source_column"),
        fill(connection, "stage_count", stage, "_cell WHERE target = 'stage_count'", column="source_column"),
    ]


def _bound(edition: Edition, place: int) -> str:
    cases = " ".join(f"WHEN value = {quoted(b[0])} THEN '{b[place]}'" for b in edition.bounds)
    return f"CASE {cases} ELSE '' END" if cases else "''"


def _fill_schools(connection: Any, edition: Edition) -> list[tuple[str, tuple[str, ...]]]:
    from_on, to_on = edition.days
    school = {"urn": "COMBOKEY", "name": "''", "borough": "LEA_STATE", "la_code": "''", "phase": "'not_collected'",
              "type": "''", "opened_on": "''"}  # fmt: skip
    posting = {"posting_ref": "'crdc-' || COMBOKEY", "officer_ref": "'crdc-' || COMBOKEY", "urn": "COMBOKEY",
               "role": "'sworn_officer'", "kind": "'presence_only'", "fte": edition.fte, "from_on": quoted(from_on),
               "to_on": quoted(to_on)}  # fmt: skip
    return [
        fill(connection, "school", school, "_wide"),
        fill(connection, "posting", posting, f"_wide WHERE {edition.is_posted}"),
    ]


def _fill_collection(connection: Any, edition: Edition) -> list[tuple[str, tuple[str, ...]]]:
    """What the source says that it collected, a school and a subject: any code hides the zero it stands for."""
    subject = "CASE WHEN target = 'roll' THEN 'roll' ELSE stage END"
    connection.execute(
        f"CREATE TABLE _subject AS SELECT min(_file) AS _file, min(_line) AS _line, COMBOKEY, {subject} AS subject, "
        "CASE WHEN bool_or(state = 'suppressed') THEN 'suppressed' WHEN bool_and(state = 'counted') THEN 'complete' "
        "WHEN bool_or(state = 'counted') THEN 'partial' ELSE 'not_collected' END AS state "
        f"FROM _cell WHERE tabulation = 'all' GROUP BY COMBOKEY, {subject}"
    )
    officer = f"regexp_replace(COALESCE({named(edition.officer)}, ''), '[.]0+$', '')"
    posted = f"CASE WHEN {_state(officer)} = 'counted' THEN 'complete' ELSE {_state(officer)} END"
    connection.execute(f"INSERT INTO _subject SELECT _file, _line, COMBOKEY, 'posting', {posted} FROM _wide")
    from_on, to_on = edition.days
    rows = {
        "urn": "COMBOKEY",
        "subject": "subject",
        "from_on": quoted(from_on),
        "to_on": quoted(to_on),
        "state": "state",
    }
    return [fill(connection, "collection", rows, "_subject")]


def gather(edition: Edition, connection: Any, path: Path) -> Gathered:
    """Read one wide file (Parquet, or CSV with the same headers) into the native tables."""
    needed = ("COMBOKEY", "LEA_STATE", edition.officer, *(c.column for c in cell_columns()))
    read = read_file(connection, path, Expected("school", needed, needed, extra=True), into="_wide")
    if not read.columns or any(f.is_error for f in read.findings):
        return Gathered((read,), ())
    _long(connection)
    present = [
        *_fill_schools(connection, edition),
        *_fill_cells(connection, edition),
        *_fill_collection(connection, edition),
    ]
    for scratch in ("_wide", "_cell", "_subject"):
        connection.execute(f"DROP TABLE {scratch}")
    return Gathered((read, *files_behind(read, present, made_for="school")), tuple(present))


EDITION_2013 = Edition(
    "2013/14", 2013, "SCH_FTESECURITY_IND", "upper(SCH_FTESECURITY_IND) = 'YES'", "''", (("-2", 0, 2),)
)
EDITION_2020 = Edition(
    "2020/21", 2020, "SCH_FTESECURITY_LEO", "TRY_CAST(SCH_FTESECURITY_LEO AS DOUBLE) > 0", "SCH_FTESECURITY_LEO", ()
)

PROFILES = (
    Profile(
        name="crdc-2013-14",
        about="US Civil Rights Data Collection 2013-14: referrals, arrests, rolls, sworn officer yes or no.",
        reads="one wide file, Parquet or CSV",
        version="1",
        caveats=(ROUNDING,),
        gather=partial(gather, EDITION_2013),
    ),
    Profile(
        name="crdc-2020-21",
        about="US Civil Rights Data Collection 2020-21: referrals, arrests, rolls, officers' full-time equivalents.",
        reads="one wide file, Parquet or CSV",
        version="1",
        caveats=("2020/21 was a year of COVID closures: compare no level with other years.",),
        gather=partial(gather, EDITION_2020),
    ),
)
