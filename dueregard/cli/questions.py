"""One question, answered: compare, standardise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, Json, app, print_json


@app.command
def compare(
    snapshot: Path, /, *, stage: str, by: str = "ethnicity", comparison: str | None = None, within: str | None = None,
    unit: str = "pupils", denominator: str = "pupils_on_roll", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb",
    spark_remote: str | None = None, json: Json = False,
) -> int:  # fmt: skip
    """How does each group's rate compare with the comparison group's, crude and within strata?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    by
        Columns of the split, crossed; `period` among them gives the trend.
    comparison
        The group that others are compared with, by code or label.
    within
        Strata: school, area, officer, or several with commas.
    unit
        pupils, involvements, or events.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, officer_fte_pupil_days, or a stage.
    period
        2023/24, fy2023/24, 2023/24-autumn, or months 2023-04/2024-02; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    engine
        duckdb, spark, or reference (slow, plain Python).
    spark_remote
        For spark: where a cluster listens, as sc://HOST:PORT; this computer unless given.
    """
    from dueregard import steps
    from dueregard.evidence.as_json import answer_as_json
    from dueregard.measures.question import question
    from dueregard.terminal.answer import print_answer

    asked = question(stage, unit=unit, denominator=denominator, by=by, within=within, where=where, period=period)
    answer = steps.compare(snapshot, asked, comparison=comparison, engine=engine, spark_remote=spark_remote)
    if json:
        print_json(answer_as_json(answer))
    else:
        print_answer(answer)
    return DONE


@app.command
def standardise(
    snapshot: Path, /, *, stage: str, by: str = "ethnicity", over: str = "age_on_31_august,sex", method: str = "direct",
    comparison: str | None = None, unit: str = "pupils", denominator: str = "pupils_on_roll", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb",
    spark_remote: str | None = None, json: Json = False,
) -> int:  # fmt: skip
    """How do groups compare once their make-up by age, sex or other columns is made the same?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    by
        Columns of the groups, crossed.
    over
        Columns whose make-up is made the same, with commas.
    method
        direct: each group's rates on the whole roll; fewer than 10 counted are not estimable. indirect: counted over
        expected, at everybody's rates or, with a comparison, at that group's.
    comparison
        The group that others are compared with (direct), or whose rates are the standard (indirect).
    unit
        pupils, involvements, or events; of the last two, those of one pupil widen the interval.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, or officer_fte_pupil_days.
    period
        2023/24, fy2023/24, or 2023/24-autumn; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    engine
        duckdb, spark, or reference (slow, plain Python).
    spark_remote
        For spark: where a cluster listens, as sc://HOST:PORT; this computer unless given.
    """
    from dueregard import steps
    from dueregard.evidence.standardised_json import standardised_as_json
    from dueregard.measures.question import parse_list, question
    from dueregard.terminal.standardised import print_standardised

    asked = question(stage, unit=unit, denominator=denominator, by=by, where=where, period=period)
    answer = steps.standardise(
        snapshot,
        asked,
        over=parse_list(over),
        method=method,
        comparison=comparison,
        engine=engine,
        spark_remote=spark_remote,
    )
    if json:
        print_json(standardised_as_json(answer))
    else:
        print_standardised(answer)
    return DONE
