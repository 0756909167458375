"""What a validation found, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.validate.measured import Validation


def print_validation(found: Validation) -> None:
    """Each method in one row, then what the columns mean."""
    from dueregard.validate.told import SUMMARY, SUMMARY_MEANS, about, summary_rows

    print(f"{about(found)}\n")
    print(table(list(SUMMARY), summary_rows(found)))
    print(f"\n{SUMMARY_MEANS}")
