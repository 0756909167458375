"""Text that no spreadsheet takes for a formula: for every CSV file and workbook."""

from __future__ import annotations

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """A text that no spreadsheet computes: an apostrophe goes before what could begin a formula.

    >>> safe_text("=1+1"), safe_text("White")
    ("'=1+1", 'White')
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
