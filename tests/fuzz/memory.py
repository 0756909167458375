"""How much memory does the gate keep of an input it has judged? Prints bytes an input; a process of its own, no instrument."""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
from pathlib import Path

from tests.fuzz import ways
from tests.fuzz.mutate import mutated
from tests.fuzz.run import ATTACKS, LONGEST
from tests.fuzz.seeds import seeds

FIRST = 1_000  # inputs until what is kept once for all is kept


def main(n_inputs: int) -> None:
    given = list(seeds(ATTACKS).values())
    with tempfile.TemporaryDirectory() as folder, ways.small_limits():
        path, flat = Path(folder) / "school.csv", ways.known_of_mapping()
        before = 0
        for n in range(FIRST + n_inputs):
            if n == FIRST:
                before = _peak()
            data = mutated(given[n % len(given)], n, LONGEST)
            ways.judge_gate(data, path)
            ways.judge_gate(data, path, flat)
        print((_peak() - before) / n_inputs)


def _peak() -> int:
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
