"""Two kinds of time: the log's, in UTC, and the clock on the school's wall."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

WALL = ZoneInfo("Europe/London")


def wall_time(at: datetime) -> str:
    """What did the clock on the wall show? To the minute, as the tables write it.

    >>> from datetime import UTC
    >>> wall_time(datetime(2024, 7, 1, 9, 30, tzinfo=UTC))
    '2024-07-01T10:30'
    """
    return at.astimezone(WALL).strftime("%Y-%m-%dT%H:%M")


def utc_time(at: datetime) -> str:
    """The log's time to the minute, as a text that sorts.

    >>> from datetime import UTC
    >>> utc_time(datetime(2024, 7, 1, 9, 30, tzinfo=UTC))
    '2024-07-01T09:30'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
