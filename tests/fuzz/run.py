"""Fuzz the gate for so many seconds: `python -m tests.fuzz.run --seconds 60`. Leaves with 1 where an input broke it.

Half the time goes to the gate alone (hundreds of inputs a second), half to the whole way through the database.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.seeds import seeds

ROOT = Path(__file__).parents[2]
ATTACKS = Path(os.environ.get("DUEREGARD_SHARED", ROOT.parent / "shared")) / "attacks"
WAYS = ("gate", "whole")
MEMORY_MIB = 1024
SLOWEST = 120  # seconds for one input: what hangs is found, and a starved machine is no fault
PART = 60  # seconds of one process: the instrument itself keeps some KiB of each input (`test_no_input_leaves_memory_behind`)
LONGEST = 1_500  # bytes of an input: the limits in `ways` are small, so that more is not needed


# The system counts the peak of a process from the size of the one that forked it, and a worker of the tests may be large by
# then: a shell, which is small, forks the fuzzer anew.
FROM_A_SMALL_ONE = ("/bin/sh", "-c", '"$@"; exit $?', "sh")


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What one way has seen. crash: the input that broke it, where there is one."""

    way: str
    n_inputs: int
    n_edges: int
    crash: Path | None
    printed: str

    def words(self) -> str:
        told = f"{self.way}: {self.n_inputs:,} inputs, {self.n_edges:,} edges covered"
        return f"{told}; broken by {self.crash}\n{self._why()}" if self.crash else told

    def _why(self) -> str:
        """The exception, without the progress that libFuzzer prints around it."""
        told = re.search(r"Uncaught Python exception.*?(?==+\s*\d*=* ERROR|\Z)", self.printed, re.DOTALL)
        return told.group() if told else self.printed[-2_000:]


def fuzz(way: str, seconds: int, into: Path, *, seed: int = 1) -> Fuzzed:
    """Feed one way from the seeds, in processes of their own with limits of time and memory; each goes on from the last."""
    corpus = into / f"corpus-{way}"
    corpus.mkdir(parents=True)
    for name, data in seeds(ATTACKS).items():
        (corpus / name).write_bytes(data)
    found = Fuzzed(way, 0, 0, None, "")
    for part, begun in enumerate(range(0, seconds, PART)):
        one = _fuzz_part(way, min(PART, seconds - begun), into, corpus, seed=seed + 1_000 * part)
        found = Fuzzed(way, found.n_inputs + one.n_inputs, max(found.n_edges, one.n_edges), one.crash, one.printed)
        if found.crash:
            break
    return found


def _fuzz_part(way: str, seconds: int, into: Path, corpus: Path, *, seed: int) -> Fuzzed:
    flags = [f"-max_total_time={seconds}", f"-rss_limit_mb={MEMORY_MIB}", f"-timeout={SLOWEST}", f"-max_len={LONGEST}",
             f"-artifact_prefix={into}/{way}-", f"-seed={seed}", "-print_final_stats=1"]  # fmt: skip
    done = subprocess.run(
        [*FROM_A_SMALL_ONE, sys.executable, "-m", "tests.fuzz.target", way, str(corpus), *flags],
        capture_output=True, text=True, errors="replace", cwd=ROOT, timeout=seconds + 120,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    crash = next((f for f in sorted(into.glob(f"{way}-*"))), None)
    if done.returncode and crash is None:
        raise RuntimeError(f"the fuzzer itself broke:\n{printed[-4_000:]}")
    return Fuzzed(
        way, _number(r"number_of_executed_units:\s+(\d+)", printed), _number(r"cov: (\d+)", printed), crash, printed
    )


def _number(pattern: str, printed: str) -> int:
    found = re.findall(pattern, printed)
    return int(found[-1]) if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=WAYS)
    asked = parser.parse_args()
    ways = (asked.way,) if asked.way else WAYS
    into = Path(tempfile.mkdtemp(prefix="dueregard-fuzz-"))
    found = [fuzz(way, max(asked.seconds // len(ways), 1), into, seed=asked.seed) for way in ways]
    for one in found:
        print(one.words())
    return int(any(one.crash for one in found))


if __name__ == "__main__":
    sys.exit(main())
