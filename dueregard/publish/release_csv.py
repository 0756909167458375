"""The tables of a release as CSV files, each with its description (CSV on the Web), and all of them as one data package.

CSV on the Web: https://www.w3.org/TR/tabular-metadata/. Data package: https://specs.frictionlessdata.io/data-package/, version 1.
Where there is no number, a cell holds the sign for why; both descriptions say that the signs are no values.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

from dueregard.evidence.released import AboutRelease
from dueregard.publish.release_data import NUMBER, SIGNS, TEXT, WHOLE_NUMBER, Column, DataTable
from dueregard.publish.safe_text import safe_text

METADATA, PACKAGE = "-metadata.json", "datapackage.json"
CSVW_TYPES: dict[str, Any] = {TEXT: "string", WHOLE_NUMBER: {"base": "integer", "minimum": "0"}, NUMBER: "decimal"}
TABLE_SCHEMA_TYPES = {TEXT: "string", WHOLE_NUMBER: "integer", NUMBER: "number"}


def render_data(tables: tuple[DataTable, ...], about: AboutRelease) -> dict[str, bytes]:
    """Each table as CSV with its metadata, and the data package of them all."""
    files = {f"{table.name}.csv": as_csv(table) for table in tables}
    described = {f"{table.name}.csv{METADATA}": _text(metadata(table, about)) for table in tables}
    return {**files, **described, PACKAGE: _text(package(tables, files, about))}


def as_csv(table: DataTable) -> bytes:
    """The table: a header, then a line a row, in UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    kinds = [column.kind for column in table.columns]
    for row in table.rows:
        writer.writerow([safe_text(cell) if kind == TEXT else cell for kind, cell in zip(kinds, row, strict=True)])
    return out.getvalue().encode()


def metadata(table: DataTable, about: AboutRelease) -> dict[str, Any]:
    """What CSV on the Web says of a table: columns, types, which texts are no values, which columns tell rows apart."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@type": "Table",
        "url": f"{table.name}.csv",
        "dc:title": table.title,
        "dc:description": described(about),
        "dc:source": f"Snapshot {about.snapshot}, dueregard {about.code_version}",
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\n"]},
        "tableSchema": {
            "columns": [_csvw_column(column, table) for column in table.columns],
            "primaryKey": list(table.key),
        },
    }


def _csvw_column(column: Column, table: DataTable) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "titles": [column.name, column.title], "dc:description": column.means,
                            "datatype": CSVW_TYPES[column.kind]}  # fmt: skip
    return told | ({"required": True} if column.name in table.key else {"null": list(SIGNS)})


def package(tables: tuple[DataTable, ...], files: dict[str, bytes], about: AboutRelease) -> dict[str, Any]:
    """All tables with their schemas, sizes and hashes."""
    return {
        "profile": "tabular-data-package",
        "name": f"police-contact-in-schools-{about.policy.replace('_', '-')}",
        "title": "Police contact in schools: who is affected, and how much",
        "description": described(about),
        "version": about.version,
        "sources": [{"title": source} for source in about.sources] or [{"title": "not named"}],
        "resources": [_resource(table, files[f"{table.name}.csv"]) for table in tables],
    }


def _resource(table: DataTable, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "header": True, "lineTerminator": "\n"},
        "schema": {
            "fields": [_field(column, table) for column in table.columns],
            "missingValues": list(SIGNS),
            "primaryKey": list(table.key),
        },
    }


def _field(column: Column, table: DataTable) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "title": column.title, "type": TABLE_SCHEMA_TYPES[column.kind],
                            "description": column.means}  # fmt: skip
    limits = ({"required": True} if column.name in table.key else {}) | (
        {"minimum": 0} if column.kind == WHOLE_NUMBER else {}
    )
    return told | ({"constraints": limits} if limits else {})


def described(about: AboutRelease) -> str:
    """For whom, and what stands in place of numbers?"""
    signs = " ".join(f"{sign}: {meaning}" for sign, meaning in about.symbols)
    return f"{about.policy_words} Where there is no number, a sign says why. {signs}"


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
