"""What lies in a snapshot: snapshots diff."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from dueregard.cli.app import DONE, Json, app, print_json

snapshots = App(name="snapshots", help="What changed from one snapshot to another?")


app.command(snapshots)


@snapshots.command
def diff(before: Path, after: Path, /, *, json: Json = False) -> int:
    """What changed from one snapshot to another, by table, column, school and code list, and which figures move?

    Parameters
    ----------
    before
        The path of the earlier snapshot, as `dueregard freeze` printed it.
    after
        The path of the later one.
    """
    from dueregard import steps
    from dueregard.evidence.difference_json import difference_as_json
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.difference import print_difference

    found = steps.difference(before, after, progress=for_this_terminal())
    if json:
        print_json(difference_as_json(found))
    else:
        print_difference(found)
    return DONE
