"""School days: which days count, given a term's dates and its number of school days."""

from __future__ import annotations

from datetime import date, timedelta

# (term, first day, last day, school days); 190 in all. Used where a folder brings no calendar.
ENGLAND = (("autumn", (9, 2), (12, 20), 72), ("spring", (1, 5), (4, 2), 57), ("summer", (4, 17), (7, 21), 61))
EVERY_AREA = "*"


def england_calendar(first_year: int) -> list[tuple[str, date, date, int]]:
    """The default terms of one academic year: (term, from, to, school days).

    >>> sum(days for *_, days in england_calendar(2023))
    190
    """
    rows = []
    for term, (from_month, from_day), (to_month, to_day), days in ENGLAND:
        year = first_year if from_month >= 9 else first_year + 1
        rows.append((term, date(year, from_month, from_day), date(year, to_month, to_day), days))
    return rows


def school_days(from_on: date, to_on: date, n_days: int) -> list[date]:
    """Which days of a term are school days, when only their number is known?

    The n_days are spread evenly over the weekdays (the source does not say when half-term is), so that the
    exposure of a posting that covers part of a term is a whole number of days and parts add up. Where n_days
    is more than the weekdays, weekdays and then other days from the start of term are taken.

    >>> len(school_days(date(2024, 1, 8), date(2024, 1, 19), 5))
    5
    """
    all_days = [from_on + timedelta(days=n) for n in range((to_on - from_on).days + 1)]
    weekdays = [d for d in all_days if d.weekday() < 5]
    if n_days > len(weekdays):
        others = [d for d in all_days if d.weekday() >= 5]
        return sorted(weekdays + others[: n_days - len(weekdays)])
    total = max(len(weekdays), 1)
    return [d for n, d in enumerate(weekdays) if (n + 1) * n_days // total > n * n_days // total]
