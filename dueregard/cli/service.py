"""The service: `dueregard serve`."""

from __future__ import annotations

from pathlib import Path

from dueregard.cli.app import DONE, app


@app.command
def serve(*, data: Path = Path("dueregard-data"), port: int = 8000) -> int:
    """Run the record of contact: the service in which contacts are recorded. Stop it with Ctrl-C.

    Parameters
    ----------
    data
        The folder that holds database, keys and uploads, for its owner alone. It is made at the first start.
    port
        The port on which the service listens.
    """
    from dueregard.web.serve import serve as run

    run(data, port=port)
    return DONE
