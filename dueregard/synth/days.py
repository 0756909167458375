"""The days of a made-up force as numbers: day 0 is 1 September of its first academic year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from dueregard.records.calendar import england_calendar, school_days
from dueregard.synth.draws import Frame, frame_of
from dueregard.synth.shape import Shape
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR, academic_year

# England's census falls on the first Thursday of October, the third of January and the third of May.
CENSUS = {"autumn": (10, 1), "spring": (1, 3), "summer": (5, 3)}
THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One term. Days are numbers; `gap` is the first and last day of the holiday after it."""

    academic_year: str
    year: int  # 0 is the first academic year
    term: str
    census: int
    days: np.ndarray
    gap: tuple[int, int]
    dates: tuple[date, date]

    @property
    def share_of_year(self) -> float:
        return len(self.days) / SCHOOL_DAYS_A_YEAR


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar of a force: its first day, the number of its days, and its terms in order."""

    first: date
    n: int
    terms: tuple[Term, ...]

    def number(self, day: date) -> int:
        return (day - self.first).days

    def date_text(self, numbers: np.ndarray) -> np.ndarray:
        """Day numbers as 2024-01-18; a negative number is no day, and blank."""
        return _dates(self.first, self.n)[np.where(numbers < 0, self.n, numbers)]

    def time_text(self, numbers: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        """Day numbers and minutes of the day as 2024-01-18T15:10; a negative day is blank."""
        return self.date_text(numbers) + _clock()[np.where(numbers < 0, 24 * 60, minutes)]


@cache
def _dates(first: date, n: int) -> np.ndarray:
    """Every day as text, and a blank after the last."""
    return np.array([(first + timedelta(days=k)).isoformat() for k in range(n)] + [""], dtype=object)


@cache
def _clock() -> np.ndarray:
    return np.array([f"T{m // 60:02d}:{m % 60:02d}" for m in range(24 * 60)] + [""], dtype=object)


def census_day(year: int, term: str) -> date:
    """On which day is a term's census? `year`: the calendar year of that term.

    >>> census_day(2024, "spring").isoformat()
    '2024-01-18'
    """
    month, nth = CENSUS[term]
    first = date(year, month, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 7 * (nth - 1))


def days_of(shape: Shape) -> Days:
    """The calendar of a force of this shape: England's default terms."""
    first, last = academic_year(shape.years[0]).from_on, academic_year(shape.years[-1]).to_on
    named = [(n, *row) for n, year in enumerate(shape.years) for row in england_calendar(year)]
    nexts = [(row[2] - first).days for row in named[1:]] + [(last - first).days + 1]
    terms = tuple(_term(shape, first, row, following) for row, following in zip(named, nexts, strict=True))
    return Days(first, (last - first).days + 1, terms)


def _term(shape: Shape, first: date, row: tuple[int, str, date, date, int], following: int) -> Term:
    year, term, from_on, to_on, n_days = row
    days = np.array([(day - first).days for day in school_days(from_on, to_on, n_days)])
    census = (census_day(from_on.year, term) - first).days
    gap = ((to_on - first).days + 1, following - 1)
    return Term(academic_year(shape.years[year]).name, year, term, census, days, gap, (from_on, to_on))


def calendar_frame(shape: Shape, days: Days) -> Frame:
    rows = [(shape.la_code, t.academic_year, t.term, t.dates[0].isoformat(), t.dates[1].isoformat(), len(t.days))
            for t in days.terms]  # fmt: skip
    return frame_of(("la_code", "academic_year", "term", "from_on", "to_on", "school_days"), rows)
