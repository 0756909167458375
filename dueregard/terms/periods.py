"""Periods: academic years, police financial years and terms, read from and written as words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dueregard.errors import UsageError

SCHOOL_DAYS_A_YEAR = 190  # England: 380 half-day sessions
FORM = re.compile(r"(?P<fy>fy)?(?P<first>\d{4})/(?P<second>\d{2})(?:-(?P<term>autumn|spring|summer))?")
TERMS = ("autumn", "spring", "summer")


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which (both included)? `roll_from`, `roll_to`: where its roll census is looked for."""

    name: str
    from_on: date
    to_on: date
    roll_from: date
    roll_to: date
    kind: str  # academic_year, financial_year, term

    @property
    def first_year(self) -> int:
        return int(FORM.fullmatch(self.name)["first"])  # type: ignore[index]


def academic_year(first_year: int) -> Period:
    """1 September to 31 August.

    >>> academic_year(2023).name
    '2023/24'
    """
    first, last = date(first_year, 9, 1), date(first_year + 1, 8, 31)
    return Period(f"{first_year}/{(first_year + 1) % 100:02d}", first, last, first, last, "academic_year")


def academic_year_of(day: date) -> Period:
    """In which academic year is this day?

    >>> academic_year_of(date(2024, 8, 31)).name, academic_year_of(date(2024, 9, 1)).name
    ('2023/24', '2024/25')
    """
    return academic_year(day.year if day.month >= 9 else day.year - 1)


def _term_dates(first_year: int, term: str) -> tuple[date, date]:
    """Contacts belong to the term whose dates hold them; the holiday after a term belongs to it."""
    return {
        "autumn": (date(first_year, 9, 1), date(first_year, 12, 31)),
        "spring": (date(first_year + 1, 1, 1), date(first_year + 1, 4, 15)),
        "summer": (date(first_year + 1, 4, 16), date(first_year + 1, 8, 31)),
    }[term]


def parse_period(name: str) -> Period:
    """Which days does this name mean? Forms: `2023/24`, `fy2023/24` (police year), `2023/24-autumn`.

    Raises UsageError for any other form.

    >>> parse_period("fy2023/24").from_on.isoformat()
    '2023-04-01'
    """
    found = FORM.fullmatch(name)
    if not found or int(found["second"]) != (int(found["first"]) + 1) % 100 or (found["fy"] and found["term"]):
        raise UsageError(
            f"`{name}` is not a period.",
            try_this="an academic year `2023/24`, a police year `fy2023/24`, or a term `2023/24-autumn`.",
        )
    first = int(found["first"])
    year = academic_year(first)
    if found["fy"]:
        from_on, to_on = date(first, 4, 1), date(first + 1, 3, 31)
        return Period(name, from_on, to_on, from_on, to_on, "financial_year")
    if found["term"]:
        from_on, to_on = _term_dates(first, found["term"])
        return Period(name, from_on, to_on, year.from_on, year.to_on, "term")
    return year
