"""How well does `check` find what was planted: found, missed, false alarms?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding
from dueregard.synth.dirt import Planted


@dataclass(frozen=True, slots=True)
class Score:
    """found, missed: faults that were planted. false_alarms: errors at lines where nothing was planted.

    told: warnings that were not planted, by code: a clean force has some too (an officer who answers a call where
    nobody is posted).
    """

    found: tuple[Planted, ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[Planted, ...]
    told: tuple[tuple[str, int], ...]


def score(findings: Iterable[Finding], planted: Iterable[Planted]) -> Score:
    """Which planted faults do the findings name by file, line and code, and which errors did nobody plant?

    A finding without a line is of the whole file. A second error at a planted line is no false alarm: one fault may
    break several rules.
    """
    wanted = set(planted)
    named = {Planted(f.file, line, f.code) for f in findings for line in (f.lines or (0,))}
    spoilt = {(p.file, p.line) for p in wanted} | {(p.file, 0) for p in wanted}
    other = sorted(p for p in named - wanted if (p.file, p.line) not in spoilt)
    codes = [p.code for p in other if p.code.startswith("W_")]
    return Score(
        found=tuple(sorted(wanted & named)),
        missed=tuple(sorted(wanted - named)),
        false_alarms=tuple(p for p in other if p.code.startswith("E_")),
        told=tuple((code, codes.count(code)) for code in sorted(set(codes))),
    )


def planted_as_toml(planted: Iterable[Planted]) -> str:
    """The list as text that `tomllib` reads: one `[[planted]]` a fault.

    >>> print(planted_as_toml([Planted("step.csv", 4, "E_CODELIST")]), end="")
    [[planted]]
    file = "step.csv"
    line = 4
    code = "E_CODELIST"
    """
    return "\n".join(f'[[planted]]\nfile = "{p.file}"\nline = {p.line}\ncode = "{p.code}"\n' for p in planted)


def read_planted(truth: Path) -> tuple[Planted, ...]:
    """What does a truth file say was planted? Raises SourceError if it cannot be read."""
    try:
        rows = tomllib.loads(truth.read_text(encoding="utf-8")).get("planted", [])
        return tuple(Planted(row["file"], row["line"], row["code"]) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise SourceError(f"`{truth.name}` is not the truth of a made-up force.",
                          try_this="the truth.toml that `dueregard synth --dirt` wrote.") from fault  # fmt: skip
