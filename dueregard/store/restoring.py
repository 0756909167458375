"""After a restore: what was erased since the backup must not come back."""

from __future__ import annotations

from pathlib import Path

from dueregard.errors import SourceError
from dueregard.store.actions.erasing import erase_contact
from dueregard.store.actor import Actor
from dueregard.store.erased import noted
from dueregard.store.models import MODELS


def erase_again(folder: Path, erased: Path | None, *, by: Actor) -> int:
    """Erase every contact that a list of erasures names and that is there; how many?

    erased: the list that lay in the folder that was lost; without one, that of the backup itself. Raises SourceError.
    """
    if erased is not None and not erased.is_file():
        raise SourceError(f"The list of erasures `{erased.name}` is not there.", try_this="check the path.")
    named = {ref for _, ref in noted(erased.parent, erased.name) + noted(folder)} if erased else {ref for _, ref in noted(folder)}  # fmt: skip
    there = sorted(set(MODELS["contact"].objects.filter(contact_ref__in=named).values_list("contact_ref", flat=True)))
    for ref in there:
        erase_contact(ref, by=by, reason="request", why="erased before the backup was brought back")
    return len(there)
