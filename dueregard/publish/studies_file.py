"""The studies of a report in `figures.json`: what was found, the counts that it was made from, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

from dueregard.evidence.cells import Cells, Repeat
from dueregard.evidence.chain import Chain, ChainCell
from dueregard.evidence.decomposition_json import decomposition_as_json
from dueregard.evidence.gates import gates_as_json
from dueregard.evidence.intersections_json import intersections_as_json
from dueregard.evidence.profile import Profile
from dueregard.evidence.release import Crossing, Doubt, Gates, Pathway, Studies
from dueregard.evidence.sensitivity import Extra
from dueregard.evidence.sensitivity_json import sensitivity_as_json
from dueregard.publish.cells_file import CellsOf, Counted, cells_as_json, counted, figure_as_json
from dueregard.publish.plain import as_line, as_plain, from_line, revive

OBSERVED = "-observed"  # after the id of a doubt: the cells by the officer's code
Line = TypeVar("Line", Profile, Repeat)


@dataclass(frozen=True, slots=True)
class PathwayRead:
    """What a pathway was made from."""

    id: str
    chain: Chain
    group: str
    comparison: str
    seed: int
    replicates: int


@dataclass(frozen=True, slots=True)
class GatesRead:
    """What the gates were made from."""

    figures: tuple[Counted, ...]
    why_not: tuple[tuple[str, str], ...]
    why_no_acts: str


@dataclass(frozen=True, slots=True)
class CrossingRead:
    """What a model of crossed groups was made from."""

    id: str
    cells: Cells
    seed: int


@dataclass(frozen=True, slots=True)
class DoubtRead:
    """What a sensitivity was made from."""

    id: str
    cells: Cells
    extra: Extra
    linkage: str
    base: str
    comparison: str
    seed: int


@dataclass(frozen=True, slots=True)
class StudiesRead:
    """What the studies of a report were made from."""

    pathways: tuple[PathwayRead, ...]
    gates: GatesRead | None
    crossings: tuple[CrossingRead, ...]
    doubts: tuple[DoubtRead, ...]


def studies_as_json(studies: Studies) -> dict[str, Any]:
    """Every study with its counts; cells of figures stand in cells.csv."""
    return {
        "pathways": [_pathway(one) for one in studies.pathways],
        "gates": None if studies.gates is None else _gates(studies.gates),
        "intersections": [_crossing(one) for one in studies.crossings],
        "sensitivities": [_doubt(one) for one in studies.doubts],
    }


def cells_of_studies(studies: Studies) -> Iterator[tuple[str, Cells]]:
    """What of them stands in cells.csv."""
    if studies.gates is not None:
        yield from ((figure.id, figure.cells) for figure in studies.gates.figures)
    yield from ((one.id, one.cells) for one in studies.crossings)
    for doubt in studies.doubts:
        yield doubt.id, doubt.cells
        if isinstance(doubt.extra.observed, Cells):
            yield doubt.id + OBSERVED, doubt.extra.observed


def _pathway(one: Pathway) -> dict[str, Any]:
    return {
        "id": one.id, "group": one.group, "comparison": one.comparison, "seed": one.seed, "replicates": one.replicates,
        "answer": decomposition_as_json(one.answer),
        "chain": {f.name: as_plain(getattr(one.chain, f.name)) for f in fields(Chain) if f.name != "cells"},
        "chain_cells": [as_line(cell) for cell in one.chain.cells],
    }  # fmt: skip


def _gates(gates: Gates) -> dict[str, Any]:
    answer = gates_as_json(gates.answer)
    return {
        "sentence": answer["sentence"], "words": {one["name"]: one["words"] for one in answer["gates"]},
        "acts": answer["acts"], "why_not": as_plain(gates.why_not), "why_no_acts": gates.why_no_acts,
        "figures": [figure_as_json(figure) for figure in gates.figures],
    }  # fmt: skip


def _crossing(one: Crossing) -> dict[str, Any]:
    return {"id": one.id, "seed": one.seed, "answer": intersections_as_json(one.answer)} | cells_as_json(
        one.id, one.cells
    )


def _doubt(one: Doubt) -> dict[str, Any]:
    extra = one.extra
    observed = (
        extra.observed if not isinstance(extra.observed, Cells) else cells_as_json(one.id + OBSERVED, extra.observed)
    )
    return {
        "id": one.id, "linkage": one.linkage, "base": one.base, "comparison": one.comparison, "seed": one.seed,
        "answer": sensitivity_as_json(one.answer), "profiles": _lines(extra.profiles), "series": _lines(extra.series),
        "observed": observed, "repeats": _lines(extra.repeats), "observed_repeats": _lines(extra.observed_repeats),
    } | cells_as_json(one.id, one.cells)  # fmt: skip


def _lines(found: tuple[Any, ...] | str | None) -> list[str] | str | None:
    return [as_line(item) for item in found] if isinstance(found, tuple) else found


def read_studies(document: dict[str, Any], cells: CellsOf) -> StudiesRead:
    """What the studies were made from. Raises KeyError, TypeError or ValueError where the document is malformed."""
    gates = document["gates"]
    return StudiesRead(
        tuple(_read_pathway(one) for one in document["pathways"]), None if gates is None else _read_gates(gates, cells),
        tuple(CrossingRead(one["id"], _cells(one, cells), revive(int, one["seed"])) for one in document["intersections"]),
        tuple(_read_doubt(one, cells) for one in document["sensitivities"]),
    )  # fmt: skip


def _cells(one: dict[str, Any], cells: CellsOf) -> Cells:
    return cells.of(revive(str, one["id"]), one["cells"], one["cells_sha256"])


def _read_pathway(one: dict[str, Any]) -> PathwayRead:
    hints = get_type_hints(Chain)
    facts = {f.name: revive(hints[f.name], one["chain"][f.name]) for f in fields(Chain) if f.name != "cells"}
    chain = Chain(**facts, cells=tuple(from_line(ChainCell, line) for line in one["chain_cells"]))
    group, comparison = revive(str, one["group"]), revive(str, one["comparison"])
    return PathwayRead(one["id"], chain, group, comparison, revive(int, one["seed"]), revive(int, one["replicates"]))


def _read_gates(gates: dict[str, Any], cells: CellsOf) -> GatesRead:
    figures = tuple(counted(figure, cells) for figure in gates["figures"])
    return GatesRead(figures, revive(tuple[tuple[str, str], ...], gates["why_not"]), revive(str, gates["why_no_acts"]))


def _read_doubt(one: dict[str, Any], cells: CellsOf) -> DoubtRead:
    observed = one["observed"]
    if isinstance(observed, dict):
        observed = cells.of(one["id"] + OBSERVED, observed["cells"], observed["cells_sha256"])
    extra = Extra(
        profiles=_read_lines(Profile, one["profiles"]), series=_read_lines(Profile, one["series"]), observed=observed,
        repeats=_known_lines(one["repeats"]), observed_repeats=_known_lines(one["observed_repeats"]),
    )  # fmt: skip
    return DoubtRead(one["id"], _cells(one, cells), extra, revive(str, one["linkage"]), revive(str, one["base"]),
                     revive(str, one["comparison"]), revive(int, one["seed"]))  # fmt: skip


def _read_lines(kind: type[Line], found: list[str] | str | None) -> tuple[Line, ...] | str | None:
    return tuple(from_line(kind, line) for line in found) if isinstance(found, list) else found


def _known_lines(found: list[str] | None) -> tuple[Repeat, ...] | None:
    return None if found is None else tuple(from_line(Repeat, line) for line in found)
