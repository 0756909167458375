"""The cells of a report's figures: as lines of `cells.csv` with their hash, and exactly back.

`cells.csv` has a row for each cell of each figure. `whole` and strata share it: a cell of the whole figure has the
stratum `*`. Parts of a stratum, or of a crossed code, are joined by `|`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from dueregard.errors import SnapshotError
from dueregard.evidence.as_json import answer_as_json
from dueregard.evidence.cells import Cell, Cells, Repeat
from dueregard.evidence.release import Figure
from dueregard.publish.formulas import formulas_as_json
from dueregard.publish.plain import as_line, as_plain, from_line, revive
from dueregard.publish.safe_text import FORMULA_SIGNS
from dueregard.terms.missing import CellState

FIGURES, CELLS = "figures.json", "cells.csv"
HEADER = ("figure", "period", "stratum", "codes", "n", "denominator", "state", "at_least", "at_most")
NONE = "none"  # there is no such number: said, never left empty
WHOLE = "*"
ESCAPED = str.maketrans({"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r"})  # a cell stays on one line
UNESCAPED = {"n": "\n", "r": "\r"}
GUARDED = (*FORMULA_SIGNS, "'")  # an apostrophe too: what is read back must be what was written
CELLS_APART = ("whole", "strata")  # in cells.csv; everything else of Cells stands in figures.json


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure's counts, as a report holds them. comparison: the group that it was compared with, if any."""

    id: str
    cells: Cells
    repeats: tuple[Repeat, ...] | None
    repeats_unit: str
    comparison: str | None


class CellsOf:
    """The cells of a figure, from the facts that its document holds. Keeps which were asked for."""

    def __init__(self, whole: dict[str, list[Cell]], strata: dict[str, list[Cell]]) -> None:
        self.whole, self.strata = whole, strata
        self.asked: list[str] = []
        self.wrong: list[str] = []

    def of(self, name: str, facts: dict[str, Any], digest: str) -> Cells:
        """Notes where they are not those of the hash. Raises KeyError, TypeError or ValueError where facts are malformed."""
        hints = get_type_hints(Cells)
        given = {f.name: revive(hints[f.name], facts[f.name]) for f in fields(Cells) if f.name not in CELLS_APART}
        cells = Cells(**given, whole=tuple(self.whole.get(name, ())), strata=tuple(self.strata.get(name, ())))
        self.asked.append(name)
        self.wrong += [name] if digest != digest_of(name, cells) else []
        return cells


def figure_as_json(figure: Figure) -> dict[str, Any]:
    """One figure: its answer, its formulas, who came again, and what its cells need to be read back."""
    answer = answer_as_json(figure.answer)
    repeats = (
        None if figure.repeats is None else {"unit": figure.repeats_unit, "cells": [as_line(r) for r in figure.repeats]}
    )
    return (
        {"id": figure.id} | answer | {"formula": formulas_as_json(figure.answer), "repeats": repeats}
        | cells_as_json(figure.id, figure.cells)
    )  # fmt: skip


def cells_as_json(name: str, cells: Cells) -> dict[str, Any]:
    """What cells.csv does not hold of these cells, and their hash."""
    facts = {f.name: as_plain(getattr(cells, f.name)) for f in fields(Cells) if f.name not in CELLS_APART}
    # A cell that no figure depends on (a missing group's stratum) must not be changed unseen either.
    return {"cells": facts, "cells_sha256": digest_of(name, cells)}


def as_csv(rows: Iterable[tuple]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def digest_of(name: str, cells: Cells) -> str:
    """The hash of the lines of these cells."""
    return hashlib.sha256(as_csv(rows_of(name, cells)).encode()).hexdigest()


def rows_of(figure_id: str, cells: Cells) -> Iterator[tuple]:
    known: dict[tuple[str, ...], str] = {}

    def text(parts: tuple[str, ...]) -> str:
        if parts not in known:
            known[parts] = _unformula(join_parts(parts))
        return known[parts]

    name = text((figure_id,))
    for some in (cells.whole, cells.strata):
        for c in some:
            over, low, high = (NONE if x is None else x for x in (c.denominator, c.at_least, c.at_most))
            yield name, text((c.period,)), text(c.stratum), text(c.codes), c.n, over, c.state.value, low, high


def join_parts(parts: tuple[str, ...]) -> str:
    r"""Parts as one text, exactly undone by `split_parts`.

    >>> join_parts(("a|b", "c")), join_parts(()), join_parts(("*",))
    ('a\\|b|c', '*', '\\*')
    """
    escaped = [part.translate(ESCAPED) for part in parts]
    text = "|".join(escaped)
    return WHOLE if not parts else "\\" + text if text.startswith(WHOLE) else text


def split_parts(text: str) -> tuple[str, ...]:
    r"""The parts of a text that `join_parts` made.

    >>> split_parts('a\\|b|c'), split_parts('*'), split_parts('\\*')
    (('a|b', 'c'), (), ('*',))
    """
    if text == WHOLE:
        return ()
    if "\\" not in text:
        return tuple(text.split("|"))
    parts, signs = [""], iter(text)
    for sign in signs:
        if sign == "|":
            parts.append("")
        elif sign == "\\":
            escaped = next(signs, "")
            parts[-1] += UNESCAPED.get(escaped, escaped)
        else:
            parts[-1] += sign
    return tuple(parts)


def _unformula(text: str) -> str:
    return "'" + text if text.startswith(GUARDED) else text


def _formula_back(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def counted(figure: dict[str, Any], cells: CellsOf) -> Counted:
    """One figure's counts from its document."""
    again = figure["repeats"]
    repeats = None if again is None else tuple(from_line(Repeat, line) for line in again["cells"])
    return Counted(
        revive(str, figure["id"]), cells.of(figure["id"], figure["cells"], figure["cells_sha256"]), repeats,
        "" if again is None else revive(str, again["unit"]), revive(str | None, figure["comparison"]),
    )  # fmt: skip


def text_of(files: dict[str, bytes], name: str) -> str:
    if name not in files:
        raise SnapshotError(f"The report has no `{name}`.", try_this="the whole folder that `dueregard report` wrote.")
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as fault:
        raise malformed(name, f"it is not UTF-8 at byte {fault.start}") from fault


def read_cells(files: dict[str, bytes]) -> tuple[dict[str, list[Cell]], dict[str, list[Cell]]]:
    """Cells by figure: those of the whole figures, and those of strata."""
    lines = csv.reader(io.StringIO(text_of(files, CELLS), newline=""), strict=True)
    whole: dict[str, list[Cell]] = {}
    strata: dict[str, list[Cell]] = {}
    as_cell = _cell_reader()
    try:
        if tuple(next(lines, ())) != HEADER:
            raise ValueError("the header differs")
        for row in lines:
            figure, cell = as_cell(row)
            (strata if cell.stratum else whole).setdefault(figure, []).append(cell)
    except (csv.Error, ValueError) as fault:
        raise malformed(CELLS, f"line {max(lines.line_num, 1)}: {quoted(fault)}") from fault
    return whole, strata


def _cell_reader() -> Callable[[list[str]], tuple[str, Cell]]:
    """A reader of rows. Texts repeat: each different one is taken apart once."""
    states = {str(state): state for state in CellState}
    known: dict[str, tuple[str, ...]] = {}

    def parts(text: str) -> tuple[str, ...]:
        if text not in known:
            known[text] = split_parts(_formula_back(text))
        return known[text]

    def as_cell(row: list[str]) -> tuple[str, Cell]:
        if len(row) != len(HEADER):
            raise ValueError(f"{len(HEADER)} columns were expected, {len(row)} found")
        figure, period, stratum, codes, n, over, state, low, high = row
        if state not in states:
            raise ValueError("column `state`: no such state")
        cell = Cell(parts(period)[0], parts(stratum), parts(codes), _number(n, "n"), _optional(over, "denominator"),
                    states[state], _optional(low, "at_least"), _optional(high, "at_most"))  # fmt: skip
        return parts(figure)[0], cell

    return as_cell


def _number(text: str, column: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"column `{column}`: a whole number was expected")
    return int(text)


def _optional(text: str, column: str) -> int | None:
    return None if text == NONE else _number(text, column)


def quoted(fault: Exception) -> str:
    return str(fault.args[0] if fault.args else fault)[:200]


def malformed(name: str, what: str) -> SnapshotError:
    """A letter about a file of a report that is not as it was written."""
    return SnapshotError(f"{name} is not as it was written: {what}.", try_this="the report as it was first written.")
