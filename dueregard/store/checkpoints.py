"""Checkpoints: the signed head of the log, written where somebody outside can keep it."""

from __future__ import annotations

import os
from pathlib import Path

from dueregard.errors import SourceError
from dueregard.seal.signature import PublicKey
from dueregard.store.keys import LOG_PUBLIC
from dueregard.store.models import LogHead


def newest_note() -> str:
    """The signed head of the log, as it is now."""
    return str(LogHead.objects.get(id=1).note)


def write_checkpoint(folder: Path) -> Path:
    """Write the signed head into a folder, named by the number of entries; one that is there is the same and stays."""
    head = LogHead.objects.get(id=1)
    path = folder / f"{head.size:012}.txt"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = folder / f".{os.getpid()}.part"
    with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        handle.write(head.note)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(scratch, path)
    return path


def kept_notes(folder: Path) -> tuple[str, ...]:
    """The checkpoints that lie beside the database, the newest first."""
    files = sorted(folder.glob("[0-9]*.txt"), reverse=True) if folder.is_dir() else []
    return tuple(file.read_text(encoding="utf-8") for file in files)


def read_note(path: Path) -> str:
    """A checkpoint that a witness kept. Raises SourceError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(f"The checkpoint `{path.name}` cannot be read.", try_this="the file as the witness keeps it.") from fault  # fmt: skip


def public_key(keys: Path, *, given: Path | None = None) -> PublicKey:
    """The key that the log must be signed by: the one that a witness holds, or else the store's own."""
    return PublicKey.read(read_note(given or keys / LOG_PUBLIC))
