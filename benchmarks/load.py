"""A load of any size, made by the database in native layout: pupils by hash, no file of it committed.

It is for clocks alone. Its groups are drawn evenly by hash and say nothing about anyone; `dueregard synth` makes a force
that looks like one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STAGES = ("recorded_as_suspect", "interviewed", "arrested", "report_made")
FIRST_YEAR = 2021  # of the first academic year


@dataclass(frozen=True, slots=True)
class Load:
    """How much is made. pupils: on roll in each year; a share of them is new in the next."""

    name: str
    years: int
    pupils: int
    schools: int
    contacts: int

    @property
    def roll_rows(self) -> int:
        return self.years * self.pupils


LOADS = {
    "borough": Load("borough", 3, 45_000, 90, 1_500),
    "london": Load("london", 3, 1_400_000, 3_000, 148_000),
    "england": Load("england", 5, 9_000_000, 24_000, 2_400_000),
}
NEW_EACH_YEAR = 8  # one pupil in so many leaves, and another comes


def _draw(salt: str, number: str, of: int) -> str:
    """A number below `of`, made of another by hash."""
    return f"CAST(hash({number}, '{salt}') % {of} AS INTEGER)"


def _pick(salt: str, number: str, codes: list[tuple[str, int]]) -> str:
    """A code, by weights in hundredths."""
    cases, until = [], 0
    for code, weight in codes:
        until += weight
        cases.append(f"WHEN {_draw(salt, number, 100)} < {until} THEN '{code}'")
    return f"CASE {' '.join(cases)} END"


ETHNICITY = [("WBRI", 30), ("WOTH", 14), ("BAFR", 14), ("BCRB", 6), ("AIND", 6), ("APKN", 5), ("ABAN", 7), ("MWBC", 4), ("MOTH", 6), ("OOTH", 6), ("NOBT", 2)]  # fmt: skip
SEN = [("N", 82), ("K", 13), ("E", 5)]
SEX = [("F", 49), ("M", 51)]


def write(load: Load, folder: Path) -> Path:
    """Write the load as Parquet files in native layout."""
    import duckdb

    folder.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    for name, text in _texts(load).items():
        connection.execute(f"COPY ({text}) TO '{folder / name}.parquet' (FORMAT parquet)")
    return folder


def _texts(load: Load) -> dict[str, str]:
    need = "CASE WHEN {} = 'N' THEN 'none' WHEN {} < 50 THEN 'ASD' ELSE 'SEMH' END"
    sen = _pick("sen", "p", SEN)
    step = load.pupils // NEW_EACH_YEAR
    last = FIRST_YEAR + load.years
    roll = (
        f"SELECT printf('%06d', 100000 + {_draw('school', 'p', load.schools)}) AS urn, make_date({FIRST_YEAR} + 1 + y, 1, 18) AS census_on, "
        f"printf('%016x', hash(p, 'pupil')) AS pupil_ref, 'C' AS enrolment_status, CAST(1 + {_draw('age', 'p', 11)} AS VARCHAR) AS year_group, "
        f"{_pick('sex', 'p', SEX)} AS sex, {_pick('ethnicity', 'p', ETHNICITY)} AS ethnicity, {sen} AS sen_provision, "
        f"{need.format(sen, _draw('type', 'p', 100))} AS sen_type, 'not_collected' AS disability, "
        f"CASE WHEN {_draw('meals', 'p', 100)} < 25 THEN 'yes' ELSE 'no' END AS is_fsm, 1 AS n_pupils "
        f"FROM (SELECT i // {load.pupils} AS y, i % {load.pupils} + (i // {load.pupils}) * {step} AS p FROM range({load.roll_rows}) AS t(i))"
    )
    contacts = (
        f"SELECT c, y, CAST(floor(power({_draw('who', 'c', 1_000_000)} / 1000000.0, 3) * {load.pupils}) AS BIGINT) + y * {step} AS p "
        f"FROM (SELECT c, {_draw('year', 'c', load.years)} AS y FROM range({load.contacts}) AS t(c))"
    )
    reference = "printf('%016x', hash(c, 'contact')) AS contact_ref"
    day = f"make_date({FIRST_YEAR} + y, 9, 1) + {_draw('day', 'c', 364)}"
    return {
        "school": f"SELECT printf('%06d', 100000 + i) AS urn, 'School ' || i AS name, 'Area ' || (i % {max(load.schools // 90, 1)}) AS borough, "
                  f"CAST(901 + i % 33 AS VARCHAR) AS la_code, 'SS' AS phase, '' AS type, '' AS opened_on FROM range({load.schools}) AS t(i)",
        "roll": roll,
        "contact": f"SELECT {reference}, printf('%06d', 100000 + {_draw('school', 'p', load.schools)}) AS urn, "
                   f"strftime({day}, '%Y-%m-%d') || 'T12:30:00' AS occurred_at, '' AS recorded_at, '' AS officer_ref, 'on_site' AS place_relation, "
                   f"'' AS time_relation, 'school_staff_report' AS route, '' AS initiator, '' AS behaviour, '' AS harm_level, '' AS schools_protocol, "
                   f"'' AS lowest_response, '' AS why_not_lower FROM ({contacts})",
        "involvement": f"SELECT {reference}, printf('%016x', hash(p, 'pupil')) AS pupil_ref, 'suspect' AS subject_category, '' AS age, '' AS year_group, "
                       f"{_pick('sex', 'p', SEX)} AS sex, 'NS' AS self_defined_ethnicity, '' AS observed_ethnicity, '' AS sen_provision, '' AS sen_type, "
                       f"'' AS disability, '' AS characteristics_source, '' AS was_known_to_officer, '' AS adjustments_made, '' AS appropriate_adult, "
                       f"'' AS school_later_cleared FROM ({contacts})",
        "step": f"SELECT {reference}, printf('%016x', hash(p, 'pupil')) AS pupil_ref, stage, strftime({day}, '%Y-%m-%d') AS occurred_on, '' AS decided_by, '' AS reason "
                f"FROM ({contacts}) CROSS JOIN (VALUES ('{STAGES[0]}', 100), ('{STAGES[1]}', 70), ('{STAGES[2]}', 50), ('{STAGES[3]}', 30)) AS s(stage, share) "
                f"WHERE {_draw('step', 'c', 100)} < share",
        "collection": " UNION ALL ".join(
            f"SELECT '*' AS urn, '{subject}' AS subject, '{FIRST_YEAR}-09-01' AS from_on, '{last}-08-31' AS to_on, 'complete' AS state"
            for subject in ("contact", "involvement", "step", "roll")),
    }  # fmt: skip
