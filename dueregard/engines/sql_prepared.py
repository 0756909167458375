"""What no question changes is worked out once: the tables that are prepared from a snapshot's own, by portable SQL.

`freeze` keeps them beside the canonical tables, as a cache. Where they are absent an engine makes them for itself, from
the same text. Pupils and contacts bear dense integers here: they cost a quarter of the space of references, and join
in half the time. The maps (`pupil_number`, `contact_number`) stay inside the snapshot. Rolls are cells:
pupils of one school and census who share everything that a question can ask; twice, because most questions need few
columns, and then there are ten times fewer cells.
"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.engines.plan import COUNTED_COLUMNS
from dueregard.engines.sql import (
    EVENT_COLUMNS,
    INVOLVED,
    MISSING,
    ON_ROLL,
    ONE_VALUE,
    PUPIL,
    UNIDENTIFIED,
    academic_year,
    age_from_year,
    listed,
    person_sql,
    pupil_number,
)
from dueregard.terms.stages import LADDER_CATEGORIES

VERSION = "3"  # of these texts: whoever changes what one of them gives, raises it
PARTED_BY = "academic_year"
FEW = COUNTED_COLUMNS  # the columns of a roll that most questions need
SHARED = (*FEW, "sen_type", "year_group", "age_on_31_august", "is_fsm")
ROLL_COLUMNS = (*COUNTED_COLUMNS, "sen_type", "year_group", "is_fsm")
NUMBERS = ("n_pupils", "n_cells", "at_least", "at_most", "n_unbounded")
STAGE_COLUMNS = {"power_use": (), "step": ("stage",), "outcome": ()}  # beside those that a question may name


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prepared table. is_kept: it is written into the snapshot. is_parted: one part an academic year.

    order: how its rows lie, so that a question about few schools or days reads few of them.
    """

    name: str
    text: str
    is_kept: bool = True
    is_parted: bool = False
    order: str = ""


PUPIL_NUMBER = """
SELECT pupil_ref, CAST(ROW_NUMBER() OVER (ORDER BY pupil_ref) AS INTEGER) AS pupil_no
FROM (SELECT pupil_ref FROM involvement UNION SELECT pupil_ref FROM support) AS x WHERE pupil_ref <> 'not_identified'
"""
CONTACT_NUMBER = (
    "SELECT contact_ref, CAST(ROW_NUMBER() OVER (ORDER BY contact_ref) AS INTEGER) AS contact_no FROM contact"
)


# Which values of all characteristics stand together: one number for them, so that a cube is grouped by numbers.
GROUP_NUMBER = f"""
SELECT CAST(ROW_NUMBER() OVER (ORDER BY {", ".join(ONE_VALUE)}) AS INTEGER) AS group_no, {", ".join(ONE_VALUE)}
FROM (SELECT DISTINCT {", ".join(ONE_VALUE)} FROM person_plain) AS x
"""
# is_only: it is the one contact of an identified pupil, who then stands in one cell of any split.
PERSON = f"""
SELECT p.*, g.group_no, CASE WHEN p.pupil_no <> {UNIDENTIFIED} AND o.n_contacts = 1 THEN 1 ELSE 0 END AS is_only
FROM person_plain AS p JOIN group_number AS g ON {" AND ".join(f"g.{c} = p.{c}" for c in ONE_VALUE)}
JOIN (SELECT pupil_no, COUNT(*) AS n_contacts FROM person_plain GROUP BY pupil_no) AS o ON o.pupil_no = p.pupil_no
"""


def _event_rows(table: str) -> str:
    """The rows of a table that belong to a contact and a pupil, by number, with what a cube needs of their contact.

    is_alone: no other row of this stage is of this pupil, who has no other contact: it counts as one pupil of one cell.
    """
    columns = dict.fromkeys((*STAGE_COLUMNS[table], *EVENT_COLUMNS[table]))
    own = ", ".join(f"e.{c}" for c in columns)
    alike = ", ".join(("p.contact_no", "p.pupil_no", *(f"e.{c}" for c in STAGE_COLUMNS[table])))
    return (
        f"SELECT n.contact_no, {pupil_number('e')} AS pupil_no, {own}, p.on_day, p.academic_year, p.urn, p.subject_category, "
        f"p.group_no, CASE WHEN p.is_only = 1 AND COUNT(*) OVER (PARTITION BY {alike}) = 1 THEN 1 ELSE 0 END AS is_alone "
        f"FROM {table} AS e "
        f"JOIN contact_number AS n ON n.contact_ref = e.contact_ref LEFT JOIN pupil_number AS m ON m.pupil_ref = e.pupil_ref "
        f"JOIN person AS p ON p.contact_no = n.contact_no AND p.pupil_no = {pupil_number('e')}"
    )


SUPPORT_ROWS = f"""
SELECT s.support_ref, n.contact_no, {pupil_number("s")} AS pupil_no, s.urn, s.offered_on AS on_day,
       {academic_year("s.offered_on")} AS academic_year, s.service, s.is_accepted, s.completed_on
FROM support AS s LEFT JOIN contact_number AS n ON n.contact_ref = s.contact_ref
LEFT JOIN pupil_number AS m ON m.pupil_ref = s.pupil_ref
"""
PUPIL_VALUES = "SELECT m.pupil_no, p.ethnicity, p.sex, p.sen_provision, p.sen_type, p.disability FROM pupil AS p JOIN pupil_number AS m ON m.pupil_ref = p.pupil_ref"
PUPIL_ROLL = f"""
SELECT m.pupil_no, r.urn, r.census_on, {academic_year("r.census_on")} AS academic_year, r.tabulation, r.year_group,
       COALESCE(CAST(r.age_on_31_august AS VARCHAR(20)), {age_from_year("r.year_group")}) AS age_on_31_august, r.is_fsm
FROM roll AS r JOIN pupil_number AS m ON m.pupil_ref = r.pupil_ref
WHERE r.enrolment_status IN ('C', 'M', {listed(MISSING)})
"""
KEYS = ("urn", "census_on", "tabulation")


def _cells(columns: tuple[str, ...], source: str, numbers: tuple[str, ...]) -> str:
    """A roll as cells; n_pupils of counted ones alone. numbers: SQL of what is summed, in the order of NUMBERS."""
    keys = ", ".join((*KEYS, *columns, "state"))
    sums = ", ".join(f"CAST(SUM({sql}) AS BIGINT) AS {name}" for sql, name in zip(numbers, NUMBERS, strict=True))
    return (
        f"SELECT {keys}, {sums}, MIN({academic_year('census_on')}) AS academic_year FROM {source} AS r GROUP BY {keys}"
    )


FINE = _cells(
    SHARED,
    f"({ON_ROLL})",
    (
        "CASE WHEN state = 'counted' THEN n_pupils ELSE 0 END",
        "1",
        "COALESCE(at_least, 0)",
        "COALESCE(at_most, 0)",
        "CASE WHEN at_most IS NULL THEN 1 ELSE 0 END",
    ),
)
CENSUS = """
SELECT urn, tabulation, census_on, CAST(SUM(n_cells) AS BIGINT) AS n_cells,
       CAST(SUM(CASE WHEN state = 'counted' THEN n_cells ELSE 0 END) AS BIGINT) AS n_counted,
       CAST(SUM(CASE WHEN state = 'suppressed' THEN n_cells ELSE 0 END) AS BIGINT) AS n_suppressed
FROM roll_cell GROUP BY urn, tabulation, census_on
"""
SPLIT = ", ".join(f"MAX(CASE WHEN {c} IN ('all', 'not_collected') THEN 0 ELSE 1 END) AS {c}" for c in ROLL_COLUMNS)
ROLL_SPLIT = f"""
SELECT tabulation, {SPLIT}, MAX(CASE WHEN age_on_31_august IS NULL THEN 0 ELSE 1 END) AS age_on_31_august,
       SUM(CASE WHEN pupil_ref <> 'not_identified' THEN 1 ELSE 0 END) AS n_by_pupil
FROM roll GROUP BY tabulation
"""
FACT = """
SELECT COUNT(one) AS n_unlinked, MIN(first_on) AS first_on, MAX(last_on) AS last_on FROM (
    SELECT MIN(on_day) AS first_on, MAX(on_day) AS last_on FROM (
        SELECT CAST(occurred_at AS DATE) AS on_day FROM contact UNION ALL SELECT offered_on FROM support) AS dated
) AS span LEFT JOIN (
    SELECT 1 AS one FROM involvement AS i WHERE i.pupil_ref <> 'not_identified'
    AND NOT EXISTS (SELECT 1 FROM roll AS r WHERE r.pupil_ref = i.pupil_ref)
) AS unlinked ON 1 = 1
"""
OF_FACTS = ("roll_split", "fact")
# In this order: each needs only tables of the snapshot and those before it.
PREPARED: tuple[Prepared, ...] = (
    Prepared("roll_split", ROLL_SPLIT),
    Prepared("fact", FACT),
    Prepared("pupil_number", PUPIL_NUMBER, order="pupil_no"),
    Prepared("contact_number", CONTACT_NUMBER, order="contact_no"),
    Prepared("pupil", PUPIL, is_kept=False),
    Prepared("pupil_value", PUPIL_VALUES, order="pupil_no"),
    Prepared("involved", INVOLVED, is_parted=True, order="contact_no, pupil_no"),
    Prepared("person_plain", person_sql(LADDER_CATEGORIES), is_kept=False),
    Prepared("group_number", GROUP_NUMBER, order="group_no"),
    Prepared("person", PERSON, is_parted=True, order="contact_no, pupil_no"),
    *(Prepared(f"{t}_row", _event_rows(t), is_parted=True, order="contact_no, pupil_no") for t in STAGE_COLUMNS),
    Prepared("support_row", SUPPORT_ROWS, is_parted=True, order="contact_no, pupil_no"),
    Prepared("pupil_roll", PUPIL_ROLL, is_parted=True, order="pupil_no"),
    Prepared("roll_fine", FINE, is_parted=True, order="urn"),
    Prepared("roll_cell", _cells(FEW, "roll_fine", NUMBERS), is_parted=True, order="urn"),
    Prepared("census", CENSUS, order="urn"),
)


def prepared(name: str) -> Prepared:
    return next(one for one in PREPARED if one.name == name)
