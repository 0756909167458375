"""SQL text in a portable subset: CASE, COALESCE, CAST, joins, GROUP BY, ROW_NUMBER. No function of one database.

What differs between databases is in a Dialect. Text is made from declarations and from codes that were checked
against their lists; no value of a row enters it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dueregard.measures.columns import SERIES
from dueregard.terms.ethnicity import COUNTED_LISTS, OBSERVED_LISTS, SCHOOL_LISTS, SELF_DEFINED_LISTS, broad_groups
from dueregard.terms.missing import Missing

MISSING = (*map(str, Missing), "unknown")
ONE_VALUE = ("ethnicity", "sex", "sen_provision", "sen_type", "disability")
UNIDENTIFIED = 0  # the number of every pupil who was not identified
YEARLY = ("year_group", "age_on_31_august", "is_fsm")
CONTACT_COLUMNS = (
    "route",
    "place_relation",
    "time_relation",
    "initiator",
    "behaviour",
    "harm_level",
    "schools_protocol",
)
EVENT_COLUMNS = {
    "power_use": ("power", "tactic", "clothing_removal"),
    "step": ("offence_group", "reason"),
    "outcome": ("outcome",),
    "support": ("service",),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one database writes in its own way."""

    add_days: str = "CAST({day} + INTERVAL '{n}' DAY AS DATE)"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def listed(values: tuple[str, ...]) -> str:
    return ", ".join(literal(v) for v in values)


def rolled_up(expression: str, lists: tuple[str, ...]) -> str:
    """An ethnicity code as its broad group, or its way of missing."""
    by_group: dict[str, list[str]] = {}
    for code, group in broad_groups(lists).items():
        if code != group:
            by_group.setdefault(group, []).append(code)
    cases = " ".join(
        f"WHEN {expression} IN ({listed(tuple(codes))}) THEN {literal(group)}" for group, codes in by_group.items()
    )
    return f"CASE {cases} ELSE {expression} END" if cases else expression


def school_ethnicity(expression: str) -> str:
    return rolled_up(expression, SCHOOL_LISTS)


def counted_ethnicity(expression: str) -> str:
    return rolled_up(expression, COUNTED_LISTS)


def self_defined(code: str, reason: str) -> str:
    """NS counts as not stated, but with a reason other than the pupil's refusal as not recorded."""
    never_asked = f"{code} = 'NS' AND {reason} IN ('N1', 'N2', 'N3')"
    return f"CASE WHEN {never_asked} THEN 'not_recorded' ELSE {rolled_up(code, SELF_DEFINED_LISTS)} END"


def age_from_year(year_group: str) -> str:
    """Age on 31 August as year group + 4, as text; a way of missing stands for itself."""
    digits = listed(tuple(str(n) for n in range(1, 15)))
    return (
        f"CASE WHEN {year_group} IN ({digits}) THEN CAST(CAST({year_group} AS INTEGER) + 4 AS VARCHAR(20)) "
        f"WHEN {year_group} = 'R' THEN '4' WHEN {year_group} = 'N2' THEN '3' WHEN {year_group} = 'N1' THEN '2' "
        f"ELSE {year_group} END"
    )


def known_state(state: str) -> str:
    """A cell in which nobody could be is known: it counts as nobody."""
    return f"CASE WHEN {state} = 'not_applicable' THEN 'counted' ELSE {state} END"


def academic_year(moment: str) -> str:
    """The first year of the academic year of a day: what prepared tables are parted by."""
    year = f"CAST(EXTRACT(YEAR FROM {moment}) AS INTEGER)"
    return f"CASE WHEN EXTRACT(MONTH FROM {moment}) >= 9 THEN {year} ELSE {year} - 1 END"


def pupil_number(alias: str) -> str:
    """A pupil's number, of `pupil_number AS m`: 0 for whoever was not identified."""
    return f"CASE WHEN {alias}.pupil_ref = 'not_identified' THEN {UNIDENTIFIED} ELSE m.pupil_no END"


def first_value(column: str, order: str) -> str:
    """One value a pupil: of the rows that know it the latest, else the latest way of missing."""
    unknown = f"CASE WHEN {column} IN ({listed(MISSING)}) THEN 1 ELSE 0 END"
    return f"ROW_NUMBER() OVER (PARTITION BY pupil_ref ORDER BY {unknown}, {order}, {column}) AS nth_{column}"


def picked(columns: tuple[str, ...]) -> str:
    return ", ".join(f"MAX(CASE WHEN nth_{c} = 1 THEN {c} END) AS {c}" for c in columns)


PUPIL = f"""
WITH said AS (
    SELECT pupil_ref, CAST(census_on AS TIMESTAMP) AS said_at,
           CASE WHEN enrolment_status IN ('C', 'M') THEN '1' ELSE '0' END AS tie,
           {school_ethnicity("ethnicity")} AS ethnicity, sex, sen_provision, sen_type, disability
    FROM roll WHERE pupil_ref <> 'not_identified'
    UNION ALL
    SELECT i.pupil_ref, c.occurred_at, c.contact_ref,
           {self_defined("i.self_defined_ethnicity", "i.not_stated_reason")}, i.sex, i.sen_provision, i.sen_type,
           i.disability
    FROM involvement AS i JOIN contact AS c ON c.contact_ref = i.contact_ref
    WHERE i.pupil_ref <> 'not_identified'
      AND NOT EXISTS (SELECT 1 FROM roll AS r WHERE r.pupil_ref = i.pupil_ref)
), numbered AS (
    SELECT pupil_ref, {", ".join(ONE_VALUE)},
           {", ".join(first_value(c, "said_at DESC, tie DESC") for c in ONE_VALUE)}
    FROM said
)
SELECT pupil_ref, {picked(ONE_VALUE)} FROM numbered GROUP BY pupil_ref
"""

OWN_ETHNICITY = self_defined("i.self_defined_ethnicity", "i.not_stated_reason")


def _own(column: str) -> str:
    return OWN_ETHNICITY if column == "ethnicity" else f"i.{column}"


def _differs(column: str) -> str:
    """Was this involvement recorded with another known value than the pupil's one value?"""
    known = f"p.{column} NOT IN ({listed(MISSING)}) AND {_own(column)} NOT IN ({listed(MISSING)})"
    return f"CASE WHEN {known} AND {_own(column)} <> p.{column} THEN 1 ELSE 0 END AS differs_{column}"


DIFFERS = tuple(f"differs_{column}" for column in ONE_VALUE)
INVOLVED = f"""
SELECT n.contact_no, {pupil_number("i")} AS pupil_no, c.urn, CAST(c.occurred_at AS DATE) AS on_day,
       {academic_year("c.occurred_at")} AS academic_year, c.occurred_at, i.subject_category,
       {", ".join(f"c.{name}" for name in CONTACT_COLUMNS)},
       {", ".join(f"COALESCE(p.{c}, {_own(c)}) AS {c}" for c in ONE_VALUE)}, i.year_group AS own_year_group,
       {OWN_ETHNICITY} AS self_defined_ethnicity, {rolled_up("i.observed_ethnicity", OBSERVED_LISTS)} AS observed_ethnicity,
       {", ".join(_differs(c) for c in ONE_VALUE)}
FROM involvement AS i
JOIN contact AS c ON c.contact_ref = i.contact_ref
JOIN contact_number AS n ON n.contact_ref = i.contact_ref
LEFT JOIN pupil_number AS m ON m.pupil_ref = i.pupil_ref
LEFT JOIN pupil AS p ON p.pupil_ref = i.pupil_ref AND i.pupil_ref <> 'not_identified'
"""


def _agreed(column: str) -> str:
    """Of several unidentified pupils of one contact only what they share is known."""
    return f"CASE WHEN MIN({column}) = MAX({column}) THEN MIN({column}) ELSE 'not_recorded' END AS {column}"


def person_sql(ladder: tuple[str, ...]) -> str:
    """One row a contact and pupil reference: what powers, steps and outcomes are joined to."""
    same = ", ".join(_agreed(c) for c in (*CONTACT_COLUMNS, *ONE_VALUE, *SERIES, "own_year_group"))
    return f"""
SELECT contact_no, pupil_no, MIN(urn) AS urn, MIN(on_day) AS on_day, MIN(academic_year) AS academic_year,
       COALESCE(MAX(CASE WHEN subject_category IN ({listed(ladder)}) THEN subject_category END),
                MIN(subject_category)) AS subject_category,
       {same}, {", ".join(f"MAX({d}) AS {d}" for d in DIFFERS)}, COUNT(*) AS n_rows
FROM involved GROUP BY contact_no, pupil_no
"""


ON_ROLL = f"""
SELECT r.urn, r.census_on, r.tabulation,
       COALESCE(p.ethnicity, {school_ethnicity("r.ethnicity")}) AS ethnicity, COALESCE(p.sex, r.sex) AS sex,
       COALESCE(p.sen_provision, r.sen_provision) AS sen_provision, COALESCE(p.sen_type, r.sen_type) AS sen_type,
       COALESCE(p.disability, r.disability) AS disability, r.year_group,
       COALESCE(CAST(r.age_on_31_august AS VARCHAR(20)), {age_from_year("r.year_group")}) AS age_on_31_august, r.is_fsm,
       CASE WHEN r.state = 'counted' THEN r.n_pupils WHEN r.state = 'not_applicable' THEN 0 END AS n_pupils,
       {known_state("r.state")} AS state,
       CASE r.state WHEN 'counted' THEN r.n_pupils WHEN 'not_applicable' THEN 0 ELSE r.at_least END AS at_least,
       CASE r.state WHEN 'counted' THEN r.n_pupils WHEN 'not_applicable' THEN 0 ELSE r.at_most END AS at_most
FROM roll AS r LEFT JOIN pupil AS p ON p.pupil_ref = r.pupil_ref
WHERE r.enrolment_status IN ('C', 'M', {listed(MISSING)})
"""
