"""Every hostile and broken file of ../shared/attacks, judged through the command line as its manifest says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ATTACKS = ROOT.parent / "shared" / "attacks"
MAPPING = ROOT / "examples" / "flat_export" / "mapping.toml"
MANIFEST = json.loads((ATTACKS / "manifest.json").read_text()) if ATTACKS.is_dir() else []

pytestmark = pytest.mark.skipif(
    not MANIFEST, reason="the attack files stand in ../shared/attacks, which is absent here"
)

WARNINGS_BESIDE = {"W_NO_RETURN"}  # the register of schools knows seven, and a small file does not speak of all
# Values of the files that may appear nowhere: a name, a diagnosis, a formula, a reference, a code that looks like one.
CANARIES = (
    r"J\. ?Smith",
    "autism",
    "EHCP",
    r"P0\d{5}",
    r"C000\d\d",
    r"SSO\d{3}",
    "DROP TABLE",
    "HYPERLINK",
    "cmd",
    "IC3",
    "black caribbean",
)


def command_of(file: Path) -> list[str]:
    return [sys.executable, "-m", "dueregard", "check", str(file), "--mapping", str(MAPPING), "--json"]


def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}


def judged(file: Path, tmp_path: Path) -> tuple[int, dict, str]:
    done = subprocess.run(command_of(file), capture_output=True, text=True, cwd=tmp_path, env=environment(tmp_path))
    return done.returncode, json.loads(done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize("case", MANIFEST, ids=lambda case: case["file"])
def test_file_is_judged_as_the_manifest_says(case, tmp_path):
    began = time.monotonic()
    code, document, printed = judged(ATTACKS / case["file"], tmp_path)
    took = time.monotonic() - began
    (report,) = document["files"]
    codes = {f["code"] for f in report["findings"]} - WARNINGS_BESIDE
    counts = (report["accepted"], report["rejected"])
    whole = (case["rows_accepted"], case["rows_rejected"])
    assert counts == whole, codes
    if case["error_code"] and not case["required"].startswith("accept or reject"):
        assert case["error_code"] in codes
    if case["category"] == "control":
        assert not codes
    assert code == (1 if any(c.startswith("E_") for c in codes) else 0)
    assert all(set(f) >= {"code", "column", "lines", "message"} for f in report["findings"])
    for canary in CANARIES:
        assert not re.search(canary, printed.replace(case["file"], "")), "a value of the file was printed"
    assert list(tmp_path.iterdir()) == [], "a temporary file was left"
    assert took < 10, "the goal is 2 s, measured in benchmarks/; this only catches a hang"


# The system counts the peak of a process from the size of the one that forked it, and a worker of the tests may be large by
# then. So a process of its own, which is small, starts each judgement, and tells the largest peak among them in KiB.
PEAK_OF_ALL = """
import json, resource, subprocess, sys
for command in json.loads(sys.argv[1]):
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_no_judgement_takes_much_memory(tmp_path):
    commands = [command_of(ATTACKS / case["file"]) for case in MANIFEST]
    done = subprocess.run(
        [sys.executable, "-c", PEAK_OF_ALL, json.dumps(commands)],
        capture_output=True, text=True, check=True, cwd=tmp_path, env=environment(tmp_path),
    )  # fmt: skip
    assert 30 * 1024 < int(done.stdout) < 512 * 1024  # below 30 MiB no interpreter with a database has run
