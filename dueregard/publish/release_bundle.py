"""All files of a release. Those whose name holds no `sig` follow from what is released alone, byte for byte."""

from __future__ import annotations

from dueregard.evidence.released import Released
from dueregard.publish import release_csv, release_file, release_page, release_sheets
from dueregard.publish.release_data import DataTable, data_tables
from dueregard.publish.release_status import CHECKPOINT, SIGNATURES, signature_files

__all__ = ["files_of", "render_release", "signature_files"]

WORKBOOK = "tables.xlsx"


def render_release(released: Released) -> dict[str, bytes]:
    """Which files does a release make? The same release makes the same bytes, on any day and any machine."""
    tables = data_tables(released)
    return {
        **release_page.render_pages(released, files_of(tables)),
        WORKBOOK: release_sheets.render_workbook(released, tables),
        **release_csv.render_data(tables, released.about),
        release_file.FIGURES: release_file.write_released(released),
    }


def files_of(tables: tuple[DataTable, ...]) -> tuple[tuple[str, str], ...]:
    """Each file, and what it is, for the list on the page."""
    return (
        (WORKBOOK, "All tables as a workbook."),
        *((f"{table.name}.csv", f"{table.title}. Its columns are described in {table.name}.csv{release_csv.METADATA}.")
          for table in tables),
        (release_csv.PACKAGE, "All CSV files as a data package, with their types and hashes."),
        (release_file.FIGURES, "Everything that the other files are made from: the protected counts, every printed figure, the policy."),
        (SIGNATURES, "Who signed what: the hash of every file, the entries of the ledger, and the proof that they stand in it."),
        (CHECKPOINT, "The state of the ledger, signed. A witness who keeps an earlier one can tell whether it was rewritten."),
    )  # fmt: skip
