"""Every hostile file of the shared folder through `check`: seconds and memory of the slowest and the largest."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from benchmarks.process import Run, dueregard

ATTACKS = Path(__file__).parents[2] / "shared" / "attacks"
MAPPING = Path(__file__).parents[1] / "examples" / "flat_export" / "mapping.toml"


def measure() -> list[dict]:
    """The slowest file and the one that takes most memory; the goal is 2 s and 512 MiB for each."""
    if not ATTACKS.is_dir():
        return []
    runs = {
        case["file"]: _judged(ATTACKS / case["file"]) for case in json.loads((ATTACKS / "manifest.json").read_text())
    }
    slowest = max(runs, key=lambda name: runs[name].seconds)
    largest = max(runs, key=lambda name: runs[name].peak_mib)
    return [
        {"name": f"{word} of {len(runs)} hostile files", "seconds": runs[name].seconds, "ratio": None, "against": name,
         "limit": "2 s, 512 MiB", "peak_mib": runs[name].peak_mib}
        for word, name in (("slowest", slowest), ("largest", largest))
    ]  # fmt: skip


def _judged(file: Path) -> Run:
    """One file, with its children's memory. A refusal is an answer too."""
    began = time.perf_counter()
    process = subprocess.Popen(
        dueregard("check", str(file), "--mapping", str(MAPPING), "--json"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Run(time.perf_counter() - began, usage.ru_maxrss / 1024)
