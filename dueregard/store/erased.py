"""Which contacts were erased? Kept beside the database as well, so that an older copy that is restored loses them again.

One line an erasure: the entry of the log, and the contact's reference, which tells nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from dueregard.store.log import Act

FILE = "erased"


def note_erased(act: Act, contact_ref: str) -> None:
    """Before the transaction ends: a line too many names a contact that is there, one too few would bring one back."""
    from django.conf import settings

    path = Path(settings.DUEREGARD_FOLDER) / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as handle:
        handle.write(f"{act.index} {contact_ref}\n")
        handle.flush()
        os.fsync(handle.fileno())


def noted(folder: Path, file: str = FILE) -> tuple[tuple[int, str], ...]:
    """(entry, contact) of every erasure that was noted; a torn last line is passed over."""
    try:
        lines = (folder / file).read_text(encoding="ascii").split("\n")[:-1]
    except FileNotFoundError:
        return ()
    return tuple((int(entry), ref) for entry, _, ref in (line.partition(" ") for line in lines))
