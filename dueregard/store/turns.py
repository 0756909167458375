"""Writers of SQLite wait in a line. SQLite itself lets them sleep and try again, and the unlucky one may never come in.

The kernel wakes the next one at once, and a process that is killed leaves the line by itself. PostgreSQL has a line of
its own.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "writing"
_HELD = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn to write to the store that is open, and give it up at the end. Within a turn, nothing waits."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite" or getattr(_HELD, "is_ours", False):
        yield
        return
    descriptor = os.open(Path(settings.DUEREGARD_FOLDER) / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _HELD.is_ours = True
        yield
    finally:
        _HELD.is_ours = False
        os.close(descriptor)  # which gives the lock up
