"""Processes that work for another: they leave interrupts to it, and end when it does, however it ends."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process


def start_worker() -> None:
    """For the start of each worker. An interrupt is the parent's to answer: it lets the work end, and clears up.

    A parent that was killed answers nothing, and a worker would wait for ever for more work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
