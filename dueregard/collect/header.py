"""The header of a table: does it name the declared columns, each once, in letters that are what they seem?"""

from __future__ import annotations

import re
import unicodedata

from dueregard.evidence.finding import Finding

# Letters of other alphabets that look like ours: Cyrillic and Greek small letters, and the dotless i.
LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝɡαοερνικτυıⅼ",
    "aeopcyxijshdqwgaoepviktuil",
)
LONGEST_NAME = 60


def normalised(name: str) -> str:
    """A header name as it is declared: lower case, inner blanks as `_`. Look-alike letters stay as they are.

    >>> normalised(" Contact Ref ")
    'contact_ref'
    """
    return re.sub(r"[ \t\u00a0]+", "_", name.strip(" \t\u00a0").lower())


def skeleton(name: str) -> str:
    """What a name looks like: full-width and look-alike letters as the plain ones, invisible ones away.

    >>> skeleton("ethn\\u0456city")
    'ethnicity'
    """
    plain = unicodedata.normalize("NFKD", name).lower().translate(LOOK_ALIKES)
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn", "Cc"))


def judge_header(
    file: str, table: str, header: tuple[str, ...], required: tuple[str, ...], known: tuple[str, ...]
) -> tuple[list[Finding], tuple[str, ...]]:
    """Does the header name the table's columns, each once, all that are required, and no other?

    Returns the findings and the normalised header. An unexpected column is named, its values never.
    """
    names = tuple(normalised(name) for name in header)
    found = []
    if names != header:
        found.append(
            Finding("W_HEADER_NORMALISED", file, table, "", (1,), "the header was read in lower case without blanks.")
        )
    for name in sorted({n for n in names if names.count(n) > 1}):
        found.append(Finding("E_DUP_HEADER", file, table, safe(name), (1,), "two columns have this name.", "keep one."))
    for name in required:
        if name not in names:
            found.append(Finding("E_MISSING_COLUMN", file, table, name, (1,), "this column is required.",
                                 "add it: blank where the source has nothing, or `not_collected` in a column of codes."))  # fmt: skip
    found += [_unexpected(file, table, name, known) for name in dict.fromkeys(names) if name not in known]
    return found, names


def _unexpected(file: str, table: str, name: str, known: tuple[str, ...]) -> Finding:
    if skeleton(name) in known:
        return Finding("E_UNEXPECTED_COLUMN", file, table, safe(name), (1,),
                       f"this column looks like `{skeleton(name)}` and is written with other letters.",
                       "type the column's name anew.")  # fmt: skip
    return Finding("E_UNEXPECTED_COLUMN", file, table, safe(name), (1,), "this column is not in the layout.",
                   "remove it: names, addresses, dates of birth and UPNs never enter.")  # fmt: skip


def safe(name: str) -> str:
    """A column's name, short and printable. A name that holds figures may be a value in the wrong line.

    >>> safe("contact_ref"), safe("p000001")
    ('contact_ref', '(a name with figures)')
    """
    if not name:
        return "(no name)"
    shown = "".join(c if c.isprintable() else "?" for c in name)[:LONGEST_NAME]
    return "(a name with figures)" if sum(c.isdigit() for c in shown) > 4 else shown
