"""Whole commands in processes of their own: seconds, and the peak of memory that the operating system saw."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, peak resident memory (MiB) and seconds of processors of one process."""

    seconds: float
    peak_mib: float
    processors: float = 0.0


def run(tokens: list[str]) -> Run:
    """Run one command to its end. Raises RuntimeError if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(tokens, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(tokens)} left with {process.returncode}")
    return Run(time.perf_counter() - began, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def median(tokens: list[str], times: int = 3) -> Run:
    """The median of several runs, after one that is not counted."""
    return in_rounds([tokens], times)[0]


def in_rounds(commands: list[list[str]], times: int = 3) -> list[Run]:
    """The medians of several commands, after one round that is not counted: others' work meets all of them alike."""
    rounds = [[run(tokens) for tokens in commands] for _ in range(times + 1)][1:]
    return [
        Run(
            statistics.median(r.seconds for r in runs),
            max(r.peak_mib for r in runs),
            statistics.median(r.processors for r in runs),
        )
        for runs in zip(*rounds, strict=True)
    ]


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def dueregard(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dueregard", *arguments]
