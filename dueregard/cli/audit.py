"""The log of a service: audit verify, checkpoint, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from dueregard.cli.app import DONE, Json, app, print_json
from dueregard.errors import SealBroken

audit = App(name="audit", help="Is the log of a service whole, and do its records follow from it?")

app.command(audit)

DATA = Path("data")


@audit.command
def verify(
    *, data: Path = DATA, checkpoint: Annotated[list[Path] | None, Parameter(consume_multiple=False)] = None,
    key: Path | None = None, json: Json = False,
) -> int:  # fmt: skip
    """Is the log whole, and do the records follow from it? One line, and 0 if so. It works while the service is stopped.

    Parameters
    ----------
    data
        The folder of the service.
    checkpoint
        A checkpoint that a witness kept; several may be given. Without one, those in the folder are taken.
    key
        The public key that the witness holds; without one, that of the folder.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    found = steps.audit_verify(data, checkpoints=tuple(checkpoint or ()), key=key, progress=for_this_terminal())
    against = f"; it continues {len(found.checked_against)} checkpoint(s)" if found.checked_against else ""
    line = (
        f"whole: {found.size:,} entries, {found.n_versions:,} versions of rows, {found.n_erased:,} rows erased{against}"
    )
    if json:
        print_json({"is_whole": found.is_whole, "entries": found.size, "root": found.root, "versions": found.n_versions,
                    "erased": found.n_erased, "checkpoints": list(found.checked_against), "faults": list(found.faults)})  # fmt: skip
    elif found.is_whole:
        print(line)
    if found.is_whole:
        return DONE
    print("\n".join(found.faults), file=sys.stderr)
    raise SealBroken(f"The store is not whole: {len(found.faults)} fault(s).",
                     try_this="stop the service, keep the folder as it is, and tell the data protection officer.")  # fmt: skip


@audit.command
def checkpoint(*, data: Path = DATA, into: Path | None = None) -> int:
    """Write the signed head of the log into a file that a witness outside can keep; prints its path.

    Parameters
    ----------
    data
        The folder of the service.
    into
        The folder to write to; without one, the service's own.
    """
    from dueregard import steps

    print(steps.audit_checkpoint(data, into=into))
    return DONE


@audit.command
def export(*, out: Path, why: str, to: str, data: Path = DATA) -> int:
    """Write every entry of the log, one line of JSON each, for its owner alone. The export is an entry itself.

    Parameters
    ----------
    out
        The file to write; one that exists is not replaced.
    why
        Why the log is handed on.
    to
        To whom.
    data
        The folder of the service.
    """
    from dueregard import steps

    print(f"{steps.audit_export(data, out, why=why, to_whom=to):,} entries", file=sys.stderr)
    print(out)
    return DONE
