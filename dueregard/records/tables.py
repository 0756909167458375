"""All tables of the native layout, in the order in which they refer to each other."""

from __future__ import annotations

from dueregard.errors import UnknownName
from dueregard.records.activity import ACTIVITY, SANCTION, SERVICE_OFFER, SUPPORT
from dueregard.records.contact import CONTACT, INVOLVEMENT, POWER_USE
from dueregard.records.counted import COLLECTION, STAGE_COUNT
from dueregard.records.outcome import COMPLAINT, OUTCOME, STEP
from dueregard.records.posting import CONSULTATION, ESTABLISHMENT, POSTING
from dueregard.records.roll import ROLL
from dueregard.records.school import CALENDAR, SCHOOL
from dueregard.records.survey import SURVEY
from dueregard.records.table import Table

TABLES: tuple[Table, ...] = (
    SCHOOL, CALENDAR, ROLL, POSTING, ESTABLISHMENT, CONTACT, INVOLVEMENT, POWER_USE, STEP, OUTCOME, SUPPORT,
    SERVICE_OFFER, ACTIVITY, SANCTION, SURVEY, CONSULTATION, COMPLAINT, STAGE_COUNT, COLLECTION,
)  # fmt: skip

TABLE_NAMES = tuple(table.name for table in TABLES)


def table(name: str) -> Table:
    """The declaration of one table.

    Raises UnknownName if there is none.
    """
    for declared in TABLES:
        if declared.name == name:
            return declared
    raise UnknownName("table", name, TABLE_NAMES)
