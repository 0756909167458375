"""The counts behind a report as two files, and back: `figures.json` and `cells.csv`. Exact both ways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dueregard.evidence.cells import Cells, Completeness
from dueregard.evidence.release import About, Report, Unanswered
from dueregard.publish.cells_file import (
    CELLS,
    FIGURES,
    HEADER,
    CellsOf,
    Counted,
    as_csv,
    counted,
    figure_as_json,
    join_parts,
    malformed,
    quoted,
    read_cells,
    rows_of,
    split_parts,
    text_of,
)
from dueregard.publish.plain import as_plain, revive
from dueregard.publish.studies_file import StudiesRead, cells_of_studies, read_studies, studies_as_json

__all__ = [
    "CELLS",
    "FIGURES",
    "Counted",
    "ReadBack",
    "join_parts",
    "read",
    "split_parts",
    "write_cells",
    "write_figures",
]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What a report was made from."""

    about: About
    completeness: Completeness
    figures: tuple[Counted, ...]
    unanswered: tuple[Unanswered, ...]
    studies: StudiesRead


def write_figures(report: Report) -> bytes:
    """figures.json: every answer in full precision, and what is needed to compute it again from the cells."""
    document = {
        "report": as_plain(report.about),
        "completeness": as_plain(report.completeness),
        "unanswered": as_plain(report.unanswered),
        "figures": [figure_as_json(figure) for figure in report.figures],
        "studies": studies_as_json(report.studies),
    }
    # Its own hash, so that no name or word in it that no figure depends on can be changed unseen either.
    digest = hashlib.sha256(_astext_of(document).encode()).hexdigest()
    return (_astext_of({"sha256": digest} | document) + "\n").encode()


def _astext_of(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)


def write_cells(report: Report) -> bytes:
    """cells.csv: a row for each cell, UTF-8, LF. No text in it can be read as a formula."""
    return "".join([as_csv([HEADER]), *(as_csv(rows_of(name, cells)) for name, cells in _all_cells(report))]).encode()


def _all_cells(report: Report) -> Iterator[tuple[str, Cells]]:
    yield from ((figure.id, figure.cells) for figure in report.figures)
    yield from cells_of_studies(report.studies)


def read(files: dict[str, bytes]) -> ReadBack:
    """What a report was made from.

    Raises SnapshotError, naming the file (and the line of cells.csv), where one is absent or malformed.
    """
    document = _document(files)
    cells = CellsOf(*read_cells(files))
    try:
        about = revive(About, document["report"])
        completeness = revive(Completeness, document["completeness"])
        unanswered = revive(tuple[Unanswered, ...], document["unanswered"])
        figures = tuple(counted(figure, cells) for figure in document["figures"])
        studies = read_studies(document["studies"], cells)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise malformed(FIGURES, f"it lacks or misspells {quoted(fault)}") from fault
    _check_ids(cells)
    return ReadBack(about, completeness, figures, unanswered, studies)


def _check_ids(cells: CellsOf) -> None:
    if len(cells.asked) != len(set(cells.asked)):
        raise malformed(FIGURES, "two figures have one id")
    if unknown := sorted({*cells.whole, *cells.strata} - set(cells.asked)):
        raise malformed(CELLS, f"it has cells of a figure that {FIGURES} does not list: {unknown[0][:80]}")
    if cells.wrong:
        raise malformed(CELLS, f"the cells of {cells.wrong[0]} are not those of which {FIGURES} holds the hash")


def _document(files: dict[str, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(text_of(files, FIGURES), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise malformed(FIGURES, f"it is not JSON: {quoted(fault)}") from fault
    if not isinstance(found, dict):
        raise malformed(FIGURES, "it is not one JSON object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
