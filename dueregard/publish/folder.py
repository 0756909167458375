"""A folder of files, written whole or not at all: what was there stays as it was until everything new is on the disk."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from dueregard.errors import TargetError


class Fresh:
    """A folder beside the one that is wanted. `fill` writes files into it; when all are there, it takes its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fill(self, files: dict[str, bytes]) -> None:
        """These files, on the disk."""
        _fill(self._folder, files)


@contextlib.contextmanager
def written(out: Path, what: str) -> Iterator[Fresh]:
    """A fresh folder that takes the place of `out` when the block ends; if it fails, `out` is as it was.

    what: the word for it in a refusal. Raises TargetError where the disk refuses; nothing temporary stays.
    """
    try:
        with _beside(out) as fresh:
            yield Fresh(fresh)
            _replace(fresh, out)
    except OSError as fault:
        raise TargetError(
            f"The {what} could not be written to {out}: {fault.strerror or fault}.",
            try_this="another --out, with room and the right to write. What was there is as it was.",
        ) from fault


def check_free(out: Path, what: str, is_former: Callable[[set[str]], bool]) -> None:
    """May `out` be written? is_former: do these names make a former one, which is replaced? Raises TargetError."""
    try:
        if not out.exists() and not out.is_symlink():
            return
        held = {entry.name for entry in out.iterdir()} if out.is_dir() and not out.is_symlink() else {"a file"}
        is_replaced = is_former(held) and all((out / name).is_file() for name in held)
    except OSError as fault:
        raise TargetError(f"{out} cannot be looked into: {fault.strerror}.", try_this="another --out.") from fault
    if held and not is_replaced:
        raise TargetError(
            f"{out} is taken: it is neither empty nor a {what}.", try_this="another --out, or an empty folder."
        )


@contextlib.contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A temporary folder next to `out`, on the same disk; gone at the end, whatever happens."""
    missing = [folder for folder in out.absolute().parents if not folder.exists()]
    fresh = _sibling(out)
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        yield fresh
    except BaseException:
        _remove(fresh)
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _remove(folder: Path) -> None:
    """Away with it, also when a person's second Ctrl-C falls into the first one's clearing up."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _sibling(out: Path) -> Path:
    place = out.absolute()
    return place.parent / f".{place.name}.{secrets.token_hex(6)}"


def _fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        with (folder / name).open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    _sync(folder)


def _replace(fresh: Path, out: Path) -> None:
    """The new folder in, the old one aside and then gone. If the new one cannot come in, the old one is back."""
    aside = _sibling(out)
    try:
        if out.exists():
            out.rename(aside)
        fresh.rename(out)
    except BaseException:
        if aside.exists() and not out.exists():
            aside.rename(out)
        raise
    finally:
        if out.exists():
            _remove(aside)
    _sync(out.absolute().parent)


def _sync(folder: Path) -> None:
    """A rename lasts only once its folder is on the disk; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
