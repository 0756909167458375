"""Do the methods do what they claim? validate."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, Json, app, print_json
from dueregard.errors import ClaimNotKept, UsageError


@app.command
def validate(
    *, quick: bool = False, full: bool = False, only: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None,
    seed: int = 1, page: Path | None = None, workers: int | None = None, json: Json = False,
) -> int:  # fmt: skip
    """Does each method do what it claims, where the truth is set? Mean error, coverage, false alarms and power.

    Parameters
    ----------
    quick
        Few draws, under a minute; this is what runs unless asked.
    full
        Ten thousand draws a cell, and thirty forces through files for each trial of whole forces; minutes.
    only
        The name of a trial, as `--json` has it; may be given several times.
    seed
        The same seed gives the same numbers, with any number of processes.
    page
        A file to write the tables to, as Markdown; one that exists is replaced.
    workers
        Processes; one a core unless given.
    """
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.validation import print_validation
    from dueregard.validate.measured import as_json
    from dueregard.validate.page import write_page
    from dueregard.validate.run import validate as run

    if quick and full:
        raise UsageError("A run is quick or full, not both.", try_this="leave one of the two out.")
    today = datetime.now(UTC).date().isoformat()
    found = run(is_full=full, seed=seed, made_on=today, only=tuple(only or ()), workers=workers,
                progress=for_this_terminal())  # fmt: skip
    if page is not None:
        write_page(found, page)
    if json:
        print_json(as_json(found))
        return ClaimNotKept.exit_code if found.faults else DONE
    print_validation(found)
    if found.faults:
        listed = "\n".join(f"- {fault}" for fault in found.faults)
        raise ClaimNotKept(f"Not every method does what it claims:\n{listed}",
                           try_this="the same seed again; then mend the method, or say less of it.")  # fmt: skip
    return DONE
