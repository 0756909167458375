"""How many school days lie between what happened and its record? By the store's terms, else the usual ones of England."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from dueregard.records.calendar import EVERY_AREA, england_calendar, school_days
from dueregard.store.versions import current

LATE_AFTER = 5  # school days, as Connecticut's statute has it (General Statutes, section 10-233p)


class SchoolDays:
    """The school days of every area, each list made once."""

    def __init__(self) -> None:
        self._terms: dict[str, list[tuple[date, date, int]]] = {}
        for term in current("calendar"):
            self._terms.setdefault(term.la_code, []).append((term.from_on, term.to_on, term.school_days))
        self._days: dict[tuple[str, int], list[date]] = {}

    def between(self, la_code: str, first: date, last: date) -> int:
        """School days after `first`, up to `last`.

        Years that the store has no terms for have England's usual ones.
        """
        return sum(
            bisect_right(days, last) - bisect_right(days, first)
            for days in (self._of(la_code, year) for year in range(_year(first), _year(last) + 1))
        )

    def _of(self, la_code: str, year: int) -> list[date]:
        if (la_code, year) not in self._days:
            held = self._terms.get(la_code) or self._terms.get(EVERY_AREA) or []
            terms = [term for term in held if _year(term[0]) == year]
            terms = terms or [(a, b, n) for _, a, b, n in england_calendar(year)]
            self._days[la_code, year] = sorted(day for term in terms for day in school_days(*term))
        return self._days[la_code, year]


def _year(day: date) -> int:
    """The academic year of a day, by its first calendar year."""
    return day.year if day.month >= 9 else day.year - 1
