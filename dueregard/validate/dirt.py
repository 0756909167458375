"""Trial of `check`: forces with planted faults, as files. Does it name each by file, line and code, and no other?"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np

from dueregard.validate.forces import CHECKED_ON, FORCES, LARGEST_SEED
from dueregard.validate.trial import THROUGH_FILES, Case, Claim, Declared, Tally

FOUND, OTHERS = "planted faults found", "errors that nobody planted"


def trials() -> tuple[Declared, ...]:
    claims = (
        Claim(FOUND, 1.0, 1.0, "every fault that was planted is named, with its file, line and code", lambda _: True, is_certain=True),
        Claim(OTHERS, 0.0, 0.0, "no error at a line where nothing was planted", lambda _: True, is_certain=True),
    )  # fmt: skip
    cases = (Case("borough, three years", np.nan, np.nan),)
    return (
        Declared("files_dirt", "Check: planted faults, as files", "which lines of a force's files hold a fault", claims, lambda: cases,
                 _draw_seeds, _scored, form=THROUGH_FILES, draws=FORCES,
                 remark="The faults are of the kinds that `synth --dirt` plants; real files have others too."),
    )  # fmt: skip


def _draw_seeds(rng: np.random.Generator, case: Case, n: int) -> list[int]:
    return rng.integers(LARGEST_SEED, size=n).tolist()


def _scored(case: Case, seeds: list[int]) -> Tally:
    """Sums over forces: faults found of those planted; errors beside them, of all lines that were called wrong."""
    told = np.sum([_score_of(seed) for seed in seeds], axis=0)
    found, planted, others = (float(n) for n in told)
    return {FOUND: (found, planted), OTHERS: (others, found + others)}


def _score_of(seed: int) -> tuple[int, int, int]:
    from dueregard import steps
    from dueregard.collect.collect import Source
    from dueregard.synth.force import TRUTH_FILE, write_force

    folder = Path(tempfile.mkdtemp(prefix="dueregard-validate-"))
    try:
        force = write_force(folder / "force", size="borough", seed=seed, dirt=True)
        told = steps.score(steps.check([Source(force)], today=CHECKED_ON), force / TRUTH_FILE)
        return len(told.found), len(told.found) + len(told.missed), len(told.false_alarms)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
