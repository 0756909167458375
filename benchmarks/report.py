"""F15: a report of about 30 charts, 60 tables and the workbook, beyond its counts."""

from __future__ import annotations

import time

from benchmarks.process import median, python

WRITE = """
import sys, tempfile
from pathlib import Path
from dueregard import steps
from dueregard.collect.collect import Source
base = Path(tempfile.mkdtemp())
steps.synth(base / "borough", seed=1)
snapshot, _ = steps.freeze([Source(base / "borough")], base / "snapshots")
content = steps.compose(snapshot)
if sys.argv[1] == "render":
    from dataclasses import replace
    from dueregard.publish.bundle import render
    stages = ("referred_by_school", "contact", "power_used", "arrested", "charged", "support_offered", "accepted", "completed")
    kept = tuple(f for f in content.figures if f.answer.measure.stage in stages)
    files = render(replace(content, figures=kept))
    page = files["index.html"].decode()
    assert page.count("<svg") >= 30 and page.count("<table") >= 60, (page.count("<svg"), page.count("<table"))
"""


def measure() -> list[dict]:
    """Seconds from counts to the four files, in a fresh process: the run with rendering less the run without."""
    counted = median(python(WRITE, "count")).seconds
    rendered = median(python(WRITE, "render")).seconds
    return [{"name": "report beyond the counts (F15)", "seconds": rendered - counted, "ratio": (rendered - counted) / counted,
             "against": "making, freezing and counting the borough", "goal": None, "limit": "4 s", "peak_mib": None}]  # fmt: skip


if __name__ == "__main__":
    began = time.perf_counter()
    print(measure(), time.perf_counter() - began)
