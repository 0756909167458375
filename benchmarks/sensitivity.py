"""`sensitivity` as a whole process, beside its imports; and the imputation alone on as many cells as London has."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.process import dueregard, median, python
from benchmarks.real_files import FILES

LIMIT = "5 s"
SYNTH = """
import sys
from pathlib import Path
from dueregard import steps
from dueregard.collect.collect import Source
base = Path(sys.argv[1])
steps.synth(base / "borough", seed=1)
steps.freeze([Source(base / "borough")], base / "snapshots")
"""


def measure() -> list[dict]:
    """Seconds of the whole command on the made-up borough and on a real file of counts; of 50 imputations of 9,240 cells."""
    floor = median(python("import duckdb, numpy, scipy.special")).seconds
    found = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(python(SYNTH, folder), check=True)
        borough = next((Path(folder) / "snapshots").iterdir())
        commands = {"sensitivity borough": ("--stage", "contact"),
                    "sensitivity borough, over contacts": ("--stage", "recorded_as_suspect", "--denominator", "contact")}  # fmt: skip
        for name, words in commands.items():
            found.append(_row(name, median(dueregard("sensitivity", str(borough), *words)), floor))
        if FILES["crdc-2013-14"].is_file():
            found.append(_row("sensitivity crdc-2013-14", median(_of_counts(folder)), floor))
    return [*found, _with_one_thread()]


def _with_one_thread() -> dict:
    """The imputation in a process of its own, with one thread of linear algebra, as the command has it."""
    code = "import json; from benchmarks.sensitivity import imputation; print(json.dumps(imputation()))"
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(python(code), capture_output=True, check=True, env=environment, text=True)
    return json.loads(done.stdout)


def _of_counts(folder: str) -> list[str]:
    source = f"{FILES['crdc-2013-14']}=crdc-2013-14"
    frozen = subprocess.run(
        dueregard("freeze", source, "--into", f"{folder}/us", "--json"), capture_output=True, check=True
    )
    return dueregard("sensitivity", json.loads(frozen.stdout)["path"], "--stage", "referred_by_school")


def _row(name: str, done, floor: float) -> dict:  # type: ignore[no-untyped-def]
    return {"name": name, "seconds": done.seconds, "ratio": done.seconds / floor,
            "against": "imports of duckdb, numpy, scipy.special", "goal": None, "limit": LIMIT, "peak_mib": done.peak_mib}  # fmt: skip


def imputation() -> dict:
    """33 areas x 7 officer's codes x 20 behaviours x reached or not; 60,000 contacts, a fifth without a group."""
    import numpy as np

    from dueregard.stats.imputation import one_hot
    from dueregard.understand.imputed import Counts, fill

    rng = np.random.default_rng(1)
    cells = np.array([(a, o, b, h) for a in range(33) for o in range(7) for b in range(20) for h in range(2)])
    known = rng.poisson(rng.gamma(0.5, 2.0, (len(cells), 5)) * 60_000 * 0.8 / len(cells) / 5)
    missing = rng.poisson(60_000 * 0.2 / len(cells), len(cells))
    counts = Counts(("A", "B", "M", "O", "W"), one_hot(cells), known.astype(float), missing, cells[:, 3] == 1)
    began = time.perf_counter()
    filled = fill(counts, seed=1)
    seconds = time.perf_counter() - began
    assert filled is not None and filled.base.shape == (50, 5)
    assert (filled.base.sum(axis=1) == known.sum() + missing.sum()).all()  # nobody is lost, nobody made up
    return {"name": f"50 imputations of {len(cells):,} cells", "seconds": seconds, "ratio": None, "against": None,
            "goal": None, "limit": LIMIT, "peak_mib": None}  # fmt: skip


if __name__ == "__main__":
    for row in measure():
        print(row)
