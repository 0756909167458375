"""Periods: academic years, police financial years, terms and runs of months, read from and written as words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dueregard.errors import UsageError

SCHOOL_DAYS_A_YEAR = 190  # England: 380 half-day sessions
FORM = re.compile(r"(?P<fy>fy)?(?P<first>\d{4})/(?P<second>\d{2})(?:-(?P<term>autumn|spring|summer))?")
MONTHS = re.compile(r"(?P<y1>[12]\d{3})-(?P<m1>0[1-9]|1[0-2])/(?P<y2>[12]\d{3})-(?P<m2>0[1-9]|1[0-2])")
TERMS = ("autumn", "spring", "summer")


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which (both included)? `roll_from`, `roll_to`: where its roll census is looked for."""

    name: str
    from_on: date
    to_on: date
    roll_from: date
    roll_to: date
    kind: str  # academic_year, financial_year, term, months

    @property
    def first_year(self) -> int:
        """The year of the name; of a run of months, that in which the academic year of its first day begins."""
        if self.kind == "months":
            return academic_year_of(self.from_on).first_year
        return int(FORM.fullmatch(self.name)["first"])  # type: ignore[index]

    @property
    def takes_nearest_census(self) -> bool:
        """Where no census lies in its years, does the nearest stand in? A source may have one census for all months."""
        return self.kind == "months"


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


def last_day_of_month(year: int, month: int) -> date:
    """The day before the next month begins.

    >>> last_day_of_month(2024, 2).isoformat()
    '2024-02-29'
    """
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _months(name: str) -> Period | None:
    """A run of whole months. Its roll is that of the academic years that it touches, else of the nearest census."""
    found = MONTHS.fullmatch(name)
    if not found:
        return None
    from_on = date(int(found["y1"]), int(found["m1"]), 1)
    to_on = last_day_of_month(int(found["y2"]), int(found["m2"]))
    roll_from, roll_to = academic_year_of(from_on).from_on, academic_year_of(to_on).to_on
    return Period(name, from_on, to_on, roll_from, roll_to, "months") if from_on <= to_on else None


def parse_period(name: str) -> Period:
    """Which days does this name mean? Forms: `2023/24`, `fy2023/24` (police year), `2023/24-autumn`, `2023-04/2024-02`.

    Raises UsageError for any other form.

    >>> parse_period("fy2023/24").from_on.isoformat()
    '2023-04-01'
    >>> parse_period("2023-04/2024-02").to_on.isoformat()
    '2024-02-29'
    """
    if run := _months(name):
        return run
    found = FORM.fullmatch(name)
    if not found or int(found["second"]) != (int(found["first"]) + 1) % 100 or (found["fy"] and found["term"]):
        raise UsageError(
            f"`{name}` is not a period.",
            try_this="an academic year `2023/24`, a police year `fy2023/24`, a term `2023/24-autumn`, or months `2023-04/2024-02`.",
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
