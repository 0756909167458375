"""Published figures as JSON, and back: the file from which an outsider can attack a release."""

from __future__ import annotations

from typing import Any

from dueregard.errors import SnapshotError
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Coordinates, PooledFigure, Printed, Published, PublishedTable, Row
from dueregard.terms.missing import CellState

Json = dict[str, Any]


def published_as_json(published: Published) -> Json:
    """The document. Rows keep their order; numbers are as printed."""
    return {
        "release": published.release,
        "snapshot": published.snapshot,
        "policy": published.policy,
        "parents": [list(link) for link in published.parents],
        "tables": [_table(table) for table in published.tables],
        "pooled": [_pooled(figure) for figure in published.pooled],
    }


def _table(table: PublishedTable) -> Json:
    return {
        "id": table.id,
        "adds_up": list(table.adds_up),
        "rows": [_row(row) for row in table.rows],
    }


def _row(row: Row) -> Json:
    told: Json = {"of": dict(row.of), "n": _count(row.n)}
    if row.over is not None and row.denominator is not None:
        told |= {"over": dict(row.over), "denominator": _count(row.denominator)}
    if row.printed:
        told["printed"] = [_printed(figure) for figure in row.printed]
    return told


def _count(count: ShownCount) -> Json:
    return {"state": str(count.state), "shown": count.shown, "at_least": count.at_least, "at_most": count.at_most}


def _printed(figure: Printed) -> Json:
    told: Json = {"kind": figure.kind, "text": figure.text}
    if figure.against is not None:
        told["against"] = dict(figure.against)
    return told | ({"options": dict(figure.options)} if figure.options else {})


def _pooled(figure: PooledFigure) -> Json:
    pairs = [[dict(group), dict(comparison)] for group, comparison in figure.ratio_of]
    return {"id": figure.id, "kind": figure.kind, "text": figure.text, "n_strata": figure.n_strata, "ratio_of": pairs}


def published_from_json(document: Json) -> Published:
    """The figures that a document holds. Raises SnapshotError where it is not such a document."""
    try:
        return Published(
            release=str(document["release"]),
            snapshot=str(document["snapshot"]),
            policy=str(document["policy"]),
            tables=tuple(_table_from(table) for table in document["tables"]),
            parents=tuple((str(a), str(b), str(c)) for a, b, c in document.get("parents", [])),
            pooled=tuple(_pooled_from(figure) for figure in document.get("pooled", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise SnapshotError(
            "The file does not hold the figures of a release.", try_this="the `figures.json` of a release."
        ) from fault


def _table_from(table: Json) -> PublishedTable:
    rows = tuple(_row_from(row) for row in table["rows"])
    return PublishedTable(str(table["id"]), rows, tuple(table.get("adds_up", ())))


def _row_from(row: Json) -> Row:
    over, denominator = row.get("over"), row.get("denominator")
    return Row(
        of=_coordinates(row["of"]),
        n=_count_from(row["n"]),
        over=None if over is None else _coordinates(over),
        denominator=None if denominator is None else _count_from(denominator),
        printed=tuple(_printed_from(figure) for figure in row.get("printed", ())),
    )


def _coordinates(pairs: Json) -> Coordinates:
    return tuple(sorted((str(column), str(value)) for column, value in pairs.items()))


def _count_from(count: Json) -> ShownCount:
    shown, at_most = count["shown"], count["at_most"]
    return ShownCount(
        state=CellState(count["state"]),
        shown=None if shown is None else int(shown),
        at_least=int(count["at_least"]),
        at_most=None if at_most is None else int(at_most),
    )


def _printed_from(figure: Json) -> Printed:
    against = figure.get("against")
    options = tuple(sorted((str(name), str(value)) for name, value in figure.get("options", {}).items()))
    return Printed(
        str(figure["kind"]), str(figure["text"]), None if against is None else _coordinates(against), options
    )


def _pooled_from(figure: Json) -> PooledFigure:
    pairs = tuple((_coordinates(group), _coordinates(comparison)) for group, comparison in figure.get("ratio_of", ()))
    return PooledFigure(str(figure["id"]), str(figure["kind"]), str(figure["text"]), int(figure["n_strata"]), pairs)
