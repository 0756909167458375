"""The four files of a report: made from the report alone, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from dueregard.errors import TargetError
from dueregard.evidence.release import Report
from dueregard.publish import counts

PAGE, WORKBOOK = "index.html", "tables.xlsx"
FILES = (PAGE, WORKBOOK, counts.FIGURES, counts.CELLS)


def render(report: Report) -> dict[str, bytes]:
    """Which files does a report make? The same report makes the same bytes, on any day and any machine."""
    from dueregard.publish import page, tables

    return {
        PAGE: page.render(report),
        WORKBOOK: tables.render(report),
        counts.FIGURES: counts.write_figures(report),
        counts.CELLS: counts.write_cells(report),
    }


def write(files: dict[str, bytes], out: Path) -> None:
    """Puts the files into the folder `out`, all of them or none.

    A former report there is replaced whole; an empty folder too. Raises TargetError where `out` holds anything
    else, or the disk refuses; then, and when stopped, everything is as it was and nothing temporary stays.
    """
    check_target(out)
    try:
        with _beside(out) as fresh:
            _fill(fresh, files)
            _replace(fresh, out)
    except OSError as fault:
        raise TargetError(
            f"The report could not be written to {out}: {fault.strerror or fault}.",
            try_this="another --out, with room and the right to write. What was there is as it was.",
        ) from fault


def check_target(out: Path) -> None:
    """May a report be written here? Raises TargetError where `out` holds anything but a former report."""
    try:
        if not out.exists() and not out.is_symlink():
            return
        held = {entry.name for entry in out.iterdir()} if out.is_dir() and not out.is_symlink() else {"a file"}
        is_former = held == set(FILES) and all((out / name).is_file() for name in FILES)
    except OSError as fault:
        raise TargetError(f"{out} cannot be looked into: {fault.strerror}.", try_this="another --out.") from fault
    if held and not is_former:
        raise TargetError(
            f"{out} is taken: it is neither empty nor a report that `dueregard report` wrote.",
            try_this="another --out, or an empty folder.",
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
