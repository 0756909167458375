"""On which day is the school census of a January?"""

from __future__ import annotations

from datetime import date, timedelta

THURSDAY = 3


def january_census(year: int) -> date:
    """The third Thursday of January (Department for Education, school census guides).

    >>> january_census(2019).isoformat(), january_census(2017).isoformat()
    ('2019-01-17', '2017-01-19')
    """
    first = date(year, 1, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 14)
