"""What stays true of a figure, whoever those are whose ethnicity is missing: sensitivity."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, Json, app, print_json


@app.command
def sensitivity(
    snapshot: Path, /, *, stage: str, comparison: str | None = None, group: str | None = None, period: str | None = None,
    unit: str = "pupils", denominator: str = "pupils_on_roll",
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb", seed: int = 1,
    json: Json = False,
) -> int:  # fmt: skip
    """How far does a ratio between ethnic groups hold, whoever those are whose ethnicity is missing?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    comparison
        The ethnic group that others are compared with, by code or label.
    group
        One ethnic group, by code or label; every group unless asked.
    period
        2023/24, fy2023/24, 2023/24-autumn, or months 2023-04/2024-02; the last whole academic year unless asked.
    unit
        pupils, involvements, or events.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, officer_fte_pupil_days, or a stage.
    where
        column=code; may be given several times.
    engine
        duckdb, or reference (slow, plain Python).
    seed
        What is drawn (imputations, corrected counts) is the same for the same seed.
    """
    # Before numpy is loaded: two threads on matrices of a few hundred rows wait for each other more than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps
    from dueregard.evidence.sensitivity_json import sensitivity_as_json
    from dueregard.measures.question import question
    from dueregard.terminal.sensitivity import print_sensitivity

    asked = question(stage, unit=unit, denominator=denominator, where=where, period=period)
    found = steps.sensitivity(snapshot, asked, comparison=comparison, group=group, seed=seed, engine=engine)
    if json:
        print_json(sensitivity_as_json(found))
    else:
        print_sensitivity(found)
    return DONE
