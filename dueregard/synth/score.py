"""How well does `check` find what was planted? Findings and plantings side by side: found, missed, false alarms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dueregard.evidence.finding import Finding

Place = tuple[str, int, str]  # file, physical line (row of a Parquet file), code


@dataclass(frozen=True, slots=True)
class Score:
    """found, missed: planted faults. false_alarms: errors, and warnings of a kind that was planted in that file, on
    lines where none was planted. Other warnings are true of a clean force too, and are not judged."""

    found: frozenset[Place]
    missed: frozenset[Place]
    false_alarms: frozenset[Place]


def planted_in(folder: Path) -> frozenset[Place]:
    """Which faults were planted in a force that `synth` wrote?"""
    said = tomllib.loads((Path(folder) / "truth.toml").read_text(encoding="utf-8"))
    return frozenset((one["file"], one["line"], one["code"]) for one in said.get("planted", ()))


def score(planted: Iterable[Place], findings: Iterable[Finding]) -> Score:
    """Which planted faults were found, which were missed, and what was told of lines without one?

    An error without a line (of a whole file) counts as line 0.

    >>> score([("roll.csv", 5, "E_TYPE")], [Finding("E_TYPE", "roll.csv", "roll", "n_pupils", (5, 9), "no numbers.")])
    Score(found=frozenset({('roll.csv', 5, 'E_TYPE')}), missed=frozenset(), false_alarms=frozenset({('roll.csv', 9, 'E_TYPE')}))
    """
    there = frozenset(planted)
    kinds = {(file, code) for file, _, code in there}
    told = {
        (f.file, line, f.code) for f in findings if f.is_error or (f.file, f.code) in kinds for line in f.lines or (0,)
    }
    return Score(there & told, there - told, frozenset(told - there))
