"""The page of a validation, as Markdown: what was tried, what was claimed, what was found, and where not to rely."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from dueregard.validate.measured import TrialMeasured, Validation, has_intervals
from dueregard.validate.told import (
    DETAIL,
    OWN_DETAIL,
    SUMMARY,
    SUMMARY_MEANS,
    about,
    claims_coverage,
    detail_rows,
    is_often_printed,
    number,
    share,
    summary_rows,
)
from dueregard.validate.trial import COVERAGE, HIGHER, Declared

MADE = "<!-- Made by `dueregard validate --full --page FILE`. Change the code, not this page. -->"
LEAST_LEANT_ON = 0.935
READING = """\
How to read it: [how good are the ranges?](../explanation/validation.md). In short:

- **At a truth**: the true values are fixed; the share of ranges that hold them goes up and down with them (a ripple), for counts are whole numbers.
- **Over a range of truths**: the mean over true values spread evenly on the scale of logarithms. The lowest and the highest point stand beside it, in brackets.
- **Exact** means summed over every outcome with its probability; no chance is left in it. **Draws** are made-up counts; each is tried
  beside its sum, and a difference that chance would not make fails the run.
- **Not claimed** is shown all the same."""


def write_page(found: Validation, path: Path) -> Path:
    """Writes the page whole, in place of one that is there."""
    descriptor, near = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as handle:
            handle.write(page_of(found))
        Path(near).chmod(0o644)
        Path(near).replace(path)
    finally:
        Path(near).unlink(missing_ok=True)
    return path


def page_of(found: Validation) -> str:
    """The whole page."""
    lines = [
        MADE,
        "",
        "# Validation: do the methods do what they claim?",
        "",
        about(found),
        "",
        READING,
        "",
        "## Summary",
        "",
    ]
    lines += [*_table(SUMMARY, summary_rows(found)), SUMMARY_MEANS, ""]
    lines += [*_not_kept(found), *_weak(found), *_power(found)]
    for one in found.trials:
        lines += _trial(one)
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> list[str]:
    return [_row(header), _row("---" for _ in header), *(_row(row) for row in rows), ""]


def _not_kept(found: Validation) -> list[str]:
    if not found.faults:
        return []
    return ["## Claims that were not kept", "", *(f"- {fault}" for fault in found.faults), ""]


def _weak(found: Validation) -> list[str]:
    """Every cell or range, outside of claims, whose ranges hold the truth less often than 93.5 %."""
    rows = list(_weak_rows(found))
    if not rows:
        return []
    intro = (
        "Outside of their claims these hold the truth in less than 93.5 % (of a range, at its lowest point). Where one of these is "
        "printed, its range is too narrow."
    )
    return ["## Where not to rely on a range", "", intro, "",
            *_table(("method", "cell or range", "expected", "coverage"), rows)]  # fmt: skip


def _weak_rows(found: Validation) -> Iterator[tuple[str, ...]]:
    for one in (one for one in found.trials if has_intervals(one)):
        for case in one.cases:
            lowest = case.best(COVERAGE) if math.isnan(case.least) else case.least
            if not claims_coverage(one, case) and is_often_printed(case) and lowest < LEAST_LEANT_ON:
                yield (one.trial.title, case.case.name, number(case.case.expected), share(lowest))


def _power(found: Validation) -> list[str]:
    """Of trials that claim power: the share of *higher*, one row a cell."""
    lines: list[str] = []
    for one in found.trials:
        if any(claim.measure == HIGHER for claim in one.trial.claims):
            rows = ((c.case.name, share(c.best(HIGHER)), "yes" if c.is_claimed else "no") for c in one.cases)
            lines += [f"## {one.trial.title}", "", one.trial.remark, "", *_table(("cell and true ratio", "*higher*, %",
                      "promised as 80 %"), rows)]  # fmt: skip
    return lines


def _trial(one: TrialMeasured) -> list[str]:
    trial = one.trial
    kind = f"{trial.form}, {'exact' if trial.is_exact else 'approximate'}, nominal level {100 * trial.level:g} %"
    lines = [f"## {trial.title}: every cell" if _has_power(one) else f"## {trial.title}", ""]
    lines += [f"`{trial.name}`. Estimates {trial.estimates}. {kind[0].upper()}{kind[1:]}.", ""]
    lines += claims_told(trial)
    lines += [f"- {held}" for held in _pooled(one)]
    lines += ["", trial.remark, ""] if trial.remark else [""]
    return lines + _table(DETAIL if has_intervals(one) else OWN_DETAIL, detail_rows(one))


def claims_told(trial: Declared) -> list[str]:
    """What a method claims, one line each."""
    told = [f"- Claims: {claim.measure} {_bounds(claim.least, claim.most)}, {claim.where}." for claim in trial.claims]
    return told or ["- Claims nothing."]


def _has_power(one: TrialMeasured) -> bool:
    return any(claim.measure == HIGHER for claim in one.trial.claims)


def _bounds(least: float, most: float) -> str:
    if most >= 1:
        return f"at least {100 * least:g} %"
    return f"at most {100 * most:g} %" if least <= 0 else f"{100 * least:g} to {100 * most:g} %"


def _pooled(one: TrialMeasured) -> Iterator[str]:
    for held in one.held:
        if held.over == "all cases":
            yield f"Found: {held.measure} {share(held.lowest)} % of all together."
