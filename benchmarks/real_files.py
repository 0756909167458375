"""`freeze` and `compare` on the two real US files, beside what no such command can do without: its imports."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.process import dueregard, median, python

SHARED = Path(__file__).parents[2] / "shared" / "data"
FILES = {
    "crdc-2013-14": SHARED / "crdc_2013_14_schools_sample1000.parquet",
    "crdc-2020-21": SHARED / "crdc_2020_21_schools_6states.parquet",
}
FREEZE = """
import sys, tempfile
from dueregard.cli import main
sys.exit(main(["freeze", sys.argv[1], "--into", tempfile.mkdtemp()]))
"""  # into a new folder each time: a snapshot that is already there is not written again
GOALS = {"freeze": 5.0, "compare": 2.0}  # seconds on a quiet machine; memory: 1 GiB


def measure() -> list[dict]:
    """Seconds, times the bare imports, and peak memory of `freeze` and of `compare` on each file."""
    floor = median(python("import duckdb, numpy, scipy.special")).seconds
    found = []
    for profile, file in FILES.items():
        if not file.is_file():
            continue
        with tempfile.TemporaryDirectory() as folder:
            into = f"{folder}/snapshots"
            frozen = subprocess.run(
                dueregard("freeze", f"{file}={profile}", "--into", into, "--json"), capture_output=True, check=True
            )
            path = json.loads(frozen.stdout)["path"]
            commands = {
                "freeze": python(FREEZE, f"{file}={profile}"),
                "compare": dueregard("compare", path, "--stage", "referred_by_school", "--within", "school"),
            }
            for name, command in commands.items():
                done = median(command)
                found.append({"name": f"{name} {profile}", "seconds": done.seconds, "ratio": done.seconds / floor,
                              "against": "imports of duckdb, numpy, scipy.special", "goal": None,
                              "limit": f"{GOALS[name]:.0f} s, 1 GiB", "peak_mib": done.peak_mib})  # fmt: skip
    return found
