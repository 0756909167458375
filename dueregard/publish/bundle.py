"""The four files of a report: made from the report alone, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from dueregard.evidence.release import Report
from dueregard.publish import counts, folder

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
    with folder.written(out, "report") as fresh:
        fresh.fill(files)


def check_target(out: Path) -> None:
    """May a report be written here? Raises TargetError where `out` holds anything but a former report."""
    folder.check_free(out, "report that `dueregard report` wrote", lambda held: held == set(FILES))
