"""Keeping a service's store: backup, restore."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dueregard.cli.app import DONE, app
from dueregard.errors import SealBroken, SourceError, UsageError

DATA = Path("data")
VARIABLE = "DUEREGARD_PASSPHRASE"


@app.command
def backup(*, into: Path, data: Path = DATA, passphrase_file: Path | None = None) -> int:
    """Write a service's database and keys into one sealed file; prints its path. The service may go on meanwhile.

    Parameters
    ----------
    into
        The file to write; one that exists is not replaced.
    data
        The folder of the service.
    passphrase_file
        A file that holds the passphrase; else it is taken from DUEREGARD_PASSPHRASE, or asked for.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    print(steps.backup(data, into, passphrase=_passphrase(passphrase_file), progress=for_this_terminal()))
    return DONE


@app.command
def restore(
    file: Path, /, *, data: Path = DATA, passphrase_file: Path | None = None, erased: Path | None = None,
    checkpoint: Annotated[list[Path] | None, Parameter(consume_multiple=False)] = None,
) -> int:  # fmt: skip
    """Bring a backup back into a new folder, and verify it. Leaves with an error if it is an older copy than a witness knows.

    Parameters
    ----------
    file
        What `dueregard backup` wrote.
    data
        The folder to make; it must not exist, or be empty. For PostgreSQL, DUEREGARD_DATABASE names an empty database.
    passphrase_file
        A file that holds the passphrase; else it is taken from DUEREGARD_PASSPHRASE, or asked for.
    erased
        The file `erased` of the folder that was lost: what was erased since the backup is erased again.
    checkpoint
        A checkpoint that a witness kept; several may be given.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    done = steps.restore(file, data, passphrase=_passphrase(passphrase_file), checkpoints=tuple(checkpoint or ()),
                         erased=erased, progress=for_this_terminal())  # fmt: skip
    told = done.verified
    print(
        f"restored: {told.size:,} entries, {told.n_versions:,} versions of rows, {done.n_erased_again:,} contacts erased again"
    )
    if not told.is_whole:
        print("\n".join(told.faults), file=sys.stderr)
        raise SealBroken(f"What was restored is not whole: {len(told.faults)} fault(s).",
                         try_this="a newer backup; say in the log what is lost.")  # fmt: skip
    return DONE


def _passphrase(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise SourceError(f"`{file.name}` cannot be read.", try_this="check the path.") from fault
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError("No passphrase was given.", try_this=f"`--passphrase-file`, or {VARIABLE}.")
    from getpass import getpass

    return getpass("Passphrase: ")
