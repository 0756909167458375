"""The whole report, and whether it holds: report, verify."""

from __future__ import annotations

import os
from pathlib import Path

from dueregard.cli.app import DONE, Json, app, print_json


@app.command
def report(snapshot: Path, /, *, out: Path, comparison: str | None = None) -> int:
    """Write the whole report of a snapshot: HTML, workbook, figures.json, cells.csv. Internal, not for publication.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    out
        The folder to write; a former report in it is replaced whole.
    comparison
        The group that others are compared with, where a split has it.
    """
    # Before numpy is loaded: two threads on small matrices wait for each other more than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    steps.report(snapshot, out, comparison=comparison, progress=for_this_terminal())
    print(out / "index.html")
    return DONE


@app.command
def verify(folder: Path, /, *, snapshot: Path | None = None, json: Json = False) -> int:
    """Does every figure of a report follow from its counts, and (with the snapshot) every count from its rows?

    Parameters
    ----------
    folder
        A report.
    snapshot
        The snapshot that it was made from.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps
    from dueregard.errors import VerificationFailed
    from dueregard.progress import for_this_terminal

    faults = steps.verify(folder, snapshot_path=snapshot, progress=for_this_terminal())
    if json:
        print_json({"whole": not faults, "faults": faults})
        return VerificationFailed.exit_code if faults else DONE
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise VerificationFailed(f"The report does not hold:\n{listed}", try_this="make it again from its snapshot.")
    counts = " and every count from the snapshot's rows" if snapshot is not None else ""
    print(f"Whole: every figure follows from the counts{counts}.")
    return DONE
