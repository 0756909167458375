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
MOST_NAMED = 5  # unexpected columns that are told one by one
NO_HEADER = "no column of the layout stands in the first line, so it may be a row: what stands there is not shown."
DOUBTFUL = "half or more of the first line is not in the layout, so it may hold a row: what stands there is not shown."


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
    is_header = not _says_nothing(names, known)
    if not is_header:
        found.append(Finding("E_UNEXPECTED_COLUMN", file, table, "", (1,), NO_HEADER,
                             "let the first line be the header; leave out titles above it."))  # fmt: skip
    if is_header and names != header:
        found.append(
            Finding("W_HEADER_NORMALISED", file, table, "", (1,), "the header was read in lower case without blanks.")
        )
    is_sure = is_header and not _may_hold_a_row(names, known)
    for name in sorted({n for n in names if is_header and names.count(n) > 1 and (is_sure or skeleton(n) in known)}):
        found.append(Finding("E_DUP_HEADER", file, table, safe(name), (1,), "two columns have this name.", "keep one."))
    for name in required:
        if name not in names:
            found.append(Finding("E_MISSING_COLUMN", file, table, name, (1,), "this column is required.",
                                 "add it: blank where the source has nothing, or `not_collected` in a column of codes."))  # fmt: skip
    strange = [n for n in dict.fromkeys(names) if n not in known]
    if is_header and not is_sure:
        found.append(Finding("E_UNEXPECTED_COLUMN", file, table, "", (1,), DOUBTFUL,
                             "look whether the first line ends where the header ends, or whether this is the right file."))  # fmt: skip
        strange = [n for n in strange if skeleton(n) in known]
    return [*found, *(_strange(file, table, strange, known) if is_header else ())], names


def _says_nothing(names: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Is no name of this first line one of the layout, nor looks like one? It may be a row of values, or a title."""
    return not {skeleton(name) for name in names} & set(known)


def _may_hold_a_row(names: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Are half or more of its names none of the layout? Then a row may stand in it, or behind it where a newline was lost."""
    of_layout = set(known)
    return 2 * sum(skeleton(name) in of_layout for name in names) <= len(names)


def _strange(file: str, table: str, names: list[str], known: tuple[str, ...]) -> list[Finding]:
    """Unexpected columns, the first of them by name."""
    found = [_unexpected(file, table, name, known) for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        found.append(Finding("E_UNEXPECTED_COLUMN", file, table, "", (1,), f"{len(names) - MOST_NAMED:,} more column{' is' if len(names) == MOST_NAMED + 1 else 's are'} not in the layout.",
                             "remove them, or look whether this is the right file."))  # fmt: skip
    return found


def _unexpected(file: str, table: str, name: str, known: tuple[str, ...]) -> Finding:
    if skeleton(name) in known:
        return Finding("E_UNEXPECTED_COLUMN", file, table, safe(name), (1,),
                       f"this column looks like `{skeleton(name)}` and is written with other letters.",
                       "type the column's name anew.")  # fmt: skip
    return Finding("E_UNEXPECTED_COLUMN", file, table, safe(name), (1,), "this column is not in the layout.",
                   "remove it: names, addresses, dates of birth and UPNs never enter.")  # fmt: skip


def safe(name: str) -> str:
    """A column's name, short. A name that holds figures, or a newline, may be a value in the wrong line.

    >>> safe("contact_ref"), safe("p000001")
    ('contact_ref', '(a name with figures)')
    """
    if not name:
        return "(no name)"
    if "\n" in name or "\r" in name:
        return "(a name of several lines)"
    shown = "".join(c if c.isprintable() else "?" for c in name)[:LONGEST_NAME]
    return "(a name with figures)" if sum(c.isdigit() for c in shown) > 4 else shown
