"""Which records must be looked at again, to be kept or erased?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dueregard.store.actions.changing import changing, day_of
from dueregard.store.actor import Actor
from dueregard.store.policy import ERASE, check_may
from dueregard.store.versions import current

# The force's own policy may be shorter. Six years and then a review is what ministers told Parliament of such records
# in 2006; nothing is kept without a decision after it.
YEARS = 6


@dataclass(frozen=True, slots=True)
class Due:
    """One contact whose day of review has come: its reference and its days, never what it holds."""

    contact_ref: str
    recorded_on: date
    review_on: date
    n_reviews: int


def review_day(recorded_on: date, *, years: int = YEARS) -> date:
    """When is a record looked at first?

    >>> review_day(date(2024, 2, 29)).isoformat()
    '2030-03-01'
    """
    try:
        return recorded_on.replace(year=recorded_on.year + years)
    except ValueError:
        return date(recorded_on.year + years, 3, 1)


def queue(*, by: Actor, years: int = YEARS, limit: int = 500, now: datetime | None = None) -> tuple[Due, ...]:
    """Which contacts are due, the longest first? Withdrawn ones are held too, and come in the same way.

    Raises NotThere.
    """
    from dueregard.store.versions import newest

    today = day_of(now)
    latest: dict[str, list[date]] = {}
    with changing("consultation", "list_retention", by=by, now=now) as act:
        check_may(ERASE, by=by)
        for ref, review_on in current("review").values_list("contact_ref", "review_on"):
            latest.setdefault(ref, []).append(review_on)
        cut = f"{today.year - years + 1}-12-31"
        found: list[Due] = []
        held = newest("contact").filter(recorded_at__lte=cut).order_by("recorded_at", "contact_ref")
        for ref, recorded_at, row_ref, version in held.values_list(
            "contact_ref", "recorded_at", "row_ref", "row_version"
        ):
            recorded_on = date.fromisoformat(recorded_at[:10])
            review_on = max(latest.get(ref, [review_day(recorded_on, years=years)]))
            if review_on <= today and len(found) < limit:
                found.append(Due(ref, recorded_on, review_on, len(latest.get(ref, []))))
                act.saw("contact", row_ref, version)
    return tuple(found)
