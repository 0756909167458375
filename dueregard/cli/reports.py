"""The whole report, and whether it holds: report, verify."""

from __future__ import annotations

import os
from pathlib import Path

from dueregard.cli.app import DONE, FAULTS, Json, app, print_json


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
def verify(
    folder: Path, /, *, snapshot: Path | None = None, key: str | None = None, seconds: float = 60.0, json: Json = False
) -> int:  # fmt: skip
    """Does a report or a release hold: every figure from its counts, every file again, signatures, and the snapshot's rows?

    Parameters
    ----------
    folder
        A report, or a release. A release is tested without the personal data: signatures, hashes, figures, policy.
    snapshot
        The snapshot that it was made from: every count is then made again.
    key
        Of a release: the publisher's public key, or a file with it, got by another way than the folder.
    seconds
        Of a release: the longest time for one question of the attacker to the solver.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps

    if steps.is_release(folder):
        return _verify_release(folder, snapshot, key, seconds, as_json=json)
    return _verify_report(folder, snapshot, as_json=json)


def _verify_release(folder: Path, snapshot: Path | None, key: str | None, seconds: float, *, as_json: bool) -> int:
    from dueregard import steps
    from dueregard.evidence.verified import verified_as_json
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.verified import print_verified

    found = steps.verify_release(folder, key=key, snapshot_path=snapshot, seconds=seconds, progress=for_this_terminal())
    if as_json:
        print_json(verified_as_json(found))
    else:
        print_verified(found)
    return DONE if found.is_whole else FAULTS


def _verify_report(folder: Path, snapshot: Path | None, *, as_json: bool) -> int:
    from dueregard import steps
    from dueregard.errors import VerificationFailed
    from dueregard.progress import for_this_terminal

    faults = steps.verify(folder, snapshot_path=snapshot, progress=for_this_terminal())
    if as_json:
        print_json({"whole": not faults, "faults": faults})
        return VerificationFailed.exit_code if faults else DONE
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise VerificationFailed(f"The report does not hold:\n{listed}", try_this="make it again from its snapshot.")
    counts = " and every count from the snapshot's rows" if snapshot is not None else ""
    print(f"Whole: every figure follows from the counts{counts}.")
    return DONE
