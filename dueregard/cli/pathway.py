"""Where on the way does a gap arise: decompose, gates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, Json, app, print_json


@app.command
def decompose(
    snapshot: Path, /, *, stage: str, group: str, comparison: str | None = None, by: str = "ethnicity", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, method: str = "bootstrap", seed: int = 1,
    engine: str = "duckdb", json: Json = False,
) -> int:  # fmt: skip
    """Where on the way to a stage does the gap between two groups arise: officers placed, contacts, or what follows them?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        The stage that the chain leads to; `dueregard measures` lists them.
    group
        The group whose rate is taken apart, by code or label.
    comparison
        The group that it is compared with, by code or label.
    by
        Columns of the groups, crossed.
    period
        2023/24, fy2023/24, 2023/24-autumn, or months 2023-04/2024-02; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    method
        Of the ranges: bootstrap (schools drawn anew), delta, or bayes (these schools, counts drawn). With fewer than 10
        counted at a step it is bayes, and said.
    seed
        The same seed gives the same ranges.
    engine
        duckdb, or reference (slow, plain Python).
    """
    from dueregard import steps
    from dueregard.evidence.decomposition_json import decomposition_as_json
    from dueregard.measures.question import parse_list, parse_where
    from dueregard.terminal.decomposition import print_decomposition

    found = steps.decompose(snapshot, stage, group=group, comparison=comparison, by=parse_list(by), where=parse_where(where or []),
                            period=period, method=method, seed=seed, engine=engine)  # fmt: skip
    if json:
        print_json(decomposition_as_json(found))
    else:
        print_decomposition(found)
    return DONE


@app.command
def gates(
    snapshot: Path, /, *, by: str = "ethnicity", comparison: str | None = None, period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb", json: Json = False,
) -> int:  # fmt: skip
    """Where somebody decides, which way does each group go: kept by the school, interview or arrest, diversion or charge?

    Crude and within contacts for the same behaviour and level of harm, with the schools' own sanctions for the same acts.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    by
        Columns of the groups, crossed.
    comparison
        The group that others are compared with, by code or label.
    period
        An academic year such as 2023/24; the last whole one unless asked.
    where
        column=code, of the gates; may be given several times.
    engine
        duckdb, or reference (slow, plain Python).
    """
    from dueregard import steps
    from dueregard.evidence.gates import gates_as_json
    from dueregard.measures.question import parse_list, parse_where
    from dueregard.terminal.gates import print_gates

    found = steps.gates(snapshot, by=parse_list(by), comparison=comparison, where=parse_where(where or []), period=period,
                        engine=engine)  # fmt: skip
    if json:
        print_json(gates_as_json(found))
    else:
        print_gates(found)
    return DONE
