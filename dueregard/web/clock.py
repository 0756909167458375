"""Today and now, as the clock on the school's wall shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dueregard.store.clock import WALL


def now() -> datetime:
    return datetime.now(UTC)


def wall_now() -> datetime:
    return now().astimezone(WALL).replace(tzinfo=None)


def today() -> date:
    return wall_now().date()
