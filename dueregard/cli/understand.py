"""For whom, and how sure: intersections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, Json, app, print_json

BY = "ethnicity,sen_type,sex,age_on_31_august"


@app.command
def intersections(
    snapshot: Path, /, *, stage: str, by: str | None = None, stratum: str | None = None, unit: str = "pupils",
    denominator: str = "pupils_on_roll", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, nuts: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 1, engine: str = "duckdb", json: Json = False,
) -> int:  # fmt: skip
    """For which crossed groups is the rate how high, how sure is that, and how much is borrowed from similar pupils?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    by
        Columns that are crossed; the columns of --stratum unless given, else ethnicity, sen_type, sex and age_on_31_august.
    stratum
        One group in words: column=code,column=code; several codes with commas (year_group=9,10 is *aged 14 at the time*).
    unit
        pupils, involvements, or events.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, or officer_fte_pupil_days.
    period
        2023/24, fy2023/24, 2023/24-autumn, or months 2023-04/2024-02; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    nuts
        Check by sampling too; needs `pip install 'dueregard[bayes]'`, and about a minute.
    seed
        Of the draws. The same seed gives the same answer.
    engine
        duckdb, or reference (slow, plain Python).
    """
    from dueregard import steps
    from dueregard.evidence.intersections_json import intersections_as_json
    from dueregard.measures.question import parse_stratum, question
    from dueregard.terminal.intersections import print_intersections

    chosen = None if stratum is None else parse_stratum(stratum)
    columns = by or (",".join(column for column, _ in chosen) if chosen else BY)
    asked = question(stage, unit=unit, denominator=denominator, by=columns, where=where, period=period)
    answer = steps.intersections(snapshot, asked, stratum=chosen, nuts=nuts, seed=seed, engine=engine)
    if json:
        print_json(intersections_as_json(answer))
    else:
        print_intersections(answer)
    return DONE
