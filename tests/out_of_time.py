"""What is left out when a machine is starved: a run of ten times its time is killed, and then nothing is told at all.

`make test` takes about twenty minutes on two processors. Where other machines share them it was seen to take ten times
as long. So tests that repeat a thing over many cases begin within half an hour or not at all, and none begins after
eighty minutes. Each that is left out is counted as skipped, with this reason; `make test-deep` leaves out nothing.
"""

from __future__ import annotations

import os
import time

REPEATS = (
    "generative/",
    "fuzz/",
    "journeys/",
    "known_truth/",
    "docs/test_docs_examples",
    "store/test_kills",
    "store/test_histories",
    "@spark",
)
MINUTES_FOR_REPEATS, MINUTES_FOR_ALL = 30, 80
BEGAN = "DUEREGARD_TESTS_BEGAN"  # set by `make test`, in seconds since 1970: the installation counts


def reason(name: str, *, now: float | None = None) -> str:
    """Why does this test not begin any more? Empty while there is time, and where no time is kept."""
    began = os.environ.get(BEGAN, "")
    if not began.isdigit():
        return ""
    minutes = ((time.time() if now is None else now) - int(began)) / 60
    if minutes > MINUTES_FOR_ALL:
        return f"not run: {MINUTES_FOR_ALL} minutes are over on a starved machine"
    if minutes > MINUTES_FOR_REPEATS and any(part in name for part in REPEATS):
        return f"not run: {MINUTES_FOR_REPEATS} minutes are over on a starved machine; this repeats a thing over many cases"
    return ""
