"""Runs trials: draws in pieces, sums where all outcomes can be listed, judges. The same seed gives the same numbers.

Every piece of work has random numbers of its own, from the seed, the trial, the case and the piece; pieces are added
in a fixed order. So no number depends on how many processes work.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from multiprocessing import get_context
from typing import Any

import numpy as np

from dueregard import __version__
from dueregard.errors import UnknownName, UsageError
from dueregard.progress import QUIET, Quiet
from dueregard.validate.judge import disagreements, judge
from dueregard.validate.known import known
from dueregard.validate.measured import CaseMeasured, TrialMeasured, Validation
from dueregard.validate.tally import add, mean_of, tally_of
from dueregard.validate.trial import COVERAGE, Case, Declared, Tally
from dueregard.workers import start_worker

Trials = Mapping[str, Declared]
MOST_OUTCOMES = {
    False: 150_000,
    True: 1_600_000,
}  # of one sum, quick and full; where there are more, only draws are taken


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work: n draws of a case, or (n 0) the sum over its outcomes, if at most so many."""

    trial: str
    case: int
    block: int
    n: int
    most: int = 0


@dataclass(frozen=True, slots=True)
class Sums:
    """What a piece found; least, most: exact coverage over the points of a range."""

    tally: Tally
    least: float = math.nan
    most: float = math.nan


def validate(
    *, is_full: bool, seed: int, made_on: str, only: tuple[str, ...] = (), workers: int | None = None,
    progress: Quiet = QUIET, trials: Trials | None = None,
) -> Validation:  # fmt: skip
    """Does each method do what it claims, where the truth is set?

    only: names of trials; all unless given. workers: processes, one a core unless given; the answer does not depend
    on it. trials: others than the known ones, then in this process alone.
    Raises UnknownName for a trial that does not exist, UsageError for a seed below 0.
    """
    if seed < 0:
        raise UsageError("A seed is a whole number, 0 or more.", try_this="--seed 1.")
    chosen = _chosen(known() if trials is None else trials, only)
    pieces = [piece for trial in chosen.values() for piece in _pieces(trial, is_full=is_full)]
    found: dict[Piece, Sums] = {}
    n_workers = 1 if trials is not None else (workers or os.cpu_count() or 1)
    with progress.step("Trying methods", total=len(pieces)) as advance, _mapping(n_workers, trials) as each:
        for piece, sums in zip(pieces, each(pieces, seed), strict=True):
            found[piece] = sums
            advance(piece.trial)
    measured = tuple(_measured(trial, found, is_full=is_full) for trial in chosen.values())
    progress.done(
        f"tried {len(chosen)} methods on {sum(len(one.cases) for one in measured)} cells and ranges, seed {seed}"
    )
    return Validation(is_full, seed, __version__, made_on, measured)


def _chosen(all_: Trials, only: tuple[str, ...]) -> Trials:
    for name in only:
        if name not in all_:
            raise UnknownName("trial", name, all_)
    return {name: trial for name, trial in all_.items() if not only or name in only}


def _pieces(trial: Declared, *, is_full: bool) -> Iterator[Piece]:
    n = trial.draws.of(is_full=is_full)
    block = trial.draws.block or n
    for index in range(len(trial.cases())):
        if trial.outcomes:
            yield Piece(trial.name, index, 0, 0, MOST_OUTCOMES[is_full])
        for number, start in enumerate(range(0, n, block)):
            yield Piece(trial.name, index, number, min(block, n - start))


@contextmanager
def _mapping(workers: int, trials: Trials | None) -> Iterator[Any]:
    if workers == 1:
        among = known() if trials is None else trials
        yield lambda pieces, seed: (work(piece, seed, among) for piece in pieces)
        return
    # spawned, not forked: a fork would share the threads of the database
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start_worker)
    try:
        yield lambda pieces, seed: pool.map(work, pieces, [seed] * len(pieces))
    finally:
        pool.shutdown(cancel_futures=True)


def work(piece: Piece, seed: int, trials: Trials | None = None) -> Sums:
    """One piece of work, in whatever process."""
    trial = (known() if trials is None else trials)[piece.trial]
    case = trial.cases()[piece.case]
    if not piece.n:
        return _summed(trial, case, piece.most)
    rng = np.random.default_rng([seed, piece.case, piece.block, *piece.trial.encode()])
    points = case.points or (case,)
    return Sums(reduce(add, (_drawn(trial, point, rng, n) for point, n in _shared(points, piece.n)), {}))


def _shared(points: tuple[Case, ...], n: int) -> list[tuple[Case, int]]:
    """The draws spread evenly over the points of a range."""
    return [(point, len(range(k, n, len(points)))) for k, point in enumerate(points) if k < n]


def _drawn(trial: Declared, case: Case, rng: np.random.Generator, n: int) -> Tally:
    found = trial.estimate(case, trial.draw(rng, case, n))
    return found if isinstance(found, dict) else tally_of(found, case.truth, error=trial.error)


def _summed(trial: Declared, case: Case, most: int) -> Sums:
    """The exact tally of a case, or of a range with each point alike; empty where a point has too many outcomes."""
    tallies = []
    for point in case.points or (case,):
        listed = trial.outcomes(point, most) if trial.outcomes else None
        if listed is None:
            return Sums({})
        found = trial.estimate(point, listed[0])
        assert not isinstance(found, dict), f"{trial.name}: outcomes are for trials of intervals"
        tallies.append(tally_of(found, point.truth, listed[1], error=trial.error))
    coverage = [mean_of(tally, COVERAGE) for tally in tallies] if case.points else [math.nan]
    return Sums(reduce(add, tallies), min(coverage), max(coverage))


def _measured(trial: Declared, found: dict[Piece, Sums], *, is_full: bool) -> TrialMeasured:
    pieces = list(_pieces(trial, is_full=is_full))
    cases = tuple(
        _case(trial, n, case, [p for p in pieces if p.case == n], found) for n, case in enumerate(trial.cases())
    )
    return TrialMeasured(trial, cases, judge(trial, cases, is_full=is_full), disagreements(cases))


def _case(trial: Declared, n: int, case: Case, pieces: list[Piece], found: dict[Piece, Sums]) -> CaseMeasured:
    drawn: Tally = {}
    for piece in pieces:
        drawn = add(drawn, found[piece].tally) if piece.n else drawn
    exact = next((found[piece] for piece in pieces if not piece.n), Sums({}))
    is_claimed = any(claim.applies(case) for claim in trial.claims)
    return CaseMeasured(case, sum(p.n for p in pieces), drawn, exact.tally, exact.least, exact.most, is_claimed)
