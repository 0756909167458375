"""What changed between two snapshots, as plain values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dueregard.evidence.difference import Difference, FigureChange, TableChange


def difference_as_json(found: Difference) -> dict[str, Any]:
    """The document that `snapshots diff --json` prints."""
    return {
        "before": found.before,
        "after": found.after,
        "code_version": found.code_version,
        "kind": str(found.kind),
        "sentence": found.sentence,
        "definitions": [asdict(change) for change in found.definitions],
        "tables": [_table_as_json(change) for change in found.tables],
        "n_figures": found.n_figures,
        "figures": [_figure_as_json(change) for change in found.figures],
        "caveats": list(found.caveats),
    }


def _table_as_json(change: TableChange) -> dict[str, Any]:
    plain = asdict(change)
    plain["columns"] = [{"column": column, "changed": n} for column, n in change.columns]
    return plain | {"schools": [asdict(school) for school in change.schools],
                    "appeared": list(change.appeared), "disappeared": list(change.disappeared)}  # fmt: skip


def _figure_as_json(change: FigureChange) -> dict[str, Any]:
    return asdict(change) | {
        "n_difference": change.n_difference,
        "rate_difference_per_1000": change.rate_difference_per_1000,
        "relative_rate_difference": change.relative_rate_difference,
    }
