"""The counts behind a report as two files, and back: `figures.json` and `cells.csv`. Exact both ways.

`cells.csv` has a row for each cell of each figure. `whole` and strata share it: a cell of the whole figure has the
stratum `*`. Parts of a stratum, or of a crossed code, are joined by `|`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from dueregard.errors import SnapshotError
from dueregard.evidence.as_json import answer_as_json
from dueregard.evidence.cells import Cell, Cells, Completeness
from dueregard.evidence.release import About, Figure, Report, Unanswered
from dueregard.publish.formulas import formulas_as_json
from dueregard.terms.missing import CellState

FIGURES, CELLS = "figures.json", "cells.csv"
HEADER = ("figure", "period", "stratum", "codes", "n", "denominator", "state", "at_least", "at_most")
NONE = "none"  # there is no such number: said, never left empty
WHOLE = "*"
ESCAPED = str.maketrans({"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r"})  # a cell stays on one line
UNESCAPED = {"n": "\n", "r": "\r"}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "'")
CELLS_APART = ("whole", "strata")  # in cells.csv; everything else of Cells stands in figures.json

Read = tuple[About, Completeness, tuple[tuple[str, Cells], ...], tuple[Unanswered, ...], dict[str, Any]]


def write_figures(report: Report) -> bytes:
    """figures.json: every answer in full precision, and what is needed to compute it again from the cells."""
    document = {
        "report": as_plain(report.about),
        "completeness": as_plain(report.completeness),
        "unanswered": as_plain(report.unanswered),
        "figures": [_figure_as_json(figure) for figure in report.figures],
    }
    # Its own hash, so that no name or word in it that no figure depends on can be changed unseen either.
    digest = hashlib.sha256(_as_text(document).encode()).hexdigest()
    return (_as_text({"sha256": digest} | document) + "\n").encode()


def _as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)


def _figure_as_json(figure: Figure) -> dict[str, Any]:
    facts = {f.name: as_plain(getattr(figure.cells, f.name)) for f in fields(Cells) if f.name not in CELLS_APART}
    answer = answer_as_json(figure.answer)
    # A cell that no figure depends on (a missing group's stratum) must not be changed unseen either.
    digest = _digest(figure.id, figure.cells)
    return (
        {"id": figure.id}
        | answer
        | {"formula": formulas_as_json(figure.answer), "cells": facts, "cells_sha256": digest}
    )


def as_plain(value: Any) -> Any:
    """A frozen value as what JSON can hold: dataclasses as objects, tuples as lists."""
    if is_dataclass(value):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [as_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def write_cells(report: Report) -> bytes:
    """cells.csv: a row for each cell, UTF-8, LF. No text in it can be read as a formula."""
    return "".join(
        [_as_csv([HEADER]), *(_as_csv(_rows(figure.id, figure.cells)) for figure in report.figures)]
    ).encode()


def _as_csv(rows: Iterable[tuple]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _digest(name: str, cells: Cells) -> str:
    return hashlib.sha256(_as_csv(_rows(name, cells)).encode()).hexdigest()


def _rows(figure_id: str, cells: Cells) -> Iterator[tuple]:
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
    return "'" + text if text.startswith(FORMULA_SIGNS) else text


def _formula_back(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def read(files: dict[str, bytes]) -> Read:
    """What a report was made from: about, completeness, (figure id, cells), unanswered, {figure id: its document}.

    Raises SnapshotError, naming the file (and the line of cells.csv), where one is absent or malformed.
    """
    document = _document(files)
    whole, strata = _read_cells(files)
    try:
        about = revive(About, document["report"])
        completeness = revive(Completeness, document["completeness"])
        unanswered = revive(tuple[Unanswered, ...], document["unanswered"])
        by_id = {figure["id"]: figure for figure in document["figures"]}
        cells = tuple((name, _cells_of(figure, whole, strata)) for name, figure in by_id.items())
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _malformed(FIGURES, f"it lacks or misspells {_quoted(fault)}") from fault
    _check_ids(document["figures"], by_id, {*whole, *strata})
    for name, found in cells:
        if by_id[name].get("cells_sha256") != _digest(name, found):
            raise _malformed(CELLS, f"the cells of {name} are not those of which {FIGURES} holds the hash")
    return about, completeness, cells, unanswered, by_id


def _check_ids(listed: list, by_id: dict[str, Any], in_cells: set[str]) -> None:
    if len(listed) != len(by_id):
        raise _malformed(FIGURES, "two figures have one id")
    if unknown := sorted(in_cells - set(by_id)):
        raise _malformed(CELLS, f"it has cells of a figure that {FIGURES} does not list: {unknown[0][:80]}")


def _document(files: dict[str, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(_text(files, FIGURES), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise _malformed(FIGURES, f"it is not JSON: {_quoted(fault)}") from fault
    if not isinstance(found, dict):
        raise _malformed(FIGURES, "it is not one JSON object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _text(files: dict[str, bytes], name: str) -> str:
    if name not in files:
        raise SnapshotError(f"The report has no `{name}`.", try_this="the whole folder that `dueregard report` wrote.")
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as fault:
        raise _malformed(name, f"it is not UTF-8 at byte {fault.start}") from fault


def _cells_of(figure: dict[str, Any], whole: dict, strata: dict) -> Cells:
    facts, name = figure["cells"], figure["id"]
    hints = get_type_hints(Cells)
    given = {f.name: revive(hints[f.name], facts[f.name]) for f in fields(Cells) if f.name not in CELLS_APART}
    return Cells(**given, whole=tuple(whole.get(name, ())), strata=tuple(strata.get(name, ())))


def revive(kind: Any, plain: Any) -> Any:
    """A frozen value back from what `as_plain` made. Raises KeyError, TypeError or ValueError."""
    if get_origin(kind) is UnionType:
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if plain is None else revive(options[0], plain)
    if get_origin(kind) is tuple:
        return _revive_tuple(get_args(kind), plain)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if set(plain) != set(hints):
            raise KeyError(", ".join(sorted(set(hints) ^ set(plain))))
        return cast(Any, kind)(**{name: revive(hint, plain[name]) for name, hint in hints.items()})
    if issubclass(kind, StrEnum):
        return kind(plain)
    if type(plain) is not kind:
        raise TypeError(f"a {kind.__name__}")
    return plain


def _revive_tuple(kinds: tuple, plain: Any) -> tuple:
    if not isinstance(plain, list):
        raise TypeError("a list")
    if kinds[-1] is Ellipsis:
        return tuple(revive(kinds[0], item) for item in plain)
    return tuple(revive(kind, item) for kind, item in zip(kinds, plain, strict=True))


def _read_cells(files: dict[str, bytes]) -> tuple[dict[str, list[Cell]], dict[str, list[Cell]]]:
    """Cells by figure: those of the whole figures, and those of strata."""
    lines = csv.reader(io.StringIO(_text(files, CELLS), newline=""), strict=True)
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
        raise _malformed(CELLS, f"line {max(lines.line_num, 1)}: {_quoted(fault)}") from fault
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


def _quoted(fault: Exception) -> str:
    return str(fault.args[0] if fault.args else fault)[:200]


def _malformed(name: str, what: str) -> SnapshotError:
    return SnapshotError(f"{name} is not as it was written: {what}.", try_this="the report as it was first written.")
